// Command collector is the Lambda function. It reads its configuration, wires
// the parts together and hands each batch to delivery. It refuses to start
// with a configuration that is not whole.
package main

import (
	"context"
	"log/slog"
	"os"
	"strconv"
	"time"

	awsevents "github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/devo"
	"github.com/devo-s3/collector/internal/deployment"
	"github.com/devo-s3/collector/telemetry"
)

// version is set by the linker.
var version = "dev"

func main() {
	log := lambdacontext.NewLogger()
	slog.SetDefault(log)
	f, err := wire(context.Background(), log)
	if err != nil {
		deployment.StartFailed(log, "the function", err)
	}
	log.Info("start", "version", version)
	lambda.Start(f.handle)
}

// A function is the deployment's, wired.
type function struct {
	config    *config.Config
	collector *delivery.Collector
	metrics   *telemetry.Metrics
	sink      *devo.Sink
	health    *account.Health // nil without a ledger
	log       *slog.Logger
}

// wire builds the function from the deployment's file.
func wire(ctx context.Context, log *slog.Logger) (*function, error) {
	cfg, err := deployment.Load()
	if err != nil {
		return nil, err
	}
	acct, err := account.New(ctx, account.Options{Region: cfg.Region, Customer: cfg.Customer, Log: log})
	if err != nil {
		return nil, err
	}
	f := &function{config: cfg, log: log}
	ledger := account.NoLedger()
	if cfg.Ledger.Kind != "none" {
		ledger = acct.Ledger(account.LedgerOptions{Table: cfg.Ledger.Table, Keep: cfg.Ledger.Keep})
		f.health = acct.Health(cfg.Ledger.Table)
	}
	var names []string
	for _, s := range cfg.AllSources() {
		names = append(names, s.Name())
	}
	f.metrics = telemetry.NewMetrics(&telemetry.Emitter{
		Out: os.Stdout, Deployment: cfg.Customer, Version: version, Now: ledger.Now,
	}, names)
	f.metrics.Queues = neverSilent(cfg)
	if f.sink, err = deployment.Sink(cfg, acct, log, deployment.Parts{Ended: f.metrics.Attempt, Memory: deployment.Memory(cfg, acct)}); err != nil {
		return nil, err
	}
	f.collector, err = delivery.New(delivery.Options{
		Entries: entries(cfg, acct), Continuation: cfg.Continuation,
		Ledger: ledger, Queue: acct.Queue(cfg.Continuation), Sink: f.sink,
		Report:   telemetry.Reporters{telemetry.NewLog(log), f.metrics},
		Unparsed: cfg.Devo.Tags.Unparsed, BadTag: cfg.Devo.Tags.BadTag,
		ConfirmBytes: int64(cfg.Devo.ConfirmEvery.Bytes), ConfirmTime: cfg.Devo.ConfirmEvery.Time,
		ConfirmTimeout: cfg.Devo.ConfirmTimeout, LedgerDownStops: cfg.Ledger.Down == "stop",
	})
	return f, err
}

// neverSilent are the names of the queues, by ARN, whose silence is an alarm. What
// arrives by a queue that had another name before is its own.
func neverSilent(cfg *config.Config) map[string]string {
	names := make(map[string]string)
	for _, q := range cfg.Queues {
		if q.SilenceAfter == 0 {
			continue
		}
		names[q.ARN] = q.Name()
		for _, f := range q.Was {
			names[f.ARN] = q.Name()
		}
	}
	return names
}

// entries are the deployment's queues, each with its own access to S3.
func entries(cfg *config.Config, acct *account.Account) []delivery.Entry {
	var all []delivery.Entry
	for _, q := range cfg.All() {
		if q.Direct() {
			all = append(all, delivery.Entry{ARN: q.ARN, Sources: q.Sources, Direct: true})
			continue
		}
		e := delivery.Entry{ARN: q.ARN, Sources: q.Sources, Former: cfg.Former(q), Restored: q.RestoredBuckets(), Store: acct.Store(deployment.Access(q))}
		for _, b := range q.Buckets {
			e.Buckets = append(e.Buckets, b.Name)
		}
		all = append(all, e)
	}
	return all
}

// deliver takes a batch, and gives a partial-batch response.
func (f *function) deliver(ctx context.Context, in awsevents.SQSEvent) (out awsevents.SQSEventResponse, _ error) {
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
	f.metrics.Begin(requestID, batch)
	defer f.end(ctx)
	out.BatchItemFailures = []awsevents.SQSBatchItemFailure{} // Lambda takes null alike; not every emulator does
	for _, id := range f.collector.Deliver(ctx, requestID, batch) {
		out.BatchItemFailures = append(out.BatchItemFailures, awsevents.SQSBatchItemFailure{ItemIdentifier: id})
	}
	return out, nil
}

// endLimit bounds what is done after a batch: delivery leaves 2 s for it.
const endLimit = time.Second

// end emits the metrics, of a failed invocation too, and tells watch how it went
// with Devo.
func (f *function) end(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, endLimit)
	defer cancel()
	// If there is no certificate, every dial has said why.
	certificate, _ := f.sink.CertificateEnd(ctx)
	f.metrics.End(certificate)
	minute := f.metrics.Devo()
	if f.health == nil || minute.Attempts == 0 {
		return
	}
	if err := f.health.Add(ctx, minute); err != nil {
		f.log.WarnContext(ctx, "watch is not told how it went with Devo", "cause", telemetry.Cause(err))
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
