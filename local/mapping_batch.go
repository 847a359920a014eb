package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// pollBackoff is how long a poller rests after a poll that failed.
const pollBackoff = 100 * time.Millisecond

// poll handles one batch after the other until ctx ends.
func (m *Mapping) poll(ctx context.Context) {
	var left []types.Message
	for len(left) > 0 || m.awaitEnabled(ctx) {
		batch := m.collect(ctx, left)
		left = batch.left
		if len(batch.messages) > 0 {
			m.handle(batch)
		}
	}
}

// awaitEnabled is false when the mapping is closed.
func (m *Mapping) awaitEnabled(ctx context.Context) bool {
	m.mu.Lock()
	enabled := m.enabled
	m.mu.Unlock()
	select {
	case <-enabled:
	case <-ctx.Done():
	}
	return ctx.Err() == nil
}

// collect fills a batch, which starts with what the last one left, until it is
// full, or its window is over.
func (m *Mapping) collect(ctx context.Context, left []types.Message) *pendingBatch {
	batch := &pendingBatch{queue: m.opt.QueueARN, region: m.opt.Region}
	batch.add(left)
	due := m.opt.Clock.Now().Add(m.opt.Window)
	for len(batch.left) == 0 && len(batch.messages) < m.opt.BatchSize {
		if len(batch.messages) > 0 && !m.opt.Clock.Now().Before(due) {
			break
		}
		messages, err := m.receive(ctx, m.opt.BatchSize-len(batch.messages))
		if err != nil {
			m.pollFailed(ctx, err)
			break
		}
		if len(batch.messages) == 0 {
			due = m.opt.Clock.Now().Add(m.opt.Window)
		}
		batch.add(messages)
		if len(batch.messages) == 0 {
			break
		}
	}
	return batch
}

// pollFailed reports err and rests, unless it is the end of ctx.
func (m *Mapping) pollFailed(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	m.polled("PROBLEM: " + err.Error())
	m.report(err)
	select {
	case <-time.After(pollBackoff):
	case <-ctx.Done():
	}
}

// handle invokes the function and deletes what it has done with.
func (m *Mapping) handle(batch *pendingBatch) {
	defer m.took(-len(batch.messages))
	response, functionError, err := m.opt.Invoke(context.Background(), batch.event())
	var failed map[string]bool
	switch {
	case err != nil:
	case functionError != "":
		err = fmt.Errorf("function error %s: %.200s", functionError, response)
	case m.opt.ReportBatchItemFailures:
		failed, err = failedItems(response, batch.messages)
	}
	var gone map[string]bool
	if err == nil {
		gone = m.remove(slices.DeleteFunc(slices.Clone(batch.messages), func(message types.Message) bool {
			return failed[aws.ToString(message.MessageId)]
		}))
	}
	if m.opt.OnBatch == nil {
		return
	}
	out := Batch{FunctionError: functionError, Err: err}
	for _, message := range batch.messages {
		id := aws.ToString(message.MessageId)
		out.Messages = append(out.Messages, BatchMessage{ID: id, Receives: receives(message), Deleted: gone[id]})
	}
	m.opt.OnBatch(out)
}

// A pendingBatch is an event being made.
type pendingBatch struct {
	queue    string // its ARN
	region   string
	messages []types.Message
	left     []types.Message // what did not fit
	payload  bytes.Buffer
}

// add takes messages while the event, their metadata included, stays within
// the 6 MB of an invocation. One message alone is always taken.
func (b *pendingBatch) add(messages []types.Message) {
	for i, message := range messages {
		start := b.payload.Len()
		if start == 0 {
			b.payload.WriteString(`{"Records":[`)
		} else {
			b.payload.WriteByte(',')
		}
		b.encode(message)
		if len(b.messages) > 0 && b.payload.Len()+len("]}") > PayloadLimit {
			b.payload.Truncate(start)
			b.left = messages[i:]
			return
		}
		b.messages = append(b.messages, message)
	}
}

func (b *pendingBatch) event() []byte {
	b.payload.WriteString("]}")
	return b.payload.Bytes()
}

// An eventRecord is a message as a function sees it.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event
type eventRecord struct {
	MessageID         string                    `json:"messageId"`
	ReceiptHandle     string                    `json:"receiptHandle"`
	Body              string                    `json:"body"`
	Attributes        map[string]string         `json:"attributes"`
	MessageAttributes map[string]eventAttribute `json:"messageAttributes"`
	MD5OfBody         string                    `json:"md5OfBody"`
	EventSource       string                    `json:"eventSource"`
	EventSourceARN    string                    `json:"eventSourceARN"`
	AWSRegion         string                    `json:"awsRegion"`
}

type eventAttribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"`
	StringListValues []string `json:"stringListValues"`
	BinaryListValues [][]byte `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

func (b *pendingBatch) encode(message types.Message) {
	attributes := make(map[string]eventAttribute, len(message.MessageAttributes))
	for name, a := range message.MessageAttributes {
		attributes[name] = eventAttribute{
			StringValue:      a.StringValue,
			BinaryValue:      a.BinaryValue,
			StringListValues: []string{},
			BinaryListValues: [][]byte{},
			DataType:         aws.ToString(a.DataType),
		}
	}
	encoder := json.NewEncoder(&b.payload)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(eventRecord{ // of strings only: cannot fail
		MessageID:         aws.ToString(message.MessageId),
		ReceiptHandle:     aws.ToString(message.ReceiptHandle),
		Body:              aws.ToString(message.Body),
		Attributes:        message.Attributes,
		MessageAttributes: attributes,
		MD5OfBody:         aws.ToString(message.MD5OfBody),
		EventSource:       "aws:sqs",
		EventSourceARN:    b.queue,
		AWSRegion:         b.region,
	})
	b.payload.Truncate(b.payload.Len() - 1) // the encoder's LF
}

// failedItems reads a function's response as Lambda does
// (https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html):
// the ids that failed, or an error when the whole batch counts as failed. A
// response without batchItemFailures is a success of all, be it a mistake or
// not. Not documented: no response at all, taken as success, and JSON of
// another type, taken as failure; LocalStack has them so.
func failedItems(response []byte, messages []types.Message) (map[string]bool, error) {
	if len(response) == 0 {
		return nil, nil
	}
	// Maps, as fields of a struct would also match keys of another case.
	var out map[string]json.RawMessage
	if err := json.Unmarshal(response, &out); err != nil {
		return nil, fmt.Errorf("function's response: %w", err)
	}
	list, ok := out["batchItemFailures"]
	if !ok {
		return nil, nil
	}
	var items []map[string]json.RawMessage
	if err := json.Unmarshal(list, &items); err != nil {
		return nil, fmt.Errorf("function's batchItemFailures: %w", err)
	}
	inBatch := make(map[string]bool, len(messages))
	for _, message := range messages {
		inBatch[aws.ToString(message.MessageId)] = true
	}
	failed := make(map[string]bool, len(items))
	for _, item := range items {
		var id string
		if err := json.Unmarshal(item["itemIdentifier"], &id); err != nil {
			return nil, fmt.Errorf("function's itemIdentifier: %w", err)
		}
		if !inBatch[id] { // as an empty or null one is not
			return nil, fmt.Errorf("function's itemIdentifier %q is not in the batch", id)
		}
		failed[id] = true
	}
	return failed, nil
}
