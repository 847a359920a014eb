package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An xmlNode is a segment of the fields' paths, with all that follow it.
type xmlNode struct {
	segment    string // as it is written
	name       string // of an element, or of an attribute without its @
	when, is   string // the attribute that an element must have, if any, and its value
	fields     []int  // those of the Spec that end here
	children   []*xmlNode
	attributes []*xmlNode
}

// xmlSegment is a path's first segment and what is behind it.
var xmlSegment = regexp.MustCompile(`^(@?)([^/\[\]]*)(?:\[@([^\]=]+)=(?:'([^']*)'|"([^"]*)")\])?(/|$)`)

// compileXMLFields makes one tree of all paths.
func compileXMLFields(paths []string) (*xmlNode, error) {
	root := new(xmlNode)
	var mistakes []error
	for field, path := range paths {
		at, err := root.add(path)
		if err != nil {
			mistakes = append(mistakes, err)
			continue
		}
		at.fields = append(at.fields, field)
	}
	return root, errors.Join(mistakes...)
}

// add is the node at the end of a path from n on.
func (n *xmlNode) add(path string) (*xmlNode, error) {
	rest, behind := path, "/"
	for depth := 0; behind == "/"; depth++ {
		m := xmlSegment.FindStringSubmatch(rest)
		switch {
		case depth == maxSegments:
			return nil, fmt.Errorf("path %q has more than %d segments", path, maxSegments)
		case m == nil || !isXMLName(m[2]) || m[3] != "" && !isXMLName(m[3]) || m[1] == "@" && (m[3] != "" || m[6] == "/"):
			return nil, fmt.Errorf("path %q has the segment %q, which cannot be looked for", path, rest)
		case len(m[0]) > maxSegment:
			return nil, fmt.Errorf("path %q has a segment longer than %d bytes", path, maxSegment)
		}
		rest, behind = rest[len(m[0]):], m[6]
		of := &n.children
		if m[1] == "@" {
			of = &n.attributes
		}
		segment := strings.TrimSuffix(m[0], "/")
		i := slices.IndexFunc(*of, func(c *xmlNode) bool { return c.segment == segment })
		if i < 0 {
			i = len(*of)
			*of = append(*of, &xmlNode{segment: segment, name: m[2], when: m[3], is: m[4] + m[5]})
		}
		n = (*of)[i]
	}
	return n, nil
}

// An xmlFinder picks the Spec's fields out of a record.
type xmlFinder struct {
	root    *xmlNode
	fields  [][]byte
	missing int                  // fields that were not found yet
	open    []*xmlNode           // what the open elements are on the paths, the innermost last
	begins  [maxSegments + 1]int // in open: where each element's begin
	level   int                  // elements on a path that are open
	beside  int                  // elements on no path that are open, in the innermost of those
	scratch []byte
}

// innermost are the nodes of the innermost element on a path.
func (f *xmlFinder) innermost() []*xmlNode { return f.open[f.begins[f.level-1]:] }

// find fills fields from a record or its beginning.
func (f *xmlFinder) find(raw []byte) {
	clear(f.fields)
	f.scratch = f.scratch[:0]
	f.open, f.missing, f.level, f.beside = f.open[:0], len(f.fields), 0, 0
	reading := false // the text of the innermost element
	from := 0        // of it in scratch
	for f.missing > 0 {
		i := bytes.IndexByte(raw, '<')
		if i < 0 {
			return
		}
		if reading {
			f.scratch = appendText(f.scratch, raw[:i])
		}
		raw = raw[i:]
		switch markup, text := special(raw); {
		case markup > len(raw):
			return
		case markup > 0:
			if reading {
				f.scratch = append(f.scratch, text...)
			}
			raw = raw[markup:]
			continue
		}
		if reading {
			f.setAll(f.innermost(), f.scratch[from:len(f.scratch):len(f.scratch)])
		}
		end := tagLength(raw)
		if end == 0 {
			return
		}
		tag := raw[1 : end-1]
		raw = raw[end:]
		if tag[0] == '/' {
			if f.leave(); f.level == 0 {
				return
			}
			reading = false
			continue
		}
		reading = f.enter(tag)
		from = len(f.scratch)
	}
}

// special is the length of the comment, CDATA section or processing instruction
// that b begins with, and the text it has; 0 when b begins with a tag, more than
// b's own length when its end is not there.
func special(b []byte) (length int, text []byte) {
	if len(b) < 2 || b[1] != '!' && b[1] != '?' {
		return 0, nil
	}
	for _, kind := range [...]struct{ start, end string }{{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}, {"<!", ">"}} {
		inner, ok := bytes.CutPrefix(b, []byte(kind.start))
		if !ok {
			continue
		}
		i := bytes.Index(inner, []byte(kind.end))
		if i < 0 {
			return len(b) + 1, nil
		}
		if kind.end == "]]>" {
			text = inner[:i]
		}
		return len(kind.start) + i + len(kind.end), text
	}
	return 0, nil
}

// tagLength is the length of the tag that b begins with, or 0 when its end is
// not there.
func tagLength(b []byte) int {
	var quote byte
	for i, c := range b {
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>' && i > 1:
			return i + 1
		}
	}
	return 0
}

// enter is called with each start tag, without its < and >. It tells whether the
// element's text is wanted.
func (f *xmlFinder) enter(tag []byte) (wanted bool) {
	tag, empty := bytes.CutSuffix(tag, []byte("/"))
	name := tag
	if i := bytes.IndexAny(tag, " \t\r\n"); i >= 0 {
		name = tag[:i]
	}
	attributes, begin := tag[len(name):], len(f.open)
	switch {
	case f.level == 0:
		f.open = append(f.open, f.root)
	case f.beside == 0:
		for _, parent := range f.innermost() {
			for _, c := range parent.children {
				if c.name == string(name) && (c.when == "" || f.holds(c, attributes)) {
					f.open = append(f.open, c)
				}
			}
		}
	}
	nodes := f.open[begin:]
	if len(nodes) == 0 {
		if !empty {
			f.beside++
		}
		return false
	}
	for _, n := range nodes {
		f.attributes(n, attributes)
		wanted = wanted || len(n.fields) > 0 && f.fields[n.fields[0]] == nil
	}
	if empty {
		f.setAll(nodes, f.scratch[len(f.scratch):])
		f.open = f.open[:begin]
		return false
	}
	f.begins[f.level] = begin
	f.level++
	return wanted
}

// leave is called with each end tag.
func (f *xmlFinder) leave() {
	if f.beside > 0 {
		f.beside--
		return
	}
	f.level--
	f.open = f.open[:f.begins[f.level]]
}

// attribute is the first one in a start tag, from behind its name on, with its
// value as it is written; not ok if there is none.
func attribute(text []byte) (name, value, rest []byte, ok bool) {
	name, rest, _ = bytes.Cut(text, []byte("="))
	rest = bytes.TrimLeft(rest, " \t\r\n")
	if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
		return nil, nil, nil, false
	}
	end := bytes.IndexByte(rest[1:], rest[0])
	if end < 0 {
		return nil, nil, nil, false
	}
	return bytes.Trim(name, " \t\r\n"), rest[1 : 1+end], rest[end+2:], true
}

// holds tells whether a start tag has the attribute that n asks for.
func (f *xmlFinder) holds(n *xmlNode, text []byte) bool {
	for {
		name, value, rest, ok := attribute(text)
		switch {
		case !ok:
			return false
		case string(name) != n.when:
			text = rest
			continue
		case bytes.IndexByte(value, '&') < 0:
			return string(value) == n.is
		}
		from := len(f.scratch)
		f.scratch = appendText(f.scratch, value)
		same := string(f.scratch[from:]) == n.is
		f.scratch = f.scratch[:from]
		return same
	}
}

// attributes reads what is behind the name in n's start tag.
func (f *xmlFinder) attributes(n *xmlNode, text []byte) {
	for len(n.attributes) > 0 {
		name, value, rest, ok := attribute(text)
		if !ok {
			return
		}
		for _, a := range n.attributes {
			if a.name == string(name) {
				from := len(f.scratch)
				f.scratch = appendText(f.scratch, value)
				f.set(a, f.scratch[from:len(f.scratch):len(f.scratch)])
			}
		}
		text = rest
	}
}

// setAll gives the nodes' fields the value, if they have none yet.
func (f *xmlFinder) setAll(nodes []*xmlNode, v []byte) {
	for _, n := range nodes {
		f.set(n, v)
	}
}

func (f *xmlFinder) set(n *xmlNode, v []byte) {
	for _, field := range n.fields {
		if f.fields[field] == nil {
			f.fields[field] = v
			f.missing--
		}
	}
}

// appendText appends what character data says: references to characters and to
// the five entities that need no declaration are resolved, others stay.
func appendText(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '&')
		if i < 0 {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		text = text[i:]
		end := bytes.IndexByte(text[:min(len(text), maxReference)], ';')
		r, ok := rune(0), false
		if end > 0 {
			r, ok = reference(string(text[1:end]))
		}
		if !ok {
			dst, text = append(dst, '&'), text[1:]
			continue
		}
		dst, text = utf8.AppendRune(dst, r), text[end+1:]
	}
}

// maxReference is more than a reference to a character takes in bytes.
const maxReference = 32

// reference is the character that &name; stands for.
func reference(name string) (r rune, ok bool) {
	switch name {
	case "lt":
		return '<', true
	case "gt":
		return '>', true
	case "amp":
		return '&', true
	case "quot":
		return '"', true
	case "apos":
		return '\'', true
	}
	digits, ok := strings.CutPrefix(name, "#")
	if !ok {
		return 0, false
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	return rune(n), err == nil && n <= utf8.MaxRune
}
