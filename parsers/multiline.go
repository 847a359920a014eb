package parsers

import (
	"errors"
	"fmt"
	"io"
	"regexp"
)

// The reasons for which lines make no record.
const (
	noStart = "no line that starts a record"
	noEnd   = "no line that ends the record"
)

// compilePattern is the expression for records of many lines.
func compilePattern(o LinesOptions, fields []string) (*regexp.Regexp, error) {
	var mistakes []error
	given := 0
	name, text := "", ""
	for _, p := range []struct{ name, text string }{{"start", o.Start}, {"end", o.End}, {"continue", o.Continue}} {
		if p.text != "" {
			name, text = p.name, p.text
			given++
		}
	}
	if given > 1 {
		mistakes = append(mistakes, errors.New("start, end and continue exclude each other; leave one"))
	}
	if o.Header+o.Separator+o.Comment != "" || len(o.Expect) > 0 {
		mistakes = append(mistakes, errors.New("start, end and continue are for records of many lines: header, expect, separator and comment are for those of one"))
	}
	if len(fields) > 0 {
		mistakes = append(mistakes, fmt.Errorf("records of many lines have no fields: %q cannot be read from them", fields))
	}
	pattern, err := regexp.Compile(text)
	if err != nil {
		mistakes = append(mistakes, fmt.Errorf("%s: %w", name, err))
	}
	return pattern, errors.Join(mistakes...)
}

// A groupRun is the cutting of records of many lines. They are copied together:
// whether a line belongs to a record shows only when it is there to its end.
type groupRun struct {
	*run
	pattern   *regexp.Regexp
	ends      bool // the pattern matches a record's last line, not its first
	continues bool // it matches every line of a record but the first

	begun   bool // there is a record
	matched bool // the pattern did, in it
	text    []byte
	length  int64 // of the whole, of which text is the beginning
}

func (g *groupRun) cut() error {
	lineBreak := ""
	for {
		if g.pos == len(g.buf) {
			if err := g.advance(); err == io.EOF {
				return g.finish()
			} else if err != nil {
				return err
			}
		}
		var place Restart
		g.place(&place)
		g.feed.open(g.spec.MaxRecord + 1)
		from := g.offset()
		raw, length, err := line(g.feed)
		if err != nil {
			return err
		}
		raw = raw[:min(len(raw), g.spec.MaxRecord+1)]
		match := g.pattern.Match(raw)
		if g.continues {
			// A line that would make the record too long begins the next one:
			// nothing need be lost.
			match = !match || g.length+int64(len(lineBreak))+length > int64(g.spec.MaxRecord)
		}
		if match && !g.ends {
			if err := g.finish(); err != nil {
				return err
			}
		}
		if !g.begun {
			g.restart, g.restart.Index = place, g.index
			g.offer()
			g.begun = true
		} else {
			g.add([]byte(lineBreak), int64(len(lineBreak)))
		}
		g.add(raw, length)
		g.matched = g.matched || match
		lineBreak = "\r\n"[2-(g.offset()-from-length):]
		if match && g.ends {
			if err := g.finish(); err != nil {
				return err
			}
		}
	}
}

// add appends what begins with b and has length bytes.
func (g *groupRun) add(b []byte, length int64) {
	room := g.spec.MaxRecord + 1 - len(g.text)
	g.text = append(g.text, b[:min(len(b), room)]...)
	g.length += length
}

// finish gives the record, if there is one.
func (g *groupRun) finish() error {
	if !g.begun {
		return nil
	}
	if !g.matched && !g.continues {
		g.record.Unparsed = noStart
		if g.ends {
			g.record.Unparsed = noEnd
		}
	}
	err := g.give(g.text, g.length)
	g.begun, g.matched, g.text, g.length = false, false, g.text[:0], 0
	return err
}
