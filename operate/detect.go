package operate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/devo-s3/collector/sources"
)

// least is the score below which an object does not look like a source: half of what
// its records should show is not there.
const least = 0.5

// leastUnhinted is the same for a fallback without hints, whose records score 0.1
// where they are text.
const leastUnhinted = 0.05

// A Likely source is one that an object's content looks like.
type Likely struct {
	*sources.Source
	sources.Guess
}

// Detect names the sources that the object's first records look like, whatever
// its key, best first; of two that look alike, the one with more hints. If there are
// none, it names the first fallback that can read it. No source is named whose parser
// understands none of the records, or leaves all of them out.
func Detect(ctx context.Context, set sources.Set, o *Object) ([]Likely, error) {
	var likely, fallback []Likely
	for _, s := range set {
		in, err := o.open(ctx)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.Name, err)
		}
		g := s.Guess(ctx, in.Input)
		_ = in.Close() // it was only read
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		switch {
		case s.Fallback() > 0 && (g.Score >= least || s.Hints() == 0 && g.Score >= leastUnhinted):
			fallback = append(fallback, Likely{s, g})
		case s.Fallback() == 0 && g.Score >= least:
			likely = append(likely, Likely{s, g})
		}
	}
	if len(likely) == 0 && len(fallback) > 0 {
		first := slices.MinFunc(fallback, func(a, b Likely) int { return cmp.Compare(a.Fallback(), b.Fallback()) })
		return []Likely{first}, nil
	}
	slices.SortStableFunc(likely, func(a, b Likely) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Hints(), a.Hints()))
	})
	return likely, nil
}

// Likely prints what Detect found.
func (s *Screen) Likely(o *Object, all []Likely) {
	s.printf("%s\n", s.name.Render(onOneLine(o.Name)))
	switch {
	case len(all) == 0:
		s.printf("  %s\n", s.bad.Render("looks like none of the sources; docs/formats.md lists the formats for one of your own"))
	case all[0].Fallback() > 0:
		s.printf("  %s\n", s.bad.Render("looks like none of the sources; under a tag of your choice it can be read by"))
	}
	for _, l := range all {
		how := fmt.Sprintf("%3.0f %%", 100*l.Score)
		if l.Fallback() > 0 {
			how = "     "
		}
		s.printf("  %s  %-28s %s\n", how, l.Name(), s.dim.Render(fmt.Sprintf("%d of %d records parsed", l.Parsed, l.Records)))
		if l.Err != nil {
			s.printf("         %s\n", s.bad.Render(onOneLine(l.Err.Error())))
		}
	}
}
