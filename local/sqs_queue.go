package local

import (
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
)

// maxVisibility is how long a message can be hidden after a receive.
const maxVisibility = 12 * time.Hour

// A queue holds its messages in order of arrival. It is guarded by the
// service's lock.
type queue struct {
	arn, account, name string
	created, modified  time.Time
	settings           map[string]string // SQS's names and values, defaults included
	redrive            redrivePolicy     // settings["RedrivePolicy"] decoded
	messages           []*message
	changed            chan struct{} // closed when a message may have become visible or the queue is gone
}

// A redrivePolicy says when a message is given up, and to which queue.
type redrivePolicy struct {
	target      string
	maxReceives int
}

type message struct {
	id, body, sender string
	attributes       map[string]messageAttribute
	sent             time.Time // by its producer; a dead-letter queue does not renew it
	visible          time.Time // from when on it can be received
	received, first  time.Time // the last and first receive
	receives         int
	source           string // ARN of the queue that gave it up
}

func newMessage(body, sender string, now time.Time) *message {
	return &message{id: newUUID(), body: body, sender: sender, sent: now, visible: now}
}

func (q *queue) seconds(setting string) time.Duration {
	return time.Duration(q.number(setting)) * time.Second
}

func (q *queue) number(setting string) int {
	n, _ := strconv.Atoi(q.settings[setting]) // checked when set
	return n
}

func (q *queue) put(m *message) {
	q.messages = append(q.messages, m)
	q.wake()
}

func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// expire drops what is older than the retention period, in flight or not.
func (q *queue) expire(now time.Time) {
	keep := q.seconds("MessageRetentionPeriod")
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return now.Sub(m.sent) >= keep })
}

// receive takes up to limit visible messages and hides them. A message that
// was received as often as the redrive policy allows goes to dead instead, if
// there is such a queue.
func (q *queue) receive(limit int, hide time.Duration, dead *queue, now time.Time) []*message {
	var taken []*message
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool {
		if len(taken) == limit || m.visible.After(now) {
			return false
		}
		if dead != nil && m.receives >= q.redrive.maxReceives {
			m.source = q.arn
			dead.put(m)
			return true
		}
		if m.receives == 0 {
			m.first = now
		}
		m.receives++
		m.received, m.visible = now, now.Add(hide)
		taken = append(taken, m)
		return false
	})
	return taken
}

// nextVisible is when the first hidden message shows; zero if none is hidden.
func (q *queue) nextVisible(now time.Time) (next time.Time) {
	for _, m := range q.messages {
		if m.visible.After(now) && (next.IsZero() || m.visible.Before(next)) {
			next = m.visible
		}
	}
	return next
}

// handle names a message and one receive of it.
func (q *queue) handle(m *message) string {
	return base64.RawURLEncoding.EncodeToString([]byte(q.arn + " " + m.id + " " + strconv.Itoa(m.receives)))
}

// held is the message behind a receipt handle; nil if it is gone, or was
// received again and the handle is an old one. A handle that no receive on
// this queue gave is an error.
func (q *queue) held(handle string) (*message, error) {
	raw, err := base64.RawURLEncoding.DecodeString(handle)
	part := strings.Split(string(raw), " ")
	if err != nil || len(part) != 3 || part[0] != q.arn {
		return nil, sqsFault("ReceiptHandleIsInvalid", "The input receipt handle %q is not a valid receipt handle.", handle)
	}
	for _, m := range q.messages {
		if m.id == part[1] && strconv.Itoa(m.receives) == part[2] {
			return m, nil
		}
	}
	return nil, nil
}

// remove deletes by handle. As with any standard queue, an old handle succeeds
// and deletes nothing.
func (q *queue) remove(handle string) error {
	m, err := q.held(handle)
	if m != nil {
		q.messages = slices.DeleteFunc(q.messages, func(other *message) bool { return other == m })
	}
	return err
}

// hide makes a message in flight visible after d from now on.
func (q *queue) hide(handle string, d time.Duration, now time.Time) error {
	m, err := q.held(handle)
	switch {
	case err != nil:
		return err
	case m == nil:
		return badParameter("ReceiptHandle", handle, "Message does not exist or is not available for visibility timeout change.")
	case !m.visible.After(now):
		return sqsFault("MessageNotInflight", "The message referred to is not in flight.")
	case now.Add(d).After(m.received.Add(maxVisibility)):
		return badParameter("VisibilityTimeout", int(d.Seconds()), "Total VisibilityTimeout for the message is beyond the limit [43200 seconds].")
	}
	m.visible = now.Add(d)
	q.wake()
	return nil
}

// counts tells the messages by what a receive would find, as SQS names them.
func (q *queue) counts(now time.Time) (visible, inFlight, delayed int) {
	for _, m := range q.messages {
		switch {
		case !m.visible.After(now):
			visible++
		case m.receives > 0:
			inFlight++
		default:
			delayed++
		}
	}
	return visible, inFlight, delayed
}
