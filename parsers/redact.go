package parsers

import (
	"math"
	"slices"
)

// Masked is what stands in place of a masked value, in JSON.
const Masked = `"***"`

// A Redaction takes members out of JSON records or hides their values. It is
// safe for concurrent use.
type Redaction struct {
	root  *node
	drops int // the fields of the root's nodes below this are dropped, the others masked
}

// NewRedaction compiles two lists of dotted paths, like those of Spec.Fields: of
// members to drop, and of members whose value, whatever it is, is to become
// Masked. An array on the way stands for each of its elements. Drop comes before
// mask, and a member before what is in it.
func NewRedaction(drop, mask []string) (*Redaction, error) {
	root, err := compileFields(slices.Concat(drop, mask))
	if err != nil {
		return nil, err
	}
	return &Redaction{root, len(drop)}, nil
}

// Apply appends the redacted record to dst and allocates nothing else. cut tells
// that raw is only the beginning of a record.
//
// It is not ok if raw is no JSON text: nobody can tell then what in it ought to
// be hidden. Only what could make a reader see other members is looked at for
// that: text within strings and the shape of numbers are not.
func (x *Redaction) Apply(dst, raw []byte, cut bool) (redacted []byte, ok bool) {
	w := redactor{drops: x.drops, raw: raw, cut: cut, out: dst}
	whole := w.value(x.root) && w.space() == 0
	if w.pos < len(raw) || !whole && !cut {
		return dst, false
	}
	if w.copied != hidden {
		w.copy(len(raw))
	}
	return w.out, true
}

// hidden is redactor.copied within a value that must not be copied.
const hidden = math.MaxInt

// A redactor is the redaction of one record. Its methods leave pos where they
// can go no further.
type redactor struct {
	drops  int
	raw    []byte
	cut    bool
	pos    int
	depth  int
	out    []byte
	copied int // of raw: what comes before is in out, or left out
}

func (w *redactor) copy(to int) {
	w.out = append(w.out, w.raw[w.copied:to]...)
	w.copied = to
}

// space passes over white space and gives the byte behind it; 0 at the end.
func (w *redactor) space() byte {
	w.pos = skipSpace(w.raw, w.pos)
	if w.pos == len(w.raw) {
		return 0
	}
	return w.raw[w.pos]
}

// value passes over a value; n is where its key is on the paths, or nil.
func (w *redactor) value(n *node) bool {
	switch w.space() {
	case '{':
		return w.nested(n, (*redactor).object)
	case '[':
		return w.nested(n, (*redactor).array)
	case '"':
		return w.text()
	}
	return w.scalar()
}

func (w *redactor) nested(n *node, inside func(*redactor, *node) bool) bool {
	if w.depth == maxDepth {
		return false
	}
	w.depth++
	w.pos++
	ok := inside(w, n)
	w.depth--
	return ok
}

func (w *redactor) array(n *node) bool {
	if w.space() == ']' {
		w.pos++
		return true
	}
	for w.value(n) {
		switch w.space() {
		case ',':
			w.pos++
		case ']':
			w.pos++
			return true
		default:
			return false
		}
	}
	return false
}

func (w *redactor) object(n *node) bool {
	if w.space() == '}' {
		w.pos++
		return true
	}
	comma := -1 // behind the last member that stays
	stays := false
	for {
		if w.space() != '"' {
			return false
		}
		start := w.pos
		if !w.text() {
			return false
		}
		child := n.match(w.raw[start+1 : w.pos-1])
		if w.space() != ':' {
			return false
		}
		w.pos++
		dropped := child != nil && len(child.fields) > 0 && child.fields[0] < w.drops
		switch {
		case dropped && stays:
			w.copy(comma)
		case dropped:
			w.copy(start)
		}
		if !w.member(child, dropped) {
			return false
		}
		switch w.space() {
		case ',':
			if stays = stays || !dropped; stays {
				comma = w.pos
			}
			w.pos++
			if !stays {
				w.copied = w.pos
			}
		case '}':
			w.pos++
			return true
		default:
			return false
		}
	}
}

// member passes over a member's value and leaves it out if it is dropped or
// masked.
func (w *redactor) member(n *node, dropped bool) bool {
	if n == nil || len(n.fields) == 0 {
		return w.value(n)
	}
	if !dropped {
		w.space()
		w.copy(w.pos)
		w.out = append(w.out, Masked...)
	}
	w.copied = hidden
	if !w.value(nil) {
		return false
	}
	w.copied = w.pos
	return true
}

// text passes over a string.
func (w *redactor) text() bool {
	end, closed := stringEnd(w.raw[w.pos+1:])
	w.pos += 1 + end
	if closed {
		w.pos++
	}
	return closed
}

// scalar passes over a number, true, false or null.
func (w *redactor) scalar() bool {
	end := w.pos + scalarEnd(w.raw[w.pos:])
	token := w.raw[w.pos:end]
	if len(token) == 0 || token[0] != '-' && token[0]-'0' >= 10 && !w.named(token) {
		return false
	}
	w.pos = end
	return true
}

func (w *redactor) named(token []byte) bool {
	for _, name := range [...]string{"true", "false", "null"} {
		if string(token) == name || w.cut && w.pos+len(token) == len(w.raw) && len(token) < len(name) && string(token) == name[:len(token)] {
			return true
		}
	}
	return false
}

// GivesJSON tells whether the records of a format with these options are JSON
// texts, as a Redaction needs them. A format's options say so by a method of
// that name.
func GivesJSON(o Options) bool {
	j, ok := o.(interface{ GivesJSON() bool })
	return ok && j.GivesJSON()
}
