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

// notifyWait is how long the far end may stand still before it answers our
// close_notify with its own; then our FIN asks again.
const notifyWait = 5 * time.Second

// Confirm ends the connection in good order: close_notify, the far end's
// close_notify, FIN, read to EOF. nil means that whoever terminates TLS took every
// byte, in order, as far as Config.Confirm can tell; not that Devo stored it. All
// of this must hold:
//
//   - every write and both half-closes succeeded;
//   - nothing had arrived from the far end by then that ends a connection: one
//     that closed before it was asked to did not read all;
//   - the far end's close_notify came before its FIN, if Config.Confirm demands
//     it: the FIN alone can be the answer of a proxy that passes TLS on;
//   - EOF came afterwards, on the boundary of a TLS record, in time;
//   - the far end's kernel acknowledged every byte, without a reset: bytes sent
//     to a process that is gone never are, though EOF looks the same.
//
// In time means that never for ConfirmTimeout nothing moved: a far end that is
// slow and steady may take as long as ctx allows.
//
// The error's kind is Unnotified when there was no close_notify that must be,
// Unconfirmable when the far end's end is otherwise not as it should be or ctx ends
// first, DevoUnavailable when the connection broke, DevoRefused when the key pair
// was refused, LedgerFailed when nobody could say whether a close_notify must be.
func (c *Conn) Confirm(ctx context.Context) error {
	stop := context.AfterFunc(ctx, c.link.reset)
	defer stop()
	began := time.Now()
	err := c.retire(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = delivery.Fail(delivery.Unconfirmable, "%s: confirming: %w", c.endpoint, cause)
	}
	c.sink.Ended(Attempt{
		Confirmed: err == nil, Unnotified: err != nil && delivery.KindOf(err) == delivery.Unnotified,
		Bytes: c.written, Confirming: time.Since(began),
	})
	if err != nil {
		c.drop()
		return err
	}
	c.unbind()
	c.sink.standing.worked(c.endpoint)
	_ = c.link.Close() // no reset: a far end that only drained may still be reading
	return nil
}

func (c *Conn) retire(ctx context.Context) error {
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
	if err := c.closeNotify(); err != nil {
		return c.broken(err)
	}
	var err error
	if c.ending, err = c.awaitEnd(); err != nil {
		return err
	}
	if err := c.awaitAcknowledged(); err != nil {
		return err
	}
	return c.judge(ctx)
}

// closeNotify ends what we send on TLS's level.
func (c *Conn) closeNotify() error {
	if err := c.stream.CloseWrite(); err != nil {
		return err
	}
	return c.link.flush()
}

// An ending is what the far end did after our close_notify.
type ending struct {
	notified bool // its close_notify came before its FIN
}

// awaitEnd waits for the far end's close_notify, sends our FIN, with or without
// one, and waits for its FIN. What else it sends is ignored. An error is an end
// that no setting believes.
func (c *Conn) awaitEnd() (ending, error) {
	p, limit := progress{least: math.MaxInt, at: c.sink.now()}, c.sink.ConfirmTimeout
	err := os.ErrDeadlineExceeded
	if c.notifies {
		err = c.await(c.stream, &p, min(c.sink.notify, limit/2))
	}
	late := errors.Is(err, os.ErrDeadlineExceeded)
	if late || errors.Is(err, io.EOF) {
		if err := c.link.CloseWrite(); err != nil {
			return ending{}, c.broken(err)
		}
	}
	if late {
		err = c.await(c.stream, &p, limit)
	}
	// After a close_notify TLS reads no more, and returns io.EOF; without one, it
	// returns io.EOF on a record's boundary and io.ErrUnexpectedEOF elsewhere.
	e := ending{notified: errors.Is(err, io.EOF) && !c.link.finished}
	if e.notified {
		err = c.await(c.link, &p, limit)
	}
	var op *net.OpError
	var errno syscall.Errno
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, os.ErrDeadlineExceeded) && c.sink.Confirm == "drained":
	case errors.Is(err, os.ErrDeadlineExceeded):
		return e, c.fail(delivery.Unconfirmable, "the far end did not close", err)
	case errors.As(err, &op), errors.As(err, &errno):
		return e, c.fail(delivery.DevoUnavailable, "connection broke", err)
	default:
		return e, c.fail(delivery.Unconfirmable, "the far end did not close as it should", err)
	}
	return e, nil
}

var errNoNotify = errors.New("no close_notify came before the end of the connection, which anything between us and the far end's TLS can send")

// judge decides whether the ending is believed.
func (c *Conn) judge(ctx context.Context) error {
	rule, notified := c.sink.Confirm, c.ending.notified
	switch {
	case !c.notifies:
		return nil
	case rule == "closed", rule == "drained":
		c.sink.learned.forget(ctx, c.endpoint)
		return nil
	case notified && rule == "":
		c.sink.learned.note(ctx, c.endpoint)
		return nil
	case notified:
		return nil
	case rule == "notified":
		return c.fail(delivery.Unnotified, "confirm is notified", errNoNotify)
	}
	owed, err := c.sink.learned.owed(ctx, c.endpoint)
	switch {
	case err != nil:
		return delivery.Fail(delivery.LedgerFailed, "%s: it closed without close_notify, and whether it owes one is not known: %w", c.endpoint, err)
	case owed:
		return c.fail(delivery.Unnotified, "it has sent one before", errNoNotify)
	}
	return nil
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
	for end := c.sink.now().Add(c.sink.settle); ; <-again.C {
		switch n, err := unacknowledged(c.link.TCPConn); {
		case err != nil:
			return c.fail(delivery.Unconfirmable, "connection broke", err)
		case n == 0:
			return nil
		case c.sink.now().After(end):
			return c.fail(delivery.Unconfirmable, "the far end did not take everything", fmt.Errorf("%d bytes unacknowledged", n))
		}
	}
}
