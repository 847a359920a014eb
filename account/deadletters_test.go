package account

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/local"
)

// dead makes a queue, its DLQ, and dead letters.
func (b *bench) dead(bodies ...string) (queueARN string, d *DeadLetters) {
	b.Helper()
	dlq := b.aws.CreateQueue("q-dlq", local.QueueOptions{})
	queueARN = b.aws.CreateQueue("q", local.QueueOptions{MaxReceive: 1, DLQ: dlq})
	source := must(b.DeadLetters(queueARN, "", ""))
	for _, body := range bodies {
		b.check(b.aws.Send(queueARN, body))
	}
	for received := 0; received < len(bodies); {
		letters, err := source.Receive(b.Context(), time.Second)
		b.check(err)
		received += len(letters)
	}
	b.aws.Clock().Advance(time.Minute)
	_, err := source.Receive(b.Context(), time.Second) // the second receive gives them up
	b.check(err)
	return queueARN, must(b.DeadLetters(dlq, "", ""))
}

func TestDeadLettersAreLookedAt(t *testing.T) {
	b := newBench(t)
	queueARN, d := b.dead("a", "b")
	letters, err := d.Receive(t.Context(), time.Hour)
	b.check(err)
	if len(letters) != 2 || letters[0].Body+letters[1].Body != "ab" || letters[0].Source != queueARN || letters[0].Sent.IsZero() || letters[0].Received != 2 {
		t.Fatalf("%+v", letters)
	}
	depth := func(wantVisible, wantHidden int64) {
		t.Helper()
		visible, hidden, err := d.Depth(t.Context())
		if b.check(err); visible != wantVisible || hidden != wantHidden {
			t.Errorf("%d visible, %d hidden; want %d and %d", visible, hidden, wantVisible, wantHidden)
		}
	}
	depth(0, 2)
	b.check(d.GiveBack(t.Context(), letters))
	depth(2, 0)
	if err := d.GiveBack(t.Context(), letters); err == nil || !strings.Contains(err.Error(), "2 refused") {
		t.Errorf("given back twice: %v", err)
	}
	letters, err = d.Receive(t.Context(), time.Hour)
	b.check(err)
	b.check(d.Send(t.Context(), queueARN, []string{letters[0].Body}))
	b.check(d.Delete(t.Context(), letters[:1]))
	depth(0, 1)
	if left := b.aws.Messages(queueARN); len(left) != 1 || left[0].Body != letters[0].Body {
		t.Errorf("%+v", left)
	}
	letters[0].Receipt = "none"
	if err := d.Delete(t.Context(), letters[:1]); err == nil || !strings.Contains(err.Error(), "1 refused") {
		t.Errorf("a receipt that is none: %v", err)
	}
}

func TestMove(t *testing.T) {
	b := newBench(t)
	var bodies []string
	for i := range 25 {
		bodies = append(bodies, fmt.Sprint(i))
	}
	queueARN, d := b.dead(bodies...)
	if m, err := d.LastMove(t.Context()); err != nil || m.Running || m.Status != "" {
		t.Errorf("before: %+v, %v", m, err)
	}
	b.check(d.StartMove(t.Context(), 10))
	m, err := d.LastMove(t.Context())
	if b.check(err); !m.Running || m.ToMove != 25 || m.Moved < 10 || m.Moved == 25 {
		t.Errorf("at first: %+v", m)
	}
	if err := d.StartMove(t.Context(), 10); err == nil {
		t.Error("a second move was started")
	}
	b.check(d.CancelMove(t.Context(), m))
	if m, err = d.LastMove(t.Context()); err != nil || m.Running || m.Status != "CANCELLED" {
		t.Errorf("cancelled: %+v, %v", m, err)
	}
	b.check(d.StartMove(t.Context(), 500))
	if m, err = d.LastMove(t.Context()); err != nil || m.Running || m.Status != "COMPLETED" {
		t.Errorf("in the end: %+v, %v", m, err)
	}
	if n := len(b.aws.Messages(queueARN)); n != 25 {
		t.Errorf("%d messages are back", n)
	}
}
