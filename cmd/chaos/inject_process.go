package main

import (
	"bytes"
	"syscall"
	"time"

	"github.com/devo-s3/collector/local"
)

const (
	// freezeTime is how long a process stands still: longer than an
	// invocation may be left, if it is not one of the long ones.
	freezeTime = time.Minute
	// oomTime is what a process that takes no more memory has until it is
	// killed all the same.
	oomTime = time.Second
)

// started gives an invocation to a strike that waits for one.
func (in *injector) started(s local.Started) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.alive[s.RequestID] = birth{in.Receiver.Opened(), time.Now()}
	if in.dying[s.RequestID] != nil {
		return
	}
	of := []kind{killed, terminated, outOfMemory, tmpFull}
	if s.Limit > freezeTime+30*time.Second {
		of = append(of, frozen)
	}
	hit := in.next(of...)
	if hit == nil {
		return
	}
	if hit.Kind == tmpFull {
		in.fillTmp(s.RequestID, hit)
		return
	}
	time.AfterFunc(hit.Wait, func() { in.strikeProcess(s.RequestID, hit) })
}

func (in *injector) strikeProcess(id string, s *strike) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.off {
		return
	}
	switch s.Kind {
	case killed:
		in.meet(s, in.Function.Kill(id))
	case terminated:
		in.meet(s, in.Function.Terminate(id))
	case frozen:
		in.freeze(id, s)
	case outOfMemory:
		if !in.Function.Starve(id) {
			in.meet(s, false)
			return
		}
		in.dying[id] = s
		time.AfterFunc(oomTime, func() { in.Function.Kill(id) })
	}
}

// fillTmp counts when the function says that it could not write. Under mu.
func (in *injector) fillTmp(id string, s *strike) {
	ok, err := in.Function.FillTmp(id, uint64(s.Size%1024))
	if !ok || err != nil {
		in.meet(s, false)
		return
	}
	in.full[id] = s
}

// tooLarge is what the kernel says to whoever writes to a disk that FillTmp filled.
var tooLarge = []byte(syscall.EFBIG.Error())

// said looks at a line of the function's output.
func (in *injector) said(id string, line []byte) {
	if !bytes.Contains(line, tooLarge) {
		return
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	if s := in.full[id]; s != nil {
		delete(in.full, id)
		in.meet(s, true)
	}
}

func (in *injector) freeze(id string, s *strike) {
	thaw, ok := in.Function.Freeze(id)
	if in.meet(s, ok); !ok {
		return
	}
	in.books.doubled(map[string]bool{id: true})
	in.thaws = append(in.thaws, thaw)
	time.AfterFunc(freezeTime, thaw)
}

// A birth is when an invocation began, and how many connections there were.
type birth struct {
	conns int64
	at    time.Time
}

// living are the invocations that are no older than that. Under mu.
func (in *injector) living(age time.Duration) map[string]bool {
	all := make(map[string]bool)
	for id, b := range in.alive {
		if time.Since(b.at) <= age {
			all[id] = true
		}
	}
	return all
}

// finished books the end of an invocation.
func (in *injector) finished(e local.Ended) {
	in.mu.Lock()
	defer in.mu.Unlock()
	began := in.alive[e.RequestID]
	delete(in.alive, e.RequestID)
	died := e.Err != nil
	s := in.dying[e.RequestID]
	starved := s != nil
	if starved {
		delete(in.dying, e.RequestID)
		in.meet(s, died)
	}
	if s := in.full[e.RequestID]; s != nil {
		delete(in.full, e.RequestID)
		in.meet(s, false)
	}
	if e.OutOfMemory && !starved {
		in.grown++
	}
	in.books.over(e.RequestID, began.conns, died)
}
