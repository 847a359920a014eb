package local

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// sqsService is Amazon SQS's standard queues, of any number of accounts in one
// region, over the JSON protocol
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/).
// Queue policies are kept and not enforced.
type sqsService struct {
	clock   *Clock
	region  string
	actions map[string]action

	mu     sync.Mutex
	queues map[string]*queue // by ARN
	tasks  []*moveTask       // oldest first
}

func newSQS(clock *Clock, region string) *sqsService {
	s := &sqsService{clock: clock, region: region, queues: map[string]*queue{}}
	s.actions = map[string]action{
		"CreateQueue":                typed(s.createQueue),
		"DeleteQueue":                typed(s.deleteQueue),
		"GetQueueUrl":                typed(s.getQueueURL),
		"ListQueues":                 typed(s.listQueues),
		"GetQueueAttributes":         typed(s.getQueueAttributes),
		"SetQueueAttributes":         typed(s.setQueueAttributes),
		"PurgeQueue":                 typed(s.purgeQueue),
		"ListDeadLetterSourceQueues": typed(s.listDeadLetterSourceQueues),

		"SendMessage":                  typed(s.sendMessage),
		"SendMessageBatch":             typed(s.sendMessageBatch),
		"ReceiveMessage":               typed(s.receiveMessage),
		"DeleteMessage":                typed(s.deleteMessage),
		"DeleteMessageBatch":           typed(s.deleteMessageBatch),
		"ChangeMessageVisibility":      typed(s.changeMessageVisibility),
		"ChangeMessageVisibilityBatch": typed(s.changeMessageVisibilityBatch),

		"StartMessageMoveTask":  typed(s.startMessageMoveTask),
		"ListMessageMoveTasks":  typed(s.listMessageMoveTasks),
		"CancelMessageMoveTask": typed(s.cancelMessageMoveTask),
	}
	return s
}

func (s *sqsService) serve(w http.ResponseWriter, r *http.Request, body []byte, who caller) {
	serveActions(w, r, s.actions, body, who)
}

// deliver puts the message of another AWS service on a queue. An unknown queue
// is an error.
func (s *sqsService) deliver(queueARN, body string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	q, err := s.queue(queueARN, now)
	if err != nil {
		return fmt.Errorf("deliver to %s: %w", queueARN, err)
	}
	q.put(newMessage(body, "AIDALOCALNOTIFICATION", now))
	return nil
}

// queue finds a queue and brings it up to date. The caller holds the lock, as
// of every method below the actions.
func (s *sqsService) queue(arn string, now time.Time) (*queue, error) {
	s.moveMessages(now)
	q := s.queues[arn]
	if q == nil {
		return nil, sqsFault("QueueDoesNotExist", "The specified queue does not exist.")
	}
	q.expire(now)
	return q, nil
}

// queueAt is queue by its URL, of which only the path counts: the account is
// reached by many names.
func (s *sqsService) queueAt(url string, now time.Time) (*queue, error) {
	parts := strings.Split(url, "/")
	if len(parts) < 2 {
		return s.queue("", now)
	}
	return s.queue(s.arn(parts[len(parts)-2], parts[len(parts)-1]), now)
}

func (s *sqsService) arn(account, name string) string {
	return "arn:aws:sqs:" + s.region + ":" + account + ":" + name
}

func queueURL(host string, q *queue) string {
	return "http://" + host + "/" + q.account + "/" + q.name
}

// sqsFault is an error that the SDK knows by its shape.
func sqsFault(shape, format string, args ...any) *fault {
	query := "AWS.SimpleQueueService." + shape
	switch shape {
	case "QueueDoesNotExist":
		query = "AWS.SimpleQueueService.NonExistentQueue"
	case "QueueNameExists":
		query = "QueueAlreadyExists"
	case "InvalidAttributeName", "InvalidAttributeValue", "InvalidMessageContents",
		"ReceiptHandleIsInvalid", "ResourceNotFoundException":
		query = shape
	}
	return &fault{kind: "com.amazonaws.sqs#" + shape, query: query, message: fmt.Sprintf(format, args...)}
}

func badParameter(name string, value any, reason string) *fault {
	return &fault{
		kind:    "com.amazon.coral.service#InvalidParameterValueException",
		query:   "InvalidParameterValue",
		message: fmt.Sprintf("Value %v for parameter %s is invalid. Reason: %s", value, name, reason),
	}
}

func missingParameter(name string) *fault {
	return &fault{
		kind:    "com.amazon.coral.service#MissingRequiredParameterException",
		query:   "MissingParameter",
		message: "The request must contain the parameter " + name + ".",
	}
}

// md5hex is the digest that SQS's protocol asks for.
func md5hex(b []byte) string {
	sum := md5.Sum(b)
	return hex.EncodeToString(sum[:])
}
