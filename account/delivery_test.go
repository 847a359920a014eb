package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/sources"
)

const entryQueue = "arn:aws:sqs:us-east-1:999988887777:devo-s3-acme"

// A rig is a Collector on the bench's bucket, table and queues, with a far end
// that takes everything.
type rig struct {
	delivery.Options
	mu       sync.Mutex
	sent     []string
	outcomes map[string]delivery.Outcome
}

func (b *bench) rig() *rig {
	b.Helper()
	s := must(sources.Compile(sources.Definition{Name: "text", Keys: []string{"**"}, Format: "lines", Tag: "my.app.text"}))
	r := &rig{outcomes: make(map[string]delivery.Outcome)}
	r.Options = delivery.Options{
		Entries: []delivery.Entry{{ARN: entryQueue, Buckets: []string{bucket}, Sources: sources.Set{s}, Store: b.store()}},
		Ledger:  b.Ledger(LedgerOptions{Table: table, Keep: time.Hour}),
		Queue:   b.Queue("arn:aws:sqs:us-east-1:123456789012:continuation"),
		Sink:    r, Report: r, Unparsed: "my.app.unparsed", BadTag: "my.app.badtag",
	}
	return r
}

func (r *rig) InFlight(delivery.Flight) {}

func (r *rig) Message(o delivery.Outcome) { r.outcomes[o.Message.ID] = o }

func (r *rig) Dial(_, _ context.Context) (delivery.Conn, error) { return &take{rig: r}, nil }

// A take is a connection that is always confirmed.
type take struct {
	*rig
	records []string
}

func (c *take) Header(string, string) []byte { return nil }

func (c *take) Full([]byte) bool { return false }

func (c *take) Write(_, record []byte) error {
	c.records = append(c.records, string(record))
	return nil
}

func (c *take) Confirm(context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sent = append(c.sent, c.records...)
	return nil
}

func (c *take) Abort()         {}
func (c *take) Written() int64 { return int64(len(c.records)) }

// deliver runs one message that names a key, received so many times.
func (r *rig) deliver(t *testing.T, id, bucket, key string, received int) delivery.Outcome {
	t.Helper()
	c := must(delivery.New(r.Options))
	c.Deliver(t.Context(), "request-"+id, []delivery.Message{{
		ID: id, Receipt: id, Queue: entryQueue, Received: received,
		Body: s3Event(bucket, key),
	}})
	return r.outcomes[id]
}

// s3Event is S3's notification of one object.
func s3Event(bucket, key string) string {
	return fmt.Sprintf(`{"Records":[{"eventVersion":"2.1","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q}}}]}`, bucket, key)
}

func wantOutcome(t *testing.T, o delivery.Outcome, kind delivery.Kind, state delivery.State) {
	t.Helper()
	got := delivery.Kind("")
	if o.Err != nil {
		got = o.Err.Kind
	}
	if got != kind || len(o.Objects) != 1 || o.Objects[0].State != state {
		t.Errorf("%s: %v, %+v, want %q, %s", o.Message.ID, o.Err, o.Objects, kind, state)
	}
}

// The table stops answering, and comes back.
func TestDeliveryWhileTheTableIsDown(t *testing.T) {
	for _, row := range []struct {
		name     string
		stops    bool
		received int
		kind     delivery.Kind
	}{
		{"a first delivery goes on, unclaimed", false, 1, ""},
		{"a redelivery waits", false, 2, delivery.LedgerFailed},
		{"with stop, both wait", true, 1, delivery.LedgerFailed},
		{"with stop, both wait, redelivered", true, 2, delivery.LedgerFailed},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			b.once()
			b.put("logs/a", "one\ntwo\n")
			r := b.rig()
			r.LedgerDownStops = row.stops
			b.mu.Lock()
			b.fault = func(q local.FaultRequest) *local.FaultResponse {
				if q.Service != "dynamodb" {
					return nil
				}
				return &local.FaultResponse{Status: 500, Code: "InternalServerError"}
			}
			b.mu.Unlock()
			o := r.deliver(t, "down", bucket, "logs/a", row.received)
			state := delivery.Failed
			if row.kind == "" {
				state = delivery.Delivered
			}
			wantOutcome(t, o, row.kind, state)
			if o.Objects[0].Unclaimed != (row.kind == "") || (len(r.sent) > 0) != (row.kind == "") {
				t.Errorf("unclaimed %t, sent %q", o.Objects[0].Unclaimed, r.sent)
			}
			b.mu.Lock()
			b.fault = nil
			b.mu.Unlock()
			r.sent = nil
			wantOutcome(t, r.deliver(t, "up", bucket, "logs/a", row.received+1), "", delivery.Delivered)
			wantOutcome(t, r.deliver(t, "again", bucket, "logs/a", 1), "", delivery.Already)
			if !slices.Equal(r.sent, []string{"one", "two"}) {
				t.Errorf("sent %q", r.sent)
			}
		})
	}
}

// A table that is throttled for a while is waited for; one that loses the write
// of what was confirmed makes the message fail.
func TestDeliveryThroughAThrottledTable(t *testing.T) {
	b := newBench(t)
	b.put("logs/a", "one\n")
	r := b.rig()
	n := 0
	b.fault = func(q local.FaultRequest) *local.FaultResponse {
		if n++; q.Service != "dynamodb" || n%2 == 0 {
			return nil
		}
		return &local.FaultResponse{Status: 400, Code: "ProvisionedThroughputExceededException"}
	}
	wantOutcome(t, r.deliver(t, "throttled", bucket, "logs/a", 1), "", delivery.Delivered)

	b.once()
	r = b.rig()
	b.put("logs/b", "two\n")
	b.fail("UpdateItem", &local.FaultResponse{Status: 400, Code: "ProvisionedThroughputExceededException"})
	wantOutcome(t, r.deliver(t, "unwritten", bucket, "logs/b", 1), delivery.LedgerFailed, delivery.Failed)
}

// A bucket that the queue's entry does not list is refused before any call,
// whatever the role could do.
func TestUnlistedBucketIsRefusedBeforeAnyCall(t *testing.T) {
	b := newBench(t)
	b.check(b.aws.CreateBucket("other", local.BucketOptions{Owner: customer}))
	b.check(b.aws.Put("other", "logs/a", []byte("not ours\n")))
	r := b.rig()
	o := r.deliver(t, "foreign", "other", "logs/a", 1)
	wantOutcome(t, o, delivery.NotAllowed, delivery.Failed)
	for _, action := range []string{"AssumeRole", "GetObject", "HeadObject", "ListObjectsV2", "PutItem", "UpdateItem"} {
		if n := b.called(action); n != 0 {
			t.Errorf("%s was called %d times", action, n)
		}
	}
	if len(r.sent) != 0 {
		t.Errorf("sent %q", r.sent)
	}
}

// No failure of AWS shows a session's secrets, the external id, or what is in
// an object.
func TestErrorsShowNoSecrets(t *testing.T) {
	b := newBench(t)
	b.put("logs/a", "secret content\n")
	r := b.rig()
	wantOutcome(t, r.deliver(t, "first", bucket, "logs/a", 1), "", delivery.Delivered)
	session := must(b.role(roleID{arn: reader, externalID: externalID}).sessions.Retrieve(t.Context()))
	own := must(b.config.Credentials.Retrieve(t.Context()))
	b.once()
	r = b.rig()
	for i, fault := range []struct {
		action string
		local.FaultResponse
	}{
		{"AssumeRole", local.FaultResponse{Status: 403, Code: "AccessDenied"}},
		{"GetObject", local.FaultResponse{Status: 403, Code: "AccessDenied"}},
		{"GetObject", local.FaultResponse{Status: 400, Code: "ExpiredToken"}},
		{"GetObject", local.FaultResponse{CutBodyAfter: 1}},
		{"PutItem", local.FaultResponse{Status: 500, Code: "InternalServerError"}},
	} {
		b.put(fmt.Sprint("logs/", i), "secret content\n")
		b.fail(fault.action, &fault.FaultResponse)
		o := r.deliver(t, fmt.Sprint(i), bucket, fmt.Sprint("logs/", i), 2)
		if o.Err == nil {
			t.Errorf("%+v: no error", fault)
			continue
		}
		for what, secret := range map[string]string{
			"contents": "secret content", "external id": externalID, "session token": session.SessionToken,
			"session's key": session.SecretAccessKey, "own key": own.SecretAccessKey,
		} {
			if secret == "" || strings.Contains(errors.Join(o.Err, o.DelayErr).Error(), secret) {
				t.Errorf("%s in %v", what, o.Err)
			}
		}
	}
}
