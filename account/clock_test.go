package account

import (
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

func TestLedgerTimeIsNotTheMachines(t *testing.T) {
	for _, skew := range []time.Duration{0, 3 * time.Hour, 240 * time.Hour} {
		b := newBench(t)
		b.aws.Clock().Advance(skew)
		l := b.Ledger(LedgerOptions{Table: table, Keep: keep})
		if d := time.Since(l.Now()); d > time.Minute {
			t.Errorf("before any answer it is %s ago", d)
		}
		b.check(l.Sync(t.Context()))
		if d := l.Now().Sub(b.aws.Clock().Now()); d.Abs() > time.Second {
			t.Errorf("off by %s", d)
		}
	}
}

// TestClaimAsksForTheTimeFirst has a process claim that was never told the
// time: its lease must be one by the ledger's.
func TestClaimAsksForTheTimeFirst(t *testing.T) {
	b := newBench(t)
	b.aws.Clock().Advance(10 * time.Hour)
	b.claim(b.Ledger(LedgerOptions{Table: table, Keep: keep}), "a")
	_, err := b.ledger().Claim(t.Context(), object, "b", lease)
	wantKind(t, err, delivery.Claimed, "held by a")
}

func TestEveryAnswerSetsTheClock(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	c := b.claim(l, "a")
	b.aws.Clock().Advance(time.Hour)
	b.advance(l, c, halfway)
	if d := l.Now().Sub(b.aws.Clock().Now()); d.Abs() > time.Second {
		t.Errorf("after an answer it is off by %s", d)
	}
	b.aws.Clock().Advance(time.Hour)
	wantKind(t, advanceError(l, delivery.Claim{ID: object, Owner: "b"}, halfway), delivery.LedgerFailed)
	if d := l.Now().Sub(b.aws.Clock().Now()); d.Abs() > time.Second {
		t.Errorf("after a refusal it is off by %s", d)
	}
}

// TestClockHears has answers arrive at a clock. Times are in ms since the
// clock's start; a Date has whole seconds.
func TestClockHears(t *testing.T) {
	type answer struct{ date, sent, got int }
	for name, row := range map[string]struct {
		answers []answer
		ahead   time.Duration
	}{
		"the middle of what a first answer allows": {[]answer{{5000, 0, 100}}, 5450 * time.Millisecond},
		"a second one leaves it":                   {[]answer{{5000, 0, 100}, {6000, 1000, 1100}}, 5450 * time.Millisecond},
		"or shows that it was early":               {[]answer{{5000, 0, 100}, {6000, 300, 400}}, 5600 * time.Millisecond},
		"or that it was late":                      {[]answer{{5000, 0, 100}, {5000, 900, 1000}}, 5100 * time.Millisecond},
		"a slow answer says little":                {[]answer{{5000, 0, 100}, {9000, 1000, 9000}}, 5450 * time.Millisecond},
		"the ledger's time jumps":                  {[]answer{{5000, 0, 100}, {3605000, 200, 300}}, 3604700 * time.Millisecond},
		"and back":                                 {[]answer{{3605000, 0, 100}, {5000, 200, 300}}, 5800 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClock()
			at := func(ms int) time.Time { return c.start.Add(time.Duration(ms) * time.Millisecond) }
			for _, a := range row.answers {
				c.hear(at(a.date).Round(0), at(a.sent), at(a.got))
			}
			if c.ahead != row.ahead {
				t.Errorf("%s ahead, want %s", c.ahead, row.ahead)
			}
		})
	}
}
