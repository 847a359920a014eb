package parsers

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestRandomJSON checks documents that are hard to cut: most of them valid,
// some with a byte too many, some with their end missing.
func TestRandomJSON(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		array := "[" + strings.Join(rapid.SliceOfN(jsonValue(4), 0, 5).Draw(r, "elements"), ",") + "]"
		other := jsonValue(2)
		path := rapid.SampledFrom(fuzzPaths).Draw(r, "path")
		doc := array
		switch path {
		case "Records":
			doc = fmt.Sprintf(`{"x":%s,"Records":%s,"y":%s}`, other.Draw(r, "before"), array, other.Draw(r, "behind"))
		case "a.b":
			doc = fmt.Sprintf(`{"c":%s,"a":{"c":%s,"b":%s}}`, other.Draw(r, "before"), other.Draw(r, "beside"), array)
		}
		at := rapid.IntRange(1, len(doc)).Draw(r, "at")
		switch rapid.SampledFrom([]string{"whole", "whole", "cut", "more"}).Draw(r, "fault") {
		case "cut":
			doc = doc[:at]
		case "more":
			doc = doc[:at] + rapid.SampledFrom(strings.Split("{ } [ ] \" \\ , : a 1 null \"a\" {\"a\":", " ")).Draw(r, "token") + doc[at:]
		}
		checkJSON(t, []byte(doc), path, rapid.IntRange(1, len(doc)+1).Draw(r, "member"))
	})
}

// jsonValue is a value of at most the given depth.
func jsonValue(depth int) *rapid.Generator[string] {
	text := rapid.Map(
		rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "}", "{", "[", "]", `\"`, `\\`, `\u0061`, ",", ":", "é", "\xff", "Records", strings.Repeat("x", 40)}), 0, 5),
		func(parts []string) string { return `"` + strings.Join(parts, "") + `"` })
	plain := rapid.OneOf(text, rapid.SampledFrom([]string{"null", "true", "-1.5e+3", "0"}))
	if depth == 0 {
		return plain
	}
	space := rapid.SampledFrom([]string{"", "", "", " ", "\n", "\r\n\t"})
	key := rapid.OneOf(text, rapid.SampledFrom([]string{`"a"`, `"b"`, `"c"`, `"d"`, `"userIdentity"`, `"accountId"`, `"\u0061"`, `"é"`}))
	spaced := rapid.Custom(func(r *rapid.T) string {
		return space.Draw(r, "before") + jsonValue(depth-1).Draw(r, "value") + space.Draw(r, "behind")
	})
	member := rapid.Custom(func(r *rapid.T) string {
		return key.Draw(r, "key") + space.Draw(r, "space") + ":" + spaced.Draw(r, "value")
	})
	list := func(open string, item *rapid.Generator[string], end string) *rapid.Generator[string] {
		return rapid.Map(rapid.SliceOfN(item, 0, 5), func(items []string) string { return open + strings.Join(items, ",") + end })
	}
	return rapid.OneOf(plain, list("{", member, "}"), list("{", member, "}"), list("[", spaced, "]"))
}
