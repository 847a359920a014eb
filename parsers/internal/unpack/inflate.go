package unpack

import (
	"bufio"
	"io"
	"sync"

	"github.com/devo-s3/collector/parsers/internal/unpack/inflate"
)

var inflaters = sync.Pool{New: func() any { return new(inflate.Reader) }}

const gzipMagic = "\x1f\x8b"

var wrappings = map[Packing]inflate.Wrapping{Gzip: inflate.Gzip, Zlib: inflate.Zlib, Deflate: inflate.Raw}

// inflate unpacks what is deflated in one of the three wrappings.
func (r *Reader) inflate(p Packing, in *bufio.Reader, depth int) error {
	z := inflaters.Get().(*inflate.Reader)
	err := r.content(p, &inflated{Reader: z, in: in, r: r, depth: depth, packing: p}, depth)
	inflaters.Put(z) // but not behind a panic: nobody knows its state
	return err
}

// inflated unpacks members of gzip or streams of zlib one after another, or one of
// deflate alone.
type inflated struct {
	*inflate.Reader
	in      *bufio.Reader
	r       *Reader
	depth   int
	packing Packing
	begun   bool
}

func (z *inflated) next() (at int64, err error) {
	if z.begun {
		if err := z.another(); err != nil {
			return 0, err
		}
	}
	z.begun = true
	at = z.r.place(z.in)()
	return at, z.Reset(z.in, wrappings[z.packing])
}

// another is Reader.nextBegins, also for what has no magic number.
func (z *inflated) another() error {
	if z.packing == Gzip {
		return z.r.nextBegins(z.in, z.depth, gzipMagic)
	}
	if err := skipGap(z.in); err != nil {
		return err
	}
	if z.packing == Zlib {
		head, err := z.in.Peek(2)
		switch {
		case isZlibHead(head):
			return nil
		case len(head) == 1 && head[0]&0x0f == 8:
			return early(err)
		}
	}
	return z.r.garbage(z.in, z.depth)
}

// inflateAll returns the unpacked bytes of one stream of deflate, the rest of in.
// Close must be called.
func inflateAll(in io.Reader) io.ReadCloser {
	buffered := buffers.Get().(*bufio.Reader)
	buffered.Reset(in)
	z := inflaters.Get().(*inflate.Reader)
	_ = z.Reset(buffered, inflate.Raw) // which has no header to be wrong
	return &inflating{z, buffered}
}

type inflating struct {
	*inflate.Reader
	in *bufio.Reader
}

func (i *inflating) Close() error {
	i.in.Reset(nil)
	buffers.Put(i.in)
	inflaters.Put(i.Reader)
	return nil
}
