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
	parts  []part
	fields []string // the paths of its record origins
	levels int
}

// A part is literal text or, if it has origins, a placeholder.
type part struct {
	literal string
	origins []origin
	filters []filter
}

// An origin is one place that a placeholder's value may come from.
type origin struct {
	kind  string // key, record, object
	name  string
	field int // of the record, for kind record
}

var objectNames = []string{"bucket", "key", "region", "version"}

// parseTemplate reads a template whose key origins are among those captured.
// It gives all mistakes.
func parseTemplate(text string, captures []string) (t template, mistakes []error) {
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
			return t, append(mistakes, fmt.Errorf("{%s has no }", inside))
		}
		p, errs := t.placeholder(inside, captures)
		mistakes = append(mistakes, errs...)
		t.parts = append(t.parts, p)
		sample += "x"
		rest = after
	}
	if err := CheckTag(sample); err != nil {
		mistakes = append(mistakes, err)
	}
	t.levels = 1 + strings.Count(sample, ".")
	return t, mistakes
}

// placeholder reads what is between two braces.
func (t *template) placeholder(text string, captures []string) (p part, mistakes []error) {
	from, filters, filtered := strings.Cut(text, "|")
	for name := range strings.SplitSeq(from, ",") {
		o, err := t.origin(name, captures)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("{%s}: %w", text, err))
		}
		p.origins = append(p.origins, o)
	}
	if !filtered {
		return p, mistakes
	}
	for name := range strings.SplitSeq(filters, "|") {
		f, err := compileFilter(name)
		if err != nil {
			mistakes = append(mistakes, fmt.Errorf("{%s}: %w", text, err))
		}
		p.filters = append(p.filters, f)
	}
	return p, mistakes
}

func (t *template) origin(text string, captures []string) (origin, error) {
	kind, name, _ := strings.Cut(text, ".")
	o := origin{kind: kind, name: name}
	switch kind {
	case "key":
		if !slices.Contains(captures, name) {
			return o, fmt.Errorf("%s is not captured by every pattern of keys; %s", text, choices(name, captures))
		}
	case "object":
		if !slices.Contains(objectNames, name) {
			return o, fmt.Errorf("an object has no %q; %s", name, choices(name, objectNames))
		}
	case "record":
		if name == "" {
			return o, fmt.Errorf("record names no field; write {record.PATH}")
		}
		o.field = slices.Index(t.fields, name)
		if o.field < 0 {
			o.field = len(t.fields)
			t.fields = append(t.fields, name)
		}
	default:
		return o, fmt.Errorf("%q is undefined; a value comes from key.NAME, record.PATH or object.NAME", text)
	}
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
