package delivery

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devo-s3/collector/events"
)

// handover is a bench with one object that takes an hour, in an invocation of
// three minutes.
func handover(t *testing.T) *bench {
	b := newBench(t)
	b.slowly(10 * time.Second)
	text, _ := lines("a", 40_000)
	b.store.put("prod/a.log", text)
	return b
}

// Time that runs out while a connection is opened is not Devo's failure.
func TestTimeRunsOutWhileDialling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := handover(t)
		b.opts.Sink = hangingSink{&b.sink}
		if failed := b.invoke(t, announce("m", "prod/a.log", "prod/b.log")); failed != nil {
			t.Errorf("progress was made: %v", b.report.all["m"].Err)
		}
		if n := len(b.queue.continued); n != 2 {
			t.Errorf("%d continuations, want both objects'", n)
		}
	})
}

// hangingSink opens one connection, and no other.
type hangingSink struct{ *memSink }

func (s hangingSink) Dial(ctx, life context.Context) (Conn, error) {
	if s.conns > 0 {
		<-ctx.Done()
		return nil, Fail(DevoUnavailable, "%w", ctx.Err())
	}
	return s.memSink.Dial(ctx, life)
}

// Time ran out, and then the last connection broke: what was confirmed before
// is progress; without it, the message waits as long as for any broken one.
func TestLastConnectionBreaks(t *testing.T) {
	for name, c := range map[string]struct {
		good int // connections
		want Kind
	}{"after progress": {1, ""}, "before any": {0, Unconfirmable}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := handover(t)
				b.opts.ConfirmTime = time.Hour
				if c.good > 0 {
					b.opts.ConfirmTime = 75 * time.Second
				}
				b.store.reading = func(ctx context.Context, _ string, _ int64) error {
					select { // without a pause long enough to retire a connection
					case <-time.After(900 * time.Millisecond):
						return nil
					case <-ctx.Done():
						return ctx.Err()
					}
				}
				text, _ := lines("a", 100_000)
				b.store.put("prod/a.log", text)
				b.sink.confirm = func(_ context.Context, n int, _ []string) error {
					if n > c.good {
						return Fail(Unconfirmable, "no end")
					}
					return nil
				}
				b.invoke(t, announce("m", "prod/a.log"))
				wantKind(t, b, "m", c.want)
				if got := len(b.queue.continued); got != c.good {
					t.Errorf("%d continuations, want %d", got, c.good)
				}
			})
		})
	}
}

// What was sent without a claim is nowhere recorded: to hand the rest on would
// be to begin again, for ever.
func TestUnclaimedProgressIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := handover(t)
		b.ledger.fail = func(string, Identity) error { return Fail(LedgerFailed, "no answer") }
		b.invoke(t, announce("m", "prod/a.log"))
		wantKind(t, b, "m", Throttled)
		rest := announce("rest")
		rest.Queue = continuation
		rest.Body = events.Continue(events.Object{Bucket: "logs", Key: "prod/a.log"}, events.Continued{Queue: queue})
		sent := len(b.sink.written)
		b.invoke(t, rest)
		wantKind(t, b, "rest", LedgerFailed)
		if len(b.sink.written) != sent {
			t.Error("a continuation was begun without its position")
		}
	})
}

// Bytes that do not come are no skipping: S3's stall must not take an object
// to the DLQ.
func TestStallAfterResumeIsNotTooLarge(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		text, _ := lines("a", 1000)
		b.store.put("prod/a.log", text)
		b.opts.ConfirmBytes = 1
		b.sink.write = func(_ int, record string) error {
			if record == "a-900" {
				return Fail(DevoUnavailable, "%w", errBroken)
			}
			return nil
		}
		b.invoke(t, announce("m", "prod/a.log").again(2))
		b.sink.write = nil
		b.slowly(time.Hour)
		b.invoke(t, announce("m", "prod/a.log").again(3))
		wantKind(t, b, "m", Throttled)
		if from := b.report.all["m"].Objects[0].From; from == 0 {
			t.Error("it was not resumed")
		}
	})
}

// A position that is not in the ledger must not be handed on.
func TestRefusedAdvanceIsNotHandedOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := handover(t)
		b.slowly(900 * time.Millisecond)
		b.opts.ConfirmTime = time.Hour
		text, _ := lines("a", 100_000)
		b.store.put("prod/a.log", text)
		b.ledger.fail = func(call string, _ Identity) error {
			if call == "advance" {
				return Fail(LedgerFailed, "refused")
			}
			return nil
		}
		b.invoke(t, announce("m", "prod/a.log"))
		wantKind(t, b, "m", LedgerFailed)
	})
}

// Whoever gives up lets go.
func TestRefusedDoneEndsTheLease(t *testing.T) {
	b := newBench(t)
	b.store.put("prod/a.log", "x\n")
	b.ledger.fail = func(call string, _ Identity) error {
		if call == "done" {
			return Fail(LedgerFailed, "refused")
		}
		return nil
	}
	b.deliver(t, t.Context(), announce("m", "prod/a.log"))
	wantKind(t, b, "m", LedgerFailed)
	for id, it := range b.ledger.items {
		if it.until.After(time.Now()) {
			t.Errorf("%s is held until %s", id.Key, it.until)
		}
	}
}

func TestOfTwoLeasesTheLaterCounts(t *testing.T) {
	now := time.Now()
	a, b := &Error{Kind: Claimed, Until: now.Add(time.Minute)}, &Error{Kind: Claimed, Until: now.Add(time.Hour)}
	if hopeful(a, b) != b || hopeful(b, a) != b {
		t.Error("the message comes back before it can succeed")
	}
	if d := delay("no such kind", 1, 0); d < 5*time.Second {
		t.Errorf("an unknown kind is hidden for %s", d)
	}
}

// What is left of a vendor's message names that message as its origin.
func TestVendorsMessageIsItsOwnOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := handover(t)
		m := announce("v", "prod/a.log")
		m.Body, m.Queue = events.Continue(events.Object{}, events.Continued{Queue: queue, Body: m.Body}), continuation
		b.invoke(t, m)
		wantKind(t, b, "v", "")
		if len(b.queue.continued) != 1 {
			t.Fatalf("%d continuations", len(b.queue.continued))
		}
		n, err := events.Decode(b.queue.continued[0])
		if err != nil || n.Continuation.Origin.MessageID != "v" {
			t.Errorf("%+v %v", n.Continuation, err)
		}
	})
}

// With no ledger, what is handed on would begin at the start each time.
func TestNoLedgerHandsNothingOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.ledger.volatile = true
		b.opts.ConfirmBytes = 1
		b.slowly(10 * time.Second)
		text, _ := lines(strings.Repeat("x", 90), 1800)
		b.store.put("prod/a.log", text)
		if failed := b.invoke(t, announce("m", "prod/a.log")); len(failed) != 1 || len(b.queue.continued) != 0 {
			t.Errorf("failed %q, continued %d", failed, len(b.queue.continued))
		}
	})
}

// A dialler compares the context's deadline with the clock itself, and may fail
// before the context's own timer has fired. That is still time that ran out.
func TestADialThatFailsAtTheDeadlineItselfIsNotDevos(t *testing.T) {
	for i := range 100 {
		synctest.Test(t, func(t *testing.T) {
			b := handover(t)
			b.opts.Sink = punctualSink{&b.sink}
			if failed := b.invoke(t, announce("m", "prod/a.log", "prod/b.log")); failed != nil {
				t.Fatalf("invocation %d: progress was made: %v", i, b.report.all["m"].Err)
			}
		})
	}
}

// punctualSink opens one connection; the next fails at its context's deadline,
// without waiting for the context to say so.
type punctualSink struct{ *memSink }

func (s punctualSink) Dial(ctx, life context.Context) (Conn, error) {
	if s.conns == 0 {
		return s.memSink.Dial(ctx, life)
	}
	deadline, _ := ctx.Deadline()
	time.Sleep(time.Until(deadline)) // virtual
	return nil, Fail(DevoUnavailable, "dial: %w", os.ErrDeadlineExceeded)
}

// A write that Devo takes slowly ends before the invocation does: what was
// confirmed before is handed on, and a message that is done stays done.
func TestAWriteThatOutlastsTheDeadlineIsCut(t *testing.T) {
	for name, c := range map[string]struct {
		good     int // records before the one that hangs; the first window's, four, come at once
		received int
		want     Kind // of the slow message; "" is handed on
	}{
		"after progress":        {6, 1, ""},
		"after progress, again": {6, 2, ""},
		"before any":            {0, 1, Unconfirmable},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.steadily()
				text, _ := lines(strings.Repeat("x", 1000), 20)
				b.store.put("prod/slow.log", text)
				b.store.put("prod/small.log", "done\n")
				slow := 0
				b.sink.write = func(n int, record string) error {
					if strings.HasPrefix(record, "done") {
						return nil
					}
					if slow++; slow > c.good {
						return errHangs
					}
					return nil
				}
				m := announce("slow", "prod/slow.log")
				m.Received = c.received
				failed := b.invoke(t, announce("small", "prod/small.log"), m)
				if err := b.report.all["small"].Err; err != nil {
					t.Errorf("the small message: %v", err)
				}
				err := b.report.all["slow"].Err
				switch {
				case c.want == "" && (err != nil || len(failed) != 0 || len(b.queue.continued) != 1):
					t.Errorf("%v, %d continuations; want it handed on", err, len(b.queue.continued))
				case c.want != "" && (err == nil || err.Kind != c.want):
					t.Errorf("got %v, want %s", err, c.want)
				}
			})
		})
	}
}
