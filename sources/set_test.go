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
