package devo

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// readNow reads what has arrived and does not wait for more:
// os.ErrDeadlineExceeded says that nothing has.
func readNow(c *net.TCPConn, b []byte) (n int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	done := func(fd uintptr) bool {
		n, err = unix.Read(int(fd), b)
		return !errors.Is(err, unix.EINTR)
	}
	if cerr := raw.Read(done); cerr != nil {
		return 0, cerr
	}
	switch {
	case errors.Is(err, unix.EAGAIN):
		return 0, os.ErrDeadlineExceeded
	case err != nil:
		return 0, os.NewSyscallError("read", err)
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

// limitUnsent has writes wait while that many bytes wait in the kernel
// (TCP_NOTSENT_LOWAT, tcp(7)). What is on its way does not count, so that a long
// and fast way is used whole. A kernel that does not know the option holds more.
func limitUnsent(c *net.TCPConn, bytes int) {
	if raw, err := c.SyscallConn(); err == nil {
		_ = raw.Control(func(fd uintptr) {
			_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, bytes)
		})
	}
}

// unacknowledged is the number of bytes, the FIN being one, that the far end's
// kernel has not acknowledged (SIOCOUTQ, tcp(7)). The error is that of a
// connection that was reset.
func unacknowledged(c *net.TCPConn) (n int, err error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return 0, err
	}
	ask := func(fd uintptr) {
		var failed int
		if failed, err = unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_ERROR); err != nil {
			return
		}
		if failed != 0 {
			err = unix.Errno(failed)
			return
		}
		n, err = unix.IoctlGetInt(int(fd), unix.SIOCOUTQ)
	}
	if cerr := raw.Control(ask); cerr != nil {
		return 0, cerr
	}
	if err != nil {
		return 0, fmt.Errorf("send queue: %w", err)
	}
	return n, nil
}
