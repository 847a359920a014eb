package local

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// PayloadLimit is the largest event and the largest response, in bytes.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const PayloadLimit = 6 << 20

// What Invoke refuses with before the function is asked.
var (
	ErrPayloadTooLarge = errors.New("413 RequestEntityTooLarge: payload over 6 MB")
	ErrFunctionClosed  = errors.New("function is closed")
)

// FunctionOptions say how a Function is to be. Only Bootstrap is needed.
type FunctionOptions struct {
	// Bootstrap is the executable, run with Args in its own directory.
	Bootstrap string
	Args      []string
	// ARN names account, region and function; it has a default.
	ARN string
	// Env is added to what Lambda itself sets; nothing is inherited.
	Env map[string]string
	// Timeout is the configured one (default 3 s); MemoryMiB is told to the function (default 128).
	Timeout   time.Duration
	MemoryMiB int
	// EnforceMemory kills a process that has held more than MemoryMiB, as Lambda does.
	EnforceMemory bool
	// Deadline is the time that the nth invocation gets, from 1, for its
	// payload, in place of Timeout; nil or 0 = Timeout.
	Deadline func(invocation int, payload []byte) time.Duration
	// Processes is how many run at once; further invocations wait (default 1).
	Processes int
	// NoFreeze lets processes run on between invocations; Lambda stops them.
	NoFreeze bool
	// Log gets each line of a process's output, without its LF and valid
	// during the call, and the last request that the process was given ("" before it).
	Log func(requestID string, line []byte)
	// OnStart is called as a process takes a request, before it can act on it.
	OnStart func(Started)
	// OnEnd is called when an invocation is over, before Invoke returns. After
	// a kill, a timeout or an exit the process is gone by then, and all its sockets closed.
	OnEnd func(Ended)
}

// Started is an invocation in the hands of a process.
type Started struct {
	RequestID string
	PID       int
	Limit     time.Duration // what the invocation may take
}

// Ended is an invocation that is over.
type Ended struct {
	RequestID   string
	PID         int
	Killed      bool // by Kill
	TimedOut    bool
	OutOfMemory bool  // killed for it, by EnforceMemory or Starve
	Err         error // nil, or the function's error
	PeakRSS     int64 // the process's so far, in bytes; 0 = unknown
}

// Result is what an invocation gave. FunctionError is "" or "Unhandled", and
// then Payload holds errorType and errorMessage.
type Result struct {
	Payload       []byte
	FunctionError string
	RequestID     string
}

// A Function runs a real Lambda binary over the Runtime API: processes are
// started on demand, used again while warm, frozen in between, killed when
// their time is up, and replaced when they are gone.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
type Function struct {
	opt     FunctionOptions
	slots   chan struct{} // holds one for each process in use
	closing chan struct{}
	running sync.WaitGroup

	mu          sync.Mutex // also of the sandboxes and invocations
	closed      bool
	invocations int
	peak        int64
	all         map[*sandbox]bool
	idle        []*sandbox
}

// StartFunction checks the options; processes start with the invocations.
func StartFunction(opt FunctionOptions) (*Function, error) {
	path, err := filepath.Abs(opt.Bootstrap)
	if err != nil {
		return nil, fmt.Errorf("function: %w", err)
	}
	if info, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("function: %w", err)
	} else if info.IsDir() || info.Mode()&0o111 == 0 {
		return nil, fmt.Errorf("function: %s is not an executable file", path)
	}
	opt.Bootstrap = path
	opt.ARN = cmp.Or(opt.ARN, "arn:aws:lambda:us-east-1:000000000000:function:function")
	if strings.Count(opt.ARN, ":") != 6 {
		return nil, fmt.Errorf("function: ARN %q is not arn:aws:lambda:REGION:ACCOUNT:function:NAME", opt.ARN)
	}
	opt.Timeout = cmp.Or(opt.Timeout, 3*time.Second)
	opt.MemoryMiB = cmp.Or(opt.MemoryMiB, 128)
	return &Function{
		opt:     opt,
		slots:   make(chan struct{}, max(opt.Processes, 1)),
		closing: make(chan struct{}),
		all:     make(map[*sandbox]bool),
	}, nil
}

// An invocation is one request; everything but done is under Function.mu.
type invocation struct {
	id      string
	payload []byte
	limit   time.Duration
	done    chan outcome // gets one
	over    bool         // done has got its outcome
}

// An outcome is how an invocation ended.
type outcome struct {
	Ended
	payload       []byte
	functionError string
}

// Invoke gives payload to a process and waits for the answer, as a synchronous
// invocation does. What the function did wrong is in the Result; an error means
// that the service could not run it. When ctx ends, the process is killed,
// which is the function's error.
func (f *Function) Invoke(ctx context.Context, payload []byte) (Result, error) {
	if len(payload) > PayloadLimit {
		return Result{}, fmt.Errorf("invoke: %w: %d bytes", ErrPayloadTooLarge, len(payload))
	}
	if ctx.Err() != nil {
		return Result{}, fmt.Errorf("invoke: %w", context.Cause(ctx))
	}
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return Result{}, fmt.Errorf("invoke: %w", context.Cause(ctx))
	case <-f.closing:
		return Result{}, fmt.Errorf("invoke: %w", ErrFunctionClosed)
	}
	inv := &invocation{id: newUUID(), payload: payload, limit: f.limit(payload), done: make(chan outcome, 1)}
	s, err := f.assign(inv)
	if err != nil {
		<-f.slots
		return Result{}, fmt.Errorf("invoke: %w", err)
	}
	unwatch := context.AfterFunc(ctx, func() { s.abandon(inv) })
	out := <-inv.done
	unwatch()
	if out.functionError != "" {
		out.Err = functionError(out.payload)
	}
	if f.opt.OnEnd != nil {
		f.opt.OnEnd(out.Ended)
	}
	return Result{Payload: out.payload, FunctionError: out.functionError, RequestID: inv.id}, nil
}

// assign gives inv to a warm process, or starts one for it. The slot goes with
// the process until it is at rest or gone.
func (f *Function) assign(inv *invocation) (*sandbox, error) {
	f.mu.Lock()
	if n := len(f.idle); n > 0 {
		defer f.mu.Unlock()
		s := f.idle[n-1]
		f.idle = f.idle[:n-1]
		s.give(inv)
		return s, nil
	}
	f.mu.Unlock()
	return f.start(inv)
}

// limit is the time of the next invocation.
func (f *Function) limit(payload []byte) time.Duration {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.invocations++
	if f.opt.Deadline == nil {
		return f.opt.Timeout
	}
	return cmp.Or(f.opt.Deadline(f.invocations, payload), f.opt.Timeout)
}

// Busy is how many processes are not at rest: started and not yet asking for
// more, in an invocation, or between their answer and the next request.
func (f *Function) Busy() int { return len(f.slots) }

// PeakRSS is the highest resident memory of any process so far, in bytes, as
// the kernel counts it (VmHWM).
func (f *Function) PeakRSS() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.all {
		s.measure()
	}
	return f.peak
}

// Close kills every process and waits until they are gone.
func (f *Function) Close() {
	f.mu.Lock()
	if !f.closed {
		f.closed = true
		close(f.closing)
	}
	for s := range f.all {
		s.kill()
	}
	f.mu.Unlock()
	f.running.Wait()
}

// A failure is the payload of a function error.
type failure struct {
	ErrorType    string `json:"errorType"`
	ErrorMessage string `json:"errorMessage"`
}

func (e failure) payload() []byte {
	b, _ := json.Marshal(e) // two strings cannot fail
	return b
}

func functionError(payload []byte) error {
	var e failure
	if json.Unmarshal(payload, &e) != nil {
		return fmt.Errorf("function error of %d bytes", len(payload))
	}
	return fmt.Errorf("%s: %s", e.ErrorType, e.ErrorMessage)
}
