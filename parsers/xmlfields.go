package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// An xmlNode is a segment of the fields' paths, with all that follow it.
type xmlNode struct {
	name     string // of an element, or of an attribute with its @
	fields   []int  // those of the Spec that end here
	children []*xmlNode
}

// compileXMLFields makes one tree of all paths.
func compileXMLFields(paths []string) (*xmlNode, error) {
	root := new(xmlNode)
	var mistakes []error
	for field, path := range paths {
		segments := strings.Split(path, "/")
		if len(segments) > maxSegments {
			mistakes = append(mistakes, fmt.Errorf("path %q has more than %d segments", path, maxSegments))
			continue
		}
		at := root
		for i, s := range segments {
			attribute, ok := strings.CutPrefix(s, "@")
			if !isXMLName(attribute) || ok && i < len(segments)-1 {
				mistakes = append(mistakes, fmt.Errorf("path %q has the segment %q, which cannot be looked for", path, s))
			}
			i := slices.IndexFunc(at.children, func(n *xmlNode) bool { return n.name == s })
			if i < 0 {
				i = len(at.children)
				at.children = append(at.children, &xmlNode{name: s})
			}
			at = at.children[i]
		}
		at.fields = append(at.fields, field)
	}
	return root, errors.Join(mistakes...)
}

// child is the one of that name, or nil. at is "@" for an attribute.
func (n *xmlNode) child(at string, name []byte) *xmlNode {
	for _, c := range n.children {
		if c.name[:min(len(at), len(c.name))] == at && c.name[len(at):] == string(name) {
			return c
		}
	}
	return nil
}

// An xmlFinder picks the Spec's fields out of a record.
type xmlFinder struct {
	root    *xmlNode
	fields  [][]byte
	missing int // fields that were not found yet
	stack   [maxSegments + 1]*xmlNode
	level   int // elements on a path that are open
	beside  int // elements on no path that are open, in the innermost of those
	scratch []byte
}

// find fills fields from a record or its beginning.
func (f *xmlFinder) find(raw []byte) {
	clear(f.fields)
	f.scratch = f.scratch[:0]
	f.missing, f.level, f.beside = len(f.fields), 0, 0
	var open *xmlNode // the element whose text is being read
	from := 0         // of its value in scratch
	for f.missing > 0 {
		i := bytes.IndexByte(raw, '<')
		if i < 0 {
			return
		}
		if open != nil {
			f.scratch = appendText(f.scratch, raw[:i])
		}
		raw = raw[i:]
		switch markup, text := special(raw); {
		case markup > len(raw):
			return
		case markup > 0:
			if open != nil {
				f.scratch = append(f.scratch, text...)
			}
			raw = raw[markup:]
			continue
		}
		if open != nil {
			f.set(open, f.scratch[from:len(f.scratch):len(f.scratch)])
			open = nil
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
			continue
		}
		if open = f.enter(tag); open != nil {
			from = len(f.scratch)
		}
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

// enter is called with each start tag, without its < and >. It gives the element
// if its text is wanted.
func (f *xmlFinder) enter(tag []byte) (wanted *xmlNode) {
	tag, empty := bytes.CutSuffix(tag, []byte("/"))
	name := tag
	if i := bytes.IndexAny(tag, " \t\r\n"); i >= 0 {
		name = tag[:i]
	}
	n := f.root
	if f.level > 0 {
		if f.beside == 0 {
			n = f.stack[f.level-1].child("", name)
		} else {
			n = nil
		}
	}
	if n == nil {
		if !empty {
			f.beside++
		}
		return nil
	}
	f.attributes(n, tag[len(name):])
	if empty {
		f.set(n, f.scratch[len(f.scratch):])
		return nil
	}
	f.stack[f.level] = n
	f.level++
	if len(n.fields) > 0 && f.fields[n.fields[0]] == nil {
		return n
	}
	return nil
}

// leave is called with each end tag.
func (f *xmlFinder) leave() {
	if f.beside > 0 {
		f.beside--
	} else {
		f.level--
	}
}

// attributes reads what is behind the name in n's start tag.
func (f *xmlFinder) attributes(n *xmlNode, text []byte) {
	for len(n.children) > 0 {
		name, rest, _ := bytes.Cut(text, []byte("="))
		rest = bytes.TrimLeft(rest, " \t\r\n")
		if len(rest) == 0 || rest[0] != '"' && rest[0] != '\'' {
			return
		}
		end := bytes.IndexByte(rest[1:], rest[0])
		if end < 0 {
			return
		}
		if c := n.child("@", bytes.Trim(name, " \t\r\n")); c != nil {
			from := len(f.scratch)
			f.scratch = appendText(f.scratch, rest[1:1+end])
			f.set(c, f.scratch[from:len(f.scratch):len(f.scratch)])
		}
		text = rest[end+2:]
	}
}

// set gives n's fields the value, if they have none yet.
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
