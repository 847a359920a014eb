package unpack

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"unicode/utf8"

	"github.com/klauspost/compress/snappy"
	"github.com/ulikunitz/xz/lzma"

	"github.com/devo-s3/collector/parsers/internal/unpack/inflate"
)

// Window is how many of an object's first bytes are looked at, at most, to find
// out what it is.
const Window = 4 << 10

// Detect returns the packing of an object that begins with head. Without whole,
// further bytes may follow, and sure reports whether they cannot change the
// answer; it always is from Window bytes on.
func Detect(head []byte, whole bool) (p Packing, sure bool) {
	sure = true
	for _, m := range magics {
		n := min(len(head), len(m.low))
		switch {
		case !between(head[:n], m.low, m.high):
		case n == len(m.low), whole && !maybeText(head):
			return m.packing, true
		default:
			sure = false
		}
	}
	decided := whole || len(head) >= Window
	if isZlibHead(head) {
		switch {
		case !decided:
			sure = false
		default:
			if t := zlibTrial(head); t == ends || likely(t, zlibRest(head), whole) {
				return Zlib, true
			}
		}
	}
	if bytes.IndexByte(head[:min(len(head), tarName)], '\n') < 0 {
		switch {
		case isTar(head):
			return Tar, true
		case len(head) >= tarDecided:
		case whole && len(head) >= tarName+tarMode && isMode(head[tarName:tarName+tarMode]):
			return Tar, true
		default:
			sure = false
		}
	}
	switch {
	case !hasControl(head):
		return Plain, sure || decided
	case !decided:
		return Plain, false
	default:
		return detectBinary(head, whole), true
	}
}

// isTar reports whether head has the magic number of a tar. The oldest kind has
// none; see isOldTar.
func isTar(head []byte) bool {
	if len(head) < tarDecided {
		return false
	}
	m := head[tarMagic:]
	return bytes.HasPrefix(m, []byte("ustar\x00")) || bytes.HasPrefix(m, []byte("ustar  \x00"))
}

// detectBinary finds packings that have no magic number. head has a byte that
// text rarely has.
func detectBinary(head []byte, whole bool) Packing {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return Plain // UTF-16 with a byte order mark
	case isOldTar(head):
		return Tar
	case isHadoop(head):
		return Hadoop
	case isLZMA(head):
		return LZMA
	case isRawSnappy(head, whole):
		return RawSnappy
	default:
		return Plain
	}
}

// isOldTar reports whether head begins with a file's header as tar wrote it
// before there was a magic number: its checksum is right.
func isOldTar(head []byte) bool {
	const at, size = 148, 8 // of the checksum
	if len(head) < tarBlock || bytes.IndexByte(head[:tarName], '\n') >= 0 || !isMode(head[tarName:tarName+tarMode]) {
		return false
	}
	var want, sum int
	for _, c := range bytes.Trim(head[at:at+size], " \x00") {
		if c < '0' || c > '7' {
			return false
		}
		want = want*8 + int(c-'0')
	}
	for i, c := range head[:tarBlock] {
		if i >= at && i < at+size {
			c = ' '
		}
		sum += int(c)
	}
	return sum == want
}

// isHadoop reports whether head begins a block of Hadoop's BlockCompressorStream
// with snappy in it: two lengths, then a chunk that says what length it has
// unpacked.
func isHadoop(head []byte) bool {
	const lengths = 8
	if len(head) <= lengths || head[0] != 0 || head[4] != 0 {
		return false
	}
	block, chunk := binary.BigEndian.Uint32(head), binary.BigEndian.Uint32(head[4:])
	plain, n := binary.Uvarint(head[lengths:])
	if n <= 0 || plain == 0 || plain > uint64(block) || lengths+n >= len(head) {
		return false
	}
	return int(chunk) <= snappy.MaxEncodedLen(int(plain)) && head[lengths+n]&3 == 0
}

// isLZMA reports whether head begins like a .lzma file
// (https://www.7-zip.org/sdk.html, lzma-specification.txt), which has no magic
// number. The first byte of its coder is always 0.
func isLZMA(head []byte) bool {
	return len(head) > lzma.HeaderLen && head[lzma.HeaderLen] == 0 && lzma.ValidHeader(head[:lzma.HeaderLen])
}

// isRawSnappy reports whether head begins like a block of snappy without frames
// (https://github.com/google/snappy/blob/main/format_description.txt): its
// elements lead from one to the next, each copy is of what came before, and no
// literal follows another, which no encoder does within 64 KiB.
func isRawSnappy(head []byte, whole bool) bool {
	size, at := binary.Uvarint(head)
	if at <= 0 || size == 0 || size > 1<<32-1 {
		return false
	}
	var made uint64
	elements, literal := 0, false
	for at < len(head) {
		e, ok := snappyElementAt(head[at:])
		if !ok {
			break // cut by the end of head
		}
		if e.offset == 0 && literal && made < 1<<16 || e.offset > made || e.offset == 0 && e.copies {
			return false
		}
		at, made, literal, elements = at+e.packed, made+e.length, !e.copies, elements+1
		if made > size {
			return false
		}
	}
	if whole {
		return at == len(head) && made == size || elements >= 8
	}
	return elements >= 8
}

type snappyElement struct {
	packed         int // bytes of it
	length, offset uint64
	copies         bool
}

// snappyElementAt reads the element that b begins with; ok reports whether all
// of its first bytes are there.
func snappyElementAt(b []byte) (e snappyElement, ok bool) {
	tag := b[0]
	extra := [...]int{0, 1, 2, 4}[tag&3]
	e.copies = tag&3 != 0
	if !e.copies && tag>>2 >= 60 {
		extra = int(tag>>2) - 59
	}
	if len(b) <= extra {
		return e, false
	}
	var number [8]byte
	copy(number[:], b[1:1+extra])
	n := binary.LittleEndian.Uint64(number[:])
	e.packed = 1 + extra
	switch {
	case !e.copies && extra == 0:
		e.length = uint64(tag>>2) + 1
	case !e.copies:
		e.length = n + 1
	case extra == 1:
		e.length, e.offset = uint64(tag>>2&7)+4, uint64(tag>>5)<<8|n
	default:
		e.length, e.offset = uint64(tag>>2)+1, n
	}
	if !e.copies {
		e.packed += int(e.length)
	}
	return e, true
}

// hasControl reports whether b has a byte that text rarely has: a NUL or a
// control character that is neither white space nor BS or ESC.
func hasControl(b []byte) bool {
	for _, c := range b {
		if c < ' ' && IsControl(c) {
			return true
		}
	}
	return false
}

// IsControl reports whether c is a NUL, or a control character other than TAB,
// LF, VT, FF, CR, BS and ESC.
func IsControl(c byte) bool {
	return c < '\b' || c > '\r' && c < ' ' && c != 0x1b || c == 0x7f
}

// isText reports whether b is UTF-8 without any control character. Without
// whole, its last character may be cut.
func isText(b []byte, whole bool) bool {
	for i := range min(utf8.UTFMax, len(b)) {
		if whole {
			break
		}
		if c := b[len(b)-1-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-1-i:]) {
				b = b[:len(b)-1-i]
			}
			break
		}
	}
	return utf8.Valid(b) && !hasControl(b)
}

// A trial is how far a decoder got in an object's first bytes.
type trial int

const (
	fails   trial = iota
	runsOut       // they are in order, and not the end
	ends
)

// trialSize is how many bytes a trial unpacks at most.
const trialSize = 64 << 10

// tryReader reads what a decoder makes of an object's first bytes.
func tryReader(in io.Reader, err error) trial {
	if err == nil {
		_, err = io.CopyN(io.Discard, in, trialSize)
	}
	switch err {
	case io.EOF:
		return ends
	case nil, io.ErrUnexpectedEOF, inflate.ErrChecksum:
		return runsOut
	default:
		return fails
	}
}

// likely reports whether what begins with head is packed, by what a trial said.
// What is text as well is text, unless all of it can be unpacked.
func likely(t trial, head []byte, whole bool) bool {
	return t == ends && whole || t != fails && !isText(head, whole)
}

// isZlibHead reports whether head begins like zlib
// (https://www.rfc-editor.org/rfc/rfc1950#section-2.2), without a dictionary.
// Text can: "x^", "hC", "HK".
func isZlibHead(head []byte) bool {
	return len(head) > 1 && head[0]&0x0f == 8 && head[0]>>4 <= 7 && head[1]&0x20 == 0 &&
		binary.BigEndian.Uint16(head)%31 == 0
}

// zlibRest is what of head must be no text for it to be zlib: what follows the
// first two bytes, which may be text in Latin-1, where there is enough of it.
func zlibRest(head []byte) []byte {
	const enough = 32
	if len(head) < enough {
		return head
	}
	return head[2:]
}

func zlibTrial(head []byte) trial {
	return inflateTrial(head, func(z *inflate.Reader, in *bufio.Reader) (io.Reader, error) {
		return z, z.Reset(in, inflate.Zlib)
	})
}

// deflateTrial fails where anything but a gap follows the end: there is no
// checksum to tell it from chance.
func deflateTrial(head []byte) trial {
	return inflateTrial(head, func(z *inflate.Reader, in *bufio.Reader) (io.Reader, error) {
		return &untilEnd{z, in}, z.Reset(in, inflate.Raw)
	})
}

func inflateTrial(head []byte, open func(*inflate.Reader, *bufio.Reader) (io.Reader, error)) trial {
	z, in := inflaters.Get().(*inflate.Reader), buffers.Get().(*bufio.Reader)
	in.Reset(bytes.NewReader(head))
	t := tryReader(open(z, in))
	in.Reset(nil)
	buffers.Put(in)
	inflaters.Put(z)
	return t
}

type untilEnd struct {
	io.Reader
	rest *bufio.Reader
}

func (u *untilEnd) Read(p []byte) (int, error) {
	n, err := u.Reader.Read(p)
	if err == io.EOF {
		for {
			c, end := u.rest.ReadByte()
			switch {
			case end != nil:
				return n, err
			case !isGap(c):
				return n, errMagic
			}
		}
	}
	return n, err
}
