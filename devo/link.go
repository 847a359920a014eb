package devo

import (
	"bufio"
	"errors"
	"io"
	"net"
	"os"
	"time"
)

// A link is the TCP connection as TLS sees it. TLS hands over one record of
// 16 KiB at a time; a system call for each would cost more than the cipher.
type link struct {
	*net.TCPConn
	stall    time.Duration
	gathered *bufio.Writer // nil during the handshake: nothing waits then
	polling  bool          // Read never waits
	finished bool          // the far end's FIN was read; TLS does not tell it from close_notify
}

// gather makes Write collect what it is given, for flush.
func (l *link) gather(size int) {
	l.gathered = bufio.NewWriterSize(writer(l.send), size)
}

func (l *link) flush() error { return l.gathered.Flush() }

func (l *link) Write(b []byte) (int, error) {
	if l.gathered == nil {
		return l.send(b)
	}
	return l.gathered.Write(b)
}

// send fails when nothing moves for the stall timeout, however much did before.
func (l *link) send(b []byte) (int, error) {
	for sent := 0; ; {
		if err := l.SetWriteDeadline(time.Now().Add(l.stall)); err != nil {
			return sent, err
		}
		n, err := l.TCPConn.Write(b[sent:])
		sent += n
		if err == nil || n == 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			return sent, err
		}
	}
}

// Read may be told not to wait: os.ErrDeadlineExceeded, which TLS takes for a
// passing error, then says that nothing has arrived.
func (l *link) Read(b []byte) (int, error) {
	read := l.TCPConn.Read
	if l.polling {
		read = func(b []byte) (int, error) { return readNow(l.TCPConn, b) }
	}
	n, err := read(b)
	l.finished = l.finished || errors.Is(err, io.EOF)
	return n, err
}

// reset drops the connection and what the kernel still holds of it.
func (l *link) reset() {
	_ = l.SetLinger(0)
	_ = l.Close()
}

// drain reads until there is an error, io.EOF included, and gives that.
func drain(r io.Reader) error {
	var ignored [512]byte
	for {
		if _, err := r.Read(ignored[:]); err != nil {
			return err
		}
	}
}

// A writer is a function as an io.Writer.
type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }
