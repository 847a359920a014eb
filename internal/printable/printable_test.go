package printable

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

const hostile = "a\x1b[31mb\x07\r\n\tc\x7f\u0085\u009b\u202e\u2066\u200b\ufeff\U000e0001é€\xff\\"

func TestLineAndText(t *testing.T) {
	if got, want := Line(hostile), `a\x1b[31mb\a\r\n\tc\x7f\u0085\u009b\u202e\u2066\u200b\ufeff\U000e0001é€\xff\`; got != want {
		t.Errorf("%s\n%s", got, want)
	}
	if got, want := Text("a\n\tb\x1b"), "a\n\tb"+`\x1b`; got != want {
		t.Errorf("%q", got)
	}
	if s := "an ordinary line: é, 日本 and \\"; Line(s) != s {
		t.Error(Line(s))
	}
}

func TestCut(t *testing.T) {
	for _, c := range []struct {
		in   string
		n    int
		want string
	}{{"abc", 3, "abc"}, {"abcd", 3, "…"}, {"abcdefg", 6, "abc…"}, {"aéééé", 6, "aé…"}, {"ééééé", 6, "é…"}} {
		if got := Cut(c.in, c.n); got != c.want {
			t.Errorf("%q to %d: %q", c.in, c.n, got)
		}
	}
}

// FuzzPrintable: nothing that a terminal obeys is left, and JSON still says the same.
func FuzzPrintable(f *testing.F) {
	f.Add(hostile)
	f.Fuzz(func(t *testing.T, s string) {
		if line := Line(s); !utf8.ValidString(line) || strings.ContainsFunc(line, func(c rune) bool { return !unicode.IsGraphic(c) }) {
			t.Errorf("%q", line)
		}
		if cut := Cut(s, 10); len(cut) > 10 || utf8.ValidString(s) && !utf8.ValidString(cut) {
			t.Errorf("%q", cut)
		}
		if !utf8.ValidString(s) {
			return
		}
		b, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back string
		safe := JSON(b)
		if err := json.Unmarshal(safe, &back); err != nil || back != s {
			t.Errorf("%s of %s: %v", safe, strconv.Quote(s), err)
		}
		if strings.ContainsFunc(string(safe), func(c rune) bool { return !unicode.IsGraphic(c) }) {
			t.Errorf("%q", safe)
		}
	})
}
