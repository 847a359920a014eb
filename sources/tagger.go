package sources

import (
	"bytes"

	"github.com/devo-s3/collector/parsers"
)

// An Object is what {object.…} may use of the object at hand. What is not
// known is "".
type Object struct {
	Bucket, Key, Region, VersionID string
}

// A Tagger makes the tags of one object's records. It belongs to one
// goroutine.
type Tagger struct {
	parts []changing
	tail  []byte   // what follows the last part, or the whole of a tag without any
	seen  [][]byte // the fields that tag was made of, as far as they are read
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

// Tagger prepares the tags of the object that was matched.
func (m Match) Tagger(o Object) *Tagger {
	object := map[string]string{"bucket": o.Bucket, "key": o.Key, "region": o.Region, "version": o.VersionID}
	t := &Tagger{seen: make([][]byte, len(m.Source.tag.fields))}
	for _, p := range m.Source.tag.parts {
		if p.origins == nil {
			t.tail = append(t.tail, p.literal...)
			continue
		}
		var origins []value
		for _, from := range p.origins {
			switch from.kind {
			case "record":
				origins = append(origins, value{field: from.field})
				continue
			case "key":
				from.name = m.captures[from.name]
			case "object":
				from.name = object[from.name]
			}
			if from.name != "" {
				origins = append(origins, value{constant: []byte(from.name)})
				break
			}
		}
		part := changing{t.tail, origins, p.filters}
		if len(origins) == 0 || origins[0].constant != nil {
			t.tail = part.append(t.tail, nil)
			continue
		}
		t.parts = append(t.parts, part)
		t.tail = nil
	}
	return t
}

// Static is the tag if it is the same for all records of the object. It is not
// ok if the tag depends on the record or is impossible.
func (t *Tagger) Static() (tag string, ok bool) {
	return string(t.tail), len(t.parts) == 0 && len(t.tail) <= maxTag
}

// Tag is the tag of a record, valid until the next call. It is not ok if the
// tag would be impossible: over 1,024 bytes.
func (t *Tagger) Tag(r *parsers.Record) (tag []byte, ok bool) {
	if t.changed(r.Fields) {
		t.tag = t.tag[:0]
		for i := range t.parts {
			t.tag = append(t.tag, t.parts[i].before...)
			t.tag = t.parts[i].append(t.tag, r.Fields)
		}
		t.tag = append(t.tag, t.tail...)
	}
	return t.tag, len(t.tag) <= maxTag
}

// changed tells whether the tag must be made anew: neighbouring records mostly
// have the same.
func (t *Tagger) changed(fields [][]byte) bool {
	changed := t.tag == nil
	for i := range t.seen {
		f := head(fields[i])
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
