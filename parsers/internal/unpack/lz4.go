package unpack

import (
	"bufio"
	"encoding/binary"
	"io"
	"slices"

	"github.com/pierrec/lz4/v4"
)

const lz4Magic = "\x04\x22\x4d\x18"

// unlz4 unpacks frame after frame. A block is 4 MiB at most, and two are held.
func (r *Reader) unlz4(in *bufio.Reader, depth int) error {
	f := &frames{in: in, r: r, depth: depth, magic: lz4Magic}
	f.open = func() (func() (int64, error), error) {
		f.decoder = lz4.NewReader(packed{f}) // a used one would remember the last frame's bytes
		return lz4Parts(in), nil
	}
	return r.content(LZ4, f, depth)
}

// lz4Parts finds a frame's parts: header, blocks, end mark with checksum.
func lz4Parts(in *bufio.Reader) func() (int64, error) {
	const (
		header = iota
		block
		end
	)
	var part int
	var flags byte
	return func() (int64, error) {
		switch part {
		case header:
			head, err := in.Peek(5)
			if err != nil {
				return 0, err
			}
			part, flags = block, head[4]
			// magic number, flags, block size and header checksum; the content's
			// size, the dictionary's number
			return 4 + 3 + 8*int64(flags>>3&1) + 4*int64(flags&1), nil
		case block:
			b, err := in.Peek(4)
			if err != nil {
				return 0, err
			}
			if n := binary.LittleEndian.Uint32(b) &^ (1 << 31); n > 0 {
				return 4 + int64(n) + 4*int64(flags>>4&1), nil
			}
			part = end
			return 4 + 4*int64(flags>>2&1), nil
		default:
			return 0, nil
		}
	}
}

// The legacy frame, https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md:
// a magic number, then blocks of 8 MiB, of which the last may be shorter.
const (
	legacyMagic = "\x02\x21\x4c\x18"
	legacyBlock = 8 << 20
)

// unlegacy unpacks legacy frames, one after another. It holds a block in memory,
// packed and unpacked.
type unlegacy struct {
	in     *bufio.Reader
	limit  int64
	packed []byte
	plain  []byte
	given  int // bytes of plain
}

// Read implements io.Reader.
func (l *unlegacy) Read(p []byte) (int, error) {
	for l.given == len(l.plain) {
		if err := l.block(); err != nil {
			return 0, err
		}
	}
	n := copy(p, l.plain[l.given:])
	l.given += n
	return n, nil
}

func (l *unlegacy) block() error {
	var head [4]byte
	for {
		if _, err := io.ReadFull(l.in, head[:]); err != nil {
			return err // io.EOF where another block could begin
		}
		if string(head[:]) != legacyMagic {
			break
		}
	}
	n := int(binary.LittleEndian.Uint32(head[:]))
	if n > lz4.CompressBlockBound(legacyBlock) {
		return errMagic
	}
	// No byte becomes more than 255.
	want := min(legacyBlock, 255*n)
	if int64(want) > l.limit {
		return windowError(uint64(want), l.limit)
	}
	l.packed = slices.Grow(l.packed[:0], n)[:n]
	if _, err := io.ReadFull(l.in, l.packed); err != nil {
		return early(err)
	}
	l.plain = slices.Grow(l.plain[:0], want)[:want]
	m, err := lz4.UncompressBlock(l.packed, l.plain)
	l.plain, l.given = l.plain[:max(m, 0)], 0
	return err
}
