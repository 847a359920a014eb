package parsers

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// keyIs tells whether a key, given as it stands between its quotes, is want.
func keyIs(key []byte, want string) bool {
	if bytes.IndexByte(key, '\\') < 0 {
		return string(key) == want
	}
	var plain [maxSegment]byte
	return string(unescape(plain[:0], key)) == want
}

// unescape appends to dst what the JSON string s, given as it stands between
// its quotes, says. Half a surrogate pair becomes U+FFFD, as in encoding/json;
// what is no escape at all stays as it is.
func unescape(dst, s []byte) []byte {
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			return append(dst, s...)
		}
		dst = append(dst, s[:i]...)
		c := s[i+1]
		s = s[i+2:]
		switch c {
		case '"', '\\', '/':
			dst = append(dst, c)
		case 'b':
			dst = append(dst, '\b')
		case 'f':
			dst = append(dst, '\f')
		case 'n':
			dst = append(dst, '\n')
		case 'r':
			dst = append(dst, '\r')
		case 't':
			dst = append(dst, '\t')
		case 'u':
			r, ok := hex4(s)
			if !ok {
				dst = append(dst, '\\', 'u')
				continue
			}
			s = s[4:]
			if utf16.IsSurrogate(r) {
				r, s = surrogate(r, s)
			}
			dst = utf8.AppendRune(dst, r)
		default:
			dst = append(dst, '\\', c)
		}
	}
}

// surrogate completes the pair that begins with high, if s begins with the
// other half, and gives what of s is left.
func surrogate(high rune, s []byte) (rune, []byte) {
	if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
		if low, ok := hex4(s[2:]); ok {
			if r := utf16.DecodeRune(high, low); r != utf8.RuneError {
				return r, s[6:]
			}
		}
	}
	return utf8.RuneError, s
}

// hex4 reads the four digits that s begins with.
func hex4(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for _, c := range s[:4] {
		switch {
		case c-'0' < 10:
			c -= '0'
		case c|0x20-'a' < 6:
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
