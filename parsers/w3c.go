package parsers

import (
	"bytes"
	"errors"
	"fmt"
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
// double quote ends with the next one that is not doubled.
//
// Zeek's logs are read, too (https://docs.zeek.org/en/master/log-formats.html), as
// far as they have tabs: behind #fields, and then between all columns.
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
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return text(encoding, func(r *run) error {
		w := &w3cRun{table: newTable(r)}
		w.split, w.strict, w.json, w.absent = w.columns, true, o.GivesJSON(), "-"
		if o.Others == "json" {
			w.text, w.to = newJSONText(documents, s.MaxRecord), documents.to
		}
		if r.resumed {
			names, zeek := strings.CutPrefix(r.remembered(), "\t")
			w.current, w.zeek = []byte(names), zeek
			w.name(w.names(w.current))
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
	current []byte    // what #Fields or #fields said last
	zeek    bool      // it was #fields
	text    *jsonText // reads documents in front of it; nil: they are not understood
	to      []int     // their fields' places
}

// What names the columns: the W3C's directive, and Zeek's.
var (
	fieldsDirective = []byte("#Fields:")
	zeekDirective   = []byte("#fields\t")
)

func (w *w3cRun) line(raw []byte, length int64) error {
	switch {
	case len(raw) > 0 && raw[0] == '#':
		return w.directive(raw, length)
	case len(raw) > 0 && w.keys == nil && w.text != nil && raw[0] == '{':
		return w.text.record(w.run, w.to, raw, length)
	case len(raw) > 0 && w.keys == nil:
		w.record.Unparsed = noFields
		return w.give(raw, length)
	default:
		return w.row(raw, length)
	}
}

func (w *w3cRun) directive(raw []byte, length int64) error {
	w.record.Dropped = "directive"
	names, ok := bytes.CutPrefix(raw, fieldsDirective)
	names = bytes.TrimSpace(names)
	rest, zeek := bytes.CutPrefix(raw, zeekDirective)
	if zeek {
		names, ok = rest, true
	}
	if ok && (length > int64(w.spec.MaxRecord) || zeek != w.zeek || !bytes.Equal(names, w.current)) {
		w.zeek = zeek
		if err := w.learn(names, length); err != nil {
			return err
		}
		if zeek {
			w.remember("\t" + string(names))
		}
		w.current = append(w.current[:0], names...)
	}
	return w.give(raw, length)
}

// columns appends a line's values, or the names of a directive.
func (w *w3cRun) columns(cells [][]byte, row []byte, most int) [][]byte {
	if w.zeek || bytes.IndexByte(row, '\t') >= 0 {
		return splitAt(cells, row, most, '\t')
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
