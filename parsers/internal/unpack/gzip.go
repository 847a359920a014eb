package unpack

import (
	"bufio"
	"sync"

	"github.com/klauspost/compress/gzip"
)

var inflaters = sync.Pool{New: func() any { return new(gzip.Reader) }}

const gzipMagic = "\x1f\x8b"

// gunzip unpacks member after member.
type gunzip struct {
	*gzip.Reader
	in    *bufio.Reader // the decompressor takes no byte too many from it
	r     *Reader
	depth int
	begun bool
}

func (g *gunzip) next() (at int64, err error) {
	if g.begun {
		if err := g.r.nextBegins(g.in, g.depth, gzipMagic); err != nil {
			return 0, err
		}
	}
	g.begun = true
	at = g.r.place(g.in)()
	if err := g.Reset(g.in); err != nil {
		return 0, early(err)
	}
	g.Multistream(false)
	return at, nil
}
