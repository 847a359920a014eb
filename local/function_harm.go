package local

import (
	"fmt"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Kill ends the process that has the request, by SIGKILL. It is false when the
// request is over already.
func (f *Function) Kill(requestID string) bool {
	return f.harm(requestID, func(s *sandbox) {
		s.killed = true
		s.kill()
	})
}

// Freeze stops the process that has the request until thaw is called; the
// invocation's time runs on. ok is false when the request is over already.
func (f *Function) Freeze(requestID string) (thaw func(), ok bool) {
	var frozen *sandbox
	ok = f.harm(requestID, func(s *sandbox) {
		frozen = s
		s.signal(syscall.SIGSTOP)
	})
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		if ok && frozen.inv != nil { // at rest it is to stay stopped
			frozen.signal(syscall.SIGCONT)
		}
	}, ok
}

// Terminate sends SIGTERM to the process that has the request, as Lambda does before
// it shuts an environment down. It is false when the request is over already.
func (f *Function) Terminate(requestID string) bool {
	return f.harm(requestID, func(s *sandbox) { s.signal(syscall.SIGTERM) })
}

// Starve lets the process that has the request have no more memory than it has held
// so far, until the request is over: when it takes more, it is killed, as Lambda does.
// It is false when the request is over already.
func (f *Function) Starve(requestID string) bool {
	return f.harm(requestID, func(s *sandbox) {
		s.measure()
		s.memory = max(s.rss, 1)
		s.guard()
	})
}

// FillTmp lets the process that has the request write files of no more than left
// bytes (RLIMIT_FSIZE, setrlimit(2)), until the request is over. To whoever writes a
// temporary file that is a full disk, with EFBIG in place of ENOSPC. It is false when
// the request is over already.
func (f *Function) FillTmp(requestID string, left uint64) (bool, error) {
	var err error
	ok := f.harm(requestID, func(s *sandbox) {
		s.filled = true
		err = s.limitFiles(left)
	})
	if err != nil {
		return ok, fmt.Errorf("limit the files of %s: %w", requestID, err)
	}
	return ok, nil
}

func (s *sandbox) limitFiles(size uint64) error {
	return unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: size, Max: unix.RLIM_INFINITY}, nil)
}

// most is how much memory a process may take, in bytes; 0 is no limit.
func (f *Function) most() int64 {
	if f.opt.EnforceMemory {
		return int64(f.opt.MemoryMiB) << 20
	}
	return 0
}

// guardEvery is how often a process's memory is looked at. The kernel keeps its peak,
// so that nothing is missed between.
const guardEvery = 20 * time.Millisecond

// guard looks at the process's memory from now on, until it is gone. Function.mu is
// held.
func (s *sandbox) guard() {
	if s.guarded || s.memory == 0 {
		return
	}
	s.guarded = true
	go func() {
		tick := time.NewTicker(guardEvery)
		defer tick.Stop()
		for {
			select {
			case <-s.gone:
				return
			case <-tick.C:
			}
			s.mu.Lock()
			s.measure()
			s.mu.Unlock()
		}
	}()
}

// harm does something to the process that has the request, if it has it still.
func (f *Function) harm(requestID string, do func(*sandbox)) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for s := range f.all {
		if s.inv != nil && s.inv.id == requestID && !s.inv.over {
			do(s)
			return true
		}
	}
	return false
}
