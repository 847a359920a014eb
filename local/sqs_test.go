package local

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
)

// An sqsBench is an account and an ordinary client of its queues.
type sqsBench struct {
	*testing.T
	*Account
	client *sqs.Client
}

func newSQSBench(t *testing.T) sqsBench {
	t.Helper()
	a := startAccount(t)
	return sqsBench{t, a, sqsClient(t, a, a.Root())}
}

// queue makes a queue and tells its URL and ARN.
func (b sqsBench) queue(name string, o QueueOptions) (url *string, arn string) {
	arn = b.CreateQueue(name, o)
	return aws.String(b.QueueURL(arn)), arn
}

func (b sqsBench) send(url *string, bodies ...string) {
	b.Helper()
	for _, body := range bodies {
		if _, err := b.client.SendMessage(b.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: &body}); err != nil {
			b.Fatal(err)
		}
	}
}

func (b sqsBench) receive(url *string) []types.Message {
	b.Helper()
	out, err := b.client.ReceiveMessage(b.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: url, MaxNumberOfMessages: 10,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		b.Fatal(err)
	}
	return out.Messages
}

// one receives and wants exactly one message.
func (b sqsBench) one(url *string) types.Message {
	b.Helper()
	got := b.receive(url)
	if len(got) != 1 {
		b.Fatalf("received %d messages, want 1", len(got))
	}
	return got[0]
}

func (b sqsBench) none(url *string) {
	b.Helper()
	if got := b.receive(url); len(got) != 0 {
		b.Fatalf("received %d messages, want none", len(got))
	}
}

func (b sqsBench) hide(url *string, m types.Message, d time.Duration) error {
	_, err := b.client.ChangeMessageVisibility(b.Context(), &sqs.ChangeMessageVisibilityInput{
		QueueUrl: url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: int32(d / time.Second),
	})
	return err
}

func (b sqsBench) delete(url *string, m types.Message) error {
	_, err := b.client.DeleteMessage(b.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle})
	return err
}

// wantCode wants an API error of this code.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code {
		t.Errorf("error %v, want code %s", err, code)
	}
}

func TestMessageIsHiddenForTheVisibilityTimeoutAndCountsItsReceives(t *testing.T) {
	b := newSQSBench(t)
	url, _ := b.queue("in", QueueOptions{Visibility: 5400 * time.Second})
	sent := b.clock.Now()
	b.send(url, "hello")
	first := b.one(url)
	b.none(url)
	b.clock.Advance(5399 * time.Second)
	b.none(url)
	b.clock.Advance(time.Second)
	second := b.one(url)

	if *first.MessageId != *second.MessageId || *second.Body != "hello" {
		t.Errorf("received %v %q, then %v %q", *first.MessageId, *first.Body, *second.MessageId, *second.Body)
	}
	if first.Attributes["ApproximateReceiveCount"] != "1" || second.Attributes["ApproximateReceiveCount"] != "2" {
		t.Errorf("receive counts %v, %v", first.Attributes, second.Attributes)
	}
	if first.Attributes["ApproximateFirstReceiveTimestamp"] != second.Attributes["ApproximateFirstReceiveTimestamp"] {
		t.Errorf("first receive moved from %v to %v", first.Attributes, second.Attributes)
	}
	if ms, err := strconv.ParseInt(second.Attributes["SentTimestamp"], 10, 64); err != nil || ms < sent.UnixMilli() || ms > sent.Add(time.Minute).UnixMilli() {
		t.Errorf("sent at %v, want about %d", second.Attributes, sent.UnixMilli())
	}
	if second.Attributes["SenderId"] != devo {
		t.Errorf("sender %q", second.Attributes["SenderId"])
	}
}

func TestOnlyTheAttributesAskedForComeBack(t *testing.T) {
	b := newSQSBench(t)
	url, _ := b.queue("in", QueueOptions{Visibility: time.Second})
	b.send(url, "x")
	ask := map[string]*sqs.ReceiveMessageInput{
		"none":         {},
		"by new name":  {MessageSystemAttributeNames: []types.MessageSystemAttributeName{"SentTimestamp"}},
		"by old name":  {AttributeNames: []types.QueueAttributeName{"SentTimestamp"}},
		"an empty one": {MessageSystemAttributeNames: []types.MessageSystemAttributeName{"DeadLetterQueueSourceArn"}},
	}
	want := map[string]int{"by new name": 1, "by old name": 1}
	for name, in := range ask {
		b.clock.Advance(time.Second)
		in.QueueUrl = url
		out, err := b.client.ReceiveMessage(t.Context(), in)
		if err != nil || len(out.Messages) != 1 {
			t.Fatal(name, err, out)
		}
		if got := len(out.Messages[0].Attributes); got != want[name] {
			t.Errorf("%s: %d attributes, want %d", name, got, want[name])
		}
	}
}
