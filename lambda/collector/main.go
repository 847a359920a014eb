// Command collector is the Lambda function. It reads its configuration, wires
// the parts together and hands each batch to delivery. It refuses to start
// with a configuration that is not whole.
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"time"

	awsevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/devo"
	"github.com/devo-s3/collector/telemetry"
)

// version is set by the linker.
var version = "dev"

func main() {
	log := lambdacontext.NewLogger()
	slog.SetDefault(log)
	c, err := wire(context.Background(), log)
	if err != nil {
		log.Error("the function does not start", "cause", err.Error())
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	log.Info("start", "version", version)
	lambda.Start(handler(c))
}

// wire builds the collector from the deployment's file: COLLECTOR_CONFIG, or
// config.yaml beside the binary.
func wire(ctx context.Context, log *slog.Logger) (*delivery.Collector, error) {
	path := os.Getenv("COLLECTOR_CONFIG")
	if path == "" {
		self, err := os.Executable()
		if err != nil {
			return nil, fmt.Errorf("find config.yaml beside the binary: %w", err)
		}
		path = filepath.Join(filepath.Dir(self), "config.yaml")
	}
	cfg, err := config.Load(path)
	if err != nil {
		return nil, err
	}
	acct, err := account.New(ctx, account.Options{Region: cfg.Region, Customer: cfg.Customer, Log: log})
	if err != nil {
		return nil, err
	}
	sink, err := devo.New(devo.Config{
		Endpoints: cfg.Devo.Endpoints, ID: cfg.ID, Identity: identity(cfg, acct),
		Verify: cfg.Devo.Verify, Multiline: cfg.Devo.Multiline,
		Confirm: cfg.Devo.Confirm, ConfirmTimeout: cfg.Devo.ConfirmTimeout, Log: log,
	})
	if err != nil {
		return nil, fmt.Errorf("%s: devo: %w", path, err)
	}
	ledger := account.NoLedger()
	if cfg.Ledger.Kind != "none" {
		ledger = acct.Ledger(account.LedgerOptions{Table: cfg.Ledger.Table, Keep: cfg.Ledger.Keep})
	}
	return delivery.New(delivery.Options{
		Entries: entries(cfg, acct), Continuation: cfg.Continuation,
		Ledger: ledger, Queue: acct.Queue(cfg.Continuation), Sink: sink, Report: telemetry.NewLog(log),
		Unparsed: cfg.Devo.Tags.Unparsed, BadTag: cfg.Devo.Tags.BadTag,
		ConfirmBytes: int64(cfg.Devo.ConfirmEvery.Bytes), ConfirmTime: cfg.Devo.ConfirmEvery.Time,
		ConfirmTimeout: cfg.Devo.ConfirmTimeout, LedgerDownStops: cfg.Ledger.Down == "stop",
	})
}

// entries are the deployment's queues, each with its own access to S3.
func entries(cfg *config.Config, acct *account.Account) []delivery.Entry {
	var all []delivery.Entry
	for _, q := range cfg.Queues {
		access := account.Access{
			RoleARN: q.RoleARN, ExternalID: q.ExternalID,
			Regions: make(map[string]string), Owners: make(map[string]string),
		}
		e := delivery.Entry{ARN: q.ARN, Sources: q.Sources}
		for _, b := range q.Buckets {
			e.Buckets = append(e.Buckets, b.Name)
			access.Regions[b.Name], access.Owners[b.Name] = b.Region, b.Owner
		}
		e.Store = acct.Store(access)
		all = append(all, e)
	}
	return all
}

// identity reads Devo's key pair from the secret, or from files.
func identity(cfg *config.Config, acct *account.Account) func(context.Context, bool) (devo.KeyPair, error) {
	return func(ctx context.Context, _ bool) (devo.KeyPair, error) {
		if cfg.Devo.Secret != "" {
			secret, err := acct.Secret(ctx, cfg.Devo.Secret)
			if err != nil {
				return devo.KeyPair{}, err
			}
			return devo.ParseKeyPair(secret)
		}
		return devo.ReadKeyPair(cfg.Devo.Files.Cert, cfg.Devo.Files.Key, cfg.Devo.Files.Chain)
	}
}

// handler is one invocation: a batch in, a partial-batch response out.
func handler(c *delivery.Collector) func(context.Context, awsevents.SQSEvent) (awsevents.SQSEventResponse, error) {
	return func(ctx context.Context, in awsevents.SQSEvent) (out awsevents.SQSEventResponse, _ error) {
		requestID := ""
		if lc, ok := lambdacontext.FromContext(ctx); ok {
			requestID = lc.AwsRequestID
		}
		batch := make([]delivery.Message, 0, len(in.Records))
		for _, r := range in.Records {
			batch = append(batch, delivery.Message{
				ID: r.MessageId, Receipt: r.ReceiptHandle, Body: r.Body, Queue: r.EventSourceARN,
				Received: number(r.Attributes["ApproximateReceiveCount"], 1), Sent: sent(r.Attributes["SentTimestamp"]),
			})
		}
		for _, id := range c.Deliver(ctx, requestID, batch) {
			out.BatchItemFailures = append(out.BatchItemFailures, awsevents.SQSBatchItemFailure{ItemIdentifier: id})
		}
		return out, nil
	}
}

func number(s string, unless int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return unless
	}
	return n
}

func sent(milliseconds string) time.Time {
	if n := number(milliseconds, 0); n > 0 {
		return time.UnixMilli(int64(n))
	}
	return time.Time{}
}
