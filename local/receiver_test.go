package local

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const event = "<14>2006-01-02 15:04:05.000 h1 my.app.t.x: "

// testAuthority is shared: making keys is most of a small test's time.
var testAuthority = sync.OnceValues(NewAuthority)

// startReceiver fills in the authority and closes the receiver with the test.
func startReceiver(t testing.TB, opt ReceiverOptions) *Receiver {
	t.Helper()
	authority, err := testAuthority()
	if err != nil {
		t.Fatal(err)
	}
	opt.Authority = authority
	r, err := StartReceiver(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

// dialReceiver connects as the client that the authority knows.
func dialReceiver(t testing.TB, r *Receiver, authority *Authority) *tls.Conn {
	t.Helper()
	cert, key, err := authority.Client("acme@us")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	tcp, err := net.Dial("tcp", r.Addr())
	if err != nil {
		t.Fatal(err)
	}
	c := tls.Client(tcp, &tls.Config{
		Certificates: []tls.Certificate{pair},
		RootCAs:      r.opt.Authority.pool(),
		ServerName:   "127.0.0.1",
	})
	t.Cleanup(func() { c.Close() })
	return c
}

// send writes and closes as the collector does, and gives how the peer ended.
func send(t testing.TB, c *tls.Conn, text string) error {
	t.Helper()
	if _, err := io.WriteString(c, text); err != nil {
		return err
	}
	if err := c.CloseWrite(); err != nil {
		return err
	}
	if err := c.NetConn().(*net.TCPConn).CloseWrite(); err != nil {
		return err
	}
	_, err := io.Copy(io.Discard, c)
	return err
}

// awaitEnd waits for the end of r's only connection.
func awaitEnd(t testing.TB, r *Receiver) ConnState {
	t.Helper()
	for {
		r.mu.Lock()
		ended := r.ended
		r.mu.Unlock()
		if conns := r.Conns(); len(conns) == 1 && conns[0].End != "" {
			return conns[0]
		}
		select {
		case <-ended:
		case <-time.After(patience):
			t.Fatalf("does not end: %+v", r.Conns())
		}
	}
}

func TestReceiverTakesBothFramings(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			var got []string
			r := startReceiver(t, ReceiverOptions{MaxVersion: version, OnRecord: func(r Record) {
				if r.Conn != 1 || r.At.IsZero() {
					t.Errorf("%+v", r)
				}
				got = append(got, string(r.Tag)+" "+string(r.Raw))
			}})
			c := dialReceiver(t, r, r.opt.Authority)
			if err := send(t, c, event+"one\n47 "+event+"a\nb\n"+event+"two\n"); err != nil {
				t.Fatal(err)
			}
			if v := c.ConnectionState().Version; v != version {
				t.Errorf("spoke %x", v)
			}
			state := awaitEnd(t, r)
			if want := []string{"my.app.t.x one", "my.app.t.x a\nb", "my.app.t.x two"}; !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			want := ConnState{ID: 1, Client: "acme@us", Remote: c.LocalAddr().String(), End: "close_notify", Counts: Counts{Bytes: 144, Records: 3}}
			if state != want {
				t.Errorf("got %+v, want %+v", state, want)
			}
			if r.Counts() != state.Counts {
				t.Errorf("counts %+v", r.Counts())
			}
		})
	}
}

func TestReceiverCountsWhatIsNoRecord(t *testing.T) {
	r := startReceiver(t, ReceiverOptions{})
	bad := "forged " + strings.Repeat("x", keptBytes)
	if err := send(t, dialReceiver(t, r, r.opt.Authority), event+"one\r"+bad+"\n"+strings.Repeat("\n", 20)+event+"cut"); err != nil {
		t.Fatal(err)
	}
	got := awaitEnd(t, r)
	if want := (Counts{Bytes: got.Bytes, Records: 1, Malformed: 21, Truncated: int64(len(event) + 3)}); got.Counts != want {
		t.Errorf("got %+v, want %+v", got.Counts, want)
	}
	kept := r.Malformed()
	if len(kept) != keptMalformed || string(kept[0]) != bad[:keptBytes] {
		t.Errorf("kept %d, first %q", len(kept), kept[0])
	}
}

func TestReceiverRefusesOtherClients(t *testing.T) {
	other, err := NewAuthority()
	if err != nil {
		t.Fatal(err)
	}
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			r := startReceiver(t, ReceiverOptions{MaxVersion: version})
			c := dialReceiver(t, r, other)
			// Under TLS 1.3 the refusal comes after the client's handshake: on a read.
			err := c.Handshake()
			if version == tls.VersionTLS13 && err == nil {
				_, err = c.Read(make([]byte, 1))
			}
			if alert := tls.AlertError(0); !errors.As(err, &alert) {
				var op *net.OpError
				if !errors.As(err, &op) || op.Op != "remote error" {
					t.Errorf("client saw %v", err)
				}
			}
			if end := awaitEnd(t, r).End; !strings.HasPrefix(end, "refused: ") {
				t.Errorf("ended %q", end)
			}

			bare, err := tls.Dial("tcp", r.Addr(), &tls.Config{RootCAs: r.opt.Authority.pool()})
			if err == nil {
				_, err = bare.Read(make([]byte, 1))
				bare.Close()
			}
			if err == nil {
				t.Error("a client without a certificate was accepted")
			}
		})
	}
}

func TestReceiverSaysHowAConnectionEnded(t *testing.T) {
	for _, c := range []struct {
		end string
		how func(*tls.Conn, *net.TCPConn) error
	}{
		{"close_notify", func(c *tls.Conn, _ *net.TCPConn) error { return c.CloseWrite() }},
		{"fin", func(_ *tls.Conn, tcp *net.TCPConn) error { return tcp.CloseWrite() }},
		{"reset", func(_ *tls.Conn, tcp *net.TCPConn) error { return errors.Join(tcp.SetLinger(0), tcp.Close()) }},
		{"broken: unexpected EOF", func(_ *tls.Conn, tcp *net.TCPConn) error {
			_, err := tcp.Write([]byte{23, 3, 3, 0, 99, 1})
			return errors.Join(err, tcp.CloseWrite())
		}},
	} {
		t.Run(c.end, func(t *testing.T) {
			arrived := make(chan struct{})
			r := startReceiver(t, ReceiverOptions{OnRecord: func(Record) { close(arrived) }})
			conn := dialReceiver(t, r, r.opt.Authority)
			if _, err := io.WriteString(conn, event+"one\n"); err != nil {
				t.Fatal(err)
			}
			<-arrived
			if open := r.Conns()[0]; open.End != "" {
				t.Errorf("ended %q while open", open.End)
			}
			if err := c.how(conn, conn.NetConn().(*net.TCPConn)); err != nil {
				t.Fatal(err)
			}
			if got := awaitEnd(t, r); got.End != c.end || got.Records != 1 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestReceiverBehaves(t *testing.T) {
	line := event + "one\n"
	eof := func(err error) bool { return errors.Is(err, io.EOF) }
	timeout := func(err error) bool { return errors.Is(err, os.ErrDeadlineExceeded) }
	reset := func(err error) bool { return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE) }
	for _, c := range []struct {
		do Act
		// sees is what a client does that has sent a line, which the act comes after.
		sees func(c *tls.Conn) error
		want func(error) bool
	}{
		{ActClose, readOne, eof},
		{ActCloseThenReset, readOne, eof},
		{ActCloseThenReset, writeOn, reset},
		{ActReset, readOne, reset},
		{ActStall, writeOn, timeout},
		{ActBare, func(c *tls.Conn) error {
			err := send(t, c, "")
			var left [1]byte
			_, fin := c.NetConn().Read(left[:])
			return errors.Join(err, fin)
		}, eof},
		{ActSilent, func(c *tls.Conn) error { return send(t, c, "") }, timeout},
	} {
		t.Run(c.do.String(), func(t *testing.T) {
			r := startReceiver(t, ReceiverOptions{Behave: func(int64) Behaviour {
				return Behaviour{Do: c.do, After: int64(len(line)), Delay: time.Millisecond}
			}})
			conn := dialReceiver(t, r, r.opt.Authority)
			if _, err := io.WriteString(conn, line); err != nil {
				t.Fatal(err)
			}
			hangs := c.do == ActStall || c.do == ActSilent
			if hangs {
				setDeadline(t, conn)
			}
			if err := c.sees(conn); !c.want(err) {
				t.Errorf("client saw %v", err)
			}
			got := awaitEnd(t, r)
			if got.End != c.do.String() || got.Records != 1 || got.Bytes != int64(len(line)) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// setDeadline is for what would hang.
func setDeadline(t *testing.T, c net.Conn) {
	t.Helper()
	if err := c.SetDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
}

func readOne(c *tls.Conn) error {
	_, err := c.Read(make([]byte, 1))
	return err
}

func writeOn(c *tls.Conn) (err error) {
	for piece := make([]byte, 64<<10); err == nil; {
		_, err = c.Write(piece)
	}
	return err
}

func TestReceiverReadsSlowly(t *testing.T) {
	r := startReceiver(t, ReceiverOptions{Behave: func(int64) Behaviour { return Behaviour{BytesPerSecond: 100_000} }})
	start := time.Now()
	if err := send(t, dialReceiver(t, r, r.opt.Authority), strings.Repeat(event+"one\n", 200)); err != nil {
		t.Fatal(err)
	}
	state := awaitEnd(t, r)
	if least := time.Duration(state.Bytes) * time.Second / 100_000; time.Since(start) < least || state.Records != 200 {
		t.Errorf("%+v in %v, want at least %v", state, time.Since(start), least)
	}
}

func TestReceiverPauses(t *testing.T) {
	r := startReceiver(t, ReceiverOptions{})
	r.Pause()
	conn := dialReceiver(t, r, r.opt.Authority)
	setDeadline(t, conn)
	if err := conn.Handshake(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a paused receiver answered: %v", err)
	}
	r.Resume()
	if err := send(t, dialReceiver(t, r, r.opt.Authority), event+"one\n"); err != nil {
		t.Error(err)
	}
}

func TestSettleWaitsForThoseWhoseClientIsGone(t *testing.T) {
	arrived, release := make(chan struct{}, 2), make(chan struct{})
	r := startReceiver(t, ReceiverOptions{OnRecord: func(Record) {
		arrived <- struct{}{}
		<-release
	}})
	alive, gone := dialReceiver(t, r, r.opt.Authority), dialReceiver(t, r, r.opt.Authority)
	for _, c := range []*tls.Conn{alive, gone} {
		if _, err := io.WriteString(c, event+"one\n"); err != nil {
			t.Fatal(err)
		}
		<-arrived
	}
	if err := r.Settle(t.Context()); err != nil {
		t.Errorf("with both clients there: %v", err)
	}

	gone.NetConn().Close()
	past, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Settle(past); !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "1 connections") {
		t.Errorf("with one client's bytes unread: %v", err)
	}
	close(release)
	if err := r.Settle(t.Context()); err != nil {
		t.Error(err)
	}
	var open, ended []string
	for _, c := range r.Conns() {
		if c.End == "" {
			open = append(open, c.Remote)
		} else {
			ended = append(ended, c.Remote)
		}
	}
	if !slices.Equal(open, []string{alive.LocalAddr().String()}) || !slices.Equal(ended, []string{gone.LocalAddr().String()}) {
		t.Errorf("open %q, ended %q", open, ended)
	}
}

// BenchmarkReceiver is what one sender and the receiver do together over
// loopback TLS; the receiver's own share is seen with -cpuprofile.
func BenchmarkReceiver(b *testing.B) {
	var records int
	r := startReceiver(b, ReceiverOptions{OnRecord: func(Record) { records++ }})
	conn := dialReceiver(b, r, r.opt.Authority)
	line := event + strings.Repeat("m", 200) + "\n"
	piece := []byte(strings.Repeat(line, (64<<10)/len(line)))
	b.SetBytes(int64(len(piece)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(piece); err != nil {
			b.Fatal(err)
		}
	}
	if err := send(b, conn, ""); err != nil {
		b.Fatal(err)
	}
	if want := b.N * len(piece) / len(line); records != want {
		b.Errorf("%d records, want %d", records, want)
	}
}
