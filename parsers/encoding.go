package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// encodings are the values of the option "encoding", which every text format
// has. An object in another one than UTF-8 is turned into it, with U+FFFD for
// what is no character, before it is cut: lengths and offsets are those of the
// UTF-8, and reading can begin again at its start alone. A byte order mark in
// front is passed over.
var encodings = map[string]encoding.Encoding{
	"":         nil, // utf-8
	"utf-8":    nil, // whose bytes are passed on as they are, valid or not
	"utf-16":   unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM),
	"utf-16le": unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM),
	"utf-16be": unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM),
	"latin-1":  charmap.ISO8859_1,
}

func compileEncoding(name string) (encoding.Encoding, error) {
	e, ok := encodings[name]
	if !ok {
		known := slices.Sorted(maps.Keys(encodings))[1:]
		return nil, fmt.Errorf("encoding is %q; it must be one of %s", name, strings.Join(known, ", "))
	}
	return e, nil
}

const byteOrderMark = "\uFEFF"

// beginText shows a text's first bytes, behind a byte order mark if there is one.
// Behind a Restart they are in the window already.
func (r *run) beginText(e encoding.Encoding) error {
	if r.resumed {
		return nil
	}
	if e != nil {
		r.transcoder = &transcoder{decoder: e.NewDecoder()}
	}
	err := r.advance()
	for err == nil && len(r.buf) < len(byteOrderMark) && strings.HasPrefix(byteOrderMark, string(r.buf)) {
		err = r.join()
	}
	if bytes.HasPrefix(r.buf, []byte(byteOrderMark)) {
		r.pos = len(byteOrderMark)
	}
	if err == io.EOF {
		return nil // whoever cuts the text will see it again
	}
	return err
}

// join puts the first block, in which no second record can begin, in front of
// the next.
func (f *feed) join() error {
	first, at := slices.Clone(f.block.Data), f.blockAt
	err := f.next()
	f.block.Data = append(first, f.block.Data...)
	f.block.Skip -= int64(len(first))
	f.blockAt = at
	f.show(0)
	return err
}

// A transcoder makes UTF-8 of blocks in another encoding.
type transcoder struct {
	decoder *encoding.Decoder
	in      []byte // what of the blocks so far is no whole character yet, and the next
	out     []byte
}

// maxExpansion is how many bytes of UTF-8 a byte may become: two of Latin-1,
// one and a half of UTF-16.
const maxExpansion = 2

// next is what Next gave to f, or if no character was complete with that, what
// it gives then.
func (t *transcoder) next(f *feed, b unpack.Block, err error) (unpack.Block, error) {
	for ; ; b, err = f.blocks.Next(f.ctx) {
		end := err == io.EOF
		if err != nil && (!end || len(t.in) == 0) {
			return b, err
		}
		t.in = append(t.in, b.Data...)
		if need := maxExpansion*len(t.in) + len(byteOrderMark); cap(t.out) < need {
			t.out = make([]byte, need)
		}
		n, used, err := t.decoder.Transform(t.out[:cap(t.out)], t.in, end)
		switch {
		case errors.Is(err, unicode.ErrMissingBOM):
			return b, fmt.Errorf("%w: no byte order mark in front; write utf-16le or utf-16be", unpack.ErrCorrupt)
		case err != nil && err != transform.ErrShortSrc:
			return b, err
		case end && len(t.in)%2 != 0: // of UTF-16: nothing else leaves bytes for the end
			return b, fmt.Errorf("%w: truncated UTF-16", unpack.ErrCorrupt)
		}
		t.in = t.in[:copy(t.in, t.in[used:])]
		if n > 0 {
			b.Data = t.out[:n]
			return b, nil
		}
	}
}
