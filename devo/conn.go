package devo

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"os"
	"syscall"
	"time"

	"github.com/devo-s3/collector/delivery"
)

const (
	recordSize = 16 << 10  // bytes of plaintext in a full TLS record
	gatherSize = 256 << 10 // bytes of TLS records in one system call

	// unsentLimit is how many bytes our kernel holds that it has not sent yet. It
	// would take megabytes, which a slow far end needs minutes for, all of them
	// after we think that we have written everything.
	unsentLimit = 256 << 10
)

// A Conn is one connection to one endpoint or relay. It belongs to one
// goroutine at a time, and ends with Confirm or Abort.
type Conn struct {
	wire
	sink     *Sink
	endpoint string
	stream   stream
	link     *link
	notifies bool   // there is TLS, and so there are close_notifies
	err      error  // the first of a Write
	ending   ending // how the far end ended it, once Confirm knows
	life     context.Context
	unbind   func() bool // life no longer resets the connection

	// A goroutine is blocked in Read, to learn at once that the far end is
	// gone. ended is closed when it has returned.
	ended chan struct{}
}

var _ delivery.Conn = (*Conn)(nil)

// A stream is what frames are written to: TLS, or to a relay plain.
type stream interface {
	io.ReadWriter
	// CloseWrite tells the far end that there is no more, on the stream's own
	// level: the FIN is not its.
	CloseWrite() error
}

// plain is TCP, which has nothing to say before the FIN.
type plain struct{ *link }

func (plain) CloseWrite() error { return nil }

// newConn makes a Conn of a link. Its stall timeout alone would not end a write to
// a far end that is slow and steady: the end of life does.
func (s *Sink) newConn(life context.Context, endpoint string, l *link, far stream) *Conn {
	l.gather(gatherSize)
	c := &Conn{sink: s, endpoint: endpoint, link: l, stream: far, life: life, ended: make(chan struct{})}
	_, c.notifies = far.(*tls.Conn)
	c.unbind = context.AfterFunc(life, l.reset)
	c.wire = s.newWire(writer(c.seal))
	go func() {
		defer close(c.ended)
		_ = drain(far)
	}()
	return c
}

// Header builds the frame header of a source's tag, with the time of now. Use
// it for all the connection's records of that tag.
func (c *Conn) Header(source, tag string) []byte {
	return header(c.sink.now(), c.sink.ID, source, tag)
}

// Full reports false: whatever its tag, a record waits for no others.
func (c *Conn) Full([]byte) bool { return false }

// Write frames one record, of any length, and copies it; nothing is sent until
// enough is gathered. After an error the connection is good for Abort alone; its
// kind is DevoUnavailable or DevoRefused, or Unconfirmable when the connection's
// life has ended.
func (c *Conn) Write(header, record []byte) error {
	if c.err != nil {
		return c.err
	}
	if err := c.record(header, record); err != nil {
		c.err = c.broken(err)
	}
	return c.err
}

// Written is the number of bytes framed so far.
func (c *Conn) Written() int64 { return c.written }

// Abort drops the connection, with a reset: what the far end has not read yet
// it should not read, because it will be sent again.
func (c *Conn) Abort() {
	c.drop()
	c.sink.Ended(Attempt{Bytes: c.written})
}

func (c *Conn) drop() {
	c.unbind()
	c.link.reset()
	<-c.ended
}

var errEnded = errors.New("the far end is gone")

// seal passes one TLS record's worth on, unless it would be in vain.
func (c *Conn) seal(b []byte) (int, error) {
	select {
	case <-c.ended:
		return 0, errEnded
	default:
		return c.stream.Write(b)
	}
}

// stopReading leaves the connection to the caller alone.
func (c *Conn) stopReading() {
	_ = c.link.SetReadDeadline(time.Unix(1, 0)) // fails on a closed connection only, where Read ends anyway
	<-c.ended
	_ = c.link.SetReadDeadline(time.Time{})
}

// arrived reads all that the far end has sent until now, after stopReading. nil
// means that it has not ended; what ended it before, TLS remembers.
func (c *Conn) arrived() error {
	c.link.polling = true
	defer func() { c.link.polling = false }()
	if err := drain(c.stream); !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return nil
}

// broken is the error for a write that failed. What the far end said before
// explains more than a broken pipe: with TLS 1.3 it is how a refusal shows.
func (c *Conn) broken(err error) error {
	c.stopReading()
	if delivery.Expired(c.life) {
		return c.fail(delivery.Unconfirmable, "writing", context.DeadlineExceeded)
	}
	end := c.arrived()
	// The kernel tells of a reset once: who reads behind the write sees an end.
	told := errors.Is(err, syscall.ECONNRESET) && errors.Is(end, io.EOF)
	if end != nil && !told {
		err = end
	}
	return c.fail(delivery.DevoUnavailable, "connection broke", err)
}

// fail is an Error of the given kind, unless err is a refused certificate. Other
// endpoints are asked first from then on, unless it is our time that ended.
func (c *Conn) fail(kind delivery.Kind, what string, err error) error {
	if refuses(err) {
		kind = delivery.DevoRefused
		c.sink.doubt()
	}
	if !delivery.Expired(c.life) {
		c.sink.standing.failed(c.endpoint, c.sink.now())
	}
	return delivery.Fail(kind, "%s: %s: %w", c.endpoint, what, err)
}
