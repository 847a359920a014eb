package delivery

import (
	"bytes"
	"context"
	"io"
	"time"
)

// aheadLimit is how long a small object is read ahead. One that is slower goes
// its own way, as it comes.
const aheadLimit = 2 * time.Second

// An ahead is what was read of a body before anybody asked for it.
type ahead struct {
	bytes []byte
	given int   // how many of them Read gave
	end   error // what comes behind them; nil = what is still to be read
}

// readAhead reads the rest of the body into memory, for aheadLimit or a read
// longer at most, and tells whether it is all there. An error comes behind what
// was read, from Read.
func (b *body) readAhead() (all bool) {
	rest := make([]byte, b.left()+1) // one more: its end must be seen
	for began := time.Now(); b.ahead.end == nil && len(b.ahead.bytes) < len(rest) && time.Since(began) < aheadLimit; {
		n, err := b.fetch(rest[len(b.ahead.bytes):])
		// At once: what was read must not be lost in a panic.
		b.ahead.bytes, b.ahead.end = rest[:len(b.ahead.bytes)+n], err
	}
	return b.ahead.end == io.EOF
}

// left is how many bytes of the object there are from here on.
func (b *body) left() int64 { return b.want.Size - b.off }

// Read implements io.Reader: first what was read ahead.
func (b *body) Read(p []byte) (int, error) {
	a := &b.ahead
	switch {
	case a.given < len(a.bytes):
		n := copy(p, a.bytes[a.given:])
		a.given += n
		return n, nil
	case a.end != nil:
		return 0, a.end
	}
	return b.fetch(p)
}

// ranges gives random access to the object.
func (b *body) ranges(ctx context.Context) io.ReaderAt {
	if a := b.ahead; a.end == io.EOF && int64(len(a.bytes)) == b.want.Size {
		return bytes.NewReader(a.bytes)
	}
	return Ranges(ctx, b.store, b.want)
}
