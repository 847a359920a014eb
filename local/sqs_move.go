package local

import (
	"slices"
	"time"
)

// A moveTask takes messages out of a dead-letter queue. It moves by the
// service's clock, whenever the service is used or somebody waits on a queue.
type moveTask struct {
	handle      string
	source      string // ARN
	destination string // ARN; "" = each message to the queue that gave it up
	perSecond   int    // 0 = all at once
	started     time.Time
	toMove      int
	moved       int
	status      string
	failure     string
}

const (
	moveRunning   = "RUNNING"
	moveCompleted = "COMPLETED"
	moveCancelled = "CANCELLED"
	moveFailed    = "FAILED"
)

// moveMessages does what is due of all tasks. It moves what is visible: a
// message in flight is somebody's.
func (s *sqsService) moveMessages(now time.Time) {
	for _, t := range s.tasks {
		if t.status == moveRunning {
			s.move(t, now)
		}
	}
}

func (s *sqsService) move(t *moveTask, now time.Time) {
	source := s.queues[t.source]
	if source == nil {
		t.status, t.failure = moveFailed, "AWS.SimpleQueueService.NonExistentQueue"
		return
	}
	source.expire(now)
	due := t.toMove
	if t.perSecond > 0 {
		due = min(due, t.perSecond*(1+int(now.Sub(t.started)/time.Second)))
	}
	for ; t.moved < due; t.moved++ {
		i := slices.IndexFunc(source.messages, func(m *message) bool { return !m.visible.After(now) })
		if i < 0 {
			t.status = moveCompleted
			return
		}
		old := source.messages[i]
		to := t.destination
		if to == "" {
			to = old.source
		}
		destination := s.queues[to]
		if destination == nil {
			t.status, t.failure = moveFailed, "CouldNotDetermineMessageSource"
			return
		}
		source.messages = slices.Delete(source.messages, i, i+1)
		// AWS takes it for a new message: new id, new retention, not yet received.
		m := newMessage(old.body, old.sender, now)
		m.attributes = old.attributes
		destination.put(m)
	}
	if t.moved == t.toMove {
		t.status = moveCompleted
	}
}

// nextMove is when the next message of a task with a rate is due; zero if none.
func (s *sqsService) nextMove(now time.Time) time.Time {
	if slices.ContainsFunc(s.tasks, func(t *moveTask) bool { return t.status == moveRunning }) {
		return now.Add(time.Second)
	}
	return time.Time{}
}

type startMoveIn struct {
	SourceArn, DestinationArn    string
	MaxNumberOfMessagesPerSecond *int
}

type moveHandle struct{ TaskHandle string }

func (s *sqsService) startMessageMoveTask(_ call, in startMoveIn) (out moveHandle, err error) {
	rate, err := between("MaxNumberOfMessagesPerSecond", in.MaxNumberOfMessagesPerSecond, 1, 500, 0)
	if err != nil {
		return out, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.clock.Now()
	source, err := s.moveEnd(in.SourceArn, now)
	if err != nil {
		return out, err
	}
	if len(s.sources(source)) == 0 {
		return out, badParameter("SourceArn", in.SourceArn, "Source queue must be configured as a Dead Letter Queue.")
	}
	if in.DestinationArn != "" {
		if _, err := s.moveEnd(in.DestinationArn, now); err != nil {
			return out, err
		}
	}
	if slices.ContainsFunc(s.tasks, func(t *moveTask) bool { return t.source == source.arn && t.status == moveRunning }) {
		return out, sqsFault("UnsupportedOperation", "There is already a task running. Only one active task is allowed for a source queue arn at a given time.")
	}
	t := &moveTask{
		handle: newUUID(), source: source.arn, destination: in.DestinationArn,
		perSecond: rate, started: now, status: moveRunning,
	}
	t.toMove, _, _ = source.counts(now)
	s.tasks = append(s.tasks, t)
	s.move(t, now)
	for _, q := range s.queues { // who waits on one must look again when the next message is due
		q.wake()
	}
	return moveHandle{t.handle}, nil
}

func (s *sqsService) moveEnd(arn string, now time.Time) (*queue, error) {
	q, err := s.queue(arn, now)
	if err != nil {
		return nil, sqsFault("ResourceNotFoundException", "The resource that you specified for the SourceArn or DestinationArn parameter doesn't exist.")
	}
	return q, nil
}

type listMovesIn struct {
	SourceArn  string
	MaxResults *int
}

type listMovesOut struct{ Results []moveOut }

type moveOut struct {
	TaskHandle                        string `json:",omitempty"` // of a running task only
	Status                            string
	SourceArn                         string
	DestinationArn                    string `json:",omitempty"`
	MaxNumberOfMessagesPerSecond      int    `json:",omitempty"`
	ApproximateNumberOfMessagesMoved  int
	ApproximateNumberOfMessagesToMove int
	FailureReason                     string `json:",omitempty"`
	StartedTimestamp                  int64  // ms
}

// listMessageMoveTasks lists the latest tasks first.
func (s *sqsService) listMessageMoveTasks(_ call, in listMovesIn) (out listMovesOut, err error) {
	limit, err := between("MaxResults", in.MaxResults, 1, 10, 1)
	if err != nil {
		return out, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.moveEnd(in.SourceArn, s.clock.Now()); err != nil {
		return out, err
	}
	out.Results = []moveOut{}
	for _, t := range slices.Backward(s.tasks) {
		if t.source != in.SourceArn || len(out.Results) == limit {
			continue
		}
		result := moveOut{
			Status: t.status, SourceArn: t.source, DestinationArn: t.destination,
			MaxNumberOfMessagesPerSecond:     t.perSecond,
			ApproximateNumberOfMessagesMoved: t.moved, ApproximateNumberOfMessagesToMove: t.toMove,
			FailureReason: t.failure, StartedTimestamp: t.started.UnixMilli(),
		}
		if t.status == moveRunning {
			result.TaskHandle = t.handle
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

type cancelMoveOut struct{ ApproximateNumberOfMessagesMoved int }

func (s *sqsService) cancelMessageMoveTask(_ call, in moveHandle) (out cancelMoveOut, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.moveMessages(s.clock.Now())
	i := slices.IndexFunc(s.tasks, func(t *moveTask) bool { return t.handle == in.TaskHandle })
	if i < 0 {
		return out, sqsFault("ResourceNotFoundException", "Task does not exist.")
	}
	if s.tasks[i].status != moveRunning {
		return out, sqsFault("UnsupportedOperation", "Only active tasks can be cancelled.")
	}
	s.tasks[i].status = moveCancelled
	return cancelMoveOut{s.tasks[i].moved}, nil
}
