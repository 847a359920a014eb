package unpack

import (
	"bufio"
	"fmt"
	"io"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// The magic number of a gzip member, https://www.rfc-editor.org/rfc/rfc1952.
const magic0, magic1 = 0x1f, 0x8b

// An inflater is what is worth keeping from one object to the next. The
// bufio.Reader lets the decompressor take no byte too many, so that a member's
// offset is known exactly.
type inflater struct {
	reader *bufio.Reader
	gzip   gzip.Reader
}

var inflaters = sync.Pool{New: func() any {
	return &inflater{reader: bufio.NewReaderSize(nil, 32<<10)}
}}

// sniff looks at the first bytes.
func (r *Reader) sniff(from *bufio.Reader) (Packing, error) {
	head, err := from.Peek(2)
	if err != nil && err != io.EOF {
		return Sniff, r.cause(err)
	}
	switch {
	case len(head) == 2 && head[0] == magic0 && head[1] == magic1:
		return Gzip, nil
	case len(head) == 1 && head[0] == magic0:
		return Sniff, r.cause(io.ErrUnexpectedEOF)
	default:
		return Plain, nil
	}
}

// gunzip unpacks member after member. After the last one zeros may follow, to
// pad the object; anything else is corrupt, because it may be a member whose
// head is damaged.
func (r *Reader) gunzip(in *inflater) error {
	for {
		at := r.opts.Offset + r.source.n - int64(in.reader.Buffered())
		if err := in.gzip.Reset(in.reader); err != nil {
			return r.cause(err)
		}
		in.gzip.Multistream(false)
		if err := r.fill(&in.gzip, Block{Packing: Gzip, Offset: at}); err != nil {
			return r.cause(err)
		}
		head, err := in.reader.Peek(1)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return r.cause(err)
		case head[0] == 0:
			return r.padding(in.reader)
		}
	}
}

// padding reads zeros up to the object's end.
func (r *Reader) padding(from *bufio.Reader) error {
	for {
		c, err := from.ReadByte()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return r.cause(err)
		case c != 0:
			return fmt.Errorf("%w: garbage after the last gzip member", ErrCorrupt)
		}
	}
}
