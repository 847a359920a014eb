package devo

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

func TestRecordsOfAnyLengthArriveWhole(t *testing.T) {
	for _, multiline := range []string{"octet", "escape"} {
		t.Run(multiline, func(t *testing.T) {
			got := make(chan []byte, 1)
			s := newSink(t, func(c *Config) { c.Multiline = multiline },
				serve(t, far(tls.VersionTLS13), func(p *peer) { got <- readAll(p) }))
			c := dial(t, s)
			head := c.Header("source", "my.app.t.x")
			var want bytes.Buffer
			expected := framer{out: newPieces(&want, 32), escape: multiline == "escape"}
			random := rand.New(rand.NewPCG(1, 2))
			for _, size := range []int{0, 1, 100, recordSize - 1, recordSize, recordSize + 1, 3, gatherSize, 7 << 20, 5} {
				record := make([]byte, size)
				for i := range record {
					record[i] = byte(random.Uint32())
				}
				if err := errors.Join(expected.frame(head, record), c.Write(head, record)); err != nil {
					t.Fatal(err)
				}
				clear(record) // Write has copied it
			}
			if err := errors.Join(expected.out.flush(), c.Confirm(t.Context())); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(<-got, want.Bytes()) {
				t.Error("the far end read something else")
			}
			if c.Written() != int64(want.Len()) {
				t.Errorf("Written is %d of %d", c.Written(), want.Len())
			}
		})
	}
}

func TestWritesReachTheSocketInLargePieces(t *testing.T) {
	s := newSink(t, nil, serve(t, far(tls.VersionTLS13), func(p *peer) { readAll(p) }))
	c := dial(t, s)
	calls := 0
	c.link.gathered = bufio.NewWriterSize(writer(func(b []byte) (int, error) {
		calls++
		return c.link.send(b)
	}), gatherSize)
	head, record := c.Header("source", "my.app.t.x"), bytes.Repeat([]byte("x"), 400)
	for c.Written() < 8<<20 {
		if err := c.Write(head, record); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Confirm(t.Context()); err != nil {
		t.Fatal(err)
	}
	if most := 8<<20/gatherSize + 3; calls > most {
		t.Errorf("%d system calls for 8 MiB, want %d at most", calls, most)
	}
}

func TestWriteAllocatesNothing(t *testing.T) {
	for _, multiline := range []string{"octet", "escape"} {
		s := newSink(t, func(c *Config) { c.Multiline = multiline },
			serve(t, far(tls.VersionTLS13), func(p *peer) { readAll(p) }))
		c := dial(t, s)
		head := c.Header("source", "my.app.t.x")
		line, lines := bytes.Repeat([]byte("x"), 400), bytes.Repeat([]byte("x\n\\"), 100)
		if n := testing.AllocsPerRun(5000, func() {
			if c.Write(head, line) != nil || c.Write(head, lines) != nil {
				t.Error("the connection broke")
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations", multiline, n)
		}
	}
}

func TestWriteToAFarEndThatNeverReadsStalls(t *testing.T) {
	s := newSink(t, func(c *Config) { c.StallTimeout = 50 * time.Millisecond },
		serve(t, far(tls.VersionTLS13), (*peer).wait))
	c := dial(t, s)
	err := c.Write(c.Header("source", "my.app.t.x"), make([]byte, 64<<20))
	wantKind(t, err, delivery.DevoUnavailable)
	if !strings.Contains(err.Error(), "timeout") {
		t.Error(err)
	}
}

// One write lasts longer than the stall timeout, but never stands still.
func TestSlowIsNotStalled(t *testing.T) {
	const size, step = 2 << 20, 32 << 10
	addr := serveTCP(t, func(c net.Conn) {
		for {
			after(10 * time.Millisecond)
			if _, err := io.CopyN(io.Discard, c, step); err != nil {
				return
			}
		}
	})
	plain := must(net.Dial("tcp", addr)).(*net.TCPConn)
	defer plain.Close()
	if err := plain.SetWriteBuffer(step); err != nil {
		t.Fatal(err)
	}
	l := &link{TCPConn: plain, stall: 300 * time.Millisecond}
	if n, err := l.Write(make([]byte, size)); n != size || err != nil {
		t.Errorf("wrote %d of %d: %v", n, size, err)
	}
}

func TestWriteNoticesThatTheFarEndIsGone(t *testing.T) {
	s := newSink(t, nil, serve(t, far(tls.VersionTLS13), func(p *peer) {
		p.closeNotify() // and goes on reading: no write would ever fail
		p.readOn()
	}))
	c := dial(t, s)
	<-c.ended
	err := c.Write(c.Header("source", "my.app.t.x"), make([]byte, recordSize))
	wantKind(t, err, delivery.DevoUnavailable)
}

// The kernel tells of a reset once. If that was to a write, reading shows an end.
func TestAWriteThatMetAResetSaysSo(t *testing.T) {
	s := newSink(t, nil, serve(t, far(tls.VersionTLS13), func(p *peer) {
		p.fin()
		p.wait()
	}))
	c := dial(t, s)
	<-c.ended
	err := c.broken(&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.ECONNRESET)})
	wantKind(t, err, delivery.DevoUnavailable)
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v, want the reset", err)
	}
	c.Abort()
}

// A half of a record at the far end may become an event; a reset says that
// there is more wrong than an end.
func TestAbortResets(t *testing.T) {
	got, reading := make(chan error, 1), make(chan bool)
	s := newSink(t, nil, serve(t, far(tls.VersionTLS13), func(p *peer) {
		_, err := p.Read(make([]byte, 1))
		close(reading)
		got <- errors.Join(err, drain(p.tcp))
	}))
	c := dial(t, s)
	write(t, c, "record")
	push(t, c)
	<-reading
	c.Abort()
	c.Abort()
	if err := <-got; errors.Is(err, io.EOF) {
		t.Error("the far end saw an ordinary end")
	}
}
