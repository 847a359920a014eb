package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// W3COptions are those of format "w3c", the extended log file format
// (https://www.w3.org/TR/WD-logfile.html), as IIS and CloudFront write it: each
// line is a record. One that begins with # is a directive, given as Dropped
// "directive"; #Fields names the columns of the lines behind it, up to the next
// one. A line in front of the first, or with another number of columns, is
// Unparsed.
//
// A line with a tab in it has its columns between tabs; any other has them
// between spaces, of which several count as one, and a column that begins with a
// double quote ends with the next one that is not doubled. If #Fields has another
// separator between its names, so have the lines.
//
// Zeek's logs are read, too (https://docs.zeek.org/en/master/log-formats.html):
// what #separator says, or else a tab, comes behind #fields and between all
// columns.
//
// Spec.Fields are columns, by number from 1 or by name, such as
// "cs(User-Agent)". A dash alone says that the field is absent.
type W3COptions struct {
	// Encoding is utf-8 (the default), utf-16 (by its byte order mark),
	// utf-16le, utf-16be or latin-1.
	Encoding string `yaml:"encoding"`
	// Record is what a line becomes: "line" (the default) leaves it as it
	// stands, "json" makes it a JSON object with the columns' names, each value
	// a string.
	Record string `yaml:"record"`
	// Others is what becomes of lines in front of the first directive that names
	// columns: "unparsed" (the default), or "json": those that begin with a brace
	// are JSON documents, and stay as they are, for publishers that write either
	// under one name. Spec.Fields are then names of their members, with all
	// dots.
	Others string `yaml:"others"`
	// Expect are the names that columns may have, in any order; one with * at
	// its end stands for all that begin so. A line without # is a header if at
	// least half of its columns, and two unless it has one, are among them: it is Dropped "header" and
	// names the columns of the lines behind it.
	Expect []string `yaml:"expect"`
	// Names are the columns of lines in front of which nothing names them.
	Names []string `yaml:"names"`
	// Separator is what stands between two columns: up to five ASCII characters,
	// or space, tab, comma, semicolon or pipe. "" is what the names in a header
	// show, or else tabs or spaces as above.
	Separator string `yaml:"separator"`
}

// Format is "w3c".
func (*W3COptions) Format() string { return "w3c" }

// GivesJSON tells whether lines become objects: see Redaction.
func (o *W3COptions) GivesJSON() bool { return o.Record == "json" }

// noFields is why a line is not understood.
const noFields = "no #Fields directive before it"

func compileW3C(s Spec) (func(*run) error, error) {
	o, err := optionsOf[W3COptions](s)
	if err != nil {
		return nil, err
	}
	encoding, err := compileEncoding(o.Encoding)
	mistakes := []error{err}
	if o.Record != "" && o.Record != "line" && o.Record != "json" {
		mistakes = append(mistakes, fmt.Errorf("record is %q; it must be line or json", o.Record))
	}
	if o.Others != "" && o.Others != "unparsed" && o.Others != "json" {
		mistakes = append(mistakes, fmt.Errorf("others is %q; it must be unparsed or json", o.Others))
	}
	var documents fieldSet
	if o.Others == "json" {
		documents, err = newFieldSet(keys(s.Fields))
		mistakes = append(mistakes, err)
	}
	expect, err := newVocabulary(o.Expect)
	mistakes = append(mistakes, err, checkNames(o.Names))
	separator := ""
	if o.Separator != "" {
		separator, err = delimiterText("separator", o.Separator)
		mistakes = append(mistakes, err)
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return text(encoding, func(r *run) error {
		w := &w3cRun{table: newTable(r), first: o.Names, given: separator, zeek: "\t"}
		w.expect = expect
		w.split, w.strict, w.json, w.absent = w.columns, true, o.GivesJSON(), "-"
		if o.Others == "json" {
			w.text, w.to = newJSONText(documents, s.MaxRecord), documents.to
		}
		w.reset()
		if r.resumed {
			w.recall(r.remembered())
		}
		return eachLine(r, w.line)
	}), nil
}

// keys are paths of one segment.
func keys(fields []string) (paths []string) {
	for _, f := range fields {
		paths = append(paths, strings.ReplaceAll(f, ".", `\.`))
	}
	return paths
}

// A w3cRun is the cutting of an extended log file.
type w3cRun struct {
	*table
	unquoter
	first     []string  // the columns until something names them
	given     string    // the separator that the options say, or ""
	separator string    // the one in use; "" = tabs or spaces
	zeek      string    // what #separator said last
	headed    bool      // something named the columns
	verbatim  bool      // #fields did: quotes mean nothing
	text      *jsonText // reads documents in front of that; nil: they are not understood
	to        []int     // their fields' places
}

// What names the columns: the W3C's directive, and Zeek's, whose separator is in
// a directive of its own.
const (
	fieldsDirective    = "#Fields:"
	zeekDirective      = "#fields"
	separatorDirective = "#separator "
)

// reset begins with what the options say of columns.
func (w *w3cRun) reset() {
	w.headed, w.separator, w.header = false, w.given, nil
	w.name(w.first)
}

func (w *w3cRun) line(raw []byte, length int64) error {
	switch {
	case len(raw) == 0:
		return w.row(raw, length)
	case raw[0] == '#':
		return w.directive(raw, length)
	case !w.headed && w.text != nil && raw[0] == '{':
		return w.text.record(w.run, w.to, raw, length)
	case w.expect.begins(raw) && w.namesColumns(raw):
		w.record.Dropped = "header"
		return w.head(raw, raw, false, length)
	case w.keys == nil:
		w.record.Unparsed = noFields
		return w.give(raw, length)
	default:
		return w.row(raw, length)
	}
}

// namesColumns reports whether a line is a header of the names that are expected.
func (w *w3cRun) namesColumns(raw []byte) bool {
	if w.headed {
		return w.again(raw)
	}
	w.separate(raw[:min(len(raw), w.spec.MaxRecord)])
	is := w.isHeader(raw)
	w.separator = w.given
	return is
}

func (w *w3cRun) directive(raw []byte, length int64) error {
	w.record.Dropped = "directive"
	if names, ok := bytes.CutPrefix(raw, []byte(fieldsDirective)); ok {
		return w.head(raw, bytes.TrimSpace(names), false, length)
	}
	if names, ok := bytes.CutPrefix(raw, []byte(zeekDirective+w.zeek)); ok {
		return w.head(raw, names, true, length)
	}
	if text, ok := bytes.CutPrefix(raw, []byte(separatorDirective)); ok {
		if c, ok := zeekSeparator(string(text)); ok && c != w.zeek {
			w.zeek, w.verbatim = c, false
			w.reset()
			w.keep()
		}
	}
	return w.give(raw, length)
}

// zeekSeparator is the byte that Zeek writes as \x09, or as it is.
func zeekSeparator(text string) (string, bool) {
	if digits, ok := strings.CutPrefix(text, `\x`); ok {
		c, err := strconv.ParseUint(digits, 16, 8)
		return string([]byte{byte(c)}), err == nil
	}
	return text, len(text) == 1
}

// head gives a line that names the columns of those behind it.
func (w *w3cRun) head(raw, names []byte, verbatim bool, length int64) error {
	if length <= int64(w.spec.MaxRecord) && w.headed && verbatim == w.verbatim && bytes.Equal(names, w.header) {
		return w.give(raw, length)
	}
	if w.verbatim = verbatim; !verbatim {
		w.separate(names)
	}
	if err := w.learn(names, length); err != nil {
		return err
	}
	if w.headed = verbatim || len(names) > 0; !w.headed {
		w.reset()
	}
	w.keep()
	return w.give(raw, length)
}

// zeekMark is in front of what a Restart keeps of a Zeek log.
const zeekMark = '\x01'

// keep remembers for Restarts what names the columns.
func (w *w3cRun) keep() {
	state := string(w.header)
	if w.verbatim || w.zeek != "\t" {
		kind := byte('-') // nothing
		switch {
		case w.headed && w.verbatim:
			kind = 'z'
		case w.headed:
			kind = 'w'
		}
		state = string([]byte{zeekMark, w.zeek[0], kind}) + state
	}
	w.remember(state)
}

// recall is keep's reverse.
func (w *w3cRun) recall(state string) {
	if len(state) > 2 && state[0] == zeekMark {
		w.zeek, w.verbatim = state[1:2], state[2] == 'z'
		w.headed, state = state[2] != '-', state[3:]
	} else {
		w.headed = state != ""
	}
	if !w.headed {
		return
	}
	if w.header = []byte(state); !w.verbatim {
		w.separate(w.header)
	}
	w.name(w.names(w.header))
}

// separate finds the separator that a header shows.
func (w *w3cRun) separate(names []byte) {
	w.verbatim = false
	if w.separator = w.given; w.given != "" {
		return
	}
	all := delimiters(string(names), w.expect)
	split := func(separator string) [][]byte {
		w.separator = separator
		return w.columns(nil, names, maxColumns)
	}
	if w.expect != nil {
		if best, ok := w.expect.best(all, split); ok {
			w.separator = best
			return
		}
	}
	for _, w.separator = range all {
		if isIdentifiers(split(w.separator)) {
			return
		}
	}
	w.separator = ""
}

// columns appends a line's values, or the names of a directive.
func (w *w3cRun) columns(cells [][]byte, row []byte, most int) [][]byte {
	switch {
	case w.verbatim:
		return splitAt(cells, row, most, w.zeek[0])
	case w.separator == "\t", w.separator == "" && bytes.IndexByte(row, '\t') >= 0:
		return splitAt(cells, row, most, '\t')
	case w.separator != "":
		return w.splitQuoted(cells, row, most, w.separator)
	}
	w.scratch = w.scratch[:0]
	for len(cells) < most {
		row = bytes.TrimLeft(row, " ")
		if len(row) == 0 {
			break
		}
		if row[0] == '"' {
			value, rest, ok := w.unquote(row[1:], '"')
			if ok && (len(rest) == 0 || rest[0] == ' ') {
				cells, row = append(cells, value), rest
				continue
			}
		}
		end := bytes.IndexByte(row, ' ')
		if end < 0 {
			end = len(row)
		}
		cells, row = append(cells, row[:end]), row[end:]
	}
	return cells
}
