package parsers

import (
	"bytes"
	"compress/gzip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fuzzMax is small, so that records come to be longer.
const fuzzMax = 96

func FuzzLines(f *testing.F) {
	for _, s := range []string{
		"", "\n", "a", "a\n", "a\r\n", "\r\n\r\n", "a\rb\n", "a\r", "\x00\v\f\x85\u2028\n", "\x1f\x8b", "\x1f", "a\nb\r\nc",
		strings.Repeat("é", 60) + "\r\nb\n", strings.Repeat("x", fuzzMax-1) + "é\n", strings.Repeat("x", fuzzMax) + "\r\n", strings.Repeat("\x80", 100),
	} {
		f.Add([]byte(s), true, uint16(len(s)/2))
	}
	f.Fuzz(func(t *testing.T, data []byte, header bool, split uint16) {
		if looksPacked(data) {
			return // FuzzUnpack's
		}
		o := &LinesOptions{}
		if header {
			o.Header = "drop"
		}
		p := mustCompile(t, Spec{Format: "lines", Options: o, MaxRecord: fuzzMax})
		want := linesOracle(data, header)
		all, err := sameInEveryChunking(t, p, data)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, withoutRestarts(all)); diff != "" {
			t.Fatalf("plain (-want +got):\n%s", diff)
		}
		sameFromEveryRestart(t, p, data, all)

		packed := members(data, int(split))
		all, err = sameInEveryChunking(t, p, packed)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, withoutRestarts(all)); diff != "" {
			t.Fatalf("gzip (-want +got):\n%s", diff)
		}
		sameFromEveryRestart(t, p, packed, all)
	})
}

// linesOracle cuts lines in the plainest way.
func linesOracle(data []byte, header bool) []got {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	var all []got
	for i, l := range bytes.SplitAfter(data, []byte("\n")) {
		if len(l) == 0 {
			break // behind the last line's end
		}
		if text, ended := bytes.CutSuffix(l, []byte("\n")); ended {
			l = bytes.TrimSuffix(text, []byte("\r"))
		}
		g := got{Raw: string(l), Index: int64(i)}
		if len(l) > fuzzMax {
			g.Raw = cutOracle(l, fuzzMax)
			g.Lost = int64(len(l) - len(g.Raw))
		}
		if header && len(l) > 0 {
			g.Dropped, header = "header", false
		}
		all = append(all, g)
	}
	return all
}

// cutOracle is b's longest beginning of up to n bytes that leaves a beginning
// of a character behind it, if one of four does.
func cutOracle(b []byte, n int) string {
	for back := range 4 {
		if b[n-back]&0xC0 != 0x80 {
			return string(b[:n-back])
		}
	}
	return string(b[:n])
}

func withoutRestarts(all []got) []got {
	var out []got
	for _, g := range all {
		g.Restart = nil
		out = append(out, g)
	}
	return out
}

// members packs data as gzip, a new member after each split bytes.
func members(data []byte, split int) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	for first := true; first || len(data) > 0; first = false {
		n := len(data)
		if split > 0 {
			n = min(n, split)
		}
		w.Reset(&out)
		w.Write(data[:n])
		w.Close()
		data = data[n:]
	}
	return out.Bytes()
}

// runes compares fields as encoding/json gives them: it puts U+FFFD for bytes
// that are not UTF-8, which we pass on.
var runes = cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "Fields" },
	cmp.Comparer(func(a, b []string) bool {
		return slices.EqualFunc(a, b, func(a, b string) bool { return string([]rune(a)) == string([]rune(b)) })
	}))

var fuzzPaths = []string{"Records", "", "a.b", "a.b,e"}

var fuzzFields = []string{"a", "userIdentity.accountId", "b.c.d", "b", "é"}

func FuzzJSON(f *testing.F) {
	for _, s := range jsonSeeds {
		f.Add([]byte(s), uint8(0), uint16(len(s)/2))
		f.Add([]byte(s), uint8(1), uint16(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, which uint8, split uint16) {
		if len(data) > 0 && !looksPacked(data) { // those are FuzzUnpack's
			checkJSON(t, data, fuzzPaths[int(which)%len(fuzzPaths)], int(split))
		}
	})
}

// checkJSON compares what is made of data, plain and in members of split bytes,
// with what encoding/json makes of it.
func checkJSON(t *testing.T, data []byte, path string, split int) {
	p := jsonAt(t, path, fuzzFields...)
	all, err := sameInEveryChunking(t, p, data)
	want, verdict := jsonOracle(data, path)
	agrees(t, verdict, want, all, err)
	if err == nil {
		sameFromEveryRestart(t, p, data, all)
		samePacked(t, p, data, split, all)
	}
	cutJSON(t, p.spec, data, all, verdict)
}

// agrees compares what was made of an object with what should be.
func agrees(t *testing.T, v verdict, want, all []got, err error) {
	t.Helper()
	switch v {
	case truncated, notThere:
		if err == nil {
			t.Fatalf("no error, but %s", v)
		}
	case accepted:
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, withoutRestarts(all), runes); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// samePacked reads data in gzip members of split bytes, also from every Restart:
// that must give what it gave plain.
func samePacked(t *testing.T, p *Parser, data []byte, split int, all []got) {
	t.Helper()
	packed := members(data, split)
	again, err := sameInEveryChunking(t, p, packed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(withoutRestarts(all), withoutRestarts(again)); diff != "" {
		t.Fatalf("gzip (-plain +gzip):\n%s", diff)
	}
	sameFromEveryRestart(t, p, packed, again)
}

// cutJSON reads data again with a small MaxRecord: every record must be the
// beginning of the whole one, and a field what it was or absent.
func cutJSON(t *testing.T, s Spec, data []byte, whole []got, v verdict) {
	s.MaxRecord = 64
	all, _ := sameInEveryChunking(t, mustCompile(t, s), data)
	if len(all) != len(whole) {
		t.Fatalf("%d records when cut, %d whole", len(all), len(whole))
	}
	for i, g := range all {
		w := whole[i]
		if int(g.Lost) != len(w.Raw)-len(g.Raw) || !strings.HasPrefix(w.Raw, g.Raw) {
			t.Fatalf("record %q, of %q", g.Raw, w.Raw)
		}
		if g.Lost > 0 && (len(g.Raw) > 64 || len(g.Raw) <= 60) || g.Lost == 0 && len(w.Raw) > 64 {
			t.Fatalf("record %q, %d bytes lost", g.Raw, g.Lost)
		}
		if g.Lost == 0 {
			if diff := cmp.Diff(w.Fields, g.Fields); diff != "" && v == accepted {
				t.Fatalf("fields (-whole +cut):\n%s", diff)
			}
		}
	}
}
