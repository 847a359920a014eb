package operate

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/charmbracelet/lipgloss"
	"github.com/goccy/go-yaml"

	"github.com/devo-s3/collector/internal/printable"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// maxTags is how many tags a summary lists.
const maxTags = 20

// A Screen is where people read. Colour is used only on a terminal, and not if
// NO_COLOR is set.
type Screen struct {
	io.Writer
	name, good, bad, dim lipgloss.Style
}

// NewScreen writes to w.
func NewScreen(w io.Writer) *Screen {
	r := lipgloss.NewRenderer(w)
	return &Screen{
		Writer: w,
		name:   r.NewStyle().Bold(true),
		good:   r.NewStyle().Foreground(lipgloss.Color("2")),
		bad:    r.NewStyle().Foreground(lipgloss.Color("1")).Bold(true),
		dim:    r.NewStyle().Faint(true),
	}
}

// printf writes what a terminal shows as it stands: texts that may come from
// anywhere go through onOneLine before, and this is behind all of them.
func (s *Screen) printf(format string, args ...any) {
	_, _ = io.WriteString(s, printable.Styled(fmt.Sprintf(format, args...)))
}

// row is one thing that is said about an object.
func (s *Screen) row(name, format string, args ...any) {
	s.printf("  %s%s\n", s.dim.Render(fmt.Sprintf("%-13s", name)), fmt.Sprintf(format, args...))
}

// count is a number that ought to be 0.
func (s *Screen) count(n int64) string {
	if n == 0 {
		return "0"
	}
	return s.bad.Render(thousands(n))
}

// Summary says what became of an object.
func (s *Screen) Summary(r *Result) {
	s.printf("%s\n", s.name.Render(onOneLine(r.Object.Name)))
	if r.Object.Key != r.Object.Name {
		s.row("key", "%s", onOneLine(r.Object.Key))
	}
	if r.Folder {
		s.printf("  %s\n", s.good.Render("nothing to collect: a folder"))
		return
	}
	if r.Match.Source == nil {
		s.printf("  %s\n", s.bad.Render(onOneLine(r.Err.Error())))
		return
	}
	d := r.Match.Source.Definition()
	s.row("source", "%s", strings.TrimSuffix(d.Name+": "+d.Title, ": "))
	s.why(r.Match.Source, r.Object.Key)
	if r.Match.Refused != "" {
		s.printf("  %s\n", s.bad.Render(verdict(r.Err)))
		return
	}
	if r.Records == 0 && r.Stored == 0 && r.Match.Ignored {
		s.printf("  %s\n", s.good.Render("nothing to collect"))
		return
	}
	s.row("compression", "%s", cmp.Or(strings.Join(r.Packings, ", "), "the format's own"))
	s.row("parser", "%s", parserOf(d))
	s.row("records", "%s", thousands(r.Records))
	s.row("unparsed", "%s", s.count(r.Unparsed))
	if r.BadTag > 0 {
		s.row("bad tag", "%s", s.count(r.BadTag))
	}
	s.row("dropped", "%s", dropped(r.Dropped))
	truncated := s.count(r.Truncated)
	if r.Truncated > 0 {
		truncated += fmt.Sprintf(" records, by %s bytes", thousands(r.Lost))
	}
	s.row("truncated", "%s", truncated)
	s.row("bytes", "%s stored, %s in records", thousands(r.Stored), thousands(r.Sent))
	s.tags(r.Tags)
	switch {
	case r.Err != nil:
		s.printf("  %s\n", s.bad.Render(onOneLine(verdict(r.Err))))
	case r.Stopped:
		s.printf("  stopped at --limit; the rest was not read\n")
	}
}

// tags lists them, the commonest first.
func (s *Screen) tags(counts map[string]int64) {
	tags := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	width := 0
	for _, t := range tags[:min(len(tags), maxTags)] {
		width = max(width, len(t))
	}
	for i, t := range tags {
		name := "tags"
		if i > 0 {
			name = ""
		}
		if i == maxTags {
			s.row(name, "and %s more", thousands(int64(len(tags)-i)))
			return
		}
		s.row(name, "%-*s  %s", width, onOneLine(t), thousands(counts[t]))
	}
}

// why says how an object came to its source.
func (s *Screen) why(source *sources.Source, key string) {
	traces := source.Explain(key)
	i := slices.IndexFunc(traces, func(t sources.Trace) bool { return t.Matches && !t.Against })
	if i < 0 {
		s.row("because", "it was asked for; its keys do not match, so that {key.…} has no values")
		return
	}
	s.row("because", "%s", matches(traces[i]))
	s.row("pattern", "%s", traces[i].Pattern)
}

func matches(t sources.Trace) string {
	return onOneLine(strings.Join(append([]string{t.Field + " matches"}, t.Captured...), ", "))
}

// onOneLine is a text that may come from anywhere.
func onOneLine(text string) string {
	if printable.Line(text) != text {
		return strconv.Quote(text)
	}
	return text
}

// parserOf names the format, with the options that are set.
func parserOf(d sources.Definition) string {
	if d.Options == nil {
		return d.Format
	}
	text, err := yaml.MarshalWithOptions(d.Options, yaml.Flow(true), yaml.OmitEmpty())
	if err != nil {
		return d.Format
	}
	return strings.TrimSuffix(d.Format+" "+strings.TrimSpace(string(text)), " {}")
}

func dropped(counts map[string]int64) string {
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(counts)) {
		reasons = append(reasons, thousands(counts[reason])+" "+reason)
	}
	return cmp.Or(strings.Join(reasons, ", "), "0")
}

// verdict begins with the kind that the function would give an object's
// failure.
func verdict(err error) string {
	var corrupt *parsers.CorruptError
	var oversize *parsers.OversizeError
	if errors.As(err, &corrupt) {
		return err.Error()
	}
	if errors.As(err, &oversize) {
		return "corrupt: " + err.Error()
	}
	return err.Error()
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
