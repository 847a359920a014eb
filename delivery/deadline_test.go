package delivery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devo-s3/collector/events"
)

// slowly makes every KiB of a bucket's objects take d of virtual time.
func (b *bench) slowly(d time.Duration) {
	b.store.reading = func(ctx context.Context, _ string, _ int64) error {
		select {
		case <-time.After(d):
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// steadily makes an object come a KiB at a time, each on a connection that is
// settled before the next comes. It needs virtual time.
func (b *bench) steadily() {
	b.opts.ConfirmBytes = 1
	b.slowly(2 * time.Second)
}

// invoke delivers with a deadline, as Lambda does.
func (b *bench) invoke(t *testing.T, batch ...Message) []string {
	t.Helper()
	const limit = 3 * time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	begun := time.Now()
	failed := b.deliver(t, ctx, batch...)
	if took := time.Since(begun); took > limit {
		t.Errorf("took %s of %s", took, limit)
	}
	return failed
}

// An object of half an hour goes from invocation to invocation by continuation
// messages, each received once, and every record arrives once.
func TestObjectThatOutlivesInvocations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.slowly(10 * time.Second) // 180 KiB: 30 minutes
		text, records := lines(strings.Repeat("x", 90), 1800)
		b.store.put("prod/a.log", text)
		m, invocations := announce("m", "prod/a.log"), 0
		for ; ; invocations++ {
			if failed := b.invoke(t, m); failed != nil {
				t.Fatalf("invocation %d: %v", invocations, b.report.all[m.ID].Err)
			}
			if len(b.queue.continued) == 0 {
				break
			}
			if len(b.queue.continued) != 1 {
				t.Fatalf("%d continuations of one object", len(b.queue.continued))
			}
			m = Message{ID: fmt.Sprint("c", invocations), Receipt: "c", Queue: continuation, Received: 1, Body: b.queue.continued[0]}
			b.queue.continued = nil
		}
		if invocations < 5 {
			t.Errorf("it took %d continuations: the object did not outlive much", invocations)
		}
		wantConfirmed(t, b, records...)
		if len(b.sink.written) != len(records) {
			t.Errorf("%d records written, want each once of %d", len(b.sink.written), len(records))
		}
		n, err := events.Decode(m.Body)
		if err != nil || n.Continuation == nil || n.Continuation.Origin.MessageID != "m" {
			t.Errorf("the last continuation does not name its origin: %+v %v", n.Continuation, err)
		}
	})
}

// A message of 500 files that needs several invocations is acknowledged in
// the first one: the rest goes on by itself, one object each.
func TestMessageOfManyFilesThatOutlivesAnInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.slowly(time.Second)
		var keys, want []string
		for i := range 500 {
			key := fmt.Sprintf("prod/%d.log", i)
			text, records := lines(key, 2)
			b.store.put(key, text)
			keys, want = append(keys, key), append(want, records...)
		}
		todo := []Message{announce("m", keys...)}
		for n := 0; len(todo) > 0; n++ {
			batch := todo[:min(len(todo), 10)]
			todo = todo[len(batch):]
			if failed := b.invoke(t, batch...); failed != nil {
				t.Fatalf("failed %q", failed)
			}
			for i, body := range b.queue.continued {
				id := fmt.Sprintf("%d-%d", n, i)
				todo = append(todo, Message{ID: id, Receipt: id, Queue: continuation, Received: 1, Body: body})
			}
			b.queue.continued = nil
		}
		wantConfirmed(t, b, want...)
		if len(b.sink.written) != len(want) {
			t.Errorf("%d records written, want each once of %d", len(b.sink.written), len(want))
		}
	})
}

func TestContinuationQueueRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.slowly(10 * time.Second)
		b.queue.refuse = Fail(Throttled, "slow down")
		text, _ := lines("a", 20_000)
		b.store.put("prod/a.log", text)
		if failed := b.invoke(t, announce("m", "prod/a.log")); !slices.Equal(failed, []string{"m"}) {
			t.Errorf("failed %q: the original must stay when its rest was not taken", failed)
		}
		wantKind(t, b, "m", Throttled)
	})
}

func TestNoProgressIsAnOrdinaryFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.slowly(time.Hour)
		b.store.put("prod/a.log", "x\n")
		if failed := b.invoke(t, announce("m", "prod/a.log")); len(failed) != 1 || len(b.queue.continued) != 0 {
			t.Errorf("failed %q, continued %d", failed, len(b.queue.continued))
		}
		wantKind(t, b, "m", Throttled)
	})
}

// A single gzip member has no restart point: what was confirmed must be read
// again, and when that takes all the time there is, no retry will help.
func TestSkippingThatFillsTheInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		text, _ := lines("a", 5000)
		b.store.put("prod/a.log", text)
		o, err := b.store.Open(t.Context(), events.Object{Key: "prod/a.log"}, 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		id := Identity{Bucket: "logs", Key: "prod/a.log", Version: o.ETag}
		match, _ := b.opts.Entries[0].Sources.Match(id.Key)
		b.ledger.items = map[Identity]*memItem{id: {pos: Position{Next: 4999, Fingerprint: match.Source.Parser().Fingerprint()}}}
		b.slowly(10 * time.Second)
		b.invoke(t, announce("m", "prod/a.log"))
		wantKind(t, b, "m", TooLarge)
		if cause := b.report.all["m"].Err.Error(); !strings.Contains(cause, "of the 2m15s") {
			t.Errorf("both figures are wanted: %s", cause)
		}
	})
}

func TestChangedParserStartsAgain(t *testing.T) {
	b := newBench(t)
	text, records := lines("a", 10)
	b.store.put("prod/a.log", text)
	o, err := b.store.Open(t.Context(), events.Object{Key: "prod/a.log"}, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	id := Identity{Bucket: "logs", Key: "prod/a.log", Version: o.ETag}
	b.ledger.items = map[Identity]*memItem{id: {pos: Position{Next: 5, Fingerprint: "of another parser"}}}
	if failed := b.deliver(t, t.Context(), announce("m", "prod/a.log")); failed != nil {
		t.Fatal(failed)
	}
	wantConfirmed(t, b, records...)
	if !b.report.all["m"].Objects[0].Reset {
		t.Error("the reset is not reported")
	}
}

// A connection that waits for bytes is confirmed before Devo would cut it, and
// one in use is confirmed every ConfirmTime.
func TestConnectionsAreRetiredInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		var ages []time.Duration
		born := map[int]time.Time{}
		b.sink.dial = func(n int) error { born[n] = time.Now(); return nil }
		b.sink.confirm = func(_ context.Context, n int, _ []string) error {
			ages = append(ages, time.Since(born[n]))
			return nil
		}
		b.slowly(45 * time.Second)
		text, _ := lines("a", 2000)
		b.store.put("prod/a.log", text)
		if failed := b.deliver(t, t.Context(), announce("m", "prod/a.log")); failed != nil {
			t.Fatal(failed)
		}
		if len(ages) < 3 {
			t.Fatalf("%d connections", len(ages))
		}
		for _, age := range ages {
			if age > 16*time.Second {
				t.Errorf("a connection lived %s while its object made it wait", age)
			}
		}
	})
}

func TestDelays(t *testing.T) {
	m, s := time.Minute, time.Second
	for kind, want := range map[Kind][]time.Duration{
		DevoUnavailable: {2 * m, 4 * m, 8 * m, 16 * m, 32 * m, 64 * m, 90 * m, 90 * m, 90 * m},
		Corrupt:         {5 * s, 5 * s, 5 * s, m, 2 * m, 4 * m, 8 * m, 15 * m, 15 * m},
		Throttled:       {5 * s, 5 * s, 5 * s, m, 2 * m, 4 * m, 8 * m, 16 * m, 32 * m, 60 * m, 60 * m},
		Malformed:       {5 * s, 5 * s, 5 * s, 5 * s, 5 * s, 5 * s, 5 * s, 5 * s, 5 * s, 5 * s},
	} {
		for i, w := range want {
			for range 100 {
				if d := delay(kind, i+1, 0); d < w || d > w+w/4+s {
					t.Errorf("%s, received %d times: %s, want %s and up to a quarter more", kind, i+1, d, w)
				}
			}
		}
	}
	var outage time.Duration
	for received := 1; received <= 9; received++ {
		outage += patiences[DevoUnavailable].delay(received)
	}
	if outage < 6*time.Hour {
		t.Errorf("ten receives span %s, want more than six hours", outage)
	}
	for _, k := range []Kind{
		Claimed, DevoUnavailable, DevoRefused, Unconfirmable, LedgerFailed, Throttled, Internal, Corrupt, NotFound,
		Denied, KMS, WrongRegion, Malformed, NoSource, NotAllowed, Archived, UnsupportedEncryption, TooLarge,
	} {
		if delay(k, 0, 0) <= 0 || delay(k, 1000, 0) > 12*time.Hour {
			t.Errorf("%s: no sane delay", k)
		}
	}
}

// A message takes the kind of its most hopeful failed object.
func TestMostHopefulKind(t *testing.T) {
	b := newBench(t)
	b.store.put("cut.json", "[")
	b.deliver(t, t.Context(), announce("m", "x.bin", "prod/gone.log", "cut.json"))
	wantKind(t, b, "m", NotFound)
	if n := len(b.report.all["m"].Objects); n != 3 {
		t.Errorf("%d objects reported", n)
	}
}
