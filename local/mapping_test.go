package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestMappingEventIsLambdas(t *testing.T) {
	rig := newMappingRig(t)
	events := make(chan string, 1)
	rig.start(rig.options(func(_ context.Context, payload []byte) ([]byte, string, error) {
		events <- string(payload)
		return []byte(`{"batchItemFailures":[]}`), "", nil
	}))
	sent, err := rig.client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl:    aws.String(rig.QueueURL(rig.queue)),
		MessageBody: aws.String(`{"a":"<&>"}`),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"n": {DataType: aws.String("Number"), StringValue: aws.String("7")},
			"b": {DataType: aws.String("Binary"), BinaryValue: []byte{1, 2}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	var event struct{ Records []map[string]any }
	text := <-events
	if err := json.Unmarshal([]byte(text), &event); err != nil || len(event.Records) != 1 {
		t.Fatalf("%v: %s", err, text)
	}
	got := event.Records[0]
	attributes, _ := got["attributes"].(map[string]any)
	for _, name := range []string{"ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"} {
		if v, _ := attributes[name].(string); v == "" {
			t.Errorf("no %s in %v", name, attributes)
		}
	}
	if handle, _ := got["receiptHandle"].(string); handle == "" {
		t.Error("no receipt handle")
	}
	delete(got, "attributes")
	delete(got, "receiptHandle")
	want := fmt.Sprintf(`{"awsRegion":"us-east-1","body":"{\"a\":\"<&>\"}","eventSource":"aws:sqs","eventSourceARN":%q,"md5OfBody":%q,`+
		`"messageAttributes":{"b":{"binaryListValues":[],"binaryValue":"AQI=","dataType":"Binary","stringListValues":[]},`+
		`"n":{"binaryListValues":[],"dataType":"Number","stringListValues":[],"stringValue":"7"}},"messageId":%q}`,
		rig.queue, *sent.MD5OfMessageBody, *sent.MessageId)
	var wanted map[string]any
	if err := json.Unmarshal([]byte(want), &wanted); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(wanted) {
		t.Errorf("got %v\nwant %v", got, wanted)
	}
	rig.batch()
}

func TestMappingDeletesByTheResponse(t *testing.T) {
	failing := func(ids string) string { return `{"batchItemFailures":[` + ids + `]}` }
	const first, both, none = 1, 2, 0
	for _, c := range []struct {
		name, response string // FIRST is the first message's id
		functionError  string
		err            error
		ignored        bool // the mapping lacks ReportBatchItemFailures
		left           int  // of two messages
	}{
		{name: "empty list", response: failing(""), left: none},
		{name: "null list", response: `{"batchItemFailures":null}`, left: none},
		{name: "empty object", response: `{}`, left: none},
		{name: "null", response: `null`, left: none},
		{name: "nothing", response: ``, left: none},
		{name: "another key fails open", response: `{"batchItemFailure":[{"itemIdentifier":"FIRST"}]}`, left: none},
		{name: "the key in another case fails open", response: `{"BatchItemFailures":[{"itemIdentifier":"FIRST"}]}`, left: none},
		{name: "one failed", response: failing(`{"itemIdentifier":"FIRST"}`), left: first},
		{name: "one failed twice", response: failing(`{"itemIdentifier":"FIRST"},{"itemIdentifier":"FIRST"}`), left: first},
		{name: "invalid JSON", response: `{"batchItemFailures":[`, left: both},
		{name: "empty identifier", response: failing(`{"itemIdentifier":"FIRST"},{"itemIdentifier":""}`), left: both},
		{name: "null identifier", response: failing(`{"itemIdentifier":null}`), left: both},
		{name: "identifier under another key", response: failing(`{"itemIdentifer":"FIRST"}`), left: both},
		{name: "identifier under another case", response: failing(`{"itemidentifier":"FIRST"}`), left: both},
		{name: "identifier not in the batch", response: failing(`{"itemIdentifier":"FIRST"},{"itemIdentifier":"x"}`), left: both},
		{name: "identifier of another type", response: failing(`{"itemIdentifier":5}`), left: both},
		{name: "items of another type", response: failing(`"FIRST"`), left: both},
		{name: "list of another type", response: `{"batchItemFailures":"FIRST"}`, left: both},
		{name: "string", response: `"ok"`, left: both},
		{name: "array", response: `[]`, left: both},
		{name: "function error", response: failing(""), functionError: "Unhandled", left: both},
		{name: "not invoked", err: errors.New("throttled"), left: both},
		{name: "partial responses not asked for", response: failing(`{"itemIdentifier":"FIRST"}`), ignored: true, left: none},
		{name: "partial responses not asked for, function error", functionError: "Unhandled", ignored: true, left: both},
		{name: "partial responses not asked for, invalid JSON", response: `{`, ignored: true, left: none},
	} {
		t.Run(c.name, func(t *testing.T) {
			rig := newMappingRig(t)
			rig.send("a", "b")
			id := rig.Messages(rig.queue)[0].ID
			opt := rig.options(func(context.Context, []byte) ([]byte, string, error) {
				return []byte(strings.ReplaceAll(c.response, "FIRST", id)), c.functionError, c.err
			})
			opt.ReportBatchItemFailures = !c.ignored
			m := rig.start(opt)
			batch := rig.batch()
			m.Close()
			state := rig.QueueState(rig.queue)
			if state.Visible != 0 || state.InFlight != c.left {
				t.Errorf("queue has %+v, want %d in flight", state, c.left)
			}
			deleted := slices.DeleteFunc(slices.Clone(batch.Messages), func(m BatchMessage) bool { return !m.Deleted })
			if len(batch.Messages) != 2 || len(deleted) != 2-c.left || (batch.Err != nil) != (c.left == both) || batch.FunctionError != c.functionError {
				t.Errorf("batch %+v", batch)
			}
			if c.left == first && (rig.Messages(rig.queue)[0].ID != id || batch.Messages[0].Deleted) {
				t.Error("the wrong message was deleted")
			}
			if !m.Idle() {
				t.Error("not idle")
			}
		})
	}
}

func TestMappingLeavesFailuresToTheVisibilityTimeoutAndTheRedrive(t *testing.T) {
	rig := newMappingRig(t)
	rig.send("a")
	id := rig.Messages(rig.queue)[0].ID
	rig.start(rig.options(func(context.Context, []byte) ([]byte, string, error) { return nil, "Unhandled", nil }))
	for receives := 1; receives <= 3; receives++ {
		got := rig.batch()
		if want := (BatchMessage{ID: id, Receives: receives}); len(got.Messages) != 1 || got.Messages[0] != want {
			t.Fatalf("got %+v, want %+v", got, want)
		}
		if hidden := rig.QueueState(rig.queue).NextVisible.Sub(rig.Clock().Now()); hidden < rigVisibility-time.Minute || hidden > rigVisibility {
			t.Errorf("hidden for %v", hidden)
		}
		rig.Clock().Advance(rigVisibility)
	}
	rig.awaitState(0, 0)
	if dead := rig.Messages(rig.dlq); len(dead) != 1 || dead[0].ID != id {
		t.Errorf("dead-letter queue has %+v", dead)
	}
}

func TestMappingBatchesAreOfTenAtMostByDefault(t *testing.T) {
	rig := newMappingRig(t)
	rig.send(sequence(25)...)
	rig.start(rig.options(succeed))
	var total int
	for total < 25 {
		n := len(rig.batch().Messages)
		if n > 10 {
			t.Errorf("a batch of %d", n)
		}
		total += n
	}
	rig.awaitState(0, 0)
}

func TestMappingWindowEndsWhenTheBatchIsFull(t *testing.T) {
	rig := newMappingRig(t)
	rig.send(sequence(30)...)
	opt := rig.options(succeed)
	opt.BatchSize, opt.Window, opt.Pollers = 20, 30*time.Second, 1
	rig.start(opt)
	if got := len(rig.batch().Messages); got != 20 {
		t.Errorf("a batch of %d", got)
	}
}

func TestMappingWindowEndsByTheClock(t *testing.T) {
	rig := newMappingRig(t)
	rig.send(sequence(25)...)
	opt := rig.options(succeed)
	opt.BatchSize, opt.Window, opt.Pollers = 100, 30*time.Second, 1
	rig.start(opt)
	rig.awaitState(0, 25)
	if len(rig.batches) > 0 {
		t.Error("a batch came before its window had ended")
	}
	for {
		rig.Clock().Advance(45 * time.Second) // ends the window, and the poll unless it begins just now
		select {
		case got := <-rig.batches:
			if len(got.Messages) != 25 {
				t.Errorf("a batch of %d", len(got.Messages))
			}
			return
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func TestMappingEventsAreOfSixMegabytesAtMost(t *testing.T) {
	rig := newMappingRig(t)
	var sent []string
	for i := range 8 { // as long as SQS allows, less a little
		sent = append(sent, fmt.Sprint(i)+strings.Repeat("x", 1<<20-10))
	}
	rig.send(sent...)
	payloads := make(chan []byte, 2)
	opt := rig.options(func(_ context.Context, payload []byte) ([]byte, string, error) {
		payloads <- slices.Clone(payload)
		return nil, "", nil
	})
	opt.Pollers = 1
	m := rig.start(opt)
	rig.batch()
	rig.batch()
	first, second := <-payloads, <-payloads
	if len(first) > PayloadLimit || len(first)+1<<20 < PayloadLimit {
		t.Errorf("the first event has %d bytes", len(first))
	}
	if got := append(eventBodies(first), eventBodies(second)...); !slices.Equal(got, sent) {
		t.Errorf("got %d messages, want %d", len(got), len(sent))
	}
	rig.awaitState(0, 0)
	m.Close()
	if !m.Idle() {
		t.Error("not idle")
	}
}

func TestMappingInvokesOneBatchPerPoller(t *testing.T) {
	for _, c := range []struct{ pollers, concurrency, want int }{{0, 0, 5}, {7, 0, 7}, {5, 2, 2}, {2, 5, 2}} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			rig := newMappingRig(t)
			started, release := make(chan struct{}, 10), make(chan struct{})
			opt := rig.options(func(context.Context, []byte) ([]byte, string, error) {
				started <- struct{}{}
				<-release
				return nil, "", nil
			})
			opt.BatchSize, opt.Pollers, opt.MaxConcurrency = 1, c.pollers, c.concurrency
			rig.send(sequence(10)...)
			m := rig.start(opt)
			for range c.want {
				<-started
			}
			rig.awaitState(10-c.want, c.want)
			if len(started) > 0 || m.Idle() {
				t.Errorf("%d more invocations, idle: %v", len(started), m.Idle())
			}
			close(release)
			for range 10 {
				rig.batch()
			}
			rig.awaitState(0, 0)
		})
	}
}

func TestMappingDisabledDoesNotPoll(t *testing.T) {
	rig := newMappingRig(t)
	mapping := make(chan *Mapping, 1)
	opt := rig.options(func(context.Context, []byte) ([]byte, string, error) {
		m := <-mapping
		m.Disable()
		m.Disable()
		return nil, "", nil
	})
	opt.Pollers = 1
	m := rig.start(opt)
	rig.send("a")
	mapping <- m
	rig.batch()
	rig.send("b")
	select {
	case <-rig.batches:
		t.Error("a disabled mapping polled")
	case <-time.After(20 * time.Millisecond):
	}
	if rig.awaitState(1, 0); m.Enabled() {
		t.Error("enabled after Disable")
	}
	m.Enable()
	m.Enable()
	if !m.Enabled() {
		t.Error("disabled after Enable")
	}
	mapping <- m
	rig.batch()
	rig.awaitState(0, 0)
}

func TestMappingCloseFinishesWhatIsInHand(t *testing.T) {
	rig := newMappingRig(t)
	started, release := make(chan struct{}), make(chan struct{})
	m := rig.start(rig.options(func(ctx context.Context, _ []byte) ([]byte, string, error) {
		close(started)
		<-release
		return nil, "", ctx.Err()
	}))
	rig.send("a")
	<-started
	closed := make(chan struct{})
	go func() {
		m.Close()
		close(closed)
	}()
	select {
	case <-closed:
		t.Error("closed with a batch in hand")
	case <-time.After(20 * time.Millisecond):
	}
	close(release)
	<-closed
	rig.awaitState(0, 0)
}

func TestMappingGoesOnAfterErrors(t *testing.T) {
	rig := newMappingRig(t)
	failures := make(chan error, 100)
	opt := rig.options(succeed)
	missing := strings.Replace(rig.queue, "queue", "later", 1)
	opt.QueueARN, opt.QueueURL, opt.Pollers = missing, strings.Replace(opt.QueueURL, "queue", "later", 1), 1
	opt.OnError = func(err error) { failures <- err }
	rig.start(opt)
	if missing := (*types.QueueDoesNotExist)(nil); !errors.As(<-failures, &missing) {
		t.Errorf("want QueueDoesNotExist")
	}
	rig.CreateQueue("later", QueueOptions{})
	if err := rig.Send(missing, "a"); err != nil {
		t.Fatal(err)
	}
	if got := rig.batch(); !got.Messages[0].Deleted {
		t.Errorf("got %+v", got)
	}
}

func TestMappingRefusesWhatLambdaRefuses(t *testing.T) {
	rig := newMappingRig(t)
	for _, c := range []struct {
		name, want string
		change     func(*MappingOptions)
	}{
		{"another region", "one region", func(o *MappingOptions) { o.Region = "eu-west-1" }},
		{"no queue", "ARN", func(o *MappingOptions) { o.QueueARN = "arn:aws:sns:us-east-1:123456789012:queue" }},
		{"FIFO", "standard", func(o *MappingOptions) { o.QueueARN += ".fifo" }},
		{"negative batch", "batch size", func(o *MappingOptions) { o.BatchSize = -1 }},
		{"batch over 10,000", "batch size", func(o *MappingOptions) { o.BatchSize, o.Window = 10_001, time.Second }},
		{"batch over 10 without a window", "window", func(o *MappingOptions) { o.BatchSize = 11 }},
		{"window over 300 s", "window", func(o *MappingOptions) { o.Window = 301 * time.Second }},
		{"concurrency of 1", "concurrency", func(o *MappingOptions) { o.MaxConcurrency = 1 }},
		{"concurrency over 1,000", "concurrency", func(o *MappingOptions) { o.MaxConcurrency = 1001 }},
		{"long poll over 20 s", "poll", func(o *MappingOptions) { o.Wait = 21 * time.Second }},
		{"function timeout over visibility timeout", "visibility", func(o *MappingOptions) { o.FunctionTimeout = rigVisibility + time.Second }},
		{"no such queue", "visibility", func(o *MappingOptions) { o.FunctionTimeout, o.QueueURL = 1, o.QueueURL+"x" }},
	} {
		t.Run(c.name, func(t *testing.T) {
			opt := rig.options(succeed)
			c.change(&opt)
			if m, err := StartMapping(opt); err == nil {
				m.Close()
				t.Error("accepted")
			} else if !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v does not speak of %s", err, c.want)
			}
		})
	}
	opt := rig.options(succeed)
	opt.Region, opt.BatchSize, opt.Window, opt.MaxConcurrency, opt.FunctionTimeout = "us-east-1", 10_000, 300*time.Second, 1000, rigVisibility
	rig.start(opt)
}

func TestMappingDrivesARealFunction(t *testing.T) {
	rig := newMappingRig(t)
	rig.send("good", "fail", "good")
	f := startFunction(t, FunctionOptions{Timeout: time.Minute, Processes: 4})
	opt := rig.options(func(ctx context.Context, payload []byte) ([]byte, string, error) {
		result, err := f.Invoke(ctx, payload)
		return result.Payload, result.FunctionError, err
	})
	opt.FunctionTimeout = time.Minute
	rig.start(opt)
	for n := 0; n < 3; {
		n += len(rig.batch().Messages)
	}
	if left := rig.Messages(rig.queue); len(left) != 1 || left[0].Body != "fail" || left[0].Receives != 1 {
		t.Errorf("left: %+v", left)
	}
}
