package unpack

import (
	"bufio"
	"encoding/binary"

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
