package sources

import (
	"fmt"
	"maps"
	"reflect"
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

var namePattern = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// isName tells whether a source or a filter may have that name. A pattern with
// the length in it would be 64 times as long to compile, at each start.
func isName(text string) bool { return len(text) <= 64 && namePattern.MatchString(text) }

// Compile checks the whole of d, but for routings that are not in use. Its error
// is a Mistakes.
func Compile(d Definition) (*Source, error) {
	c := compiler{Definition: d}
	s := &Source{name: d.Name, definition: d}
	if d.Services != nil {
		s.members = c.members()
		if len(c.mistakes) > 0 {
			return nil, c.mistakes
		}
		return s, nil
	}
	c.plain()
	s.keys = c.patterns("keys", d.Keys)
	s.ignore = c.patterns("ignore", d.Ignore)
	s.except = c.patterns("except", d.Except)
	for i, r := range d.Refuse {
		s.refuse = append(s.refuse, c.refusal(fmt.Sprintf("refuse[%d]", i), r))
	}
	c.captures = common(s.keys)
	c.tag()
	s.rules, s.routes, s.redaction = c.rules(), c.routes(), c.redaction()
	s.templates, s.constants = c.templates, c.constants
	var spec parsers.Spec
	s.parser, spec = c.parser()
	s.look = c.look(spec)
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

// members are the sources of Services.
func (c *compiler) members() Set {
	words := Definition{Name: c.Name, Title: c.Title, Spec: c.Spec, Setup: c.Setup, Asks: c.Asks, Table: c.Table, Services: c.Services}
	if !reflect.DeepEqual(c.Definition, words) {
		c.wrongf("services", "the services have keys, format, tag and all else of their own; list those to be changed in place of %s", c.Name)
	}
	var members Set
	for i, name := range c.Services {
		d, err := Service(name)
		if err != nil {
			c.wrong(fmt.Sprintf("services[%d]", i), err)
			continue
		}
		member, err := Compile(d)
		if err != nil {
			c.wrong(fmt.Sprintf("services[%d]", i), err)
			continue
		}
		members = append(members, member)
	}
	return members
}

// plain checks what needs no compiling.
func (c *compiler) plain() {
	if !isName(c.Name) {
		c.wrongf("name", "%q is no source's name; write a lower-case letter, then up to 63 of a-z, 0-9 and _", c.Name)
	}
	if !slices.Contains([]string{"", "confirmed", "inferred", "unknown"}, c.Table) {
		c.wrongf("table", "%q is not known; write confirmed, inferred or unknown", c.Table)
	}
	for i, need := range c.Needs {
		if need != NeedsACLs && need != NeedsSSES3 {
			c.wrongf(fmt.Sprintf("needs[%d]", i), "%q is not known; write %s or %s", need, NeedsACLs, NeedsSSES3)
		}
	}
	if len(c.Keys) == 0 {
		c.wrongf("keys", "there is no pattern; %q sends every key of the queue to this source", "**")
	}
}

func (c *compiler) patterns(field string, texts []string) (compiled patterns) {
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

func (c *compiler) refusal(field string, r Refusal) patterns {
	if len(r.Keys) == 0 {
		c.wrongf(field+".keys", "there is no pattern; write which keys are refused")
	}
	if r.Reason == "" {
		c.wrongf(field+".reason", "there is none; write what cannot be read, and what to do about it")
	}
	return c.patterns(field+".keys", r.Keys)
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
// it belongs. It also returns the settings without mistakes. There are none if the
// format is unknown.
func (c *compiler) parser() (*parsers.Parser, parsers.Spec) {
	type step struct {
		field string
		set   func(*parsers.Spec)
	}
	steps := []step{
		{"format", func(*parsers.Spec) {}},
		{"options", func(s *parsers.Spec) { s.Options = c.Options }},
		{"max_record", func(s *parsers.Spec) { s.MaxRecord = int(c.MaxRecord) }},
		{"max_window", func(s *parsers.Spec) { s.MaxWindow = int64(c.MaxWindow) }},
		{"preamble", func(s *parsers.Spec) { s.Preamble = c.Preamble }},
		{"max_ratio", func(s *parsers.Spec) { s.MaxRatio = int64(c.MaxRatio) }},
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
				return nil, parsers.Spec{}
			}
			continue
		}
		spec, parser = next, p
	}
	return parser, spec
}

// common are the captures that every one of the patterns makes.
func common(patterns patterns) []string {
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
