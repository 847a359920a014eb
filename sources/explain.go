package sources

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// A Trace says what one pattern of a source makes of a key.
type Trace struct {
	// Field is where the pattern stands: "keys[0]", "ignore[1]".
	Field string
	// Pattern is as it was written down.
	Pattern string
	Matches bool
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
	d := s.definition
	return append(traces("ignore", d.Ignore, s.ignore, key), traces("keys", d.Keys, s.keys, key)...)
}

func traces(field string, texts []string, compiled []*regexp.Regexp, key string) []Trace {
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

// parting is what follows the longest beginning of a pattern that fits the key,
// and what follows there in the key. A beginning that is no pattern, because it
// ends within a group, is passed over.
func parting(pattern, key string) (wants, finds string) {
	for n := len(pattern); n > 0; n-- {
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
