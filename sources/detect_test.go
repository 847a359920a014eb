package sources

import (
	"bytes"
	"compress/zlib"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/parsers"
)

func TestGuess(t *testing.T) {
	for _, tt := range []struct {
		why, format, content string
		options              parsers.Options
		hints                Detect
		want                 Guess
	}{
		{"all of the fields", "json", `[{"a":1,"b":2}]`, nil, Detect{Fields: []string{"a", "b"}}, Guess{Records: 1, Parsed: 1, Score: 1}},
		{"some of the fields", "json", `[{"a":1},{"b":2}]`, nil, Detect{Fields: []string{"a", "b"}}, Guess{Records: 2, Parsed: 2, Score: 0.5}},
		{"a field and no pattern", "json", `[{"a":1}]`, nil, Detect{Fields: []string{"a"}, Pattern: "x"}, Guess{Records: 1, Parsed: 1, Score: 0.5}},
		{"a pattern", "lines", "a 1\nb 2\nc\n", nil, Detect{Pattern: `^\w \d$`}, Guess{Records: 3, Parsed: 3, Score: 2.0 / 3}},
		{"a header", "lines", "x y\n1 2\n", &parsers.LinesOptions{Header: "drop"}, Detect{Header: "^x"}, Guess{Records: 1, Parsed: 1, Score: 1}},
		{"another header", "lines", "z y\n1 2\n", &parsers.LinesOptions{Header: "drop"}, Detect{Header: "^x"}, Guess{Records: 1, Parsed: 1}},
		{"no hints", "lines", "x\n", nil, Detect{}, Guess{Records: 1, Parsed: 1, Score: 0.1}},
		{"no hints and no text", "lines", "x\x00\n\n\x01\n\x1b[1mcoloured\n", nil, Detect{}, Guess{Records: 4, Parsed: 4, Score: 0.025}},
		{"alternatives", "json", `[{"a":1},{"b":{"c":2}},{"x":1}]`, nil, Detect{Fields: []string{"a|b.c", "a|x"}}, Guess{Records: 3, Parsed: 3, Score: 2.0 / 3}},
		{"nothing", "lines", "", nil, Detect{}, Guess{}},
		{"a hundred records and no more", "lines", strings.Repeat("x\n", 1000), nil, Detect{Pattern: "x"}, Guess{Records: 100, Parsed: 100, Score: 1}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			s, err := Compile(Definition{Name: "app", Keys: []string{"**"}, Format: tt.format, Options: tt.options, Tag: "my.app", Detect: tt.hints})
			if err != nil {
				t.Fatal(err)
			}
			got := s.Guess(t.Context(), parsers.Input{Stream: io.NopCloser(strings.NewReader(tt.content))})
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Every setting of a source counts when its objects are looked at, for hints of
// fields too: a header in front of the body, and limits.
func TestGuessReadsWithTheSourcesSettings(t *testing.T) {
	d := Definition{
		Name: "app", Keys: []string{"**"}, Format: "json", Options: &parsers.JSONOptions{Shape: "lines"}, Tag: "my.app",
		Preamble: &parsers.Preamble{End: "|==|"}, MaxRecord: 1 << 10, Detect: Detect{Fields: []string{"a"}},
	}
	s, err := Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	var body bytes.Buffer
	w := zlib.NewWriter(&body)
	io.WriteString(w, `{"a":1}`+"\n"+`{"b":"`+strings.Repeat("x", 2<<10)+`","a":2}`+"\n")
	w.Close()
	got := s.Guess(t.Context(), parsers.Input{Stream: io.NopCloser(strings.NewReader("format:JSON\n|==|\n" + body.String()))})
	if want := (Guess{Records: 2, Parsed: 2, Score: 0.5}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestGuessOfADamagedObject(t *testing.T) {
	s, err := Compile(Definition{Name: "app", Keys: []string{"**"}, Format: "json", Tag: "my.app", Detect: Detect{Fields: []string{"a"}}})
	if err != nil {
		t.Fatal(err)
	}
	g := s.Guess(t.Context(), parsers.Input{Stream: io.NopCloser(strings.NewReader(`[{"a":1},`))})
	var corrupt *parsers.CorruptError
	if g.Score != 0.5 || !errors.As(g.Err, &corrupt) {
		t.Errorf("%+v", g)
	}
}

func TestMistakesOfDetect(t *testing.T) {
	d := Definition{
		Name: "app", Keys: []string{"**"}, Format: "lines", Tag: "my.app",
		Detect: Detect{Fields: []string{"a"}, Pattern: "(", Header: "["},
	}
	_, err := Compile(d)
	var mistakes Mistakes
	if !errors.As(err, &mistakes) {
		t.Fatal(err)
	}
	var fields []string
	for _, m := range mistakes {
		fields = append(fields, m.Field)
	}
	if diff := cmp.Diff([]string{"detect.pattern", "detect.header", "detect.fields"}, fields); diff != "" {
		t.Error(diff)
	}
}

// A pattern and a key part where the one wants what the other has not.
func TestExplain(t *testing.T) {
	for _, tt := range []struct{ pattern, key, wants, finds string }{
		{"AWSLogs/{account}/vpcflowlogs/**", "p/AWSLogs/1/CloudTrail/x", "vpcflowlogs/**", "CloudTrail/x"},
		{"AWSLogs/*/x", "other", "AWSLogs/*/x", "other"},
		{`regexp:a/(?P<n>\d+)/b\.gz`, "a/12/c.gz", `b\.gz`, "c.gz"},
		{"*.é", "x.è", "é", "è"},
		{`regexp:(?:ak|ds)-\d+\.gz`, "AWSLogs/1/route53resolverdnsfirewall/x.log.gz", `regexp:(?:ak|ds)-\d+\.gz`, "AWSLogs/1/route53resolverdnsfirewall/x.log.gz"},
		{`regexp:(?:ak|ds)-\d+\.gz`, "x/ds-1.log", "gz", "log"},
		{`regexp:e`, "x", `regexp:e`, "x"},
	} {
		s, err := Compile(Definition{Name: "app", Keys: []string{tt.pattern}, Format: "lines", Tag: "my.app"})
		if err != nil {
			t.Fatal(err)
		}
		want := []Trace{{Field: "keys[0]", Pattern: tt.pattern, Wants: tt.wants, Finds: tt.finds}}
		if diff := cmp.Diff(want, s.Explain(tt.key)); diff != "" {
			t.Errorf("%s and %s: %s", tt.pattern, tt.key, diff)
		}
	}
}
