package local

import (
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxMessage is the size of a message, and of all the messages of a batch, in
// bytes.
const maxMessage = 1 << 20

// numbers are the settings that are one, with AWS's limits and defaults.
var numbers = map[string]struct{ min, max, initial int }{
	"VisibilityTimeout":             {0, int(maxVisibility / time.Second), 30},
	"MessageRetentionPeriod":        {60, 14 * 24 * 3600, 4 * 24 * 3600},
	"DelaySeconds":                  {0, 900, 0},
	"MaximumMessageSize":            {1024, maxMessage, maxMessage},
	"ReceiveMessageWaitTimeSeconds": {0, 20, 0},
}

// texts are the other settings: kept, and but for RedrivePolicy without effect.
var texts = []string{
	"RedrivePolicy", "RedriveAllowPolicy", "Policy",
	"KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled",
}

var queueName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,80}$`)

// newQueue is a queue with AWS's defaults.
func (s *sqsService) newQueue(account, name string, now time.Time) *queue {
	q := &queue{
		arn: s.arn(account, name), account: account, name: name,
		created: now, modified: now,
		settings: map[string]string{"SqsManagedSseEnabled": "true"},
		changed:  make(chan struct{}),
	}
	for setting, limit := range numbers {
		q.settings[setting] = strconv.Itoa(limit.initial)
	}
	return q
}

// set checks all values before it changes any. An empty text unsets it.
func (s *sqsService) set(q *queue, values map[string]string) error {
	settings, redrive := maps.Clone(q.settings), q.redrive
	for name, value := range values {
		limit, isNumber := numbers[name]
		n, err := strconv.Atoi(value)
		switch {
		case isNumber && (err != nil || n < limit.min || n > limit.max):
			return sqsFault("InvalidAttributeValue", "Invalid value for the parameter %s.", name)
		case !isNumber && !slices.Contains(texts, name): // FifoQueue among them
			return sqsFault("InvalidAttributeName", "Unknown Attribute %s.", name)
		}
		if name == "RedrivePolicy" {
			if redrive, err = s.parseRedrive(q, value); err != nil {
				return err
			}
		}
		settings[name] = value
		if value == "" {
			delete(settings, name)
		}
	}
	q.settings, q.redrive = settings, redrive
	return nil
}

func (s *sqsService) parseRedrive(q *queue, value string) (redrivePolicy, error) {
	if value == "" {
		return redrivePolicy{}, nil
	}
	var policy struct {
		DeadLetterTargetArn string
		MaxReceiveCount     json.Number // a quoted number, too
	}
	err := json.Unmarshal([]byte(value), &policy)
	limit, numErr := strconv.Atoi(policy.MaxReceiveCount.String())
	switch target := s.queues[policy.DeadLetterTargetArn]; {
	case err != nil || numErr != nil || limit < 1 || limit > 1000:
		return redrivePolicy{}, badParameter("RedrivePolicy", value, "Invalid value for maxReceiveCount: must be between 1 and 1000.")
	case target == nil || target == q:
		return redrivePolicy{}, badParameter("RedrivePolicy", value, "Dead letter target does not exist.")
	case target.account != q.account:
		return redrivePolicy{}, badParameter("RedrivePolicy", value, "Dead letter target owner should be same as the source.")
	}
	return redrivePolicy{target: policy.DeadLetterTargetArn, maxReceives: limit}, nil
}

type queueIn struct {
	QueueURL string `json:"QueueUrl"`
}

type queueOut struct {
	QueueURL string `json:"QueueUrl"`
}

type createQueueIn struct {
	QueueName  string
	Attributes map[string]string
}

func (s *sqsService) createQueue(c call, in createQueueIn) (queueOut, error) {
	if !queueName.MatchString(in.QueueName) {
		return queueOut{}, badParameter("QueueName", in.QueueName, "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.newQueue(c.who.Account, in.QueueName, s.clock.Now())
	if err := s.set(q, in.Attributes); err != nil {
		return queueOut{}, err
	}
	if old := s.queues[q.arn]; old == nil {
		s.queues[q.arn] = q
	} else {
		for name, value := range in.Attributes {
			if old.settings[name] != value {
				return queueOut{}, sqsFault("QueueNameExists", "A queue already exists with the same name and a different value for attribute %s.", name)
			}
		}
	}
	return queueOut{queueURL(c.host, q)}, nil
}

func (s *sqsService) deleteQueue(_ call, in queueIn) (nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(in.QueueURL, s.clock.Now())
	if err != nil {
		return nothing{}, err
	}
	delete(s.queues, q.arn)
	q.wake()
	return nothing{}, nil
}

type getQueueURLIn struct {
	QueueName string
	Owner     string `json:"QueueOwnerAWSAccountId"`
}

func (s *sqsService) getQueueURL(c call, in getQueueURLIn) (queueOut, error) {
	owner := cmp.Or(in.Owner, c.who.Account)
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(s.arn(owner, in.QueueName), s.clock.Now())
	if err != nil {
		return queueOut{}, err
	}
	return queueOut{queueURL(c.host, q)}, nil
}

type listQueuesIn struct{ QueueNamePrefix string }

type listQueuesOut struct {
	QueueURLs []string `json:"QueueUrls"`
}

// listQueues gives all in one page.
func (s *sqsService) listQueues(c call, in listQueuesIn) (out listQueuesOut, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, q := range s.sorted() {
		if q.account == c.who.Account && strings.HasPrefix(q.name, in.QueueNamePrefix) {
			out.QueueURLs = append(out.QueueURLs, queueURL(c.host, q))
		}
	}
	return out, nil
}

type sourceQueuesOut struct {
	QueueURLs []string `json:"queueUrls"`
}

func (s *sqsService) listDeadLetterSourceQueues(c call, in queueIn) (sourceQueuesOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(in.QueueURL, s.clock.Now())
	if err != nil {
		return sourceQueuesOut{}, err
	}
	out := sourceQueuesOut{QueueURLs: []string{}}
	for _, source := range s.sources(q) {
		out.QueueURLs = append(out.QueueURLs, queueURL(c.host, source))
	}
	return out, nil
}

// sources are the queues that give their messages up to q.
func (s *sqsService) sources(q *queue) []*queue {
	return slices.DeleteFunc(s.sorted(), func(other *queue) bool { return other.redrive.target != q.arn })
}

func (s *sqsService) sorted() []*queue {
	return slices.SortedFunc(maps.Values(s.queues), func(a, b *queue) int { return strings.Compare(a.arn, b.arn) })
}

type getAttributesIn struct {
	QueueURL       string `json:"QueueUrl"`
	AttributeNames []string
}

type attributesOut struct {
	Attributes map[string]string `json:",omitempty"`
}

func (s *sqsService) getQueueAttributes(_ call, in getAttributesIn) (attributesOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	q, err := s.queueAt(in.QueueURL, now)
	if err != nil {
		return attributesOut{}, err
	}
	visible, inFlight, delayed := q.counts(now)
	all := maps.Clone(q.settings)
	all["QueueArn"] = q.arn
	all["CreatedTimestamp"] = strconv.FormatInt(q.created.Unix(), 10)
	all["LastModifiedTimestamp"] = strconv.FormatInt(q.modified.Unix(), 10)
	all["ApproximateNumberOfMessages"] = strconv.Itoa(visible)
	all["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(inFlight)
	all["ApproximateNumberOfMessagesDelayed"] = strconv.Itoa(delayed)
	if slices.Contains(in.AttributeNames, "All") {
		return attributesOut{all}, nil
	}
	out := attributesOut{map[string]string{}}
	for _, name := range in.AttributeNames {
		value, set := all[name]
		if !set && !slices.Contains(texts, name) {
			return attributesOut{}, sqsFault("InvalidAttributeName", "Unknown Attribute %s.", name)
		}
		if set {
			out.Attributes[name] = value
		}
	}
	return out, nil
}

type setAttributesIn struct {
	QueueURL   string `json:"QueueUrl"`
	Attributes map[string]string
}

func (s *sqsService) setQueueAttributes(_ call, in setAttributesIn) (nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	q, err := s.queueAt(in.QueueURL, now)
	if err != nil {
		return nothing{}, err
	}
	q.modified = now
	return nothing{}, s.set(q, in.Attributes)
}

func (s *sqsService) purgeQueue(_ call, in queueIn) (nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(in.QueueURL, s.clock.Now())
	if err != nil {
		return nothing{}, err
	}
	q.messages = nil
	return nothing{}, nil
}
