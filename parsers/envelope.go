package parsers

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxKey is how much of an envelope's key is read in bytes: more than a
// segment of a path can take with every character escaped.
const maxKey = 2 << 10

// head shows the first bytes, behind a byte order mark. An object of none is
// io.EOF.
func (j *jsonRun) head() error {
	if err := j.beginText(nil, true); err != nil {
		return err
	}
	if len(j.buf) == 0 {
		return io.EOF
	}
	return nil
}

// another passes over white space to the next document's first byte. At the
// object's end the error is io.EOF.
func (j *jsonRun) another() (byte, error) {
	for {
		for ; j.pos < len(j.buf); j.pos++ {
			if c := j.buf[j.pos]; !isSpace(c) {
				return c, nil
			}
		}
		if err := j.advance(); err != nil {
			return 0, err
		}
	}
}

// end makes sure that nothing follows.
func (j *jsonRun) end() error {
	c, err := j.another()
	switch err {
	case nil:
		return j.unexpected(c, "the document's end")
	case io.EOF:
		return nil
	default:
		return err
	}
}

// rest reads what is left of a document from one of its records on.
func (j *jsonRun) rest() error {
	if err := j.elementsOf(); err != nil {
		return err
	}
	for level := len(j.path) - 1; level >= 0; level-- {
		more, err := j.separator('}')
		if err == nil && more {
			err = j.members(level, j.around.root)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// value reads what is at the path's first level segments; around are the fields
// in it, or nil.
func (j *jsonRun) value(level int, around *node) error {
	open := byte('{')
	if level == len(j.path) {
		open = '['
	}
	c, err := j.space()
	if err != nil {
		return err
	}
	if c == 'n' && (level > 0 || len(j.path) == 0) {
		return j.null(level, open)
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
		j.there = true
		if c == ']' {
			j.pos++
			return nil
		}
		return j.elementsOf()
	case c == '}':
		j.pos++
		return nil
	default:
		return j.members(level, around)
	}
}

// null passes over a null where the path leads: a list that was empty when it was
// written.
func (j *jsonRun) null(level int, open byte) error {
	for _, want := range []byte("null") {
		c, err := j.peek()
		if err != nil {
			return err
		}
		if c != want {
			return j.unexpected(c, fmt.Sprintf("%c at %s", open, j.where(level)))
		}
		j.pos++
	}
	j.there = true
	return nil
}

// members reads an object of the envelope from a key on.
func (j *jsonRun) members(level int, around *node) error {
	for {
		if err := j.member(level, around); err != nil {
			return err
		}
		more, err := j.separator('}')
		if err != nil || !more {
			return err
		}
	}
}

// member reads a key and its value, which is passed over if nobody asks for it.
func (j *jsonRun) member(level int, around *node) error {
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
	key = key[1 : len(key)-1]
	onPath, wanted := j.follow(level, key), around.match(key)
	if c, err = j.space(); err != nil {
		return err
	}
	if c != ':' {
		return j.unexpected(c, "a colon")
	}
	j.pos++
	if onPath {
		return j.value(level+1, wanted)
	}
	if c, err = j.space(); err != nil {
		return err
	}
	if wanted != nil {
		return j.note(c, wanted)
	}
	j.feed.open(0)
	err = j.element(c, false)
	j.close()
	return err
}

// follow tells whether a key is on the path, and notes it for the fields that are
// the array's.
func (j *jsonRun) follow(level int, key []byte) bool {
	i := slices.IndexFunc(j.path[level], func(on string) bool { return keyIs(key, on) })
	if i < 0 {
		return false
	}
	for k := len(j.outer) - j.keyed; k < len(j.outer); k++ {
		j.outer[k] = outerValue{append(j.outer[k].text[:0], j.path[level][i]...), true}
	}
	return true
}

// match is the child whose key is given as it stands, or nil.
func (n *node) match(key []byte) *node {
	if n == nil {
		return nil
	}
	for _, c := range n.children {
		if keyIs(key, c.key) {
			return c
		}
	}
	return nil
}

// note reads a value, which begins with c, for the fields around the array.
func (j *jsonRun) note(c byte, wanted *node) error {
	root, values := j.root, j.values
	j.root, j.values = wanted, j.noted
	j.feed.open(j.limit + 1)
	if err := j.element(c, true); err != nil {
		return err
	}
	raw, length := j.closeRecord()
	if length <= int64(j.limit) {
		j.set(wanted, whole(raw))
	}
	j.root, j.values = root, values
	for i, v := range j.noted {
		if v.end > 0 {
			j.outer[i].there = true
			j.outer[i].text = v.text(j.outer[i].text[:0], raw)
		}
	}
	return nil
}

// whole is the value that raw is.
func whole(raw []byte) value {
	switch {
	case raw[0] == '"':
		return value{start: 1, end: len(raw) - 1, escaped: true}
	case string(raw) == "null":
		return value{}
	default:
		return value{end: len(raw)}
	}
}

// text appends to dst what the value in raw says.
func (v value) text(dst, raw []byte) []byte {
	if v.escaped {
		return unescape(dst, raw[v.start:v.end])
	}
	return append(dst, raw[v.start:v.end]...)
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
	around := ""
	for _, keys := range j.path[:level-1] {
		around += keys[0] + "."
	}
	var places []string
	for _, key := range j.path[level-1] {
		places = append(places, strconv.Quote(around+key))
	}
	return strings.Join(places, " or ")
}

func isSpace(c byte) bool {
	return c == ' ' || c == '\t' || c == '\n' || c == '\r'
}
