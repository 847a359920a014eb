package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/devo-s3/collector/events"
)

// reopenLimit is how often a body that breaks is opened again at the byte
// reached.
const reopenLimit = 5

// identify pins a notification's object to the version that was opened.
func (b *Body) identify(o events.Object) (Identity, events.Object) {
	o.ETag, o.Size = b.ETag, b.Size
	id := Identity{Bucket: o.Bucket, Key: o.Key, Version: b.ETag}
	if o.VersionID = b.VersionID; o.VersionID == "null" {
		o.VersionID = "" // a bucket without versions
	}
	if o.VersionID != "" {
		id.Version = o.VersionID
	}
	return id, o
}

// A body reads one pinned object from an offset to its end, over as many
// connections as it takes. It is never shorter than the object: a body that
// ends early is opened again, and after reopenLimit times an error.
type body struct {
	ctx    context.Context
	cancel context.CancelFunc
	store  Store
	want   events.Object
	off    int64
	read   int64 // bytes read
	broke  int   // how often
	ahead  ahead

	mu     sync.Mutex // cur and closed: Close comes from another goroutine
	cur    *Body
	closed bool
}

// newBody reads want from off on. first is the object as it was opened at 0,
// or nil; it is used or closed.
func newBody(ctx context.Context, store Store, want events.Object, off int64, first *Body) *body {
	b := &body{store: store, want: want, off: off}
	b.ctx, b.cancel = context.WithCancel(ctx)
	switch {
	case first == nil:
	case off == 0:
		b.cur = first
	default:
		_ = first.Close()
	}
	return b
}

// fetch reads from the Store.
func (b *body) fetch(p []byte) (int, error) {
	for {
		cur, err := b.current()
		if err != nil {
			return 0, err
		}
		n, err := cur.Read(p)
		b.off += int64(n)
		b.read += int64(n)
		switch {
		case err == nil:
			return n, nil
		case errors.Is(err, io.EOF) && b.off == b.want.Size:
			return n, io.EOF
		case errors.Is(err, io.EOF):
			err = io.ErrUnexpectedEOF
		}
		b.drop(cur)
		if b.broke++; b.broke > reopenLimit {
			return n, Fail(Throttled, "read s3://%s/%s at byte %d of %d, which broke %d times: %w",
				b.want.Bucket, b.want.Key, b.off, b.want.Size, b.broke, err)
		}
		if n > 0 {
			return n, nil
		}
	}
}

// current is the open body, opened at the byte reached if need be.
func (b *body) current() (*Body, error) {
	b.mu.Lock()
	cur, closed := b.cur, b.closed
	b.mu.Unlock()
	switch {
	case closed:
		return nil, context.Canceled
	case cur != nil:
		return cur, nil
	}
	cur, err := b.store.Open(b.ctx, b.want, b.off, -1)
	if err != nil {
		return nil, fmt.Errorf("open again at byte %d: %w", b.off, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		_ = cur.Close()
		return nil, context.Canceled
	}
	b.cur = cur
	return cur, nil
}

func (b *body) drop(cur *Body) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cur == cur {
		b.cur = nil
	}
	_ = cur.Close()
}

// Close implements io.Closer. It unblocks Read.
func (b *body) Close() error {
	b.cancel()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.cur == nil {
		return nil
	}
	return b.cur.Close()
}
