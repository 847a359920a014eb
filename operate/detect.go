package operate

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/devo-s3/collector/sources"
)

// least is the score below which a source is not worth naming.
const least = 0.05

// A Likely source is one that an object's content looks like.
type Likely struct {
	*sources.Source
	sources.Guess
}

// Detect names the sources that the object's first records look like, whatever
// its key, best first; of two that look alike, the one with more hints.
func Detect(ctx context.Context, set sources.Set, o *Object) ([]Likely, error) {
	var all []Likely
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
		if g.Score >= least {
			all = append(all, Likely{s, g})
		}
	}
	slices.SortStableFunc(all, func(a, b Likely) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.Hints(), a.Hints()))
	})
	return all, nil
}

// Likely prints what Detect found.
func (s *Screen) Likely(o *Object, all []Likely) {
	s.printf("%s\n", s.name.Render(printable(o.Name)))
	if len(all) == 0 {
		s.printf("  %s\n", s.bad.Render("looks like none of the sources; docs/formats.md lists the formats for one of your own"))
	}
	for _, l := range all {
		s.printf("  %3.0f %%  %-28s %s\n", 100*l.Score, l.Name(), s.dim.Render(fmt.Sprintf("%d of %d records parsed", l.Parsed, l.Records)))
		if l.Err != nil {
			s.printf("         %s\n", s.bad.Render(l.Err.Error()))
		}
	}
}
