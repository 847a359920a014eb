package devo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"github.com/devo-s3/collector/delivery"
)

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
// The error's kind is Unconfirmable when the far end's end is not as it should
// be or ctx ends first, DevoUnavailable when the connection broke, DevoRefused
// when the key pair was refused.
func (c *Conn) Confirm(ctx context.Context) error {
	stop := context.AfterFunc(ctx, c.link.reset)
	defer stop()
	began := time.Now()
	err := c.retire()
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = c.fail(delivery.Unconfirmable, "confirming", cause)
	}
	c.sink.Ended(Attempt{Confirmed: err == nil, Bytes: c.written, Confirming: time.Since(began)})
	if err != nil {
		c.drop()
		return err
	}
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
	if err := c.link.SetReadDeadline(time.Now().Add(c.sink.ConfirmTimeout)); err != nil {
		return c.fail(delivery.DevoUnavailable, "connection broke", err)
	}
	err := drain(c.stream)
	if errors.Is(err, io.EOF) {
		err = drain(c.link)
	}
	late := errors.Is(err, os.ErrDeadlineExceeded)
	var op *net.OpError
	switch {
	case errors.Is(err, io.EOF), late && c.sink.Confirm == "drained":
		return nil
	case late:
		return c.fail(delivery.Unconfirmable, "the far end did not close", err)
	case errors.As(err, &op):
		return c.fail(delivery.DevoUnavailable, "connection broke", err)
	}
	return c.fail(delivery.Unconfirmable, "the far end did not close as it should", err)
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
