package sources

import (
	"bytes"
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/devo-s3/collector/parsers"
)

// guessRecords is how many records of an object are looked at.
const guessRecords = 100

// unhinted is the likeness of a record about which there are no hints but that
// the parser understood it, and that it is text.
const unhinted = 0.1

// Detect are hints of what a source's records look like. They decide nothing:
// which source an object has, its key alone says.
type Detect struct {
	// Fields are those that a record nearly always has: paths of JSON, names of
	// columns. Between bars are alternatives, of which it has one:
	// "eventName|detail.eventName".
	Fields []string `yaml:"fields"`
	// Pattern is an RE2 expression (https://github.com/google/re2/wiki/Syntax)
	// that a record matches. ^(?:\S+ ){13}\S+$ stands for 14 columns.
	Pattern string `yaml:"pattern"`
	// Header is the same for the header that the parser drops.
	Header string `yaml:"header"`
	// Fallback tells that the source is for content of any origin: it is named only
	// where no other source is likely, and of several the one with the lowest number
	// from 1. Without hints, it is likely if most records are text.
	Fallback int `yaml:"fallback"`
}

// A look is a checked Detect; no part of it need be there.
type look struct {
	parser          *parsers.Parser // one that gives the alternatives of Detect.Fields
	alternatives    []int           // how many each of those has
	pattern, header *regexp.Regexp
}

// look reads objects with all the source's own settings but its fields: what is in
// front of the records, say, must not count against it.
func (c *compiler) look(spec parsers.Spec) look {
	l := look{pattern: c.expression("detect.pattern", c.Detect.Pattern), header: c.expression("detect.header", c.Detect.Header)}
	if spec.Format == "" || len(c.Detect.Fields) == 0 {
		return l // what is wrong with the format is in the mistakes already
	}
	spec.Fields = nil
	for _, field := range c.Detect.Fields {
		paths := strings.Split(field, "|")
		spec.Fields, l.alternatives = append(spec.Fields, paths...), append(l.alternatives, len(paths))
	}
	var err error
	if l.parser, err = parsers.Compile(spec); err != nil {
		c.wrong("detect.fields", err)
	}
	return l
}

func (c *compiler) expression(field, text string) *regexp.Regexp {
	if text == "" {
		return nil
	}
	p, err := regexp.Compile(text)
	if err != nil {
		c.wrong(field, err)
	}
	return p
}

// Fallback is that of Detect.
func (s *Source) Fallback() int { return s.definition.Detect.Fallback }

// Hints counts what an object must bear out to look like the source's.
func (s *Source) Hints() int {
	n := len(s.definition.Detect.Fields)
	for _, p := range []*regexp.Regexp{s.look.pattern, s.look.header} {
		if p != nil {
			n++
		}
	}
	return n
}

// A Guess says how much an object's first records look like a source's.
type Guess struct {
	// Records is how many were looked at, and Parsed how many of them the
	// parser understood.
	Records, Parsed int
	// Score is 0 to 1: the records' mean likeness, halved if the object then
	// turned out to be corrupt. The likeness of a record is the share of the
	// hints that it bears out; where there are none, 0.1 if it is text.
	Score float64
	// Err is what ended the object, or nil.
	Err error
}

// Guess looks at the object's first hundred records, and not at its key.
func (s *Source) Guess(ctx context.Context, in parsers.Input) Guess {
	var g Guess
	alike, headed := 0.0, s.look.header == nil
	for r, err := range cmp.Or(s.look.parser, s.parser).Records(ctx, in) {
		if err != nil {
			g.Err = err
			break
		}
		if r.Dropped != "" {
			headed = headed || s.look.header.Match(r.Raw)
			continue
		}
		g.Records++
		if r.Unparsed == "" {
			g.Parsed++
			alike += s.likeness(r)
		}
		if g.Records == guessRecords {
			break
		}
	}
	if g.Records == 0 || !headed {
		return g
	}
	g.Score = alike / float64(g.Records)
	if g.Err != nil {
		g.Score /= 2
	}
	return g
}

func (s *Source) likeness(r *parsers.Record) float64 {
	hints, borne, fields := len(s.look.alternatives), 0, r.Fields
	for _, n := range s.look.alternatives {
		if slices.ContainsFunc(fields[:n], func(f []byte) bool { return f != nil }) {
			borne++
		}
		fields = fields[n:]
	}
	if s.look.pattern != nil {
		hints++
		if s.look.pattern.Match(r.Raw) {
			borne++
		}
	}
	switch {
	case hints > 0:
		return float64(borne) / float64(hints)
	case s.look.header != nil:
		return 1
	}
	if !isText(r.Raw) {
		return 0
	}
	return unhinted
}

// isText reports whether b is neither blank nor binary: of the control characters, logs
// have those that move the cursor, and ESC for colours.
func isText(b []byte) bool {
	const usual = "\b\t\n\v\f\r\x1b"
	binary := bytes.ContainsFunc(b, func(c rune) bool { return c < ' ' && !strings.ContainsRune(usual, c) })
	return !binary && len(bytes.TrimSpace(b)) > 0
}
