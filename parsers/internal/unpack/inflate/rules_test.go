package inflate

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/adler32"
	"hash/crc32"
	"io"
	"strings"
	"testing"
)

// wrap puts a deflate stream in its wrapping.
func wrap(w Wrapping, packed, plain []byte) []byte {
	switch w {
	case Zlib:
		return binary.BigEndian.AppendUint32(append([]byte("\x78\x9c"), packed...), adler32.Checksum(plain))
	case Gzip:
		b := append([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"), packed...)
		b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(plain))
		return binary.LittleEndian.AppendUint32(b, uint32(len(plain)))
	default:
		return packed
	}
}

// made is what f writes.
func made(f func(m *maker)) []byte {
	m := new(maker)
	f(m)
	return m.flush()
}

// far is one literal, and a match from so far behind as distance symbol s says.
func far(s int) []byte {
	return made(func(m *maker) {
		l, d := fixedHuffmans()
		m.put(3, 3)
		m.symbol(l, 'x')
		m.symbol(l, 257)
		m.symbol(d, s)
		if s < len(distances) {
			m.put(0, int(distances[s].bits))
		}
		m.symbol(l, endOfBlock)
	})
}

// dynamic is the header of a block with these sizes, length codes in the order in which
// they are written, and lengths, whose codes are as long as lengthCodes says.
func dynamic(literals, distances int, lengthCodes []uint8, lengths ...int) func(m *maker) {
	return func(m *maker) {
		m.put(5, 3)
		m.put(literals-257, 5)
		m.put(distances-1, 5)
		m.put(len(lengthCodes)-4, 4)
		byLength := make([]uint8, 19)
		for i, l := range lengthCodes {
			byLength[[]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}[i]] = l
			m.put(int(l), 3)
		}
		h := huffmanOf(byLength)
		for _, l := range lengths {
			m.symbol(h, l&0xff)
			switch l & 0xff {
			case 16:
				m.put(l>>8, 2)
			case 17:
				m.put(l>>8, 3)
			case 18:
				m.put(l>>8, 7)
			}
		}
	}
}

// zeros are so many lengths of 0, 11 to 138, in one symbol.
func zeros(n int) int { return 18 | (n-11)<<8 }

// fourLengths has a code of two bits for each of the symbols 18, 0, 1 and 2.
var fourLengths = []uint8{0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2}

// rules are what zlib's inflate.c and inftrees.c demand of a stream. compress/flate
// finds some of it later: it takes a code for lengths of one symbol, and codes without
// an end, and then comes to no end with them.
var rules = []struct {
	name   string
	packed []byte
	want   string
	err    error
}{
	{name: "stored, of nothing", packed: []byte("\x01\x00\x00\xff\xff")},
	{name: "stored", packed: []byte("\x01\x02\x00\xfd\xffab"), want: "ab"},
	{name: "stored, with bits in front that mean nothing", packed: []byte("\xf9\x02\x00\xfd\xffab"), want: "ab"},
	{name: "stored, its length another", packed: []byte("\x01\x02\x00\xfd\xfeab"), err: errStored},
	{name: "fixed, of nothing", packed: []byte("\x03\x00")},
	{name: "a fourth kind of block", packed: []byte("\x07"), err: errBlockType},
	{name: "fixed, a match of the byte before", packed: far(0), want: "xxxx"},
	{name: "fixed, a match from before the beginning", packed: far(1), err: errFar},
	{name: "fixed, a match from very far before", packed: far(29), err: errFar},
	{name: "fixed, distance 30", packed: far(30), err: errDistance},
	{name: "fixed, distance 31", packed: far(31), err: errDistance},
	{name: "fixed, length 286", packed: made(func(m *maker) { l, _ := fixedHuffmans(); m.put(3, 3); m.symbol(l, 286); m.put(0, 30) }), err: errSymbol},
	{name: "fixed, length 287", packed: made(func(m *maker) { l, _ := fixedHuffmans(); m.put(3, 3); m.symbol(l, 287); m.put(0, 30) }), err: errSymbol},
	{name: "fixed, 258 bytes as 227 and 31", want: string(bytes.Repeat([]byte("x"), 259)), packed: made(func(m *maker) {
		l, d := fixedHuffmans()
		m.put(3, 3)
		m.symbol(l, 'x')
		m.symbol(l, 284)
		m.put(31, 5)
		m.symbol(d, 0)
		m.symbol(l, endOfBlock)
	})},
	{name: "dynamic, of nothing, no distances", packed: made(dynamic(257, 1, fourLengths, zeros(138), zeros(118), 1, 0))},
	{name: "dynamic, one code alone, and the other bit", packed: append(made(func(m *maker) {
		dynamic(257, 1, fourLengths, zeros(138), zeros(118), 1, 0)(m)
		m.put(0x7fff, 15)
	}), 0xff, 0xff), err: errSymbol},
	{name: "dynamic, two codes of one bit", packed: made(func(m *maker) {
		dynamic(257, 1, fourLengths, 1, zeros(138), zeros(117), 1, 0)(m)
		m.put(0b10, 2) // "\x00", end
	}), want: "\x00"},
	{name: "dynamic, one code of two bits", packed: made(dynamic(257, 1, fourLengths, zeros(138), zeros(118), 2, 0)), err: errLiteralCode},
	{name: "dynamic, literals half used", packed: made(dynamic(257, 1, fourLengths, 2, zeros(138), zeros(117), 1, 0)), err: errLiteralCode},
	{name: "dynamic, too many literals", packed: made(dynamic(257, 1, fourLengths, 1, 1, zeros(138), zeros(116), 1, 0)), err: errLiteralCode},
	{name: "dynamic, no end", packed: made(dynamic(257, 1, fourLengths, 1, 1, zeros(138), zeros(117), 0)), err: errNoEnd},
	{name: "dynamic, one distance of one bit", packed: made(func(m *maker) {
		dynamic(258, 1, fourLengths, 2, zeros(138), zeros(117), 2, 1, 1)(m)
		m.put(0b01, 2) // "\x00", by 2 bits, the first of them highest
		m.put(0b0, 1)
		m.put(0b0, 1)
		m.put(0b11, 2)
	}), want: "\x00\x00\x00\x00"},
	{name: "dynamic, one distance of two bits", packed: made(dynamic(257, 1, fourLengths, zeros(138), zeros(118), 1, 2)), err: errDistanceCode},
	{name: "dynamic, distances half used", packed: made(dynamic(257, 2, fourLengths, zeros(138), zeros(118), 1, 1, 2)), err: errDistanceCode},
	{name: "dynamic, too many distances", packed: made(dynamic(257, 3, fourLengths, zeros(138), zeros(118), 1, 1, 1, 1)), err: errDistanceCode},
	{name: "dynamic, 287 literals", packed: made(dynamic(287, 1, fourLengths, zeros(138))), err: errSizes},
	{name: "dynamic, 31 distances", packed: made(dynamic(257, 31, fourLengths, zeros(138))), err: errSizes},
	{name: "dynamic, no code for lengths", packed: made(dynamic(257, 1, make([]uint8, 4), zeros(138))), err: errLengthCode},
	{name: "dynamic, a code for lengths half used", packed: made(dynamic(257, 1, []uint8{0, 0, 1, 2}, zeros(138))), err: errLengthCode},
	{name: "dynamic, a code for lengths of one symbol", packed: made(dynamic(257, 1, []uint8{0, 0, 1, 0}, zeros(138))), err: errLengthCode},
	{name: "dynamic, too many codes for lengths", packed: made(dynamic(257, 1, []uint8{1, 1, 1, 0}, zeros(138))), err: errLengthCode},
	{name: "dynamic, a repeat of nothing", packed: made(dynamic(257, 1, []uint8{1, 0, 1, 0}, 16)), err: errNoRepeat},
	{name: "dynamic, one repeat too many", packed: made(dynamic(257, 1, fourLengths, zeros(138), zeros(118), 1, zeros(11))), err: errManyRepeats},
	{name: "dynamic, a repeat from literals into distances", packed: made(func(m *maker) {
		dynamic(270, 1, fourLengths, 1, zeros(138), zeros(117), 1, zeros(14))(m)
		m.put(0b1, 1)
	})},
}

func TestRules(t *testing.T) {
	for _, r := range rules {
		for _, size := range [][2]int{{1 << 10, 1 << 10}, {1, 1}} {
			got := steps(t, r.packed, size[0], size[1])
			if !errors.Is(got.err, r.err) || r.err == nil && (string(got.plain) != r.want || got.used != len(r.packed)) {
				t.Errorf("%s, by %d: %q, %d bytes of %d, error %v, want %q and %v", r.name, size[0], got.plain, got.used, len(r.packed), got.err, r.want, r.err)
			}
		}
		if plain, err := std(r.packed); (err == nil) != (r.err == nil) || err == nil && string(plain) != r.want {
			t.Errorf("%s: compress/flate has %q, %v", r.name, plain, err)
		}
	}
}

// headers are what zlib demands of wrappings.
var headers = []struct {
	name    string
	wrapped Wrapping
	packed  string
	err     error
}{
	{"gzip", Gzip, "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03", nil},
	{"gzip, that it is text", Gzip, "\x1f\x8b\x08\x01\x00\x00\x00\x00\x00\x03", nil},
	{"gzip, another magic number", Gzip, "\x1f\x8a\x08\x00\x00\x00\x00\x00\x00\x03", errHeader},
	{"gzip, another method", Gzip, "\x1f\x8b\x07\x00\x00\x00\x00\x00\x00\x03", errHeader},
	{"gzip, an extra field", Gzip, "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\x03\x03\x00abc", nil},
	{"gzip, a long extra field", Gzip, "\x1f\x8b\x08\x04\x00\x00\x00\x00\x00\x03\xff\xff" + strings.Repeat("x", 0xffff), nil},
	{"gzip, a name", Gzip, "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03name\x00", nil},
	{"gzip, a name that compress/gzip finds too long", Gzip, "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03" + strings.Repeat("x", 3000) + "\x00", nil},
	{"gzip, name and comment", Gzip, "\x1f\x8b\x08\x18\x00\x00\x00\x00\x00\x03\x00comment\x00", nil},
	{"gzip, everything", Gzip, sealed("\x1f\x8b\x08\x1f\x00\x00\x00\x00\x00\x03\x01\x00xname\x00comment\x00", 0), nil},
	{"gzip, a checksum", Gzip, sealed("\x1f\x8b\x08\x02\x00\x00\x00\x00\x00\x03", 0), nil},
	{"gzip, a wrong checksum", Gzip, sealed("\x1f\x8b\x08\x02\x00\x00\x00\x00\x00\x03", 1), errHeaderSum},
	{"gzip, a reserved flag, which compress/gzip lets pass", Gzip, "\x1f\x8b\x08\x20\x00\x00\x00\x00\x00\x03", errHeader},
	{"gzip, another", Gzip, "\x1f\x8b\x08\x80\x00\x00\x00\x00\x00\x03", errHeader},
	{"zlib", Zlib, "\x78\x9c", nil},
	{"zlib, a small window", Zlib, "\x08\x1d", nil},
	{"zlib, another method", Zlib, "\x79\x9b", errHeader},
	{"zlib, a window of 64 KiB", Zlib, "\x88\x1c", errHeader},
	{"zlib, a wrong check", Zlib, "\x78\x9d", errHeader},
	{"zlib, a dictionary", Zlib, "\x78\xbb", errDictionary},
}

// sealed has a gzip header's checksum behind it.
func sealed(header string, wrong uint16) string {
	sum := uint16(crc32.ChecksumIEEE([]byte(header))) ^ wrong
	return header + string(binary.LittleEndian.AppendUint16(nil, sum))
}

// tail is what follows the header of a stream of nothing.
func tail(w Wrapping) string {
	return string(wrap(w, []byte("\x03\x00"), nil)[len(wrap(w, nil, nil))-4*int(w):])
}

func TestHeaders(t *testing.T) {
	for _, h := range headers {
		whole := h.packed + tail(h.wrapped)
		if got := read([]byte(whole), h.wrapped); !errors.Is(got.err, h.err) || h.err == nil && got.used != len(whole) {
			t.Errorf("%s: %d of %d bytes, error %v, want %v", h.name, got.used, len(whole), got.err, h.err)
		}
		for n := range len(h.packed) {
			if got := read([]byte(h.packed[:n]), h.wrapped); got.err != io.ErrUnexpectedEOF && !errors.Is(got.err, errHeader) {
				t.Errorf("%s, %d bytes of the header: %v", h.name, n, got.err)
			}
			if n > 100 {
				break
			}
		}
	}
}

func TestChecksums(t *testing.T) {
	plain := []byte("some text")
	packed := append([]byte("\x01\x09\x00\xf6\xff"), plain...)
	for w, from := range map[Wrapping]int{Gzip: 8, Zlib: 4} {
		whole := wrap(w, packed, plain)
		for i := len(whole) - from; i < len(whole); i++ {
			wrong := bytes.Clone(whole)
			wrong[i] ^= 1
			if got := read(wrong, w); got.err != ErrChecksum || string(got.plain) != "some text" {
				t.Errorf("wrapping %d, byte %d: %q, %v", w, i, got.plain, got.err)
			}
		}
	}
}
