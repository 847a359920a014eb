package sources

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/devo-s3/collector/parsers"
)

// A Mistake is one thing that is wrong with a Definition.
type Mistake struct {
	// Field is where, as written down: "tag", "keys[1]".
	Field string
	Err   error
}

func (m *Mistake) Error() string { return m.Field + ": " + m.Err.Error() }

// Unwrap gives the cause.
func (m *Mistake) Unwrap() error { return m.Err }

// Mistakes are all that is wrong with a Definition.
type Mistakes []*Mistake

func (m Mistakes) Error() string {
	texts := make([]string, len(m))
	for i, one := range m {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "\n")
}

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)

// Compile checks the whole of d, but for routings that are not in use. Its error
// is a Mistakes.
func Compile(d Definition) (*Source, error) {
	c := compiler{Definition: d}
	c.plain()
	s := &Source{name: d.Name, definition: d}
	s.keys = c.patterns("keys", d.Keys)
	s.ignore = c.patterns("ignore", d.Ignore)
	c.captures = common(s.keys)
	c.tag()
	s.rules, s.routes, s.redaction = c.rules(), c.routes(), c.redaction()
	s.templates, s.constants = c.templates, c.constants
	s.parser = c.parser()
	s.look = c.look()
	if len(c.mistakes) > 0 {
		return nil, c.mistakes
	}
	return s, nil
}

type compiler struct {
	Definition
	captures  []string   // those of every pattern of Keys
	templates []template // the source's own first
	reads     []read     // in the order of Record.Fields
	constants []origin   // what is read of the key and the object
	mistakes  Mistakes
}

// A read is a field of the record, and where in the definition it is first read.
type read struct{ path, field string }

func (c *compiler) wrong(field string, err error) {
	c.mistakes = append(c.mistakes, &Mistake{field, err})
}

func (c *compiler) wrongf(field, format string, args ...any) {
	c.wrong(field, fmt.Errorf(format, args...))
}

// plain checks what needs no compiling.
func (c *compiler) plain() {
	if !namePattern.MatchString(c.Name) {
		c.wrongf("name", "%q is no source's name; write a lower-case letter, then up to 63 of a-z, 0-9 and _", c.Name)
	}
	if !slices.Contains([]string{"", "confirmed", "inferred", "unknown"}, c.Table) {
		c.wrongf("table", "%q is not known; write confirmed, inferred or unknown", c.Table)
	}
	if len(c.Keys) == 0 {
		c.wrongf("keys", "there is no pattern; %q sends every key of the queue to this source", "**")
	}
}

func (c *compiler) patterns(field string, texts []string) []*regexp.Regexp {
	var compiled []*regexp.Regexp
	for i, text := range texts {
		p, err := compilePattern(text)
		if err != nil {
			c.wrongf(fmt.Sprintf("%s[%d]", field, i), "the pattern %w", err)
			continue
		}
		compiled = append(compiled, p)
	}
	return compiled
}

// tag compiles the template in use.
func (c *compiler) tag() {
	text := c.Tag
	if c.Routing != "" {
		var ok bool
		if text, ok = c.Routings[c.Routing]; !ok {
			c.wrongf("routing", "%q is not among the routings; %s", c.Routing, choices(c.Routing, slices.Sorted(maps.Keys(c.Routings))))
			return
		}
	}
	c.template(c.tagField(), text)
}

// tagField is where the template in use is chosen.
func (c *compiler) tagField() string {
	if c.Routing != "" {
		return "routing"
	}
	return "tag"
}

// parser adds one setting after the other, so that each mistake is found where
// it belongs.
func (c *compiler) parser() *parsers.Parser {
	type step struct {
		field string
		set   func(*parsers.Spec)
	}
	steps := []step{
		{"format", func(*parsers.Spec) {}},
		{"options", func(s *parsers.Spec) { s.Options = c.Options }},
		{"max_record", func(s *parsers.Spec) { s.MaxRecord = int(c.MaxRecord) }},
		{"oversize", func(s *parsers.Spec) { s.Oversize = c.Oversize }},
	}
	for _, r := range c.reads {
		steps = append(steps, step{r.field, func(s *parsers.Spec) { s.Fields = append(slices.Clip(s.Fields), r.path) }})
	}
	var parser *parsers.Parser
	spec := parsers.Spec{Format: c.Format}
	for _, step := range steps {
		next := spec
		step.set(&next)
		p, err := parsers.Compile(next)
		if err != nil {
			c.wrong(step.field, err)
			if step.field == "format" {
				return nil
			}
			continue
		}
		spec, parser = next, p
	}
	return parser
}

// common are the captures that every one of the patterns makes.
func common(patterns []*regexp.Regexp) []string {
	var names []string
	for i, p := range patterns {
		if i == 0 {
			names = slices.DeleteFunc(slices.Clone(p.SubexpNames()), func(n string) bool { return n == "" })
			continue
		}
		names = slices.DeleteFunc(names, func(n string) bool { return !slices.Contains(p.SubexpNames(), n) })
	}
	return names
}
