// Package printable makes text that may come from anywhere safe to show: nothing in it
// can move a cursor, change a colour, turn the direction of what follows, or end a
// line.
package printable

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Line is s with everything that is not printable escaped as in Go's strings,
// line breaks included: \n, \x1b, \u202e. A byte that is not UTF-8 is \xff.
func Line(s string) string { return escape(s, func(c rune) bool { return Rune(c) }) }

// Text is as Line, but line breaks and tabs stay.
func Text(s string) string {
	return escape(s, func(c rune) bool { return c == '\n' || c == '\t' || Rune(c) })
}

// Rune reports whether a terminal shows c and does nothing else with it:
// control characters are not, nor are those that only change how others are shown.
func Rune(c rune) bool { return unicode.IsGraphic(c) }

func escape(s string, keep func(rune) bool) string {
	if utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool { return !keep(c) }) {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		c, size := utf8.DecodeRuneInString(s)
		switch {
		case c == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, s[0])
		case keep(c):
			b.WriteString(s[:size])
		default:
			b.WriteString(strings.Trim(fmt.Sprintf("%+q", c), "'"))
		}
		s = s[size:]
	}
	return b.String()
}

// Cut is the beginning of s that has at most n bytes, with … at its end if it is
// not all of it. No character is halved.
func Cut(s string, n int) string {
	const more = "…"
	if len(s) <= n {
		return s
	}
	n = max(n-len(more), 0)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + more
}

// JSON is a line of JSON with everything that is not printable escaped as \uXXXX:
// encoding/json leaves DEL, the controls of C1 and the marks of direction.
func JSON(line []byte) []byte {
	if !strings.ContainsFunc(string(line), hidden) {
		return line
	}
	var b []byte
	for len(line) > 0 {
		c, size := utf8.DecodeRune(line)
		switch high, low := surrogates(c); {
		case !hidden(c):
			b = append(b, line[:size]...)
		case high != 0:
			b = fmt.Appendf(b, `\u%04x\u%04x`, high, low)
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
		line = line[size:]
	}
	return b
}

// hidden are characters that are not printable, but for the line's own break.
func hidden(c rune) bool { return c != '\n' && !Rune(c) }

// surrogates are the two of a character beyond 16 bits, else 0
// (https://www.rfc-editor.org/rfc/rfc8259#section-7).
func surrogates(c rune) (high, low rune) {
	if c < 0x10000 {
		return 0, 0
	}
	return utf16.EncodeRune(c)
}

// Styled is as Text, but colours and the like stay, as they are written for a
// terminal (SGR). Text from elsewhere in it should be a Line or Text before.
func Styled(s string) string {
	if !strings.Contains(s, "\x1b") {
		return Text(s)
	}
	var b strings.Builder
	from := 0
	for _, at := range style.FindAllStringIndex(s, -1) {
		b.WriteString(Text(s[from:at[0]]))
		b.WriteString(s[at[0]:at[1]])
		from = at[1]
	}
	b.WriteString(Text(s[from:]))
	return b.String()
}

var style = regexp.MustCompile("\x1b\\[[0-9;]*m")

// Writer passes on what is written as Styled. A character must not be halved
// between two writes.
type Writer struct{ io.Writer }

// Write implements io.Writer.
func (w Writer) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.Writer, Styled(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
