package local

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// What a client sees of a program that dies with much unread, or does not, by way of a
// proxy that passes TCP on, and of one that lies.
func TestFront(t *testing.T) {
	const records = 2000
	text := strings.Repeat(event+"one\n", records)
	for _, c := range []struct {
		name    string
		how     Behaviour
		clean   bool // the client wrote everything and saw an end in good order
		records int64
		end     string
	}{
		{"passes a good end on", Behaviour{Front: FrontPass}, true, records, "close_notify"},
		{"passes a reset on", Behaviour{Front: FrontPass, Do: ActReset, After: 1000}, false, -1, "reset early"},
		{"passes a good end on, lying", Behaviour{Front: FrontLie}, true, records, "close_notify"},
		{"lies about a reset", Behaviour{Front: FrontLie, Do: ActReset, After: 1000}, true, -1, "reset early"},
		{"lies about one that reads nothing", Behaviour{Front: FrontLie, Do: ActReset}, true, 0, "reset early"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := startReceiver(t, ReceiverOptions{Behave: func(int64) Behaviour { return c.how }})
			if err := send(t, dialReceiver(t, r, r.opt.Authority), text); (err == nil) != c.clean {
				t.Errorf("the client saw %v", err)
			}
			got := awaitEnd(t, r)
			if got.End != c.end || c.records >= 0 && got.Records != c.records || c.records < 0 && got.Records >= records {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// A slow reader leaves in the kernel what it has not read.
func TestSlowReaderLeavesTheRestInTheKernel(t *testing.T) {
	near, far, err := connected()
	if err != nil {
		t.Fatal(err)
	}
	defer near.Close()
	defer far.Close()
	const size = 32 << 10
	if _, err := near.Write(make([]byte, size)); err != nil {
		t.Fatal(err)
	}
	awaitUnread(t, far, size)
	slow := &rawConn{TCPConn: far, rate: 50 << 10, wait: func(time.Duration) {}}
	if n, err := slow.Read(make([]byte, 100)); n != 100 || err != nil {
		t.Fatal(n, err)
	}
	awaitUnread(t, far, size-1<<10)
}

// awaitUnread waits until the kernel holds so many bytes for c.
func awaitUnread(t *testing.T, c syscall.Conn, want int) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	for got := -1; got != want; {
		err := raw.Control(func(fd uintptr) { got, err = unix.IoctlGetInt(int(fd), unix.TIOCINQ) })
		if err != nil {
			t.Fatal(err)
		}
		if t.Context().Err() != nil || got > want {
			t.Fatalf("%d bytes, want %d", got, want)
		}
	}
}
