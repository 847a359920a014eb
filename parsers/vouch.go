package parsers

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
)

// vouch reports whether the line at pos, which begins with c, is JSON to its end:
// values with white space between them or without any, the last of which may be an
// object or an array that goes on in another line. Of a line of which more
// than maxLookahead is left, that much is looked at.
func (j *jsonRun) vouch(c byte) (isJSON bool, err error) {
	if j.offset() < j.vouched {
		return true, nil
	}
	n := 0
	if c == '[' {
		n = 1
	}
	ahead, err := j.lineAhead(n)
	if notEOF(err) != nil {
		return false, err
	}
	n, isJSON = j.valuesAhead(ahead, isCut(ahead, err))
	j.vouched = j.offset() + int64(n)
	return isJSON, nil
}

// isCut reports whether what lineAhead returned ends within a line.
func isCut(ahead []byte, err error) bool { return err == io.EOF || ahead[len(ahead)-1] != '\n' }

// valuesAhead passes over the values in b as far as it is looked at. cut reports
// whether b ends within a line.
func (j *jsonRun) valuesAhead(b []byte, cut bool) (n int, ok bool) {
	for {
		n = skipSpace(b, n)
		if n == len(b) || b[n] == '{' {
			return n, true
		}
		end, ok := j.valueAhead(b, n, cut)
		if !ok || end == 0 {
			return n, ok
		}
		n = end
	}
}

// valueAhead passes over the value at b[at]. It is not ok if there is none, and end
// is 0 if b ends within it. An object, or an array within an array, is one if its
// braces and brackets balance.
func (j *jsonRun) valueAhead(b []byte, at int, cut bool) (end int, ok bool) {
	switch b[at] {
	case '[':
	case '"':
		end, ok = stringAhead(b, at, cut)
		return end, ok && (end == 0 || json.Valid(b[at:end]))
	default:
		return scalarAhead(b, at, cut)
	}
	at = skipSpace(b, at+1)
	if at < len(b) && b[at] == ']' {
		return at + 1, true
	}
	for at < len(b) {
		switch b[at] {
		case '{', '[':
			end, ok = j.compositeAhead(b, at)
		case '"':
			end, ok = stringAhead(b, at, cut)
		default:
			end, ok = scalarAhead(b, at, cut)
		}
		if !ok || end == 0 {
			return 0, ok
		}
		at = skipSpace(b, end)
		switch {
		case at == len(b):
		case b[at] == ']':
			return at + 1, true
		case b[at] != ',':
			return 0, false
		default:
			at = skipSpace(b, at+1)
		}
	}
	return 0, true
}

// compositeAhead is valueAhead for an object or an array.
func (j *jsonRun) compositeAhead(b []byte, at int) (end int, ok bool) {
	if j.examiner == nil {
		j.examiner = newJSONText(fieldSet{}, 0)
	}
	t := j.examiner
	t.window++
	t.buf, t.pos, t.ground = b, at, len(b)
	t.feed.open(0)
	err := t.enter(b[at], false)
	done := false
	if err == nil {
		done, err = t.step(b[at])
	}
	if err != nil || !done {
		return 0, err == nil
	}
	return t.pos, true
}

// stringAhead is valueAhead for a string in an array, whose bytes may be any but a
// line break.
func stringAhead(b []byte, at int, cut bool) (end int, ok bool) {
	n, closed := stringEnd(b[at+1:])
	if !closed {
		return 0, cut
	}
	return at + 1 + n + 1, true
}

// scalarAhead is valueAhead for a number, true, false or null.
func scalarAhead(b []byte, at int, cut bool) (end int, ok bool) {
	end = at + scalarEnd(b[at:])
	if end == len(b) && cut {
		return 0, mayBecomeScalar(b[at:])
	}
	return end, validScalar(b[at:end])
}

// mayBecomeScalar reports whether more bytes, or none, make a number, true, false
// or null of text.
func mayBecomeScalar(text []byte) bool {
	for _, word := range []string{"true", "false", "null"} {
		if len(text) > 0 && strings.HasPrefix(word, string(text)) {
			return true
		}
	}
	return validScalar(text) || validScalar(append(text[:len(text):len(text)], '0'))
}

// validScalar reports whether text is a number, true, false or null. Unlike json.Valid
// it takes nothing from a pool.
func validScalar(text []byte) bool {
	switch string(text) {
	case "true", "false", "null":
		return true
	}
	text = bytes.TrimPrefix(text, []byte("-"))
	whole := digits(text)
	if whole == 0 || text[0] == '0' && whole > 1 {
		return false
	}
	text = text[whole:]
	if len(text) > 0 && text[0] == '.' {
		n := digits(text[1:])
		if n == 0 {
			return false
		}
		text = text[1+n:]
	}
	if len(text) > 1 && text[0]|0x20 == 'e' {
		text = text[1:]
		if text[0] == '+' || text[0] == '-' {
			text = text[1:]
		}
		n := digits(text)
		return n > 0 && n == len(text)
	}
	return len(text) == 0
}

// digits is how many b begins with.
func digits(b []byte) (n int) {
	for n < len(b) && b[n]-'0' < 10 {
		n++
	}
	return n
}
