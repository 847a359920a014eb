package inflate

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
)

// A Wrapping is what stands around a deflate stream.
type Wrapping uint8

// The wrappings.
const (
	Raw  Wrapping = iota // nothing
	Zlib                 // https://www.rfc-editor.org/rfc/rfc1950, without a dictionary
	Gzip                 // one member of https://www.rfc-editor.org/rfc/rfc1952
)

// ErrChecksum is returned where checksum or length of what was unpacked are not as
// the stream says.
var ErrChecksum = errors.New("its checksum or length is another")

var (
	errHeader     = errors.New("invalid header")
	errHeaderSum  = errors.New("the checksum of its header is another")
	errDictionary = errors.New("it needs a dictionary")
)

const (
	methodDeflate = 8
	maxWindowBits = 7 // 32 KiB, as zlib writes it
	presetFlag    = 0x20
)

func zlibHeader(in *bufio.Reader) error {
	var head [2]byte
	if _, err := io.ReadFull(in, head[:]); err != nil {
		return early(err)
	}
	switch {
	case head[0]&0x0f != methodDeflate, head[0]>>4 > maxWindowBits, binary.BigEndian.Uint16(head[:])%31 != 0:
		return errHeader
	case head[1]&presetFlag != 0:
		return errDictionary
	}
	return nil
}

// The flags of a gzip member.
const (
	flagSum = 1 << (iota + 1)
	flagExtra
	flagName
	flagComment
	flagReserved // and those above
)

func gzipHeader(in *bufio.Reader) error {
	h := summing{in: in}
	var head [10]byte
	if err := h.read(head[:]); err != nil {
		return err
	}
	flags := head[3]
	if head[0] != 0x1f || head[1] != 0x8b || head[2] != methodDeflate || flags >= flagReserved {
		return errHeader
	}
	if flags&flagExtra != 0 {
		var size [2]byte
		if err := h.read(size[:]); err != nil {
			return err
		}
		if err := h.skip(int(binary.LittleEndian.Uint16(size[:]))); err != nil {
			return err
		}
	}
	for _, f := range []byte{flagName, flagComment} {
		if flags&f != 0 {
			if err := h.skipString(); err != nil {
				return err
			}
		}
	}
	if flags&flagSum == 0 {
		return nil
	}
	want := uint16(h.sum)
	var sum [2]byte
	if err := h.read(sum[:]); err != nil {
		return err
	}
	if binary.LittleEndian.Uint16(sum[:]) != want {
		return errHeaderSum
	}
	return nil
}

// summing reads a header and keeps its checksum.
type summing struct {
	in  *bufio.Reader
	sum uint32
}

func (s *summing) read(b []byte) error {
	n, err := io.ReadFull(s.in, b)
	s.sum = crc32.Update(s.sum, crc32.IEEETable, b[:n])
	return early(err)
}

func (s *summing) skip(n int) error {
	var b [64]byte
	for n > 0 {
		m := min(n, len(b))
		if err := s.read(b[:m]); err != nil {
			return err
		}
		n -= m
	}
	return nil
}

// skipString passes over bytes up to a NUL, however many they are.
func (s *summing) skipString() error {
	for b := []byte{1}; b[0] != 0; {
		if err := s.read(b); err != nil {
			return err
		}
	}
	return nil
}

// trailer reads what follows the stream and checks it. If it is right that is io.EOF.
func (r *Reader) trailer() error {
	var b [8]byte
	var fits bool
	switch r.wrapped {
	case Gzip:
		if _, err := io.ReadFull(r.in, b[:]); err != nil {
			return early(err)
		}
		fits = binary.LittleEndian.Uint32(b[:]) == r.crc && binary.LittleEndian.Uint32(b[4:]) == r.size
	case Zlib:
		if _, err := io.ReadFull(r.in, b[:4]); err != nil {
			return early(err)
		}
		fits = binary.BigEndian.Uint32(b[:]) == r.adler.Sum32()
	default:
		fits = true
	}
	if !fits {
		return ErrChecksum
	}
	return io.EOF
}

// early is err where bytes must follow.
func early(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}
