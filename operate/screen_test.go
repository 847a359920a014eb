package operate

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/sources"
)

func TestExplain(t *testing.T) {
	set := compile(t, text)
	for _, tt := range []struct {
		why, key, want string
		taken          bool
	}{
		{"has it", "a/b.log", "a/b.log\n  app: has it\n    ignore[0] tmp/**\n    keys[0] matches: **.log\n    keys[1] **.log.gz\n      wants .gz\n      finds the end\n", true},
		{
			"ignores it", "tmp/b.log", "tmp/b.log\n  app: has it, and ignores it\n    ignore[0] matches: tmp/**\n    keys[0] matches: **.log\n" +
				"    keys[1] **.log.gz\n      wants .gz\n      finds the end\n", true,
		},
		{
			"nobody's", "x/b\n.txt", `"x/b\n.txt"` + "\n  app\n    ignore[0] tmp/**\n    keys[0] **.log\n      wants log\n      finds txt\n" +
				"    keys[1] **.log.gz\n      wants log.gz\n      finds txt\nno source has it: a message that names it fails as no_source\n", false,
		},
	} {
		t.Run(tt.why, func(t *testing.T) {
			var out bytes.Buffer
			if taken := NewScreen(&out).Explain(set, tt.key); taken != tt.taken {
				t.Errorf("taken: %t", taken)
			}
			if diff := cmp.Diff(tt.want, out.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestExplainRefusedAndExcepted(t *testing.T) {
	set := compile(t, sources.Definition{
		Name: "app", Keys: []string{"a/**"}, Except: []string{"a/lab/**"}, Format: "lines", Tag: "my.app.x",
		Refuse: []sources.Refusal{{Keys: []string{"**.orc"}, Reason: "ORC is not read; write JSON"}},
	})
	for key, want := range map[string]string{
		"a/x.orc": "a/x.orc\n  app: has it, and cannot read it; a message that names it fails as no_source: ORC is not read; write JSON\n" +
			"    except[0] a/lab/**\n      wants lab/**\n      finds x.orc\n    refuse[0].keys[0] matches: **.orc\n    keys[0] matches: a/**\n",
		"a/lab/x": "a/lab/x\n  app\n    except[0] matches: a/lab/**\n    refuse[0].keys[0] **.orc\n      wants .orc\n      finds the end\n    keys[0] matches: a/**\n" +
			"no source has it: a message that names it fails as no_source\n",
	} {
		var out, summary bytes.Buffer
		NewScreen(&out).Explain(set, key)
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%s: %s", key, diff)
		}
		r, err := (&Trial{Sources: set, Source: "app"}).Try(t.Context(), put(t, key, nil))
		if err != nil {
			t.Fatal(err)
		}
		NewScreen(&summary).Summary(r)
		if refused := strings.Contains(summary.String(), "no_source: app cannot read it: ORC is not read; write JSON"); refused != (r.Err != nil) || refused != (key == "a/x.orc") {
			t.Errorf("%s: %v, shown as\n%s", key, r.Err, summary.String())
		}
	}
}

// A hundred tags would be too many to read.
func TestSummaryListsTheCommonestTags(t *testing.T) {
	var object, out bytes.Buffer
	for i := range 25 {
		for range i + 1 {
			object.WriteString(`{"a":"` + string(rune('a'+i)) + `"}` + ",")
		}
	}
	trial := Trial{Sources: compile(t, list), Tags: config.DefaultTags, Show: func(*Shown) error { return nil }}
	r, err := trial.Try(t.Context(), put(t, "a.json", []byte("["+strings.TrimSuffix(object.String(), ",")+"]")))
	if err != nil || r.Err != nil {
		t.Fatal(err, r.Err)
	}
	NewScreen(&out).Summary(r)
	if s := out.String(); !strings.Contains(s, "tags         my.app.y  25\n") || !strings.Contains(s, "and 5 more") || strings.Contains(s, "my.app.e ") {
		t.Error(s)
	}
}

func TestSummaryNamesEveryCompression(t *testing.T) {
	var packed, out bytes.Buffer
	z := gzip.NewWriter(&packed)
	a := tar.NewWriter(z)
	for _, name := range []string{"one", "two"} {
		var inner bytes.Buffer
		i := gzip.NewWriter(&inner)
		i.Write([]byte(name + "\n"))
		i.Close()
		a.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(inner.Len())})
		a.Write(inner.Bytes())
	}
	a.Close()
	z.Close()
	trial := Trial{Sources: compile(t, text), Tags: config.DefaultTags, Show: func(*Shown) error { return nil }}
	r, err := trial.Try(t.Context(), put(t, "a.log", packed.Bytes()))
	if err != nil || r.Err != nil || r.Records != 2 {
		t.Fatal(err, r)
	}
	NewScreen(&out).Summary(r)
	if !strings.Contains(out.String(), "compression  gzip, tar\n") {
		t.Error(out.String())
	}
}
