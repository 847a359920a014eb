package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/operate/checkup"
	"github.com/devo-s3/collector/telemetry"
)

// handle is one invocation.
func (f *function) handle(ctx context.Context, payload json.RawMessage) (any, error) {
	in, err := readInput(payload)
	if err != nil {
		f.log.ErrorContext(ctx, "an event that is no batch", "cause", telemetry.Cause(err))
		return nil, err
	}
	if in.Doctor != nil {
		return f.examine(ctx, *in.Doctor)
	}
	answer, err := f.deliver(ctx, in.SQSEvent)
	if err != nil || !f.collector.LeftBehind() {
		return answer, err
	}
	f.log.ErrorContext(ctx, "a goroutine did not end: the process ends behind this answer")
	return newLastAnswer(answer, func() { os.Exit(1) })
}

// examineLimit is more than the slowest check takes, and less than the shortest
// timeout that a function may have.
const examineLimit = 50 * time.Second

// examine answers a doctor event. It delivers nothing, and uses no session and no
// key pair that the function has already: the next one could be refused.
func (f *function) examine(ctx context.Context, ask checkup.Ask) (checkup.Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, examineLimit)
	defer cancel()
	acct, err := account.New(ctx, account.Options{Region: f.config.Region, Customer: f.config.Customer, Log: f.log})
	if err != nil {
		return checkup.Answer{}, err
	}
	path := &checkup.Path{Config: f.config, Account: acct, Version: version, Log: f.log}
	return checkup.Answer{Version: version, Checks: path.Walk(ctx, ask)}, nil
}
