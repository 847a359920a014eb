package devo

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

var versions = []struct {
	name string
	id   uint16
}{{"TLS 1.2", tls.VersionTLS12}, {"TLS 1.3", tls.VersionTLS13}}

func TestConfirmBelievesAFarEndThatClosesAtCloseNotifyEveryTime(t *testing.T) {
	for _, version := range versions {
		t.Run(version.name, func(t *testing.T) {
			const times = 5000
			got := make(chan []byte, 1)
			s := newSink(t, nil, serve(t, far(version.id), func(p *peer) { got <- readAll(p) }))
			for i := range times {
				conn, err := s.Dial(t.Context(), t.Context())
				if err != nil {
					t.Fatal(i, err)
				}
				header := conn.Header("source", "my.app.t.x")
				if err := conn.Write(header, []byte("a record")); err != nil {
					t.Fatal(i, err)
				}
				if err := conn.Confirm(t.Context()); err != nil {
					t.Fatal(i, err)
				}
				if got, want := <-got, append(header, "a record\n"...); !bytes.Equal(got, want) {
					t.Fatalf("%d: confirmed, but the far end read %q, not %q", i, got, want)
				}
			}
		})
	}
}

// Everything here read all that was sent before it ended its side.
func TestConfirmBelievesEveryOrderlyEnd(t *testing.T) {
	for _, version := range versions {
		for name, end := range map[string]func(*peer){
			"close_notify and FIN":     func(p *peer) { p.Close() },
			"FIN alone":                func(p *peer) { p.tcp.Close() },
			"close_notify, FIN later":  func(p *peer) { p.closeNotify(); after(delays[1]); p.tcp.Close() },
			"FIN, but only after ours": func(p *peer) { p.readToFIN() },
			"data, which means naught": func(p *peer) { _, _ = p.Write(make([]byte, 100<<10)); p.Close() },
		} {
			t.Run(version.name+"/"+name, func(t *testing.T) {
				s := newSink(t, nil, serve(t, far(version.id), func(p *peer) {
					p.readOn()
					end(p)
				}))
				s.notify = delays[1]
				c := dial(t, s)
				write(t, c, strings.Repeat("x", 1<<20))
				if err := c.Confirm(t.Context()); err != nil {
					t.Fatal(err)
				}
			})
		}
	}
}

func TestConfirmOfNothingWritten(t *testing.T) {
	s := newSink(t, nil, serve(t, far(tls.VersionTLS13), func(p *peer) { readAll(p) }))
	if err := dial(t, s).Confirm(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// delays are what a far end in these tests takes between two steps.
var delays = []time.Duration{0, 50 * time.Millisecond}

func after(d time.Duration) { <-time.After(d) }

// The far ends that look like success and are not. Each reads a first record,
// whole, acts, and calls ready when the last record may be written.
func TestConfirmIsNotDeceived(t *testing.T) {
	for _, trap := range []struct {
		name           string
		act            func(p *peer, delay time.Duration, ready func())
		confirmTimeout time.Duration // where it must run out
		kind           delivery.Kind
		because        string
	}{
		{
			name: "closes just before the last write",
			act: func(p *peer, delay time.Duration, ready func()) {
				p.tcp.Close()
				after(delay)
				ready()
			},
			kind: delivery.DevoUnavailable, because: "EOF",
		},
		{
			name: "closes in good order just before the last write",
			act: func(p *peer, delay time.Duration, ready func()) {
				p.Close()
				after(delay)
				ready()
			},
			kind: delivery.DevoUnavailable, because: "EOF",
		},
		{
			name: "FIN then RST",
			act: func(p *peer, delay time.Duration, ready func()) {
				p.fin()
				ready()
				after(delay)
				p.reset()
			},
			kind: delivery.DevoUnavailable,
		},
		{
			name: "reset after half",
			act: func(p *peer, delay time.Duration, ready func()) {
				ready()
				after(delay)
				p.reset()
			},
			kind: delivery.DevoUnavailable,
		},
		{
			name: "close_notify before ours, reads on",
			act: func(p *peer, delay time.Duration, ready func()) {
				p.closeNotify()
				after(delay)
				ready()
				p.readOn()
			},
			kind: delivery.DevoUnavailable, because: "EOF",
		},
		{
			name: "FIN before ours, reads on",
			act: func(p *peer, delay time.Duration, ready func()) {
				p.fin()
				after(delay)
				ready()
				p.readOn()
			},
			kind: delivery.DevoUnavailable, because: "EOF",
		},
		{
			name: "never reads again",
			act: func(p *peer, delay time.Duration, ready func()) {
				after(delay)
				ready()
				p.wait()
			},
			confirmTimeout: 50 * time.Millisecond,
			kind:           delivery.Unconfirmable, because: "the far end did not close",
		},
		{
			name: "answers our FIN with nothing",
			act: func(p *peer, delay time.Duration, ready func()) {
				after(delay)
				ready()
				p.readOn()
				p.wait()
			},
			confirmTimeout: 50 * time.Millisecond,
			kind:           delivery.Unconfirmable, because: "the far end did not close",
		},
		{
			name: "answers with close_notify but no FIN",
			act: func(p *peer, _ time.Duration, ready func()) {
				ready()
				p.readOn()
				p.closeNotify()
				p.wait()
			},
			confirmTimeout: 50 * time.Millisecond,
			kind:           delivery.Unconfirmable, because: "the far end did not close",
		},
		{
			name: "half a TLS record, then FIN",
			act: func(p *peer, delay time.Duration, ready func()) {
				ready()
				p.readOn()
				p.sendRaw(23, 3, 3, 0, 100, 1, 2, 3)
				after(delay)
				p.fin()
			},
			kind: delivery.Unconfirmable, because: "unexpected EOF",
		},
		{
			name: "half a TLS record's head, then FIN",
			act: func(p *peer, delay time.Duration, ready func()) {
				ready()
				p.readOn()
				p.sendRaw(23, 3, 3)
				after(delay)
				p.fin()
			},
			kind: delivery.Unconfirmable, because: "unexpected EOF",
		},
		{
			name: "reset instead of an answer",
			act: func(p *peer, delay time.Duration, ready func()) {
				ready()
				p.readOn()
				after(delay)
				p.reset()
			},
			kind: delivery.DevoUnavailable, because: "reset by peer",
		},
	} {
		for _, version := range versions {
			for _, delay := range delays {
				t.Run(fmt.Sprint(trap.name, "/", version.name, "/", delay), func(t *testing.T) {
					ready := make(chan bool)
					addr := serve(t, far(version.id), func(p *peer) {
						if _, err := p.Read(make([]byte, 4096)); err != nil {
							t.Error("first record:", err)
						}
						trap.act(p, delay, func() { close(ready) })
					})
					c := dial(t, newSink(t, func(c *Config) {
						if trap.confirmTimeout > 0 {
							c.ConfirmTimeout = trap.confirmTimeout
						}
					}, addr))
					write(t, c, "first")
					push(t, c)
					<-ready
					err := c.Write(c.Header("source", "my.app.t.x"), []byte("last"))
					if err == nil {
						err = c.Confirm(t.Context())
					}
					wantKind(t, err, trap.kind)
					if !strings.Contains(err.Error(), trap.because) {
						t.Errorf("got %v, want %q", err, trap.because)
					}
				})
			}
		}
	}
}

// The far end's FIN comes in time and on a record's boundary, but much of what
// was sent is still in our kernel.
func TestConfirmWantsEveryByteAcknowledged(t *testing.T) {
	written := make(chan bool)
	addr := serve(t, far(tls.VersionTLS13), func(p *peer) {
		p.takeOnly(4 << 10)
		<-written
		after(delays[1])
		p.fin()
		p.wait()
	})
	s := newSink(t, nil, addr)
	s.settle = 20 * time.Millisecond
	c := dial(t, s)
	write(t, c, strings.Repeat("x", 200<<10))
	close(written)
	err := c.Confirm(t.Context())
	wantKind(t, err, delivery.Unconfirmable)
	if !strings.Contains(err.Error(), "bytes unacknowledged") {
		t.Error(err)
	}
}

// The far end's FIN comes while the last data, but not yet our close_notify,
// are on their way, and it reads on.
func TestConfirmSeesAnEndThatComesWhileItStillSends(t *testing.T) {
	written := make(chan bool)
	addr := serve(t, far(tls.VersionTLS13), func(p *peer) {
		p.takeOnly(4 << 10)
		<-written
		after(delays[1])
		p.fin()
		after(delays[1])
		p.readOn()
	})
	c := dial(t, newSink(t, nil, addr))
	if err := c.link.SetWriteBuffer(4 << 10); err != nil {
		t.Fatal(err)
	}
	write(t, c, strings.Repeat("x", gatherSize-recordSize))
	close(written)
	wantKind(t, c.Confirm(t.Context()), delivery.DevoUnavailable)
}

// The clock moves only once the far end has done its part, and then fast.
func TestDrainedBelievesAnEmptyQueueOnly(t *testing.T) {
	for _, test := range []struct {
		name string
		far  func(*peer)
		size int
		want delivery.Kind // "" = confirmed
	}{
		{"read, not answered", func(p *peer) { p.readOn() }, 1 << 20, ""},
		{"read and closed", func(p *peer) { readAll(p) }, 1 << 20, ""},
		{"not read, its kernel full", func(p *peer) { p.takeOnly(4 << 10) }, 200 << 10, delivery.Unconfirmable},
		{"reset", func(p *peer) { p.readOn(); p.reset() }, 1 << 20, delivery.DevoUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			acted := make(chan bool)
			s := newSink(t, func(c *Config) { c.Confirm = "drained" },
				serve(t, far(tls.VersionTLS13), func(p *peer) {
					test.far(p)
					close(acted)
					p.wait()
				}))
			clock := time.Unix(0, 0)
			s.now = func() time.Time {
				select {
				case <-acted:
					clock = clock.Add(s.ConfirmTimeout)
				default:
				}
				return clock
			}
			if s.settle = 0; test.want == "" {
				// Our FIN counts as a byte, and the far end's kernel may take 40 ms
				// and more to acknowledge it (delayed ACK, RFC 1122 4.2.3.2).
				s.settle = 1000 * time.Hour
			}
			c := dial(t, s)
			write(t, c, strings.Repeat("x", test.size))
			err := c.Confirm(t.Context())
			if test.want != "" {
				wantKind(t, err, test.want)
			} else if err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestConfirmEndsWithItsContext(t *testing.T) {
	s := newSink(t, nil, serve(t, far(tls.VersionTLS13), (*peer).wait))
	c := dial(t, s)
	write(t, c, "record")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := c.Confirm(ctx)
	wantKind(t, err, delivery.Unconfirmable)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestConfirmAfterAFailedWriteFails(t *testing.T) {
	s := newSink(t, nil, serve(t, far(tls.VersionTLS13), func(p *peer) { p.reset() }))
	c := dial(t, s)
	<-c.ended
	header, record := c.Header("source", "my.app.t.x"), bytes.Repeat([]byte("x"), recordSize)
	err := c.Write(header, record)
	wantKind(t, err, delivery.DevoUnavailable)
	if again := c.Confirm(t.Context()); !errors.Is(again, err) {
		t.Errorf("got %v, want %v", again, err)
	}
}
