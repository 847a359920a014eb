package inflate

import "sync"

// The tables of the fast loop are looked up by the next bits of the stream. Codes
// that are longer than a table's bits go on in a second one. With 12 bits for literals
// the loop was a tenth slower: the table is made for each block, and shares the caches
// with whoever reads what is unpacked.
const (
	literalBits  = 11
	distanceBits = 10
	literalRest  = maxLength - literalBits
	distanceRest = maxLength - distanceBits
	// No two codes of one second table are in another's, and each has at least two.
	literalSeconds  = 4096 // >= maxSymbols/2 << literalRest, in a power of two
	distanceSeconds = 512  // >= maxDistances/2 << distanceRest
)

// An entry of the table for literals and lengths, from its lowest bit:
//
//	5 bits   how many bits of the stream it takes
//	2 bits   how many literals it stands for
//	1 bit    that it is not literals alone
//	24 bits  the literals; a length that follows them is in the highest 8 bits, less 3
//
// If it is not literals alone and has 3 of them, it has none and is of the kind other.
// Then its 24 bits are: 4 of how long the code is, behind which its extra bits follow;
// 4 unused; 16 of the shortest length that the code stands for. An entry that takes no
// bits has in its highest 16 bits where in the second table to look, or noEntry: the
// block's end and what is invalid, which the fast loop leaves to others.
//
// All entries of the table for distances are of the kind other.
const (
	takes      = 1<<5 - 1
	literalAt  = 5
	oneLiteral = 1 << literalAt
	noLiterals = 1 << 7
	other      = 3<<literalAt | noLiterals
	firstAt    = 8 // the first literal
	codeAt     = 8
	baseAt     = 16
	lengthAt   = 24
	noEntry    = 0xffff
	none       = noEntry<<baseAt | other
)

// tables are what the two codes of a block are decoded by.
type tables struct {
	literal, distance code // one bit after another, where the fast loop has no room

	literals      [1 << literalBits]uint32
	moreLiterals  [literalSeconds]uint32
	distances     [1 << distanceBits]uint32
	moreDistances [distanceSeconds]uint32
}

// A span is the numbers that a symbol stands for: from least on, by so many more bits.
type span struct {
	least uint16
	bits  uint8
}

// lengths are by symbol, from 257 on.
var lengths = [...]span{
	{3, 0},
	{4, 0},
	{5, 0},
	{6, 0},
	{7, 0},
	{8, 0},
	{9, 0},
	{10, 0},
	{11, 1},
	{13, 1},
	{15, 1},
	{17, 1},
	{19, 2},
	{23, 2},
	{27, 2},
	{31, 2},
	{35, 3},
	{43, 3},
	{51, 3},
	{59, 3},
	{67, 4},
	{83, 4},
	{99, 4},
	{115, 4},
	{131, 5},
	{163, 5},
	{195, 5},
	{227, 5},
	{258, 0},
}

// distances are by symbol.
var distances = [...]span{
	{1, 0},
	{2, 0},
	{3, 0},
	{4, 0},
	{5, 1},
	{7, 1},
	{9, 2},
	{13, 2},
	{17, 3},
	{25, 3},
	{33, 4},
	{49, 4},
	{65, 5},
	{97, 5},
	{129, 6},
	{193, 6},
	{257, 7},
	{385, 7},
	{513, 8},
	{769, 8},
	{1025, 9},
	{1537, 9},
	{2049, 10},
	{3073, 10},
	{4097, 11},
	{6145, 11},
	{8193, 12},
	{12289, 12},
	{16385, 13},
	{24577, 13},
}

// fixed are the tables of blocks that bring no codes.
var fixed = sync.OnceValue(func() *tables {
	t := new(tables)
	var l [maxSymbols]uint8
	for s := range l {
		switch {
		case s < 144, s >= 280:
			l[s] = 8
		case s < 256:
			l[s] = 9
		default:
			l[s] = 7
		}
	}
	t.literal.set(l[:])
	var d [maxDistances]uint8
	for s := range d {
		d[s] = 5
	}
	t.distance.set(d[:])
	t.build()
	return t
})

// build makes the tables from the codes.
func (t *tables) build() {
	t.buildLiterals()
	t.combine()
	t.buildDistances()
}

func (t *tables) buildLiterals() {
	if t.literal.n == 1 { // of two entries, one has no code
		fill(t.literals[:], none)
	}
	more := second{bits: literalBits}
	for _, w := range t.literal.words[:t.literal.n] {
		e := literalEntry(w)
		switch {
		case w.length > literalBits:
			more.enter(t.literals[:], t.moreLiterals[:], w, e)
		case e&other == noLiterals: // a length that needs no further bits than the table's
			l := lengths[w.symbol-endOfBlock-1]
			for i := int(w.bits); i < len(t.literals); i += 1 << w.length {
				extra := uint32(i>>w.length) & (1<<l.bits - 1)
				t.literals[i] = e + extra<<lengthAt
			}
		default:
			for i := int(w.bits); i < len(t.literals); i += 1 << w.length {
				t.literals[i] = e
			}
		}
	}
}

// literalEntry is the entry of one symbol.
func literalEntry(w word) uint32 {
	switch s := int(w.symbol) - endOfBlock - 1; {
	case w.symbol < endOfBlock:
		return uint32(w.length) | oneLiteral | uint32(w.symbol)<<firstAt
	case s < 0 || s >= len(lengths):
		return none
	case w.length+lengths[s].bits <= literalBits:
		return uint32(w.length+lengths[s].bits) | noLiterals | uint32(lengths[s].least-3)<<lengthAt
	default:
		return spanEntry(w, lengths[s])
	}
}

func spanEntry(w word, s span) uint32 {
	return uint32(w.length+s.bits) | other | uint32(w.length)<<codeAt | uint32(s.least)<<baseAt
}

// A second is where the second table's free entries begin, and which entry of the
// first table led there last. Words come in the order of their codes, and so those
// that share an entry of the first table come together.
type second struct {
	bits, from, next int
}

// enter adds a word that is longer than the first table's bits.
func (s *second) enter(first, more []uint32, w word, e uint32) {
	from := int(w.bits) & (1<<s.bits - 1)
	if s.next == 0 || s.from != from {
		first[from] = uint32(s.next)<<baseAt | other
		s.from, s.next = from, s.next+1<<(maxLength-s.bits)
	}
	more = more[s.next-1<<(maxLength-s.bits) : s.next]
	for i := int(w.bits) >> s.bits; i < len(more); i += 1 << (int(w.length) - s.bits) {
		more[i] = e
	}
}

// combine lets entries stand for up to three literals, or up to two and a length, of
// which the codes fit in the table's bits together. It goes from the highest entry
// down: what follows a literal is by the bits behind it, and so in a lower entry,
// which still has one symbol.
func (t *tables) combine() {
	shortest := uint32(1)
	for t.literal.count[shortest] == 0 {
		shortest++
	}
	for i := len(t.literals) - 1; i >= 0; i-- {
		e := t.literals[i]
		if e&other != oneLiteral || e&takes+shortest > literalBits {
			continue
		}
		b := t.literals[i>>(e&takes)]
		both := e&takes + b&takes
		if both > literalBits || b&other == other {
			continue
		}
		if b&noLiterals != 0 {
			t.literals[i] = e - e&takes + both | b&^takes
			continue
		}
		two := e&(0xff<<firstAt) | b>>firstAt<<(firstAt+8)
		e = two | 2<<literalAt | both
		if both+shortest <= literalBits {
			c := t.literals[i>>both]
			all := both + c&takes
			switch {
			case all > literalBits || c&other == other:
			case c&noLiterals != 0:
				e = e - both + all | c&^takes
			default:
				e = two | c>>firstAt<<(firstAt+16) | 3<<literalAt | all
			}
		}
		t.literals[i] = e
	}
}

func (t *tables) buildDistances() {
	if t.distance.n < 2 {
		fill(t.distances[:], none)
	}
	more := second{bits: distanceBits}
	for _, w := range t.distance.words[:t.distance.n] {
		e := uint32(none)
		if int(w.symbol) < len(distances) {
			e = spanEntry(w, distances[w.symbol])
		}
		if w.length > distanceBits {
			more.enter(t.distances[:], t.moreDistances[:], w, e)
			continue
		}
		for i := int(w.bits); i < len(t.distances); i += 1 << w.length {
			t.distances[i] = e
		}
	}
}

func fill(b []uint32, with uint32) {
	for i := range b {
		b[i] = with
	}
}
