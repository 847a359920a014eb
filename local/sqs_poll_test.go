package local

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

// A poll is one long ReceiveMessage under synctest, where the moment at which
// it waits is known.
type poll struct {
	*sqsService
	arn, url string
	cancel   context.CancelFunc
	held     string // handle of a message hidden for 15 s
	ended    chan pollEnd
}

type pollEnd struct {
	out   receiveMessageOut
	err   error
	after time.Duration
}

// startPoll polls for 20 s a queue whose only message is hidden for 15 s, and
// returns when the poll waits.
func startPoll(t *testing.T) poll {
	t.Helper()
	s := newSQS(NewClock(), "eu-west-1")
	p := poll{sqsService: s, ended: make(chan pollEnd, 1)}
	p.arn = s.create("in", QueueOptions{Owner: devo, Visibility: 15 * time.Second})
	p.url = "http://any/" + devo + "/in"
	if err := s.deliver(p.arn, "hidden"); err != nil {
		t.Fatal(err)
	}
	first, err := s.receiveMessage(call{Context: t.Context()}, receiveMessageIn{QueueURL: p.url})
	if err != nil || len(first.Messages) != 1 {
		t.Fatal(first, err)
	}
	p.held = first.Messages[0].ReceiptHandle

	ctx, cancel := context.WithCancel(t.Context())
	p.cancel = cancel
	wait, start := 20, time.Now()
	go func() {
		out, err := s.receiveMessage(call{Context: ctx}, receiveMessageIn{QueueURL: p.url, WaitTimeSeconds: &wait})
		p.ended <- pollEnd{out, err, time.Since(start)}
	}()
	synctest.Wait()
	return p
}

func TestLongPoll(t *testing.T) {
	hide := func(p poll, seconds int) error {
		_, err := p.changeMessageVisibility(call{}, changeVisibilityIn{p.url, p.held, &seconds})
		return err
	}
	for _, c := range []struct {
		name  string
		wake  func(p poll) error
		want  int
		after time.Duration // real time
	}{
		{"wakes when a message arrives", func(p poll) error { return p.deliver(p.arn, "new") }, 1, 0},
		{"wakes when the clock shows a hidden message", func(p poll) error { p.clock.Advance(15 * time.Second); return nil }, 1, 0},
		{"wakes when a message's visibility is ended", func(p poll) error { return hide(p, 0) }, 1, 0},
		{"wakes when a hidden message shows by itself", func(poll) error { return nil }, 1, 15 * time.Second},
		{"waits on when the clock shows nothing", func(p poll) error { p.clock.Advance(14 * time.Second); return nil }, 1, time.Second},
		{"ends empty when its time is over", func(p poll) error { return hide(p, 3600) }, 0, 20 * time.Second},
		{"ends empty when the clock says so", func(p poll) error {
			defer p.clock.Advance(20 * time.Second)
			return hide(p, 3600)
		}, 0, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := startPoll(t)
				if err := c.wake(p); err != nil {
					t.Fatal(err)
				}
				end := <-p.ended
				if end.err != nil || len(end.out.Messages) != c.want || end.after != c.after {
					t.Errorf("%d messages after %v, %v; want %d after %v", len(end.out.Messages), end.after, end.err, c.want, c.after)
				}
			})
		})
	}
}

func TestLongPollEndsWithItsQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := startPoll(t)
		if _, err := p.deleteQueue(call{}, queueIn{p.url}); err != nil {
			t.Fatal(err)
		}
		end := <-p.ended
		wantFault(t, end.err, "QueueDoesNotExist")
		if end.after != 0 {
			t.Errorf("the poll went on for %v", end.after)
		}
	})
}

func TestLongPollTakesNothingForACallerWhoIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := startPoll(t)
		p.cancel()
		if end := <-p.ended; !errors.Is(end.err, context.Canceled) {
			t.Errorf("poll ended with %v", end.err)
		}
		p.clock.Advance(15 * time.Second)
		if state := p.state(p.arn); state.Visible != 1 {
			t.Errorf("%+v, want the message to be visible", state)
		}
	})
}

func TestPollSeesEveryMessageOfASlowMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSQS(NewClock(), "eu-west-1")
		dlq := s.create("dead", QueueOptions{Owner: devo})
		s.create("in", QueueOptions{Owner: devo, DLQ: dlq, MaxReceive: 1})
		target := s.create("target", QueueOptions{Owner: devo})
		for range 3 {
			if err := s.deliver(dlq, "x"); err != nil {
				t.Fatal(err)
			}
		}
		rate, wait, start := 1, 20, time.Now()
		if _, err := s.startMessageMoveTask(call{}, startMoveIn{dlq, target, &rate}); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			out, err := s.receiveMessage(call{Context: t.Context()}, receiveMessageIn{QueueURL: "http://any/" + devo + "/target", WaitTimeSeconds: &wait})
			if err != nil || len(out.Messages) != 1 || time.Since(start) != time.Duration(i)*time.Second {
				t.Fatalf("message %d: %v, %v after %v", i, out, err, time.Since(start))
			}
		}
	})
}

func wantFault(t *testing.T, err error, shape string) {
	t.Helper()
	var f *fault
	if !errors.As(err, &f) || f.kind != "com.amazonaws.sqs#"+shape {
		t.Errorf("error %v, want %s", err, shape)
	}
}
