package operate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/devo-s3/collector/account/function"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/operate/checkup"
)

// A Doctor looks at a deployment as it is set up, and has the function look at
// its own way.
type Doctor struct {
	Operator
	checkup.Ask
	File    string // the deployment's, as commands name it
	Version string
	Log     *slog.Logger
}

// liveAlias is what the mappings are on.
const liveAlias = ":live"

// doctorLimit bounds one look, and invokeLimit the function's.
const (
	doctorLimit = 20 * time.Second
	invokeLimit = time.Minute
)

// Run makes every check, in the order in which a log goes.
func (d *Doctor) Run(ctx context.Context) []checkup.Check {
	who := checkup.Who(ctx, d.Account)
	if who[0].Status != checkup.OK {
		return who
	}
	var looks []func(context.Context) []checkup.Check
	for i := range d.Queues {
		q := &d.Queues[i]
		if !q.Vendor() {
			looks = append(looks, func(ctx context.Context) []checkup.Check { return d.publishers(ctx, q) })
		}
		for _, b := range q.Buckets {
			if !q.Vendor() {
				looks = append(looks, func(ctx context.Context) []checkup.Check { return []checkup.Check{d.notification(ctx, q, b)} })
			}
		}
	}
	for _, q := range d.Polled() { // of a vendor's, only what the function reads can be seen
		looks = append(looks, func(ctx context.Context) []checkup.Check { return d.queue(ctx, &q) })
	}
	looks = append(looks, d.continuation, d.mappings, d.table)
	made := make([][]checkup.Check, len(looks)+1)
	var all sync.WaitGroup
	for i, look := range looks {
		all.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, doctorLimit)
			defer cancel()
			made[i] = look(ctx)
		})
	}
	all.Go(func() { made[len(looks)] = d.function(ctx) })
	all.Wait()
	return slices.Concat(who, slices.Concat(made...))
}

// function has the function look. What can be seen without it, the person looks
// at, if it cannot be asked.
func (d *Doctor) function(ctx context.Context) []checkup.Check {
	name := d.FunctionARN() + liveAlias
	answer, err := d.ask(ctx, name)
	c := checkup.Check{Name: checkup.Function, Of: d.FunctionName() + liveAlias}
	var failed *function.Error
	switch {
	case err == nil && len(answer.Checks) > 0 && len(d.Forget) > 0 && !slices.ContainsFunc(answer.Checks, isForgotten):
		c.Status, c.Says, c.Mend = checkup.Wrong, "version "+answer.Version+" is too old to forget anything", d.deploy()
		return append([]checkup.Check{c}, answer.Checks...)
	case err == nil && len(answer.Checks) > 0:
		c.Status, c.Says = checkup.OK, "version "+answer.Version+" answers; what follows is what it sees"
		return append([]checkup.Check{c}, answer.Checks...)
	case err == nil:
		c.Status, c.Says = checkup.Wrong, "is older than this command, and cannot be asked"
		c.Mend = d.deploy()
	case errors.As(err, &failed):
		c.Status, c.Says, c.Mend = checkup.Wrong, "failed: "+err.Error(), "docs/operations.md#errors"
	default:
		c = checkup.Failed(checkup.Function, c.Of, err, d.deploy())
		if c.Status == checkup.Unseen {
			c.Mend = "you need lambda:InvokeFunction on " + name + "; role and objects are for the function alone to see"
		}
	}
	path := &checkup.Path{Config: d.Config, Account: d.Account, Version: d.Version, Log: d.Log}
	checks := append([]checkup.Check{c}, path.Devo(ctx, checkup.Ask{Confirm: d.Confirm})...)
	for _, endpoint := range d.Forget {
		checks = append(checks, checkup.Check{
			Name: checkup.Forgotten, Of: endpoint, Status: checkup.Wrong, Says: "only the function forgets, so that its log tells; it could not be asked", Mend: c.Mend,
		})
	}
	return checks
}

func isForgotten(c checkup.Check) bool { return c.Name == checkup.Forgotten }

func (d *Doctor) ask(ctx context.Context, name string) (answer checkup.Answer, err error) {
	ctx, cancel := context.WithTimeout(ctx, invokeLimit)
	defer cancel()
	event, err := json.Marshal(map[string]any{"collector": 1, "doctor": d.Ask})
	if err != nil {
		return answer, err
	}
	out, err := function.New(d.Account, name).Invoke(ctx, event)
	if err != nil {
		return answer, err
	}
	if err := json.Unmarshal(out, &answer); err != nil {
		return answer, fmt.Errorf("%s answers what is no doctor's answer: %w", name, err)
	}
	return answer, nil
}

func (d *Doctor) deploy() string { return "npx cdk deploy " + d.CollectorStack() }

// The table's settings, as the stack makes them.
const (
	tableKeys = "id S HASH"
	tableTTL  = "expiry"
)

func (d *Doctor) table(ctx context.Context) []checkup.Check {
	name := d.Ledger.Table
	if name == "" {
		return nil
	}
	s, err := d.Account.TableSettings(ctx, name)
	if err != nil {
		return []checkup.Check{checkup.Failed(checkup.Table, name, err, "docs/operations.md#unclaimed")}
	}
	c := checkup.Check{Name: checkup.Table, Of: name, Status: checkup.OK, Says: "is " + s.Status + ", key " + s.Keys + ", time to live by " + s.TTL}
	switch {
	case s.Keys != tableKeys:
		c.Status, c.Says = checkup.Wrong, "has the key "+s.Keys+", not "+tableKeys
		c.Mend = "it is no ledger's: write another ledger.table into the file, and " + d.deploy()
	case s.TTL != tableTTL:
		c.Status, c.Says = checkup.Wrong, "forgets nothing: its time to live is not by "+tableTTL
		c.Mend = "aws dynamodb update-time-to-live --table-name " + name + " --time-to-live-specification Enabled=true,AttributeName=" + tableTTL
	case s.Status != "ACTIVE" && s.Status != "UPDATING":
		c.Status, c.Mend = checkup.Wrong, "docs/operations.md#unclaimed"
	}
	return []checkup.Check{c}
}

// mappings looks at the way from each queue to the function.
func (d *Doctor) mappings(ctx context.Context) []checkup.Check {
	name := d.FunctionARN() + liveAlias
	all, err := function.New(d.Account, name).MappingSettings(ctx)
	if err != nil {
		return []checkup.Check{checkup.Failed(checkup.Mapping, name, err, d.deploy())}
	}
	paused := make(map[string]bool)
	if d.Ledger.Table != "" {
		state, err := d.Account.Health(d.Ledger.Table).State(ctx)
		if err != nil {
			return []checkup.Check{checkup.Failed(checkup.Mapping, name, err, "docs/operations.md#unclaimed")}
		}
		for id := range state.Held {
			paused[id] = true
		}
	}
	wanted := []*config.Queue{{ARN: d.Continuation}}
	for _, q := range d.Polled() {
		wanted = append(wanted, &q)
	}
	var checks []checkup.Check
	for _, q := range wanted {
		theirs := slices.DeleteFunc(slices.Clone(all), func(m function.MappingSettings) bool { return m.Queue != q.ARN })
		for _, m := range theirs {
			checks = append(checks, mapping(m, q, paused[m.ID]))
		}
		if len(theirs) == 0 {
			checks = append(checks, checkup.Check{
				Name: checkup.Mapping, Of: q.Name(), Status: checkup.Wrong, Says: "there is none: nobody polls the queue", Mend: d.deploy(),
			})
		}
	}
	return checks
}

// mapping judges one mapping of a queue. Those of the file are compared only
// where the file says something: of the continuation queue it does not.
func mapping(m function.MappingSettings, q *config.Queue, paused bool) checkup.Check {
	update := "aws lambda update-event-source-mapping --uuid " + m.ID
	c := checkup.Check{Name: checkup.Mapping, Of: lastOf(m.Queue), Status: checkup.Wrong}
	switch {
	case !m.Reports:
		c.Says = "DATA LOSS: partial-batch responses are off, so SQS deletes what the function hands back"
		c.Mend = update + " --function-response-types ReportBatchItemFailures"
	case m.Filtered:
		c.Says = "DATA LOSS: it has filter criteria, and SQS deletes what they leave out"
		c.Mend = update + " --filter-criteria '{}'"
	case strings.HasPrefix(m.State, "Disabl") && paused:
		c.Status, c.Says = checkup.OK, "paused by watch, because Devo could not be reached; it resumes by itself"
	case strings.HasPrefix(m.State, "Disabl"):
		c.Says, c.Mend = "disabled by a person: the queue forgets after 7 days", update+" --enabled"
	case strings.HasPrefix(m.LastResult, "PROBLEM"):
		c.Says, c.Mend = m.LastResult, "docs/operations.md#not-polled"
	default:
		c.Status, c.Says = checkup.OK, fmt.Sprintf("%s, batches of %d, %s", strings.ToLower(m.State), m.BatchSize, atOnce(m.Concurrency))
		if q.BatchSize > 0 && (q.BatchSize != m.BatchSize || q.BatchWindow != m.Window || q.Concurrency != m.Concurrency) {
			c.Says += fmt.Sprintf("; the file has batches of %d, %s: the next deployment changes it", q.BatchSize, atOnce(q.Concurrency))
		}
	}
	return c
}

func atOnce(concurrency int) string {
	if concurrency == 0 {
		return "no limit at once"
	}
	return fmt.Sprintf("%d at once", concurrency)
}
