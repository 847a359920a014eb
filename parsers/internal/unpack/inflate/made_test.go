package inflate

import (
	"math/bits"
	"math/rand/v2"
	"slices"
)

// A maker writes deflate streams that no encoder writes, and keeps what they unpack to.
type maker struct {
	*rand.Rand
	packed  []byte
	pending uint64
	n       uint
	plain   []byte
}

// put writes the lowest n bits of v, the lowest first.
func (m *maker) put(v int, n int) {
	m.pending |= uint64(v) << m.n
	for m.n += uint(n); m.n >= 8; m.n -= 8 {
		m.packed = append(m.packed, byte(m.pending))
		m.pending >>= 8
	}
}

// flush ends the byte.
func (m *maker) flush() []byte {
	if m.n > 0 {
		m.packed = append(m.packed, byte(m.pending))
		m.pending, m.n = 0, 0
	}
	return m.packed
}

// A huffman is a code of its own making, by symbol.
type huffman struct {
	lengths []uint8
	codes   []int
}

func huffmanOf(lengths []uint8) huffman {
	h := huffman{lengths, make([]int, len(lengths))}
	code := 0
	for l := uint8(1); l <= 15; l++ {
		for s, of := range lengths {
			if of == l {
				h.codes[s] = int(bits.Reverse16(uint16(code)) >> (16 - l))
				code++
			}
		}
		code <<= 1
	}
	return h
}

func (m *maker) symbol(h huffman, s int) { m.put(h.codes[s], int(h.lengths[s])) }

// complete are lengths of a random complete code of some symbols out of size. A code of
// one symbol takes a bit.
func (m *maker) complete(symbols []int, size, longest int) []uint8 {
	depths := []int{0}
	if len(symbols) == 1 {
		depths[0] = 1
	}
	for deep := m.IntN(2) == 0; len(depths) < len(symbols); {
		i := m.IntN(len(depths))
		if deep { // so that codes become long
			i = len(depths) - 1 - m.IntN(min(3, len(depths)))
		}
		if depths[i] < longest {
			depths[i]++
			depths = append(depths, depths[i])
		} else {
			deep = false
		}
	}
	lengths := make([]uint8, size)
	for i, s := range symbols {
		lengths[s] = uint8(depths[i])
	}
	return lengths
}

// stream writes a whole stream of random blocks.
func (m *maker) stream() (packed, plain []byte) {
	blocks := 1 + m.IntN(4)
	for i := range blocks {
		last := 0
		if i == blocks-1 {
			last = 1
		}
		switch m.IntN(4) {
		case 0:
			m.stored(last, m.IntN(300))
		case 1:
			m.fixed(last)
		default:
			m.dynamic(last)
		}
	}
	return m.flush(), m.plain
}

func (m *maker) stored(last, size int) {
	m.put(last, 1)
	m.put(0, 2)
	m.flush()
	m.put(size, 16)
	m.put(size^0xffff, 16)
	for range size {
		c := byte(m.Uint32())
		m.put(int(c), 8)
		m.plain = append(m.plain, c)
	}
}

func fixedHuffmans() (literal, distance huffman) {
	t := slices.Concat(slices.Repeat([]uint8{8}, 144), slices.Repeat([]uint8{9}, 112), slices.Repeat([]uint8{7}, 24), slices.Repeat([]uint8{8}, 8))
	return huffmanOf(t), huffmanOf(slices.Repeat([]uint8{5}, 32))
}

func (m *maker) fixed(last int) {
	m.put(last, 1)
	m.put(1, 2)
	literal, distance := fixedHuffmans()
	m.symbols(literal, distance, 286, 30)
}

func (m *maker) dynamic(last int) {
	// Few symbols have short codes, many have long ones.
	literals := m.Perm(256)[:m.IntN(256)]
	matches := m.Perm(29)[:m.IntN(30)]
	for i := range matches {
		matches[i] += 257
	}
	used := append(append(literals, matches...), endOfBlock)
	m.Shuffle(len(used), func(i, j int) { used[i], used[j] = used[j], used[i] })
	ll := m.complete(used, 286, 15)
	dl := make([]uint8, 30)
	if back := m.Perm(30)[:m.IntN(31)]; len(back) > 0 {
		dl = m.complete(back, 30, 15)
	}
	m.put(last, 1)
	m.put(2, 2)
	m.codes(ll, dl)
	m.symbols(huffmanOf(ll), huffmanOf(dl), len(ll), len(dl))
}

// codes writes the header of a dynamic block.
func (m *maker) codes(ll, dl []uint8) {
	nl, nd := trimmed(ll, 257), trimmed(dl, 1)
	all := append(append([]uint8(nil), ll[:nl]...), dl[:nd]...)
	type item struct{ symbol, extra, bits int }
	var items []item
	for i := 0; i < len(all); {
		run := 1
		for i+run < len(all) && all[i+run] == all[i] {
			run++
		}
		switch {
		case all[i] == 0 && run >= 11 && m.IntN(4) > 0:
			run = min(run, 138)
			items = append(items, item{18, run - 11, 7})
		case all[i] == 0 && run >= 3 && m.IntN(4) > 0:
			run = min(run, 10)
			items = append(items, item{17, run - 3, 3})
		case i > 0 && all[i-1] == all[i] && run >= 3 && m.IntN(4) > 0:
			run = min(run, 6)
			items = append(items, item{16, run - 3, 2})
		default:
			run = 1
			items = append(items, item{symbol: int(all[i])})
		}
		i += run
	}
	seen := map[int]bool{0: true, 18: true} // two at least: one alone is no code
	for _, it := range items {
		seen[it.symbol] = true
	}
	var used []int
	for s := range 19 {
		if seen[s] {
			used = append(used, s)
		}
	}
	m.Shuffle(len(used), func(i, j int) { used[i], used[j] = used[j], used[i] })
	h := huffmanOf(m.complete(used, 19, 7))
	order := []int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}
	n := 19
	for n > 4 && h.lengths[order[n-1]] == 0 {
		n--
	}
	m.put(nl-257, 5)
	m.put(nd-1, 5)
	m.put(n-4, 4)
	for _, s := range order[:n] {
		m.put(int(h.lengths[s]), 3)
	}
	for _, it := range items {
		m.symbol(h, it.symbol)
		m.put(it.extra, it.bits)
	}
}

// trimmed is how many lengths are left without zeros at their end.
func trimmed(lengths []uint8, least int) int {
	n := len(lengths)
	for n > least && lengths[n-1] == 0 {
		n--
	}
	return n
}

// symbols writes random literals and matches, and the end of the block.
func (m *maker) symbols(literal, distance huffman, literals, backs int) {
	var some, back []int
	for s := range literals {
		if literal.lengths[s] > 0 && s != endOfBlock {
			some = append(some, s)
		}
	}
	for s := range backs {
		if distance.lengths[s] > 0 {
			back = append(back, s)
		}
	}
	for range m.IntN(3000) {
		if len(some) == 0 {
			break
		}
		s := some[m.IntN(len(some))]
		if s < 256 {
			m.symbol(literal, s)
			m.plain = append(m.plain, byte(s))
			continue
		}
		if len(back) == 0 {
			continue
		}
		l := back[m.IntN(len(back))]
		d := distances[l]
		b := m.IntN(1 << d.bits)
		far := int(d.least) + b
		if far > len(m.plain) {
			continue
		}
		span := lengths[s-257]
		extra := m.IntN(1 << span.bits)
		m.symbol(literal, s)
		m.put(extra, int(span.bits))
		m.symbol(distance, l)
		m.put(b, int(d.bits))
		for range int(span.least) + extra {
			m.plain = append(m.plain, m.plain[len(m.plain)-far])
		}
	}
	m.symbol(literal, endOfBlock)
}
