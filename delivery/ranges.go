package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/devo-s3/collector/events"
)

// ranges reads any part of one pinned object, with a request for each.
type ranges struct {
	ctx   context.Context
	store Store
	want  events.Object
}

// Ranges gives random access to the object want, which must be pinned to one
// version and have its Size. ctx bounds every read; a body that breaks is
// opened again, up to 5 times for each.
func Ranges(ctx context.Context, store Store, want events.Object) io.ReaderAt {
	return &ranges{ctx, store, want}
}

// ReadAt implements io.ReaderAt.
func (r *ranges) ReadAt(p []byte, off int64) (n int, err error) {
	short := off+int64(len(p)) > r.want.Size
	if short {
		p = p[:max(r.want.Size-off, 0)]
	}
	for broke := 0; n < len(p); broke++ {
		if broke > reopenLimit {
			return n, Fail(Throttled, "read s3://%s/%s at byte %d of %d, which broke %d times: %w",
				r.want.Bucket, r.want.Key, off+int64(n), r.want.Size, broke, err)
		}
		var b *Body
		if b, err = r.store.Open(r.ctx, r.want, off+int64(n), int64(len(p)-n)); err != nil {
			return n, fmt.Errorf("open at byte %d: %w", off+int64(n), err)
		}
		var m int
		m, err = io.ReadFull(b, p[n:])
		_ = b.Close()
		n += m
		if r.ctx.Err() != nil && n < len(p) {
			return n, errors.Join(context.Cause(r.ctx), err)
		}
	}
	if short {
		return n, io.EOF
	}
	return n, nil
}
