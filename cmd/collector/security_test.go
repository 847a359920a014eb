package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	testDeclared = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	testNamed    = regexp.MustCompile("`((?:Test|Fuzz)\\w+)`")
)

// TestThreatsHaveTheirTests: each row of docs/security.md's threats names a
// test, and every test it names exists.
func TestThreatsHaveTheirTests(t *testing.T) {
	declared := make(map[string]bool)
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git"):
			return fs.SkipDir
		case !strings.HasSuffix(path, "_test.go"):
			return nil
		}
		data, err := os.ReadFile(path)
		for _, m := range testDeclared.FindAllSubmatch(data, -1) {
			declared[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	for line := range strings.Lines(string(page)) {
		names := testNamed.FindAllStringSubmatch(line, -1)
		if regexp.MustCompile(`^\| [WKQNOD](, [WKQNOD])* \|`).MatchString(line) {
			rows++
			if len(names) == 0 {
				t.Errorf("no test: %s", line)
			}
		}
		for _, n := range names {
			if !declared[n[1]] {
				t.Errorf("there is no %s", n[1])
			}
		}
	}
	if rows < 15 {
		t.Errorf("%d rows", rows)
	}
}
