package stack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/devo-s3/collector/local"
)

// createWatchRole makes watch's role with exactly what it needs.
func (s *Stack) createWatchRole(secretARN string) {
	depths := local.Statement{Actions: []string{"sqs:GetQueueAttributes"}}
	for _, f := range s.Feeds {
		depths.Resources = append(depths.Resources, f.ARN, f.DLQ)
	}
	s.Account.CreateRole(local.Role{ARN: WatchRole, Allow: []local.Statement{
		depths,
		{Actions: []string{"lambda:ListEventSourceMappings"}, Resources: []string{"*"}},
		{Actions: []string{"lambda:UpdateEventSourceMapping"}, Resources: []string{"arn:aws:lambda:" + Region + ":" + DevoAccount + ":event-source-mapping:*"}},
		{Actions: []string{"secretsmanager:GetSecretValue"}, Resources: []string{secretARN}},
		{Actions: []string{"dynamodb:GetItem", "dynamodb:PutItem"}, Resources: []string{tableARN}},
	}})
	s.watchKey = s.Account.CreateKey(WatchRole)
}

// startWatch brings watch up; nothing invokes it yet.
func (s *Stack) startWatch(o Options, file string) (err error) {
	env := Env(file, s.Account.Endpoint(), s.watchKey)
	env["COLLECTOR_FUNCTION"] = FunctionAlias
	s.Watch, err = local.StartFunction(local.FunctionOptions{
		Bootstrap: o.Watch, ARN: FunctionARN + "-watch", Timeout: time.Minute, MemoryMiB: 256, Log: o.Log, Env: env,
	})
	return err
}

// WatchOnce has watch run, as its schedule does once a minute.
func (s *Stack) WatchOnce(ctx context.Context) error {
	r, err := s.Watch.Invoke(ctx, []byte("{}"))
	if err == nil && r.FunctionError != "" {
		err = errors.New(string(r.Payload))
	}
	if err != nil {
		return fmt.Errorf("watch: %w", err)
	}
	return nil
}

// watchDue has watch run if a minute of the account's clock has passed.
func (s *Stack) watchDue(ctx context.Context) error {
	now := s.Account.Clock().Now()
	if now.Before(s.nextWatch) {
		return nil
	}
	s.nextWatch = now.Truncate(time.Minute).Add(time.Minute)
	return s.WatchOnce(ctx)
}

// Idle tells whether nothing is going on that could make a message visible but
// the clock; next is when it would.
func (s *Stack) Idle() (idle bool, next time.Time) {
	if s.Function.Busy() > 0 {
		return false, next
	}
	for _, m := range s.Mappings {
		if !m.Idle() {
			return false, next
		}
	}
	for i, f := range s.Feeds {
		q := s.Account.QueueState(f.ARN)
		switch {
		case q.Visible == 0:
		case s.Mappings[i].Enabled():
			return false, next
		default: // until watch has it resumed
			next = s.Account.Clock().Now().Add(time.Minute)
		}
		if !q.NextVisible.IsZero() && (next.IsZero() || q.NextVisible.Before(next)) {
			next = q.NextVisible
		}
	}
	return true, next
}

// Drain has watch run once a minute by the account's clock, and moves that on
// whenever nothing else can happen, until every queue but the DLQs is empty.
// look is called some hundred times a second; while it says that more is to
// come, the clock is left alone.
func (s *Stack) Drain(ctx context.Context, look func(idle bool) (more bool)) error {
	quiet := 0
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return fmt.Errorf("the run did not come to an end: %w", context.Cause(ctx))
		case <-tick.C:
		}
		if err := s.watchDue(ctx); err != nil {
			return err
		}
		idle, next := s.Idle()
		if more := look(idle); !idle || more {
			quiet = 0
			continue
		}
		// Twice in a row: a message may be on its way between queue and hand.
		if quiet++; quiet < 3 {
			continue
		}
		if next.IsZero() {
			return s.WatchOnce(ctx) // what is left in the DLQs
		}
		if s.nextWatch.Before(next) {
			next = s.nextWatch
		}
		s.Account.Clock().Advance(max(next.Sub(s.Account.Clock().Now())+time.Millisecond, s.stride))
		quiet = 0
	}
}
