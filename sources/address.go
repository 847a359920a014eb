package sources

import (
	"bytes"
	"net/netip"
)

// parseAddress is netip.ParseAddr without zones, for bytes, and without
// allocating: in a log a value is often a host's name instead.
func parseAddress(b []byte) (a netip.Addr, ok bool) {
	if bytes.IndexByte(b, ':') < 0 {
		four, ok := parseIPv4(b)
		return netip.AddrFrom4(four), ok
	}
	sixteen, ok := parseIPv6(b)
	return netip.AddrFrom16(sixteen).Unmap(), ok
}

func parseIPv4(b []byte) (a [4]byte, ok bool) {
	for i := range a {
		octet, rest := digits(b)
		if len(octet) == 0 || len(octet) > 3 || len(octet) > 1 && octet[0] == '0' {
			return a, false
		}
		n := 0
		for _, c := range octet {
			n = n*10 + int(c-'0')
		}
		if n > 255 {
			return a, false
		}
		a[i], b = byte(n), rest
		if i < len(a)-1 {
			if len(b) == 0 || b[0] != '.' {
				return a, false
			}
			b = b[1:]
		}
	}
	return a, len(b) == 0
}

// parseIPv6 reads the forms of https://www.rfc-editor.org/rfc/rfc4291#section-2.2.
func parseIPv6(b []byte) (a [16]byte, ok bool) {
	n, gap := 0, -1 // bytes of a there are; where in them the :: was
	if rest, ok := bytes.CutPrefix(b, []byte("::")); ok {
		gap, b = 0, rest
	}
	for n < len(a) && len(b) > 0 {
		group, rest := hexDigits(b)
		if len(rest) > 0 && rest[0] == '.' {
			four, ok := parseIPv4(b)
			if !ok || n > len(a)-len(four) {
				return a, false
			}
			n += copy(a[n:], four[:])
			b = nil
			break
		}
		if len(group) == 0 || len(group) > 4 {
			return a, false
		}
		value := 0
		for _, c := range group {
			value = value<<4 | hexValue(c)
		}
		a[n], a[n+1] = byte(value>>8), byte(value)
		n += 2
		if b = rest; len(b) == 0 {
			break
		}
		if b[0] != ':' || len(b) == 1 {
			return a, false
		}
		if b = b[1:]; b[0] == ':' {
			if gap >= 0 {
				return a, false
			}
			gap, b = n, b[1:]
		}
	}
	if len(b) > 0 || (n == len(a)) != (gap < 0) {
		return a, false
	}
	if gap >= 0 {
		tail := len(a) - (n - gap)
		copy(a[tail:], a[gap:n])
		clear(a[gap:tail])
	}
	return a, true
}

func hexDigits(b []byte) (group, rest []byte) {
	n := 0
	for n < len(b) && hexValue(b[n]) < 16 {
		n++
	}
	return b[:n], b[n:]
}

// hexValue is a hexadecimal digit's; 16 if it is none.
func hexValue(c byte) int {
	switch {
	case c-'0' < 10:
		return int(c - '0')
	case c|0x20-'a' < 6:
		return int(c|0x20-'a') + 10
	}
	return 16
}
