package operate

import (
	"cmp"
	"slices"
	"strings"

	"github.com/devo-s3/collector/sources"
)

// Explain prints what every source makes of a key, past the one that has it,
// and tells whether one has.
func (s *Screen) Explain(set sources.Set, key string) bool {
	match, taken := set.Match(key)
	s.printf("%s\n", s.name.Render(onOneLine(key)))
	for _, source := range set {
		name, what := s.dim.Render(source.Name()), ""
		if taken && (source == match.Source || slices.Contains(source.Members(), match.Source)) {
			name, what = s.good.Render(source.Name()), ": has it"
			switch {
			case match.Ignored:
				what = ": has it, and ignores it"
			case match.Refused != "":
				what = ": has it, and cannot read it; a message that names it fails as no_source: " + match.Refused
			}
		}
		s.printf("  %s%s\n", name, what)
		for _, t := range source.Explain(key) {
			s.trace(t)
		}
	}
	if isFolder(key) {
		s.printf("%s\n", s.good.Render("a folder: the function ignores it as long as it has no bytes, whosever it is"))
	}
	if !taken {
		without := ""
		if isFolder(key) {
			without = " with bytes"
		}
		s.printf("%s\n", s.bad.Render("no source has it: a message that names it"+without+" fails as no_source"))
	}
	return taken
}

// isFolder reports whether the key is one that S3's console makes for a folder.
func isFolder(key string) bool { return strings.HasSuffix(key, "/") }

func (s *Screen) trace(t sources.Trace) {
	switch {
	case t.Matches && t.Against:
		s.printf("    %s: %s\n", s.bad.Render(matches(t)), t.Pattern)
		return
	case t.Matches:
		s.printf("    %s: %s\n", s.good.Render(matches(t)), t.Pattern)
		return
	}
	s.printf("    %s %s\n", t.Field, t.Pattern)
	if t.Wants != t.Pattern {
		s.printf("      %s %s\n", s.dim.Render("wants"), cmp.Or(t.Wants, "the end"))
		s.printf("      %s %s\n", s.dim.Render("finds"), cmp.Or(onOneLine(t.Finds), "the end"))
	}
}
