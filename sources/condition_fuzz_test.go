package sources

import (
	"encoding/json"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/devo-s3/collector/parsers"
)

// A chooser turns a fuzzer's bytes into choices.
type chooser []byte

func (c *chooser) below(n int) int {
	if len(*c) == 0 {
		return 0
	}
	first := (*c)[0]
	*c = (*c)[1:]
	return int(first) % n
}

func (c *chooser) text() string {
	known := []string{"", "a", "ab", "10.1.2.3", "::1", "::ffff:10.0.0.9", "2001:db8::7", "12", "-1.50", "1e3", "true", "é\n", `"\`, "{", "\u2028</x>"}
	if i := c.below(len(known) + 4); i < len(known) {
		return known[i]
	}
	n := min(c.below(8), len(*c))
	own := string((*c)[:n])
	*c = (*c)[n:]
	return strings.ToValidUTF8(own, "?")
}

func (c *chooser) texts() []string {
	return []string{c.text(), c.text()}[:1+c.below(2)]
}

func (c *chooser) value(depth int) any {
	switch c.below(8) {
	case 0:
		return nil
	case 1:
		return c.below(2) == 0
	case 2:
		return json.Number([]string{"0", "12", "-1.5", "1E3", "12.000", "1790000000000000001"}[c.below(6)])
	case 3:
		return []any{c.text(), 1}
	case 4, 5:
		if depth > 0 {
			return c.object(depth - 1)
		}
	}
	return c.text()
}

func (c *chooser) object(depth int) map[string]any {
	m := make(map[string]any)
	for _, key := range []string{"x", "y", "é<"}[:c.below(4)] {
		m[key] = c.value(depth)
	}
	return m
}

func (c *chooser) condition(depth int) Condition {
	if depth > 0 {
		switch c.below(5) {
		case 0:
			return Condition{All: []Condition{c.condition(depth - 1), c.condition(depth - 1)}}
		case 1:
			return Condition{Any: []Condition{c.condition(depth - 1), c.condition(depth - 1)}}
		case 2:
			negated := c.condition(depth - 1)
			return Condition{Not: &negated}
		}
	}
	d := Condition{Value: []string{"record.x", "record.y", "record.x.y", "record.é<", "record.y.é<.x", "text", "key.a", "object.bucket", "object.region"}[c.below(9)]}
	switch c.below(5) {
	case 0:
		d.Equals = c.texts()
	case 1:
		d.Contains = c.texts()
	case 2:
		d.Regexp = []string{"^a", "b$", `\d+`, "(?s)^.*$", `[é"]`}[c.below(5)]
	case 3:
		d.CIDR = [][]string{{"10.0.0.0/8"}, {"0.0.0.0/0", "::1"}, {"2001:db8::/32", "10.1.2.3"}}[c.below(3)]
	case 4:
		d.Compare = []string{"<", "<= ", ">", ">= "}[c.below(4)] + []string{"0", "12", "-1.5", "1000"}[c.below(4)]
	}
	return d
}

// slowly evaluates a condition over what encoding/json makes of the record.
func slowly(c Condition, record string, constants map[string]string) bool {
	switch {
	case c.All != nil:
		return !slices.ContainsFunc(c.All, func(d Condition) bool { return !slowly(d, record, constants) })
	case c.Any != nil:
		return slices.ContainsFunc(c.Any, func(d Condition) bool { return slowly(d, record, constants) })
	case c.Not != nil:
		return !slowly(*c.Not, record, constants)
	}
	value, there := constants[c.Value], constants[c.Value] != ""
	if path, ok := strings.CutPrefix(c.Value, "record."); ok {
		value, there = lookUp(record, strings.Split(path, "."))
	} else if c.Value == "text" {
		value, there = record, true
	}
	if !there {
		return false
	}
	switch {
	case c.Equals != nil:
		return slices.Contains(c.Equals, value)
	case c.Contains != nil:
		return slices.ContainsFunc(c.Contains, func(s string) bool { return strings.Contains(value, s) })
	case c.Regexp != "":
		return regexp.MustCompile(c.Regexp).MatchString(value)
	case c.CIDR != nil:
		address, err := netip.ParseAddr(value)
		return err == nil && slices.ContainsFunc(c.CIDR, func(s string) bool {
			if !strings.Contains(s, "/") {
				return netip.MustParseAddr(s) == address.Unmap()
			}
			return netip.MustParsePrefix(s).Contains(address.Unmap())
		})
	}
	operator := strings.TrimRight(c.Compare, " 0123456789.-")
	if !number.MatchString(value) {
		return false
	}
	order := rational(value).Cmp(rational(strings.TrimSpace(strings.TrimPrefix(c.Compare, operator))))
	return map[string]bool{"<": order < 0, "<=": order <= 0, ">": order > 0, ">=": order >= 0}[operator]
}

// lookUp is the text of what is at a path; false if it is absent or null.
func lookUp(value string, path []string) (string, bool) {
	for _, key := range path {
		var object map[string]json.RawMessage
		if json.Unmarshal([]byte(value), &object) != nil || object[key] == nil {
			return "", false
		}
		value = string(object[key])
	}
	if value == "null" {
		return "", false
	}
	var text string
	if json.Unmarshal([]byte(value), &text) == nil {
		return text, true
	}
	return value, true
}

// Whatever the condition and the record: filter and route decide as the slow
// evaluation does.
func FuzzCondition(f *testing.F) {
	f.Add([]byte{})
	for i := range byte(40) {
		f.Add([]byte{i, 3 * i, 7 * i, 2, i, 11 * i, 13 * i, 1, i, 17 * i, 19 * i, 5, 23 * i})
		f.Add([]byte("\x03\x06\x07" + strings.Repeat(string(rune('a'+i)), 9)))
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		c := chooser(choices)
		bucket, condition := c.text(), c.condition(3)
		record, err := json.Marshal(c.object(3))
		if err != nil {
			t.Fatal(err)
		}
		s := shaped(t, func(d *Definition) {
			d.Filters = []Rule{{Name: "in", Include: &condition}}
			d.Routes = []Route{{When: &condition, Tag: "my.routed"}}
		})
		opposite := shaped(t, func(d *Definition) { d.Filters = []Rule{{Name: "out", Exclude: &condition}} })
		want := slowly(condition, string(record), map[string]string{"key.a": "ab", "object.bucket": bucket})
		for _, s := range []*Source{s, opposite} {
			m, _ := Set{s}.Match("ab/x")
			shaper := m.Shaper(Object{Bucket: bucket})
			recordsOf(t, s, "["+string(record)+"]", func(r *parsers.Record) {
				raw, rule := shaper.Shape(r)
				tag, _ := shaper.Tag(r)
				passed := want == (s != opposite)
				if passed != (rule == "") || passed && string(raw) != string(record) {
					t.Fatalf("%+v\n%s\nholds %t, but %q %s", condition, record, want, rule, raw)
				}
				if routed := want && s != opposite; routed != (string(tag) == "my.routed") {
					t.Fatalf("%+v\n%s\nholds %t, but the tag is %s", condition, record, want, tag)
				}
			})
		}
	})
}
