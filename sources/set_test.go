package sources

import (
	"strings"
	"testing"
)

func compile(t testing.TB, d Definition) *Source {
	t.Helper()
	if d.Format == "" {
		d.Format = "lines"
	}
	s, err := Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		pattern string
		yes, no []string
	}{
		{"**", []string{"", "a", "a/b", "a\nb", "\xff/"}, nil},
		{"a/*.log", []string{"a/x.log", "p/a/x.log", "a/.log"}, []string{"ba/x.log", "a/x/y.log", "a/x.log/", "a/x-log"}},
		{"a/**.log", []string{"a/x.log", "a/x/y.log"}, []string{"ax.log"}},
		{"a/**/b", []string{"a/b", "a/x/b", "a/x/y/b", "p/a/b"}, []string{"a/xb", "ab"}},
		{"a**/b", []string{"a/b", "ax/y/b"}, []string{"ab"}},
		{"{x}", []string{"a", "p/a"}, []string{"", "a/"}},
		{"{x}_{y}.gz", []string{"a_b.gz", "a_b_c.gz"}, []string{"_b.gz", "a/_b.gz"}},
		{"a[b]?.+(c)", []string{"a[b]?.+(c)"}, []string{"ab.(c)"}},
		{`regexp:\d+|x`, []string{"1", "p/22", "x", "p/x"}, []string{"a1", "1/", "xx"}},
		{`regexp:a/.*`, []string{"a/", "p/a/b"}, []string{"pa/b"}},
	}
	for _, tt := range tests {
		set := Set{compile(t, Definition{Name: "s", Keys: []string{tt.pattern}, Tag: "my.app"})}
		for _, key := range tt.yes {
			if _, ok := set.Match(key); !ok {
				t.Errorf("%s does not match %q", tt.pattern, key)
			}
		}
		for _, key := range tt.no {
			if _, ok := set.Match(key); ok {
				t.Errorf("%s matches %q", tt.pattern, key)
			}
		}
	}
}

func TestCapturesAreAsShortAsWillDo(t *testing.T) {
	s := compile(t, Definition{Name: "s", Keys: []string{"{kind}_{rest}.gz", "x/{rest}/{kind}"}, Tag: "my.{key.kind}.{key.rest}"})
	for key, want := range map[string]string{
		"a_b_c.gz":   "my.a.b_c",
		"p/a_b.gz":   "my.a.b",
		"x/one/two":  "my.two.one",
		"x/a.b/cd e": "my.cd_e.a_b",
	} {
		m, ok := Set{s}.Match(key)
		if !ok {
			t.Errorf("%s: no match", key)
			continue
		}
		if tag, _ := m.Shaper(Object{}).Static(); tag != want {
			t.Errorf("%s: %s, want %s", key, tag, want)
		}
	}
}

func TestFirstMatchWinsAndIgnoreComesBeforeKeys(t *testing.T) {
	set := Set{
		compile(t, Definition{Name: "one", Keys: []string{"a/**"}, Ignore: []string{"a/tmp/**"}, Tag: "my.app.one"}),
		compile(t, Definition{Name: "two", Keys: []string{"**"}, Ignore: []string{"**.md5"}, Tag: "my.app.two"}),
	}
	for key, want := range map[string]string{
		"a/x":       "one",
		"a/tmp/x":   "one ignored",
		"a/x.md5":   "one",
		"b/tmp/x":   "two",
		"b/x.md5":   "two ignored",
		"b/a/tmp/x": "one ignored",
	} {
		m, ok := set.Match(key)
		got := m.Source.Name()
		if m.Ignored {
			got += " ignored"
		}
		if !ok || got != want {
			t.Errorf("%s: %s %t, want %s", key, got, ok, want)
		}
	}
}

func TestExceptAndRefuse(t *testing.T) {
	set := Set{
		compile(t, Definition{
			Name: "one", Keys: []string{"a/**"}, Except: []string{"a/b/**"}, Ignore: []string{"**.tmp"}, Tag: "my.app.one",
			Refuse: []Refusal{{[]string{"**.orc", "**.avro"}, "a column"}, {[]string{"a/x.*"}, "an x"}},
		}),
		compile(t, Definition{Name: "two", Keys: []string{"a/b/**"}, Tag: "my.app.two"}),
	}
	for key, want := range map[string]string{
		"a/c":       "one ",
		"a/b/c":     "two ",
		"a/b/x.tmp": "two ", // what is not the source's is not ignored
		"a/b/x.orc": "two ",
		"a/x.tmp":   "one  ignored",
		"p/x.orc":   "one a column",
		"a/c.avro":  "one a column",
		"a/x.log":   "one an x",
	} {
		m, ok := set.Match(key)
		got := m.Source.Name() + " " + m.Refused
		if m.Ignored {
			got += " ignored"
		}
		if !ok || got != want {
			t.Errorf("%s: %q %t, want %q", key, got, ok, want)
		}
	}
}

func TestNamedTakesTheSourceWhateverTheKey(t *testing.T) {
	set := Set{
		compile(t, Definition{Name: "one", Keys: []string{"**"}, Tag: "my.app.one"}),
		compile(t, Definition{Name: "two", Keys: []string{"{env}/*.log"}, Ignore: []string{"**.md5"}, Tag: "my.app.{key.env}"}),
	}
	for key, want := range map[string]string{"prod/x.log": "my.app.prod", "nothing like it/": "my.app.unknown"} {
		m, ok := set.Named("two", key)
		if tag, _ := m.Shaper(Object{}).Static(); !ok || m.Ignored || tag != want {
			t.Errorf("%s: %s %t, want %s", key, tag, ok, want)
		}
	}
	if m, ok := set.Named("two", "x.md5"); !ok || !m.Ignored {
		t.Error("an ignored key is not ignored when its source is named")
	}
	if _, ok := set.Named("three", "prod/x.log"); ok {
		t.Error("found a source that is not there")
	}
	if _, ok := Set(nil).Match("x"); ok {
		t.Error("an empty set has a match")
	}
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]Bytes{
		"0B": 0, "1B": 1, "64KiB": 65536, "4MiB": 4 << 20, "8GiB": 8 << 30, "9223372036854775807B": 1<<63 - 1,
	} {
		var b Bytes
		if err := b.UnmarshalText([]byte(text)); err != nil || b != want {
			t.Errorf("%s: %d, %v", text, b, err)
		}
	}
	for _, text := range []string{"", "64", "MiB", "64MB", "64 MiB", "-1B", "+1B", "1.5MiB", "9007199254740993KiB", "64MiBB", "0x1B"} {
		var b Bytes
		if err := b.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "write it like 64MiB") {
			t.Errorf("%q: %d, %v", text, b, err)
		}
	}
}

// A source that stands for others gives each key to the one of them that has it.
func TestSourceOfSeveral(t *testing.T) {
	d, err := Service("aws_sqs_control_tower")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	set := Set{s}
	const key = "o-exampleorg1/AWSLogs/o-exampleorg1/111122223333/CloudTrail/eu-west-1/2026/11/23/x.json.gz"
	for _, tt := range []struct {
		why, name, key, want string
	}{
		{"a key of the first", "", key, "aws_sqs_cloudtrail"},
		{"a key of another", "", "AWSLogs/111122223333/Config/ConfigWritabilityCheckFile", "aws_sqs_config"},
		{"a key of none", "", "x", ""},
		{"by its own name", "aws_sqs_control_tower", key, "aws_sqs_cloudtrail"},
		{"by its own name, a key of none", "aws_sqs_control_tower", "x", ""},
		{"by the name of one of them, whatever the key", "aws_sqs_vpc", "x", "aws_sqs_vpc"},
	} {
		m, ok := set.Match(tt.key)
		if tt.name != "" {
			m, ok = set.Named(tt.name, tt.key)
		}
		if ok != (tt.want != "") || ok && m.Source.Name() != tt.want {
			t.Errorf("%s: %v %t, want %q", tt.why, m.Source, ok, tt.want)
		}
	}
	if traces := s.Explain(key); len(traces) < 4 || traces[1].Field != "aws_sqs_cloudtrail keys[0]" || !traces[1].Matches {
		t.Errorf("%+v", traces)
	}
}

func TestMistakesOfASourceOfSeveral(t *testing.T) {
	for _, tt := range []struct {
		why  string
		d    Definition
		want string
	}{
		{"a tag beside it", Definition{Name: "app", Services: []string{"aws_sqs_vpc"}, Tag: "my.app"}, "services: the services have keys"},
		{"an unknown one", Definition{Name: "app", Services: []string{"aws_sqs_vcp"}}, "services[0]: unknown service"},
	} {
		if _, err := Compile(tt.d); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.why, err)
		}
	}
}
