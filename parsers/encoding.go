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
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// encodings are the values of the option "encoding", which every text format
// has. An object in another one than UTF-8 is turned into it, with U+FFFD for
// what is no character, before it is cut: lengths and offsets are those of the
// UTF-8, and reading can begin again at its start alone. A byte order mark in
// front is skipped; where it says another encoding, it is right.
var encodings = map[string]encoding.Encoding{
	"":         nil, // utf-8
	"utf-8":    nil, // whose bytes are passed on as they are, valid or not
	"utf-16":   unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM),
	"utf-16le": utf16LE,
	"utf-16be": utf16BE,
	"latin-1":  charmap.ISO8859_1,
}

// The encodings that a byte order mark can name, beside UTF-8.
var (
	utf16LE = unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)
	utf16BE = unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)
	utf32LE = utf32.UTF32(utf32.LittleEndian, utf32.IgnoreBOM)
	utf32BE = utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM)
)

func compileEncoding(name string) (encoding.Encoding, error) {
	e, ok := encodings[name]
	if !ok {
		known := slices.Sorted(maps.Keys(encodings))[1:]
		return nil, fmt.Errorf("encoding is %q; it must be one of %s", name, strings.Join(known, ", "))
	}
	return e, nil
}

const byteOrderMark = "\uFEFF"

// beginText shows a text's first bytes, behind a byte order mark if there is one,
// once they are known to be text. e is the encoding that the source states, or
// nil; a byte order mark counts more. Without either, asciiFirst says that the
// format begins with two ASCII characters, by which UTF-16 and UTF-32 can be told
// (RFC 4627, section 3; XML, appendix F). Behind a Restart the first bytes are in
// the window already, and were looked at when the object was begun.
func (r *run) beginText(e encoding.Encoding, asciiFirst bool) error {
	if r.resumed {
		return nil
	}
	r.transcoder = nil
	b, err := r.blocks.Next(r.ctx)
	if err == nil {
		if e, err = r.look(b.Head, e, asciiFirst); err != nil {
			return err
		}
		if e != nil {
			r.transcoder = newTranscoder(e)
		}
	}
	r.first = &firstBlock{b, err}
	err = r.advance()
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
	unit    int    // bytes that an object's length must be a multiple of
	in      []byte // what of the blocks so far is no whole character yet, and the next
	out     []byte
}

func newTranscoder(e encoding.Encoding) *transcoder {
	t := &transcoder{decoder: e.NewDecoder(), unit: 2}
	switch e {
	case charmap.ISO8859_1:
		t.unit = 1
	case utf32LE, utf32BE:
		t.unit = 4
	}
	return t
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
		case end && len(t.in)%t.unit != 0:
			return b, fmt.Errorf("%w: truncated UTF-%d", unpack.ErrCorrupt, 8*t.unit)
		}
		t.in = t.in[:copy(t.in, t.in[used:])]
		if n > 0 {
			b.Data = t.out[:n]
			return b, nil
		}
	}
}
