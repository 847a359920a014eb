package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// CEFOptions are those of format "cef", ArcSight's Common Event Format
// (https://www.microfocus.com/documentation/arcsight/arcsight-smartconnectors-8.4/pdfdoc/cef-implementation-standard/cef-implementation-standard.pdf):
// each line is a record, passed on as it stands, with a syslog header in front
// or without.
//
// Spec.Fields are the header's values, cefVersion, deviceVendor, deviceProduct,
// deviceVersion, deviceEventClassId, name and severity, and the extension's, by
// their keys. They come without escapes; of a key that comes twice the last one
// counts.
type CEFOptions struct {
	// Encoding is utf-8 (the default), utf-16 (by its byte order mark),
	// utf-16le, utf-16be or latin-1.
	Encoding string `yaml:"encoding"`
	// Others is what becomes of lines that are not CEF: "unparsed" (the
	// default), or "drop": they are given as Dropped "not CEF" and Foreign. An
	// object of nothing else is not CEF.
	Others string `yaml:"others"`
	// Header is an RE2 expression (https://github.com/google/re2/wiki/Syntax)
	// for lines that are not CEF and that the vendor writes around the records:
	// they are given as Dropped "header".
	Header string `yaml:"header" json:",omitempty"`
}

// Format is "cef".
func (*CEFOptions) Format() string { return "cef" }

const notCEF = "not CEF"

// cefNames are the header's values in their order.
var cefNames = [...]string{"cefVersion", "deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "severity"}

func compileCEF(s Spec) (func(*run) error, error) {
	o, err := optionsOf[CEFOptions](s)
	if err != nil {
		return nil, err
	}
	encoding, err := compileEncoding(o.Encoding)
	mistakes := []error{err}
	if o.Others != "" && o.Others != "unparsed" && o.Others != "drop" {
		mistakes = append(mistakes, fmt.Errorf("others is %q; it must be unparsed or drop", o.Others))
	}
	var header *regexp.Regexp
	if o.Header != "" {
		header, err = regexp.Compile(o.Header)
		mistakes = append(mistakes, err)
	}
	fields := make([]int, len(s.Fields)) // in the header; -1 is in the extension
	for i, name := range s.Fields {
		fields[i] = slices.Index(cefNames[:], name)
		if name == "" || strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 || !isKeyByte(byte(r)) }) {
			mistakes = append(mistakes, fmt.Errorf("the field %q is no key of an extension", name))
		}
	}
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return text(encoding, func(r *run) error {
		r.fields = make([][]byte, len(fields))
		c := &cefRun{run: r, at: fields, drop: o.Others == "drop", header: header}
		c.extended = slices.Contains(fields, -1)
		return eachLine(r, c.line)
	}), nil
}

// A cefRun is the cutting of lines of CEF.
type cefRun struct {
	*run
	at       []int // of each of the Spec's fields in the header; -1 is in the extension
	extended bool  // some are
	drop     bool  // lines that are not CEF
	header   *regexp.Regexp
	scratch  []byte
}

func (c *cefRun) line(raw []byte, length int64) error {
	if len(raw) == 0 {
		return c.give(raw, length)
	}
	start := raw[:min(len(raw), c.spec.MaxRecord)]
	header, extension, ok := cefHeader(start)
	switch {
	case ok:
		c.fill(&header, extension, length > int64(c.spec.MaxRecord))
	case len(trimBlanks(start)) == 0: // a blank line says nothing about the format
	case c.header != nil && c.header.Match(start):
		c.record.Dropped = "header"
	case c.drop:
		c.record.Dropped, c.record.Foreign = notCEF, true
	default:
		c.record.Unparsed = notCEF
	}
	return c.give(raw, length)
}

// cefHeader finds the header in a line: the values that pipes end, and the
// extension behind them.
func cefHeader(line []byte) (values [len(cefNames)][]byte, extension []byte, ok bool) {
	const prefix = "CEF:"
	for at := 0; ; at += len(prefix) {
		i := bytes.Index(line[at:], []byte(prefix))
		if i < 0 {
			return values, nil, false
		}
		at += i
		if at > 0 && line[at-1] != ' ' && !bytes.HasSuffix(line[:at], []byte(byteOrderMark)) {
			continue
		}
		if values, extension, ok = cefValues(line[at+len(prefix):]); ok {
			return values, extension, true
		}
	}
}

// cefValues reads a header from its version on. The pipe behind the severity
// may be missing where there is no extension.
func cefValues(b []byte) (values [len(cefNames)][]byte, rest []byte, ok bool) {
	version := len(b) - len(bytes.TrimLeft(b, "0123456789."))
	if version == 0 || version == len(b) || b[version] != '|' {
		return values, nil, false
	}
	for i := range values {
		end := 0
		for {
			n := bytes.IndexByte(b[end:], '|')
			if n < 0 {
				end = len(b)
				break
			}
			end += n
			if !oddBackslashes(b[:end]) {
				break
			}
			end++
		}
		values[i] = b[:end]
		if end == len(b) && i < len(values)-1 {
			return values, nil, false
		}
		b = b[min(end+1, len(b)):]
	}
	return values, b, true
}

// fill gives the fields. Of an extension that was cut the last value counts for
// nothing.
func (c *cefRun) fill(header *[len(cefNames)][]byte, extension []byte, cut bool) {
	c.scratch = c.scratch[:0]
	for i, at := range c.at {
		if at >= 0 {
			c.fields[i] = c.unescape(header[at], false)
		}
	}
	if !c.extended {
		return
	}
	var key []byte
	value := 0 // where the value of key begins
	for at := 0; ; {
		i := bytes.IndexByte(extension[at:], '=')
		if i < 0 {
			break
		}
		at += i
		start := at
		for start > value && isKeyByte(extension[start-1]) {
			start--
		}
		if start < at && (start == 0 || extension[start-1] == ' ') {
			c.take(key, extension[value:max(value, start-1)])
			key, value = extension[start:at], at+1
		}
		at++
	}
	if !cut {
		c.take(key, extension[value:])
	}
}

// take notes the value of a key of the extension.
func (c *cefRun) take(key, value []byte) {
	for i, at := range c.at {
		if at < 0 && string(key) == c.spec.Fields[i] {
			c.fields[i] = c.unescape(value, true)
		}
	}
}

// unescape gives a value without its backslashes. Line breaks are escaped in
// the extension only.
func (c *cefRun) unescape(b []byte, breaks bool) []byte {
	if bytes.IndexByte(b, '\\') < 0 {
		return b
	}
	// What was given before must not move: when scratch grows, it stays in the
	// old one.
	from := len(c.scratch)
	for i := 0; i < len(b); i++ {
		char := b[i]
		if char == '\\' && i+1 < len(b) {
			switch next := b[i+1]; {
			case next == '\\' || next == '|' || next == '=':
				char = next
				i++
			case breaks && next == 'n':
				char = '\n'
				i++
			case breaks && next == 'r':
				char = '\r'
				i++
			}
		}
		c.scratch = append(c.scratch, char)
	}
	return c.scratch[from:]
}

// isKeyByte tells whether a key of an extension may have c in it.
func isKeyByte(c byte) bool {
	return c-'0' < 10 || c|0x20-'a' < 26 || c == '_' || c == '.' || c == '-' || c == '[' || c == ']'
}
