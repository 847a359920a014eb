package parsers

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// TestGapsBetweenMembersChangeNoRecord has records that cross members, and white
// space and zeros between those.
func TestGapsBetweenMembersChangeNoRecord(t *testing.T) {
	lines := mustCompile(t, Spec{Format: "lines"})
	documents := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shapeConcatenated}})
	events := mustCompile(t, Spec{Format: "cloudwatch", Fields: []string{"owner"}})
	rapid.Check(t, func(r *rapid.T) {
		var stored, text []byte
		p := rapid.SampledFrom([]*Parser{lines, documents, events}).Draw(r, "parser")
		piece := rapid.SampledFrom(map[*Parser][]string{
			lines:     {"one\n", "half of", "\n\n", "", "\x1f\x8b"},
			documents: {`{"a":1}`, `{"b":` + "\n", `[]}`, ` `, ``},
			events:    {`{"owner":"1","logEvents":[{"message":"m"},{"message":"n"}]}`, "\n", ""},
		}[p])
		gap := rapid.SampledFrom([]string{"", "\n", "\r\n", " ", "\t\n ", "\x00\x00", "\x00\n"})
		for range rapid.IntRange(1, 8).Draw(r, "members") {
			s := piece.Draw(r, "piece")
			text = append(text, s...)
			stored = append(append(stored, pack([]byte(s))...), gap.Draw(r, "gap")...)
		}
		if looksPacked(text) {
			return
		}
		p = blocksOf(p, rapid.SampledFrom([]int{1, 3, 50, 0}).Draw(r, "block"))
		want, wantErr := read(p, object(pack(text)))
		all, err := read(p, object(stored))
		if (err == nil) != (wantErr == nil) {
			r.Fatalf("%v; as one member %v", err, wantErr)
		}
		if diff := cmp.Diff(withoutRestarts(want), withoutRestarts(slices.Clone(all))); diff != "" {
			r.Fatalf("(-as one member +with gaps):\n%s", diff)
		}
		if err == nil {
			sameFromEveryRestart(t, p, stored, all)
		}
	})
}
