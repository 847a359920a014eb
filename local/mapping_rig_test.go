package local

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// patience is how long a test waits for what has to come, on a busy machine.
const patience = time.Minute

// A mappingRig is a queue with a dead-letter queue, and what maps it.
type mappingRig struct {
	*Account
	t          *testing.T
	queue, dlq string
	client     *sqs.Client
	batches    chan Batch
}

const rigVisibility = time.Hour

func newMappingRig(t *testing.T) *mappingRig {
	t.Helper()
	account, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { account.Close() })
	rig := &mappingRig{Account: account, t: t, batches: make(chan Batch, 100)}
	rig.dlq = account.CreateQueue("dlq", QueueOptions{})
	rig.queue = account.CreateQueue("queue", QueueOptions{Visibility: rigVisibility, MaxReceive: 3, DLQ: rig.dlq})
	root := account.Root()
	rig.client = sqs.New(sqs.Options{
		BaseEndpoint: aws.String(account.Endpoint()),
		Region:       account.Region(),
		Credentials:  credentials.NewStaticCredentialsProvider(root.AccessKeyID, root.SecretAccessKey, ""),
	})
	return rig
}

// options map the queue to invoke, and every batch to rig.batches.
func (rig *mappingRig) options(invoke func(ctx context.Context, payload []byte) ([]byte, string, error)) MappingOptions {
	return MappingOptions{
		SQS:                     rig.client,
		QueueURL:                rig.QueueURL(rig.queue),
		QueueARN:                rig.queue,
		ReportBatchItemFailures: true,
		Invoke:                  invoke,
		Clock:                   rig.Clock(),
		OnBatch:                 func(b Batch) { rig.batches <- b },
		OnError:                 func(err error) { rig.t.Error(err) },
	}
}

func (rig *mappingRig) start(opt MappingOptions) *Mapping {
	rig.t.Helper()
	m, err := StartMapping(opt)
	if err != nil {
		rig.t.Fatal(err)
	}
	rig.t.Cleanup(m.Close)
	return m
}

func (rig *mappingRig) send(bodies ...string) {
	rig.t.Helper()
	for _, body := range bodies {
		if err := rig.Send(rig.queue, body); err != nil {
			rig.t.Fatal(err)
		}
	}
}

// batch is the next one dealt with.
func (rig *mappingRig) batch() Batch {
	rig.t.Helper()
	select {
	case b := <-rig.batches:
		return b
	case <-time.After(patience):
		rig.t.Fatal("no batch")
		return Batch{}
	}
}

// awaitState waits until so many messages are visible and in flight.
func (rig *mappingRig) awaitState(visible, inFlight int) {
	rig.t.Helper()
	var got QueueState
	for start := time.Now(); time.Since(start) < patience; runtime.Gosched() {
		if got = rig.QueueState(rig.queue); got.Visible == visible && got.InFlight == inFlight {
			return
		}
	}
	rig.t.Fatalf("queue has %+v, want %d visible, %d in flight", got, visible, inFlight)
}

// succeed is a function that all messages are fine for.
func succeed(context.Context, []byte) ([]byte, string, error) { return []byte("{}"), "", nil }

// bodies of an event, in its order.
func eventBodies(payload []byte) (bodies []string) {
	var event struct{ Records []eventRecord }
	if err := json.Unmarshal(payload, &event); err != nil {
		return []string{err.Error()}
	}
	for _, r := range event.Records {
		bodies = append(bodies, r.Body)
	}
	return bodies
}

func sequence(n int) (bodies []string) {
	for i := range n {
		bodies = append(bodies, fmt.Sprintf("body %d", i))
	}
	return bodies
}
