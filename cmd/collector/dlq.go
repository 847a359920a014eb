package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/devo-s3/collector/operate"
)

type dlqCommand struct {
	List    dlqListCommand    `cmd:"" help:"Count the dead letters, by kind and cause. They stay where they are."`
	Show    dlqShowCommand    `cmd:"" help:"Show one dead letter: its body, its objects, and why it failed. It stays where it is."`
	Redrive dlqRedriveCommand `cmd:"" help:"Send dead letters back to the queues that gave them up."`
	Drop    dlqDropCommand    `cmd:"" help:"Delete dead letters for good."`
}

// looking is how long a message is hidden that is only looked at.
const looking = 10 * time.Minute

// onDLQ are the flags that all of them have.
type onDLQ struct {
	onDeployment
	Queue string `help:"Only the DLQ of this queue, its ARN or name, or continuation."`
	Limit int    `default:"10000" help:"How many messages to take of each DLQ, at most."`
}

// A visit is one of the commands on its way, with the letters that it has in
// hand.
type visit struct {
	context.Context
	onDLQ
	*operate.Desk
	now     time.Time
	letters []*operate.DeadLetter
	more    bool
	// untaken is why some DLQs gave nothing, or not all.
	untaken error
	// unexplained is why the log does not say why they failed.
	unexplained error
}

// visit takes the letters, finds out why they failed, and has them given back
// that f does not delete. A DLQ that cannot be asked does not keep it from the
// others, and is an error in the end.
func (c onDLQ) visit(probe bool, hide time.Duration, f func(*visit) error) error {
	if c.Limit < 1 {
		return errors.New("--limit is 1 message or more")
	}
	ctx, cancel, o, err := c.open()
	defer cancel()
	if err != nil {
		return err
	}
	v := &visit{Context: ctx, onDLQ: c}
	if v.Desk, err = operate.NewDesk(o, c.Queue); err != nil {
		return err
	}
	if v.now, err = o.Now(ctx); err != nil {
		return err
	}
	v.letters, v.more, v.untaken = v.Take(ctx, c.Limit, hide)
	defer func() {
		if err := v.GiveBack(ctx, v.letters); err != nil {
			fmt.Fprintf(os.Stderr, "collector: %v; they show again by themselves in %s\n", err, hide)
		}
	}()
	if v.untaken != nil && (len(v.letters) == 0 || ctx.Err() != nil) {
		return v.untaken
	}
	if err = v.why(probe); err == nil {
		err = f(v)
	}
	return errors.Join(err, v.untaken)
}

// why finds out why the letters failed. Without the log there are still their
// bodies.
func (v *visit) why(probe bool) error {
	if len(v.letters) == 0 {
		return nil
	}
	if v.unexplained = v.Explain(v, v.letters); v.unexplained != nil {
		fmt.Fprintf(os.Stderr, "collector: cannot say why they failed: %v\n", v.unexplained)
	}
	if probe {
		return v.Probe(v, v.letters)
	}
	return nil
}

// sayMore says that not all letters were taken.
func (v *visit) sayMore(s *operate.Screen) {
	if v.more {
		fmt.Fprintln(s, "there are more than --limit took; run it again, or with a greater one")
	}
}

type dlqListCommand struct {
	onDLQ
	Probe bool `help:"Try, too, whether what they name can be read now, with your own role."`
}

// Run lists them.
func (c *dlqListCommand) Run() error {
	return c.visit(c.Probe, looking, func(v *visit) error {
		groups := operate.Group(v.letters)
		return c.print(map[string]any{"messages": len(v.letters), "more": v.more, "groups": groups}, func(s *operate.Screen) {
			s.Dead(groups, v.now)
			if len(v.letters) == 0 {
				fmt.Fprintln(s, "no dead letters")
			}
			v.sayMore(s)
		})
	})
}

type dlqShowCommand struct {
	onDLQ
	ID      string `arg:"" optional:"" name:"message" help:"A message's id, or its beginning; the oldest unless given."`
	Probe   bool   `help:"Try, too, whether what it names can be read now, with your own role."`
	Records bool   `help:"Show the body even if it is records, as in a direct queue."`
}

// Run shows one.
func (c *dlqShowCommand) Run() error {
	return c.visit(false, looking, func(v *visit) error {
		var found []*operate.DeadLetter
		if found = v.letters; c.ID != "" {
			found, _ = operate.Pick{IDs: []string{c.ID}}.Of(v.letters)
		}
		if len(found) == 0 {
			return errors.New("no such message is in the DLQs")
		}
		letter := found[0]
		if err := v.Objects(v, letter); err != nil {
			fmt.Fprintf(os.Stderr, "collector: cannot say which objects failed: %v\n", err)
		}
		if c.Probe {
			if err := v.Probe(v, found[:1]); err != nil {
				return err
			}
		}
		report := letter.Report(c.Records)
		return c.print(report, func(s *operate.Screen) { s.Letter(report, v.now) })
	})
}

// picking are the flags that say which letters.
type picking struct {
	All  bool     `help:"All of them."`
	Kind []string `help:"Those of this kind, by the log; may be given again."`
	ID   []string `name:"id" placeholder:"MESSAGE" help:"The one of this id, or its beginning; may be given again."`
}

// Validate wants it said which.
func (p picking) Validate() error {
	if p.All == (len(p.Kind)+len(p.ID) > 0) {
		return errors.New("say which: --all, or --kind or --id")
	}
	for _, k := range p.Kind {
		if kinds := operate.DeadKinds(); !slices.Contains(kinds, k) {
			return fmt.Errorf("--kind %s: there are %s", k, strings.Join(kinds, ", "))
		}
	}
	return nil
}

// of picks. Without the log every kind would be unknown, and --kind unknown all
// of them.
func (p picking) of(v *visit) (picked, others []*operate.DeadLetter, err error) {
	if len(p.Kind) > 0 && v.unexplained != nil {
		return nil, nil, errors.New("without the log --kind picks nothing; use --id or --all")
	}
	picked, others = operate.Pick{Kinds: p.Kind, IDs: p.ID}.Of(v.letters)
	return picked, others, nil
}

type dlqRedriveCommand struct {
	onDLQ
	picking
	Rate int `default:"50" help:"How many messages a second, 1 to 500, at most."`
}

// Validate checks the rate, too.
func (c *dlqRedriveCommand) Validate() error {
	if c.Rate < 1 || c.Rate > 500 {
		return errors.New("--rate is 1 to 500 messages a second")
	}
	return c.picking.Validate()
}

// Run sends them back.
func (c *dlqRedriveCommand) Run() error {
	if c.All {
		return c.all()
	}
	// Long enough for all that are taken to be sent.
	hide := min(looking+time.Duration(c.Limit/c.Rate)*2*time.Second, 12*time.Hour)
	return c.visit(false, hide, func(v *visit) error {
		picked, others, err := c.of(v)
		if err != nil {
			return err
		}
		p := c.progress("messages sent back", int64(len(picked)))
		left, err := v.Resend(v, picked, float64(c.Rate), p.Add)
		p.Done()
		v.letters = append(others, left...)
		sent := len(picked) - len(left)
		if err != nil {
			return fmt.Errorf("%d messages sent back, the others are where they were: %w", sent, err)
		}
		return c.said(int64(sent), len(others), v.sayMore)
	})
}

// all leaves it to SQS.
func (c *dlqRedriveCommand) all() error {
	ctx, cancel, o, err := c.open()
	defer cancel()
	if err != nil {
		return err
	}
	desk, err := operate.NewDesk(o, c.Queue)
	if err != nil {
		return err
	}
	total, _ := desk.Count(ctx) // which the redrive itself says of a DLQ that cannot be asked
	p := c.progress("messages sent back", total)
	sent := int64(0)
	err = desk.RedriveAll(ctx, c.Rate, func(n int64) {
		sent += n
		p.Add(n)
	})
	p.Done()
	if err != nil {
		return fmt.Errorf("%d messages sent back, the others are where they were: %w", sent, err)
	}
	return c.said(sent, 0, func(*operate.Screen) {})
}

func (c *dlqRedriveCommand) said(sent int64, others int, more func(*operate.Screen)) error {
	return c.print(map[string]any{"sent_back": sent, "left": others}, func(s *operate.Screen) {
		fmt.Fprintf(s, "%d messages sent back, %d left as they were\n", sent, others)
		more(s)
	})
}

type dlqDropCommand struct {
	onDLQ
	picking
	Yes bool `help:"Do not ask."`
}

// Run deletes them.
func (c *dlqDropCommand) Run() error {
	return c.visit(false, looking, func(v *visit) error {
		picked, others, err := c.of(v)
		if err != nil {
			return err
		}
		if !c.JSON {
			operate.NewScreen(os.Stdout).Dead(operate.Group(picked), v.now)
		}
		if len(picked) > 0 && !c.Yes && !confirmed(v, os.Stdin, len(picked)) {
			return errors.New("nothing deleted")
		}
		left, err := v.Drop(v, picked)
		v.letters = append(others, left...)
		if err != nil {
			return fmt.Errorf("%d messages deleted at least: %w", len(picked)-len(left), err)
		}
		return c.print(map[string]any{"deleted": len(picked), "left": len(others)}, func(s *operate.Screen) {
			fmt.Fprintf(s, "%d messages deleted, %d left as they were\n", len(picked), len(others))
			v.sayMore(s)
		})
	})
}

// confirmed asks, and takes nothing but the number for a yes. It waits for no
// answer when ctx has ended: Ctrl-C is one.
func confirmed(ctx context.Context, in io.Reader, n int) bool {
	fmt.Fprintf(os.Stderr, "Delete these %d messages for good? What they name is then sent by `collector backfill` or not at all. Type %d to do it: ", n, n)
	answer := make(chan string, 1)
	go func() {
		line, _ := bufio.NewReader(io.LimitReader(in, 100)).ReadString('\n') // no answer is a no
		answer <- strings.TrimSpace(line)
	}()
	select {
	case <-ctx.Done():
		return false
	case line := <-answer:
		return line == fmt.Sprint(n)
	}
}
