package operate

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/local"
)

// deadIn is a Desk for a queue of acme's whose messages are all dead letters.
func deadIn(t *testing.T, messages int) (*Desk, *local.Account) {
	t.Helper()
	o, a := inventoried(t)
	o.Continuation = "arn:aws:sqs:us-east-1:999988887777:continuation"
	o.Queues = o.Queues[:1]
	q := &o.Queues[0]
	dlq := a.CreateQueue("devo-app-dlq", local.QueueOptions{})
	q.ARN, q.DLQ = a.CreateQueue("devo-app", local.QueueOptions{MaxReceive: 1, DLQ: dlq}), dlq
	d, err := NewDesk(o, q.ARN)
	if err != nil {
		t.Fatal(err)
	}
	gives, err := o.Account.DeadLetters(q.ARN, "", "")
	if err != nil {
		t.Fatal(err)
	}
	for i := range messages {
		if err := a.Send(q.ARN, fmt.Sprint(i)); err != nil {
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
	return d, a
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
