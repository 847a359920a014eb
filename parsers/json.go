package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
)

// maxKey is how much of an envelope's key is read in bytes: more than a
// segment of a path can take with every character escaped.
const maxKey = 2 << 10

// JSONOptions are those of format "json" (https://www.rfc-editor.org/rfc/rfc8259):
// the object is one JSON document, and each element of the array at Path is a
// record, whatever its type. A byte order mark in front is passed over.
//
// The document around the array must be there to its last brace, and null is no
// array. A key of the path that comes twice is followed twice, so that nothing
// is lost. Elements are not decoded: one whose braces and brackets balance is
// passed on as it stands, faults included, because it is the source's own; only
// line breaks in it become spaces.
//
// Spec.Fields are dotted paths through the record's objects. Of a key that comes
// twice the last counts, as in encoding/json; of an oversized record only its
// first MaxRecord bytes are searched.
type JSONOptions struct {
	// Path is the dotted path of the array, such as "Records"; "" when the
	// document is the array itself.
	Path string `yaml:"path"`
}

// Format is "json".
func (*JSONOptions) Format() string { return "json" }

func compileJSON(s Spec) (func(*run) error, error) {
	o, ok := s.Options.(*JSONOptions)
	if !ok || o == nil {
		return nil, fmt.Errorf("options are of another format: %T", s.Options)
	}
	var path []string
	var mistakes []error
	if o.Path != "" {
		var err error
		path, err = splitPath(o.Path)
		mistakes = append(mistakes, err)
	}
	root, err := compileFields(s.Fields)
	mistakes = append(mistakes, err)
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return func(r *run) error {
		r.edit = joinLines
		joinLines(r.buf) // what a Restart skipped into is there already
		r.fields = make([][]byte, len(s.Fields))
		j := &jsonRun{run: r, path: path}
		j.finder = finder{root: root, limit: s.MaxRecord, values: make([]value, len(s.Fields))}
		return j.document()
	}, nil
}

// joinLines turns line breaks into spaces. JSON allows them raw only as white
// space, so whole blocks can be done at once.
func joinLines(b []byte) {
	for _, c := range [...]byte{'\n', '\r'} {
		for i := bytes.IndexByte(b, c); i >= 0; {
			b[i] = ' '
			next := bytes.IndexByte(b[i+1:], c)
			if next < 0 {
				break
			}
			i += 1 + next
		}
	}
}

// A jsonRun is the cutting of one JSON document.
type jsonRun struct {
	*run
	path  []string
	found bool // an array was at the path
	scanner
	finder
}

// document reads the whole object, or what is left of it behind a Restart,
// which is always in front of an element.
func (j *jsonRun) document() error {
	if j.resumed {
		j.found = true
		if err := j.elements(); err != nil {
			return err
		}
		for level := len(j.path) - 1; level >= 0; level-- {
			more, err := j.separator('}')
			if err == nil && more {
				err = j.members(level)
			}
			if err != nil {
				return err
			}
		}
		return j.end()
	}
	if err := j.advance(); err == io.EOF {
		return nil // no bytes: no records
	} else if err != nil {
		return err
	}
	if err := j.byteOrderMark(); err != nil {
		return err
	}
	if err := j.value(0); err != nil {
		return err
	}
	return j.end()
}

func (j *jsonRun) byteOrderMark() error {
	const mark = "\xEF\xBB\xBF"
	if j.buf[0] != mark[0] {
		return nil
	}
	for i := range len(mark) {
		c, err := j.peek()
		if err != nil {
			return err
		}
		if c != mark[i] {
			return j.unexpected(c, "the rest of a byte order mark")
		}
		j.pos++
	}
	return nil
}

// end makes sure that nothing follows.
func (j *jsonRun) end() error {
	if !j.found {
		return j.corrupt("no array at %s", j.where(len(j.path)))
	}
	for {
		for ; j.pos < len(j.buf); j.pos++ {
			if !isSpace(j.buf[j.pos]) {
				return j.unexpected(j.buf[j.pos], "the document's end")
			}
		}
		if err := j.advance(); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// value reads what is at the path's first level segments.
func (j *jsonRun) value(level int) error {
	open := byte('{')
	if level == len(j.path) {
		open = '['
	}
	c, err := j.space()
	if err != nil {
		return err
	}
	if c != open {
		return j.unexpected(c, fmt.Sprintf("%c at %s", open, j.where(level)))
	}
	j.pos++
	c, err = j.space()
	switch {
	case err != nil:
		return err
	case open == '[':
		j.found = true
		if c == ']' {
			j.pos++
			return nil
		}
		return j.elements()
	case c == '}':
		j.pos++
		return nil
	default:
		return j.members(level)
	}
}

// members reads an object of the envelope from a key on.
func (j *jsonRun) members(level int) error {
	for {
		if err := j.member(level); err != nil {
			return err
		}
		more, err := j.separator('}')
		if err != nil || !more {
			return err
		}
	}
}

// member reads a key and its value, which is passed over if it is not on the
// path.
func (j *jsonRun) member(level int) error {
	c, err := j.space()
	if err != nil {
		return err
	}
	if c != '"' {
		return j.unexpected(c, "a key")
	}
	j.feed.open(maxKey)
	if err := j.element(c, false); err != nil {
		return err
	}
	key, _ := j.close()
	onPath := keyIs(key[1:len(key)-1], j.path[level])
	if c, err = j.space(); err != nil {
		return err
	}
	if c != ':' {
		return j.unexpected(c, "a colon")
	}
	j.pos++
	if onPath {
		return j.value(level + 1)
	}
	if c, err = j.space(); err != nil {
		return err
	}
	j.feed.open(0)
	err = j.element(c, false)
	j.close()
	return err
}

// elements cuts the array from an element on.
func (j *jsonRun) elements() error {
	for {
		c, err := j.space()
		if err != nil {
			return err
		}
		j.open()
		if err := j.element(c, true); err != nil {
			return err
		}
		raw, length := j.close()
		j.fill(j.fields, raw)
		if err := j.give(raw, length); err != nil {
			return err
		}
		more, err := j.separator(']')
		if err != nil || !more {
			return err
		}
	}
}

// separator reads the comma behind an element or member, or what closes the
// whole: then there are no more.
func (j *jsonRun) separator(closer byte) (more bool, err error) {
	c, err := j.space()
	if err != nil {
		return false, err
	}
	if c != ',' && c != closer {
		return false, j.unexpected(c, fmt.Sprintf("a comma or %c", closer))
	}
	j.pos++
	return c == ',', nil
}

// peek is the byte at pos.
func (j *jsonRun) peek() (byte, error) {
	if j.pos == len(j.buf) {
		if err := j.advance(); err != nil {
			return 0, j.truncated(err)
		}
	}
	return j.buf[j.pos], nil
}

// space passes over white space and gives the byte behind it.
func (j *jsonRun) space() (byte, error) {
	for {
		c, err := j.peek()
		if err != nil || !isSpace(c) {
			return c, err
		}
		j.pos++
	}
}

// truncated is err, unless that is the object's end: it came too early.
func (j *jsonRun) truncated(err error) error {
	if err == io.EOF {
		return &CorruptError{Offset: j.offset(), Reason: "truncated JSON", Err: io.ErrUnexpectedEOF}
	}
	return err
}

func (j *jsonRun) unexpected(c byte, instead string) error {
	return j.corrupt("byte 0x%02x where %s should be", c, instead)
}

// where names the place that the path's first level segments lead to.
func (j *jsonRun) where(level int) string {
	if level == 0 {
		return "the top of the document"
	}
	return fmt.Sprintf("%q", strings.Join(j.path[:level], "."))
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r'
}
