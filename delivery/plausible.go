package delivery

import (
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// Verdict returns an Error of kind Corrupt if an object is not what its source
// says, else nil. t must be of the whole object, and object is its name for
// people.
func Verdict(t parsers.Tally, s *sources.Source, object string) *Error {
	if !t.Implausible() {
		return nil
	}
	return Fail(Corrupt, "%s: none of its %d records is %s, the format of source %s: check the source's format, or whether the sender compresses or encrypts",
		object, t.Foreign, s.Definition().Format, s.Name())
}

// judge is the verdict on an object of which rest was read last, up to its end.
// There is none where an earlier version of the function moved the position
// without counting. Under o.mu.
func (o *object) judge(rest Counts) *Error {
	if o.pos.Uncounted {
		return nil
	}
	whole := rest.addTo(o.pos.Tally)
	for _, s := range o.spans {
		whole = s.counts.addTo(whole)
	}
	return Verdict(whole, o.match.Source, o.name())
}

// name is what people call the object.
func (o *object) name() string {
	if o.entry.Direct {
		return "message " + o.id.Key
	}
	return "s3://" + o.id.Bucket + "/" + o.id.Key
}

// addTo is a tally of t's records and the counted ones.
func (c *Counts) addTo(t parsers.Tally) parsers.Tally {
	t.Sent += c.Records
	t.Foreign += c.Foreign
	for _, n := range c.Filtered {
		t.Filtered += n
	}
	return t
}
