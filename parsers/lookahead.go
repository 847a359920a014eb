package parsers

import (
	"bytes"
	"slices"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// maxLookahead is how many bytes ahead a cutter may look before it decides what
// they are.
const maxLookahead = 64 << 10

// A spot says where a block lies in the object. It outlives the block.
type spot struct {
	unpack.Block       // without its Data
	at           int64 // of the block's first byte, as feed.blockAt
}

// spot is the current block's.
func (f *feed) spot() spot {
	s := spot{f.block, f.blockAt}
	s.Data = nil
	return s
}

// spotAt returns the spot of the byte at pos, which may come from an earlier
// block than the current one.
func (f *feed) spotAt() spot {
	if f.state == rewound {
		at := f.offset()
		for i := len(f.spots) - 1; i >= 0; i-- {
			if f.spots[i].at <= at {
				return f.spots[i]
			}
		}
	}
	return f.spot()
}

// lineAhead returns the bytes from pos through the end of the line that has the
// first byte behind n bytes which is not white space. pos stays, but the window
// may change. Where the object ends earlier, the error is io.EOF; what is longer
// than maxLookahead is cut there, without a line's end. What is returned depends
// on the object alone, not on its blocks.
func (f *feed) lineAhead(n int) (ahead []byte, err error) {
	f.open(maxLookahead)
	for {
		ahead = f.buf[f.start:]
		ahead = ahead[:min(len(ahead), maxLookahead)]
		if end := lineEnd(ahead, n); end > 0 {
			ahead = ahead[:end]
			break
		}
		if len(ahead) == maxLookahead {
			break
		}
		f.pos = len(f.buf)
		if err = f.more(); err != nil {
			ahead = f.buf[f.start:]
			break
		}
	}
	f.rewind()
	return ahead, err
}

// lineEnd returns where the line ends that has the first byte behind b[:n] which
// is not white space, or 0 if that is not in b.
func lineEnd(b []byte, n int) int {
	n = skipSpace(b, min(n, len(b)))
	i := bytes.IndexByte(b[n:], '\n')
	if i < 0 {
		return 0
	}
	return n + i + 1
}

// rewind closes the open element, of which nothing was dropped, and moves back
// to where it began.
func (f *feed) rewind() {
	f.pos = f.start
	if f.state == carried {
		f.state = rewound
	}
}

// closeRewound is close for an element in a window that was rewound. As soon as
// what follows is in the block alone, the block is the window again.
func (f *feed) closeRewound() []byte {
	kept := f.buf[f.start:f.pos]
	if at := f.taken - (len(f.carry) - f.pos); at >= 0 {
		f.state = inBlock
		f.show(at)
	}
	return kept
}

// forgetSpots drops those of blocks in front of the open element.
func (f *feed) forgetSpots() {
	for len(f.spots) > 1 && f.spots[1].at <= f.from {
		f.spots = slices.Delete(f.spots, 0, 1)
	}
}

// firstOf returns the offset of the first c behind pos among the bytes that were
// read so far, or -1.
func (f *feed) firstOf(c byte) int64 {
	if i := bytes.IndexByte(f.buf[f.pos:], c); i >= 0 {
		return f.offset() + int64(i)
	}
	if f.state == rewound {
		if i := bytes.IndexByte(f.block.Data[f.taken:], c); i >= 0 {
			return f.blockAt + int64(f.taken+i)
		}
	}
	return -1
}
