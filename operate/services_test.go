package operate

import (
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/sources"
)

// Each service has two good objects under keys of different shapes, an empty
// one, a damaged one and keys that are not its own; and nothing else has.
func TestEveryServiceIsShown(t *testing.T) {
	all := make(map[string][]sample)
	for _, s := range samples(t) {
		all[s.source] = append(all[s.source], s)
	}
	for _, name := range sources.Names() {
		shapes := make(map[string]bool)
		var empty, damaged bool
		for _, s := range all[name] {
			switch {
			case s.name == "empty":
				empty = s.fails == "" && s.records == ""
			case s.name == "damaged":
				// A format of lines cannot tell: it sends what is no text, too.
				damaged = s.fails != "" || strings.Contains(s.records, config.DefaultTags.Unparsed+"\t") || !utf8.ValidString(s.records)
			case s.good():
				shapes[shape(s.object.Key)] = true
			}
		}
		if len(shapes) < 2 || !empty || !damaged || len(keyList(t, name, "elsewhere")) == 0 {
			t.Errorf("testdata/%s: good objects under %d shapes of keys, empty %t, damaged %t, %d keys elsewhere", name, len(shapes), empty, damaged, len(keyList(t, name, "elsewhere")))
		}
	}
	keys, _ := filepath.Glob("../testdata/*/*/key")
	for _, file := range keys {
		source := filepath.Base(filepath.Dir(filepath.Dir(file)))
		if all[source] == nil {
			t.Errorf("testdata/%s: the catalog has no such service", source)
		}
	}
}

var changing = regexp.MustCompile(`[0-9a-fA-F]{8,}|\d+`)

// shape is a key without its times and identifiers.
func shape(key string) string { return changing.ReplaceAllString(key, "0") }

// keyList is a file of keys, one a line, of testdata/<service>.
func keyList(t *testing.T, service, name string) []string {
	return strings.FieldsFunc(optional(t, filepath.Join("../testdata", service, name)), func(c rune) bool { return c == '\n' })
}

func TestKeysElsewhereIgnoredAndRefused(t *testing.T) {
	for _, name := range sources.Names() {
		set := sources.Set{compiled(t, name, "")}
		for _, key := range keyList(t, name, "elsewhere") {
			if _, ok := set.Match(key); ok {
				t.Errorf("%s takes %s", name, key)
			}
		}
		for _, key := range keyList(t, name, "ignored") {
			if m, ok := set.Match(key); !ok || !m.Ignored {
				t.Errorf("%s does not ignore %s", name, key)
			}
		}
		for _, key := range keyList(t, name, "refused") {
			if m, ok := set.Match(key); !ok || m.Refused == "" {
				t.Errorf("%s does not refuse %s", name, key)
			}
		}
	}
}

// No service's key is another's too, so that their order in a deployment does
// not matter. Where the customer decides the keys, that is up to the customer.
func TestNoKeyIsTwoServices(t *testing.T) {
	var specific sources.Set
	for _, name := range sources.Names() {
		if s := compiled(t, name, ""); !asksKeys(s) && s.Members() == nil {
			specific = append(specific, s)
		}
	}
	for _, s := range samples(t) {
		if asksKeys(s.sources[0]) || s.sources[0].Members() != nil {
			continue
		}
		for _, other := range specific {
			if _, taken := (sources.Set{other}).Match(s.object.Key); taken && other.Name() != s.source {
				t.Errorf("%s/%s: %s takes %s", s.source, s.name, other.Name(), s.object.Key)
			}
		}
	}
}

func asksKeys(s *sources.Source) bool { return slices.Contains(s.Definition().Asks, "keys") }

// TestSamplesAreAsMade: testdata is what testdata/make makes of it, also where one
// service's objects are made of another's.
func TestSamplesAreAsMade(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "python3", "../testdata/make", "--check").CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
