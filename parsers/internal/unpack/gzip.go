package unpack

import (
	"bufio"
	"errors"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

var inflaters = sync.Pool{New: func() any { return new(gzip.Reader) }}

// gunzip unpacks member after member. After the last one zeros may follow, to
// pad the object; anything else is corrupt, because it may be a member whose
// head is damaged.
type gunzip struct {
	*gzip.Reader
	in    *bufio.Reader // the decompressor takes no byte too many from it
	place func() int64
	begun bool
}

func (g *gunzip) next() (at int64, err error) {
	if g.begun {
		head, err := g.in.Peek(1)
		switch {
		case err != nil:
			return 0, err
		case head[0] == 0:
			return 0, padding(g.in)
		}
	}
	g.begun = true
	at = g.place()
	if err := g.Reset(g.in); err != nil {
		return 0, early(err)
	}
	g.Multistream(false)
	return at, nil
}

// padding reads zeros up to the end, which is io.EOF.
func padding(from io.ByteReader) error {
	for {
		c, err := from.ReadByte()
		switch {
		case err != nil:
			return err
		case c != 0:
			return errors.New("garbage after the last member")
		}
	}
}

// early is err where bytes must follow: the end comes too early.
func early(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
