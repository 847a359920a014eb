package sources

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/parsers"
)

func TestARecordPassesEveryFilterInOrder(t *testing.T) {
	s := shaped(t, func(d *Definition) {
		d.Filters = []Rule{
			{Name: "writes", Include: &Condition{Value: "record.write", Equals: []string{"true"}}},
			{Exclude: &Condition{Value: "record.user", Equals: []string{"probe"}}},
			{Name: "no_probes", Exclude: &Condition{Value: "text", Contains: []string{"probe"}}},
		}
	})
	m, _ := Set{s}.Match("a/b")
	shaper := m.Shaper(Object{})
	var got []string
	recordsOf(t, s, `[{"write":true}, {"write":false,"user":"probe"}, {"write":true,"user":"probe"}, {"write":true,"agent":"probe"}, {}]`, func(r *parsers.Record) {
		raw, rule := shaper.Shape(r)
		got = append(got, rule)
		if rule == "" && &raw[0] != &r.Raw[0] {
			t.Errorf("%s is not the source's own bytes", raw)
		}
	})
	if diff := cmp.Diff([]string{"", "writes", "filters[1]", "no_probes", "writes"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnparsedRecordsAreNotFiltered(t *testing.T) {
	s := shaped(t, func(d *Definition) {
		d.Filters = []Rule{{Include: &Condition{Value: "record.x", Equals: []string{"1"}}}, {Exclude: &Condition{Value: "text", Contains: []string{"a"}}}}
	})
	m, _ := Set{s}.Match("a/b")
	if raw, rule := m.Shaper(Object{}).Shape(&parsers.Record{Raw: []byte("garbage"), Unparsed: "no JSON"}); string(raw) != "garbage" || rule != "" {
		t.Errorf("%q, %s", raw, rule)
	}
}

func TestRoutes(t *testing.T) {
	when := Route{When: &Condition{Value: "record.level", Compare: "> 5"}, Tag: "my.app.loud.{record.kind}"}
	table := Route{By: "record.kind", Table: map[string]string{"a": "my.app.a.{key.a}", "b": "my.app.{record.level}", "": "my.app.none"}}
	for _, tt := range []struct {
		why          string
		routes       []Route
		record, want string // "" is a bad tag
	}{
		{"no route", nil, `{}`, "my.app.K"},
		{"when holds", []Route{when}, `{"level":6,"kind":"x"}`, "my.app.loud.x"},
		{"when does not", []Route{when}, `{"level":5}`, "my.app.K"},
		{"the first that holds", []Route{when, {When: &Condition{Value: "record.kind", Equals: []string{"x"}}, Tag: "my.app.x"}}, `{"level":6,"kind":"x"}`, "my.app.loud.x"},
		{"the second", []Route{when, {When: &Condition{Value: "record.kind", Equals: []string{"x"}}, Tag: "my.app.x"}}, `{"kind":"x"}`, "my.app.x"},
		{"a row", []Route{table}, `{"kind":"a"}`, "my.app.a.K"},
		{"a row that reads another field", []Route{table}, `{"kind":"b","level":3}`, "my.app.3"},
		{"the row of what is absent", []Route{table}, `{}`, "my.app.none"},
		{"no row", []Route{table}, `{"kind":"A"}`, ""},
		{"no row, else badtag", []Route{{By: "record.kind", Table: map[string]string{"a": "my.app"}, Else: "badtag"}}, `{}`, ""},
		{"no row, else tag", []Route{{By: "record.kind", Table: map[string]string{"a": "my.app"}, Else: "tag"}}, `{}`, "my.app.K"},
		{"no row, else a template", []Route{{By: "record.kind", Table: map[string]string{"a": "my.app"}, Else: "my.{record.kind}.{object.bucket}"}}, `{"kind":"z"}`, "my.z.B"},
		{"by the key", []Route{{By: "key.a", Table: map[string]string{"K": "my.app.key"}}}, `{}`, "my.app.key"},
		{"when, then a table", []Route{when, table}, `{"kind":"a","level":9}`, "my.app.loud.a"},
	} {
		s := shaped(t, func(d *Definition) { d.Tag, d.Routes = "my.app.{key.a}", tt.routes })
		m, _ := Set{s}.Match("K/b")
		shaper := m.Shaper(Object{Bucket: "B"})
		if _, ok := shaper.Static(); ok != (tt.routes == nil) {
			t.Errorf("%s: static %t", tt.why, ok)
		}
		recordsOf(t, s, "["+tt.record+","+tt.record+"]", func(r *parsers.Record) {
			if tag, ok := shaper.Tag(r); string(tag) != tt.want || ok != (tt.want != "") {
				t.Errorf("%s: %q %t, want %q", tt.why, tag, ok, tt.want)
			}
		})
	}
}

func TestRedacted(t *testing.T) {
	s := shaped(t, func(d *Definition) {
		d.MaxRecord = 64
		d.Redact = Redact{Drop: []string{"record.email"}, Mask: []string{"record.card.number"}}
	})
	m, _ := Set{s}.Match("a/b")
	shaper := m.Shaper(Object{})
	for _, tt := range []struct {
		record     parsers.Record
		want, rule string
	}{
		{parsers.Record{Raw: []byte(`{"id":1,"email":"a@b.c"}`)}, `{"id":1}`, ""},
		{parsers.Record{Raw: []byte(`{"card":{"number":4111,"kind":"x"}}`)}, `{"card":{"number":"***","kind":"x"}}`, ""},
		{parsers.Record{Raw: []byte(`{"id":1}`)}, `{"id":1}`, ""},
		{parsers.Record{Raw: []byte(`a@b.c`)}, "", "redact"},
		{parsers.Record{Raw: []byte(`a@b.c`), Unparsed: "no JSON"}, "", "redact"},
		{parsers.Record{Raw: []byte(`{"id":1,"email":"a@`)}, "", "redact"},
		{parsers.Record{Raw: []byte(`{"id":1,"email":"a@`), Lost: 1}, `{"id":1`, ""},
	} {
		raw, rule := shaper.Shape(&tt.record)
		if string(raw) != tt.want || rule != tt.rule {
			t.Errorf("%s: %s %q, want %s %q", tt.record.Raw, raw, rule, tt.want, tt.rule)
		}
	}
}

// Rows that become JSON can be redacted; one that does not is left out.
func TestRowsRedacted(t *testing.T) {
	for _, tt := range []struct {
		options parsers.Options
		object  string
	}{
		{&parsers.LinesOptions{Header: "json", Separator: "space"}, "id email\n1 a@b.c\na@b.c\n"},
		{&parsers.CSVOptions{Header: "json"}, "id,email\n1,a@b.c\na@b.c\n"},
		{&parsers.CSVOptions{Names: []string{"id", "email"}}, "1,a@b.c\na@b.c\n"},
		{&parsers.W3COptions{Record: "json"}, "#Fields: id email\n1 a@b.c\na@b.c\n"},
	} {
		s := shaped(t, func(d *Definition) {
			d.Format, d.Options, d.Redact = tt.options.Format(), tt.options, Redact{Mask: []string{"record.email"}}
		})
		m, _ := Set{s}.Match("a/b")
		shaper := m.Shaper(Object{})
		var got []string
		recordsOf(t, s, tt.object, func(r *parsers.Record) {
			if r.Dropped == "" {
				raw, rule := shaper.Shape(r)
				got = append(got, string(raw)+rule)
			}
		})
		if want := []string{`{"id":"1","email":"***"}`, "redact"}; !slices.Equal(got, want) {
			t.Errorf("%+v: %q, want %q", tt.options, got, want)
		}
	}
}

// busy has every kind of shaping.
func busy(t testing.TB) *Source {
	return shaped(t, func(d *Definition) {
		d.Tag = "my.app.{record.kind}"
		d.Filters = []Rule{
			{Exclude: &Condition{Any: []Condition{
				{Value: "record.address", CIDR: []string{"10.0.0.0/8", "2001:db8::/32"}},
				{Value: "record.agent", Contains: []string{"probe", "check"}},
				{Value: "record.kind", Regexp: `^(?:x|y+)z$`},
				{Value: "key.a", Equals: []string{"dev", "lab"}},
			}}},
			{Include: &Condition{All: []Condition{{Value: "record.level", Compare: ">= 2.5"}, {Not: &Condition{Value: "text", Contains: []string{"secret"}}}}}},
		}
		d.Routes = []Route{
			{When: &Condition{Value: "record.level", Compare: "> 1e3"}, Tag: "my.loud.{record.kind}"},
			{By: "record.kind", Table: map[string]string{"order": "my.order", "visit": "my.visit.{record.agent}"}, Else: "tag"},
		}
		d.Redact = Redact{Drop: []string{"record.user.email"}, Mask: []string{"record.cards.number"}}
	})
}

const (
	busyRecord  = `[{"kind":"order","level":3,"address":"192.0.2.7","agent":"a","user":{"email":"a@b.c","id":7},"cards":[{"number":"4111"},{"number":2}]}]`
	busyRecords = `[
	{"kind":"visit","level":1001,"address":"2001:db9::1","agent":"b\u0063"},
	{"kind":"other","level":"9","address":"host.example.com"},
	{"kind":"yyz","level":"9","address":"::ffff:10.0.0.1"},
	{"kind":"yyz","level":1},
	{"kind":"visit","level":"none","us\u0065r":{"em\u0061il":1}},
	{"kind":"visit","level":7,"agent":"c","us\u0065r":{"em\u0061il":1}}]`
)

func TestShapingAllocatesNothing(t *testing.T) {
	s := busy(t)
	m, _ := Set{s}.Match("prod/x")
	shaper := m.Shaper(Object{})
	sent := 0
	each := func(r *parsers.Record) {
		shape := func() {
			if _, rule := shaper.Shape(r); rule == "" {
				sent++
				shaper.Tag(r)
			}
		}
		shape() // the buffers grow, the taggers are made
		if n := testing.AllocsPerRun(1000, shape); n != 0 {
			t.Errorf("%v allocations for %s", n, r.Raw)
		}
	}
	recordsOf(t, s, busyRecord, each)
	recordsOf(t, s, busyRecords, each)
	if sent == 0 {
		t.Error("nothing was sent")
	}
}

func BenchmarkShape(b *testing.B) {
	for name, s := range map[string]*Source{"none": shaped(b, func(*Definition) {}), "busy": busy(b)} {
		b.Run(name, func(b *testing.B) {
			m, _ := Set{s}.Match("prod/x")
			shaper := m.Shaper(Object{})
			recordsOf(b, s, busyRecord, func(r *parsers.Record) {
				b.SetBytes(int64(len(r.Raw)))
				for b.Loop() {
					shaper.Shape(r)
				}
			})
		})
	}
}
