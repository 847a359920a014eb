package local

import (
	"bufio"
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// initLimit is what a process has before it asks for its first request.
	initLimit = 10 * time.Second
	// lineLimit is CloudWatch's for one event: a longer line is given in pieces.
	lineLimit = 256 << 10
)

// A sandbox is one process of a function and the Runtime API it talks to. Its
// state is under Function.mu.
type sandbox struct {
	*Function
	cmd    *exec.Cmd
	api    *http.Server
	work   chan *invocation // what `next` answers with; holds one
	output *os.File         // our end of the pipe that the process writes to
	logged chan struct{}    // closed when all output was read

	flushing sync.Mutex
	flushed  chan struct{}

	inv      *invocation // what it has, from when it is given to the next `next`
	last     string      // the last request given
	killed   bool
	timedOut bool
	timer    *time.Timer // ends init, then the invocation
	rss      int64
	memory   int64 // more than this is its end, in bytes; 0 is no limit
	starved  bool  // it was
	guarded  bool
	filled   bool          // it can write no files
	gone     chan struct{} // closed when the process is
}

// start makes a process for inv.
func (f *Function) start(inv *invocation) (*sandbox, error) {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return nil, ErrFunctionClosed
	}
	f.running.Add(1)
	f.mu.Unlock()

	s := &sandbox{
		Function: f,
		work:     make(chan *invocation, 1),
		logged:   make(chan struct{}),
		flushed:  make(chan struct{}),
		gone:     make(chan struct{}),
	}
	s.memory = s.most()
	if err := s.launch(inv); err != nil {
		f.running.Done()
		return nil, fmt.Errorf("start of the function's process: %w", err)
	}
	return s, nil
}

func (s *sandbox) launch(inv *invocation) error {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return err
	}
	input, output, err := os.Pipe()
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	s.output = output
	s.cmd = exec.Command(s.opt.Bootstrap, s.opt.Args...)
	s.cmd.Dir = filepath.Dir(s.opt.Bootstrap)
	secret := rand.Text()
	s.cmd.Env = s.environment(listener.Addr().String() + "/" + secret)
	s.cmd.Stdout, s.cmd.Stderr = output, output
	// A terminal's Ctrl-C is for the one who runs us, who then closes us.
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := s.cmd.Start(); err != nil {
		return errors.Join(err, listener.Close(), input.Close(), output.Close())
	}
	s.api = &http.Server{Handler: s.routes(secret)}

	s.mu.Lock()
	defer s.mu.Unlock()
	s.all[s] = true
	s.timer = time.AfterFunc(initLimit, func() { s.expire(inv) })
	s.give(inv)
	s.guard()
	if s.closed {
		s.kill()
	}
	go s.readOutput(input)
	go func() { _ = s.api.Serve(listener) }() // until watch closes it
	go s.watch()
	return nil
}

// environment is what Lambda sets for an OS-only runtime.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (s *sandbox) environment(api string) []string {
	arn := strings.Split(s.opt.ARN, ":")
	region, name := arn[3], arn[6]
	env := []string{
		"AWS_DEFAULT_REGION=" + region,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE=" + strconv.Itoa(s.opt.MemoryMiB),
		"AWS_LAMBDA_FUNCTION_NAME=" + name,
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/" + name,
		"AWS_LAMBDA_LOG_STREAM_NAME=" + time.Now().UTC().Format("2006/01/02") + "/[$LATEST]" + strings.ReplaceAll(newUUID(), "-", ""),
		"AWS_LAMBDA_RUNTIME_API=" + api,
		"AWS_REGION=" + region,
		"LAMBDA_RUNTIME_DIR=/var/runtime",
		"LAMBDA_TASK_ROOT=" + filepath.Dir(s.opt.Bootstrap),
		"LANG=en_US.UTF-8",
		"PATH=/usr/local/bin:/usr/bin:/bin:/opt/bin",
		"TZ=:UTC",
		"_HANDLER=" + filepath.Base(s.opt.Bootstrap),
	}
	for name, value := range s.opt.Env {
		env = append(env, name+"="+value)
	}
	return env
}

// give hands inv to a process at rest. Function.mu is held.
func (s *sandbox) give(inv *invocation) {
	s.inv, s.last = inv, inv.id
	s.signal(syscall.SIGCONT)
	s.work <- inv
}

// rest puts the process back once it asks for more; unless it asks for the
// first time, or has not answered yet.
func (s *sandbox) rest() {
	s.flush()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inv == nil || !s.inv.over {
		return
	}
	s.timer.Stop()
	s.memory = s.most()
	s.measure()
	s.inv = nil
	if s.filled {
		s.filled = false
		_ = s.limitFiles(unix.RLIM_INFINITY) // fails only if the process is gone
	}
	if !s.opt.NoFreeze {
		s.signal(syscall.SIGSTOP)
	}
	s.idle = append(s.idle, s)
	<-s.slots
}

// end gives inv its outcome, unless it has one. Function.mu is held.
func (s *sandbox) end(inv *invocation, out outcome) {
	if inv.over {
		return
	}
	inv.over = true
	s.measure()
	out.RequestID, out.PID, out.PeakRSS = inv.id, s.cmd.Process.Pid, s.rss
	inv.done <- out
}

// expire kills a process whose time is up.
func (s *sandbox) expire(inv *invocation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inv == inv {
		s.timedOut = true
		s.kill()
	}
}

// abandon kills a process whose caller has gone.
func (s *sandbox) abandon(inv *invocation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inv == inv {
		s.kill()
	}
}

// kill works on frozen processes too. Function.mu is held.
func (s *sandbox) kill() {
	s.measure()
	s.signal(syscall.SIGKILL)
}

// signal fails only when the process is gone, which watch sees.
func (s *sandbox) signal(sig syscall.Signal) { _ = s.cmd.Process.Signal(sig) }

// watch waits for the process's end and cleans up after it.
func (s *sandbox) watch() {
	defer s.running.Done()
	err := s.cmd.Wait()
	close(s.gone)
	_ = s.output.Close() // readOutput then ends
	<-s.logged
	_ = s.api.Close()

	s.mu.Lock()
	defer s.mu.Unlock()
	s.timer.Stop()
	delete(s.all, s)
	s.idle = slices.DeleteFunc(s.idle, func(other *sandbox) bool { return other == s })
	if s.inv == nil {
		return
	}
	<-s.slots
	s.end(s.inv, s.exitOutcome(err))
}

func (s *sandbox) exitOutcome(err error) outcome {
	exit := "exit status 0"
	if err != nil {
		exit = err.Error()
	}
	e := failure{"Runtime.ExitError", fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", s.inv.id, exit)}
	if s.timedOut {
		e = failure{"Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", s.inv.id, s.inv.limit.Seconds())}
	}
	return outcome{
		Ended:         Ended{Killed: s.killed, TimedOut: s.timedOut, OutOfMemory: s.starved},
		payload:       e.payload(),
		functionError: "Unhandled",
	}
}

// measure notes the process's peak while it can be read, and kills the process if that
// is more than it may have. Function.mu is held.
func (s *sandbox) measure() {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		return
	}
	_, hwm, _ := bytes.Cut(status, []byte("\nVmHWM:"))
	kib, _, _ := bytes.Cut(bytes.TrimSpace(hwm), []byte(" "))
	if n, err := strconv.ParseInt(string(kib), 10, 64); err == nil {
		s.rss = max(s.rss, n<<10)
		s.peak = max(s.peak, s.rss)
	}
	if s.memory > 0 && s.rss > s.memory && !s.starved {
		s.starved = true
		s.signal(syscall.SIGKILL)
	}
}

// flushMark is a line of our own in the process's output.
var flushMark = []byte("\x00all before this is logged\x00\n")

// flush returns when everything that the process had written was logged: the
// pipe keeps the order, so a mark in it comes out behind all of that.
func (s *sandbox) flush() {
	s.flushing.Lock()
	defer s.flushing.Unlock()
	if _, err := s.output.Write(flushMark); err != nil {
		return // the process is gone; watch waits for its output
	}
	select {
	case <-s.flushed:
	case <-s.logged:
	}
}

// readOutput logs the process's output line by line.
func (s *sandbox) readOutput(pipe *os.File) {
	defer close(s.logged)
	defer func() { _ = pipe.Close() }()
	in := bufio.NewReaderSize(pipe, lineLimit)
	for {
		line, err := in.ReadSlice('\n')
		text, marked := bytes.CutSuffix(line, flushMark)
		if len(text) > 0 && s.opt.Log != nil {
			s.mu.Lock()
			last := s.last
			s.mu.Unlock()
			s.opt.Log(last, bytes.TrimSuffix(text, []byte("\n")))
		}
		if marked {
			s.flushed <- struct{}{}
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return
		}
	}
}
