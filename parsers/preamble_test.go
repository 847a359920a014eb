package parsers

import (
	"bytes"
	"compress/zlib"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func zlibbed(text string) []byte {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	w.Write([]byte(text))
	w.Close()
	return out.Bytes()
}

// TestAPreambleIsNoRecord has objects with a header and without, packed behind it
// or around it: records, indices and restarts are those of the body.
func TestAPreambleIsNoRecord(t *testing.T) {
	p := mustCompile(t, Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}, Preamble: &Preamble{End: "|==|", Encrypted: []string{"key"}}})
	rapid.Check(t, func(r *rapid.T) {
		body := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"", "a b", "a longer line", "é|==|"})).Draw(r, "lines"), "\n")
		header := rapid.SampledFrom([]string{"", "a:b\n|==|\n", "a:b\r\nkey:\r\n|==|\r\n", "|==|\n"}).Draw(r, "header")
		if header == "" {
			body = strings.ReplaceAll(body, "|==|", "")
		}
		q := blocksOf(p, rapid.SampledFrom([]int{1, 7, 0}).Draw(r, "block"))
		want, err := read(q, object([]byte(body)))
		if err != nil {
			r.Fatal(err)
		}
		member := rapid.IntRange(1, 40).Draw(r, "member")
		for _, stored := range [][]byte{
			[]byte(header + body), append([]byte(header), zlibbed(body)...), append([]byte(header), members([]byte(body), member)...), members([]byte(header+body), member),
		} {
			all, err := read(q, object(stored))
			if err != nil || strings.Join(raws(all), "\n") != strings.Join(raws(want), "\n") || len(all) != len(want) {
				r.Fatalf("%q: %q, %v; want %q", stored, raws(all), err, raws(want))
			}
			sameFromEveryRestart(t, q, stored, all)
		}
	})
}

func TestAPreambleThatCannotBeIsAMistake(t *testing.T) {
	for _, p := range []Preamble{{}, {End: "a\n"}, {End: strings.Repeat("x", 101)}, {End: "x", Encrypted: []string{""}}, {End: "x", Encrypted: []string{"a:b"}}} {
		if _, err := Compile(Spec{Format: "lines", Preamble: &p}); err == nil || !strings.Contains(err.Error(), "preamble.") {
			t.Errorf("%+v: %v", p, err)
		}
	}
	plain, with := mustCompile(t, Spec{Format: "lines"}), mustCompile(t, Spec{Format: "lines", Preamble: &Preamble{End: "x"}})
	if plain.Fingerprint() == with.Fingerprint() {
		t.Error("a preamble changes records, but not the fingerprint")
	}
}
