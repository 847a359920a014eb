package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// CSVOptions are those of format "csv" (https://www.rfc-editor.org/rfc/rfc4180):
// each row is a record, without the LF or CR LF that ends it. A value that
// begins with a quote ends with the next one that is not doubled, and may have
// separators and line breaks in it. Blank lines are records with an empty Raw.
//
// A row with a quote in a place where none may be is Unparsed and ends with its
// line; so is a row of another number of columns than there are names. An object
// that ends within quotes is truncated: that is an error.
//
// Spec.Fields are columns, by number from 1 or by name, without quotes.
type CSVOptions struct {
	// Encoding is utf-8 (the default), utf-16 (by its byte order mark),
	// utf-16le, utf-16be or latin-1.
	Encoding string `yaml:"encoding"`
	// Header is what becomes of the first row that is not blank, where that
	// names the columns: "keep" leaves it a record, "drop" gives it as Dropped
	// "header", and "json" does too and makes of every other row a JSON object
	// with the columns' names, each value a string. "" when there is no such
	// row.
	Header string `yaml:"header"`
	// Names are the columns of an object that does not name them, or whose
	// header is dropped: every row becomes a JSON object with these.
	Names []string `yaml:"names"`
	// Separator is what stands between two columns: comma (the default), space,
	// tab, semicolon, pipe, or any other ASCII character.
	Separator string `yaml:"separator"`
	// Quote is an ASCII character, '"' by default, or "none" when quotes mean
	// nothing.
	Quote string `yaml:"quote"`
}

// Format is "csv".
func (*CSVOptions) Format() string { return "csv" }

// GivesJSON tells whether rows become objects: see Redaction.
func (o *CSVOptions) GivesJSON() bool { return o.Header == "json" || len(o.Names) > 0 }

// misplacedQuote is why a row of CSV is not understood.
const misplacedQuote = "misplaced quote"

func compileCSV(s Spec) (func(*run) error, error) {
	o, err := optionsOf[CSVOptions](s)
	if err != nil {
		return nil, err
	}
	var mistakes []error
	note := func(err error) { mistakes = append(mistakes, err) }
	encoding, err := compileEncoding(o.Encoding)
	note(err)
	if !slices.Contains([]string{"", "keep", "drop", "json"}, o.Header) {
		note(fmt.Errorf("header is %q; it must be keep, drop, json or left out", o.Header))
	}
	if len(o.Names) > 0 && (o.Header == "keep" || o.Header == "json") {
		note(fmt.Errorf("header is %q, and names are given too; leave one out", o.Header))
	}
	if o.Header == "" && len(o.Names) == 0 {
		note(numbersOnly(s.Fields))
	}
	d := dialect{separator: ',', quote: '"'}
	if o.Separator != "" {
		d.separator, err = separatorByte("separator", o.Separator)
		note(err)
	}
	switch o.Quote {
	case "":
	case "none":
		d.quote = '\n' // which is never in a line
	default:
		d.quote, err = separatorByte("quote", o.Quote)
		note(err)
	}
	d.between = []byte{d.separator}
	if d.quote == d.separator {
		note(errors.New("separator and quote are the same"))
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	names := slices.Clone(o.Names)
	return text(encoding, func(r *run) error {
		c := &csvRun{table: newTable(r), dialect: d, header: o.Header}
		c.split, c.strict = c.values, true
		c.json = o.GivesJSON()
		if len(names) > 0 {
			c.name(names)
		}
		return c.cut()
	}), nil
}

// A dialect is how rows of CSV are written.
type dialect struct {
	separator, quote byte
	between          []byte // the separator
}

// A csvRun is the cutting of rows.
type csvRun struct {
	*table
	dialect
	header string
	unquoter
}

func (c *csvRun) cut() error {
	seen := c.header == "" || c.resumed
	c.fixed = !seen
	if c.header != "" && c.keys == nil && c.resumed {
		if err := c.resume(); err != nil {
			return err
		}
	}
	for {
		if c.pos == len(c.buf) {
			if err := c.advance(); err == io.EOF {
				return nil
			} else if err != nil {
				return err
			}
		}
		c.open()
		raw, length, err := c.pass()
		if err != nil {
			return err
		}
		if seen || len(raw) == 0 {
			err = c.row(raw, length)
		} else {
			seen, c.fixed = true, false
			err = c.first(raw, length)
		}
		if err != nil {
			return err
		}
	}
}

// first gives the header.
func (c *csvRun) first(raw []byte, length int64) error {
	if c.keys == nil {
		if c.record.Unparsed != "" {
			return c.corrupt("the header has a %s", misplacedQuote)
		}
		if err := c.learn(raw, length); err != nil {
			return err
		}
	}
	if c.header != "keep" {
		c.record.Dropped = "header"
	}
	return c.give(raw, length)
}

// A csvState is where in a row a byte is.
type csvState uint8

const (
	valueStart csvState = iota
	inValue             // in one without quotes
	inQuotes
	behindQuote // which is a quoted value's last, or the first of two
	behindCR    // which came behind that quote
	misplaced   // behind a quote where none may be: the row ends with its line
)

// pass moves pos over the open element up to the end of its row, and says so in
// the record if that has a misplaced quote. The length is without the end.
func (c *csvRun) pass() (raw []byte, length int64, err error) {
	f := c.feed
	var last byte // before the window's position
	at, end := valueStart, false
	c.counted = 0
	if n := bytes.IndexByte(f.buf[f.pos:], '\n'); n > 0 {
		line := f.buf[f.pos : f.pos+n]
		last = line[n-1]
		if last == '\r' {
			line = line[:n-1]
		}
		if c.counted, end = c.count(line); end {
			f.pos += n
		}
	}
	for !end && err == nil {
		var n int
		n, at, end = c.step(f.buf[f.pos:], at)
		if n > 0 {
			last = f.buf[f.pos+n-1]
		}
		if f.pos += n; !end && f.pos == len(f.buf) {
			err = f.more()
		}
	}
	if at == misplaced || at == behindCR && err == io.EOF {
		c.record.Unparsed = misplacedQuote
	}
	switch {
	case err == nil:
		raw, length = f.endLine(last)
		return raw, length, nil
	case err == io.EOF && at == inQuotes:
		return nil, 0, f.corrupt("the object ends within quotes")
	case err == io.EOF:
		raw, length = f.close()
		return raw, length, nil
	default:
		return nil, 0, err
	}
}

// step looks at the beginning of b, which is in a row. It gives how much of it
// was looked at and the place behind that, or that the row ends there, in front
// of an LF.
func (d dialect) step(b []byte, at csvState) (n int, next csvState, end bool) {
	switch at {
	case inQuotes:
		i := bytes.IndexByte(b, d.quote)
		if i < 0 {
			return len(b), inQuotes, false
		}
		return i + 1, behindQuote, false
	case misplaced:
		i := bytes.IndexByte(b, '\n')
		if i < 0 {
			return len(b), misplaced, false
		}
		return i, misplaced, true
	case inValue:
		for n < len(b) && b[n] != d.separator && b[n] != d.quote && b[n] != '\n' {
			n++
		}
		if n == len(b) {
			return n, inValue, false
		}
	}
	switch c := b[n]; {
	case c == '\n':
		return n, at, true
	case at == behindCR:
		return 0, misplaced, false
	case c == d.separator:
		return n + 1, valueStart, false
	case c == d.quote && at == inValue:
		return n, misplaced, false
	case c == d.quote:
		return n + 1, inQuotes, false
	case at == valueStart:
		return n, inValue, false
	case c == '\r':
		return n + 1, behindCR, false
	default: // behind a quote
		return n, misplaced, false
	}
}

// count is how many values line has, if it is a row: no quote is misplaced, and
// none is open at its end.
func (d dialect) count(line []byte) (values int, ok bool) {
	for values = 1; ; {
		open := bytes.IndexByte(line, d.quote)
		if open < 0 {
			return values + bytes.Count(line, d.between), true
		}
		if open > 0 {
			if line[open-1] != d.separator {
				return 0, false
			}
			values += bytes.Count(line[:open], d.between)
		}
		for line = line[open+1:]; ; line = line[2:] { // to the quote that is not doubled
			end := bytes.IndexByte(line, d.quote)
			if end < 0 {
				return 0, false
			}
			if line = line[end:]; len(line) == 1 {
				return values, true
			}
			if line[1] != d.quote {
				break
			}
		}
		if line[1] != d.separator {
			return 0, false
		}
		line = line[1:]
	}
}

// values appends those of a row, which has no misplaced quotes but may be cut.
func (c *csvRun) values(cells [][]byte, row []byte, most int) [][]byte {
	if bytes.IndexByte(row, c.quote) < 0 {
		return splitAt(cells, row, most, c.separator)
	}
	c.scratch = c.scratch[:0]
	for len(cells) < most {
		var value, rest []byte
		if len(row) > 0 && row[0] == c.quote {
			value, rest, _ = c.unquote(row[1:], c.quote)
		} else {
			end := bytes.IndexByte(row, c.separator)
			if end < 0 {
				end = len(row)
			}
			value, rest = row[:end], row[end:]
		}
		cells = append(cells, value)
		if len(rest) == 0 {
			break
		}
		row = rest[1:]
	}
	return cells
}

// An unquoter keeps the values of a row whose doubled quotes it made single.
type unquoter struct {
	scratch []byte
}

// unquote gives the value that b begins with, up to its closing quote, and what
// comes behind that.
func (u *unquoter) unquote(b []byte, quote byte) (value, rest []byte, ok bool) {
	// What was given before must not move: when scratch grows, it stays in the
	// old one.
	from := len(u.scratch)
	for {
		end := bytes.IndexByte(b, quote)
		if end < 0 {
			return append(u.scratch, b...)[from:], nil, false
		}
		if end+1 < len(b) && b[end+1] == quote {
			u.scratch = append(u.scratch, b[:end+1]...)
			b = b[end+2:]
			continue
		}
		if len(u.scratch) == from {
			return b[:end], b[end+1:], true
		}
		u.scratch = append(u.scratch, b[:end]...)
		return u.scratch[from:], b[end+1:], true
	}
}
