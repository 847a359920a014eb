package local

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A balancer takes what it is sent at once, and its answer says what the
// application has read, unless it answers for itself.
func TestBalancer(t *testing.T) {
	const records = 2000
	text := strings.Repeat(event+"one\n", records)
	for _, c := range []struct {
		name  string
		how   Behaviour
		whole bool // all that was sent is read
		clean bool // the client sees an end in good order
		end   string
	}{
		{"answers when all is read", Behaviour{Hold: 4 << 20, BytesPerSecond: 1 << 20}, true, true, "close_notify"},
		{"has little room", Behaviour{Hold: 1 << 10}, true, true, "close_notify"},
		{"drops what it holds", Behaviour{Hold: 4 << 20, BytesPerSecond: 1 << 10, Do: ActReset, After: int64(len(text))}, false, false, "reset early"},
		{"answers itself", Behaviour{Hold: 4 << 20, BytesPerSecond: 1 << 20, Do: ActForget}, true, true, "forgot"},
		{"answers itself and dies", Behaviour{Hold: 4 << 20, BytesPerSecond: 1 << 10, Do: ActForget, Delay: time.Millisecond}, false, true, "forgot"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startReceiver(t, ReceiverOptions{Behave: func(int64) Behaviour { return c.how }})
			err := send(t, dialReceiver(t, r, r.opt.Authority), text)
			if (err == nil) != c.clean {
				t.Errorf("the client saw %v", err)
			}
			if c.clean && c.end == "close_notify" && r.Counts().Records != records {
				t.Errorf("answered when %d records were read", r.Counts().Records)
			}
			if got := awaitEnd(t, r); got.End != c.end || (got.Records == records) != c.whole {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A receiver that closes in the midst resets what it has not looked at, though
// it was off the socket.
func TestReceiverThatClosesEarlyDoesNotSeemToHaveReadAll(t *testing.T) {
	line := event + "one\n"
	for range 20 {
		r := startReceiver(t, ReceiverOptions{Behave: func(int64) Behaviour { return Behaviour{Do: ActClose, After: int64(len(line))} }})
		conn := dialReceiver(t, r, r.opt.Authority)
		err := send(t, conn, strings.Repeat(line, 50))
		if err == nil { // close_notify came first
			_, err = io.ReadAll(conn.NetConn())
		}
		if err == nil {
			t.Fatal("the client saw an end in good order")
		}
	}
}

func TestHandshakesThatFail(t *testing.T) {
	for _, c := range []struct {
		how  Handshake
		want string
	}{
		{TLSServe, "EOF"},
		{TLSRefuse, "unknown certificate authority"},
		{TLSExpired, "has expired"},
	} {
		r := startReceiver(t, ReceiverOptions{Behave: func(int64) Behaviour { return Behaviour{TLS: c.how} }})
		conn := dialReceiver(t, r, r.opt.Authority)
		err := conn.Handshake()
		if err == nil {
			err = errors.Join(conn.CloseWrite(), readOne(conn)) // with TLS 1.3 the first read tells
		}
		if !strings.Contains(fmt.Sprint(err), c.want) {
			t.Errorf("%d: %v, want %q", c.how, err, c.want)
		}
	}
}

// Admit ends what other certificates could do, with sessions resumed too.
func TestAdmitsOneCertificate(t *testing.T) {
	r := startReceiver(t, ReceiverOptions{})
	var pairs []tls.Certificate
	for range 2 {
		cert, key, err := r.opt.Authority.Client("acme")
		if err != nil {
			t.Fatal(err)
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		if pairs = append(pairs, pair); len(pairs) == 2 {
			defer r.Admit(nil)
			r.Admit(cert)
		}
	}
	for i, want := range []bool{false, true} {
		config := &tls.Config{
			Certificates: pairs[i : i+1], RootCAs: r.opt.Authority.pool(), ServerName: "127.0.0.1",
			ClientSessionCache: tls.NewLRUClientSessionCache(0),
		}
		for range 2 {
			c, err := tls.Dial("tcp", r.Addr(), config)
			if err == nil {
				err = send(t, c, event+"one\n")
				_ = c.Close()
			}
			if (err == nil) != want {
				t.Errorf("certificate %d: %v", i, err)
			}
		}
	}
}

// A refused event resets its connection, and does not count.
func TestReceiverRefusesAnEvent(t *testing.T) {
	for name, how := range map[string]Behaviour{"itself": {}, "behind a balancer": {Hold: 1 << 20}} {
		t.Run(name, func(t *testing.T) {
			r := startReceiver(t, ReceiverOptions{
				Behave: func(int64) Behaviour { return how },
				Refuse: func(got Record) bool { return string(got.Raw) == "bad" },
			})
			conn := dialReceiver(t, r, r.opt.Authority)
			err := send(t, conn, event+"one\n"+event+"bad\n"+event+"two\n")
			if err != nil && !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("the client saw %v", err)
			}
			if got := awaitEnd(t, r); got.End != RecordRefused || got.Records != 1 {
				t.Errorf("got %+v", got)
			}
		})
	}
}
