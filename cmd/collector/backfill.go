package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/devo-s3/collector/operate"
)

type backfillCommand struct {
	onDeployment
	period
	Since     string  `help:"Objects modified since then: a date, a time, or how long ago, as 6h or 35d."`
	Until     string  `help:"And before then."`
	Inventory string  `placeholder:"URL" help:"s3://BUCKET/…/manifest.json of an S3 Inventory, CSV or Parquet, to read in place of listing the bucket."`
	Send      bool    `help:"Queue the objects; otherwise only look."`
	Rate      float64 `default:"50" help:"How many objects to queue a second, at most."`
	State     string  `type:"path" help:"Where to keep how far it is; a name in the current directory by the deployment and the bucket unless given."`
	Again     string  `placeholder:"REASON" help:"Send what was delivered before once more, and say why."`
}

// Help says more than fits into a line.
func (backfillCommand) Help() string {
	return "Looks at the objects that are in a bucket, says how many there are and what they would take, and with --send queues them. " +
		"What was delivered already is not sent twice, unless by --again. Cut short, the same command goes on where it was."
}

// Validate refuses flags that do not go together.
func (c *backfillCommand) Validate() error {
	switch {
	case c.Bucket == "":
		return errors.New("name the bucket by --bucket")
	case c.Rate <= 0:
		return errors.New("--rate is objects a second")
	}
	return nil
}

// Run looks at the objects, and queues them.
func (c *backfillCommand) Run() error { return c.begin(c.run) }

func (c *backfillCommand) run(ctx context.Context, o operate.Operator, now time.Time) error {
	if c.State == "" {
		c.State = fmt.Sprintf("backfill-%s-%s.json", o.Customer, c.Bucket)
	}
	if c.Send {
		state, err := operate.ReadState(c.State, c.words())
		if err != nil {
			return err
		}
		if state != nil {
			fmt.Fprintf(os.Stderr, "going on behind %d of %d objects, as %s says\n", state.Sent, state.Planned.Objects, c.State)
			return c.send(ctx, o, state)
		}
	}
	plan, err := c.plan(ctx, o, now)
	if err != nil {
		return err
	}
	if !c.Send {
		return c.print(plan, func(s *operate.Screen) {
			s.Plan(plan)
			if plan.Objects > 0 {
				fmt.Fprintln(s, "nothing is queued yet: --send does it")
			}
		})
	}
	if !c.JSON {
		operate.NewScreen(os.Stdout).Plan(plan)
	}
	return c.send(ctx, o, operate.NewState(c.State, c.words(), plan, c.Again, now))
}

// words are the flags that say what is sent.
func (c *backfillCommand) words() string {
	var words []string
	for _, f := range []struct{ flag, value string }{
		{"config", c.Config},
		{"bucket", c.Bucket},
		{"prefix", c.Prefix},
		{"queue", c.Queue},
		{"source", c.Source},
		{"since", c.Since},
		{"until", c.Until},
		{"inventory", c.Inventory},
		{"again", c.Again},
	} {
		if f.value != "" {
			words = append(words, fmt.Sprintf("--%s=%s", f.flag, f.value))
		}
	}
	return strings.Join(words, " ")
}

func (c *backfillCommand) plan(ctx context.Context, o operate.Operator, now time.Time) (*operate.Plan, error) {
	choice, err := c.choice(c.Since, c.Until, now)
	if err != nil {
		return nil, err
	}
	b, err := operate.NewBackfill(ctx, o, choice, c.Inventory)
	if err != nil {
		return nil, err
	}
	p := c.progress("objects listed", 0)
	defer p.Done()
	return b.Plan(ctx, c.Rate, p.Add)
}

func (c *backfillCommand) send(ctx context.Context, o operate.Operator, state *operate.State) error {
	b, err := operate.NewBackfill(ctx, o, state.Choice, c.Inventory)
	if err != nil {
		return err
	}
	p := c.progress("objects queued", state.Planned.Objects)
	p.Add(state.Sent)
	err = b.Send(ctx, state, c.Rate, p.Add)
	p.Done()
	if err != nil {
		return fmt.Errorf("%d objects queued; the same command goes on from there: %w", state.Sent, err)
	}
	return c.print(map[string]any{"sent": state.Sent, "generation": state.Generation, "planned": state.Planned}, func(s *operate.Screen) {
		fmt.Fprintf(s, "%d objects queued; `collector audit` shows when they are done\n", state.Sent)
	})
}
