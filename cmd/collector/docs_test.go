package main

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/alecthomas/kong"
)

var (
	fence       = regexp.MustCompile("(?ms)^ *```.*?^ *```")
	inlineCode  = regexp.MustCompile("`[^`\n]*`")
	mdLink      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading     = regexp.MustCompile(`(?m)^#+ +(.+?) *$`)
	anchor      = regexp.MustCompile(`<a (?:id|name)="([^"]+)"`)
	notInAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	makeTarget  = regexp.MustCompile(`(?m)(?:^|[\x60(;&] *|\$ )make ([a-z][a-z0-9-]*)`)
	subcommand  = regexp.MustCompile(`(?m)(?:^ *|[\x60] *|\$ )(?:bin/)?collector ([a-z]+)((?: +--?[a-z][a-z-]*| +[^\s\x60|]+)*)`)
	longFlag    = regexp.MustCompile(`^--([a-z][a-z-]*)`)
	makeRule    = regexp.MustCompile(`(?m)^([a-z][a-z0-9-]*):`)
	proseLine   = regexp.MustCompile(`(?m)^ {0,3}collector `)
	shallow     = regexp.MustCompile("(?m)^ {1,3}```")
)

// A page is a Markdown file of the repository.
type page struct {
	path, text string
}

// pages are all that git knows; paths from the repository's top.
func pages(t *testing.T) (all []page) {
	t.Helper()
	out, err := exec.Command("git", "-C", "../..", "ls-files", "-co", "--exclude-standard", "*.md").Output()
	if err != nil {
		t.Fatal(err)
	}
	for path := range strings.Lines(string(out)) {
		path = strings.TrimSpace(path)
		text, err := os.ReadFile(filepath.Join("../..", path))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page{path, string(text)})
	}
	if len(all) < 5 {
		t.Fatalf("%d pages", len(all))
	}
	return all
}

// anchors are what a link into the page may name: its headings, as the usual
// renderers name them, and anchors written out.
func (p page) anchors() (all []string) {
	seen := make(map[string]int)
	for _, h := range heading.FindAllStringSubmatch(fence.ReplaceAllString(p.text, ""), -1) {
		text := mdLink.ReplaceAllString(strings.NewReplacer("`", "", "*", "", "[", "").Replace(h[1]), "")
		name := strings.ReplaceAll(notInAnchor.ReplaceAllString(strings.ToLower(text), ""), " ", "-")
		if n := seen[name]; n > 0 {
			all = append(all, fmt.Sprintf("%s-%d", name, n))
		} else {
			all = append(all, name)
		}
		seen[name]++
	}
	for _, a := range anchor.FindAllStringSubmatch(p.text, -1) {
		all = append(all, a[1])
	}
	return all
}

// commandText is the page without the lines of prose that happen to begin with
// the word collector, which is the command's name too.
func (p page) commandText() string {
	prose := proseLine.ReplaceAllString(fence.ReplaceAllString(p.text, ""), "the $0")
	return prose + "\n" + strings.Join(fence.FindAllString(p.text, -1), "\n")
}

func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	anchors := make(map[string][]string)
	for _, p := range all {
		anchors[p.path] = p.anchors()
	}
	for _, p := range all {
		text := inlineCode.ReplaceAllString(fence.ReplaceAllString(p.text, ""), "")
		for _, m := range mdLink.FindAllStringSubmatch(text, -1) {
			to, part, _ := strings.Cut(m[1], "#")
			if strings.Contains(to, "://") || strings.HasPrefix(to, "mailto:") {
				continue
			}
			path := p.path
			if to != "" {
				path = filepath.Join(filepath.Dir(p.path), to)
			}
			if _, err := os.Stat(filepath.Join("../..", path)); err != nil {
				t.Errorf("%s: %s: %v", p.path, m[1], err)
				continue
			}
			if part != "" && !slices.Contains(anchors[path], part) {
				t.Errorf("%s: %s has no heading %q", p.path, path, part)
			}
		}
	}
}

// A fence within a list stands four columns in: the site's renderer ends the
// list at one that stands less, GitHub's takes both.
func TestFencesInListsAreIndentedForBothRenderers(t *testing.T) {
	for _, p := range pages(t) {
		for _, at := range shallow.FindAllStringIndex(p.text, -1) {
			t.Errorf("%s:%d: a fence is indented by less than four", p.path, strings.Count(p.text[:at[0]], "\n")+1)
		}
	}
}

// Prose has 120 columns at most. Tables, fences and pictures have as many as
// they need, and so has a line of one piece of code.
func TestPagesAreNarrow(t *testing.T) {
	const columns = 120
	for _, p := range pages(t) {
		if p.path != "README.md" && filepath.Dir(p.path) != "docs" {
			continue
		}
		text := fence.ReplaceAllStringFunc(p.text, func(f string) string { return strings.Repeat("\n", strings.Count(f, "\n")) })
		for i, line := range strings.Split(text, "\n") {
			bare := strings.TrimSpace(inlineCode.ReplaceAllString(line, ""))
			if utf8.RuneCountInString(line) > columns && strings.Contains(bare, " ") && bare[0] != '|' && bare[0] != '!' {
				t.Errorf("%s:%d has over %d columns", p.path, i+1, columns)
			}
		}
	}
}

// Every make target and every command with its flags that a page shows is there.
func TestShownCommandsExist(t *testing.T) {
	makefile, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	var targets []string
	for _, m := range makeRule.FindAllStringSubmatch(string(makefile), -1) {
		targets = append(targets, m[1])
	}
	parser, err := kong.New(&commands{}, kong.Name("collector"))
	if err != nil {
		t.Fatal(err)
	}
	flags := map[string][]string{"help": nil}
	for _, c := range parser.Model.Leaves(false) {
		name := strings.Fields(c.Path())[0]
		for _, group := range c.AllFlags(false) {
			for _, f := range group {
				flags[name] = append(flags[name], f.Name)
			}
		}
	}
	shown := 0
	for _, p := range pages(t) {
		for _, m := range makeTarget.FindAllStringSubmatch(p.text, -1) {
			if shown++; !slices.Contains(targets, m[1]) {
				t.Errorf("%s: make %s: no such target", p.path, m[1])
			}
		}
		for _, m := range subcommand.FindAllStringSubmatch(p.commandText(), -1) {
			shown++
			known, ok := flags[m[1]]
			if !ok {
				t.Errorf("%s: collector %s: no such command", p.path, m[1])
				continue
			}
			for _, word := range strings.Fields(m[2]) {
				if f := longFlag.FindStringSubmatch(word); f != nil && !slices.Contains(known, f[1]) {
					t.Errorf("%s: collector %s --%s: no such flag", p.path, m[1], f[1])
				}
			}
		}
	}
	if shown < 20 {
		t.Errorf("only %d commands were found in the pages", shown)
	}
}

// Nothing of a workplace stands in what is published.
func TestPagesSpeakOfTheProjectAlone(t *testing.T) {
	for _, p := range pages(t) {
		for _, word := range []string{"/" + "work/", "/" + "tmp/bash", "/root" + "/"} {
			if strings.Contains(p.text, word) {
				t.Errorf("%s: %q", p.path, word)
			}
		}
	}
	err := filepath.WalkDir("../../docs", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && filepath.Ext(path) != ".md" && filepath.Ext(path) != ".svg" {
			t.Errorf("%s is neither a page nor a picture", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
