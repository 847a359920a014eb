package local

import (
	"fmt"
	"syscall"

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

// Starve lets the process that has the request have no more memory than it has
// (RLIMIT_DATA, setrlimit(2)): it goes on until it asks for more. It is false
// when the request is over already.
func (f *Function) Starve(requestID string) (bool, error) {
	var err error
	ok := f.harm(requestID, func(s *sandbox) {
		err = unix.Prlimit(s.cmd.Process.Pid, unix.RLIMIT_DATA, &unix.Rlimit{Cur: 1 << 20, Max: unix.RLIM_INFINITY}, nil)
	})
	if err != nil {
		return ok, fmt.Errorf("limit memory of %s: %w", requestID, err)
	}
	return ok, nil
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
