package sources

import (
	"bytes"
	"cmp"
)

// A decimal is a number as it is written, exactly: 0.DIGITS × 10^exponent,
// where DIGITS are those of whole and fraction and do not begin with 0. Numbers
// in logs have more digits than a float keeps: nanoseconds, account ids.
type decimal struct {
	negative        bool
	whole, fraction []byte
	exponent        int
}

// maxExponent is where exponents as written are as good as infinite.
const maxExponent = 1 << 40

// parseDecimal reads a number such as -1.5e3; the sign may be +, and either side
// of the point empty.
func parseDecimal(b []byte) (d decimal, ok bool) {
	d.negative, b = signed(b)
	d.whole, b = digits(b)
	if len(b) > 0 && b[0] == '.' {
		d.fraction, b = digits(b[1:])
	}
	if len(d.whole)+len(d.fraction) == 0 {
		return d, false
	}
	if len(b) > 0 && b[0]|0x20 == 'e' {
		negative, rest := signed(b[1:])
		power, rest := digits(rest)
		if len(power) == 0 {
			return d, false
		}
		for _, c := range power {
			d.exponent = min(d.exponent*10+int(c-'0'), maxExponent)
		}
		if negative {
			d.exponent = -d.exponent
		}
		b = rest
	}
	d.whole = bytes.TrimLeft(d.whole, "0")
	d.exponent += len(d.whole)
	if len(d.whole) == 0 {
		zeros := len(d.fraction)
		d.fraction = bytes.TrimLeft(d.fraction, "0")
		d.exponent -= zeros - len(d.fraction)
	}
	return d, len(b) == 0
}

func signed(b []byte) (negative bool, rest []byte) {
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		return b[0] == '-', b[1:]
	}
	return false, b
}

func digits(b []byte) (digits, rest []byte) {
	n := 0
	for n < len(b) && b[n]-'0' < 10 {
		n++
	}
	return b[:n], b[n:]
}

// compare is -1, 0 or 1 as d is less than, equal to or greater than e.
func (d *decimal) compare(e *decimal) int {
	sign := d.sign()
	if order := cmp.Compare(sign, e.sign()); order != 0 || sign == 0 {
		return order
	}
	if order := cmp.Compare(d.exponent, e.exponent); order != 0 {
		return sign * order
	}
	for i := range max(d.length(), e.length()) {
		if order := cmp.Compare(d.digit(i), e.digit(i)); order != 0 {
			return sign * order
		}
	}
	return 0
}

func (d *decimal) sign() int {
	switch {
	case d.length() == 0:
		return 0
	case d.negative:
		return -1
	}
	return 1
}

func (d *decimal) length() int { return len(d.whole) + len(d.fraction) }

func (d *decimal) digit(i int) byte {
	switch {
	case i < len(d.whole):
		return d.whole[i]
	case i < d.length():
		return d.fraction[i-len(d.whole)]
	}
	return '0'
}
