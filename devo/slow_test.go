package devo

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// A far end that never stops reading is confirmed, however long it takes.
func TestASlowButSteadyFarEndIsConfirmed(t *testing.T) {
	const timeout, step = 50 * time.Millisecond, 8 << 10
	read, stepped := make(chan bool), make(chan error)
	addr := serve(t, far(tls.VersionTLS13), func(p *peer) {
		p.takeOnly(step)
		for {
			select {
			case _, more := <-read:
				if !more {
					readAll(p)
					return
				}
			case <-p.over:
				return
			}
			_, err := io.CopyN(io.Discard, p, step)
			stepped <- err
		}
	})
	s := newSink(t, func(c *Config) { c.ConfirmTimeout = timeout }, addr)
	c := dial(t, s)
	write(t, c, strings.Repeat("x", 240<<10))
	push(t, c)

	// Whoever looks at the clock finds that the far end has read a little more, and
	// that almost the whole timeout has passed.
	clock, queued := time.Unix(0, 0), func() int { return must(unacknowledged(c.link.TCPConn)) }
	finished := false
	s.now = func() time.Time {
		for before := queued(); !finished && queued() >= before; {
			read <- true
			if finished = <-stepped != nil; finished {
				close(read)
				return clock
			}
		}
		if !finished {
			clock = clock.Add(timeout * 9 / 10)
		}
		return clock
	}
	if err := c.Confirm(t.Context()); err != nil {
		t.Fatal(err)
	}
	if passed := clock.Sub(time.Unix(0, 0)); passed <= timeout {
		t.Errorf("confirmed within %s: that was not slow", passed)
	}
}

// What the kernel holds unsent is bounded, or a slow far end would need minutes
// for it after the last write.
func TestTheKernelHoldsLittleUnsent(t *testing.T) {
	s := newSink(t, func(c *Config) { c.StallTimeout = 100 * time.Millisecond },
		serve(t, far(tls.VersionTLS13), func(p *peer) {
			p.takeOnly(4 << 10)
			p.wait()
		}))
	c := dial(t, s)
	var took int64
	for c.link.gather(gatherSize); ; {
		n, err := c.link.send(make([]byte, 16<<10))
		took += int64(n)
		if err != nil {
			break
		}
	}
	// What is on its way, and in the far end's kernel, is not ours to bound.
	if most := int64(unsentLimit + 1<<20); took > most {
		t.Errorf("the kernels took %d bytes, want %d at most", took, most)
	}
}

// A write to a far end that is slow, or never reads, ends with the connection's
// life; it says why, and nobody else is to blame.
func TestWriteEndsWithTheConnectionsLife(t *testing.T) {
	s := newSink(t, nil, serve(t, far(tls.VersionTLS13), (*peer).wait))
	life, end := context.WithCancel(t.Context())
	conn, err := s.Dial(t.Context(), life)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Abort()
	ended := make(chan error, 1)
	go func() { ended <- conn.Write(conn.Header("source", "my.app.t.x"), make([]byte, 64<<20)) }()
	for c := conn.(*Conn); must(unacknowledged(c.link.TCPConn)) == 0; {
		after(time.Millisecond)
	}
	end()
	err = <-ended
	wantKind(t, err, delivery.Unconfirmable)
	if len(s.standing.failedAt) != 0 {
		t.Error("the endpoint is blamed for the end of our time")
	}
	if again := conn.Confirm(t.Context()); !errors.Is(again, err) {
		t.Errorf("got %v, want %v", again, err)
	}
}
