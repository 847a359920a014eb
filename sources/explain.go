package sources

import (
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"
)

// A Trace says what one pattern of a source makes of a key.
type Trace struct {
	// Field is where the pattern stands: "keys[0]", "refuse[0].keys[1]".
	Field string
	// Pattern is as it was written down.
	Pattern string
	Matches bool
	// Against tells that a match is one of except: the key is not the source's.
	Against bool
	// Captured are the named parts of the key that are not empty, in order, as
	// "name=value".
	Captured []string
	// Wants and Finds are where a pattern that does not match and the key part:
	// what follows the longest beginning of the pattern that still fits, and
	// what is in the key there.
	Wants, Finds string
}

// Explain asks every pattern in the order in which Match does, past the first
// that matches as well. It is slow: it is for people.
func (s *Source) Explain(key string) []Trace {
	var all []Trace
	for _, member := range s.members {
		for _, t := range member.Explain(key) {
			t.Field = member.name + " " + t.Field
			all = append(all, t)
		}
	}
	if s.members != nil {
		return all
	}
	d := s.definition
	all = traces("except", d.Except, s.except, key)
	for i := range all {
		all[i].Against = true
	}
	all = append(all, traces("ignore", d.Ignore, s.ignore, key)...)
	for _, i := range SharedIgnores() {
		for _, text := range i.Keys {
			if mustCompileAny([]string{text}).MatchString(key) {
				all = append(all, Trace{Field: "ignored for every source", Pattern: text, Matches: true})
			}
		}
	}
	for i, r := range d.Refuse {
		all = append(all, traces(fmt.Sprintf("refuse[%d].keys", i), r.Keys, s.refuse[i], key)...)
	}
	return append(all, traces("keys", d.Keys, s.keys, key)...)
}

func traces(field string, texts []string, compiled patterns, key string) []Trace {
	all := make([]Trace, len(texts))
	for i, text := range texts {
		t := Trace{Field: fmt.Sprintf("%s[%d]", field, i), Pattern: text}
		if found := compiled[i].FindStringSubmatch(key); found != nil {
			t.Matches = true
			for j, name := range compiled[i].SubexpNames() {
				if name != "" && found[j] != "" {
					t.Captured = append(t.Captured, name+"="+found[j])
				}
			}
		} else {
			t.Wants, t.Finds = parting(text, key)
		}
		all[i] = t
	}
	return all
}

// parting returns what follows the longest beginning of a pattern that matches in the
// key, and what follows there in the key. Without such a beginning it returns both
// whole. A beginning that is not a pattern, because it ends within a group, is skipped;
// so is the word that marks an expression.
func parting(pattern, key string) (wants, finds string) {
	least := 0
	if strings.HasPrefix(pattern, expressionMark) {
		least = len(expressionMark)
	}
	for n := len(pattern); n > least; n-- {
		if !utf8.RuneStart((pattern + "\x00")[n]) {
			continue
		}
		expression, err := expressionOf(pattern[:n])
		if err != nil {
			continue
		}
		p, err := regexp.Compile(`(?:^|/)(?:` + expression + `)`)
		if err != nil {
			continue
		}
		p.Longest()
		if at := p.FindStringIndex(key); at != nil && at[1] > at[0] {
			return pattern[n:], key[at[1]:]
		}
	}
	return pattern, key
}
