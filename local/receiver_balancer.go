package local

import (
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// A balancer is a load balancer between a connection and the application that
// reads it: it takes bytes as they come and holds those that the application
// has not read.
type balancer struct {
	mu      sync.Mutex
	changed *sync.Cond
	held    []byte
	room    int
	ended   bool // nothing more will come
}

func newBalancer(room int) *balancer {
	b := &balancer{room: room}
	b.changed = sync.NewCond(&b.mu)
	return b
}

// put waits until there is room.
func (b *balancer) put(p []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.held) > 0 && len(b.held)+len(p) > b.room && !b.ended {
		b.changed.Wait()
	}
	b.held = append(b.held, p...)
	b.changed.Broadcast()
}

// take waits until there is something; 0 is the end.
func (b *balancer) take(p []byte) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.held) == 0 && !b.ended {
		b.changed.Wait()
	}
	n := copy(p, b.held)
	b.held = b.held[:copy(b.held, b.held[n:])]
	b.changed.Broadcast()
	return n
}

// end says that nothing more will come; drop, that what is held is lost.
func (b *balancer) end(drop bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended = true
	if drop {
		b.held = nil
	}
	b.changed.Broadcast()
}

// balanced serves a connection by way of a balancer, and says how it ended.
func (s *session) balanced() string {
	b, read := newBalancer(s.behaviour.Hold), make(chan struct{})
	var refused atomic.Bool
	go func() {
		defer close(read)
		if !s.application(b) {
			refused.Store(true)
			b.end(true)
			_ = errors.Join(s.tcp.SetLinger(0), s.tcp.Close())
		}
	}()
	buf := make([]byte, 4*readSize)
	for total := int64(0); ; {
		s.resumed()
		room, acts := s.share(buf, total)
		if acts {
			b.end(true)
			<-read
			return s.act()
		}
		n, err := s.tls.Read(room)
		total += int64(n)
		b.put(room[:n])
		switch {
		case err == nil:
		case errors.Is(err, io.EOF) && s.behaviour.Do == ActForget:
			_ = s.tls.Close()
			s.wait(s.behaviour.Delay)
			b.end(s.behaviour.Delay > 0)
			<-read
			return ActForget.String()
		default:
			b.end(false)
			<-read
			if refused.Load() {
				return RecordRefused
			}
			return s.over(err)
		}
	}
}

// application reads what a balancer holds, until there is an event to refuse:
// then it is false.
func (s *session) application(b *balancer) bool {
	for {
		room := s.frames.room()
		if rate := s.behaviour.BytesPerSecond; rate > 0 {
			room = room[:min(int64(len(room)), max(rate/50, 1))]
		}
		n := b.take(room)
		if n == 0 {
			return true
		}
		s.frames.filled(n)
		if !s.take(n) {
			return false
		}
		if rate := s.behaviour.BytesPerSecond; rate > 0 {
			s.wait(time.Duration(n) * time.Second / time.Duration(rate))
		}
	}
}
