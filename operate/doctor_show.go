package operate

import (
	"fmt"

	"github.com/devo-s3/collector/operate/checkup"
)

// Examined shows checks, a line each, and below one that is not well what to do.
func (s *Screen) Examined(checks []checkup.Check) {
	counts := make(map[checkup.Status]int)
	by := ""
	for _, c := range checks {
		counts[c.Status]++
		if c.By != by {
			by = c.By
			s.printf("%s\n", s.dim.Render(map[string]string{"": "with your credentials:", checkup.ByFunction: "the function, with its own:"}[by]))
		}
		s.printf("%s %-12s  %s\n", s.status(c.Status), c.Name, onOneLine(about(c)))
		if c.Mend != "" {
			s.printf("%s%s\n", s.dim.Render("                       mend: "), onOneLine(c.Mend))
		}
	}
	s.printf("\n%d ok, %s wrong, %d could not be seen\n", counts[checkup.OK], s.count(int64(counts[checkup.Wrong])), counts[checkup.Unseen])
}

func about(c checkup.Check) string {
	if c.Of == "" {
		return c.Says
	}
	return c.Of + ": " + c.Says
}

func (s *Screen) status(status checkup.Status) string {
	text := fmt.Sprintf("%-7s", map[checkup.Status]string{checkup.OK: "ok", checkup.Wrong: "WRONG", checkup.Unseen: "unseen"}[status])
	switch status {
	case checkup.OK:
		return s.good.Render(text)
	case checkup.Wrong:
		return s.bad.Render(text)
	}
	return s.dim.Render(text)
}
