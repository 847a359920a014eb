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
	// Expect are the names that columns may have, in any order; one with * at
	// its end stands for all that begin so. A line is a header if at least half
	// of its columns, and two unless it has one, are among them: the first line only then, and lines further
	// down, where files were joined, too. Without Expect the first line is the
	// header whatever it says, and further down one that is the same. It says
	// nothing where Header is "".
	Expect []string `yaml:"expect"`
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
	// record, which is Unparsed. One of the two, or Continue, may be given, and
	// then nothing but an encoding beside it.
	Start string `yaml:"start"`
	// End is the other of the two.
	End string `yaml:"end"`
	// Continue is an RE2 expression for the lines that belong to the record
	// before them, such as those of a stack trace, where records begin in too
	// many ways for Start. No line is Unparsed. A record that would become
	// longer than MaxRecord ends before the line that makes it so.
	Continue string `yaml:"continue"`
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
	if o.Start+o.End+o.Continue != "" {
		pattern, err := compilePattern(o, s.Fields)
		if err := errors.Join(append(mistakes, err)...); err != nil {
			return nil, err
		}
		return text(encoding, func(r *run) error {
			g := &groupRun{run: r, pattern: pattern, ends: o.End != "", continues: o.Continue != ""}
			return g.cut()
		}), nil
	}
	separator, err := checkLines(o, s.Fields)
	expect, mistake := newVocabulary(o.Expect)
	if err := errors.Join(append(mistakes, err, mistake)...); err != nil {
		return nil, err
	}
	return text(encoding, func(r *run) error {
		l := &lineRun{table: newTable(r), opts: o, comment: []byte(o.Comment)}
		l.expect = expect
		l.json = o.GivesJSON()
		l.strict = l.json
		l.split = func(cells [][]byte, row []byte, most int) [][]byte { return splitAt(cells, row, most, separator) }
		if separator == 0 {
			l.split = splitAnywhere
		}
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
	switch {
	case o.Separator != "":
		separator, err = separatorByte("separator", o.Separator)
		mistakes = append(mistakes, err)
	case o.Header == "json" || len(o.Expect) > 0:
		mistakes = append(mistakes, errors.New("there is no separator, to tell columns by"))
	case len(fields) > 0:
		mistakes = append(mistakes, fmt.Errorf("lines have no fields without a separator: %q cannot be read from the record", fields))
	}
	if o.Header == "" && o.Separator != "" {
		mistakes = append(mistakes, numbersOnly(fields))
	}
	return separator, errors.Join(mistakes...)
}

// splitAnywhere appends two cells of a row if there may be two, where nobody said
// what is between them.
func splitAnywhere(cells [][]byte, row []byte, _ int) [][]byte {
	i := bytes.IndexAny(row, " \t,;|")
	if i < 0 {
		return append(cells, row)
	}
	return append(cells, row[:i], row[i+1:])
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
	l.named = l.opts.Header != "" && (l.json || len(l.fields) > 0)
	l.seen = l.opts.Header == "" || l.resumed
	l.fixed = !l.seen
	switch {
	case !l.resumed || l.opts.Header == "":
	case l.named:
		if err := l.resume(); err != nil {
			return err
		}
	default:
		l.header = []byte(l.remembered())
	}
	return eachLine(l.run, l.line)
}

func (l *lineRun) line(raw []byte, length int64) error {
	switch {
	case len(l.comment) > 0 && bytes.HasPrefix(raw, l.comment):
		l.record.Dropped = "comment"
		return l.give(raw, length)
	case !l.seen && len(raw) > 0:
		l.seen, l.fixed = true, false
		if l.expect == nil || l.isHeader(raw) {
			return l.head(raw, length)
		}
	case l.opts.Header != "" && l.again(raw):
		return l.head(raw, length)
	}
	return l.row(raw, length)
}

// head gives a header.
func (l *lineRun) head(raw []byte, length int64) error {
	if !l.named {
		l.note(raw, length)
	} else if err := l.learn(raw, length); err != nil {
		return err
	}
	if l.opts.Header != "keep" {
		l.record.Dropped, l.record.Foreign = "header", isDocument(raw)
	}
	return l.give(raw, length)
}
