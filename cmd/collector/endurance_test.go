package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
)

// window is what an invocation has before its margin of 45 s, here; it has 135 s
// by default. What takes hours invocations of these takes an hour of those.
const (
	window  = time.Second
	longest = 16 * window
	hour    = 27 // windows
)

// An endurance is a deployment whose invocations are short. What it counts says
// the same on any machine: on a slow one more windows pass in which nothing gets
// done, and each of these may cost its messages a receive.
type endurance struct {
	*stack.Stack
	mu       sync.Mutex
	window   time.Duration
	receives int // of the message that was received most often
	starts   int
	empty    int // attempts handed back that had confirmed nothing
	wasted   int // attempts handed back although they had confirmed something
	records  map[string]int
}

// newEndurance is one with some of its options changed.
func newEndurance(t *testing.T, change ...func(*stack.Options)) (*endurance, stack.Options) {
	t.Helper()
	e := &endurance{window: window, records: make(map[string]int)}
	collector, _ := plainBuild(t)
	o := stack.Options{
		Bootstrap: collector, Processes: 4, BatchSize: 10, Log: e.line,
		Devo: []string{"confirm_every: {bytes: 64KiB, time: 1s}"},
		Deadline: func(int, []byte) time.Duration {
			e.mu.Lock()
			defer e.mu.Unlock()
			return 45*time.Second + e.window
		},
		OnStart: func(local.Started) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.starts++
		},
		OnBatch: func(b local.Batch) {
			e.mu.Lock()
			defer e.mu.Unlock()
			for _, m := range b.Messages {
				e.receives = max(e.receives, m.Receives)
			}
		},
		Receiver: local.ReceiverOptions{OnRecord: func(r local.Record) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.records[string(r.Raw)]++
		}},
	}
	for _, c := range change {
		c(&o)
	}
	var err error
	if e.Stack, err = stack.Start(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e, o
}

// line counts the attempts that were handed back. A window in which nothing got
// done was too short for this machine: the next ones are longer.
func (e *endurance) line(_ string, line []byte) {
	var l struct {
		Message, Outcome string
		Records          int
	}
	if json.Unmarshal(line, &l) != nil || l.Message != telemetry.MessageLine || l.Outcome == "ok" {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if l.Records > 0 {
		e.wasted++
		return
	}
	e.empty++
	e.window = min(2*e.window, longest)
}

// poll polls until every queue but the DLQs is empty.
func (e *endurance) poll(t *testing.T, o stack.Options) {
	t.Helper()
	if err := e.Poll(o); err != nil {
		t.Fatal(err)
	}
	ctx := t.Context() // go test's own limit is for what never ends
	idle := time.NewTicker(5 * time.Millisecond)
	defer idle.Stop()
	for quiet := 0; quiet < 10; {
		select {
		case <-ctx.Done():
			t.Fatal("it does not end")
		case <-idle.C:
		}
		rest, next := e.Idle()
		switch {
		case !rest:
			quiet = 0
		case next.IsZero():
			quiet++
		default:
			e.Account.Clock().Advance(next.Sub(e.Account.Clock().Now()) + time.Millisecond)
		}
	}
}

// finish polls until every queue is empty, and checks that each record came
// once, and that no attempt that got something done counted against its message:
// one is received twice at most, and once more for each that got nothing done.
func (e *endurance) finish(t *testing.T, o stack.Options, records int) {
	t.Helper()
	e.poll(t, o)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.receives > 2+e.empty || e.wasted > 0 {
		t.Errorf("a message was received %d times; %d attempts got nothing done, %d others were handed back", e.receives, e.empty, e.wasted)
	}
	if e.starts <= hour/int(longest/window) {
		t.Errorf("%d invocations: it did not outlast one", e.starts)
	}
	if len(e.records) != records {
		t.Errorf("%d records, want %d", len(e.records), records)
	}
	for r, n := range e.records {
		if n != 1 {
			t.Fatalf("%.40q came %d times", r, n)
		}
	}
	for _, f := range e.Feeds {
		if n := len(e.Account.Messages(f.DLQ)); n != 0 {
			t.Errorf("%d messages in %s", n, f.DLQ)
		}
	}
	t.Logf("%d invocations, received %d times at most, %d attempts got nothing done", e.starts, e.receives, e.empty)
}

// An object of an hour goes from invocation to invocation, and no attempt
// counts against its message.
func TestAnObjectOfAnHourIsReceivedTwiceAtMost(t *testing.T) {
	e, o := newEndurance(t)
	const rate = 2 << 20 // bytes a second
	var body strings.Builder
	records := 0
	for ; body.Len() < hour*rate*int(window/time.Second); records++ {
		fmt.Fprintf(&body, "%08d %s\n", records, strings.Repeat("x", 4000))
	}
	e.Account.SetFault(func(r local.FaultRequest) *local.FaultResponse {
		if r.Action != "GetObject" {
			return nil
		}
		return &local.FaultResponse{RateBytesPerSecond: rate}
	})
	if err := e.Account.Put(e.Feeds[0].Bucket, "app/prod/hour.log", []byte(body.String())); err != nil {
		t.Fatal(err)
	}
	e.finish(t, o, records)
}

// A message of 500 files, too many for one invocation.
func TestAMessageOf500FilesIsReceivedTwiceAtMost(t *testing.T) {
	e, o := newEndurance(t)
	f := e.Feeds[0]
	var names []string
	for i := range 500 {
		key := fmt.Sprintf("app/prod/%03d.log", i)
		names = append(names, fmt.Sprintf(`{"eventVersion":"2.1","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q}}}`, f.Bucket, key))
		if err := e.Account.Put(f.Bucket, key, fmt.Appendf(nil, "record of %d\n", i)); err != nil {
			t.Fatal(err)
		}
	}
	root := e.Account.Root()
	client := sqs.New(sqs.Options{
		Region: stack.Region, BaseEndpoint: aws.String(e.Account.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider(root.AccessKeyID, root.SecretAccessKey, ""),
	})
	// Each was announced by itself.
	if _, err := client.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: aws.String(e.Account.QueueURL(f.ARN))}); err != nil {
		t.Fatal(err)
	}
	if err := e.Account.Send(f.ARN, `{"Records":[`+strings.Join(names, ",")+`]}`); err != nil {
		t.Fatal(err)
	}
	e.Account.SetFault(func(r local.FaultRequest) *local.FaultResponse {
		if r.Action != "GetObject" {
			return nil
		}
		return &local.FaultResponse{Delay: 50 * time.Millisecond}
	})
	e.finish(t, o, 500)
}
