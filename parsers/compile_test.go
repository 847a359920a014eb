package parsers

import (
	"reflect"
	"strings"
	"testing"
)

func TestCompileRefusesWhatCannotWork(t *testing.T) {
	for _, c := range []struct {
		name string
		spec Spec
		want []string // in the error
	}{
		{"no format", Spec{}, []string{`unknown format ""`, "json, lines"}},
		{"an unknown format", Spec{Format: "toml"}, []string{`unknown format "toml"`, "json, lines"}},
		{"another format's options", Spec{Format: "json", Options: &LinesOptions{}}, []string{"another format"}},
		{"nil options of the right type", Spec{Format: "lines", Options: (*LinesOptions)(nil)}, []string{"another format"}},
		{"an unknown header", Spec{Format: "lines", Options: &LinesOptions{Header: "remove"}}, []string{`header is "remove"`}},
		{"fields of lines", Spec{Format: "lines", Fields: []string{"srcaddr"}}, []string{"lines have no fields without a separator", "srcaddr"}},
		{"max_record too small", Spec{Format: "lines", MaxRecord: 63}, []string{"max_record is 63"}},
		{"max_record negative", Spec{Format: "lines", MaxRecord: -1}, []string{"max_record is -1"}},
		{"max_record too large", Spec{Format: "lines", MaxRecord: 64<<20 + 1}, []string{"max_record is"}},
		{"an unknown oversize", Spec{Format: "lines", Oversize: "drop"}, []string{`oversize is "drop"`}},
		{"an empty segment", Spec{Format: "json", Fields: []string{"a..b"}}, []string{"empty segment"}},
		{"an empty field", Spec{Format: "json", Fields: []string{""}}, []string{"empty segment"}},
		{"a path with a quote", Spec{Format: "json", Options: &JSONOptions{Path: Paths{`a"b`}}}, []string{"cannot be looked for"}},
		{"a field that begins like a separator", Spec{Format: "json", Fields: []string{":a"}}, []string{"cannot be looked for"}},
		{"a path too deep", Spec{Format: "json", Options: &JSONOptions{Path: Paths{strings.Repeat("a.", 16) + "a"}}}, []string{"more than 16 segments"}},
		{"a segment too long", Spec{Format: "json", Fields: []string{strings.Repeat("a", 257)}}, []string{"longer than 256 bytes"}},
		{
			"everything at once",
			Spec{Format: "json", Options: &JSONOptions{Path: Paths{"a."}}, Fields: []string{".b", "c", `\`}, MaxRecord: 1, Oversize: "x"},
			[]string{`"a."`, `".b"`, `"\\"`, "max_record", "oversize"},
		},
	} {
		t.Run(c.name, func(t *testing.T) { refuses(t, c.spec, c.want...) })
	}
}

// refuses tells that a Spec is refused with each of the mistakes.
func refuses(t *testing.T, s Spec, mistakes ...string) {
	t.Helper()
	_, err := Compile(s)
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range mistakes {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in: %v", want, err)
		}
	}
}

func TestNewOptionsGivesWhatCompileTakes(t *testing.T) {
	for name := range formats {
		o, err := NewOptions(name)
		if err != nil || o.Format() != name {
			t.Fatalf("%s: %v, %v", name, o, err)
		}
		if _, err := Compile(Spec{Format: name, Options: o}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := NewOptions("toml"); err == nil || !strings.Contains(err.Error(), "json, lines") {
		t.Errorf("an unknown format: %v", err)
	}
}

func TestEveryOptionHasAName(t *testing.T) {
	for name, f := range formats {
		o := reflect.TypeOf(f.options()).Elem()
		for i := range o.NumField() {
			if o.Field(i).Tag.Get("yaml") == "" {
				t.Errorf("%s: %s has no yaml tag", name, o.Field(i).Name)
			}
		}
	}
}

func TestFingerprintIsOfTheResolvedSpec(t *testing.T) {
	// Both are of an earlier process. a908ca6 wrote the older one.
	const known, older = "2e5b21fb5c8e701c6e8b2fd1780072e7", "ed72c6d4649ff6bbb6eaac4962f71b4c"
	parser := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}, Fields: []string{"a"}})
	base := parser.Fingerprint()
	if base != known || parser.OlderFingerprint() != older {
		t.Errorf("fingerprints %s and %s, but %s and %s in an earlier process: raise Revision if records or indices change",
			base, parser.OlderFingerprint(), known, older)
	}
	bare := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}})
	if bare.Fingerprint() != bare.OlderFingerprint() {
		t.Error("without fields there are two fingerprints")
	}
	// Where the same bytes give other records now, nothing is resumed.
	changed := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}})
	if got, before := changed.OlderFingerprint(), "9484896bdee03a09b38503a1a94dc1dc"; got == before {
		t.Errorf("lines of JSON have the fingerprint %s of a908ca6, whose records were others", got)
	}
	for _, c := range []struct {
		name string
		spec Spec
		same bool
	}{
		{"defaults spelled out", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}, Fields: []string{"a"}, MaxRecord: DefaultMaxRecord, Oversize: "cut"}, true},
		{"another path", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"records"}}, Fields: []string{"a"}}, false},
		{"another field", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}, Fields: []string{"b"}}, true},
		{"no field", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}}, true},
		{"another limit", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}, Fields: []string{"a"}, MaxRecord: 1000}, false},
		{"another format", Spec{Format: "lines"}, false},
	} {
		if same := mustCompile(t, c.spec).Fingerprint() == base; same != c.same {
			t.Errorf("%s: same %v", c.name, same)
		}
	}
}

func TestAParserKeepsNothingOfItsSpec(t *testing.T) {
	o, fields := &JSONOptions{Path: Paths{"a"}}, []string{"x"}
	p := mustCompile(t, Spec{Format: "json", Options: o, Fields: fields})
	o.Path[0], fields[0] = "b", "y"
	all, err := read(p, object([]byte(`{"a":[{"x":1}]}`)))
	if err != nil || len(all) != 1 || all[0].Fields[0] != "1" {
		t.Fatalf("%+v, %v", all, err)
	}
}
