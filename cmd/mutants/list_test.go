package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A mutant whose place is gone breaks nothing, and would be noticed only by who
// runs them all.
func TestMutantsFitTheCode(t *testing.T) {
	for _, m := range mutants {
		code, err := os.ReadFile(filepath.Join("../..", m.file))
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(code), m.old); n != 1 {
			t.Errorf("%s: %s has its place %d times", m.name, m.file, n)
		}
	}
}
