package operate

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

func compile(t *testing.T, d sources.Definition) sources.Set {
	t.Helper()
	s, err := sources.Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return sources.Set{s}
}

var (
	text = sources.Definition{Name: "app", Keys: []string{"**.log", "**.log.gz"}, Ignore: []string{"tmp/**"}, Format: "lines", Tag: "my.app.{object.bucket|default:none}.x"}
	list = sources.Definition{Name: "app", Keys: []string{"**.json"}, Format: "json", Tag: "my.app.{record.a}"}
)

func TestTry(t *testing.T) {
	for _, tt := range []struct {
		why, key, content string
		source            sources.Definition
		trial             Trial
		out               string
		want              Result
	}{
		{why: "an empty object", key: "a.log", source: text},
		{
			why: "line breaks, NUL and blank records", key: "a.log", content: "one\r\n \ntwo\rtwo\\\x00\nlast\\", source: text,
			out:  "my.app.none.x\tone\nmy.app.none.x\ttwo\\rtwo\\\\\\0\nmy.app.none.x\tlast\\\n",
			want: Result{Stored: 22, Sent: 17, Records: 3, Dropped: map[string]int64{"blank": 1}, Tags: map[string]int64{"my.app.none.x": 3}},
		},
		{
			why: "no more than the limit", key: "a.log", content: "1\n2\n3\n", source: text, trial: Trial{Limit: 2},
			out:  "my.app.none.x\t1\nmy.app.none.x\t2\n",
			want: Result{Stored: 6, Sent: 2, Records: 2, Tags: map[string]int64{"my.app.none.x": 2}, Stopped: true},
		},
		{
			why: "as many as the limit", key: "a.log", content: "1\n2\n", source: text, trial: Trial{Limit: 2},
			out:  "my.app.none.x\t1\nmy.app.none.x\t2\n",
			want: Result{Stored: 4, Sent: 2, Records: 2, Tags: map[string]int64{"my.app.none.x": 2}},
		},
		{
			why: "a record's tag, and a record that is cut", key: "x/a.json", content: `[{"a":1},{"a":"` + strings.Repeat("é", 64) + `"},2]`,
			source: with(list, func(d *sources.Definition) { d.MaxRecord = 64 }),
			out:    "my.app.1\t{\"a\":1}\nmy.app.unknown\t{\"a\":\"" + strings.Repeat("é", 29) + "\nmy.app.unknown\t2\n",
			want: Result{
				Stored: 148, Sent: 7 + 64 + 1, Records: 3, Truncated: 1, Lost: 72,
				Tags: map[string]int64{"my.app.1": 1, "my.app.unknown": 2},
			},
		},
		{
			why: "a filter's rule", key: "a.json", content: `[{"a":1},{"a":2},{"a":1}]`,
			source: with(list, func(d *sources.Definition) {
				d.Filters = []sources.Rule{{Name: "ones", Exclude: &sources.Condition{Value: "record.a", Equals: []string{"1"}}}}
			}),
			out:  "my.app.2\t{\"a\":2}\n",
			want: Result{Stored: 25, Sent: 7, Records: 1, Filtered: 2, Dropped: map[string]int64{"by ones": 2}, Tags: map[string]int64{"my.app.2": 1}},
		},
		{why: "a key to ignore", key: "tmp/a.log", content: "x", source: text},
		{
			why: "a key to ignore, of the source that was asked for", key: "tmp/a.log", content: "x", source: text, trial: Trial{Source: "app"},
			out:  "my.app.none.x\tx\n",
			want: Result{Stored: 1, Sent: 1, Records: 1, Tags: map[string]int64{"my.app.none.x": 1}},
		},
	} {
		t.Run(tt.why, func(t *testing.T) {
			var out bytes.Buffer
			tt.trial.Sources, tt.trial.Tags, tt.trial.Show = compile(t, tt.source), config.DefaultTags, Text(&out, 0)
			r, err := tt.trial.Try(t.Context(), put(t, tt.key, []byte(tt.content)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.out, out.String()); diff != "" {
				t.Error(diff)
			}
			if r.Match.Source != tt.trial.Sources[0] {
				t.Errorf("the match is %v", r.Match)
			}
			r.Object, r.Match, r.Packings = nil, sources.Match{}, nil
			for _, counts := range []*map[string]int64{&tt.want.Dropped, &tt.want.Tags} {
				if *counts == nil {
					*counts = map[string]int64{}
				}
			}
			if diff := cmp.Diff(&tt.want, r, cmp.AllowUnexported(sources.Match{})); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func with(d sources.Definition, change func(*sources.Definition)) sources.Definition {
	change(&d)
	return d
}

// What was readable is shown, and then why the rest is not.
func TestCorrupt(t *testing.T) {
	var out, summary bytes.Buffer
	trial := Trial{Sources: compile(t, list), Tags: config.DefaultTags, Show: Text(&out, 0)}
	r, err := trial.Try(t.Context(), put(t, "a.json", []byte(`[{"a":1},{"a":`)))
	var corrupt *parsers.CorruptError
	if err != nil || !errors.As(r.Err, &corrupt) || r.Records != 1 || out.String() != "my.app.1\t{\"a\":1}\n" {
		t.Errorf("%v, %+v, %q", err, r, out.String())
	}
	NewScreen(&summary).Summary(r)
	if !strings.Contains(summary.String(), "corrupt at unpacked byte 14") {
		t.Errorf("%s", summary.String())
	}
}

func TestNobodys(t *testing.T) {
	var summary bytes.Buffer
	trial := Trial{Sources: compile(t, list)}
	r, err := trial.Try(t.Context(), put(t, "a.xml", nil))
	if err != nil || !errors.Is(r.Err, ErrNoSource) {
		t.Fatalf("%v, %+v", err, r)
	}
	NewScreen(&summary).Summary(r)
	if !strings.Contains(summary.String(), "no source matches") {
		t.Errorf("%s", summary.String())
	}
	trial = Trial{Sources: sources.Set{compiled(t, "aws_cur", "")}, Source: "aws_cur"}
	if r, err = trial.Try(t.Context(), put(t, "a.csv", nil)); err != nil || !errors.Is(r.Err, ErrNoSource) || !strings.Contains(r.Err.Error(), "aws_cur_csv") {
		t.Errorf("one that stands for others: %v, %+v", err, r)
	}
}

func TestNoFile(t *testing.T) {
	trial := Trial{Sources: compile(t, text)}
	for _, path := range []string{t.TempDir() + "/there-is-none.log", t.TempDir()} {
		o := File(path)
		o.Key = "a.log"
		if r, err := trial.Try(t.Context(), o); err == nil {
			t.Errorf("%s: %+v", path, r)
		}
	}
}

// On a terminal a record cannot do anything but be read.
func TestTextOnATerminal(t *testing.T) {
	for raw, want := range map[string]string{
		"short":                         "short",
		"a\x1b[31mb\tc\xff\u202e\u009b": "a\ufffd[31mb c\ufffd\ufffd\ufffd",
		"exactly twenty chars":          "exactly twenty chars",
		"more than twenty chars":        "more than twenty ch…",
	} {
		var out bytes.Buffer
		show := Text(&out, len("a.b  ")+20)
		if err := show(&Shown{Tag: []byte("a.b"), Raw: []byte(raw)}); err != nil {
			t.Fatal(err)
		}
		if got := out.String(); got != "a.b  "+want+"\n" {
			t.Errorf("%q: %q", raw, got)
		}
	}
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	show := JSON(&out)
	for _, s := range []*Shown{
		{Record: &parsers.Record{Index: 3}, Source: "app", Tag: []byte("a.b"), Raw: []byte("<x>\n\x00\x7f\u009b\u202e")},
		{Record: &parsers.Record{Index: 4, Lost: 2, Unparsed: "because"}, Source: "app", Tag: []byte("a.b"), Raw: []byte("\xff")},
	} {
		if err := show(s); err != nil {
			t.Fatal(err)
		}
	}
	want := `{"source":"app","index":3,"tag":"a.b","record":"<x>\n\u0000\u007f\u009b\u202e"}
{"source":"app","index":4,"tag":"a.b","record_base64":"/w==","unparsed":"because","lost_bytes":2}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

// What the function would not count as delivered, a trial does not either; and
// the other way round.
func TestImplausible(t *testing.T) {
	events := sources.Definition{
		Name: "events", Keys: []string{"**.cef"}, Format: "cef", Tag: "my.app.cef",
		Options: &parsers.CEFOptions{Header: `^\w+:\S*$`, Others: "drop"},
		Filters: []sources.Rule{{Name: "noise", Exclude: &sources.Condition{Value: "record.name", Equals: []string{"noise"}}}},
	}
	const one, noise = "CEF:0|v|p|1|1|one|5|\n", "CEF:0|v|p|1|1|noise|5|\n"
	for content, want := range map[string]string{
		"":                              "",
		"account:1\n\n":                 "",
		"a b\nc d\n":                    "none of its 2 records is cef, the format of source events: check ",
		"account:1\na b\n":              "none of its 1 records is cef, the format of source events: check ",
		"a b\n" + one:                   "",
		"a b\n" + noise:                 "",
		"a b\nc d\n" + one[:len(one)-1]: "",
	} {
		trial := Trial{Sources: compile(t, events), Tags: config.DefaultTags, Show: func(*Shown) error { return nil }}
		o := put(t, "a.cef", []byte(content))
		r, err := trial.Try(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprint(r.Err); want == "" && r.Err != nil || want != "" && !strings.HasPrefix(got, "corrupt: "+o.Name+": "+want) {
			t.Errorf("%q: %v, want %q", content, r.Err, want)
		}
		var summary bytes.Buffer
		if NewScreen(&summary).Summary(r); want != "" && !strings.Contains(summary.String(), want) {
			t.Errorf("the summary does not say so: %s", summary.String())
		}
	}
}
