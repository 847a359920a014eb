package unpack

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"hash/crc64"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

// The parts of a stream, https://tukaani.org/xz/xz-file-format.txt. The library
// decodes the LZMA2 in them; its reader of the whole takes a stream that ends
// between two blocks for whole, and as much memory as the stream wants.
const (
	xzMagic     = "\xfd7zXZ\x00"
	xzFooter    = "YZ"
	xzHeaderLen = 12 // in bytes; the footer's too
	lzma2Filter = 0x21
)

// xzChecks are the known kinds of check of a block, by their number.
var xzChecks = map[byte]func() hash.Hash{
	0:  nil,
	1:  func() hash.Hash { return crc32.NewIEEE() },
	4:  func() hash.Hash { return crc64.New(crc64.MakeTable(crc64.ECMA)) },
	10: sha256.New,
}

// An unxz unpacks stream after stream.
type unxz struct {
	in        *bufio.Reader
	begun     bool
	maxWindow int64

	flags  byte             // of the stream: the kind of check
	check  func() hash.Hash // of that kind; nil is none
	blocks uint64           // of the stream so far
	sizes  hash.Hash        // of their sizes, which the index has again

	lzma2    *lzma.Reader2 // of the block; nil between two
	sum      hash.Hash
	from     counted
	overhead int64 // bytes of the block that are neither LZMA2 nor padding
	unpacked int64
	packedIs int64 // as the block's header has them; -1 if it has not
	plainIs  int64
}

// counted counts the bytes that are read from in, where bytes must follow.
type counted struct {
	in *bufio.Reader
	n  int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.in.Read(p)
	c.n += int64(n)
	return n, early(err)
}

func (c *counted) ReadByte() (byte, error) {
	b, err := c.in.ReadByte()
	if err == nil {
		c.n++
	}
	return b, early(err)
}

func (x *unxz) next() (int64, error) {
	for x.begun {
		head, err := x.in.Peek(4)
		switch {
		case len(head) == 0:
			return 0, err
		case err != nil:
			return 0, early(err)
		}
		if !zeros(head) {
			break
		}
		_, _ = x.in.Discard(len(head))
	}
	x.begun = true
	var head [xzHeaderLen]byte
	if _, err := io.ReadFull(x.in, head[:]); err != nil {
		return 0, early(err)
	}
	if string(head[:6]) != xzMagic {
		return 0, errors.New("no stream begins where one should")
	}
	if crc32.ChecksumIEEE(head[6:8]) != binary.LittleEndian.Uint32(head[8:]) {
		return 0, errors.New("checksum of a stream's header")
	}
	check, ok := xzChecks[head[7]]
	if !ok || head[6] != 0 {
		return 0, fmt.Errorf("unknown flags % x", head[6:8])
	}
	x.flags, x.check, x.blocks, x.sizes = head[7], check, 0, crc64.New(crc64.MakeTable(crc64.ECMA))
	return 0, nil
}

// Read gives the stream's unpacked bytes.
func (x *unxz) Read(p []byte) (int, error) {
	for {
		if x.lzma2 == nil {
			more, err := x.block()
			if err != nil {
				return 0, early(err)
			}
			if !more {
				return 0, io.EOF
			}
		}
		n, err := x.lzma2.Read(p)
		x.unpacked += int64(n)
		if x.sum != nil {
			x.sum.Write(p[:n])
		}
		if err == io.EOF {
			x.lzma2, err = nil, early(x.endBlock())
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// block begins the next one. If there is no more, the stream is read to its end.
func (x *unxz) block() (more bool, err error) {
	size, err := x.in.ReadByte()
	if err != nil {
		return false, err
	}
	if size == 0 {
		return false, x.end()
	}
	head := make([]byte, (int(size)+1)*4)
	head[0] = size
	if _, err := io.ReadFull(x.in, head[1:]); err != nil {
		return false, err
	}
	body, sum := head[:len(head)-4], head[len(head)-4:]
	if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(sum) {
		return false, errors.New("checksum of a block's header")
	}
	window, err := x.header(body)
	if err != nil {
		return false, err
	}
	if window > x.maxWindow {
		return false, windowError(uint64(window), x.maxWindow)
	}
	x.from, x.unpacked, x.overhead, x.sum = counted{in: x.in}, 0, int64(len(head)), nil
	if x.check != nil {
		x.sum = x.check()
		x.overhead += int64(x.sum.Size())
	}
	x.lzma2, err = lzma.Reader2Config{DictCap: int(max(window, lzma.MinDictCap))}.NewReader2(&x.from)
	return true, err
}

// header reads a block's header.
func (x *unxz) header(b []byte) (window int64, err error) {
	flags, in := b[1], bytes.NewReader(b[2:])
	x.packedIs, x.plainIs = -1, -1
	for _, f := range []struct {
		flag byte
		size *int64
	}{{0x40, &x.packedIs}, {0x80, &x.plainIs}} {
		if flags&f.flag != 0 {
			n, err := binary.ReadUvarint(in)
			if err != nil || n>>63 != 0 {
				return 0, errors.New("size in a block's header")
			}
			*f.size = int64(n)
		}
	}
	var filter [3]byte
	if _, err := io.ReadFull(in, filter[:]); err != nil {
		return 0, errors.New("short block header")
	}
	if flags&0x3F != 0 || filter[0] != lzma2Filter || filter[1] != 1 {
		return 0, errors.New("another filter than LZMA2")
	}
	if filter[2] > 40 || !zeros(b[len(b)-in.Len():]) {
		return 0, errors.New("block header")
	}
	if window, err = lzma.DecodeDictCap(filter[2]); err != nil {
		return 0, err
	}
	return window, nil
}

// endBlock checks what is behind a block's data, and its sizes.
func (x *unxz) endBlock() error {
	if x.packedIs >= 0 && x.packedIs != x.from.n || x.plainIs >= 0 && x.plainIs != x.unpacked {
		return errors.New("a block's size is not what its header says")
	}
	x.blocks++
	x.size(uint64(x.overhead+x.from.n), uint64(x.unpacked))
	pad := make([]byte, -x.from.n&3)
	if _, err := io.ReadFull(x.in, pad); err != nil {
		return err
	}
	if !zeros(pad) {
		return errors.New("padding of a block")
	}
	if x.sum == nil {
		return nil
	}
	sum := make([]byte, x.sum.Size())
	if _, err := io.ReadFull(x.in, sum); err != nil {
		return err
	}
	computed := x.sum.Sum(nil)
	if len(sum) < sha256.Size { // a CRC, written little-endian
		for i, j := 0, len(sum)-1; i < j; i, j = i+1, j-1 {
			computed[i], computed[j] = computed[j], computed[i]
		}
	}
	if !bytes.Equal(sum, computed) {
		return errors.New("checksum of a block")
	}
	return nil
}

// size adds a block's sizes to the hash of all.
func (x *unxz) size(packed, unpacked uint64) {
	var b [16]byte
	binary.LittleEndian.PutUint64(b[:], packed)
	binary.LittleEndian.PutUint64(b[8:], unpacked)
	x.sizes.Write(b[:])
}

// end reads index and footer, behind the index's first byte.
func (x *unxz) end() error {
	want := x.sizes.Sum(nil)
	x.sizes.Reset()
	index := &summed{counted: counted{in: x.in}, sum: crc32.NewIEEE()}
	index.sum.Write([]byte{0})
	n, err := binary.ReadUvarint(index)
	if err != nil {
		return err
	}
	if n != x.blocks {
		return errors.New("number of blocks in the index")
	}
	for range n {
		packed, err := binary.ReadUvarint(index)
		if err != nil {
			return err
		}
		unpacked, err := binary.ReadUvarint(index)
		if err != nil {
			return err
		}
		x.size(packed, unpacked)
	}
	if !bytes.Equal(x.sizes.Sum(nil), want) {
		return errors.New("sizes of blocks in the index")
	}
	for (1+index.n)%4 != 0 {
		if c, err := index.ReadByte(); err != nil {
			return err
		} else if c != 0 {
			return errors.New("padding of the index")
		}
	}
	var tail [4 + xzHeaderLen]byte
	if _, err := io.ReadFull(x.in, tail[:]); err != nil {
		return err
	}
	footer := tail[4:]
	switch {
	case binary.LittleEndian.Uint32(tail[:]) != index.sum.Sum32():
		return errors.New("checksum of the index")
	case binary.LittleEndian.Uint32(footer) != crc32.ChecksumIEEE(footer[4:10]):
		return errors.New("checksum of a stream's footer")
	case 4*(int64(binary.LittleEndian.Uint32(footer[4:]))+1) != 1+index.n+4:
		return errors.New("size of the index")
	case footer[8] != 0 || footer[9] != x.flags || string(footer[10:]) != xzFooter:
		return errors.New("footer of a stream")
	}
	return nil
}

// summed sums the bytes that are read, too.
type summed struct {
	counted
	sum hash.Hash32
}

func (s *summed) ReadByte() (byte, error) {
	c, err := s.counted.ReadByte()
	if err == nil {
		s.sum.Write([]byte{c})
	}
	return c, err
}

func zeros(b []byte) bool { return len(bytes.Trim(b, "\x00")) == 0 }
