package delivery

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devo-s3/collector/events"
)

// waits are what happens to a lane's connections in virtual time.
type waits struct {
	mu           sync.Mutex
	born, last   map[int]time.Time // last: the last write
	oldest, idle time.Duration     // of a connection when Confirm began
}

// watch makes confirming take d, and measures.
func (b *bench) watch(d time.Duration) *waits {
	w := &waits{born: make(map[int]time.Time), last: make(map[int]time.Time)}
	b.sink.dial = func(n int) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.born[n] = time.Now()
		return nil
	}
	b.sink.write = func(n int, _ string) error {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.last[n] = time.Now()
		return nil
	}
	b.sink.confirm = func(_ context.Context, n int, _ []string) error {
		w.mu.Lock()
		w.oldest = max(w.oldest, time.Since(w.born[n]))
		w.idle = max(w.idle, time.Since(w.last[n]))
		w.mu.Unlock()
		time.Sleep(d) // virtual
		return nil
	}
	return w
}

// slowStore takes long to open.
type slowStore struct {
	Store
	d time.Duration
}

func (s slowStore) Open(ctx context.Context, o events.Object, off, length int64) (*Body, error) {
	select {
	case <-time.After(s.d):
		return s.Store.Open(ctx, o, off, length)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// No connection waits longer than idleLimit for its Confirm, whatever else the
// worker waits for, and none is used for much longer than ConfirmTime.
func TestConnectionsNeverWait(t *testing.T) {
	for name, c := range map[string]struct {
		open, read, confirm time.Duration
		every               time.Duration // ConfirmTime
		objects, lines      int
		conns               int // at most
	}{
		"slow to open":             {open: 50 * time.Second, objects: 3, lines: 10, conns: 3},
		"slow to confirm":          {confirm: 28 * time.Second, every: time.Second, read: time.Second, objects: 1, lines: 20_000, conns: 60},
		"many small objects":       {read: 500 * time.Millisecond, objects: 200, lines: 5, conns: 12},
		"one object in small bits": {read: 4 * time.Second, objects: 1, lines: 5_000, conns: 30},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				w := b.watch(c.confirm)
				b.slowly(c.read)
				b.opts.ConfirmTime = c.every
				b.opts.Entries[0].Store = slowStore{&b.store, c.open}
				var keys, want []string
				for i := range c.objects {
					key := fmt.Sprintf("prod/%d.log", i)
					text, records := lines(strings.Repeat("x", 10)+key, c.lines)
					b.store.put(key, text)
					keys, want = append(keys, key), append(want, records...)
				}
				if failed := b.deliver(t, t.Context(), announce("m", keys...)); failed != nil {
					t.Fatal(b.report.all["m"].Err)
				}
				wantConfirmed(t, b, want...)
				if w.idle > idleLimit+2*time.Second || w.oldest > 20*time.Second+3*time.Second {
					t.Errorf("a connection was idle for %s, and one in use for %s", w.idle, w.oldest)
				}
				if b.sink.conns > c.conns {
					t.Errorf("%d connections, want %d at most", b.sink.conns, c.conns)
				}
			})
		})
	}
}

// Once a connection is known to have failed, no more is written in vain.
func TestWritingStopsAfterAFailedConfirm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.slowly(time.Second)
		b.sink.confirm = func(context.Context, int, []string) error { return Fail(Unconfirmable, "no end") }
		text, records := lines("a", 20_000)
		b.store.put("prod/a.log", text)
		b.deliver(t, t.Context(), announce("m", "prod/a.log").again(2))
		wantKind(t, b, "m", Unconfirmable)
		if n := len(b.sink.written); n > len(records)/3 {
			t.Errorf("%d of %d records were written", n, len(records))
		}
	})
}

func TestReceivedBeforeMeansAConnectionOfItsOwn(t *testing.T) {
	for received, want := range map[int]int{1: 1, 2: 3} {
		b := newBench(t)
		b.opts.Workers = 1
		var batch []Message
		for _, id := range []string{"a", "b", "c"} {
			key := "prod/" + id + ".log"
			b.store.put(key, "x\n")
			batch = append(batch, announce(id, key).again(received))
		}
		if b.deliver(t, t.Context(), batch...); b.sink.conns != want {
			t.Errorf("received %d times: %d connections, want %d", received, b.sink.conns, want)
		}
	}
}

// A ledger that is slow to take a position makes nobody wait with a connection.
func TestSlowLedgerDoesNotHoldTheWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		w := b.watch(0)
		b.opts.ConfirmBytes = 1
		b.opts.Ledger = slowLedger{&b.ledger, 40 * time.Second}
		text, records := lines("a", 3000)
		b.store.put("prod/a.log", text)
		if failed := b.deliver(t, t.Context(), announce("m", "prod/a.log")); failed != nil {
			t.Fatal(b.report.all["m"].Err)
		}
		wantConfirmed(t, b, records...)
		if w.idle > idleLimit+2*time.Second {
			t.Errorf("a connection was idle for %s", w.idle)
		}
	})
}

// slowLedger is slow to write.
type slowLedger struct {
	*memLedger
	d time.Duration
}

func (l slowLedger) Advance(ctx context.Context, c Claim, p Position) (Claim, error) {
	if err := l.wait(ctx); err != nil {
		return c, err
	}
	return l.memLedger.Advance(ctx, c, p)
}

func (l slowLedger) Done(ctx context.Context, c Claim, p Position) error {
	if err := l.wait(ctx); err != nil {
		return err
	}
	return l.memLedger.Done(ctx, c, p)
}

func (l slowLedger) wait(ctx context.Context) error {
	select {
	case <-time.After(l.d):
		return nil
	case <-ctx.Done():
		return Fail(LedgerFailed, "%w", ctx.Err())
	}
}

// A ledger that hangs costs the messages it concerns, not the answer.
func TestHungLedgerLeavesTimeToAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.opts.Ledger = slowLedger{&b.ledger, time.Hour}
		b.store.put("prod/a.log", "x\n")
		begun := time.Now()
		b.invoke(t, announce("m", "prod/a.log"), announce("other", "prod/gone.log"))
		if took := time.Since(begun); took >= 3*time.Minute {
			t.Errorf("answered after %s, when nobody listens", took)
		}
		wantKind(t, b, "m", LedgerFailed)
	})
}

// A panic at any call outside stays with the message it was for.
func TestPanicsOutside(t *testing.T) {
	boom := func() { panic(errors.New("boom")) }
	for name, c := range map[string]struct {
		set  func(*bench)
		want Kind
	}{
		"confirm": {func(b *bench) {
			b.sink.confirm = func(context.Context, int, []string) error {
				b.sink.mu.Lock()
				b.sink.open--
				b.sink.mu.Unlock()
				boom()
				return nil
			}
		}, Internal},
		"dial":    {func(b *bench) { b.sink.dial = func(int) error { boom(); return nil } }, Internal},
		"sync":    {func(b *bench) { b.panicAt("sync") }, Internal},
		"claim":   {func(b *bench) { b.panicAt("claim") }, Internal},
		"advance": {func(b *bench) { b.panicAt("advance") }, Internal},
		"done":    {func(b *bench) { b.panicAt("done") }, Internal},
		"open":    {func(b *bench) { b.opts.Entries[0].Store = nil }, Internal},
		"report":  {func(b *bench) { b.opts.Report = panicReport{&b.report} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.steadily()
				c.set(b)
				text, _ := lines("a", 2000)
				b.store.put("prod/a.log", text)
				b.deliver(t, t.Context(), announce("m", "prod/a.log", "prod/x.tmp"), announce("bad", "x.bin"))
				wantKind(t, b, "m", c.want)
				wantKind(t, b, "bad", NoSource)
			})
		})
	}
}

func (b *bench) panicAt(call string) {
	b.ledger.fail = func(c string, _ Identity) error {
		if c == call {
			panic("boom")
		}
		return nil
	}
}

type panicReport struct{ *memReport }

func (r panicReport) Message(o Outcome) {
	r.memReport.Message(o)
	panic("boom")
}
