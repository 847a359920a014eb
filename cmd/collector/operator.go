package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/signal"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/operate"
)

// onDeployment are the flags of commands that look after a deployment.
type onDeployment struct {
	Config string `required:"" type:"existingfile" help:"The deployment's file."`
	JSON   bool   `help:"Print one JSON object."`
}

// open reads the deployment. ctx ends with Ctrl-C.
func (c onDeployment) open() (context.Context, context.CancelFunc, operate.Operator, error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	deployment, err := config.Load(c.Config)
	if err != nil {
		return ctx, cancel, operate.Operator{}, err
	}
	acct, err := account.New(ctx, account.Options{Region: deployment.Region, Customer: deployment.Customer})
	return ctx, cancel, operate.Operator{Config: deployment, Account: acct}, err
}

// begin opens the deployment for run, and tells it the time by the ledger.
func (c onDeployment) begin(run func(context.Context, operate.Operator, time.Time) error) error {
	ctx, cancel, o, err := c.open()
	defer cancel()
	if err != nil {
		return err
	}
	now, err := o.Now(ctx)
	if err != nil {
		return err
	}
	return run(ctx, o, now)
}

// print prints v as JSON, or has it shown on a screen.
func (c onDeployment) print(v any, show func(*operate.Screen)) error {
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(v)
	}
	show(operate.NewScreen(os.Stdout))
	return nil
}

// progress shows how far something is, unless for a machine.
func (c onDeployment) progress(what string, total int64) *operate.Progress {
	return operate.NewProgress(os.Stderr, c.JSON, what, total)
}

// period are the flags of commands that look at objects by their time.
type period struct {
	Bucket string `help:"The bucket."`
	Prefix string `help:"Only keys that begin with this."`
	Queue  string `help:"Only by the rules of this queue of the deployment, its ARN or name."`
	Source string `help:"Only objects of this source."`
}

func (p period) choice(since, until string, now time.Time) (c operate.Choice, err error) {
	from, wrongFrom := operate.When(since, now)
	to, wrongTo := operate.When(until, now)
	c = operate.Choice{Bucket: p.Bucket, Prefix: p.Prefix, Queue: p.Queue, Source: p.Source, Since: from, Until: to}
	if err = errors.Join(wrongFrom, wrongTo); err == nil && !to.IsZero() && !from.Before(to) {
		err = errors.New("--since is not before --until")
	}
	return c, err
}
