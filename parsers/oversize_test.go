package parsers

import (
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
)

func TestLongLinesAreCutOnACharacterAndCounted(t *testing.T) {
	for _, c := range []struct {
		name, data string
		raw        string
		lost       int64
	}{
		{"exactly as long as may be", strings.Repeat("x", 64) + "\n", strings.Repeat("x", 64), 0},
		{"exactly, with CR LF", strings.Repeat("x", 64) + "\r\n", strings.Repeat("x", 64), 0},
		{"exactly, without an end", strings.Repeat("x", 64), strings.Repeat("x", 64), 0},
		{"one too many", strings.Repeat("x", 65) + "\n", strings.Repeat("x", 64), 1},
		{"one too many, with CR LF", strings.Repeat("x", 65) + "\r\n", strings.Repeat("x", 64), 1},
		{"a CR that is no end", strings.Repeat("x", 64) + "\r", strings.Repeat("x", 64), 1},
		{"a character of two bytes at the cut", strings.Repeat("x", 63) + "é\n", strings.Repeat("x", 63), 2},
		{"of four, one byte over", strings.Repeat("x", 61) + "😀\n", strings.Repeat("x", 61), 4},
		{"of four, just within", strings.Repeat("x", 60) + "😀y\n", strings.Repeat("x", 60) + "😀", 1},
		{"not UTF-8", strings.Repeat("\x80", 70) + "\n", strings.Repeat("\x80", 64), 6},
		{"much too long", strings.Repeat("x", 100_000) + "\r\n", strings.Repeat("x", 64), 100_000 - 64},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "lines", MaxRecord: 64}), []byte(c.data+"next"))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasSuffix(c.data, "\n") {
				all, err = sameInEveryChunking(t, mustCompile(t, Spec{Format: "lines", MaxRecord: 64}), []byte(c.data))
				if err != nil || len(all) != 1 {
					t.Fatalf("%d records, %v", len(all), err)
				}
			} else if len(all) != 2 || all[1].Raw != "next" || all[1].Lost != 0 {
				t.Fatalf("the record behind it: %+v", all[1:])
			}
			if all[0].Raw != c.raw || all[0].Lost != c.lost {
				t.Fatalf("%q, %d lost; want %q, %d", all[0].Raw, all[0].Lost, c.raw, c.lost)
			}
		})
	}
}

func TestLongElementsAreCutAndTheirFieldsReadFromWhatIsKept(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for _, c := range []struct {
		name, element string
		fields        []string
	}{
		{"fields in front", `{"a":"1","b":{"c":"2"},"long":"` + long + `"}`, []string{"1", "2"}},
		{"the last one counts, as far as is kept", `{"a":"1","long":"` + long + `","a":"2"}`, []string{"1", absent}},
		{"fields behind", `{"long":"` + long + `","a":"1","b":{"c":"2"}}`, []string{absent, absent}},
		{"a field that is cut itself", `{"b":{"c":"2"},"a":"` + long + `"}`, []string{absent, "2"}},
		{"a number that is cut", `{"a":1` + strings.Repeat("0", 1000) + `}`, []string{absent, absent}},
		{"an array of everything", `["` + long + `","}{",[{"a":1}],"\"]"]`, []string{absent, absent}},
		{"a string", `"` + strings.Repeat(`\\`, 500) + `\""`, []string{absent, absent}},
		{"a number", strings.Repeat("7", 1000), []string{absent, absent}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, Spec{Format: "json", Fields: []string{"a", "b.c"}, MaxRecord: 64})
			all, err := sameInEveryChunking(t, p, []byte("["+c.element+`,{"a":"next"}]`))
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != 2 || all[0].Raw != c.element[:64] || all[0].Lost != int64(len(c.element)-64) {
				t.Fatalf("%+v", all)
			}
			if all[0].Fields[0] != c.fields[0] || all[0].Fields[1] != c.fields[1] || all[1].Fields[0] != "next" {
				t.Fatalf("fields %q, then %q", all[0].Fields, all[1].Fields)
			}
		})
	}
}

func TestOversizeFailEndsTheObject(t *testing.T) {
	for format, data := range map[string]string{
		"lines": "ok\n" + strings.Repeat("x", 65) + "\nnever\n",
		"json":  `[1,"` + strings.Repeat("x", 63) + `",3]`,
		"xml":   "<Event/><Event>" + strings.Repeat("x", 63) + "</Event><Event/>",
	} {
		p := mustCompile(t, Spec{Format: format, MaxRecord: 64, Oversize: "fail"})
		all, err := sameInEveryChunking(t, p, []byte(data))
		var oversize *OversizeError
		if !errors.As(err, &oversize) || oversize.Index != 1 || oversize.Max != 64 || isCorrupt(err) {
			t.Errorf("%s: error %v", format, err)
		}
		if len(all) != 1 {
			t.Errorf("%s: %d records before it", format, len(all))
		}
	}
}

// TestMemoryIsFlat reads one record of 200 MB.
func TestMemoryIsFlat(t *testing.T) {
	exhaustive(t)
	const size = 200 << 20
	for format, around := range map[string][2]string{"lines": {"", "\n"}, "json": {`[{"a":"`, `"}]`}, "xml": {"<r><Event><a>", "</a></Event></r>"}} {
		p := mustCompile(t, Spec{Format: format})
		stream := io.MultiReader(strings.NewReader(around[0]), io.LimitReader(exes{}, size), strings.NewReader(around[1]))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		records := 0
		for r, err := range p.Records(t.Context(), Input{Stream: io.NopCloser(stream)}) {
			if err != nil {
				t.Fatal(err)
			}
			records++
			if len(r.Raw) != DefaultMaxRecord || r.Lost < size-DefaultMaxRecord {
				t.Errorf("%s: %d bytes, %d lost", format, len(r.Raw), r.Lost)
			}
		}
		runtime.ReadMemStats(&after)
		if records != 1 {
			t.Errorf("%s: %d records", format, records)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 {
			t.Errorf("%s: %d MiB allocated in all", format, grown>>20)
		}
	}
}

// exes are endless.
type exes struct{}

func (exes) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}
