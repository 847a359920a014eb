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

// abandon leaves a claim of an object in the ledger, as an invocation does that is
// killed, and returns the object's identity.
func (b *bench) abandon(t *testing.T, key string, next int64) Identity {
	t.Helper()
	o, err := b.store.Open(t.Context(), events.Object{Key: key}, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	id := Identity{Bucket: "logs", Key: key, Version: o.ETag}
	match, _ := b.opts.Entries[0].Sources.Match(key)
	if b.ledger.items == nil {
		b.ledger.items = make(map[Identity]*memItem)
	}
	b.ledger.items[id] = &memItem{
		owner: "killed", until: time.Now().Add(-time.Second),
		pos: Position{Next: next, Fingerprint: match.Source.Parser().Fingerprint()},
	}
	return id
}

// TestWhatWasInFlightAtAKillIsWorkedOnAlone: everything else is confirmed and
// acknowledged before any of it is read, and one suspect before the next.
func TestWhatWasInFlightAtAKillIsWorkedOnAlone(t *testing.T) {
	b := newBench(t)
	var batch []Message
	var want []string
	for i := range 8 {
		key := fmt.Sprintf("prod/%d.log", i)
		text, records := lines(key, 3)
		b.store.put(key, text)
		batch, want = append(batch, announce(key, key)), append(want, records...)
	}
	suspects := []string{"prod/0.log", "prod/3.log"}
	for _, key := range suspects {
		b.abandon(t, key, 0)
	}
	// A message that waits for a suspect's object waits with it; one names a suspect
	// and others.
	batch = append(batch, announce("the same again", "prod/3.log"), announce("both", "prod/5.log", "prod/0.log"))
	batch = append(batch, announce("gone", "prod/gone.log"))
	var order []string
	b.store.reading = func(_ context.Context, key string, off int64) error {
		if !slices.Contains(suspects, key) || off > 0 {
			return nil
		}
		b.queue.mu.Lock()
		defer b.queue.mu.Unlock()
		order = append(order, fmt.Sprint(key, " after ", len(b.queue.deleted)))
		return nil
	}
	if failed := b.deliver(t, t.Context(), batch...); !slices.Equal(failed, []string{"gone"}) {
		t.Fatalf("failed %v", failed)
	}
	wantConfirmed(t, b, want...)
	if len(order) != 2 || order[0][11:] != "after 6" || order[1][11:] == "after 6" {
		t.Errorf("read %q, want each when all others are acknowledged", order)
	}
	if len(b.queue.deleted) != len(batch)-3 || slices.Contains(b.queue.deleted, "gone") {
		t.Errorf("acknowledged %q", b.queue.deleted)
	}
	told := make(map[string]string)
	for _, f := range b.report.flights {
		told[f.Key] = fmt.Sprint(f.Plight, " ", f.Owner, " ", f.Bucket, " ", f.Source)
	}
	for _, key := range suspects {
		if told[key] != "abandoned killed logs text" {
			t.Errorf("%s: told %q", key, told[key])
		}
	}
	if len(told) != 2 {
		t.Errorf("told of %v", told)
	}
}

// TestReleasedObjectsAreNoSuspects: what failed in good order is worked on beside
// others as ever, and nothing is acknowledged before its time.
func TestReleasedObjectsAreNoSuspects(t *testing.T) {
	b := newBench(t)
	b.store.put("prod/a.log", "a\n")
	id := b.abandon(t, "prod/a.log", 0)
	b.ledger.items[id].until = time.Time{}
	if failed := b.deliver(t, t.Context(), announce("m", "prod/a.log").again(4)); failed != nil {
		t.Fatal(failed)
	}
	if len(b.queue.deleted) != 0 || len(b.report.flights) != 0 {
		t.Errorf("deleted %q, told of %v", b.queue.deleted, b.report.flights)
	}
}

// TestSuspectWithoutTimeStaysOne: its claim is not released, so that the next
// invocation knows as well, and its message comes when the lease has ended.
func TestSuspectWithoutTimeStaysOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.steadily()
		b.store.put("prod/bad.log", "x\n")
		id := b.abandon(t, "prod/bad.log", 0)
		text, _ := lines(strings.Repeat("x", 90), 5000)
		b.store.put("prod/a.log", text)
		b.invoke(t, announce("bad", "prod/bad.log"), announce("m", "prod/a.log"))
		wantKind(t, b, "bad", Claimed)
		it := b.ledger.items[id]
		if left := time.Until(it.until); left <= 0 || b.queue.delays["bad"] < left {
			t.Errorf("a lease of %s, hidden for %s", left, b.queue.delays["bad"])
		}
		time.Sleep(time.Hour)
		b.report.flights = nil
		if failed := b.invoke(t, announce("bad", "prod/bad.log").again(2)); failed != nil {
			t.Error(failed)
		}
		if f := b.report.flights; len(f) != 1 || f[0].Owner != "request-1" {
			t.Errorf("told of %+v", f)
		}
	})
}

// TestWhoeverIgnoresTheDeadlineIsLeftBehind: nine messages are acknowledged beside
// one that is stuck, in time, and the log names the object twice: when time is up,
// and when it is given up.
func TestWhoeverIgnoresTheDeadlineIsLeftBehind(t *testing.T) {
	for _, kind := range []string{"small", "large"} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				stuck := make(chan struct{})
				b.store.reading = func(_ context.Context, key string, _ int64) error {
					if key == "prod/stuck.log" {
						<-stuck
					}
					return nil
				}
				var batch []Message
				var want []string
				for i := range 9 {
					key := fmt.Sprintf("prod/%d.log", i)
					text, records := lines(key, 3)
					b.store.put(key, text)
					batch, want = append(batch, announce(key, key)), append(want, records...)
				}
				text := "never read\n"
				if kind == "large" {
					text = strings.Repeat(text, smallObject/len(text)+1)
				}
				b.store.put("prod/stuck.log", text)
				batch = append(batch, announce("stuck", "prod/stuck.log"))
				c, err := New(b.opts)
				if err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				defer cancel()
				failed := c.Deliver(ctx, "r", batch)
				if !slices.Equal(failed, []string{"stuck"}) || ctx.Err() != nil {
					t.Errorf("failed %v, %v", failed, ctx.Err())
				}
				wantConfirmed(t, b, want...)
				wantKind(t, b, "stuck", Internal)
				if !c.LeftBehind() {
					t.Error("nobody would end the process")
				}
				var plights []string
				for _, f := range b.report.flights {
					plights = append(plights, fmt.Sprint(f.Plight, " ", f.MessageID, " ", f.Bucket, " ", f.Key, " ", f.Version != "", " ", time.Until(f.Since) < -2*time.Minute))
				}
				if want := []string{"late stuck logs prod/stuck.log true true", "given_up stuck logs prod/stuck.log true true"}; !slices.Equal(plights, want) {
					t.Errorf("told %q", plights)
				}
				if o := b.report.all["stuck"].Objects; len(o) != 1 || o[0].Key != "prod/stuck.log" || o[0].State != Failed {
					t.Errorf("reported %+v", o)
				}
				close(stuck)
				synctest.Wait()
			})
		})
	}
}
