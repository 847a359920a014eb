package operate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/local"
)

// deadIn is a Desk for a queue of acme's whose messages are all dead letters.
func deadIn(t *testing.T, messages int) (*Desk, *local.Account) {
	t.Helper()
	return deadInEach(t, messages, "devo-app")
}

// deadInEach is a Desk for some queues, in each of which so many messages are
// all dead letters.
func deadInEach(t *testing.T, messages int, names ...string) (*Desk, *local.Account) {
	t.Helper()
	o, a := inventoried(t)
	o.Continuation = "arn:aws:sqs:us-east-1:999988887777:continuation"
	o.Queues = slices.Repeat(o.Queues[:1], len(names))
	for i, name := range names {
		q := &o.Queues[i]
		dlq := a.CreateQueue(name+"-dlq", local.QueueOptions{})
		q.ARN, q.DLQ = a.CreateQueue(name, local.QueueOptions{MaxReceive: 1, DLQ: dlq}), dlq
		fail(t, o, a, q.ARN, messages)
	}
	only := ""
	if len(names) == 1 {
		only = o.Queues[0].ARN
	} else {
		a.CreateQueue("continuation-dlq", local.QueueOptions{})
	}
	d, err := NewDesk(o, only)
	if err != nil {
		t.Fatal(err)
	}
	return d, a
}

// fail has a queue give up so many messages.
func fail(t *testing.T, o Operator, a *local.Account, queueARN string, messages int) {
	t.Helper()
	gives, err := o.Account.DeadLetters(queueARN, "", "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range messages {
		if err := a.Send(queueARN, fmt.Sprint(i)); err != nil {
			t.Fatal(err)
		}
	}
	for received := 0; received < messages; {
		letters, err := gives.Receive(t.Context(), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		received += len(letters)
	}
	a.Clock().Advance(time.Minute)
	if _, err := gives.Receive(t.Context(), time.Second); err != nil { // the second receive gives them up
		t.Fatal(err)
	}
}

// refuse has calls about queues refused of which the payload has one of the
// texts.
func refuse(a *local.Account, action string, texts ...string) {
	a.SetFault(func(r local.FaultRequest) *local.FaultResponse {
		if r.Action == action && slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(r.Body, text) }) {
			return &local.FaultResponse{Status: 403, Code: "AccessDenied"}
		}
		return nil
	})
}

// A DLQ whose redrive fails does not keep the others' letters; the error names
// each that did.
func TestRedriveAllGoesOn(t *testing.T) {
	d, a := deadInEach(t, 3, "first", "second", "third")
	for action, texts := range map[string][]string{
		"StartMessageMoveTask": {":first-dlq", ":second-dlq"}, "ListMessageMoveTasks": {":first-dlq", ":second-dlq"}, "GetQueueAttributes": {"/first-dlq", "/second-dlq"},
	} {
		t.Run(action, func(t *testing.T) {
			refuse(a, action, texts...)
			if sum, err := d.Count(t.Context()); (err != nil) != (action == "GetQueueAttributes") || err == nil && sum < 6 {
				t.Errorf("counted %d, %v", sum, err)
			}
			moved := int64(0)
			err := d.RedriveAll(t.Context(), 500, func(n int64) { moved += n })
			if err == nil || !strings.Contains(err.Error(), ":first-dlq") || !strings.Contains(err.Error(), ":second-dlq") || strings.Contains(err.Error(), "third") {
				t.Errorf("%v", err)
			}
			if n := len(a.Messages(d.dlqs[2].arn)); n != 0 {
				t.Errorf("%d letters are in the last DLQ still, %d were moved", n, moved)
			}
		})
	}
	for _, q := range d.dlqs[:2] {
		if n := len(a.Messages(q.arn)); n != 3 {
			t.Errorf("%s has %d letters", q.arn, n)
		}
	}
}

// One interrupted is not begun with the next.
func TestRedriveAllInterrupted(t *testing.T) {
	d, a := deadInEach(t, 1, "first", "second")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	starts := 0
	a.SetFault(func(r local.FaultRequest) *local.FaultResponse {
		if r.Action == "StartMessageMoveTask" {
			starts++
			cancel()
		}
		return nil
	})
	if err := d.RedriveAll(ctx, 1, func(int64) {}); err == nil || starts != 1 {
		t.Errorf("%d begun, %v", starts, err)
	}
}

// A DLQ whose letters cannot be deleted keeps them, and no other does.
func TestDropGoesOn(t *testing.T) {
	d, a := deadInEach(t, 3, "first", "second")
	letters, _, err := d.Take(t.Context(), 10, time.Hour)
	if err != nil || len(letters) != 6 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	refuse(a, "DeleteMessageBatch", "/first-dlq")
	left, err := d.Drop(t.Context(), letters)
	if err == nil || !strings.Contains(err.Error(), ":first-dlq: ") || len(left) != 3 || left[0].DLQ() != d.dlqs[0].arn {
		t.Errorf("%d left, %v", len(left), err)
	}
	if first, second := len(a.Messages(d.dlqs[0].arn)), len(a.Messages(d.dlqs[1].arn)); first != 3 || second != 0 {
		t.Errorf("the DLQs have %d and %d letters", first, second)
	}
}

// A letter that was sent is deleted though the person has had enough: of a
// direct queue's no ledger knows that both are one.
func TestResendInterruptedLeavesNoCopy(t *testing.T) {
	d, a := deadIn(t, 1)
	letters, _, err := d.Take(t.Context(), 10, time.Hour)
	if err != nil || len(letters) != 1 {
		t.Fatalf("%d letters, %v", len(letters), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	a.SetFault(func(r local.FaultRequest) *local.FaultResponse {
		if r.Action == "DeleteMessageBatch" {
			cancel()
		}
		return nil
	})
	if left, err := d.Resend(ctx, letters, 10, func(int64) {}); err != nil || len(left) != 0 {
		t.Errorf("%d left, %v", len(left), err)
	}
	if n := len(a.Messages(d.dlqs[0].arn)); n != 0 {
		t.Errorf("%d messages are in the DLQ still", n)
	}
}

// A redrive that somebody else ends is none that is done.
func TestRedriveCancelledByAnother(t *testing.T) {
	d, _ := deadIn(t, 25)
	q := d.dlqs[0]
	err := d.RedriveAll(t.Context(), 10, func(int64) {
		m, err := q.letters.LastMove(t.Context())
		if err == nil && m.Running {
			err = q.letters.CancelMove(t.Context(), m)
		}
		if err != nil {
			t.Error(err)
		}
	})
	if err == nil || !strings.Contains(err.Error(), "cancelled by somebody else after ") {
		t.Error(err)
	}
}

// SQS may deliver a message twice, and what counts then is the last receipt.
func TestTakeKeepsTheLastReceipt(t *testing.T) {
	d, a := deadIn(t, 1)
	receives := 0
	a.SetFault(func(r local.FaultRequest) *local.FaultResponse {
		if r.Action == "ReceiveMessage" {
			if receives++; receives == 2 {
				a.Clock().Advance(time.Hour)
			}
		}
		return nil
	})
	letters, _, err := d.Take(t.Context(), 10, time.Hour)
	if err != nil || len(letters) != 1 || letters[0].Received != 3 {
		t.Fatalf("%d letters, %v, received %d times", len(letters), err, letters[0].Received)
	}
	if err := d.GiveBack(t.Context(), letters); err != nil {
		t.Error(err)
	}
}
