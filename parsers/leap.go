package parsers

import "bytes"

// leap moves pos behind the open element, an object in an array, without
// looking at most of what is in it; or it declines.
//
// It leaps to the next brace that opens behind a comma: that is in an array, and
// in the element's own unless another one is open there. So brackets outside of
// strings are counted, which are much rarer than braces. Behind a brace that
// closes, the comma is the one behind the element, because any other element in
// between would begin like that itself or not end with a brace. That the element
// has as many braces that open as that close says that the source is in order so
// far.
func (j *jsonRun) leap() bool {
	j.look()
	bracket := min(j.find(openBracket), j.find(closeBracket))
	if j.meets() == len(j.buf) {
		return false
	}
	_ = j.find(escape) // so that seen has it
	from, seen := j.pos, j.sight
	for open := 0; ; bracket = min(j.find(openBracket), j.find(closeBracket)) {
		if open == 0 && j.meets() < bracket {
			element := j.buf[j.start : j.met-1]
			if j.tight && bytes.Count(element, openBrace) == bytes.Count(element, closeBrace) {
				j.pos = j.met - 1
				return true
			}
			break
		}
		if !j.bracketAt(bracket, &open) {
			break
		}
	}
	j.pos, j.sight = from, seen
	return false
}

var openBrace, closeBrace = []byte{'{'}, []byte{'}'}

// bracketAt passes over the next bracket, or over a string on the way to it, if
// that is in sight and in order.
func (j *jsonRun) bracketAt(bracket int, open *int) bool {
	if escape := j.find(escape); escape < bracket {
		if bytes.Count(j.buf[j.pos:escape], quote)&1 == 0 {
			return false
		}
		return j.leaveString(escape)
	}
	switch {
	case bracket == len(j.buf):
		return false
	case bytes.Count(j.buf[j.pos:bracket], quote)&1 != 0:
		return j.leaveString(bracket)
	case j.buf[bracket] == '[':
		*open++
	default:
		*open--
	}
	j.pos = bracket + 1
	return *open >= 0
}

// leaveString moves pos behind the string that at is in, where nothing in front
// of it is escaped, if its end is in sight.
func (j *jsonRun) leaveString(at int) bool {
	end, closed := stringEnd(j.buf[at:])
	j.pos = at + end + 1
	return closed
}

// meets moves met to the next brace that may open an element of an array, or to
// the window's end. It is tight if it does so right behind an object, and no
// string is open there: the quote behind it would end that, and no letter follow.
func (j *jsonRun) meets() int {
	for at := j.pos; j.met < at; {
		i := bytes.IndexByte(j.buf[at:], '{')
		at += i
		if i < 0 || at+2 >= len(j.buf) {
			j.met = len(j.buf)
			break
		}
		switch before := j.buf[at-1]; {
		case before == ',':
			j.met, j.tight = at, j.buf[at-2] == '}' && j.buf[at+1] == '"' && isLetter(j.buf[at+2])
		case isSpace(before):
			j.met, j.tight = at, false
		default:
			at++
		}
	}
	return j.met
}

func isLetter(c byte) bool { return c|0x20-'a' < 26 }
