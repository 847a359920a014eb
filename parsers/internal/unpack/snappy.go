package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"

	"github.com/klauspost/compress/snappy"
)

// A snappy-java stream begins with 8 bytes of magic number and two versions.
const (
	xerialMagic  = "\x82SNAPPY\x00"
	xerialHeader = len(xerialMagic) + 4 + 4
)

var errLength = errors.New("a block's length is not what it says")

// unsnappy unpacks blocks of snappy, each of which is held in memory twice.
type unsnappy struct {
	in    *bufio.Reader
	limit int64 // of a block, packed or not
	// next reads the next block's packed bytes; behind the last the error is
	// io.EOF.
	next   func(*unsnappy) error
	packed []byte
	plain  []byte
	given  int   // bytes of plain
	left   int64 // of Hadoop's block, unpacked
}

// Read implements io.Reader.
func (s *unsnappy) Read(p []byte) (int, error) {
	for s.given == len(s.plain) {
		if err := s.next(s); err != nil {
			return 0, err
		}
		if err := s.decode(); err != nil {
			return 0, err
		}
	}
	n := copy(p, s.plain[s.given:])
	s.given += n
	return n, nil
}

func (s *unsnappy) decode() error {
	n, err := snappy.DecodedLen(s.packed)
	switch {
	case err != nil:
		return err
	case int64(n) > s.limit:
		return windowError(uint64(n), s.limit)
	}
	if s.plain = s.plain[:cap(s.plain)]; n > len(s.plain) {
		s.plain = make([]byte, n)
	}
	s.plain, err = snappy.Decode(s.plain, s.packed)
	s.given = 0
	return err
}

// read reads a block of n packed bytes.
func (s *unsnappy) read(n int64) error {
	if n > s.limit {
		return windowError(uint64(n), s.limit)
	}
	if int64(cap(s.packed)) < n {
		s.packed = make([]byte, n)
	}
	s.packed = s.packed[:n]
	_, err := io.ReadFull(s.in, s.packed)
	return early(err)
}

// length reads four bytes. At the object's end the error is io.EOF.
func (s *unsnappy) length() (int64, error) {
	var b [4]byte
	_, err := io.ReadFull(s.in, b[:])
	return int64(binary.BigEndian.Uint32(b[:])), err
}

// nextXerial reads a block of snappy-java's. A header may come again, where
// files were joined.
func nextXerial(s *unsnappy) error {
	for {
		head, _ := s.in.Peek(len(xerialMagic)) // the read below meets an error again
		if string(head) != xerialMagic {
			break
		}
		if _, err := s.in.Discard(xerialHeader); err != nil {
			return early(err)
		}
	}
	n, err := s.length()
	if err != nil {
		return err
	}
	return s.read(n)
}

// nextHadoop reads a chunk of Hadoop's BlockCompressorStream: each block says
// how long it is unpacked, and each of its chunks how long it is packed.
func nextHadoop(s *unsnappy) error {
	s.left -= int64(len(s.plain))
	for s.left == 0 {
		var err error
		if s.left, err = s.length(); err != nil {
			return err
		}
	}
	n, err := s.length()
	if err != nil {
		return early(err)
	}
	if err := s.read(n); err != nil {
		return err
	}
	if plain, err := snappy.DecodedLen(s.packed); err != nil || int64(plain) > s.left {
		return errLength
	}
	return nil
}

// nextRaw reads the only block, which is the whole object.
func nextRaw(s *unsnappy) error {
	head, err := s.in.Peek(binary.MaxVarintLen32)
	if len(head) == 0 || s.plain != nil {
		return err
	}
	size, n := binary.Uvarint(head)
	if n <= 0 {
		return early(err)
	}
	if size > uint64(s.limit) {
		return windowError(size, s.limit)
	}
	most := int64(snappy.MaxEncodedLen(int(size)))
	s.packed, err = io.ReadAll(io.LimitReader(s.in, most+1))
	if err == nil && int64(len(s.packed)) > most {
		err = errLength
	}
	return err
}
