package account

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/devo-s3/collector/delivery"
)

// The limits of SQS, per call.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessageBatch.html
const (
	batchEntries = 10
	batchBytes   = 1 << 20
	// longestDelay leaves out of SQS's 12 hours, which begin when a message is
	// received, the longest that an invocation lasts.
	longestDelay = 12*time.Hour - 15*time.Minute
)

// sendRounds is how often a batch is sent, the second time without what SQS
// took the first time; sendPause is the pause before that, and grows.
const (
	sendRounds = 3
	sendPause  = 200 * time.Millisecond
)

type queue struct {
	sqs          *sqs.Client
	continuation string
}

// Queue is the deployment's way to SQS: to the visibility of its customers'
// messages, and to the continuation queue of that ARN.
func (a *Account) Queue(continuation string) delivery.Queue {
	return &queue{sqs.NewFromConfig(a.config), continuation}
}

// Delay implements delivery.Queue. d is rounded up to seconds and cut to
// longestDelay.
func (q *queue) Delay(ctx context.Context, queueARN, receiptHandle string, d time.Duration) error {
	url, err := queueURL(queueARN)
	if err != nil {
		return err
	}
	seconds := (min(d, longestDelay) + time.Second - 1) / time.Second
	_, err = q.sqs.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &url, ReceiptHandle: &receiptHandle, VisibilityTimeout: int32(seconds),
	})
	if err != nil {
		return delivery.Fail(callKind(err), "delay a message of %s: %w", queueARN, err)
	}
	return nil
}

// Delete implements delivery.Queue.
func (q *queue) Delete(ctx context.Context, queueARN string, receiptHandles []string) error {
	url, err := queueURL(queueARN)
	if err != nil {
		return err
	}
	for batch := range slices.Chunk(receiptHandles, batchEntries) {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: &url}
		for i := range batch {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &batch[i]})
		}
		if _, err := q.sqs.DeleteMessageBatch(ctx, in); err != nil {
			return delivery.Fail(callKind(err), "delete messages of %s: %w", queueARN, err)
		}
	}
	return nil
}

// Continue implements delivery.Queue.
func (q *queue) Continue(ctx context.Context, bodies []string) error {
	url, err := queueURL(q.continuation)
	if err != nil {
		return err
	}
	for len(bodies) > 0 {
		n := batchOf(bodies)
		if err := q.send(ctx, url, bodies[:n]); err != nil {
			return err
		}
		bodies = bodies[n:]
	}
	return nil
}

// batchOf is how many of bodies go in one call: at least one, which SQS may
// then refuse.
func batchOf(bodies []string) int {
	n, size := 0, 0
	for n < min(len(bodies), batchEntries) {
		if size += len(bodies[n]); size > batchBytes && n > 0 {
			break
		}
		n++
	}
	return n
}

// send sends one batch, and again what SQS failed to take by its own fault.
func (q *queue) send(ctx context.Context, url string, bodies []string) error {
	left := make([]types.SendMessageBatchRequestEntry, len(bodies))
	for i := range bodies {
		left[i] = types.SendMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), MessageBody: &bodies[i]}
	}
	kind, reason := delivery.Throttled, ""
	for round := range sendRounds {
		if err := pause(ctx, time.Duration(round)*sendPause); err != nil {
			return delivery.Fail(delivery.Throttled, "continue on %s: %w", q.continuation, err)
		}
		out, err := q.sqs.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: left})
		if err != nil {
			return delivery.Fail(callKind(err), "continue on %s: %w", q.continuation, err)
		}
		if len(out.Failed) == 0 {
			return nil
		}
		failed := make(map[string]bool)
		for _, f := range out.Failed {
			failed[aws.ToString(f.Id)] = true
			reason = aws.ToString(f.Code) + ": " + aws.ToString(f.Message)
			if f.SenderFault {
				kind = delivery.Internal
			}
		}
		left = slices.DeleteFunc(left, func(e types.SendMessageBatchRequestEntry) bool { return !failed[*e.Id] })
		if kind == delivery.Internal {
			break
		}
	}
	return delivery.Fail(kind, "continue on %s: %d of %d messages refused: %s", q.continuation, len(left), len(bodies), reason)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// queueURL is the URL of the queue with that ARN. An SDK with an endpoint of
// its own sends it as a name and connects elsewhere.
func queueURL(queueARN string) (string, error) {
	a, err := arn.Parse(queueARN)
	if err != nil || a.Service != "sqs" || a.Region == "" || a.AccountID == "" || a.Resource == "" {
		return "", delivery.Fail(delivery.Internal, "%q is not the ARN of a queue", queueARN)
	}
	suffix := "amazonaws.com"
	if a.Partition == "aws-cn" {
		suffix = "amazonaws.com.cn"
	}
	return "https://" + strings.Join([]string{"sqs." + a.Region + "." + suffix, a.AccountID, a.Resource}, "/"), nil
}
