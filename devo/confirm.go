package devo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// lookEvery is how often the send queue is looked at while we wait for the far end.
const lookEvery = 20 * time.Millisecond

// Confirm ends the connection in good order: close_notify, FIN, read to EOF.
// nil means that whoever terminates TLS, or the relay, took every byte, in
// order; not that Devo stored it. Nothing weaker is believed:
//
//   - every write and both half-closes succeeded;
//   - nothing had arrived from the far end by then that ends a connection: one
//     that closed before it was asked to did not read all;
//   - EOF came afterwards, on the boundary of a TLS record, in time;
//   - the far end's kernel acknowledged every byte, without a reset: bytes sent
//     to a process that is gone never are, though EOF looks the same.
//
// In time means that never for ConfirmTimeout nothing moved: a far end that is
// slow and steady may take as long as ctx allows.
//
// The error's kind is Unconfirmable when the far end's end is not as it should
// be or ctx ends first, DevoUnavailable when the connection broke, DevoRefused
// when the key pair was refused.
func (c *Conn) Confirm(ctx context.Context) error {
	stop := context.AfterFunc(ctx, c.link.reset)
	defer stop()
	began := time.Now()
	err := c.retire()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = delivery.Fail(delivery.Unconfirmable, "%s: confirming: %w", c.endpoint, cause)
	}
	c.sink.Ended(Attempt{Confirmed: err == nil, Bytes: c.written, Confirming: time.Since(began)})
	if err != nil {
		c.drop()
		return err
	}
	c.unbind()
	c.sink.standing.worked(c.endpoint)
	_ = c.link.Close() // no reset: a far end that only drained may still be reading
	return nil
}

func (c *Conn) retire() error {
	if c.err != nil {
		return c.err
	}
	if err := c.flush(); err != nil {
		return c.broken(err)
	}
	c.stopReading() // which may write, to answer a change of keys
	if err := c.link.flush(); err != nil {
		return c.broken(err)
	}
	if err := c.arrived(); err != nil {
		return c.fail(delivery.DevoUnavailable, "the far end closed early", err)
	}
	if err := c.halfClose(); err != nil {
		return c.broken(err)
	}
	if err := c.readToEOF(); err != nil {
		return err
	}
	return c.awaitAcknowledged()
}

// halfClose ends what we send: first TLS, then TCP.
func (c *Conn) halfClose() error {
	if err := c.stream.CloseWrite(); err != nil {
		return err
	}
	if err := c.link.flush(); err != nil {
		return err
	}
	return c.link.CloseWrite()
}

// readToEOF ignores what the far end sends and waits for its FIN. After its
// close_notify, if it sends one, TLS reads no more; without one, TLS gives
// io.EOF on a record's boundary and io.ErrUnexpectedEOF elsewhere.
func (c *Conn) readToEOF() error {
	p := progress{least: math.MaxInt, at: c.sink.now()}
	err := c.await(c.stream, &p, c.sink.ConfirmTimeout)
	if errors.Is(err, io.EOF) {
		err = c.await(c.link, &p, c.sink.ConfirmTimeout)
	}
	late := errors.Is(err, os.ErrDeadlineExceeded)
	var op *net.OpError
	var errno syscall.Errno
	switch {
	case errors.Is(err, io.EOF), late && c.sink.Confirm == "drained":
		return nil
	case late:
		return c.fail(delivery.Unconfirmable, "the far end did not close", err)
	case errors.As(err, &op), errors.As(err, &errno):
		return c.fail(delivery.DevoUnavailable, "connection broke", err)
	}
	return c.fail(delivery.Unconfirmable, "the far end did not close as it should", err)
}

// await reads until there is an error, io.EOF included, and returns that.
// os.ErrDeadlineExceeded means that nothing moved for limit.
func (c *Conn) await(r io.Reader, p *progress, limit time.Duration) error {
	for {
		if err := c.link.SetReadDeadline(time.Now().Add(lookEvery)); err != nil {
			return err
		}
		err := drain(r)
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		waiting, broken := unacknowledged(c.link.TCPConn)
		if broken != nil {
			return broken
		}
		now := c.sink.now()
		if *p = p.step(waiting, now); now.Sub(p.at) >= limit {
			return err
		}
	}
}

// A progress says when the send queue was last seen to shrink. That is all we can
// see of a far end that still reads: what it sends means nothing.
type progress struct {
	least int // bytes in the queue when it was shortest
	at    time.Time
}

// step is the progress after the queue was seen to hold waiting bytes.
func (p progress) step(waiting int, now time.Time) progress {
	if waiting < p.least {
		return progress{waiting, now}
	}
	return p
}

// awaitAcknowledged gives the last acknowledgements, which may follow the far
// end's FIN, a moment to come.
func (c *Conn) awaitAcknowledged() error {
	again := time.NewTicker(time.Millisecond)
	defer again.Stop()
	for end := time.Now().Add(c.sink.settle); ; <-again.C {
		switch n, err := unacknowledged(c.link.TCPConn); {
		case err != nil:
			return c.fail(delivery.Unconfirmable, "connection broke", err)
		case n == 0:
			return nil
		case time.Now().After(end):
			return c.fail(delivery.Unconfirmable, "the far end did not take everything", fmt.Errorf("%d bytes unacknowledged", n))
		}
	}
}
