package inflate

import "errors"

// The errors of a stream that zlib rejects too.
var (
	errBlockType    = errors.New("invalid type of block")
	errStored       = errors.New("the length of a stored block does not match its complement")
	errSizes        = errors.New("too many codes for lengths or distances")
	errLengthCode   = errors.New("invalid code for the lengths of codes")
	errNoRepeat     = errors.New("a length of a code repeats none")
	errManyRepeats  = errors.New("lengths of codes repeat too often")
	errNoEnd        = errors.New("no code for the end of a block")
	errLiteralCode  = errors.New("invalid set of codes for literals and lengths")
	errDistanceCode = errors.New("invalid set of codes for distances")
	errSymbol       = errors.New("invalid code of a literal or length")
	errDistance     = errors.New("invalid code of a distance")
	errFar          = errors.New("a distance reaches back beyond the beginning")
)

const (
	endOfBlock   = 256
	maxSymbols   = 288 // of literals and lengths; the last two are in the fixed code alone, and invalid
	maxDistances = 32  // the same
)

// A header is what was read so far of a block's codes.
type header struct {
	literals, distances, lengthCodes int
	have                             int // lengths that were read
	lengths                          [maxSymbols + maxDistances]uint8
	ofLengths                        [19]uint8
	code                             [1 << lengthBits]uint8 // by the next bits: a symbol<<3 | how many bits it takes
}

// lengthBits is how long a code for a length can be.
const lengthBits = 7

func (d *Decoder) blockHeader() bool {
	if d.last {
		d.phase = streamEnd
		return false
	}
	if !d.need(3) {
		return false
	}
	d.last = d.take(1) != 0
	switch d.take(2) {
	case 0:
		d.phase = storedLength
		d.drop(d.n & 7)
	case 1:
		d.phase, d.codes = symbol, fixed()
	case 2:
		d.phase = tableSizes
	default:
		return d.fail(errBlockType)
	}
	return true
}

func (d *Decoder) storedLength() bool {
	if !d.need(32) {
		return false
	}
	length, complement := d.take(16), d.take(16)
	if length^complement != 0xffff {
		return d.fail(errStored)
	}
	d.phase, d.left = stored, length
	return true
}

func (d *Decoder) stored() bool {
	for d.left > 0 && d.n >= 8 && d.di < len(d.dst) { // what was read ahead
		d.dst[d.di] = byte(d.take(8))
		d.di++
		d.left--
	}
	if d.n < 8 && d.left > 0 {
		d.bits &= 1<<d.n - 1 // the bytes above are read in another way
		m := copy(d.dst[d.di:], d.src[d.si:min(len(d.src), d.si+d.left)])
		d.di, d.si, d.left = d.di+m, d.si+m, d.left-m
	}
	if d.left > 0 {
		return false
	}
	d.phase = blockHeader
	return true
}

func (d *Decoder) tableSizes() bool {
	if !d.need(14) {
		return false
	}
	h := &d.header
	h.literals, h.distances, h.lengthCodes = d.take(5)+257, d.take(5)+1, d.take(4)+4
	if h.literals > 286 || h.distances > 30 {
		return d.fail(errSizes)
	}
	h.have, h.ofLengths = 0, [19]uint8{}
	d.phase = lengthLengths
	return true
}

func (d *Decoder) lengthLengths() bool {
	order := [...]uint8{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	h := &d.header
	for h.have < h.lengthCodes {
		if !d.need(3) {
			return false
		}
		h.ofLengths[order[h.have]] = uint8(d.take(3))
		h.have++
	}
	var c code
	if left, _ := c.set(h.ofLengths[:]); left != 0 { // one code alone is none either
		return d.fail(errLengthCode)
	}
	for _, w := range c.words[:c.n] {
		for i := int(w.bits); i < len(h.code); i += 1 << w.length {
			h.code[i] = uint8(w.symbol)<<3 | w.length
		}
	}
	h.have = 0
	d.phase = codeLengths
	return true
}

func (d *Decoder) codeLengths() bool {
	h := &d.header
	for h.have < h.literals+h.distances {
		e := h.code[d.bits&(1<<lengthBits-1)]
		bits, s := uint(e&7), e>>3
		repeat := lengthRepeats[s]
		if d.n < bits+repeat.bits {
			if !d.more() {
				return false
			}
			continue
		}
		d.drop(bits)
		if s < 16 {
			h.lengths[h.have] = s
			h.have++
			continue
		}
		var value uint8
		if s == 16 {
			if h.have == 0 {
				return d.fail(errNoRepeat)
			}
			value = h.lengths[h.have-1]
		}
		times := repeat.least + d.take(repeat.bits)
		if h.have+times > h.literals+h.distances {
			return d.fail(errManyRepeats)
		}
		for range times {
			h.lengths[h.have] = value
			h.have++
		}
	}
	return d.begin(h.lengths[:h.literals], h.lengths[h.literals:h.have])
}

// lengthRepeats are the symbols that stand for one length many times.
var lengthRepeats = [32]struct {
	bits  uint
	least int
}{16: {2, 3}, 17: {3, 3}, 18: {7, 11}}

// begin makes the block's tables. Codes must be complete; of one symbol alone, with
// one bit, they may have that, and distances may have none.
func (d *Decoder) begin(literals, distances []uint8) bool {
	if literals[endOfBlock] == 0 {
		return d.fail(errNoEnd)
	}
	t := &d.own
	if left, longest := t.literal.set(literals); left < 0 || left > 0 && longest != 1 {
		return d.fail(errLiteralCode)
	}
	if left, longest := t.distance.set(distances); left < 0 || left > 0 && longest > 1 {
		return d.fail(errDistanceCode)
	}
	t.build()
	d.phase, d.codes = symbol, t
	return true
}
