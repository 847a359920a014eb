package unpack

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"github.com/andybalholm/brotli"
)

// unbrotli unpacks one stream of brotli. The library's reader cannot be trusted
// with the end: where its input ends between two reads, a truncated stream ends
// well. So it is given one byte too many, and only a stream that is complete
// calls that excessive.
type unbrotli struct {
	in      *bufio.Reader
	z       *brotli.Reader
	begun   bool
	tooMany bool // the byte too many was given
}

func (b *unbrotli) next() (int64, error) {
	if b.begun {
		return 0, io.EOF
	}
	b.begun = true
	b.z = brotli.NewReader(brotliInput{b})
	return 0, nil
}

// Read gives the unpacked bytes.
func (b *unbrotli) Read(p []byte) (int, error) {
	n, err := b.z.Read(p)
	switch {
	case err == nil:
	case err.Error() != "brotli: excessive input":
		if b.tooMany {
			err = io.ErrUnexpectedEOF
		}
	case b.tooMany:
		err = io.EOF
	default:
		err = errors.New("garbage behind its end")
	}
	return n, err
}

// brotliInput are the stream's bytes and one more.
type brotliInput struct{ *unbrotli }

func (i brotliInput) Read(p []byte) (int, error) {
	n, err := i.in.Read(p)
	if n > 0 || err != io.EOF {
		return n, err
	}
	if i.tooMany {
		return 0, io.ErrUnexpectedEOF
	}
	i.tooMany = true
	return copy(p, "\x00"), nil
}

// brotliWindow is how many bytes of memory a stream that begins with c wants;
// 0 where it cannot begin so (https://www.rfc-editor.org/rfc/rfc7932#section-9.1).
func brotliWindow(c byte) int64 {
	switch high, low := c>>1&7, c>>4&7; {
	case c&1 == 0:
		return 1 << 16
	case high != 0:
		return 1 << (17 + high)
	case low == 0:
		return 1 << 17
	case low == 1:
		return 0
	default:
		return 1 << (8 + low)
	}
}

func brotliTrial(head []byte) (io.Reader, error) {
	b := &unbrotli{in: bufio.NewReader(bytes.NewReader(head))}
	if len(head) > 0 && brotliWindow(head[0]) == 0 {
		return nil, errors.New("no window")
	}
	_, err := b.next()
	return b, err
}
