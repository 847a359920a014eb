package local

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestDeleteGoesByTheLastReceiptHandle(t *testing.T) {
	b := newSQSBench(t)
	url, arn := b.queue("in", QueueOptions{Visibility: time.Minute})
	b.send(url, "x")
	old := b.one(url)
	b.clock.Advance(time.Minute)
	last := b.one(url)
	for _, c := range []struct {
		step    string
		message types.Message
		left    int
	}{
		{"an old handle deletes nothing", old, 1},
		{"the last one deletes", last, 0},
		{"and may do so again", last, 0},
	} {
		if err := b.delete(url, c.message); err != nil {
			t.Errorf("%s: %v", c.step, err)
		}
		if got := len(b.Messages(arn)); got != c.left {
			t.Errorf("%s: %d messages left", c.step, got)
		}
	}
}

func TestHandleOfAnExpiredTimeoutStillDeletes(t *testing.T) {
	b := newSQSBench(t)
	url, _ := b.queue("in", QueueOptions{Visibility: time.Minute})
	b.send(url, "x")
	m := b.one(url)
	b.clock.Advance(time.Hour)
	if err := b.delete(url, m); err != nil {
		t.Fatal(err)
	}
	b.none(url)
}

func TestVisibilityCanBeChanged(t *testing.T) {
	b := newSQSBench(t)
	url, arn := b.queue("in", QueueOptions{Visibility: time.Minute})
	b.send(url, "x")
	m := b.one(url)
	if err := b.hide(url, m, 2*time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := b.QueueState(arn).NextVisible.Sub(b.clock.Now()); got <= 119*time.Minute || got > 2*time.Hour {
		t.Errorf("shows in %v", got)
	}
	b.clock.Advance(119 * time.Minute)
	b.none(url)
	if err := b.hide(url, m, 0); err != nil {
		t.Fatal(err)
	}
	b.one(url)
}

func TestVisibilityChangeIsRefused(t *testing.T) {
	b := newSQSBench(t)
	url, _ := b.queue("in", QueueOptions{Visibility: time.Minute})
	b.send(url, "x")
	m := b.one(url)

	wantCode(t, b.hide(url, m, 13*time.Hour), "InvalidParameterValue")
	b.clock.Advance(30 * time.Second)
	wantCode(t, b.hide(url, m, 12*time.Hour), "InvalidParameterValue") // 12 h and 30 s since it was received
	b.clock.Advance(30 * time.Second)
	wantCode(t, b.hide(url, m, time.Minute), "AWS.SimpleQueueService.MessageNotInflight")
	again := b.one(url)
	wantCode(t, b.hide(url, m, time.Minute), "InvalidParameterValue") // an old handle
	if err := b.delete(url, again); err != nil {
		t.Fatal(err)
	}
	wantCode(t, b.hide(url, again, time.Minute), "InvalidParameterValue")
	wantCode(t, b.hide(url, types.Message{ReceiptHandle: aws.String("garbage")}, time.Minute), "ReceiptHandleIsInvalid")
}

func TestHandleOfAnotherQueueIsInvalid(t *testing.T) {
	b := newSQSBench(t)
	url, _ := b.queue("in", QueueOptions{})
	other, _ := b.queue("other", QueueOptions{})
	b.send(url, "x")
	wantCode(t, b.delete(other, b.one(url)), "ReceiptHandleIsInvalid")
}

func TestDelayHidesAMessageFromItsBirth(t *testing.T) {
	b := newSQSBench(t)
	url, arn := b.queue("in", QueueOptions{})
	if _, err := b.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x"), DelaySeconds: 900}); err != nil {
		t.Fatal(err)
	}
	if got := b.QueueState(arn); got.Delayed != 1 || got.Visible+got.InFlight != 0 {
		t.Errorf("%+v", got)
	}
	b.none(url)
	b.clock.Advance(900 * time.Second)
	b.one(url)
}

func TestSendIsRefused(t *testing.T) {
	b := newSQSBench(t)
	url, arn := b.queue("in", QueueOptions{})
	for name, c := range map[string]struct {
		in   sqs.SendMessageInput
		code string
	}{
		"empty":              {sqs.SendMessageInput{MessageBody: aws.String("")}, "MissingParameter"},
		"over 1 MiB":         {sqs.SendMessageInput{MessageBody: aws.String(strings.Repeat("x", maxMessage+1))}, "InvalidParameterValue"},
		"a NUL":              {sqs.SendMessageInput{MessageBody: aws.String("a\x00b")}, "InvalidMessageContents"},
		"delay over 15 min":  {sqs.SendMessageInput{MessageBody: aws.String("x"), DelaySeconds: 901}, "InvalidParameterValue"},
		"to nowhere":         {sqs.SendMessageInput{MessageBody: aws.String("x"), QueueUrl: aws.String(*url + "x")}, "AWS.SimpleQueueService.NonExistentQueue"},
		"to a URL of no use": {sqs.SendMessageInput{MessageBody: aws.String("x"), QueueUrl: aws.String("x")}, "AWS.SimpleQueueService.NonExistentQueue"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.in.QueueUrl == nil {
				c.in.QueueUrl = url
			}
			_, err := b.client.SendMessage(t.Context(), &c.in)
			wantCode(t, err, c.code)
		})
	}
	b.send(url, strings.Repeat("x", maxMessage))
	if got := b.Messages(arn); len(got) != 1 {
		t.Errorf("%d messages, want the one of exactly 1 MiB", len(got))
	}
}

func TestReceiveIsRefusedBeyondItsLimits(t *testing.T) {
	b := newSQSBench(t)
	url, _ := b.queue("in", QueueOptions{})
	for name, in := range map[string]sqs.ReceiveMessageInput{
		"11 messages":          {MaxNumberOfMessages: 11},
		"21 s of waiting":      {WaitTimeSeconds: 21},
		"over 12 h hidden":     {VisibilityTimeout: 43201},
		"less than no message": {MaxNumberOfMessages: -1},
	} {
		in.QueueUrl = url
		_, err := b.client.ReceiveMessage(t.Context(), &in)
		t.Run(name, func(t *testing.T) { wantCode(t, err, "InvalidParameterValue") })
	}
}

func TestBatchIsRefusedAsAWhole(t *testing.T) {
	b := newSQSBench(t)
	url, arn := b.queue("in", QueueOptions{})
	entries := func(n int, body string) (all []types.SendMessageBatchRequestEntry) {
		for i := range n {
			all = append(all, types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: &body})
		}
		return all
	}
	same := entries(2, "x")
	same[1].Id = same[0].Id
	bad := entries(1, "x")
	bad[0].Id = aws.String("not an id")
	for code, list := range map[string][]types.SendMessageBatchRequestEntry{
		"EmptyBatchRequest":            {},
		"TooManyEntriesInBatchRequest": entries(11, "x"),
		"BatchEntryIdsNotDistinct":     same,
		"InvalidBatchEntryId":          bad,
		"BatchRequestTooLong":          entries(9, strings.Repeat("x", maxMessage/9+1)),
	} {
		_, err := b.client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: url, Entries: list})
		wantCode(t, err, "AWS.SimpleQueueService."+code)
	}
	if got := b.Messages(arn); len(got) != 0 {
		t.Errorf("%d messages were sent", len(got))
	}
}

func TestEachEntryOfABatchFaresOnItsOwn(t *testing.T) {
	b := newSQSBench(t)
	url, arn := b.queue("in", QueueOptions{})
	sent, err := b.client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: url, Entries: []types.SendMessageBatchRequestEntry{
		{Id: aws.String("good"), MessageBody: aws.String("x")},
		{Id: aws.String("bad"), MessageBody: aws.String("\x01")},
	}})
	if err != nil || len(sent.Successful) != 1 || len(sent.Failed) != 1 ||
		*sent.Failed[0].Id != "bad" || *sent.Failed[0].Code != "InvalidMessageContents" || !sent.Failed[0].SenderFault {
		t.Fatalf("%+v, %v", sent, err)
	}
	m := b.one(url)
	changed, err := b.client.ChangeMessageVisibilityBatch(t.Context(), &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: url, Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
		{Id: aws.String("good"), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: 5400},
		{Id: aws.String("bad"), ReceiptHandle: aws.String("x"), VisibilityTimeout: 5400},
	}})
	if err != nil || len(changed.Successful) != 1 || len(changed.Failed) != 1 || *changed.Failed[0].Code != "ReceiptHandleIsInvalid" {
		t.Errorf("%+v, %v", changed, err)
	}
	b.clock.Advance(5399 * time.Second)
	b.none(url)
	deleted, err := b.client.DeleteMessageBatch(t.Context(), &sqs.DeleteMessageBatchInput{QueueUrl: url, Entries: []types.DeleteMessageBatchRequestEntry{
		{Id: aws.String("bad"), ReceiptHandle: aws.String("x")},
		{Id: aws.String("good"), ReceiptHandle: m.ReceiptHandle},
	}})
	if err != nil || len(deleted.Successful) != 1 || *deleted.Successful[0].Id != "good" || len(deleted.Failed) != 1 {
		t.Errorf("%+v, %v", deleted, err)
	}
	if got := b.Messages(arn); len(got) != 0 {
		t.Errorf("left %+v", got)
	}
}

func TestMessageAttributesComeBackWithTheirDigest(t *testing.T) {
	b := newSQSBench(t)
	url, _ := b.queue("in", QueueOptions{Visibility: time.Second})
	sent, err := b.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x"), MessageAttributes: map[string]types.MessageAttributeValue{
		"timestamp": {DataType: aws.String("Number"), StringValue: aws.String("1493147359900")},
	}})
	const digest = "235c5c510d26fb653d073faed50ae77c"
	if err != nil || *sent.MD5OfMessageAttributes != digest {
		t.Fatalf("%+v, %v; want digest %s", sent, err, digest)
	}
	for _, c := range []struct {
		ask  string
		want int
	}{{"All", 1}, {".*", 1}, {"timestamp", 1}, {"time.*", 1}, {"time", 0}, {"x.*", 0}} {
		b.clock.Advance(time.Second)
		out, err := b.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url, MessageAttributeNames: []string{c.ask}})
		if err != nil || len(out.Messages) != 1 || len(out.Messages[0].MessageAttributes) != c.want || (out.Messages[0].MD5OfMessageAttributes != nil) != (c.want == 1) {
			t.Errorf("%s: %+v, %v; want %d attributes", c.ask, out, err, c.want)
		}
	}
}
