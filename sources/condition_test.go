package sources

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/devo-s3/collector/parsers"
)

// shaped compiles a change of a source of JSON records, whose key is a/b.
func shaped(t testing.TB, change func(*Definition)) *Source {
	t.Helper()
	d := Definition{Name: "s", Keys: []string{"{a}/{b}"}, Format: "json", Tag: "my.app"}
	change(&d)
	return compile(t, d)
}

// recordsOf are the source's records of a JSON array; each is valid until the
// next.
func recordsOf(t testing.TB, s *Source, array string, each func(*parsers.Record)) {
	t.Helper()
	for r, err := range s.Parser().Records(t.Context(), parsers.Input{Stream: io.NopCloser(strings.NewReader(array))}) {
		if err != nil {
			t.Fatalf("%v in %.200q", err, array)
		}
		each(r)
	}
}

// holds tells whether a condition holds for a JSON record.
func holds(t testing.TB, c Condition, record string) (held bool) {
	t.Helper()
	s := shaped(t, func(d *Definition) { d.Filters = []Rule{{Include: &c}} })
	m, _ := Set{s}.Match("prod/x.json")
	shaper := m.Shaper(Object{Bucket: "logs"})
	recordsOf(t, s, "["+record+"]", func(r *parsers.Record) {
		_, rule := shaper.Shape(r)
		held = rule == ""
	})
	return held
}

func TestTests(t *testing.T) {
	tests := []struct {
		why       string
		condition Condition
		yes, no   []string
	}{
		{
			"equals: the whole of it, one of several",
			Condition{Value: "record.x", Equals: []string{"a", "b c"}},
			[]string{`{"x":"a"}`, `{"x":"b\u0020c"}`},
			[]string{`{"x":"A"}`, `{"x":"ab"}`, `{"x":""}`, `{}`, `{"y":"a"}`, `{"x":["a"]}`},
		},
		{
			"equals: numbers and words as they stand",
			Condition{Value: "record.x.y", Equals: []string{"1.0", "false"}},
			[]string{`{"x":{"y":1.0}}`, `{"x":{"y":"1.0"}}`, `{"x":{"y":false}}`},
			[]string{`{"x":{"y":1}}`, `{"x":{"y":null}}`, `{"x":false}`},
		},
		{
			"equals: empty is not absent",
			Condition{Value: "record.x", Equals: []string{""}},
			[]string{`{"x":""}`},
			[]string{`{}`, `{"x":null}`},
		},
		{
			"contains",
			Condition{Value: "record.x", Contains: []string{"bc", "é"}},
			[]string{`{"x":"abcd"}`, `{"x":"caf\u00e9"}`, `{"x":{"y":"bc"}}`},
			[]string{`{"x":"b c"}`, `{}`, `{"y":"bc"}`},
		},
		{
			"regexp: anywhere",
			Condition{Value: "record.x", Regexp: `b+c`},
			[]string{`{"x":"abbcd"}`},
			[]string{`{"x":"ac"}`, `{}`},
		},
		{
			"regexp: its own flags and anchors",
			Condition{Value: "record.x", Regexp: `(?i)^b|c$`},
			[]string{`{"x":"Ba"}`, `{"x":"aC"}`},
			[]string{`{"x":"ab"}`},
		},
		{
			"cidr",
			Condition{Value: "record.x", CIDR: []string{"10.1.2.3/8", "192.0.2.1", "2001:db8::/32"}},
			[]string{`{"x":"10.255.0.1"}`, `{"x":"192.0.2.1"}`, `{"x":"2001:DB8:1::1"}`, `{"x":"::ffff:10.0.0.1"}`},
			[]string{`{"x":"11.0.0.1"}`, `{"x":"192.0.2.2"}`, `{"x":"2001:db9::1"}`, `{"x":"s3.amazonaws.com"}`, `{"x":"10.0.0.1:443"}`, `{"x":10}`, `{}`},
		},
		{
			"compare <",
			Condition{Value: "record.x", Compare: "< 10"},
			[]string{`{"x":9.99}`, `{"x":"-10"}`, `{"x":-1e3}`, `{"x":1e-9}`},
			[]string{`{"x":10}`, `{"x":1e1}`, `{"x":"9 "}`, `{"x":""}`, `{"x":"nan"}`, `{}`},
		},
		{
			"compare <=",
			Condition{Value: "record.x", Compare: "<=10.50"},
			[]string{`{"x":10.5}`, `{"x":0}`},
			[]string{`{"x":10.500000000000000000000001}`},
		},
		{
			"compare >",
			Condition{Value: "record.x", Compare: "> 1790000000000000001"},
			[]string{`{"x":1790000000000000002}`, `{"x":"1790000000000000002"}`},
			[]string{`{"x":1790000000000000001}`, `{"x":1790000000000000000}`},
		},
		{
			"compare >=",
			Condition{Value: "record.x", Compare: ">= -0"},
			[]string{`{"x":0}`, `{"x":-0.0}`, `{"x":1e999999999999999999999}`},
			[]string{`{"x":-1e-999999999999999999999}`},
		},
		{
			"text",
			Condition{Value: "text", Contains: []string{`"x":  1`}},
			[]string{`{"x":  1}`},
			[]string{`{"x": 1}`},
		},
		{"the key and the object", Condition{All: []Condition{
			{Value: "key.a", Equals: []string{"prod"}}, {Value: "object.bucket", Regexp: "^l"}, {Not: &Condition{Value: "object.region", Regexp: ".*"}},
		}}, []string{`{}`}, nil},
		{
			"all",
			Condition{All: []Condition{{Value: "record.x", Equals: []string{"1"}}, {Value: "record.y", Equals: []string{"2"}}}},
			[]string{`{"x":1,"y":2}`},
			[]string{`{"x":1}`, `{"y":2}`, `{}`},
		},
		{
			"any",
			Condition{Any: []Condition{{Value: "record.x", Equals: []string{"1"}}, {Value: "record.y", Equals: []string{"2"}}}},
			[]string{`{"x":1,"y":2}`, `{"x":1}`, `{"y":2}`},
			[]string{`{"x":2,"y":1}`, `{}`},
		},
		{
			"not holds for what is absent",
			Condition{Not: &Condition{Value: "record.x", Equals: []string{"1"}}},
			[]string{`{}`, `{"x":2}`},
			[]string{`{"x":1}`},
		},
	}
	for _, tt := range tests {
		for _, record := range tt.yes {
			if !holds(t, tt.condition, record) {
				t.Errorf("%s: does not hold for %s", tt.why, record)
			}
		}
		for _, record := range tt.no {
			if holds(t, tt.condition, record) {
				t.Errorf("%s: holds for %s", tt.why, record)
			}
		}
	}
}

func TestMistakesOfShaping(t *testing.T) {
	exclude := func(c Condition) func(*Definition) {
		return func(d *Definition) { d.Filters = []Rule{{Exclude: &c}} }
	}
	is := Condition{Value: "record.x", Equals: []string{"a"}}
	for name, tt := range map[string]struct {
		change      func(*Definition)
		field, says string
	}{
		"neither include nor exclude": {func(d *Definition) { d.Filters = []Rule{{}} }, "filters[0]", "either include or exclude"},
		"both":                        {func(d *Definition) { d.Filters = []Rule{{Include: &is, Exclude: &is}} }, "filters[0]", "either include or exclude"},
		"a bad name":                  {func(d *Definition) { d.Filters = []Rule{{Name: "A", Include: &is}} }, "filters[0].name", `"A" is no filter's name`},
		"a name twice":                {func(d *Definition) { d.Filters = []Rule{{Name: "a", Include: &is}, {Name: "a", Include: &is}} }, "filters[1].name", "write another name"},
		"redaction's name":            {func(d *Definition) { d.Filters = []Rule{{Name: "redact", Include: &is}} }, "filters[0].name", "write another name"},
		"an empty condition":          {exclude(Condition{}), "filters[0].exclude", "here are 0"},
		"a value without test":        {exclude(Condition{Value: "record.x"}), "filters[0].exclude", "here are 0"},
		"two tests":                   {exclude(Condition{Value: "text", Contains: []string{"a"}, Regexp: "b"}), "filters[0].exclude", "here are 2"},
		"a test and others":           {exclude(Condition{Value: "text", Contains: []string{"a"}, Not: &is}), "filters[0].exclude", "here are 2"},
		"a value for others":          {exclude(Condition{Value: "text", Not: &is}), "filters[0].exclude.value", "leave it out"},
		"a test without value":        {exclude(Condition{Equals: []string{"a"}}), "filters[0].exclude.value", `"" is undefined`},
		"an unknown value":            {exclude(Condition{Value: "x", Equals: []string{"a"}}), "filters[0].exclude.value", `"x" is undefined`},
		"no such capture":             {exclude(Condition{Value: "key.c", Equals: []string{"a"}}), "filters[0].exclude.value", "key.c is not captured"},
		"no such field":               {exclude(Condition{Value: "record.", Equals: []string{"a"}}), "filters[0].exclude.value", "names no field"},
		"a bad expression":            {exclude(Condition{Not: &Condition{Value: "text", Regexp: "("}}), "filters[0].exclude.not.regexp", "missing closing )"},
		"a bad network":               {exclude(Condition{All: []Condition{is, {Value: "text", CIDR: []string{"10.0.0.0/8", "10.0.0.0/33"}}}}), "filters[0].exclude.all[1].cidr[1]", `"10.0.0.0/33" is no network`},
		"a network of mapped ones":    {exclude(Condition{Value: "text", CIDR: []string{"::ffff:10.0.0.0/104"}}), "filters[0].exclude.cidr[0]", "is no network"},
		"a zone":                      {exclude(Condition{Value: "text", CIDR: []string{"fe80::1%eth0"}}), "filters[0].exclude.cidr[0]", "is no network"},
		"no relation":                 {exclude(Condition{Any: []Condition{{Value: "text", Compare: "== 1"}}}), "filters[0].exclude.any[0].compare", `"== 1" compares nothing`},
		"no number":                   {exclude(Condition{Value: "text", Compare: "< a"}), "filters[0].exclude.compare", "compares nothing"},
		"fields of lines":             {func(d *Definition) { d.Format, d.Filters = "lines", []Rule{{Include: &is}} }, "filters[0].include.value", "lines have no fields"},

		"a route of nothing":   {func(d *Definition) { d.Routes = []Route{{Tag: "my.app"}} }, "routes[0]", "either when and tag"},
		"a route of both":      {func(d *Definition) { d.Routes = []Route{{When: &is, Tag: "my.app", By: "record.x"}} }, "routes[0]", "either when and tag"},
		"a route without tag":  {func(d *Definition) { d.Routes = []Route{{When: &is}} }, "routes[0].tag", "is no tag"},
		"else without table":   {func(d *Definition) { d.Routes = []Route{{When: &is, Tag: "my.app", Else: "tag"}} }, "routes[0]", "belong to by"},
		"a tag beside a table": {func(d *Definition) { d.Routes = []Route{{By: "record.x", Tag: "my.app"}} }, "routes[0].tag", "belongs to when"},
		"a table without rows": {func(d *Definition) { d.Routes = []Route{{By: "record.x"}} }, "routes[0].table", "has no rows"},
		"a bad row":            {func(d *Definition) { d.Routes = []Route{{By: "record.x", Table: map[string]string{"a.b": "my"}}} }, "routes[0].table.a.b", "is no tag"},
		"a bad else": {func(d *Definition) {
			d.Routes = []Route{{By: "record.x", Table: map[string]string{"a": "my.app"}, Else: "bad_tag"}}
		}, "routes[0].else", "is no tag"},
		"too few levels in a row": {func(d *Definition) {
			d.Tag, d.MinLevels, d.Routes = "my.app.x", 3, []Route{{By: "record.x", Table: map[string]string{"a": "my.app"}}}
		}, "routes[0].table.a", "has 2 levels"},
		"a route behind a table": {func(d *Definition) {
			d.Routes = []Route{{By: "record.x", Table: map[string]string{"a": "my.app"}}, {When: &is, Tag: "my.app"}}
		}, "routes[0]", "put it last"},

		"redacted elsewhere": {func(d *Definition) { d.Redact.Drop = []string{"key.a"} }, "redact.drop[0]", "no place in a record"},
		"a bad path":         {func(d *Definition) { d.Redact.Mask = []string{"record.x", "record.x."} }, "redact.mask[1]", "empty segment"},
		"text redacted":      {func(d *Definition) { d.Format, d.Redact.Mask = "lines", []string{"record.x"} }, "redact", "only JSON"},
		"rows as they are redacted": {func(d *Definition) {
			d.Format, d.Options, d.Redact.Mask = "csv", &parsers.CSVOptions{Header: "drop"}, []string{"record.x"}
		}, "redact", "only JSON"},
		"shown in the tag": {func(d *Definition) { d.Tag, d.Redact.Mask = "my.{record.x}", []string{"record.x"} }, "redact.mask[0]", "tag would show it: {record.x}"},
		"a part shown":     {func(d *Definition) { d.Tag, d.Redact.Drop = "my.{record.x.y}", []string{"record.x"} }, "redact.drop[0]", "tag would show it: {record.x.y}"},
		"a whole shown in a route": {func(d *Definition) {
			d.Redact.Drop, d.Routes = []string{"record.x.y"}, []Route{{When: &is, Tag: "my.{record.x}"}}
		}, "redact.drop[0]", "routes[0].tag would show it: {record.x}"},
		"an unknown format as well": {func(d *Definition) { d.Format, d.Redact.Drop = "none", []string{"record.x"} }, "format", "unknown format"},
	} {
		d := Definition{Name: "s", Keys: []string{"{a}/{b}"}, Format: "json", Tag: "my.app"}
		tt.change(&d)
		s, err := Compile(d)
		var m Mistakes
		if s != nil || !errors.As(err, &m) || len(m) != 1 {
			t.Errorf("%s: %v, want one mistake", name, err)
			continue
		}
		if m[0].Field != tt.field || !strings.Contains(m[0].Err.Error(), tt.says) {
			t.Errorf("%s: %v, want %s: …%s", name, m[0], tt.field, tt.says)
		}
	}
}
