package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"

	"golang.org/x/term"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/operate"
	"github.com/devo-s3/collector/sources"
)

type tryCommand struct {
	Objects []string `arg:"" optional:"" name:"file" help:"Files, or s3://BUCKET/KEY, read with your own AWS credentials."`
	Service string   `help:"The source to use, whatever the key: a service of the catalog or, with --config, a source of the deployment."`
	Config  string   `type:"existingfile" help:"A deployment's file, whose sources are used in place of the whole catalog."`
	Queue   string   `help:"One of the deployment's queues, its ARN or name."`
	Key     string   `help:"The object's key, where that is not its path."`
	Format  string   `enum:"text,json" default:"text" help:"text: TAG<tab>RECORD, line breaks as \\n; json: one object a line."`
	Limit   int64    `help:"Stop each object after so many records."`
	Strict  bool     `help:"Exit 1 if a record is unparsed."`
	Explain string   `placeholder:"KEY" help:"Only print what each source makes of a key."`
	Detect  string   `placeholder:"FILE" help:"Only print which sources a file's content looks like."`
	Send    bool     `help:"Send the records to the deployment's Devo, too, and print the query that finds them."`
	Tag     string   `default:"test.keep.free" help:"The tag to send them under."`
}

// Validate refuses flags that do not go together.
func (c *tryCommand) Validate() error {
	switch {
	case len(c.Objects) == 0 && c.Explain == "" && c.Detect == "":
		return errors.New("name a file or s3://BUCKET/KEY, or give --explain or --detect")
	case len(c.Objects) > 1 && c.Key != "":
		return errors.New("--key is the key of one file")
	case c.Queue != "" && c.Config == "":
		return errors.New("--queue picks one of --config's queues")
	case c.Send && c.Config == "":
		return errors.New("--send needs --config: it says which Devo")
	case c.Limit < 0:
		return errors.New("--limit is a number of records")
	}
	return sources.CheckTag(c.Tag)
}

// Run tries the objects.
func (c *tryCommand) Run() error {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	t := &attempt{tryCommand: c, screen: operate.NewScreen(os.Stderr)}
	if c.Config != "" {
		var err error
		if t.config, err = config.Load(c.Config); err != nil {
			return err
		}
	}
	switch {
	case c.Explain != "":
		return t.explain()
	case c.Detect != "":
		return t.detect(ctx)
	}
	return t.run(ctx)
}

// An attempt is a tryCommand on its way.
type attempt struct {
	*tryCommand
	config  *config.Config // nil without --config
	screen  *operate.Screen
	account *account.Account // nil until it is needed
}

func (t *attempt) explain() error {
	set, err := t.sources("")
	if err != nil {
		return err
	}
	if !operate.NewScreen(os.Stdout).Explain(set, t.Explain) {
		return errSaid
	}
	return nil
}

func (t *attempt) detect(ctx context.Context) error {
	o, err := t.object(ctx, t.Detect)
	if err != nil {
		return err
	}
	set, err := t.sources("")
	if err != nil {
		return err
	}
	likely, err := operate.Detect(ctx, set, o)
	if err != nil {
		return err
	}
	operate.NewScreen(os.Stdout).Likely(o, likely)
	if len(likely) == 0 {
		return errSaid
	}
	return nil
}

func (t *attempt) run(ctx context.Context) error {
	out := bufio.NewWriter(os.Stdout)
	show := operate.JSON(out)
	if t.Format == "text" {
		show = operate.Text(out, terminalWidth())
	}
	trial := &operate.Trial{Source: t.Service, Limit: t.Limit, Tags: config.DefaultTags, Show: show}
	var sender *operate.Sender
	if t.config != nil {
		trial.Tags = t.config.Devo.Tags
	}
	if t.Send {
		acct, err := t.aws(ctx)
		if err != nil {
			return err
		}
		log := slog.New(slog.NewTextHandler(os.Stderr, nil))
		if sender, err = operate.NewSender(ctx, t.config, acct, t.Tag, log); err != nil {
			return err
		}
		trial.Show = func(s *operate.Shown) error { return errors.Join(show(s), sender.Send(s)) }
	}
	failed := false
	for _, name := range t.Objects {
		r, err := t.try(ctx, trial, name)
		if err = errors.Join(err, out.Flush()); err != nil {
			if sender != nil {
				sender.Abort()
			}
			return err
		}
		t.screen.Summary(r)
		failed = failed || r.Err != nil || t.Strict && r.Unparsed > 0
	}
	if sender != nil {
		if err := sender.Confirm(ctx); err != nil {
			return fmt.Errorf("sent, but not confirmed: %w", err)
		}
		fmt.Fprintf(os.Stderr, "sent and confirmed; to see it in Devo:\n\n  %s\n\n", sender.Query())
	}
	if failed {
		return errSaid
	}
	return nil
}

func (t *attempt) try(ctx context.Context, trial *operate.Trial, name string) (*operate.Result, error) {
	o, err := t.object(ctx, name)
	if err != nil {
		return nil, err
	}
	if t.Key != "" {
		o.Key = t.Key
	}
	if trial.Sources, err = t.sources(o.Bucket); err != nil {
		return nil, err
	}
	return trial.Try(ctx, o)
}

// sources are the deployment's, or the catalog's, or the one that was asked
// for.
func (t *attempt) sources(bucket string) (sources.Set, error) {
	switch {
	case t.config == nil && t.Service != "":
		s, err := operate.Service(t.Service)
		return sources.Set{s}, err
	case t.config == nil:
		return operate.Catalog()
	}
	set, err := operate.Deployment(t.config, t.Queue, bucket)
	if err != nil || t.Service == "" {
		return set, err
	}
	return operate.Only(set, t.Service)
}

func (t *attempt) object(ctx context.Context, name string) (*operate.Object, error) {
	if !operate.IsS3(name) {
		return operate.File(name), nil
	}
	acct, err := t.aws(ctx)
	if err != nil {
		return nil, err
	}
	return operate.S3(acct, name, t.config)
}

// aws is the caller's own account.
func (t *attempt) aws(ctx context.Context) (*account.Account, error) {
	if t.account != nil {
		return t.account, nil
	}
	region := "" // as the SDK's own variables say
	if t.config != nil {
		region = t.config.Region
	}
	var err error
	t.account, err = account.New(ctx, account.Options{Region: region})
	return t.account, err
}

// terminalWidth is that of standard output, and usualWidth of a terminal that
// tells none; 0 if it is no terminal.
func terminalWidth() int {
	fd := int(os.Stdout.Fd())
	if !term.IsTerminal(fd) {
		return 0
	}
	width, _, err := term.GetSize(fd)
	if err != nil || width <= 0 {
		return usualWidth
	}
	return width
}

const usualWidth = 80
