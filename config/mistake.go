package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Mistakes are all that is wrong with a file, in the file's order.
type Mistakes []Mistake

func (m Mistakes) Error() string {
	texts := make([]string, len(m))
	for i, one := range m {
		texts[i] = one.Error()
	}
	return strings.Join(texts, "\n")
}

func (m Mistakes) sorted() Mistakes {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return m
}

// A Mistake is one thing that is wrong, where it is and what would be right.
type Mistake struct {
	File         string
	Line, Column int // from 1; a column is a character
	Problem      string
	Mend         string // what would be right; may be ""
	Source       string // the line, as it stands in the file
}

// Error shows the mistake in its line:
//
//	acme.yaml:3:10: account is a number to YAML
//	    3 | account: 111122223333
//	      |          ^ write "111122223333"
func (m Mistake) Error() string {
	under := []rune(m.Source)
	under = under[:min(m.Column-1, len(under))]
	for i, r := range under {
		if r != '\t' {
			under[i] = ' '
		}
	}
	caret := strings.TrimRight(string(under)+"^ "+m.Mend, " ")
	return fmt.Sprintf("%s:%d:%d: %s\n%5d | %s\n%5s | %s", m.File, m.Line, m.Column, m.Problem, m.Line, m.Source, "", caret)
}
