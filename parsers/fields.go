package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits of a dotted path, in segments and in bytes a segment.
const (
	maxSegments = 16
	maxSegment  = 256
)

// splitPath checks a dotted path and takes it apart. A dot within a key has a
// backslash in front of it. Beginnings that a comma or a colon between two strings might
// have are refused, so that a key in quotes cannot be found across them.
func splitPath(path string) ([]string, error) {
	segments := strings.Split(path, ".")
	for i := 0; i < len(segments)-1; {
		key, ok := strings.CutSuffix(segments[i], `\`)
		if !ok {
			i++
			continue
		}
		segments[i] = key + "." + segments[i+1]
		segments = slices.Delete(segments, i+1, i+2)
	}
	if len(segments) > maxSegments {
		return nil, fmt.Errorf("path %q has more than %d segments", path, maxSegments)
	}
	for _, s := range segments {
		odd := func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }
		switch {
		case s == "":
			return nil, fmt.Errorf("path %q has an empty segment", path)
		case len(s) > maxSegment:
			return nil, fmt.Errorf("path %q has a segment longer than %d bytes", path, maxSegment)
		case !utf8.ValidString(s) || strings.ContainsFunc(s, odd) || strings.Contains(" ,:", s[:1]):
			return nil, fmt.Errorf("path %q has the segment %q, which cannot be looked for", path, s)
		}
	}
	return segments, nil
}

// A node is a segment of the fields' paths, with all that follow it.
type node struct {
	key      string
	quoted   string // the key in quotes, as it nearly always stands
	rare     int    // where in quoted its rarest byte is
	fields   []int  // those of the Spec that end here
	children []*node
}

// byFrequency are the bytes of JSON logs, the commonest first.
const byFrequency = `"0123456789etaoinsrcldumpghfbywvkETAOINSRCLDUMPGHFBYWVK-._xjqzXJQZ`

func newNode(key string) *node {
	n := &node{key: key, quoted: `"` + key + `"`}
	rank := func(c byte) int {
		if i := strings.IndexByte(byFrequency, c); i >= 0 {
			return i
		}
		return len(byFrequency)
	}
	for i := range len(n.quoted) {
		if rank(n.quoted[i]) > rank(n.quoted[n.rare]) {
			n.rare = i
		}
	}
	return n
}

// compileFields makes one tree of all paths.
func compileFields(paths []string) (*node, error) {
	root := new(node)
	var mistakes []error
	for field, path := range paths {
		segments, err := splitPath(path)
		mistakes = append(mistakes, err)
		at := root
		for _, s := range segments {
			i := slices.IndexFunc(at.children, func(n *node) bool { return n.key == s })
			if i < 0 {
				i = len(at.children)
				at.children = append(at.children, newNode(s))
			}
			at = at.children[i]
		}
		at.fields = append(at.fields, field)
	}
	return root, errors.Join(mistakes...)
}

// A finder picks the Spec's fields out of a record while the scanner passes over
// it. Between two braces or brackets of an object that a path leads through, it
// looks for the path's next keys; everywhere else it does not look at all.
type finder struct {
	root   *node
	limit  int     // only so many bytes of the record are searched
	values []value // what was found for each field

	frames  [maxSegments + 1]frame // the objects that paths lead through, down to the place
	level   int                    // how many they are; 0 when nothing is looked for
	gap     int                    // in the record: behind the last brace or bracket
	escapes bool                   // a backslash came since then

	scratch []byte // values without their escapes
}

// A frame is an object or array whose key is on a path.
type frame struct {
	node  *node
	start int // in the record
}

// A value is a place in the record; end is 0 when the field is absent.
type value struct {
	start, end int
	escaped    bool // a string with backslashes
}

// newFinder searches the first limit bytes of each record. Its scratch is there
// from the start: an empty value is not nil.
func newFinder(s fieldSet, limit int) finder {
	return finder{root: s.root, limit: limit, values: make([]value, len(s.to)), scratch: make([]byte, 0, minMaxRecord)}
}

// begin is called behind an element's first byte.
func (f *finder) begin(wanted bool) {
	clear(f.values)
	f.level, f.gap, f.escapes = 0, 1, false
	if wanted && len(f.root.children) > 0 {
		f.frames[0] = frame{node: f.root}
		f.level = 1
	}
}

// between is called at each brace or bracket of an object that a path leads
// through: text is the record up to there, opens whether it leads deeper.
func (f *finder) between(text []byte, opens bool) {
	child := f.search(text)
	switch {
	case !opens:
		f.level--
		if top, end := f.frames[f.level], len(text)+1; end <= f.limit {
			f.set(top.node, value{start: top.start, end: end})
		}
	case child != nil:
		f.frames[f.level] = frame{node: child, start: len(text)}
		f.level++
	}
}

// abandon is called when no more of the record is kept than text.
func (f *finder) abandon(text []byte, depth int) {
	if f.level == depth {
		f.search(text)
	}
	f.level = 0
}

// search looks through the gap that text ends in. It gives the key, if it is on
// a path, of the value that begins behind text.
func (f *finder) search(text []byte) (child *node) {
	end := min(len(text), f.limit)
	if f.gap >= end {
		return nil
	}
	gap, complete := text[f.gap:end], end == len(text)
	children := f.frames[f.level-1].node.children
	if f.escapes && bytes.IndexByte(gap, '\\') >= 0 {
		return f.searchStrings(children, gap, complete)
	}
	for _, n := range children {
		for at, ok := n.find(gap, 0); ok; at, ok = n.find(gap, at) {
			if f.take(n, gap, at, complete) {
				child = n
			}
		}
	}
	return child
}

// find is where in gap, which has no backslash, the value of the key's next
// occurrence behind at is. The key's rarest byte is looked for: the others come
// too often.
func (n *node) find(gap []byte, at int) (value int, ok bool) {
	end := len(gap) - (len(n.quoted) - n.rare) // the last place where the whole key and a colon still fit
	for at += n.rare; at < end; at++ {
		i := bytes.IndexByte(gap[at:end], n.quoted[n.rare])
		if i < 0 {
			return 0, false
		}
		at += i
		start := at - n.rare
		if gap[start] != '"' || string(gap[start:start+len(n.quoted)]) != n.quoted {
			continue
		}
		if value, ok = afterColon(gap, start+len(n.quoted)); ok {
			return value, true
		}
	}
	return 0, false
}

// searchStrings is search for a gap with backslashes in it: string by string.
func (f *finder) searchStrings(children []*node, gap []byte, complete bool) (child *node) {
	for at := 0; ; {
		i := bytes.IndexByte(gap[at:], '"')
		if i < 0 {
			return child
		}
		at += i + 1
		end, closed := stringEnd(gap[at:])
		if !closed {
			return child
		}
		key := gap[at : at+end]
		at += end + 1
		value, ok := afterColon(gap, at)
		if !ok {
			continue
		}
		at = value
		for _, n := range children {
			if keyIs(key, n.key) && f.take(n, gap, value, complete) {
				child = n
			}
		}
	}
}

// afterColon is where in gap the value behind a key that ends at at begins, if
// it was a key.
func afterColon(gap []byte, at int) (value int, ok bool) {
	at = skipSpace(gap, at)
	if at == len(gap) || gap[at] != ':' {
		return 0, false
	}
	return skipSpace(gap, at+1), true
}

func skipSpace(b []byte, at int) int {
	for at < len(b) && isSpace(b[at]) {
		at++
	}
	return at
}

// take notes the value of n's key, which is at at in gap. It tells whether that
// is an object or array that begins where the gap ends.
func (f *finder) take(n *node, gap []byte, at int, complete bool) (opens bool) {
	text, start := gap[at:], f.gap+at
	if len(text) == 0 {
		return complete
	}
	if text[0] == '"' {
		end, closed := stringEnd(text[1:])
		if closed {
			escaped := f.escapes && bytes.IndexByte(text[1:1+end], '\\') >= 0
			f.set(n, value{start: start + 1, end: start + 1 + end, escaped: escaped})
		}
		return false
	}
	switch end := scalarEnd(text); {
	case end == len(text) && !complete:
	case string(text[:end]) == "null":
		f.set(n, value{})
	default:
		f.set(n, value{start: start, end: start + end})
	}
	return false
}

func (f *finder) set(n *node, v value) {
	for _, field := range n.fields {
		f.values[field] = v
	}
}

// fill gives the values of the record that begins with raw to the fields that
// they are of.
func (f *finder) fill(fields [][]byte, to []int, raw []byte) {
	f.scratch = f.scratch[:0]
	for i, v := range f.values {
		switch field := &fields[to[i]]; {
		case v.end == 0:
			*field = nil
		case v.escaped:
			// What was given before must not move: when scratch grows, it
			// stays in the old one.
			from := len(f.scratch)
			f.scratch = unescape(f.scratch, raw[v.start:v.end])
			*field = f.scratch[from:]
		default:
			*field = raw[v.start:v.end]
		}
	}
}
