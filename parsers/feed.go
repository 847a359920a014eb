package parsers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// A feed is the window through which a cutter sees an object's unpacked bytes.
// An element that lies wholly in a block is a slice of it; only one that
// crosses blocks is copied, and of that no more than is wanted.
type feed struct {
	ctx     context.Context
	blocks  *unpack.Reader
	block   unpack.Block
	blockAt int64        // of the block's first byte, in unpacked bytes from where reading began
	plain   bool         // the object is not packed
	again   bool         // reading can begin again within the block
	edit    func([]byte) // what is done to each block as it comes, or nil

	transcoder *transcoder // what makes UTF-8 of each block, or nil
	first      *firstBlock // what next returns first, or nil

	buf    []byte // the window: the block's bytes, or carry
	base   int64  // of buf[0], as blockAt
	pos    int    // in buf: everything before it was looked at
	window int    // counts the windows: places in buf mean nothing in the next

	start int   // in buf: where the open element begins
	from  int64 // the same, as blockAt
	keep  int   // how many of its bytes are wanted, at least
	state state
	carry []byte // those that had to be copied
	taken int    // how many of the block's bytes are in carry
	spots []spot // of the blocks that carry has bytes of, and maybe of earlier ones
}

// A state says where the open element's bytes are.
type state uint8

const (
	inBlock state = iota // in the block, which is the window
	carried              // in carry, which is the window
	dropped              // what is wanted in carry; the rest passes by in blocks
	rewound              // in carry, which is the window and has bytes of other elements around it
)

// piece is how much of a block is copied at least to complete an element.
const piece = 512

// offset is the window's position in unpacked bytes.
func (f *feed) offset() int64 { return f.base + int64(f.pos) }

// corrupt is an error at the window's position.
func (f *feed) corrupt(format string, args ...any) error {
	return &CorruptError{Offset: f.offset(), Reason: fmt.Sprintf(format, args...)}
}

// next replaces the block. At the object's end the error is io.EOF.
func (f *feed) next() error {
	b, err := f.take()
	if f.transcoder != nil {
		b, err = f.transcoder.next(f, b, err)
	}
	switch {
	case err == nil || err == io.EOF:
	case errors.Is(err, unpack.ErrCorrupt):
		return &CorruptError{Offset: f.offset(), Reason: err.Error(), Err: err}
	default:
		return fmt.Errorf("at unpacked byte %d: %w", f.offset(), err)
	}
	f.blockAt += int64(len(f.block.Data))
	f.block, f.plain, f.again = b, b.Packing == unpack.Plain, b.Packing.Restartable()
	if f.edit != nil {
		f.edit(b.Data)
	}
	return err
}

// A firstBlock is what Next returned before the encoding was known.
type firstBlock struct {
	unpack.Block
	err error
}

func (f *feed) take() (unpack.Block, error) {
	if first := f.first; first != nil {
		f.first = nil
		return first.Block, first.err
	}
	return f.blocks.Next(f.ctx)
}

// show makes the block the window.
func (f *feed) show(pos int) {
	f.buf, f.base, f.pos = f.block.Data, f.blockAt, pos
	f.window++
}

// advance shows what follows the window. At the object's end the error is io.EOF.
func (f *feed) advance() error {
	if f.state == rewound {
		f.state = inBlock
		if f.taken < len(f.block.Data) {
			f.show(f.taken)
			return nil
		}
	}
	err := f.next()
	f.show(0)
	return err
}

// skip passes over n bytes.
func (f *feed) skip(n int64) error {
	for n > 0 {
		if f.pos == len(f.buf) {
			if err := f.advance(); err == io.EOF {
				return f.corrupt("the object ends before the place to go on from")
			} else if err != nil {
				return err
			}
		}
		step := min(n, int64(len(f.buf)-f.pos))
		f.pos += int(step)
		n -= step
	}
	return nil
}

// open begins an element at pos, of which at least the first keep bytes are
// wanted.
func (f *feed) open(keep int) {
	f.start, f.from, f.keep = f.pos, f.offset(), keep
}

// more shows further bytes of the open element, when pos is at the window's
// end. At the object's end the error is io.EOF, and the element may be closed.
func (f *feed) more() error {
	enough := f.state == dropped || f.pos-f.start >= f.keep
	from := f.state
	if from == inBlock || from == rewound {
		if from == inBlock {
			f.taken, f.spots = len(f.block.Data), append(f.spots[:0], f.spot())
		}
		f.forgetSpots()
		wanted := f.buf[f.start:]
		f.carry = append(f.carry[:0], wanted[:min(len(wanted), f.keep)]...)
		f.state = carried
	}
	if enough {
		return f.drop()
	}
	if from == inBlock || from == rewound {
		f.buf, f.base, f.pos, f.start = f.carry, f.from, len(f.carry), 0
		f.window++
	}
	if f.taken == len(f.block.Data) {
		f.taken = 0
		if err := f.next(); err != nil {
			return err
		}
		f.spots = append(f.spots, f.spot())
	}
	n := min(len(f.block.Data)-f.taken, max(len(f.carry), piece), f.keep-len(f.carry))
	f.carry = append(f.carry, f.block.Data[f.taken:f.taken+n]...)
	f.taken += n
	f.buf = f.carry
	f.window++
	return nil
}

// drop shows bytes of the open element that nobody wants.
func (f *feed) drop() error {
	if f.state == carried && f.taken < len(f.block.Data) {
		f.state = dropped
		f.show(f.taken)
		return nil
	}
	f.state = dropped
	return f.advance()
}

// close ends the element at pos and gives the bytes of it that there are, at
// least as many as were wanted, and its length.
func (f *feed) close() (kept []byte, length int64) {
	if f.state != inBlock {
		return f.closeCopied()
	}
	return f.buf[f.start:f.pos], int64(f.pos - f.start)
}

// closeCopied is close for an element that is not in a block.
func (f *feed) closeCopied() (kept []byte, length int64) {
	length = f.offset() - f.from
	switch f.state {
	case rewound:
		return f.closeRewound(), length
	case carried:
		kept = f.carry[:f.pos]
		f.show(f.taken - (len(f.carry) - f.pos))
	default:
		kept = f.carry
	}
	f.state = inBlock
	return kept, length
}

// nextByte is where in the window the next c is from pos on, or the window's end.
func (f *feed) nextByte(c byte) int {
	if i := bytes.IndexByte(f.buf[f.pos:], c); i >= 0 {
		return f.pos + i
	}
	return len(f.buf)
}

// placeOf is where in the window b begins, if it is a piece of it.
func (f *feed) placeOf(b []byte) (at int, ok bool) {
	at = cap(f.buf) - cap(b)
	return at, len(b) > 0 && at >= 0 && at < len(f.buf) && &f.buf[at] == &b[0]
}

// cutPoint is where b, which is longer than n bytes, is cut so that at most n
// stay and no character of UTF-8 is halved.
func cutPoint(b []byte, n int) int {
	for i := n; i > max(0, n-utf8.UTFMax); i-- {
		if utf8.RuneStart(b[i]) {
			return i
		}
	}
	return n // not UTF-8
}
