package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// MappingOptions say what an event-source mapping does. SQS, QueueURL, QueueARN
// and Invoke are needed.
type MappingOptions struct {
	// SQS is a client of the queue's account: the embedded one, another emulator, or AWS.
	SQS                *sqs.Client
	QueueURL, QueueARN string
	// Region is the function's, where the queue has to be; "" = the queue's.
	Region string
	// BatchSize is 1 to 10,000 messages (default 10); over 10 needs a Window.
	BatchSize int
	// Window is up to 300 s by Clock, from a batch's first message. The poll
	// that is in progress then runs to its end, so it can be longer by Wait.
	Window time.Duration
	// Pollers each handle one batch at a time (default 5); MaxConcurrency, 2 to
	// 1,000, limits them (0 = no limit).
	Pollers, MaxConcurrency int
	// Wait is the long poll, whole seconds up to 20 (the default).
	Wait time.Duration
	// ReportBatchItemFailures makes the function's response count.
	ReportBatchItemFailures bool
	// FunctionTimeout is compared with the queue's visibility timeout; 0 = not.
	FunctionTimeout time.Duration
	// Invoke gives a batch to the function, synchronously.
	Invoke func(ctx context.Context, payload []byte) (response []byte, functionError string, err error)
	// Clock is what the Window goes by; nil = real time.
	Clock *Clock
	// OnBatch is called when a batch is dealt with, its deletions included; by several pollers at once.
	OnBatch func(Batch)
	// OnError is called with what went wrong between the mapping and the queue.
	OnError func(error)
}

// A Batch is what became of an invocation's messages.
type Batch struct {
	Messages      []BatchMessage
	FunctionError string
	// Err is why the whole batch is left to the visibility timeout: the function's error, or a
	// response that makes no sense. nil = the messages went by the response.
	Err error
}

// A BatchMessage is one receive of a message.
type BatchMessage struct {
	ID       string
	Receives int
	Deleted  bool // else the visibility timeout will show it again
}

// A Mapping polls a queue and invokes a function as Lambda's event-source
// mapping does: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html.
// It never assumes a role and never changes a visibility timeout.
type Mapping struct {
	opt     MappingOptions
	stop    context.CancelFunc
	polling sync.WaitGroup

	mu      sync.Mutex
	enabled chan struct{} // closed while enabled
	inHand  int           // messages received and not yet dealt with
	result  string        // of the last poll
}

// StartMapping checks the options as CreateEventSourceMapping does, and polls.
func StartMapping(opt MappingOptions) (*Mapping, error) {
	opt.BatchSize = cmp.Or(opt.BatchSize, 10)
	opt.Pollers = cmp.Or(opt.Pollers, 5)
	opt.Wait = cmp.Or(opt.Wait, 20*time.Second)
	if opt.Clock == nil {
		opt.Clock = NewClock()
	}
	if opt.MaxConcurrency > 0 {
		opt.Pollers = min(opt.Pollers, opt.MaxConcurrency)
	}
	opt.SQS = sqs.New(opt.SQS.Options(), func(o *sqs.Options) { o.HTTPClient = plainBody{o.HTTPClient} })
	if err := opt.check(); err != nil {
		return nil, fmt.Errorf("event-source mapping: %w", err)
	}
	opt.Region = strings.Split(opt.QueueARN, ":")[3]
	ctx, stop := context.WithCancel(context.Background())
	m := &Mapping{opt: opt, stop: stop, enabled: make(chan struct{}), result: "No records processed"}
	close(m.enabled)
	for range opt.Pollers {
		m.polling.Go(func() { m.poll(ctx) })
	}
	return m, nil
}

// check is CreateEventSourceMapping's.
// https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
func (o *MappingOptions) check() error {
	arn := strings.Split(o.QueueARN, ":")
	switch {
	case len(arn) != 6 || arn[2] != "sqs":
		return fmt.Errorf("%q is not a queue's ARN", o.QueueARN)
	case strings.HasSuffix(o.QueueARN, ".fifo"):
		return errors.New("only standard queues are mapped")
	case o.Region != "" && o.Region != arn[3]:
		return fmt.Errorf("queue in %s, function in %s: they have to be in one region", arn[3], o.Region)
	case o.BatchSize < 1 || o.BatchSize > 10_000:
		return fmt.Errorf("batch size %d is not 1 to 10000", o.BatchSize)
	case o.Window < 0 || o.Window > 300*time.Second:
		return fmt.Errorf("batching window %v is not 0 s to 300 s", o.Window)
	case o.BatchSize > 10 && o.Window < time.Second:
		return fmt.Errorf("batch size %d needs a batching window of 1 s or more", o.BatchSize)
	case o.MaxConcurrency != 0 && (o.MaxConcurrency < 2 || o.MaxConcurrency > 1000):
		return fmt.Errorf("maximum concurrency %d is not 2 to 1000", o.MaxConcurrency)
	case o.Wait < 0 || o.Wait > 20*time.Second:
		return fmt.Errorf("long poll of %v is not 0 s to 20 s", o.Wait)
	case o.FunctionTimeout > 0:
		return o.checkVisibility()
	}
	return nil
}

func (o *MappingOptions) checkVisibility() error {
	name := types.QueueAttributeNameVisibilityTimeout
	out, err := o.SQS.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{
		QueueUrl:       &o.QueueURL,
		AttributeNames: []types.QueueAttributeName{name},
	})
	if err != nil {
		return fmt.Errorf("visibility timeout of %s: %w", o.QueueARN, err)
	}
	seconds, err := strconv.Atoi(out.Attributes[string(name)])
	if err != nil {
		return fmt.Errorf("visibility timeout of %s: %w", o.QueueARN, err)
	}
	if visibility := time.Duration(seconds) * time.Second; o.FunctionTimeout > visibility {
		return fmt.Errorf("the function's timeout, %v, is over the queue's visibility timeout, %v", o.FunctionTimeout, visibility)
	}
	return nil
}

// Disable stops polling; polls in progress end first, and what they bring is handled.
func (m *Mapping) Disable() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.isEnabled() {
		m.enabled = make(chan struct{})
	}
}

// Enable resumes polling.
func (m *Mapping) Enable() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.isEnabled() {
		close(m.enabled)
	}
}

// Enabled is false after Disable.
func (m *Mapping) Enabled() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.isEnabled()
}

// Result is what Lambda says of the last poll.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
func (m *Mapping) Result() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.result
}

func (m *Mapping) polled(result string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.result = result
}

func (m *Mapping) isEnabled() bool {
	select {
	case <-m.enabled:
		return true
	default:
		return false
	}
}

// Idle is true when every message received has been dealt with. An answer to
// a poll may be on its way all the same: the queue then counts a message as in
// flight whose receive no OnBatch has told of.
func (m *Mapping) Idle() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.inHand == 0
}

// Close stops polling and waits until the batches in hand are dealt with.
func (m *Mapping) Close() {
	m.stop()
	m.polling.Wait()
}

// plainBody hides io.WriterTo from net/http: with it, the SDK's early close of
// a request's body looks like a failed write, the connection is cut under a
// response, and the messages in that response stay hidden
// (https://github.com/aws/aws-sdk-go-v2/issues/1825).
type plainBody struct{ sqs.HTTPClient }

func (c plainBody) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct {
			io.Reader
			io.Closer
		}{r.Body, r.Body}
	}
	return c.HTTPClient.Do(r)
}

// seconds is d as SQS's parameters take it.
func seconds(d time.Duration) int32 { return int32(d / time.Second) }

// receives is the message's ApproximateReceiveCount.
func receives(message types.Message) int {
	n, _ := strconv.Atoi(message.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	return n
}

var allAttributes = []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll}

// receive is one long poll for up to limit messages.
func (m *Mapping) receive(ctx context.Context, limit int) ([]types.Message, error) {
	out, err := m.opt.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    &m.opt.QueueURL,
		MaxNumberOfMessages:         int32(min(limit, 10)),
		WaitTimeSeconds:             seconds(m.opt.Wait),
		MessageSystemAttributeNames: allAttributes,
		MessageAttributeNames:       []string{"All"},
	})
	if err != nil {
		return nil, fmt.Errorf("receive from %s: %w", m.opt.QueueARN, err)
	}
	m.took(len(out.Messages))
	if len(out.Messages) == 0 {
		m.polled("No records processed")
	} else {
		m.polled("OK")
	}
	return out.Messages, nil
}

func (m *Mapping) took(n int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.inHand += n
}

// remove deletes messages, ten a call, and gives the ids of those that are gone.
func (m *Mapping) remove(messages []types.Message) map[string]bool {
	gone := make(map[string]bool, len(messages))
	for len(messages) > 0 {
		n := min(len(messages), 10)
		entries := make([]types.DeleteMessageBatchRequestEntry, n)
		for i, message := range messages[:n] {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: message.ReceiptHandle}
		}
		out, err := m.opt.SQS.DeleteMessageBatch(context.Background(), &sqs.DeleteMessageBatchInput{QueueUrl: &m.opt.QueueURL, Entries: entries})
		if err != nil {
			m.report(fmt.Errorf("delete from %s: %w", m.opt.QueueARN, err))
			out = &sqs.DeleteMessageBatchOutput{}
		}
		for _, done := range out.Successful {
			if i, err := strconv.Atoi(aws.ToString(done.Id)); err == nil && i >= 0 && i < n {
				gone[aws.ToString(messages[i].MessageId)] = true
			}
		}
		for _, failed := range out.Failed {
			m.report(fmt.Errorf("delete from %s: %s: %s", m.opt.QueueARN, aws.ToString(failed.Code), aws.ToString(failed.Message)))
		}
		messages = messages[n:]
	}
	return gone
}

func (m *Mapping) report(err error) {
	if m.opt.OnError != nil {
		m.opt.OnError(err)
	}
}
