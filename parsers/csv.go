package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
)

// CSVOptions are those of format "csv" (https://www.rfc-editor.org/rfc/rfc4180):
// each row is a record, without the LF, CR LF or CR that ends it. A value that
// begins with a quote ends with the next one that is not doubled, and may have
// separators and line breaks in it; spaces in front of its first quote are no part
// of it. Blank lines are records with an empty Raw.
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
	// Expect are the names that columns may have, in any order; one with * at
	// its end stands for all that begin so. A row is a header if at least half
	// of its columns, and two unless it has one, are among them: the first row only then, and rows further
	// down, where files were joined, too. If no Separator is given, the header
	// shows it: comma, tab, space, semicolon or pipe. Without Expect the first
	// row is the header whatever it says, and further down one that is the
	// same.
	Expect []string `yaml:"expect"`
	// Names are the columns of an object that does not name them, or whose
	// header is dropped: every row becomes a JSON object with these.
	Names []string `yaml:"names"`
	// Separator is what stands between two columns: comma (the default, but see
	// Expect), space, tab, semicolon, pipe, or any other ASCII character.
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
	note(checkNames(o.Names))
	expect, err := newVocabulary(o.Expect)
	note(err)
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
	if d.quote == d.separator {
		note(errors.New("separator and quote are the same"))
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	names := slices.Clone(o.Names)
	return text(encoding, func(r *run) error {
		c := &csvRun{table: newTable(r), dialect: d, header: o.Header}
		c.split, c.strict, c.expect = c.values, true, expect
		c.json, c.learns = o.GivesJSON(), expect != nil && o.Separator == ""
		if len(names) > 0 {
			c.name(names)
		}
		return c.cut()
	}), nil
}

// A dialect is how rows of CSV are written.
type dialect struct {
	separator, quote byte
}

// A csvRun is the cutting of rows.
type csvRun struct {
	*table
	dialect
	header string
	learns bool // the header shows the separator
	seen   bool // the header came, or was not there
	given  bool // the names of the columns are the Spec's
	lf, cr int  // where in the window of that number the next of each is
	window int
	unquoter
}

func (c *csvRun) cut() error {
	c.seen = c.header == "" || c.resumed
	c.fixed, c.given = !c.seen, c.keys != nil
	c.window = -1
	if c.header != "" && c.resumed {
		row := []byte(c.remembered())
		c.learnSeparator(row)
		if c.given {
			c.table.header = row
		} else if err := c.resume(); err != nil {
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
		if err := c.take(raw, length); err != nil {
			return err
		}
	}
}

// take gives a row, or the header.
func (c *csvRun) take(raw []byte, length int64) error {
	switch {
	case !c.seen && len(raw) > 0:
		c.seen, c.fixed = true, false
		c.learnSeparator(raw)
		if c.expect == nil || c.isHeader(raw) {
			return c.head(raw, length)
		}
		if _, ok := c.count(raw); !ok && c.learns { // was passed over as a line
			c.record.Unparsed = misplacedQuote
		}
	case c.header != "" && c.again(raw):
		return c.head(raw, length)
	}
	return c.row(raw, length)
}

// learnSeparator finds the separator that makes a header of a row.
func (c *csvRun) learnSeparator(row []byte) {
	if !c.learns {
		return
	}
	was := c.separator
	found, ok := c.expect.best([]string{",", "\t", " ", ";", "|"}, func(separator string) [][]byte {
		c.separator = separator[0]
		return c.values(nil, row[:min(len(row), c.spec.MaxRecord)], maxColumns)
	})
	if c.separator = was; ok {
		c.separator = found[0]
	}
}

// head gives a header.
func (c *csvRun) head(raw []byte, length int64) error {
	switch {
	case c.given:
		c.note(raw, length)
	case c.record.Unparsed != "":
		return c.corrupt("the header has a %s", misplacedQuote)
	default:
		if err := c.learn(raw, length); err != nil {
			return err
		}
	}
	if c.header != "keep" {
		c.record.Dropped, c.record.Foreign = "header", isDocument(raw)
	}
	return c.give(raw, length)
}

// A csvState is where in a row a byte is.
type csvState uint8

const (
	valueStart  csvState = iota
	behindBlank          // behind spaces that a value begins with
	inValue              // in one without quotes
	inQuotes
	behindQuote // which is a quoted value's last, or the first of two
	misplaced   // behind a quote where none may be: the row ends with its line
)

// pass moves pos over the open element and the end of its row, and says so in
// the record if that has a misplaced quote. The length is without the end.
func (c *csvRun) pass() (raw []byte, length int64, err error) {
	f := c.feed
	at, end := valueStart, false
	if c.counted = 0; c.learns && !c.seen {
		at = misplaced // a line, whatever its separator
	} else if n := c.lineEnd(); n > 0 {
		if c.counted, end = c.count(f.buf[f.pos:][:n]); end {
			f.pos += n
		}
	}
	learning := at == misplaced
	for !end && err == nil {
		var n int
		n, at, end = c.step(f.buf[f.pos:], at)
		if f.pos += n; !end && f.pos == len(f.buf) {
			err = f.more()
		}
	}
	switch {
	case err == nil:
		raw, length, err = f.endRow()
	case err == io.EOF && at == inQuotes:
		return nil, 0, f.corrupt("the object ends within quotes")
	case err == io.EOF:
		raw, length = f.close()
		err = nil
	}
	if at == misplaced && !learning {
		c.record.Unparsed = misplacedQuote
	}
	return raw, length, err
}

// lineEnd is where, from pos on, the line ends that is at hand; 0 if it is not
// there to its end. No byte is looked at twice for an LF or a CR, of which there may
// be none in the object.
func (c *csvRun) lineEnd() int {
	f := c.feed
	if c.window != f.window {
		c.window, c.lf, c.cr = f.window, -1, -1
	}
	if c.lf < f.pos {
		c.lf = f.nextByte('\n')
	}
	if c.cr < f.pos {
		c.cr = f.nextByte('\r')
	}
	end := min(c.lf, c.cr)
	if end == len(f.buf) {
		return 0
	}
	return end - f.pos
}

// endRow closes the element in front of the LF, CR LF or CR at pos, and moves pos
// behind that.
func (f *feed) endRow() (raw []byte, length int64, err error) {
	ends := int64(0) // bytes of the end that are in the element
	if f.buf[f.pos] == '\r' {
		f.pos++
		ends = 1
		if f.pos == len(f.buf) {
			err = f.more()
		}
		if err != nil && err != io.EOF {
			return nil, 0, err
		}
	}
	lf := err == nil && f.buf[f.pos] == '\n'
	raw, length = f.close()
	if lf {
		f.pos++
	}
	length -= ends
	return raw[:min(int64(len(raw)), length)], length, nil
}

// step looks at the beginning of b, which is in a row. It gives how much of it
// was looked at and the place behind that, or that the row ends there, in front
// of an LF or a CR.
func (d dialect) step(b []byte, at csvState) (n int, next csvState, end bool) {
	switch at {
	case inQuotes:
		i := bytes.IndexByte(b, d.quote)
		if i < 0 {
			return len(b), inQuotes, false
		}
		return i + 1, behindQuote, false
	case misplaced:
		i := bytes.IndexAny(b, "\r\n")
		if i < 0 {
			return len(b), misplaced, false
		}
		return i, misplaced, true
	case inValue:
		for n < len(b) && b[n] != d.separator && b[n] != d.quote && b[n] != '\n' && b[n] != '\r' {
			n++
		}
		if n == len(b) {
			return n, inValue, false
		}
	}
	switch c := b[n]; {
	case c == '\n' || c == '\r':
		return n, at, true
	case c == d.separator:
		return n + 1, valueStart, false
	case c == d.quote && at == inValue:
		return n, misplaced, false
	case c == d.quote:
		return n + 1, inQuotes, false
	case at == behindQuote:
		return n, misplaced, false
	case c == ' ':
		return n + 1, behindBlank, false
	default:
		return n, inValue, false
	}
}

// count is how many values line has, if it is a row: no quote is misplaced, and
// none is open at its end.
func (d dialect) count(line []byte) (values int, ok bool) {
	between := []byte{d.separator}
	for values = 1; ; {
		open := bytes.IndexByte(line, d.quote)
		if open < 0 {
			return values + bytes.Count(line, between), true
		}
		if before := d.trimBlanks(line[:open]); len(before) > 0 {
			if before[len(before)-1] != d.separator {
				return 0, false
			}
			values += bytes.Count(before, between)
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

// trimBlanks leaves out spaces at the end of what is in front of a quote, but for
// separators.
func (d dialect) trimBlanks(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == ' ' && d.separator != ' ' {
		b = b[:len(b)-1]
	}
	return b
}

// values appends those of a row, which has no misplaced quotes but may be cut.
func (c *csvRun) values(cells [][]byte, row []byte, most int) [][]byte {
	if bytes.IndexByte(row, c.quote) < 0 {
		return splitAt(cells, row, most, c.separator)
	}
	c.scratch = c.scratch[:0]
	for len(cells) < most {
		var value, rest []byte
		if quoted := c.quoted(row); quoted != nil {
			value, rest, _ = c.unquote(quoted[1:], c.quote)
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

// quoted is row from the quote on that its first value begins with, or nil.
func (c *csvRun) quoted(row []byte) []byte {
	if c.separator != ' ' {
		row = bytes.TrimLeft(row, " ")
	}
	if len(row) > 0 && row[0] == c.quote {
		return row
	}
	return nil
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
