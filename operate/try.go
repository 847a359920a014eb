package operate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// A Trial reads objects as the function would and shows what Devo would get.
type Trial struct {
	// Sources are those that an object's key is matched with, in order.
	Sources sources.Set
	// Source is the name of the one to use whatever the key says; "" if the key
	// decides.
	Source string
	// Tags are of records that cannot have their own.
	Tags config.Tags
	// Limit ends an object after so many shown records; 0 is no limit.
	Limit int64
	// Show gets each record that would be sent. Its error ends the trial.
	Show func(*Shown) error
}

// A Shown record is one that would be sent. It is valid during the call.
type Shown struct {
	*parsers.Record
	Source string
	Tag    []byte
	// Raw is what is sent of the record.
	Raw []byte
}

// A Result is what became of one object.
type Result struct {
	Object *Object
	// Match is whose the object is. Its Source is nil if it is nobody's.
	Match sources.Match
	// Packings are how the object is compressed, outermost first: "gzip", "tar";
	// or "plain". A format that has random access to the object gives none.
	Packings []string
	// Stored is the object's size in bytes, and Sent that of the records shown.
	Stored, Sent int64
	// Records are those that were shown: Unparsed and BadTag ones too.
	Records, Unparsed, BadTag int64
	// Dropped are the records left out, by reason: "header", "blank", "by RULE".
	Dropped map[string]int64
	// Filtered are those of them left out by rules, and Foreign those that are not
	// of the source's format.
	Filtered, Foreign int64
	// Truncated records lost Lost bytes together.
	Truncated, Lost int64
	// Tags counts the records shown.
	Tags map[string]int64
	// Folder reports that the object is a folder's, without bytes, which the function
	// ignores whosever it is.
	Folder bool
	// Stopped tells that Limit was reached.
	Stopped bool
	// Err is why the object would fail, or nil: a *parsers.CorruptError or
	// *parsers.OversizeError that ended it, or delivery's verdict on the whole.
	Err error
}

// ErrNoSource says that an object's key is nobody's.
var ErrNoSource = errors.New("no source matches the key; --explain KEY shows why, --detect FILE what the content looks like")

// Try reads one object. An object's own failure is in the Result; the error is
// one that ends the trial.
func (t *Trial) Try(ctx context.Context, o *Object) (*Result, error) {
	r := &Result{Object: o, Dropped: make(map[string]int64), Tags: make(map[string]int64)}
	var ok bool
	if isFolder(o.Key) {
		if empty, err := o.empty(ctx); empty || err != nil {
			r.Folder = empty
			return r, err
		}
	}
	if r.Match, ok = t.match(o.Key); !ok {
		r.Err = t.noSource()
		return r, nil
	}
	if r.Match.Refused != "" {
		r.Err = fmt.Errorf("no_source: %s cannot read it: %s", r.Match.Source.Name(), r.Match.Refused)
		return r, nil
	}
	if r.Match.Ignored && t.Source == "" {
		return r, nil
	}
	in, err := o.open(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", o.Name, err)
	}
	defer in.Close()
	r.Stored = in.size
	return r, t.read(ctx, r, in.Input)
}

// noSource says that a key is nobody's, also of a source that was asked for: only
// one that stands for others wants its keys to match.
func (t *Trial) noSource() error {
	for _, s := range t.Sources {
		if members := s.Definition().Services; s.Name() == t.Source && members != nil {
			return fmt.Errorf("%w; or ask for one of those that %s stands for: %s", ErrNoSource, t.Source, strings.Join(members, ", "))
		}
	}
	return ErrNoSource
}

func (t *Trial) match(key string) (sources.Match, bool) {
	if t.Source != "" {
		return t.Sources.Named(t.Source, key)
	}
	return t.Sources.Match(key)
}

func (t *Trial) read(ctx context.Context, r *Result, in parsers.Input) error {
	shaper := r.Match.Shaper(r.Object.Object)
	in.Found = func(packing string) {
		if !slices.Contains(r.Packings, packing) {
			r.Packings = append(r.Packings, packing)
		}
	}
	shown := &Shown{Source: r.Match.Source.Name()}
	for rec, err := range r.Match.Source.Parser().Records(ctx, in) {
		if err != nil {
			r.Err = err
			return ctx.Err()
		}
		raw, left := t.shape(shaper, rec)
		if left != "" {
			r.leave(rec, left)
			continue
		}
		if t.Limit > 0 && r.Records == t.Limit {
			r.Stopped = true
			return nil
		}
		shown.Record, shown.Raw, shown.Tag = rec, raw, t.tag(shaper, rec, r)
		r.count(shown)
		if err := t.Show(shown); err != nil {
			return err
		}
	}
	whole := parsers.Tally{Sent: r.Records, Filtered: r.Filtered, Foreign: r.Foreign}
	if err := delivery.Verdict(whole, r.Match.Source, r.Object.Name); err != nil {
		r.Err = err
	}
	return nil
}

// shape is what is to be sent of a record, or why it is left out.
func (t *Trial) shape(shaper *sources.Shaper, rec *parsers.Record) (raw []byte, left string) {
	switch {
	case rec.Dropped != "":
		return nil, rec.Dropped
	case blank(rec.Raw):
		return nil, "blank"
	}
	raw, rule := shaper.Shape(rec)
	if rule != "" {
		return nil, "by " + rule
	}
	return raw, ""
}

// tag is the record's own, or that of records which cannot have one.
func (t *Trial) tag(shaper *sources.Shaper, rec *parsers.Record, r *Result) []byte {
	if rec.Unparsed != "" {
		r.Unparsed++
		return []byte(t.Tags.Unparsed)
	}
	tag, ok := shaper.Tag(rec)
	if !ok {
		r.BadTag++
		return []byte(t.Tags.BadTag)
	}
	return tag
}

// leave counts a record that is not sent, and why.
func (r *Result) leave(rec *parsers.Record, why string) {
	r.Dropped[why]++
	switch {
	case rec.Foreign:
		r.Foreign++
	case rec.Dropped == "" && why != "blank":
		r.Filtered++
	}
}

func (r *Result) count(s *Shown) {
	r.Records++
	r.Sent += int64(len(s.Raw))
	r.Tags[string(s.Tag)]++
	if s.Lost > 0 {
		r.Truncated++
		r.Lost += s.Lost
	}
}

// blank records are those that Devo would drop, as delivery has it.
func blank(raw []byte) bool {
	return !bytes.ContainsFunc(raw, func(c rune) bool { return c > ' ' })
}
