package delivery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devo-s3/collector/events"
)

// small announces n objects of three records each, a message for each.
func (b *bench) small(n int) (batch []Message, want []string) {
	for i := range n {
		key := fmt.Sprintf("prod/%d.log", i)
		text, records := lines(key, 3)
		b.store.put(key, text)
		batch, want = append(batch, announce(key, key)), append(want, records...)
	}
	return batch, want
}

// Small objects cost one connection, not one each, however their stores and
// ledgers dawdle.
func TestSmallObjectsShareAConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.opts.Entries[0].Store = slowStore{&b.store, 100 * time.Millisecond}
		batch, want := b.small(40)
		began := time.Now()
		if failed := b.deliver(t, t.Context(), batch...); failed != nil {
			t.Fatal(failed)
		}
		wantConfirmed(t, b, want...)
		if b.sink.conns != 1 {
			t.Errorf("%d connections, want one", b.sink.conns)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("it took %s: objects waited for each other's store", took)
		}
	})
}

// Whatever may take long by itself, or was received before, has a connection of
// its own; and the others are confirmed without waiting for it.
func TestOthersHaveTheirOwnConnection(t *testing.T) {
	for name, c := range map[string]struct {
		size, received int
		read           time.Duration // of each KiB
	}{
		"large":           {size: smallObject + 1, received: 1, read: time.Second},
		"slow":            {size: 20 << 10, received: 1, read: time.Second},
		"received before": {size: 20 << 10, received: 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.store.reading = func(_ context.Context, key string, _ int64) error {
					if key == "prod/own.log" {
						time.Sleep(c.read)
					}
					return nil
				}
				batch, want := b.small(5)
				b.store.put("prod/own.log", strings.Repeat("x", c.size-1)+"\n")
				batch = append([]Message{announce("own", "prod/own.log").again(c.received)}, batch...)
				own := make(map[int]bool) // connections that carried it
				began, shared := time.Now(), time.Duration(0)
				b.sink.confirm = func(_ context.Context, n int, records []string) error {
					for _, r := range records {
						if strings.HasSuffix(r, "xx") {
							own[n] = true
						}
					}
					if len(records) == len(want) {
						shared = time.Since(began)
					}
					return nil
				}
				if failed := b.deliver(t, t.Context(), batch...); failed != nil {
					t.Fatal(failed)
				}
				if len(own) != 1 || b.sink.conns != 2 {
					t.Errorf("%d connections, %d of them carried it; want one for it and one for all others", b.sink.conns, len(own))
				}
				if shared > 3*time.Second {
					t.Errorf("the others were confirmed after %s", shared)
				}
			})
		})
	}
}

// What was read ahead of an object is not lost when reading on panics.
func TestPanicWhileReadingAhead(t *testing.T) {
	b := newBench(t)
	struck := false
	b.store.reading = func(_ context.Context, _ string, off int64) error {
		if off > 0 && !struck {
			struck = true
			panic("struck")
		}
		return nil
	}
	text, want := lines("a", 500)
	b.store.put("prod/a.log", text)
	if failed := b.deliver(t, t.Context(), announce("m", "prod/a.log")); failed != nil {
		t.Fatal(b.report.all["m"].Err)
	}
	wantConfirmed(t, b, want...)
}

// Whoever takes long, and whatever a worker does beside its own connection,
// keeps no records waiting: each connection is confirmed before Devo would cut
// it.
func TestConnectionsBesideTheSharedOne(t *testing.T) {
	for name, c := range map[string]struct {
		workers int
		prepare func(b *bench) (batch []Message, want []string)
		conns   int // at most; 0 = any
	}{
		"a message hangs before it can be written": {10, func(b *bench) ([]Message, []string) {
			b.opts.Entries[0].Store = hangingStore{&b.store, "prod/0.log", time.Minute}
			return b.small(5)
		}, 2},
		"small objects behind a large one": {1, func(b *bench) ([]Message, []string) {
			text, want := lines(strings.Repeat("x", 200), smallObject/200)
			b.store.put("prod/large.log", text)
			batch, more := b.small(600)
			return append([]Message{announce("large", "prod/large.log")}, batch...), append(want, more...)
		}, 0},
		"objects without records behind one with some": {1, func(b *bench) ([]Message, []string) {
			batch, want := b.small(1)
			for i := range 600 {
				key := fmt.Sprintf("prod/blank%d.log", i)
				b.store.put(key, " \n \n")
				batch = append(batch, announce(key, key))
			}
			return batch, want
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				w := b.watch(0)
				b.opts.Workers = c.workers
				b.opts.Entries[0].Store = slowStore{&b.store, 100 * time.Millisecond}
				batch, want := c.prepare(b)
				if failed := b.deliver(t, t.Context(), batch...); failed != nil {
					t.Fatal(failed)
				}
				wantConfirmed(t, b, want...)
				if w.idle > idleLimit+2*time.Second {
					t.Errorf("a connection was idle for %s", w.idle)
				}
				if c.conns > 0 && b.sink.conns > c.conns {
					t.Errorf("%d connections, want %d", b.sink.conns, c.conns)
				}
			})
		})
	}
}

// hangingStore takes long to open one object.
type hangingStore struct {
	Store
	key string
	d   time.Duration
}

func (s hangingStore) Open(ctx context.Context, o events.Object, off, length int64) (*Body, error) {
	if o.Key == s.key {
		time.Sleep(s.d)
	}
	return s.Store.Open(ctx, o, off, length)
}

// Once the shared connection broke each worker has its own: the next bad record is
// not on one with all others.
func TestWorkersPartAfterAFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		batch, want := b.small(8)
		for key, text := range map[string]string{"prod/first.log": "poison\n", "prod/later.log": "slow\npoison\n"} {
			b.store.put(key, text)
			batch = append(batch, announce(key, key))
		}
		b.store.reading = func(_ context.Context, key string, _ int64) error {
			if key != "prod/first.log" {
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		}
		b.sink.write = func(_ int, record string) error {
			switch record {
			case "slow": // so that the others would be before it
				time.Sleep(time.Second)
			case "poison":
				return Fail(DevoUnavailable, "%w", errBroken)
			}
			return nil
		}
		if failed := b.deliver(t, t.Context(), batch...); len(failed) != 2 {
			t.Errorf("failed %q", failed)
		}
		wantConfirmed(t, b, want...)
		times := make(map[string]int)
		for _, record := range b.sink.written {
			if times[record]++; times[record] > 1 && !strings.HasSuffix(record, " slow") {
				t.Errorf("%s was sent again", record)
			}
		}
	})
}

// Where there is no connection to be had the messages find that out side by
// side, and not one after another.
func TestNobodyWaitsForWhatFailed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.opts.Sink = deadSink{}
		batch, _ := b.small(10)
		began := time.Now()
		if failed := b.deliver(t, t.Context(), batch...); len(failed) != 10 {
			t.Errorf("failed %q", failed)
		}
		if took := time.Since(began); took > 21*time.Second {
			t.Errorf("it took %s to find out", took)
		}
	})
}

// One object that holds the shared connection for long holds up nobody else.
func TestNobodyWaitsForALongTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		batch, want := b.small(6)
		b.store.reading = func(_ context.Context, key string, _ int64) error {
			if key != "prod/0.log" { // which comes first, so
				time.Sleep(100 * time.Millisecond)
			}
			return nil
		}
		others := make(map[int]time.Duration) // when connections without it were confirmed
		began := time.Now()
		var mu sync.Mutex
		b.sink.write = func(_ int, record string) error {
			if strings.HasPrefix(record, "prod/0.log") {
				time.Sleep(time.Minute / 3)
			}
			return nil
		}
		b.sink.confirm = func(_ context.Context, n int, records []string) error {
			mu.Lock()
			defer mu.Unlock()
			if !slices.ContainsFunc(records, func(r string) bool { return strings.Contains(r, "prod/0.log") }) {
				others[n] = time.Since(began)
			}
			return nil
		}
		if failed := b.deliver(t, t.Context(), batch...); failed != nil {
			t.Fatal(failed)
		}
		wantConfirmed(t, b, want...)
		for n, took := range others {
			if took > 5*time.Second {
				t.Errorf("connection %d was confirmed after %s", n, took)
			}
		}
		if len(others) == 0 {
			t.Error("all waited for one")
		}
	})
}

// deadSink takes 10 s to say that there is no connection.
type deadSink struct{}

func (deadSink) Dial(_, _ context.Context) (Conn, error) {
	time.Sleep(10 * time.Second)
	return nil, Fail(DevoUnavailable, "no answer")
}
