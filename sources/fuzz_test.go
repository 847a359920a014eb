package sources

import (
	"regexp"
	"strings"
	"testing"

	"github.com/devo-s3/collector/parsers"
)

var (
	// Written out again from DESIGN.md, not from template.go.
	legalTag    = regexp.MustCompile(`\A[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+\z`)
	illegalByte = regexp.MustCompile(`(?s)[^A-Za-z0-9_-]`)
	placeholder = regexp.MustCompile(`(?s)\{([^|}]*)((?:\|[^}]*)?)\}`)
)

// expected reads a template the slow way.
func expected(template string, values map[string]string) string {
	return placeholder.ReplaceAllStringFunc(template, func(text string) string {
		found := placeholder.FindStringSubmatch(text)
		value := ""
		for _, origin := range strings.Split(found[1], ",") {
			if v := values[origin]; v != "" && value == "" {
				value = v[:min(len(v), 1024)]
			}
		}
		for _, f := range strings.Split(found[2], "|")[1:] {
			args := strings.SplitN(f, ":", 3)
			switch args[0] {
			case "lower":
				value = regexp.MustCompile("[A-Z]").ReplaceAllStringFunc(value, strings.ToLower)
			case "trim":
				value = strings.TrimSuffix(value, strings.TrimPrefix(f, "trim:"))
			case "replace":
				value = strings.ReplaceAll(value, args[1], args[2])
			case "default":
				if value == "" {
					value = args[1]
				}
			}
		}
		if value == "" {
			return "unknown"
		}
		var level []byte
		for _, b := range []byte(value[:min(len(value), 64)]) {
			if illegalByte.Match([]byte{b}) {
				b = '_'
			}
			level = append(level, b)
		}
		return string(level)
	})
}

// Whatever the template and the values: the tag is what the slow reading
// gives; it is legal, with the template's number of levels, or it is refused
// for its length and nothing else.
func FuzzTag(f *testing.F) {
	f.Add("my.app", "a", "b", "c", "d")
	f.Add("my.{key.a}.{record.x|lower|trim:.com|replace:-:_|default:z}", "é/", "-- .", "A-B.com", "")
	f.Add("{record.x,record.y,key.b}.{object.bucket}-{object.region|replace:u:uu}", "", "b", "", "\n<14>x: y")
	f.Add(strings.Repeat("{record.x}.", 16)+"{key.a}", "a", "b", strings.Repeat("x", 80), "c")
	f.Fuzz(func(t *testing.T, template, a, b, x, y string) {
		s, err := Compile(Definition{
			Name: "s", Keys: []string{"{a}/{b}"}, Format: "json", Options: &parsers.JSONOptions{}, Tag: template,
		})
		if err != nil {
			return
		}
		m := Match{Source: s, captures: map[string]string{"a": a, "b": b}}
		tg := m.Shaper(Object{Bucket: a, Key: b, Region: x, VersionID: y})
		var fields [][]byte
		values := map[string]string{
			"key.a": a, "key.b": b, "object.bucket": a, "object.key": b, "object.region": x, "object.version": y,
		}
		c := compiler{captures: []string{"a", "b"}}
		c.template("tag", template)
		for i, r := range c.reads {
			values["record."+r.path] = []string{x, y}[i%2]
			fields = append(fields, []byte([]string{x, y}[i%2]))
		}
		want := expected(template, values)
		levels := strings.Count(placeholder.ReplaceAllString(template, "p"), ".")
		for range 2 {
			tag, ok := tg.Tag(&parsers.Record{Fields: fields})
			if string(tag) != want {
				t.Fatalf("%q: %q, want %q", template, tag, want)
			}
			if ok != (len(want) <= 1024) {
				t.Fatalf("%q: ok %t with %d bytes", template, ok, len(want))
			}
			if !legalTag.Match(tag) || strings.Count(string(tag), ".") != levels {
				t.Fatalf("%q gave %q", template, tag)
			}
			other := make([][]byte, len(fields)) // all absent
			if tag, ok := tg.Tag(&parsers.Record{Fields: other}); ok && !legalTag.Match(tag) {
				t.Fatalf("%q gave %q", template, tag)
			}
		}
		if tag, ok := tg.Static(); ok && tag != want {
			t.Fatalf("%q: static %q, want %q", template, tag, want)
		}
	})
}
