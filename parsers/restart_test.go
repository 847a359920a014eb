package parsers

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestEveryRestartGivesTheSameRecords is for objects of any lines or elements,
// in members of any lengths, read in blocks of any size.
func TestEveryRestartGivesTheSameRecords(t *testing.T) {
	lines := mustCompile(t, Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}, MaxRecord: 64})
	elements := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Path: Paths{"a.b", "a.c"}}, Fields: []string{"k", "o.k"}, MaxRecord: 64})
	rapid.Check(t, func(r *rapid.T) {
		p, data := lines, strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"", "x", "\x1f\x8b", "é", "a longer line", strings.Repeat("é", 40)})).Draw(r, "lines"), rapid.SampledFrom([]string{"\n", "\r\n"}).Draw(r, "end"))
		if rapid.Bool().Draw(r, "json") {
			space := rapid.SampledFrom([]string{"", " ", "\r\n"}).Draw(r, "space")
			list := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{`1`, `"]}"`, `{"k":"a\"b"}`, `{"o":{"k":[1,2]}}`, `{"x":{"k":1},` + "\n" + `"o":{"k":null}}`, `[{}]`, `"` + strings.Repeat("é", 40) + `"`})).Draw(r, "elements"), space+","+space)
			p, data = elements, strings.ReplaceAll(`{"x":[1],"a":{"y":{},"b":[`+list+`],"z":1,"c":[`+list+`]},"a":{"b":[`+list+`]}}`, ":", ":"+space)
		}
		p = blocksOf(p, rapid.SampledFrom([]int{1, 5, 64, 0}).Draw(r, "block"))
		if looksPacked([]byte(data)) {
			data = "x" + data
		}
		stored := []byte(data)
		if rapid.Bool().Draw(r, "gzip") {
			stored = members([]byte(data), rapid.IntRange(1, 60).Draw(r, "member"))
		}
		all, err := read(p, object(stored))
		if err != nil {
			r.Fatal(err)
		}
		sameFromEveryRestart(t, p, stored, all)
	})
}

func TestRestartsAreOfferedWhereReadingCanBegin(t *testing.T) {
	text := "one\ntwo\nthree\nfour\n"
	array := `{"Records":[{"a":1}, {"a":2},{"a":3}],"x":"y"}`
	start := &Restart{}
	first := len(members([]byte(text)[:6], 0))
	second := first + len(members([]byte(text)[6:12], 0))
	for _, c := range []struct {
		name, format string
		object       []byte
		want         []*Restart
	}{
		{"plain lines: each line", "lines", []byte(text), []*Restart{start, {4, 0, 1, "plain", 67}, {8, 0, 2, "plain", 134}, {14, 0, 3, "plain", 203}}},
		{"plain JSON: each element", "json", []byte(array), []*Restart{start, {21, 0, 1, "plain", 71}, {29, 0, 2, "plain", 142}}},
		{"one member: the start", "lines", pack([]byte(text)), []*Restart{start, nil, nil, nil}},
		{"many members: the first that begins in each", "lines", members([]byte(text), 6), []*Restart{start, nil, {int64(first), 2, 2, "gzip", 134}, {int64(second), 2, 3, "gzip", 203}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := Spec{Format: c.format}
			if c.format == "json" {
				s.Options = &JSONOptions{Path: Paths{"Records"}}
			}
			p := mustCompile(t, s)
			all, err := sameInEveryChunking(t, p, c.object)
			if err != nil || len(all) != len(c.want) {
				t.Fatalf("%d records, %v", len(all), err)
			}
			for i, g := range all {
				if (g.Restart == nil) != (c.want[i] == nil) || g.Restart != nil && *g.Restart != *c.want[i] {
					t.Errorf("record %d: %+v, want %+v", i, g.Restart, c.want[i])
				}
			}
			sameFromEveryRestart(t, p, c.object, all)
		})
	}
}

func TestARestartThatDoesNotFitIsAnError(t *testing.T) {
	for _, c := range []struct {
		name, format, rest string
		restart            Restart
		corrupt            bool
	}{
		{"the object is shorter than the place", "lines", "abc\n", Restart{Skip: 5, Index: 1, State: "plain"}, true},
		{"nothing is left of an array", "json", "", Restart{Offset: 9, Index: 1, State: "plain"}, true},
		{"not gzip any more", "lines", "abc\n", Restart{Offset: 9, Index: 1, State: "gzip"}, true},
		{"a state of another program", "lines", "abc\n", Restart{Index: 1, State: "parquet"}, false},
		{"the first record elsewhere than at the start", "lines", "abc\n", Restart{Offset: 1, State: "plain"}, false},
		{"a negative place", "lines", "abc\n", Restart{Skip: -1, Index: 1, State: "plain"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			in := object([]byte(c.rest))
			in.Restart = c.restart
			all, err := read(mustCompile(t, Spec{Format: c.format}), in)
			if err == nil || isCorrupt(err) != c.corrupt || len(all) > 0 {
				t.Fatalf("%d records, %v", len(all), err)
			}
		})
	}
}
