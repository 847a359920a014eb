package inflate

import "math/bits"

// maxLength is how long in bits the code of a symbol can be.
const maxLength = 15

// A word is a symbol and its code.
type word struct {
	symbol uint16
	bits   uint16 // the first one lowest, as they come
	length uint8  // of the code, in bits
}

// A code is a canonical Huffman code.
type code struct {
	count [maxLength + 1]uint16 // words by length
	words [maxSymbols]word      // in order of their codes
	n     int                   // how many words
}

// set makes c the code of which lengths has each symbol's; 0 is a symbol without.
// left is how much of the code, in codes of the greatest length, is unused; below 0
// the lengths are of no code, and c is none.
func (c *code) set(lengths []uint8) (left, longest int) {
	c.count = [maxLength + 1]uint16{}
	for _, l := range lengths {
		c.count[l&maxLength]++
	}
	c.n = len(lengths) - int(c.count[0])
	c.count[0] = 0
	var first, at [maxLength + 2]uint16 // code and place of the first word of a length
	left = 1
	for l := 1; l <= maxLength; l++ {
		left = left<<1 - int(c.count[l])
		if left < 0 {
			return left, 0
		}
		if c.count[l] > 0 {
			longest = l
		}
		first[l+1], at[l+1] = (first[l]+c.count[l])<<1, at[l]+c.count[l]
	}
	for s, l := range lengths {
		if l > 0 {
			c.words[at[l]] = word{uint16(s), bits.Reverse16(first[l]) >> (16 - l), l}
			first[l]++
			at[l]++
		}
	}
	return left, longest
}
