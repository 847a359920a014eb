package sources

import (
	"strings"
	"testing"

	"github.com/devo-s3/collector/parsers"
)

// shaper is that of a template over the captures a and b, for a key a/b.
func shaper(t testing.TB, tag string, key string, o Object) *Shaper {
	t.Helper()
	s := compile(t, Definition{
		Name: "s", Keys: []string{"regexp:(?s)(?P<a>[^/]*)/(?P<b>[^/]*)"}, Format: "json", Options: &parsers.JSONOptions{}, Tag: tag,
	})
	m, ok := Set{s}.Match(key)
	if !ok {
		t.Fatalf("key %q does not match", key)
	}
	return m.Shaper(o)
}

func record(fields ...string) *parsers.Record {
	r := &parsers.Record{}
	for _, f := range fields {
		if f == "absent" {
			r.Fields = append(r.Fields, nil)
			continue
		}
		r.Fields = append(r.Fields, []byte(f))
	}
	return r
}

func TestTags(t *testing.T) {
	long := strings.Repeat("0123456789", 200)
	tests := []struct {
		why, template, key string
		record             []string
		want               string
	}{
		{"no placeholder", "my.app.x", "A/B", nil, "my.app.x"},
		{"from the key", "my.{key.a}.{key.b}", "A/B", nil, "my.A.B"},
		{"part of a level", "my.x-{key.a}_{key.b}y", "A/B", nil, "my.x-A_By"},
		{"the object", "{object.bucket}.{object.region}.{object.version}.{object.key}", "A/B", nil, "bu_cket.eu-west-1.unknown.k_e_y"},
		{"the record", "my.{record.x.y}.z", "A/B", []string{"v"}, "my.v.z"},
		{"a path used twice", "{record.x}.{record.y}.{record.x}", "A/B", []string{"1", "2"}, "1.2.1"},
		{"absent", "my.{record.x}.z", "A/B", []string{"absent"}, "my.unknown.z"},
		{"empty", "my.{record.x}.{key.a}", "/B", []string{""}, "my.unknown.unknown"},
		{"dots, spaces and separators", "my.{record.x}", "A/B", []string{"a.b: c\n<14>"}, "my.a_b__c__14_"},
		{"UTF-8 goes byte by byte", "my.{key.a}", "é/B", nil, "my.__"},
		{"cut at 64", "my.{record.x}.{key.a}", long[:70] + "/B", []string{long}, "my." + long[:64] + "." + long[:64]},
		{"the first origin that is there", "my.{record.x,record.y,key.a,key.b}", "/B", []string{"", "Y"}, "my.Y"},
		{"the last origin", "my.{record.x,key.a,key.b}", "/B", []string{"absent"}, "my.B"},
		{"none of the origins", "my.{record.x,key.a|default:d}", "/B", []string{""}, "my.d"},
		{"constant before record", "my.{key.a,record.x}", "A/B", []string{"X"}, "my.A"},
		{"lower", "my.{key.a|lower}.{record.x|lower}", "AbÉ/B", []string{"Z-9"}, "my.ab__.z-9"},
		{"trim", "my.{record.x|trim:.amazonaws.com}", "A/B", []string{"s3.amazonaws.com"}, "my.s3"},
		{"trim only at the end", "my.{key.a|trim:ab}", "abcab/B", nil, "my.abc"},
		{"trim of all", "my.{key.a|trim:abc}", "abc/B", nil, "my.unknown"},
		{"replace everywhere", "my.{key.a|replace:-:_}", "a-b-/B", nil, "my.a_b_"},
		{"replace by longer", "my.{record.x|replace:a:aa}", "A/B", []string{"aba"}, "my.aabaa"},
		{"replace by nothing", "my.{key.a|replace:logs:}", "dnslogs/B", nil, "my.dns"},
		{"filters in order", "my.{record.x|trim:.X|lower|replace:a:b|default:z}", "A/B", []string{"AA.X"}, "my.bb"},
		{"default after trim", "my.{record.x|trim:v|default:none}", "A/B", []string{"v"}, "my.none"},
		{"default before trim", "my.{record.x|default:none|trim:e}", "A/B", []string{"absent"}, "my.non"},
		{"only the first 1,024 bytes are read", "my.{record.x|trim:END|default:x}", "A/B", []string{strings.Repeat("a", 1021) + "END and more"}, "my." + strings.Repeat("a", 64)},
	}
	for _, tt := range tests {
		tg := shaper(t, tt.template, tt.key, Object{Bucket: "bu.cket", Region: "eu-west-1", Key: "k/e y"})
		tag, ok := tg.Tag(record(tt.record...))
		if !ok || string(tag) != tt.want {
			t.Errorf("%s: %s = %q %t, want %q", tt.why, tt.template, tag, ok, tt.want)
		}
	}
}

func TestStaticOnlyWithoutRecord(t *testing.T) {
	for template, want := range map[string]bool{
		"my.app": true, "my.{key.a}": true, "my.{key.a,record.x}": true,
		"my.{record.x}": false, "{record.x,key.a}.b": false,
	} {
		if tag, ok := shaper(t, template, "A/B", Object{}).Static(); ok != want {
			t.Errorf("%s: %q %t", template, tag, ok)
		}
	}
}

func TestImpossibleTags(t *testing.T) {
	long := strings.Repeat("v", 64)
	for _, tt := range []struct {
		levels int
		ok     bool
	}{{15, true}, {16, false}} { // 64·n + n − 1 + len("literal")
		static := shaper(t, strings.Repeat("{key.a}.", tt.levels)+strings.Repeat("l", 49), long+"/B", Object{})
		if _, ok := static.Static(); ok != tt.ok {
			t.Errorf("static, %d levels: %t", tt.levels, ok)
		}
		dynamic := shaper(t, strings.Repeat("{record.x}.", tt.levels)+strings.Repeat("l", 49), long+"/B", Object{})
		if tag, ok := dynamic.Tag(record(long)); ok != tt.ok {
			t.Errorf("dynamic, %d levels, %d bytes: %t", tt.levels, len(tag), ok)
		}
		if _, ok := dynamic.Tag(record("short")); !ok {
			t.Errorf("an impossible tag spoils the next one")
		}
	}
}

func TestTagFollowsTheRecord(t *testing.T) {
	tg := shaper(t, "my.{record.x}.{record.y}", "A/B", Object{})
	for _, tt := range [][3]string{
		{"1", "2", "my.1.2"},
		{"1", "2", "my.1.2"},
		{"1", "3", "my.1.3"},
		{"12", "3", "my.12.3"},
		{"absent", "3", "my.unknown.3"},
		{"", "3", "my.unknown.3"},
		{"1", "absent", "my.1.unknown"},
	} {
		r := record(tt[0], tt[1])
		tag, ok := tg.Tag(r)
		if !ok || string(tag) != tt[2] {
			t.Errorf("%q, want %q", tag, tt[2])
		}
		for _, f := range r.Fields {
			clear(f) // the record's memory is used again
		}
	}
}

func TestTagAllocatesNothing(t *testing.T) {
	tg := shaper(t, "cloud.aws.{record.x,record.y|trim:.amazonaws.com|replace:-:__|lower|default:none}.{record.y}", "A/B", Object{})
	records := []*parsers.Record{record("s3-control.amazonaws.com", "a"), record("absent", "B"), record("ec2.amazonaws.com", strings.Repeat("l", 5000))}
	for _, r := range records {
		tg.Tag(r)
	}
	i := 0
	if n := testing.AllocsPerRun(1000, func() {
		i++
		tg.Tag(records[i%len(records)])
	}); n != 0 {
		t.Errorf("%v allocations a tag", n)
	}
}

func BenchmarkTag(b *testing.B) {
	for name, records := range map[string][]*parsers.Record{
		"same":     {record("s3.amazonaws.com")},
		"changing": {record("s3.amazonaws.com"), record("waf-regional.amazonaws.com")},
	} {
		b.Run(name, func(b *testing.B) {
			tg := shaper(b, "cloud.aws.cloudtrail.{record.eventSource|trim:.amazonaws.com|replace:-:_}", "A/B", Object{})
			for i := 0; b.Loop(); i++ {
				tg.Tag(records[i%len(records)])
			}
		})
	}
}
