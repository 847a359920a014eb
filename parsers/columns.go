package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxColumns is how many columns a header may name, and the number of the last
// one that a field may ask for.
const maxColumns = 10_000

// The reasons for which rows are not understood.
const (
	wrongColumns = "wrong number of columns"
	tooLong      = "longer than max_record"
	tooLongJSON  = "its JSON is longer than max_record"
	noHeader     = "no header before it"
)

// A table is the cutting of an object whose records are rows of columns: it
// gives rows as they stand or as JSON objects, and their values as fields.
type table struct {
	*run
	split  func(cells [][]byte, row []byte, most int) [][]byte // appends a row's first values, up to most
	json   bool                                                // rows become objects
	strict bool                                                // a row of another number of columns than there are names is unparsed
	absent string                                              // what a field's value is when there is none
	expect *vocabulary                                         // the names that columns may have, or nil

	header []byte   // the row that named the columns, or nil
	keys   []string // what stands before each value in an object; nil = no names
	at     []int    // the column of each of the Spec's fields; -1 = there is none
	most   int      // how many values of a row are looked at
	cells  [][]byte // those of the row at hand
	out    []byte   // its object

	counted int // how many values the row at hand has; 0 = was not counted
}

// newTable has columns without names: a field is a column's number, from 1.
func newTable(r *run) *table {
	r.fields = make([][]byte, len(r.spec.Fields))
	t := &table{run: r, at: make([]int, len(r.spec.Fields))}
	for i, field := range r.spec.Fields {
		t.at[i], _ = columnNumber(field)
	}
	t.limit()
	return t
}

// limit leaves out the values that nobody asks for, but one: it shows that a row
// has too many, or is the one that a cut left unfinished.
func (t *table) limit() {
	t.most = len(t.keys) + 1
	for _, at := range t.at {
		t.most = max(t.most, at+2)
	}
}

// columnNumber reads a field that is a column's number, and gives its place
// from 0; -1 if it is no number.
func columnNumber(field string) (at int, ok bool) {
	n, err := strconv.Atoi(field)
	if err != nil || n < 1 || n > maxColumns {
		return -1, false
	}
	return n - 1, true
}

// numbersOnly checks the fields of rows without names.
func numbersOnly(fields []string) error {
	for _, f := range fields {
		if _, ok := columnNumber(f); !ok {
			return fmt.Errorf("the columns have no names: the field %q must be a column's number, 1 to %d", f, maxColumns)
		}
	}
	return nil
}

// name gives the columns their names. In an object one without a name is called
// by its number, and one whose name was there before has its number added.
func (t *table) name(names []string) {
	for i, field := range t.spec.Fields {
		if t.at[i] = slices.Index(names, field); t.at[i] < 0 {
			t.at[i], _ = columnNumber(field)
		}
	}
	t.keys = nil
	used := make(map[string]bool, len(names))
	for i, name := range names {
		number := strconv.Itoa(i + 1)
		if name = strings.ToValidUTF8(name, "\uFFFD"); name == "" {
			name = number
		}
		for used[name] {
			name += "_" + number
		}
		used[name] = true
		key := []byte{','}
		if i == 0 {
			key[0] = '{'
		}
		key = appendString(key, []byte(name), math.MaxInt)
		t.keys = append(t.keys, string(append(key, ':')))
	}
	t.limit()
}

// learn gives the columns the names in a row, which is part of length bytes,
// and keeps them for Restarts.
func (t *table) learn(row []byte, length int64) error {
	if length > int64(t.spec.MaxRecord) {
		return t.corrupt("the header is longer than max_record")
	}
	names := t.names(row)
	if len(names) > maxColumns {
		return t.corrupt("the header has more than %d columns", maxColumns)
	}
	t.name(names)
	t.header = append(t.header[:0], row...)
	t.remember(string(row))
	return nil
}

// note keeps a header whose names do not matter, to know it again. One that no
// Restart can hold is not kept: reading must come to the same from every place.
func (t *table) note(row []byte, length int64) {
	if length <= int64(min(t.spec.MaxRecord, maxState-maxPackingName)) && utf8.Valid(row) {
		t.header = append(t.header[:0], row...)
		t.remember(string(row))
	}
}

// again reports whether a row behind the first is a header: the same one, or one
// of known names, as it stands between two objects that were joined.
func (t *table) again(raw []byte) bool {
	if len(raw) == 0 {
		return false
	}
	if len(raw) == len(t.header) && bytes.Equal(raw, t.header) && len(t.split(t.cells[:0], raw, 2)) > 1 {
		return true // one column may have its name for a value
	}
	if !t.expect.begins(raw) {
		return false
	}
	t.cells = t.split(t.cells[:0], raw[:min(len(raw), t.spec.MaxRecord)], 1)
	return t.expect.known(t.cells) > 0 && t.isHeader(raw)
}

// isHeader reports whether a row has the names that are expected.
func (t *table) isHeader(raw []byte) bool {
	t.cells = t.split(t.cells[:0], raw[:min(len(raw), t.spec.MaxRecord)], maxColumns)
	return t.expect.isHeader(t.cells)
}

// names are the values of a row.
func (t *table) names(row []byte) (names []string) {
	for _, c := range t.split(nil, row, maxColumns+1) {
		names = append(names, string(c))
	}
	return names
}

// documents are what JSON and XML begin with, and names of columns do not.
var documents = [][]byte{[]byte("{"), []byte("[{"), []byte("[["), []byte(`["`), []byte("[]"), []byte("<?"), []byte("<!")}

// isDocument reports whether the row where a header should be begins a document
// of JSON, XML or HTML: all of it may be on that one line, and must not pass for
// a table without rows.
func isDocument(row []byte) bool {
	row = trimBlanks(bytes.TrimPrefix(row, []byte(byteOrderMark)))
	return slices.ContainsFunc(documents, func(start []byte) bool { return bytes.HasPrefix(row, start) })
}

// resume gives the columns the names that were kept for a Restart.
func (t *table) resume() error {
	row := t.remembered()
	if row == "" {
		if t.expect != nil { // and none was there
			return nil
		}
		return errors.New("the place to go on from has no header")
	}
	t.header = []byte(row)
	t.name(t.names(t.header))
	return nil
}

// row gives the record that raw is, of which length bytes there are.
func (t *table) row(raw []byte, length int64) error {
	if len(raw) == 0 || t.record.Unparsed != "" {
		return t.give(raw, length)
	}
	if t.keys == nil && (t.json || len(t.at) == 0) {
		if t.json {
			t.record.Unparsed = noHeader
		}
		return t.give(raw, length)
	}
	t.record.Unparsed = t.read(raw, length)
	if t.record.Unparsed != "" || !t.json {
		return t.give(raw, length)
	}
	if !t.object() {
		if t.spec.Oversize == "fail" {
			return &OversizeError{Index: t.index, Max: t.spec.MaxRecord}
		}
		clear(t.fields)
		t.record.Unparsed = tooLongJSON
		return t.give(raw, length)
	}
	return t.give(t.out, int64(len(t.out)))
}

// read finds the row's values and fields, or why it is not understood. Of a row
// that is cut the last value is not whole.
func (t *table) read(raw []byte, length int64) (unparsed string) {
	cut := length > int64(t.spec.MaxRecord)
	if cut && t.json {
		return tooLong
	}
	if t.counted > 0 && !cut && !t.json && len(t.at) == 0 { // nobody asks for more
		if t.strict && t.counted != len(t.keys) {
			return wrongColumns
		}
		return ""
	}
	t.cells = t.split(t.cells[:0], raw[:min(len(raw), t.spec.MaxRecord)], t.most)
	switch {
	case cut:
		t.cells = t.cells[:max(0, len(t.cells)-1)]
	case t.strict && t.keys != nil && len(t.cells) != len(t.keys):
		return wrongColumns
	}
	for i, at := range t.at {
		if at >= 0 && at < len(t.cells) && (t.absent == "" || string(t.cells[at]) != t.absent) {
			t.fields[i] = t.cells[at]
		}
	}
	return ""
}

// object makes a JSON object of the row's values, each a string. It stops when
// that is longer than a record may be.
func (t *table) object() (ok bool) {
	t.out = t.out[:0]
	for i, cell := range t.cells {
		t.out = append(t.out, t.keys[i]...)
		t.out = appendString(t.out, cell, t.spec.MaxRecord)
		if len(t.out) >= t.spec.MaxRecord {
			return false
		}
	}
	t.out = append(t.out, '}')
	return true
}

// literal are the bytes that stand for themselves in a JSON string.
var literal = func() (table [256]bool) {
	for c := range table {
		table[c] = c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\'
	}
	return table
}()

// appendString appends s as a JSON string. What is not UTF-8 becomes U+FFFD, a
// byte at a time as in encoding/json. When dst is longer than limit it may be
// left unfinished.
func appendString(dst, s []byte, limit int) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for len(dst) <= limit {
		n := 0
		for n < len(s) && literal[s[n]] {
			n++
		}
		dst = append(dst, s[:n]...)
		if s = s[n:]; len(s) == 0 {
			break
		}
		size := 1
		switch c := s[0]; c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, `\n`...)
		case '\r':
			dst = append(dst, `\r`...)
		case '\t':
			dst = append(dst, `\t`...)
		default:
			if c < ' ' {
				dst = append(dst, `\u00`...)
				dst = append(dst, hex[c>>4], hex[c&15])
				break
			}
			var r rune
			r, size = utf8.DecodeRune(s)
			dst = utf8.AppendRune(dst, r)
		}
		s = s[size:]
	}
	return append(dst, '"')
}

// splitAt appends what is between a row's separators.
func splitAt(cells [][]byte, row []byte, most int, separator byte) [][]byte {
	for len(cells) < most {
		i := bytes.IndexByte(row, separator)
		if i < 0 {
			return append(cells, row)
		}
		cells = append(cells, row[:i])
		row = row[i+1:]
	}
	return cells
}

// separators are those that have a name.
var separators = map[string]byte{"space": ' ', "tab": '\t', "comma": ',', "semicolon": ';', "pipe": '|'}

// separatorByte reads an option that is one ASCII character, or its name.
func separatorByte(option, text string) (byte, error) {
	if c, ok := separators[text]; ok {
		return c, nil
	}
	if len(text) == 1 && text[0] < utf8.RuneSelf && text[0] != '\n' && text[0] != '\r' {
		return text[0], nil
	}
	return 0, fmt.Errorf("%s is %q; it must be one ASCII character or one of %s", option, text, separatorNames())
}

func separatorNames() string { return strings.Join(slices.Sorted(maps.Keys(separators)), ", ") }
