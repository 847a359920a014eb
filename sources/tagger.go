package sources

import (
	"bytes"
	"slices"

	"github.com/devo-s3/collector/parsers"
)

// A tagger makes the tags of one template for one object's records. It belongs
// to one goroutine.
type tagger struct {
	parts []changing
	tail  []byte   // what follows the last part, or the whole of a tag without any
	reads []int    // the fields that tag is made of
	seen  [][]byte // their values, as far as they are read
	tag   []byte
}

// A changing part is a placeholder that depends on the record, and the text
// since the one before.
type changing struct {
	before  []byte
	origins []value
	filters []filter
}

// A value is constant for the object, or if that is nil a field of the record.
type value struct {
	constant []byte
	field    int
}

// newTagger prepares the tags of the object that has those constants.
func newTagger(from template, constants [][]byte) *tagger {
	t := &tagger{}
	for _, p := range from.parts {
		if p.origins == nil {
			t.tail = append(t.tail, p.literal...)
			continue
		}
		var origins []value
		for _, o := range p.origins {
			if o.kind == "record" {
				origins = append(origins, value{field: o.index})
			} else if constant := constants[o.index]; constant != nil {
				origins = append(origins, value{constant: constant})
				break
			}
		}
		part := changing{t.tail, origins, p.filters}
		if len(origins) == 0 || origins[0].constant != nil {
			t.tail = part.append(t.tail, nil)
			continue
		}
		for _, o := range origins {
			if o.constant == nil && !slices.Contains(t.reads, o.field) {
				t.reads = append(t.reads, o.field)
			}
		}
		t.parts = append(t.parts, part)
		t.tail = nil
	}
	t.seen = make([][]byte, len(t.reads))
	return t
}

// of is the tag of a record, valid until the next call.
func (t *tagger) of(r *parsers.Record) []byte {
	if t.changed(r.Fields) {
		t.tag = t.tag[:0]
		for i := range t.parts {
			t.tag = append(t.tag, t.parts[i].before...)
			t.tag = t.parts[i].append(t.tag, r.Fields)
		}
		t.tag = append(t.tag, t.tail...)
	}
	return t.tag
}

// changed tells whether the tag must be made anew: neighbouring records mostly
// have the same.
func (t *tagger) changed(fields [][]byte) bool {
	changed := t.tag == nil
	for i, field := range t.reads {
		f := head(fields[field])
		if !bytes.Equal(t.seen[i], f) {
			t.seen[i] = append(t.seen[i][:0], f...)
			changed = true
		}
	}
	return changed
}

// append adds the placeholder's value to a tag.
func (c *changing) append(tag []byte, fields [][]byte) []byte {
	from := len(tag)
	for _, o := range c.origins {
		v := o.constant
		if v == nil {
			v = fields[o.field]
		}
		if len(v) > 0 {
			tag = append(tag, head(v)...)
			break
		}
	}
	for _, f := range c.filters {
		tag = f(tag, from)
	}
	if len(tag) == from {
		return append(tag, "unknown"...)
	}
	tag = tag[:min(len(tag), from+maxValue)]
	for i := from; i < len(tag); i++ {
		if !inLevel[tag[i]] {
			tag[i] = '_'
		}
	}
	return tag
}

// head is the part of a value that is read: a value may be as long as a
// record.
func head(v []byte) []byte { return v[:min(len(v), maxTag)] }

// inLevel tells which bytes may stand in a tag's level.
var inLevel = func() (in [256]bool) {
	for _, b := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") {
		in[b] = true
	}
	return in
}()
