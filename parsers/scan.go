package parsers

import (
	"bytes"
	"io"
)

// maxDepth is how deep an element may be nested.
const maxDepth = 10_000

// The marks are the bytes that the scanner looks for.
const marks = `{}[]\`

// The places of some among them.
const (
	openBracket  = 2
	closeBracket = 3
	escape       = 4
)

// A scanner finds where an element ends without decoding it. It jumps from
// brace to brace, bracket or backslash and counts the quotes between: an odd
// number says that it landed in a string, which it leaves at the closing quote.
type scanner struct {
	braces   int // open ones, outside of strings
	brackets int
	inString bool
	escaped  bool // in a string: the byte at pos comes behind a backslash

	// ground is the place up to which marks are looked for, if it is behind the
	// window: what comes there will be in one of the next.
	ground int
	sight
}

// A sight is what is known of the window from pos on.
type sight struct {
	// ahead is where each mark comes next: there is none between pos and that
	// place. A place before pos is out of date.
	ahead [len(marks)]int
	met   int  // the same for where two objects meet; see meets
	tight bool // they do so without white space
	seen  int  // the window that this is about
}

// element moves pos behind the open element, whose first byte is c. fields
// says whether the Spec's fields are wanted from it.
func (j *jsonRun) element(c byte, fields bool) error {
	if err := j.enter(c, fields); err != nil {
		return err
	}
	if c == '{' && j.elements && j.level == 0 && j.leap() {
		return nil
	}
	for {
		done, err := j.step(c)
		if done || err != nil {
			return err
		}
		if j.level > 0 && j.pos-j.start > j.limit {
			j.abandon(j.buf[j.start:j.pos], j.depth())
		}
		if err := j.more(); err == io.EOF && isScalar(c) && !j.elements {
			return nil // a document of its own
		} else if err != nil {
			return j.truncated(err)
		}
	}
}

// enter passes over the open element's first byte.
func (j *jsonRun) enter(c byte, fields bool) error {
	j.braces, j.brackets, j.inString, j.escaped = 0, 0, false, false
	switch {
	case c == '{':
		j.braces = 1
	case c == '[':
		j.brackets = 1
	case c == '"':
		j.inString = true
	case !isScalar(c):
		return j.unexpected(c, "a value")
	}
	j.pos++
	j.begin(fields && c == '{')
	return nil
}

// step scans the window from pos on. It is done at the element's end, else it
// stops at the window's.
func (j *jsonRun) step(c byte) (done bool, err error) {
	switch c {
	case '{', '[':
		return j.composite(c)
	case '"':
		return j.closeString(), nil
	default:
		j.pos += scalarEnd(j.buf[j.pos:])
		return j.pos < len(j.buf), nil
	}
}

// composite scans an object or an array, whose first byte was c.
func (j *jsonRun) composite(c byte) (done bool, err error) {
	j.look()
	for {
		if j.inString {
			next := j.find(escape)
			closed := j.closeString()
			j.escapes = j.escapes || next < j.pos
			if !closed {
				return false, nil
			}
		}
		p := min(j.find(0), j.find(1), j.find(2), j.find(3), len(j.buf))
		if p > j.pos {
			at := min(j.find(escape), p)
			j.inString = bytes.Count(j.buf[j.pos:at], quote)&1 != 0
			j.pos = at
			if at < p {
				j.escapes = true
				if !j.inString {
					j.pos++ // a fault of the source's, but of no account
				}
				continue
			}
			if j.inString {
				continue
			}
		}
		if p == len(j.buf) {
			return false, nil
		}
		if done, err := j.structure(c, j.buf[p]); done || err != nil {
			return done, err
		}
	}
}

var quote = []byte{'"'}

// look forgets what was seen of another window.
func (j *jsonRun) look() {
	if j.seen != j.window {
		j.sight = sight{ahead: [len(marks)]int{-1, -1, -1, -1, -1}, met: -1, seen: j.window}
	}
}

// structure passes over the brace or bracket at pos.
func (j *jsonRun) structure(first, c byte) (done bool, err error) {
	opens := c == '{' || c == '['
	if opens && j.depth() == maxDepth {
		return false, j.corrupt("nested more than %d deep", maxDepth)
	}
	if j.level == j.depth() {
		j.between(j.buf[j.start:j.pos], opens)
	}
	switch c {
	case '{':
		j.braces++
	case '}':
		j.braces--
		done = first == '{' && j.braces == 0
	case '[':
		j.brackets++
	case ']':
		j.brackets--
		done = first == '[' && j.brackets == 0
	}
	if j.braces < 0 || j.brackets < 0 || done && j.depth() > 0 {
		return false, j.corrupt("unbalanced %c", c)
	}
	j.pos++
	j.gap, j.escapes = j.pos-j.start, false
	return done, nil
}

func (j *jsonRun) depth() int { return j.braces + j.brackets }

// find is where mark k comes next, or the end of what is looked at.
func (j *jsonRun) find(k int) int {
	if j.ahead[k] < j.pos {
		j.seek(k)
	}
	return j.ahead[k]
}

// seek brings ahead up to date. It stands apart so that find can be inlined.
func (j *jsonRun) seek(k int) {
	rest := j.buf[j.pos:max(len(j.buf), j.ground)]
	i := bytes.IndexByte(rest, marks[k])
	if i < 0 {
		i = len(rest)
	}
	j.ahead[k] = j.pos + i
}

// closeString moves pos, which is in a string, behind its closing quote, or to
// the window's end if that is not in sight.
func (j *jsonRun) closeString() (closed bool) {
	if j.escaped {
		if j.pos == len(j.buf) {
			return false
		}
		j.pos++
	}
	end, closed := stringEnd(j.buf[j.pos:])
	j.pos += end
	j.escaped = !closed && oddBackslashes(j.buf[j.pos-end:j.pos])
	if closed {
		j.pos++
		j.inString = false
	}
	return closed
}

// stringEnd is where in b, which begins in a string, its closing quote is; or
// b's length if that is not in it.
func stringEnd(b []byte) (end int, closed bool) {
	for end < len(b) {
		i := bytes.IndexByte(b[end:], '"')
		if i < 0 {
			break
		}
		end += i
		if !oddBackslashes(b[:end]) {
			return end, true
		}
		end++
	}
	return len(b), false
}

// oddBackslashes tells whether what follows b is escaped.
func oddBackslashes(b []byte) bool {
	n := 0
	for n < len(b) && b[len(b)-1-n] == '\\' {
		n++
	}
	return n&1 != 0
}

// scalarEnd is where the number, true, false or null that b begins with ends.
func scalarEnd(b []byte) int {
	for i, c := range b {
		if !isScalar(c) {
			return i
		}
	}
	return len(b)
}

func isScalar(c byte) bool {
	return c-'0' < 10 || c|0x20-'a' < 26 || c == '-' || c == '+' || c == '.'
}
