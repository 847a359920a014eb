package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
)

// LinesOptions are those of format "lines": each line is a record, without the
// LF or CR LF that ends it. No other character ends a line, and the last one
// needs no end. Blank lines are records with an empty Raw; NULs and bytes that
// are not UTF-8 stay as they are.
//
// Spec.Fields are columns, by number from 1 or by the header's names, and need
// a Separator.
type LinesOptions struct {
	// Encoding is utf-8 (the default), utf-16 (by its byte order mark),
	// utf-16le, utf-16be or latin-1.
	Encoding string `yaml:"encoding"`
	// Header is what becomes of the object's first line that is neither blank
	// nor a comment, where that names the columns: "keep" leaves it a record,
	// "drop" gives it as Dropped "header", and "json" does too and makes of
	// every other line a JSON object with the columns' names, each value a
	// string; a line of another number of columns is Unparsed. "" when there is
	// no such line.
	Header string `yaml:"header"`
	// Expect is the header there should be. Another one that has a column in
	// common with it counts as the header all the same, but is Dropped
	// "unexpected header", or Unparsed so where headers are kept. A line that
	// has none in common is no header but a record, and Expect names the
	// columns.
	Expect string `yaml:"expect"`
	// Separator is what stands between two columns: space, tab, comma,
	// semicolon, pipe, or any other ASCII character. Every one of them counts,
	// also between quotes, where format "csv" sees it otherwise.
	Separator string `yaml:"separator"`
	// Comment is what lines begin with that are given as Dropped "comment"; up
	// to 64 bytes.
	Comment string `yaml:"comment"`
	// Start and End are RE2 expressions (https://github.com/google/re2/wiki/Syntax)
	// for records of many lines: one begins with each line that Start matches,
	// or ends with each that End matches. Line breaks within a record stay.
	// Lines in front of the first Start, or behind the last End, are one
	// record, which is Unparsed. One of the two may be given, and then nothing
	// but an encoding beside it.
	Start string `yaml:"start"`
	// End is the other of the two.
	End string `yaml:"end"`
}

// maxComment is no more than is kept of any line.
const maxComment = minMaxRecord

// Format is "lines".
func (*LinesOptions) Format() string { return "lines" }

// GivesJSON tells whether lines become objects: see Redaction.
func (o *LinesOptions) GivesJSON() bool { return o.Header == "json" }

func compileLines(s Spec) (func(*run) error, error) {
	o, err := optionsOf[LinesOptions](s)
	if err != nil {
		return nil, err
	}
	encoding, err := compileEncoding(o.Encoding)
	mistakes := []error{err}
	if o.Start != "" || o.End != "" {
		pattern, err := compilePattern(o, s.Fields)
		if err := errors.Join(append(mistakes, err)...); err != nil {
			return nil, err
		}
		return text(encoding, func(r *run) error {
			g := &groupRun{run: r, pattern: pattern, ends: o.End != ""}
			return g.cut()
		}), nil
	}
	separator, err := checkLines(o, s.Fields)
	if err := errors.Join(append(mistakes, err)...); err != nil {
		return nil, err
	}
	return text(encoding, func(r *run) error {
		l := &lineRun{table: newTable(r), opts: o, comment: []byte(o.Comment)}
		l.json = o.GivesJSON()
		l.strict = l.json
		l.split = func(cells [][]byte, row []byte, most int) [][]byte { return splitAt(cells, row, most, separator) }
		return l.cut()
	}), nil
}

// checkLines checks the options for records of one line.
func checkLines(o LinesOptions, fields []string) (separator byte, err error) {
	var mistakes []error
	if !slices.Contains([]string{"", "keep", "drop", "json"}, o.Header) {
		mistakes = append(mistakes, fmt.Errorf("header is %q; it must be keep, drop, json or left out", o.Header))
	}
	if len(o.Comment) > maxComment {
		mistakes = append(mistakes, fmt.Errorf("comment has %d bytes; it may have %d", len(o.Comment), maxComment))
	}
	if o.Expect != "" && o.Header == "" {
		mistakes = append(mistakes, errors.New("expect is of use with a header only"))
	}
	switch {
	case o.Separator != "":
		separator, err = separatorByte("separator", o.Separator)
		mistakes = append(mistakes, err)
	case o.Header == "json" || o.Expect != "":
		mistakes = append(mistakes, errors.New("there is no separator, to tell columns by"))
	case len(fields) > 0:
		mistakes = append(mistakes, fmt.Errorf("lines have no fields without a separator: %q cannot be read from the record", fields))
	}
	if o.Header == "" && o.Separator != "" {
		mistakes = append(mistakes, numbersOnly(fields))
	}
	return separator, errors.Join(mistakes...)
}

// A lineRun is the cutting of lines, each a record.
type lineRun struct {
	*table
	opts    LinesOptions
	comment []byte
	named   bool // the columns' names matter
	seen    bool // the header came, or was not there
}

func (l *lineRun) cut() error {
	l.named = l.opts.Header != "" && (l.json || l.opts.Expect != "" || len(l.fields) > 0)
	l.seen = l.opts.Header == "" || l.resumed
	l.fixed = !l.seen
	if l.named && l.resumed {
		if err := l.resume(); err != nil {
			return err
		}
	}
	return eachLine(l.run, l.line)
}

func (l *lineRun) line(raw []byte, length int64) error {
	switch {
	case len(l.comment) > 0 && bytes.HasPrefix(raw, l.comment):
		l.record.Dropped = "comment"
		return l.give(raw, length)
	case !l.seen && len(raw) > 0:
		return l.first(raw, length)
	default:
		return l.row(raw, length)
	}
}

// first gives the line where the header should be.
func (l *lineRun) first(raw []byte, length int64) error {
	l.seen, l.fixed = true, false
	reason := "header"
	if l.named {
		if err := l.learn(raw, length); err != nil {
			return err
		}
		expected := []byte(l.opts.Expect)
		if len(expected) > 0 && !bytes.Equal(raw, expected) {
			reason = "unexpected header"
			if !l.shareColumn(raw, expected) {
				if err := l.learn(expected, int64(len(expected))); err != nil {
					return err
				}
				return l.row(raw, length)
			}
		}
	}
	switch {
	case l.opts.Header != "keep":
		l.record.Dropped = reason
	case reason != "header":
		l.record.Unparsed = reason
	}
	return l.give(raw, length)
}

// shareColumn tells whether two rows have a value in common.
func (l *lineRun) shareColumn(a, b []byte) bool {
	names := l.names(b)
	return slices.ContainsFunc(l.names(a), func(name string) bool { return slices.Contains(names, name) })
}
