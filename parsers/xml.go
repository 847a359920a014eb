package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// XMLOptions are those of format "xml" (https://www.w3.org/TR/xml/): every
// element of one name is a record, as it stands, with its line breaks. Elements
// may be inside others, as Windows events are in <Events>, or one after another
// without any root. What is around them is passed over; an element of the same
// name inside a record is part of it.
//
// Nothing is decoded or validated: where a record ends is told by the tags of
// its name, outside of comments, CDATA sections and processing instructions. A
// declaration with others inside (an internal DTD) is refused. An object that
// has elements within its root, but none of that name, is corrupt.
//
// Spec.Fields are paths of elements from the record's children on, such as
// "System/EventID", or of an attribute: "System/Provider/@Name", "@xmlns". An
// attribute may choose an element: "EventData/Data[@Name='IpAddress']". Names
// are as they are written, prefixes included. An element's value is its text in
// front of its first child, with character references and CDATA sections
// resolved; the first element of a path counts, and of an oversized record only
// its first MaxRecord bytes are searched.
type XMLOptions struct {
	// Encoding is that of every text format; see LinesOptions. What the XML
	// itself declares is not looked at.
	Encoding string `yaml:"encoding"`
	// Element is the name of the elements, as it is written, with its prefix if
	// it has one. "" is "Event".
	Element string `yaml:"element"`
}

// Format is "xml".
func (*XMLOptions) Format() string { return "xml" }

func compileXML(s Spec) (func(*run) error, error) {
	o, err := optionsOf[XMLOptions](s)
	if err != nil {
		return nil, err
	}
	encoding, err := compileEncoding(o.Encoding)
	mistakes := []error{err}
	element := o.Element
	if element == "" {
		element = "Event"
	}
	if !isXMLName(element) {
		mistakes = append(mistakes, fmt.Errorf("element %q is no name", element))
	}
	root, err := compileXMLFields(s.Fields)
	if err := errors.Join(append(mistakes, err)...); err != nil {
		return nil, err
	}
	return func(r *run) error {
		r.fields = make([][]byte, len(s.Fields))
		x := &xmlRun{run: r, element: element, finder: xmlFinder{root: root, fields: r.fields, scratch: make([]byte, 0, minMaxRecord)}}
		if r.resumed {
			x.found = true
			depth, err := strconv.ParseUint(r.remembered(), 10, 16)
			if err != nil {
				return fmt.Errorf("%q is no depth to go on at", r.remembered())
			}
			x.depth = int(depth)
		}
		if err := r.beginText(encoding, true); err != nil {
			return err
		}
		return x.object()
	}, nil
}

// isXMLName tells whether a tag can have the name. It is not strict about what
// no one would write.
func isXMLName(name string) bool {
	return name != "" && !strings.ContainsAny(name, " \t\r\n/>=<!?&@\"'")
}

// An xmlRun is the cutting of an object of XML.
type xmlRun struct {
	*run
	element string
	finder  xmlFinder
	depth   int      // elements that are open around the place
	states  []string // Restart.State for each depth where a record was
	found   bool     // an element was a record
	others  bool     // an element within another was none
}

func (x *xmlRun) object() error {
	for {
		if err := x.text(); err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		if err := x.markup(); err != nil {
			return err
		}
	}
	switch {
	case x.depth > 0:
		return x.truncated(io.EOF)
	case x.others && !x.found:
		return x.corrupt("no element %s", x.element)
	default:
		return nil
	}
}

// text passes over what is between two tags. At the object's end the error is
// io.EOF.
func (x *xmlRun) text() error {
	for {
		i := bytes.IndexByte(x.buf[x.pos:], '<')
		end := x.pos + i
		if i < 0 {
			end = len(x.buf)
		}
		if x.depth == 0 {
			if x.pos = skipSpace(x.buf[:end], x.pos); x.pos < end {
				return x.corrupt("text outside of any element")
			}
		}
		x.pos = end
		if i >= 0 {
			return nil
		}
		if err := x.advance(); err != nil {
			return err
		}
	}
}

// markup reads what begins with the < at pos: a record, or a tag or the like
// between records.
func (x *xmlRun) markup() error {
	x.place(&x.restart)
	x.feed.open(x.spec.MaxRecord + 1)
	x.pos++
	c, err := x.peek()
	if err != nil {
		return err
	}
	switch c {
	case '!', '?':
		x.keep = 0
		err = x.special(c)
	case '/':
		err = x.endTag()
	default:
		same, err := x.name()
		if err != nil {
			return err
		}
		if same {
			x.restart.State = x.stateHere()
			x.offer()
			return x.cutRecord()
		}
		if err := x.startTag(); err != nil {
			return err
		}
	}
	x.close()
	return err
}

// startTag reads what is left of the start tag of an element around records.
func (x *xmlRun) startTag() error {
	x.keep = 0
	x.others = x.others || x.depth > 0
	if x.depth == maxDepth {
		return x.corrupt("nested more than %d deep", maxDepth)
	}
	empty, err := x.tagEnd()
	if !empty {
		x.depth++
	}
	return err
}

// endTag reads what is left of the end tag of such an element.
func (x *xmlRun) endTag() error {
	x.keep = 0
	if x.depth == 0 {
		return x.corrupt("an end tag without its start")
	}
	x.depth--
	_, err := x.tagEnd()
	return err
}

// stateHere is Restart.State for a record at this depth.
func (x *xmlRun) stateHere() string {
	for len(x.states) <= x.depth {
		x.states = append(x.states, "")
	}
	if x.states[x.depth] == "" {
		x.remember(strconv.Itoa(x.depth))
		x.states[x.depth] = x.state
	}
	return x.states[x.depth]
}

// cutRecord gives the element that is open; its name was read.
func (x *xmlRun) cutRecord() error {
	x.found = true
	empty, err := x.tagEnd()
	if err != nil {
		return err
	}
	for nested := 1; !empty && nested > 0; {
		c, err := x.tag()
		if err != nil {
			return err
		}
		switch c {
		case '!', '?':
			if err := x.special(c); err != nil {
				return err
			}
			continue
		case '/':
			x.pos++
		}
		if same, err := x.name(); err != nil {
			return err
		} else if !same {
			continue
		}
		switch inner, err := x.tagEnd(); {
		case err != nil:
			return err
		case c == '/':
			nested--
		case !inner:
			nested++
		}
	}
	raw, length := x.close()
	x.finder.find(raw[:min(len(raw), x.spec.MaxRecord)])
	return x.give(raw, length)
}

// tag passes over the next < in the open element and gives the byte behind it.
func (x *xmlRun) tag() (byte, error) {
	for {
		if i := bytes.IndexByte(x.buf[x.pos:], '<'); i >= 0 {
			x.pos += i + 1
			return x.peek()
		}
		x.pos = len(x.buf)
		if _, err := x.peek(); err != nil {
			return 0, err
		}
	}
}

// peek is the byte at pos, in the open element.
func (x *xmlRun) peek() (byte, error) {
	for x.pos == len(x.buf) {
		if err := x.more(); err != nil {
			return 0, x.truncated(err)
		}
	}
	return x.buf[x.pos], nil
}

// name tells whether the name at pos is that of the records, and passes over
// what they have in common.
func (x *xmlRun) name() (same bool, err error) {
	for i := 0; ; i++ {
		c, err := x.peek()
		switch {
		case err != nil:
			return false, err
		case i == len(x.element):
			return isSpace(c) || c == '/' || c == '>', nil
		case c != x.element[i]:
			return false, nil
		}
		x.pos++
	}
}

// tagEnd passes over the > that ends the tag and tells whether a / is before it.
func (x *xmlRun) tagEnd() (empty bool, err error) {
	var quote, last byte
	for {
		c, err := x.peek()
		if err != nil {
			return false, err
		}
		switch {
		case c == '<':
			return false, x.corrupt("a < within a tag")
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			x.pos++
			return last == '/', nil
		}
		x.pos++
		last = c
	}
}

// special passes over a comment, a CDATA section, a processing instruction or a
// declaration, from the c behind its < on.
func (x *xmlRun) special(c byte) error {
	x.pos++
	if c == '?' {
		return x.until("?>")
	}
	c, err := x.peek()
	switch {
	case err != nil:
		return err
	case c == '-':
		if err := x.expect("--"); err != nil {
			return err
		}
		return x.until("-->")
	case c == '[':
		if x.depth == 0 && x.keep == 0 { // in no record either
			return x.corrupt("text outside of any element")
		}
		if err := x.expect("[CDATA["); err != nil {
			return err
		}
		return x.until("]]>")
	default:
		x.pos++
		_, err := x.tagEnd()
		return err
	}
}

// expect passes over text.
func (x *xmlRun) expect(text string) error {
	for i := range len(text) {
		c, err := x.peek()
		if err != nil {
			return err
		}
		if c != text[i] {
			return x.corrupt("byte 0x%02x where <!%s should be", c, text)
		}
		x.pos++
	}
	return nil
}

// until passes over everything up to end, and over that: two or three bytes, the
// last of which is a >.
func (x *xmlRun) until(end string) error {
	front := end[:len(end)-1]
	var last [2]byte // before pos
	for {
		if _, err := x.peek(); err != nil {
			return err
		}
		rest := x.buf[x.pos:]
		i := bytes.IndexByte(rest, '>')
		if i < 0 {
			i = len(rest)
		}
		if i == 1 {
			last = [2]byte{last[1], rest[0]}
		} else if i > 1 {
			last = [2]byte(rest[i-2 : i])
		}
		x.pos += i
		if i == len(rest) {
			continue
		}
		x.pos++
		if strings.HasSuffix(string(last[:]), front) {
			return nil
		}
		last = [2]byte{last[1], '>'}
	}
}

// truncated is err, unless that is the object's end: it came too early.
func (x *xmlRun) truncated(err error) error {
	if err == io.EOF {
		return &CorruptError{Offset: x.offset(), Reason: "truncated XML", Err: io.ErrUnexpectedEOF}
	}
	return err
}
