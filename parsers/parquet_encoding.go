package parsers

import (
	"encoding/binary"
	"math/bits"

	pq "github.com/parquet-go/parquet-go/format"
)

// The encodings of https://github.com/apache/parquet-format/blob/master/Encodings.md
// are decoded value by value, so that a page costs no memory beside its own
// bytes, and a few damaged bytes cannot ask for any.

// plainDictionary is how old writers call a dictionary's encoding, and that of
// pages of places in it.
const plainDictionary pq.Encoding = 2

// bitsFor is how many bits hold the numbers up to highest.
func bitsFor(highest int) uint { return uint(bits.Len(uint(highest))) }

// A hybrid is a sequence of runs, each of one number that repeats or of numbers
// packed bit by bit.
type hybrid struct {
	width  uint // bits of a number, at most 32
	rest   []byte
	left   uint64 // numbers in the run
	packed bool
	same   uint64 // the number that repeats
	bits   bitReader
}

func (h *hybrid) reset(b []byte) { *h = hybrid{width: h.width, rest: b} }

func (h *hybrid) next() (n uint64, ok bool) {
	if h.left == 0 && !h.run() {
		return 0, false
	}
	h.left--
	if !h.packed {
		return h.same, true
	}
	return h.bits.read(h.width)
}

// run begins the next run.
func (h *hybrid) run() bool {
	for h.left == 0 {
		head, size := binary.Uvarint(h.rest)
		if size <= 0 {
			return false
		}
		h.rest = h.rest[size:]
		h.packed, h.left = head&1 != 0, head>>1
		if h.packed {
			if h.width > 0 { // a number of groups for which there are bytes
				h.left = min(h.left, uint64(len(h.rest))+1)
			}
			n := min(h.left*uint64(h.width), uint64(len(h.rest)))
			h.bits, h.rest = bitReader{rest: h.rest[:n]}, h.rest[n:]
			h.left *= 8
			continue
		}
		n := int(h.width+7) / 8
		if n > len(h.rest) {
			return false
		}
		h.same = 0
		for i, c := range h.rest[:n] {
			h.same |= uint64(c) << (8 * i)
		}
		h.rest = h.rest[n:]
	}
	return true
}

// A bitReader reads numbers that are packed from the lowest bit on.
type bitReader struct {
	rest []byte
	bits uint64 // that were taken from rest and not read
	have uint   // how many
}

// read is the next number of width bits, at most 64.
func (r *bitReader) read(width uint) (n uint64, ok bool) {
	if width > 32 {
		low, _ := r.read(32)
		high, ok := r.read(width - 32)
		return high<<32 | low, ok
	}
	if r.have < width && !r.fill(width) {
		return 0, false
	}
	n = r.bits & (1<<width - 1)
	r.bits >>= width
	r.have -= width
	return n, true
}

func (r *bitReader) fill(width uint) bool {
	if len(r.rest) >= 4 {
		r.bits |= uint64(binary.LittleEndian.Uint32(r.rest)) << r.have
		r.have += 32
		r.rest = r.rest[4:]
		return true
	}
	for r.have < width {
		if len(r.rest) == 0 {
			return false
		}
		r.bits |= uint64(r.rest[0]) << r.have
		r.have += 8
		r.rest = r.rest[1:]
	}
	return true
}

// deltas are a sequence of numbers as differences (DELTA_BINARY_PACKED): blocks
// of a least difference and several miniblocks, each of numbers of so many bits.
type deltas struct {
	rest    []byte // behind the miniblock
	left    uint64 // numbers
	begun   bool
	last    uint64
	least   uint64
	minis   uint64 // in a block
	numbers uint64 // in a miniblock
	widths  []byte // of the miniblocks that follow in the block
	width   uint   // of the miniblock
	mini    uint64 // numbers left in it
	bits    bitReader
}

func (d *deltas) reset(b []byte) bool {
	*d = deltas{}
	var head [4]uint64
	for i := range head {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			return false
		}
		head[i], b = n, b[size:]
	}
	const maxBlock = 1 << 20
	block := head[0]
	d.minis, d.left, d.last = head[1], head[2], zigzag(head[3])
	if block > maxBlock || d.minis == 0 || block%d.minis != 0 || block/d.minis%8 != 0 || block == 0 {
		return false
	}
	d.numbers, d.rest = block/d.minis, b
	return true
}

func zigzag(n uint64) uint64 { return n>>1 ^ -(n & 1) }

func (d *deltas) next() (n uint64, ok bool) {
	if d.left == 0 {
		return 0, false
	}
	d.left--
	if !d.begun {
		d.begun = true
		return d.last, true
	}
	if d.mini == 0 && !d.miniblock() {
		return 0, false
	}
	d.mini--
	n, ok = d.bits.read(d.width)
	d.last += d.least + n
	return d.last, ok
}

// miniblock begins the next miniblock.
func (d *deltas) miniblock() bool {
	if len(d.widths) == 0 {
		least, size := binary.Uvarint(d.rest)
		if size <= 0 || d.minis > uint64(len(d.rest)-size) {
			return false
		}
		d.least = zigzag(least)
		d.widths, d.rest = d.rest[size:][:d.minis], d.rest[size:][d.minis:]
	}
	d.width, d.widths = uint(d.widths[0]), d.widths[1:]
	if d.width > 64 {
		return false
	}
	d.mini = d.numbers
	n := min(d.numbers*uint64(d.width)/8, uint64(len(d.rest)))
	d.bits, d.rest = bitReader{rest: d.rest[:n]}, d.rest[n:]
	return true
}

// end is what follows the last number.
func (d deltas) end() (rest []byte, ok bool) {
	for d.left > 0 {
		if _, ok := d.next(); !ok {
			return nil, false
		}
	}
	return d.rest, true
}

// pageValues are the values of a data page that are not null.
type pageValues struct {
	encoding pq.Encoding
	rest     []byte
	n        int // values and nulls
	i        int // those that were read
	index    hybrid
	lengths  deltas
	prefixes deltas
	last     []byte // the value before, for prefixes; or where one is put together
}

// decode begins a page of n values, nulls included.
func (c *column) decode(n int, encoding pq.Encoding, data []byte) error {
	c.encoding, c.rest, c.n, c.i = encoding, data, n, 0
	ok := true
	switch encoding {
	case pq.Plain:
	case plainDictionary, pq.RLEDictionary:
		c.encoding = pq.RLEDictionary
		if c.index.width = 0; len(data) > 0 {
			c.index.width = uint(data[0])
			c.index.reset(data[1:])
		} else {
			c.index.reset(nil)
		}
		ok = c.index.width <= 32
	case pq.RLE:
		var levels []byte
		var err error
		if levels, _, err = cutSized(data); err != nil || c.physical != pq.Boolean {
			return c.error("values in encoding RLE that are no truth values, or end too early")
		}
		c.index.width = 1
		c.index.reset(levels)
	case pq.DeltaBinaryPacked:
		ok = (c.physical == pq.Int32 || c.physical == pq.Int64) && c.differences(&c.lengths)
	case pq.DeltaLengthByteArray:
		ok = c.physical == pq.ByteArray && c.differences(&c.lengths)
	case pq.DeltaByteArray:
		c.last = c.last[:0]
		ok = (c.physical == pq.ByteArray || c.physical == pq.FixedLenByteArray) && c.differences(&c.prefixes) && c.differences(&c.lengths)
	case pq.ByteStreamSplit:
		if ok = c.width > 0 && len(data)%c.width == 0; ok {
			c.n = len(data) / c.width
			c.last = append(c.last[:0], make([]byte, c.width)...)
		}
	default:
		return c.error("unknown encoding %s", encoding)
	}
	if !ok {
		return c.error("values in encoding %s that does not suit type %s, or are damaged", encoding, c.physical)
	}
	return nil
}

// differences begins numbers in front of the rest, and makes that what follows
// them.
func (c *column) differences(d *deltas) (ok bool) {
	if len(c.rest) == 0 { // nulls only
		*d = deltas{}
		return true
	}
	if !d.reset(c.rest) || d.left > uint64(c.n) {
		return false
	}
	c.rest, ok = d.end()
	return ok
}

// value reads the next value that is not null, as a form wants it.
func (c *column) value() (bits uint64, b []byte, ok bool) {
	switch c.encoding {
	case pq.Plain:
		return c.plain()
	case pq.RLEDictionary:
		return c.word()
	case pq.RLE:
		bits, ok = c.index.next()
	case pq.DeltaBinaryPacked:
		bits, ok = c.lengths.next()
		if c.physical == pq.Int32 {
			bits = uint64(int32(bits))
		}
	case pq.DeltaLengthByteArray:
		b, ok = c.sized()
	case pq.DeltaByteArray:
		b, ok = c.prefixed()
	case pq.ByteStreamSplit:
		return c.split()
	}
	return bits, b, ok
}

func (c *column) plain() (bits uint64, b []byte, ok bool) {
	switch {
	case c.physical == pq.ByteArray:
		var err error
		b, c.rest, err = cutSized(c.rest)
		return 0, b, err == nil
	case c.physical == pq.Boolean:
		if c.i >= len(c.rest)*8 {
			return 0, nil, false
		}
		bits = uint64(c.rest[c.i/8]>>(c.i%8)) & 1
		c.i++
		return bits, nil, true
	case len(c.rest) < c.width:
		return 0, nil, false
	}
	b, c.rest = c.rest[:c.width], c.rest[c.width:]
	return c.fixed(b), b, true
}

// fixed are the bits of a number.
func (c *column) fixed(b []byte) uint64 {
	switch c.physical {
	case pq.Int32:
		return uint64(int32(binary.LittleEndian.Uint32(b)))
	case pq.Float:
		return uint64(binary.LittleEndian.Uint32(b))
	case pq.Int64, pq.Double:
		return binary.LittleEndian.Uint64(b)
	default:
		return 0
	}
}

// word is a value out of the dictionary.
func (c *column) word() (bits uint64, b []byte, ok bool) {
	i, ok := c.index.next()
	if !ok || i >= uint64(c.words) {
		return 0, nil, false
	}
	if c.physical == pq.ByteArray {
		b = c.dict[c.starts[i]:]
		return 0, b[4:][:binary.LittleEndian.Uint32(b)], true
	}
	b = c.dict[int(i)*c.width:][:c.width]
	return c.fixed(b), b, true
}

// sized cuts off as many bytes as the next length says.
func (c *column) sized() (b []byte, ok bool) {
	n, ok := c.lengths.next()
	if !ok || n > uint64(len(c.rest)) {
		return nil, false
	}
	b, c.rest = c.rest[:n], c.rest[n:]
	return b, true
}

// prefixed is a value that begins as the one before.
func (c *column) prefixed() (b []byte, ok bool) {
	n, ok := c.prefixes.next()
	if !ok || n > uint64(len(c.last)) {
		return nil, false
	}
	suffix, ok := c.sized()
	if !ok {
		return nil, false
	}
	c.last = append(c.last[:n], suffix...)
	return c.last, c.width == 0 || len(c.last) == c.width
}

// split puts a value together whose bytes are far apart.
func (c *column) split() (bits uint64, b []byte, ok bool) {
	if c.i >= c.n {
		return 0, nil, false
	}
	for j := range c.last {
		c.last[j] = c.rest[j*c.n+c.i]
	}
	c.i++
	return c.fixed(c.last), c.last, true
}
