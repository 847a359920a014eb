package unpack

import (
	"bufio"
	"io"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zlib"
)

// inflate unpacks one stream of zlib after another, or one of deflate alone. The
// decompressor takes no byte too many from in.
type inflate struct {
	io.ReadCloser
	in    *bufio.Reader
	r     *Reader
	depth int
	raw   bool
}

func (z *inflate) next() (at int64, err error) {
	switch {
	case z.ReadCloser == nil:
	case z.raw:
		if err = skipGap(z.in); err == nil {
			err = z.r.garbage(z.in, z.depth)
		}
		return 0, err
	default:
		if err := z.nextBegins(); err != nil {
			return 0, err
		}
	}
	at = z.r.place(z.in)()
	switch {
	case z.raw:
		z.ReadCloser = flate.NewReader(z.in)
	case z.ReadCloser == nil:
		z.ReadCloser, err = zlib.NewReader(z.in)
	default:
		err = z.ReadCloser.(zlib.Resetter).Reset(z.in, nil)
	}
	return at, early(err)
}

// nextBegins is Reader.nextBegins for what has no magic number.
func (z *inflate) nextBegins() error {
	if err := skipGap(z.in); err != nil {
		return err
	}
	head, err := z.in.Peek(2)
	switch {
	case isZlibHead(head):
		return nil
	case len(head) == 1 && head[0]&0x0f == 8:
		return early(err)
	default:
		return z.r.garbage(z.in, z.depth)
	}
}
