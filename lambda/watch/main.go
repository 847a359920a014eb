// Command watch is the Lambda function that runs once a minute beside the
// collector. It reads the deployment's file and wires package watch. It needs
// COLLECTOR_FUNCTION: the ARN that the event-source mappings are on, the alias
// included.
package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/account/function"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/devo"
	"github.com/devo-s3/collector/internal/deployment"
	"github.com/devo-s3/collector/telemetry"
	"github.com/devo-s3/collector/watch"
)

// version is set by the linker.
var version = "dev"

// endLimit is kept at an invocation's end, for the metrics.
const endLimit = 2 * time.Second

func main() {
	log := lambdacontext.NewLogger()
	slog.SetDefault(log)
	run, err := wire(context.Background(), log)
	if err != nil {
		deployment.StartFailed(log, "watch", err)
	}
	log.Info("start", "version", version)
	lambda.Start(run)
}

// wire builds a run from the deployment's file. Each run has its own sink, so
// that it reads the key pair that the secret holds by then; what they know of the
// endpoints' failures they share, so that a probe asks another one after a failure.
func wire(ctx context.Context, log *slog.Logger) (run func(context.Context) error, err error) {
	cfg, err := deployment.Load()
	if err != nil {
		return nil, err
	}
	name := os.Getenv("COLLECTOR_FUNCTION")
	if name == "" {
		return nil, errors.New("COLLECTOR_FUNCTION is not set: it is the ARN that the event-source mappings are on")
	}
	acct, err := account.New(ctx, account.Options{Region: cfg.Region, Customer: cfg.Customer, Log: log})
	if err != nil {
		return nil, err
	}
	queues, dlqs := queues(cfg)
	vendors, err := vendors(cfg, acct)
	if err != nil {
		return nil, err
	}
	o := watch.Options{
		Queues: queues, DLQs: dlqs, Continuation: cfg.Continuation, ContinuationDLQ: cfg.ContinuationDLQ(), Heartbeat: cfg.Devo.Heartbeat,
		Mappings: function.New(acct, name).Mappings(append(queues, cfg.Continuation)), Depths: acct.Depths(), Log: log,
		Vendors: vendors, Continuations: acct.Queue(cfg.Continuation),
		Emit: &telemetry.Emitter{Out: os.Stdout, Deployment: cfg.Customer, Version: version, Now: time.Now},
	}
	if cfg.Ledger.Kind != "none" {
		memory := acct.Health(cfg.Ledger.Table)
		o.Memory, o.Emit.Now = memory, memory.Now
	}
	w, standing := watch.New(o), new(devo.Standing)
	return func(ctx context.Context) error {
		sink, err := deployment.Sink(cfg, acct, log, deployment.Parts{Memory: deployment.Memory(cfg, acct), Standing: standing})
		if err != nil {
			return err
		}
		if deadline, ok := ctx.Deadline(); ok {
			var cancel context.CancelFunc
			ctx, cancel = context.WithDeadline(ctx, deadline.Add(-endLimit))
			defer cancel()
		}
		w.Run(ctx, sink)
		return nil
	}, nil
}

// queues are the customer's, and their DLQs.
func queues(cfg *config.Config) (queues, dlqs []string) {
	for _, q := range cfg.Polled() {
		queues, dlqs = append(queues, q.ARN), append(dlqs, q.DLQ)
	}
	return queues, dlqs
}

// vendors are the queues and buckets that are opened with vendors' keys.
func vendors(cfg *config.Config, acct *account.Account) (all []watch.Vendor, err error) {
	for _, q := range cfg.Queues {
		v := watch.Vendor{ARN: q.ARN}
		if q.SilenceAfter > 0 {
			v.Name = q.Name()
		}
		switch {
		case !q.Vendor():
			continue
		case q.Listing():
			b := q.Buckets[0]
			v.Bucket = acct.VendorBucket(b.Name, b.ListedPrefix(), deployment.Access(q))
		default:
			if v.Queue, err = acct.VendorQueue(q.ARN, q.Keys, q.Visibility); err != nil {
				return nil, err
			}
		}
		all = append(all, v)
	}
	return all, nil
}
