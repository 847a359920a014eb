package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"sync"

	"github.com/klauspost/compress/zstd"
)

const zstdMagic = "\x28\xb5\x2f\xfd"

// zstdDecoders work in the goroutine that reads from them. Their windows are
// checked before a frame comes to them.
var zstdDecoders = sync.Pool{New: func() any {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(1<<32))
	if err != nil {
		panic(err) // an option is wrong
	}
	return d
}}

// unzstd unpacks frame after frame.
func (r *Reader) unzstd(in *bufio.Reader, depth int) error {
	d := zstdDecoders.Get().(*zstd.Decoder)
	f := &frames{in: in, r: r, depth: depth, magic: zstdMagic, decoder: d}
	f.open = func() (func() (int64, error), error) {
		return zstdParts(in, r.opts.MaxWindow), d.Reset(packed{f})
	}
	err := r.content(Zstd, f, depth)
	if d.Reset(nil) == nil {
		zstdDecoders.Put(d)
	}
	return err
}

// zstdParts finds a frame's parts: header, blocks, checksum.
func zstdParts(in *bufio.Reader, maxWindow int64) func() (int64, error) {
	const (
		header = iota
		block
		checksum
		end
	)
	part, sum := header, int64(0)
	return func() (int64, error) {
		switch part {
		case header:
			part = block
			head, window, err := zstdHeader(in)
			if err != nil {
				return 0, err
			}
			if window > uint64(maxWindow) {
				return 0, windowError(window, maxWindow)
			}
			sum = int64(head[4] >> 2 & 1 * 4)
			return int64(len(head)), nil
		case block:
			b, err := in.Peek(3)
			if err != nil {
				return 0, err
			}
			n := uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16
			if n&1 != 0 {
				part = checksum
			}
			if n>>1&3 == 1 { // one byte, many times
				return 3 + 1, nil
			}
			return 3 + int64(n>>3), nil
		case checksum:
			part = end
			return sum, nil
		default:
			return 0, nil
		}
	}
}

// zstdHeader looks at a frame's header and tells how large a window it wants:
// where it does not say, the whole content.
func zstdHeader(in *bufio.Reader) (head []byte, window uint64, err error) {
	if head, err = in.Peek(5); err != nil {
		return nil, 0, err
	}
	flags := head[4]
	if flags>>3&1 != 0 {
		return nil, 0, errors.New("a reserved bit is set")
	}
	single := flags>>5&1 != 0
	content := [...]int{0, 2, 4, 8}[flags>>6]
	if single && content == 0 {
		content = 1
	}
	at := 5
	if !single {
		at++
	}
	at += [...]int{0, 1, 2, 4}[flags&3] // the dictionary's number
	if head, err = in.Peek(at + content); err != nil {
		return nil, 0, err
	}
	if !single {
		exponent, mantissa := head[5]>>3, head[5]&7
		window = 1 << (10 + exponent)
		return head, window + window/8*uint64(mantissa), nil
	}
	var size [8]byte
	copy(size[:], head[at:])
	window = binary.LittleEndian.Uint64(size[:])
	if content == 2 {
		window += 256
	}
	return head, window, nil
}
