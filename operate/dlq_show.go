package operate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/devo-s3/collector/events"
)

// A DeadGroup is dead letters of one DLQ that failed alike.
type DeadGroup struct {
	DLQ      string    `json:"dlq"`
	Kind     string    `json:"kind"`
	Cause    string    `json:"cause,omitempty"` // without what differs from message to message
	Now      string    `json:"now,omitempty"`   // by a probe, without that too
	Messages int       `json:"messages"`
	Oldest   time.Time `json:"oldest"`  // when the first of them was sent
	Example  string    `json:"example"` // its id
}

// Group puts letters together that failed alike, the largest group of a DLQ
// first.
func Group(letters []*DeadLetter) []DeadGroup {
	groups := make(map[DeadGroup]*DeadGroup)
	for _, l := range letters {
		like := DeadGroup{DLQ: l.DLQ(), Kind: l.Kind, Cause: alike(l.Cause), Now: alike(l.Now)}
		g := groups[like]
		if g == nil {
			first := like
			g = &first
			groups[like] = g
		}
		if g.Messages++; g.Messages == 1 || l.Sent.Before(g.Oldest) {
			g.Oldest, g.Example = l.Sent, l.ID
		}
	}
	all := make([]DeadGroup, 0, len(groups))
	for g := range maps.Values(groups) {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b DeadGroup) int {
		return cmp.Or(cmp.Compare(a.DLQ, b.DLQ), cmp.Compare(b.Messages, a.Messages), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Cause, b.Cause), cmp.Compare(a.Now, b.Now))
	})
	return all
}

// particulars are what differs between causes that are one cause.
var particulars = []struct {
	is *regexp.Regexp
	as string
}{
	{regexp.MustCompile(`(s3://[^/\s]+/)[^"]*?((?: \(version [^)]*\))?(?:: |$| is held))`), "$1…$2"},
	{regexp.MustCompile(` \(version [^)]*\)`), ""},
	{regexp.MustCompile(`\b(?:RequestID|HostID): [^,]*, `), ""},
	{regexp.MustCompile(`\b[0-9a-f]{16,}\b`), "…"},
	{regexp.MustCompile(`\bbyte \d+\b`), "byte N"},
	{regexp.MustCompile(`\b\d+ (bytes|records)\b`), "N $1"},
	{regexp.MustCompile(`(top-level keys) \[[^\]]*\]`), "$1 […]"},
}

// alike is a cause without what differs from message to message: keys,
// versions, request ids, offsets.
func alike(cause string) string {
	for _, p := range particulars {
		cause = p.is.ReplaceAllString(cause, p.as)
	}
	return cause
}

// Dead prints groups of dead letters; now is the time by which they have an age.
func (s *Screen) Dead(groups []DeadGroup, now time.Time) {
	kinds := 0
	for _, g := range groups {
		kinds = max(kinds, len(g.Kind))
	}
	dlq := ""
	for _, g := range groups {
		if g.DLQ != dlq {
			dlq = g.DLQ
			s.printf("%s\n", s.name.Render(lastOf(dlq)))
		}
		s.printf("  %s  %s  %s\n", s.bad.Render(pad(g.Kind, kinds)), right(thousands(int64(g.Messages)), 7),
			s.dim.Render("oldest "+rough(now.Sub(g.Oldest))+" ago, "+g.Example))
		if g.Cause != "" {
			s.printf("  %s  %s\n", pad("", kinds), onOneLine(g.Cause))
		}
		if g.Now != "" {
			s.printf("  %s  now: %s\n", pad("", kinds), s.verdictNow(g.Now))
		}
	}
}

func (s *Screen) verdictNow(now string) string {
	if now == readable {
		return s.good.Render(now)
	}
	return s.bad.Render(onOneLine(now))
}

func pad(s string, width int) string { return s + strings.Repeat(" ", max(0, width-len(s))) }

func right(s string, width int) string { return strings.Repeat(" ", max(0, width-len(s))) + s }

// A DeadReport is one dead letter in full.
type DeadReport struct {
	ID       string          `json:"id"`
	DLQ      string          `json:"dlq"`
	Source   string          `json:"source"`
	Sent     time.Time       `json:"sent"`
	Received int             `json:"received"`
	Kind     string          `json:"kind"`
	Cause    string          `json:"cause,omitempty"`
	Now      string          `json:"now,omitempty"`
	Names    []string        `json:"objects"`            // URLs of the objects it names
	Failures []ObjectFailure `json:"failures,omitempty"` // of those, by the log
	Body     string          `json:"body"`
}

// Report is the letter in full. The body of a message that holds records is
// described, and shown only if records is set.
func (l *DeadLetter) Report(records bool) DeadReport {
	r := DeadReport{
		ID: l.ID, DLQ: l.DLQ(), Source: l.home(), Sent: l.Sent, Received: l.Received, Kind: l.Kind, Cause: l.Cause, Now: l.Now,
		Names: []string{}, Failures: l.Objects, Body: l.Body,
	}
	if l.from.entry != nil && l.from.entry.Direct() {
		if !records {
			r.Body = events.Describe(l.Body)
		}
		return r
	}
	n, err := events.Decode(l.Body)
	if err != nil {
		return r
	}
	for _, o := range n.Objects {
		r.Names = append(r.Names, "s3://"+o.Bucket+"/"+o.Key)
	}
	return r
}

// Letter prints a dead letter.
func (s *Screen) Letter(r DeadReport, now time.Time) {
	s.printf("%s\n", s.name.Render(r.ID))
	s.row("DLQ", "%s", lastOf(r.DLQ))
	s.row("came from", "%s", lastOf(r.Source))
	s.row("sent", "%s, %s ago", r.Sent.UTC().Format(time.RFC3339), rough(now.Sub(r.Sent)))
	s.row("received", "%d times, by those who looked too", r.Received)
	s.row("kind", "%s", s.bad.Render(r.Kind))
	if r.Cause != "" {
		s.row("cause", "%s", onOneLine(r.Cause))
	}
	if r.Now != "" {
		s.row("now", "%s", s.verdictNow(r.Now))
	}
	for i, name := range r.Names {
		s.row([]string{"objects", ""}[min(i, 1)], "%s", onOneLine(name))
	}
	for i, f := range r.Failures {
		s.row([]string{"failed", ""}[min(i, 1)], "%s: %s: %s", onOneLine("s3://"+f.Bucket+"/"+f.Key), f.Kind, onOneLine(f.Cause))
	}
	s.printf("  %s\n", s.dim.Render("body"))
	for line := range strings.Lines(indented(r.Body)) {
		s.printf("    %s\n", onOneLine(strings.TrimSuffix(line, "\n")))
	}
}

// indented is JSON set out over lines, or what is no JSON as it is.
func indented(body string) string {
	var out bytes.Buffer
	if json.Indent(&out, []byte(body), "", "  ") != nil {
		return body
	}
	return out.String()
}
