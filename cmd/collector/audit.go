package main

import (
	"context"
	"errors"
	"time"

	"github.com/devo-s3/collector/operate"
)

type auditCommand struct {
	onDeployment
	period
	Since string  `required:"" help:"Objects modified since then: a date, a time, or how long ago, as 6h or 3d."`
	Until string  `default:"15m" help:"And before then; younger ones may still be on their way."`
	List  bool    `help:"Name every missing object, not only the first."`
	Send  bool    `help:"Queue what is missing."`
	Rate  float64 `default:"50" help:"How many objects to queue a second, at most."`
}

// Help says more than fits into a line.
func (auditCommand) Help() string {
	return "Lists the deployment's buckets, or --bucket, and asks the ledger about each object that a source takes. Exits 1 if one is missing, and was not queued by --send, or if a bucket could not be gone through to its end: then its report is of what was seen."
}

// Validate refuses flags that do not go together.
func (c *auditCommand) Validate() error {
	if c.Rate <= 0 {
		return errors.New("--rate is objects a second")
	}
	return nil
}

// Run compares buckets with the ledger.
func (c *auditCommand) Run() error { return c.begin(c.run) }

func (c *auditCommand) run(ctx context.Context, o operate.Operator, now time.Time) error {
	choice, err := c.choice(c.Since, c.Until, now)
	if err != nil {
		return err
	}
	p := c.progress("objects listed", 0)
	audit := operate.Audit{Operator: o, Choice: choice, List: c.List, Send: c.Send, Rate: c.Rate, Seen: p.Add}
	reports, err := audit.Run(ctx, now)
	p.Done()
	if len(reports) == 0 {
		return err
	}
	missing := false
	for _, r := range reports {
		missing = missing || r.Lost().Objects > r.Sent
	}
	err = errors.Join(err, c.print(map[string]any{"buckets": reports, "missing": missing, "incomplete": err != nil}, func(s *operate.Screen) {
		for _, r := range reports {
			s.Audited(r, c.List)
		}
	}))
	if err == nil && missing {
		err = errSaid
	}
	return err
}
