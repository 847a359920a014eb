package events

import (
	"fmt"
	"strings"
	"testing"
)

func TestDescribeGivesNamesAndNeverValues(t *testing.T) {
	// The sum of the empty text, as everybody knows it.
	const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	if got, want := Describe(""), "0 bytes, sha256 "+empty+", top-level keys []"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}

	var members []string
	for i := range 20 {
		members = append(members, fmt.Sprintf(`"n%d":{"secret":"secret"}`, i))
	}
	tests := map[string]struct{ body, names string }{
		"object":        {`{"b":"secret","a":[{"secret":1}],"c":{"secret":2}}`, `["b" "a" "c"]`},
		"empty object":  {`{}`, `[]`},
		"array":         {`[{"secret":1}]`, `[]`},
		"text":          {`secret`, `[]`},
		"string":        {`"secret"`, `[]`},
		"cut in value":  {`{"a":"secret","b":"secr`, `["a" "b"]`},
		"cut in a name": {`{"a":1,"secr`, `["a"]`},
		"bad in value":  {`{"a":secret,"b":1}`, `["a"]`},
		"no value":      {`{"a","secret":1}`, `["a"]`},
		"line feed":     {`{"a\nb":1}`, `["a\nb"]`},
		"long name":     {`{"` + strings.Repeat("a", 63) + `ésecret":1}`, `["` + strings.Repeat("a", 63) + `"]`},
		"many names":    {`{` + strings.Join(members, ",") + `}`, `["n0" "n1" "n2" "n3" "n4" "n5" "n6" "n7" "n8" "n9" "n10" "n11" "n12" "n13" "n14" "n15"]`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := Describe(tt.body)
			if _, names, _ := strings.Cut(got, "top-level keys "); names != tt.names {
				t.Errorf("names %s, want %s", names, tt.names)
			}
			if !strings.HasPrefix(got, fmt.Sprintf("%d bytes, ", len(tt.body))) || strings.Contains(got, "secret") {
				t.Errorf("got %q", got)
			}
		})
	}
}
