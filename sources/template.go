package sources

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

const (
	maxTag   = 1024 // bytes of a tag, and of a value that are read
	maxValue = 64   // bytes of a value that are kept
)

var (
	tagPattern   = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$`)
	levelPattern = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)
)

// CheckTag tells what is wrong with a whole tag, one without placeholders.
func CheckTag(tag string) error {
	if len(tag) > maxTag {
		return fmt.Errorf("the tag has %d bytes; Devo takes %d", len(tag), maxTag)
	}
	if !tagPattern.MatchString(tag) {
		return fmt.Errorf("%q is no tag; write 2 or more levels of A-Z, a-z, 0-9, _ and -, joined by dots", tag)
	}
	return nil
}

// A template is a tag with placeholders.
type template struct {
	field string // where it stands in the definition
	parts []part
}

// A part is literal text or, if it has origins, a placeholder.
type part struct {
	literal string
	origins []origin
	filters []filter
}

// An origin is one place that a value may come from.
type origin struct {
	kind  string // key, record, object, text
	name  string // of a key's capture or an object's part
	index int    // in Record.Fields, or for key and object in the constants
}

var objectNames = []string{"bucket", "key", "region", "version"}

// template compiles the template at field and gives its place in templates.
func (c *compiler) template(field, text string) int {
	t, wrong := template{field: field}, len(c.mistakes)
	sample := "" // the tag, with an x for every value
	for rest := text; rest != ""; {
		literal, after, open := strings.Cut(rest, "{")
		sample += literal
		if literal != "" {
			t.parts = append(t.parts, part{literal: literal})
		}
		if !open {
			break
		}
		inside, after, closed := strings.Cut(after, "}")
		if !closed {
			c.wrongf(field, "{%s has no }", inside)
			return 0
		}
		t.parts = append(t.parts, c.placeholder(field, inside))
		sample += "x"
		rest = after
	}
	if err := CheckTag(sample); err != nil {
		c.wrong(field, err)
	}
	if levels := 1 + strings.Count(sample, "."); len(c.mistakes) == wrong && levels < c.MinLevels {
		c.wrongf(field, "the tag has %d levels; Devo needs %d to find its table", levels, c.MinLevels)
	}
	c.templates = append(c.templates, t)
	return len(c.templates) - 1
}

// placeholder reads what is between two braces.
func (c *compiler) placeholder(field, text string) (p part) {
	from, filters, filtered := strings.Cut(text, "|")
	for name := range strings.SplitSeq(from, ",") {
		o, err := c.origin(field, name)
		if err != nil {
			c.wrongf(field, "{%s}: %w", text, err)
		}
		p.origins = append(p.origins, o)
	}
	if !filtered {
		return p
	}
	for name := range strings.SplitSeq(filters, "|") {
		f, err := compileFilter(name)
		if err != nil {
			c.wrongf(field, "{%s}: %w", text, err)
		}
		p.filters = append(p.filters, f)
	}
	return p
}

// origin reads the name of a place, which field reads a value from.
func (c *compiler) origin(field, text string) (o origin, err error) {
	o.kind, o.name, _ = strings.Cut(text, ".")
	switch o.kind {
	case "key":
		if !slices.Contains(c.captures, o.name) {
			return o, fmt.Errorf("%s is not captured by every pattern of keys; %s", text, choices(o.name, c.captures))
		}
	case "object":
		if !slices.Contains(objectNames, o.name) {
			return o, fmt.Errorf("an object has no %q; %s", o.name, choices(o.name, objectNames))
		}
	case "record":
		if o.name == "" {
			return o, fmt.Errorf("record names no field; write record.PATH")
		}
		o.index = slices.IndexFunc(c.reads, func(r read) bool { return r.path == o.name })
		if o.index < 0 {
			o.index = len(c.reads)
			c.reads = append(c.reads, read{o.name, field})
		}
		return o, nil
	default:
		return o, fmt.Errorf("%q is undefined; a value comes from key.NAME, record.PATH or object.NAME", text)
	}
	o.index = len(c.constants)
	c.constants = append(c.constants, o)
	return o, nil
}

// choices ends an error about name.
func choices(name string, from []string) string {
	if near := Nearest(name, from); near != "" {
		return "did you mean " + near + "?"
	}
	if len(from) == 0 {
		return "there is none"
	}
	return "there are " + strings.Join(from, ", ")
}
