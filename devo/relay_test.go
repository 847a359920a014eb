package devo

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// toRelay is a configuration for a relay, with nothing to show.
func toRelay(c *Config) { c.Sink, c.Identity = "relay", nil }

func TestRelayTakesTheSameFramesWithoutTLS(t *testing.T) {
	got := make(chan []byte, 1)
	s := newSink(t, toRelay, serveTCP(t, func(c net.Conn) { got <- must(io.ReadAll(c)) }))
	c := dial(t, s)
	head := c.Header("source", "my.app.t.x")
	for _, record := range []string{"a line", "two\nlines"} {
		if err := c.Write(head, []byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Confirm(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := string(<-got), fmt.Sprintf("%[1]sa line\n%[1]stwo\\nlines\n", head); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if end, err := s.CertificateEnd(t.Context()); err != nil || !end.IsZero() {
		t.Errorf("a certificate that ends at %s, %v", end, err)
	}
}

// Without TLS there is no close_notify to tell a far end that read all from one
// that just ended, but the order of events and the kernel's send queue still do.
func TestConfirmOfARelayIsNotDeceived(t *testing.T) {
	for name, test := range map[string]struct {
		act  func(c *net.TCPConn) // after the first record
		kind delivery.Kind
	}{
		"closes before the last write": {func(c *net.TCPConn) { c.Close() }, delivery.DevoUnavailable},
		"half-closes too early":        {func(c *net.TCPConn) { _ = c.CloseWrite() }, delivery.DevoUnavailable},
		"resets":                       {func(c *net.TCPConn) { _ = c.SetLinger(0); c.Close() }, delivery.DevoUnavailable},
		"reads all and never answers":  {func(*net.TCPConn) {}, delivery.Unconfirmable},
	} {
		t.Run(name, func(t *testing.T) {
			acted, confirmed := make(chan bool), make(chan bool)
			addr := serveTCP(t, func(c net.Conn) {
				must(io.ReadFull(c, make([]byte, 1)))
				test.act(c.(*net.TCPConn))
				close(acted)
				_ = drain(c)
				<-confirmed
			})
			c := dial(t, newSink(t, func(c *Config) { toRelay(c); c.ConfirmTimeout = 200 * time.Millisecond }, addr))
			write(t, c, "first")
			push(t, c)
			<-acted
			if test.kind == delivery.DevoUnavailable {
				<-c.ended
			}
			_ = c.Write(c.Header("source", "my.app.t.x"), []byte("last"))
			err := c.Confirm(t.Context())
			close(confirmed)
			wantKind(t, err, test.kind)
		})
	}
}

// A member of gzip is of whole frames and holds some 50 KiB of them; nothing is
// left behind in a member that has not ended.
func TestGzipByMembers(t *testing.T) {
	got := make(chan []byte, 1)
	s := newSink(t, func(c *Config) { c.Gzip = true }, serve(t, far(tls.VersionTLS13), func(p *peer) { got <- readAll(p) }))
	c := dial(t, s)
	head := c.Header("source", "my.app.t.x")
	var want bytes.Buffer
	sizes := []int{0, 1, memberSize, 3 << 20, 7}
	for i := range 3000 {
		record := strings.Repeat("x", i%200)
		if i < len(sizes) {
			record = strings.Repeat("y", sizes[i])
		}
		want.Write(head)
		want.WriteString(record + "\n")
		if err := c.Write(head, []byte(record)); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Confirm(t.Context()); err != nil {
		t.Fatal(err)
	}
	sent := <-got
	if begins := []byte("\x1f\x8b\x08\x00"); !bytes.HasPrefix(sent, begins) {
		t.Errorf("begins with %x", sent[:4])
	}
	if !bytes.Equal(members(t, bytes.NewBuffer(sent)), want.Bytes()) {
		t.Error("the far end unpacks something else")
	}
	if c.Written() != int64(want.Len()) {
		t.Errorf("counted %d bytes of %d", c.Written(), want.Len())
	}
}

func TestGzipAllocatesNothingPerRecord(t *testing.T) {
	s := newSink(t, func(c *Config) { c.Gzip = true }, serve(t, far(tls.VersionTLS13), func(p *peer) { readAll(p) }))
	c := dial(t, s)
	head, line := c.Header("source", "my.app.t.x"), bytes.Repeat([]byte("x"), 400)
	if n := testing.AllocsPerRun(5000, func() {
		if c.Write(head, line) != nil {
			t.Error("the connection broke")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
