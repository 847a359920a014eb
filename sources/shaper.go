package sources

import "github.com/devo-s3/collector/parsers"

// An Object is what object.… may use of the object at hand. What is not known is
// "".
type Object struct {
	Bucket, Key, Region, VersionID string
}

// A Shaper says what becomes of one object's records: which are left out, what
// is sent of the others and under which tag. It belongs to one goroutine and
// allocates nothing for a record, but for its buffers to grow.
type Shaper struct {
	source  *Source
	subject subject
	taggers []*tagger // by template; nil until it is needed
	scratch []byte
}

// Shaper prepares for the object that was matched.
func (m Match) Shaper(o Object) *Shaper {
	s := &Shaper{source: m.Source, taggers: make([]*tagger, len(m.Source.templates))}
	object := map[string]string{"bucket": o.Bucket, "key": o.Key, "region": o.Region, "version": o.VersionID}
	for _, from := range m.Source.constants {
		text := object[from.name]
		if from.kind == "key" {
			text = m.captures[from.name]
		}
		var constant []byte
		if text != "" {
			constant = []byte(text)
		}
		s.subject.constants = append(s.subject.constants, constant)
	}
	return s
}

// Shape gives what is to be sent of a record, valid until the next call: its own
// Raw, unless the source redacts. A record that is to be left out has the name
// of the rule that says so: that of the filter, or "filters[0]" for one without,
// or "redact" where it is no JSON text and cannot be redacted. An Unparsed record
// is not filtered: too little is known of it.
func (s *Shaper) Shape(r *parsers.Record) (raw []byte, rule string) {
	if r.Unparsed == "" {
		s.subject.record = r
		for i := range s.source.rules {
			if f := &s.source.rules[i]; f.when(&s.subject) != f.include {
				return nil, f.name
			}
		}
	}
	if s.source.redaction == nil {
		return r.Raw, ""
	}
	var ok bool
	if s.scratch, ok = s.source.redaction.Apply(s.scratch[:0], r.Raw, r.Lost > 0); !ok {
		return nil, redactRule
	}
	return s.scratch, ""
}

// Static is the tag if it is the same for all records of the object. It is not
// ok if the tag depends on the record or is impossible.
func (s *Shaper) Static() (tag string, ok bool) {
	t := s.tagger(ownTag)
	return string(t.tail), len(s.source.routes) == 0 && len(t.parts) == 0 && len(t.tail) <= maxTag
}

// Tag is the tag of a record, valid until the next call. It is not ok if the
// tag would be impossible: over 1,024 bytes, or no row in a routing table.
func (s *Shaper) Tag(r *parsers.Record) (tag []byte, ok bool) {
	s.subject.record = r
	chosen := ownTag
	for _, route := range s.source.routes {
		if t, ok := route(&s.subject); ok {
			chosen = t
			break
		}
	}
	if chosen == badTag {
		return nil, false
	}
	tag = s.tagger(chosen).of(r)
	return tag, len(tag) <= maxTag
}

func (s *Shaper) tagger(template int) *tagger {
	if s.taggers[template] == nil {
		s.taggers[template] = newTagger(s.source.templates[template], s.subject.constants)
	}
	return s.taggers[template]
}
