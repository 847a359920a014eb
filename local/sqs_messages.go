package local

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// messageIn is what SendMessage and an entry of its batch have in common.
type messageIn struct {
	MessageBody       string
	DelaySeconds      *int
	MessageAttributes map[string]messageAttribute
}

func (in messageIn) size() int {
	size := len(in.MessageBody)
	for name, a := range in.MessageAttributes {
		size += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return size
}

type sendMessageIn struct {
	QueueURL string `json:"QueueUrl"`
	messageIn
}

type sendMessageOut struct {
	MessageID              string `json:"MessageId"`
	MD5OfMessageBody       string
	MD5OfMessageAttributes string `json:",omitempty"`
}

func (s *sqsService) sendMessage(c call, in sendMessageIn) (sendMessageOut, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	q, err := s.queueAt(in.QueueURL, now)
	if err != nil {
		return sendMessageOut{}, err
	}
	return q.send(in.messageIn, c.who.Account, now)
}

func (q *queue) send(in messageIn, sender string, now time.Time) (sendMessageOut, error) {
	delay := q.number("DelaySeconds")
	if in.DelaySeconds != nil {
		delay = *in.DelaySeconds
	}
	switch limit := q.number("MaximumMessageSize"); {
	case in.MessageBody == "":
		return sendMessageOut{}, missingParameter("MessageBody")
	case in.size() > limit:
		return sendMessageOut{}, badParameter("MessageBody", "of "+strconv.Itoa(in.size())+" bytes", "Message must be shorter than "+strconv.Itoa(limit)+" bytes.")
	case !sendable(in.MessageBody):
		return sendMessageOut{}, sqsFault("InvalidMessageContents", "Message contains characters outside the allowed set.")
	case delay < 0 || delay > numbers["DelaySeconds"].max:
		return sendMessageOut{}, badParameter("DelaySeconds", delay, "DelaySeconds must be >= 0 and <= 900.")
	}
	m := newMessage(in.MessageBody, sender, now)
	m.attributes = in.MessageAttributes
	m.visible = now.Add(time.Duration(delay) * time.Second)
	q.put(m)
	return sendMessageOut{m.id, md5hex([]byte(m.body)), attributesMD5(m.attributes)}, nil
}

// sendable tells whether a body is of the characters that XML 1.0 allows.
func sendable(body string) bool {
	return utf8.ValidString(body) && !strings.ContainsFunc(body, func(r rune) bool {
		return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}

type receiveMessageIn struct {
	QueueURL                    string `json:"QueueUrl"`
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
	AttributeNames              []string // the older name of the next
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
}

type receiveMessageOut struct {
	Messages []receivedMessage `json:",omitempty"`
}

type receivedMessage struct {
	MessageID                      string `json:"MessageId"`
	ReceiptHandle, Body, MD5OfBody string

	Attributes             map[string]string           `json:",omitempty"`
	MessageAttributes      map[string]messageAttribute `json:",omitempty"`
	MD5OfMessageAttributes string                      `json:",omitempty"`
}

// receiveMessage waits, if asked to, until a message arrives or shows again,
// by the service's clock.
func (s *sqsService) receiveMessage(c call, in receiveMessageIn) (receiveMessageOut, error) {
	var deadline time.Time
	for c.Err() == nil { // a message for a caller who is gone would stay hidden
		changed := s.clock.Changed() // before the clock is read: no Advance is missed
		now := s.clock.Now()
		out, pending, err := s.receiveNow(in, now)
		if err != nil || len(out.Messages) > 0 {
			return out, err
		}
		if deadline.IsZero() {
			deadline = now.Add(pending.wait)
		}
		if !now.Before(deadline) {
			return out, nil
		}
		wake := deadline
		if !pending.next.IsZero() && pending.next.Before(wake) {
			wake = pending.next
		}
		select {
		case <-pending.changed:
		case <-changed:
		case <-time.After(wake.Sub(now)):
		case <-c.Done():
		}
	}
	return receiveMessageOut{}, c.Err()
}

// pending is what to wait for on a queue that shows no message.
type pending struct {
	changed <-chan struct{}
	next    time.Time     // when a hidden message shows; may be zero
	wait    time.Duration // how long the receiver would wait
}

func (s *sqsService) receiveNow(in receiveMessageIn, now time.Time) (out receiveMessageOut, p pending, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(in.QueueURL, now)
	if err != nil {
		return out, p, err
	}
	limit, err := between("MaxNumberOfMessages", in.MaxNumberOfMessages, 1, 10, 1)
	if err != nil {
		return out, p, err
	}
	hide, err := between("VisibilityTimeout", in.VisibilityTimeout, 0, numbers["VisibilityTimeout"].max, q.number("VisibilityTimeout"))
	if err != nil {
		return out, p, err
	}
	wait, err := between("WaitTimeSeconds", in.WaitTimeSeconds, 0, 20, q.number("ReceiveMessageWaitTimeSeconds"))
	if err != nil {
		return out, p, err
	}
	names := slices.Concat(in.AttributeNames, in.MessageSystemAttributeNames)
	for _, m := range q.receive(limit, time.Duration(hide)*time.Second, s.queues[q.redrive.target], now) {
		attributes := m.attributesNamed(in.MessageAttributeNames)
		out.Messages = append(out.Messages, receivedMessage{
			MessageID: m.id, ReceiptHandle: q.handle(m), Body: m.body, MD5OfBody: md5hex([]byte(m.body)),
			Attributes: m.systemAttributes(names), MessageAttributes: attributes, MD5OfMessageAttributes: attributesMD5(attributes),
		})
	}
	p = pending{changed: q.changed, next: q.nextVisible(now), wait: time.Duration(wait) * time.Second}
	if tick := s.nextMove(now); p.next.IsZero() || !tick.IsZero() && tick.Before(p.next) {
		p.next = tick
	}
	return out, p, nil
}

// between is an optional number, checked.
func between(name string, value *int, low, high, otherwise int) (int, error) {
	if value == nil {
		return otherwise, nil
	}
	if *value < low || *value > high {
		return 0, badParameter(name, *value, "Must be between "+strconv.Itoa(low)+" and "+strconv.Itoa(high)+", if provided.")
	}
	return *value, nil
}

type deleteMessageIn struct {
	QueueURL      string `json:"QueueUrl"`
	ReceiptHandle string
}

func (s *sqsService) deleteMessage(_ call, in deleteMessageIn) (nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queueAt(in.QueueURL, s.clock.Now())
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, q.remove(in.ReceiptHandle)
}

type changeVisibilityIn struct {
	QueueURL          string `json:"QueueUrl"`
	ReceiptHandle     string
	VisibilityTimeout *int
}

func (s *sqsService) changeMessageVisibility(_ call, in changeVisibilityIn) (nothing, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	q, err := s.queueAt(in.QueueURL, now)
	if err != nil {
		return nothing{}, err
	}
	return nothing{}, q.change(in.ReceiptHandle, in.VisibilityTimeout, now)
}

func (q *queue) change(handle string, timeout *int, now time.Time) error {
	if timeout == nil {
		return missingParameter("VisibilityTimeout")
	}
	seconds, err := between("VisibilityTimeout", timeout, 0, numbers["VisibilityTimeout"].max, 0)
	if err != nil {
		return err
	}
	return q.hide(handle, time.Duration(seconds)*time.Second, now)
}
