package account

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// receiveWait is how long an empty queue is asked: a long poll asks all of SQS's
// servers, and a short one may miss a message.
const receiveWait = 1

// A Letter is a message of a dead-letter queue.
type Letter struct {
	ID, Receipt, Body string
	Sent              time.Time // to the queue that gave it up
	Received          int       // in that queue and by those who looked at it since
	Source            string    // ARN of that queue, "" where SQS does not say
}

// DeadLetters are the messages of a dead-letter queue, in the hands of people.
type DeadLetters struct {
	sqs      *sqs.Client
	arn, url string
}

// DeadLetters are those of the queue with that ARN, under a role; "" is the
// Account's own credentials.
func (a *Account) DeadLetters(queueARN, roleARN, externalID string) (*DeadLetters, error) {
	url, err := queueURL(queueARN)
	if err != nil {
		return nil, err
	}
	return &DeadLetters{sqs.NewFromConfig(a.role(roleID{arn: roleARN, externalID: externalID}).config), queueARN, url}, nil
}

// Depth counts the messages, roughly: those that can be received, and those that
// somebody has.
func (d *DeadLetters) Depth(ctx context.Context) (visible, hidden int64, err error) {
	out, err := d.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &d.url, AttributeNames: counted})
	if err != nil {
		return 0, 0, fmt.Errorf("read the attributes of %s: %w", d.arn, err)
	}
	number := func(name types.QueueAttributeName) int64 {
		n, _ := strconv.ParseInt(out.Attributes[string(name)], 10, 64) // SQS's own number
		return n
	}
	return number(counted[0]), number(counted[1]) + number(counted[2]), nil
}

// Receive takes up to ten messages and hides them. None means that there is
// none to be had.
func (d *DeadLetters) Receive(ctx context.Context, hide time.Duration) (letters []Letter, err error) {
	out, err := d.sqs.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &d.url, MaxNumberOfMessages: batchEntries, VisibilityTimeout: int32(hide / time.Second), WaitTimeSeconds: receiveWait,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		return nil, fmt.Errorf("receive from %s: %w", d.arn, err)
	}
	for _, m := range out.Messages {
		sent, _ := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
		received, _ := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
		letters = append(letters, Letter{
			ID: aws.ToString(m.MessageId), Receipt: aws.ToString(m.ReceiptHandle), Body: aws.ToString(m.Body),
			Sent: time.UnixMilli(sent), Received: received, Source: m.Attributes["DeadLetterQueueSourceArn"],
		})
	}
	return letters, nil
}

// GiveBack lets messages be received again at once. It tries all; those of which
// it fails show by themselves when their time is over.
func (d *DeadLetters) GiveBack(ctx context.Context, letters []Letter) error {
	var errs []error
	for batch := range slices.Chunk(letters, batchEntries) {
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: &d.url}
		for i, l := range batch {
			in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &l.Receipt, VisibilityTimeout: 0})
		}
		out, err := d.sqs.ChangeMessageVisibilityBatch(ctx, in)
		if err == nil {
			err = refused(out.Failed)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("give back messages of %s: %w", d.arn, err))
		}
	}
	return errors.Join(errs...)
}

// Delete deletes messages for good.
func (d *DeadLetters) Delete(ctx context.Context, letters []Letter) error {
	for batch := range slices.Chunk(letters, batchEntries) {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: &d.url}
		for i, l := range batch {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &l.Receipt})
		}
		out, err := d.sqs.DeleteMessageBatch(ctx, in)
		if err == nil {
			err = refused(out.Failed)
		}
		if err != nil {
			return fmt.Errorf("delete messages of %s: %w", d.arn, err)
		}
	}
	return nil
}

func refused(failed []types.BatchResultErrorEntry) error {
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("%d refused: %s: %s", len(failed), aws.ToString(failed[0].Code), aws.ToString(failed[0].Message))
}

// Send puts bodies on another queue of the same owner, in batches. What was
// sent before an error stays sent.
func (d *DeadLetters) Send(ctx context.Context, queueARN string, bodies []string) error {
	q := &queue{d.sqs, queueARN}
	return q.Continue(ctx, bodies)
}

// A Move is SQS's own task that takes the messages back to the queues that gave
// them up.
type Move struct {
	Running       bool
	Cancelled     bool
	Status        string // SQS's word
	Moved, ToMove int64
	Failure       string
	handle        string
}

// StartMove starts a Move of so many messages a second, 1 to 500.
func (d *DeadLetters) StartMove(ctx context.Context, perSecond int) error {
	_, err := d.sqs.StartMessageMoveTask(ctx, &sqs.StartMessageMoveTaskInput{SourceArn: &d.arn, MaxNumberOfMessagesPerSecond: aws.Int32(int32(perSecond))})
	if err != nil {
		return fmt.Errorf("start to move the messages of %s: %w", d.arn, err)
	}
	return nil
}

// LastMove is the latest Move; the zero Move if there was none.
func (d *DeadLetters) LastMove(ctx context.Context) (Move, error) {
	out, err := d.sqs.ListMessageMoveTasks(ctx, &sqs.ListMessageMoveTasksInput{SourceArn: &d.arn})
	if err != nil {
		return Move{}, fmt.Errorf("look how far the messages of %s are: %w", d.arn, err)
	}
	if len(out.Results) == 0 {
		return Move{}, nil
	}
	t := out.Results[0]
	status := aws.ToString(t.Status)
	return Move{
		Running: status == "RUNNING" || status == "CANCELLING", Cancelled: status == "CANCELLED", Status: status,
		Moved: t.ApproximateNumberOfMessagesMoved, ToMove: aws.ToInt64(t.ApproximateNumberOfMessagesToMove),
		Failure: aws.ToString(t.FailureReason), handle: aws.ToString(t.TaskHandle),
	}, nil
}

// CancelMove ends a running Move. What was moved stays moved.
func (d *DeadLetters) CancelMove(ctx context.Context, m Move) error {
	_, err := d.sqs.CancelMessageMoveTask(ctx, &sqs.CancelMessageMoveTaskInput{TaskHandle: &m.handle})
	if err != nil {
		return fmt.Errorf("stop moving the messages of %s: %w", d.arn, err)
	}
	return nil
}
