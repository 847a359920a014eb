package inflate

const (
	// inSlack is how many bytes of input each turn of the fast loop needs: it loads
	// eight twice, the second time up to seven bytes further on.
	inSlack = 16
	// outSlack is how many bytes of room it needs: for three entries of literals, of
	// which the last is two and a match instead, and for what is written beyond that.
	outSlack = 3 + 3 + 2 + 258 + copySlack
	// copySlack is how far a copy in whole steps may write beyond its end.
	copySlack = 16
)

// fast decodes literals and matches while there is enough input and room not to ask
// for each. What it does not understand it leaves as it is: the end of the block, and
// all that is invalid. It is one function because its variables must stay in registers.
func (d *Decoder) fast() {
	dst, src := d.dst, d.src
	if len(dst)-d.di < outSlack || len(src)-d.si < inSlack {
		return
	}
	t, bits, n, di, si := d.codes, d.bits, d.n, d.di, d.si
	lastOut, lastIn := len(dst)-outSlack, len(src)-inSlack
	for di <= lastOut && si <= lastIn {
		bits |= load64(src, si) << (n & 63)
		si += int((63 - n) >> 3)
		n |= 56
		// Two entries of literalBits at most, and one of 20 or of literals: 42 of 56.
		e := t.literals[bits&(1<<literalBits-1)]
		if e&noLiterals == 0 {
			store32(dst, di, e>>firstAt)
			di += int(e >> literalAt & 3)
			bits >>= e & takes
			n -= uint(e & takes)
			e = t.literals[bits&(1<<literalBits-1)]
			if e&noLiterals == 0 {
				store32(dst, di, e>>firstAt)
				di += int(e >> literalAt & 3)
				bits >>= e & takes
				n -= uint(e & takes)
				e = t.literals[bits&(1<<literalBits-1)]
				if e&noLiterals == 0 {
					store32(dst, di, e>>firstAt)
					di += int(e >> literalAt & 3)
					bits >>= e & takes
					n -= uint(e & takes)
					continue
				}
			}
		}
		var length int
		if e&other != other {
			store32(dst, di, e>>firstAt)
			di += int(e >> literalAt & 3)
			length = int(e>>lengthAt) + 3
		} else {
			if e&takes == 0 {
				if e>>baseAt == noEntry {
					break
				}
				e = t.moreLiterals[(e>>baseAt+uint32(bits>>literalBits)&(1<<literalRest-1))&(literalSeconds-1)]
				if e&noLiterals == 0 {
					store32(dst, di, e>>firstAt)
					di++
					bits >>= e & takes
					n -= uint(e & takes)
					continue
				}
				if e&takes == 0 {
					break
				}
			}
			length = int(e>>baseAt) + int(bits&(1<<(e&takes)-1)>>(e>>codeAt&15))
		}
		bits >>= e & takes
		n -= uint(e & takes)
		bits |= load64(src, si) << (n & 63)
		si += int((63 - n) >> 3)
		n |= 56

		e = t.distances[bits&(1<<distanceBits-1)]
		if e&takes == 0 {
			if e>>baseAt != noEntry {
				e = t.moreDistances[(e>>baseAt+uint32(bits>>distanceBits)&(1<<distanceRest-1))&(distanceSeconds-1)]
			}
			if e&takes == 0 {
				d.phase, d.left = distance, length
				break
			}
		}
		back := int(e>>baseAt) + int(bits&(1<<(e&takes)-1)>>(e>>codeAt&15))
		if back > di {
			if back > di+d.kept {
				d.phase, d.left = distance, length
				break
			}
			bits >>= e & takes
			n -= uint(e & takes)
			di, _ = d.copy(di, length, back)
			continue
		}
		bits >>= e & takes
		n -= uint(e & takes)
		to := di
		di += length
		switch {
		case back >= 16:
			copy16(dst, to, to-back)
			if length > 16 {
				copy16(dst, to+16, to+16-back)
				for to += 32; to < di; to += 16 {
					copy16(dst, to, to-back)
				}
			}
		case back >= 8:
			for ; to < di; to += 8 {
				store64(dst, to, load64(dst, to-back))
			}
		case back == 1:
			v := uint64(dst[to-1]) * 0x0101010101010101
			for ; to < di; to += 8 {
				store64(dst, to, v)
			}
		default:
			for ; to < di; to++ {
				dst[to] = dst[to-back]
			}
		}
	}
	d.bits, d.n, d.di, d.si = bits, n, di, si
}
