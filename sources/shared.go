package sources

import (
	_ "embed"
	"slices"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

//go:embed shared.yaml
var sharedText []byte

// A SharedIgnore is a kind of object that no source collects.
type SharedIgnore struct {
	// What is who writes it, and when, for people.
	What string `yaml:"what"`
	// Keys are patterns like Definition.Keys.
	Keys []string `yaml:"keys"`
}

// shared is what holds for every source, of the catalog or a customer's own.
type shared struct {
	Ignore []SharedIgnore `yaml:"ignore"`
	Refuse []Refusal      `yaml:"refuse"`

	ignore, refuse patterns
}

// sharedRules reads shared.yaml, once: a test compiles it.
var sharedRules = sync.OnceValue(func() *shared {
	s := new(shared)
	if err := yaml.UnmarshalWithOptions(sharedText, s, yaml.Strict()); err != nil {
		panic(err)
	}
	var ignored []string
	for _, i := range s.Ignore {
		ignored = append(ignored, i.Keys...)
	}
	s.ignore = patterns{mustCompileAny(ignored)}
	for _, r := range s.Refuse {
		s.refuse = append(s.refuse, mustCompileAny(r.Keys))
	}
	return s
})

// SharedIgnores are the objects that every source ignores.
func SharedIgnores() []SharedIgnore { return sharedRules().Ignore }

// refused is why the source cannot read the object of a key that is among its
// keys; "" = it can.
func (s *shared) refused(d Definition, key string) string {
	for i, p := range s.refuse {
		if p.MatchString(key) && !slices.ContainsFunc(d.Keys, func(k string) bool { return strings.Contains(k, "-failed") }) {
			return s.Refuse[i].Reason
		}
	}
	return ""
}
