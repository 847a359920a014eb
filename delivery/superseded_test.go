package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devo-s3/collector/events"
)

// tagged announces prod/a.log with an eTag.
func tagged(id, eTag string) Message {
	m := announce(id, "prod/a.log")
	m.Body = strings.Replace(m.Body, `"key":`, fmt.Sprintf(`"eTag":%q,"key":`, eTag), 1)
	return m
}

// eTag is that of what the bucket holds under prod/a.log.
func (b *bench) eTag() string {
	b.store.mu.Lock()
	defer b.store.mu.Unlock()
	return b.store.objects["prod/a.log"].etag
}

// states are those of a message's objects, with the records confirmed of each.
func (b *bench) states(id string) (all []string) {
	for _, o := range b.report.all[id].Objects {
		all = append(all, fmt.Sprintf("%s %d", o.State, o.Records))
	}
	return all
}

func wantStates(t *testing.T, b *bench, id string, want ...string) {
	t.Helper()
	if got := b.states(id); !slices.Equal(got, want) {
		t.Errorf("message %s: %q, want %q", id, got, want)
	}
}

// overwriting breaks the body of prod/a.log at each of the offsets, in their
// order, and has something else there when it is opened again.
func (b *bench) overwriting(at ...int64) (bodies []string) {
	const key = "prod/a.log"
	for i := range at {
		bodies = append(bodies, strings.Repeat(fmt.Sprintf("body-%d\n", i), 1000))
	}
	n := 0
	b.store.reading = func(_ context.Context, k string, off int64) error {
		if k != key || n == len(at) || off < at[n] {
			return nil
		}
		n++
		b.store.put(key, bodies[n-1])
		return errors.New("connection reset by peer")
	}
	return bodies
}

// The object was written again after its notification: what is there now is
// delivered, and its own notification is a no-op, whichever comes first.
func TestOverwrittenBeforeItIsOpened(t *testing.T) {
	for _, order := range [][]string{{"older", "newer"}, {"newer", "older"}} {
		for name, together := range map[string]bool{"in one batch": true, "one after the other": false} {
			t.Run(order[0]+" first, "+name, func(t *testing.T) {
				b := newBench(t)
				b.store.put("prod/a.log", "new\n")
				messages := map[string]Message{"older": tagged("older", "old"), "newer": tagged("newer", b.eTag())}
				if first, second := messages[order[0]], messages[order[1]]; together {
					b.deliver(t, t.Context(), first, second)
				} else {
					b.deliver(t, t.Context(), first)
					b.deliver(t, t.Context(), second)
				}
				wantKind(t, b, "older", "")
				wantKind(t, b, "newer", "")
				wantConfirmed(t, b, "my.app.text.prod new")
				objects := b.report.all["older"].Objects
				if len(objects) != 2 || objects[0].State != Superseded || objects[0].Version != "old" || objects[1].Version != b.eTag() {
					t.Errorf("objects %+v", objects)
				}
			})
		}
	}
}

// A listing names eTags, and has its place saved when its continuation was
// accepted: what was written since the listing is delivered all the same.
func TestOverwrittenAfterItWasListed(t *testing.T) {
	b := newBench(t)
	b.store.put("prod/a.log", "listed\n")
	body := events.Continue(events.Object{Bucket: "logs", Key: "prod/a.log", ETag: b.eTag(), Size: 7}, events.Continued{Queue: queue})
	b.store.put("prod/a.log", "written since\n")
	b.deliver(t, t.Context(), Message{ID: "m", Receipt: "m", Queue: continuation, Received: 1, Body: body})
	wantKind(t, b, "m", "")
	wantConfirmed(t, b, "my.app.text.prod written since")
}

// Overwritten while it is read: the rest cannot be had, and what is there now
// is delivered from its first record on before the message is a success.
func TestOverwrittenWhileItIsRead(t *testing.T) {
	b := newBench(t)
	text, records := lines("a", 3000)
	b.store.put("prod/a.log", text)
	older := b.eTag()
	newer := b.overwriting(5000)
	b.deliver(t, t.Context(), announce("m", "prod/a.log"))
	wantKind(t, b, "m", "")
	sent := b.report.all["m"].Objects[0].Records
	if sent == 0 || sent == 3000 {
		t.Fatalf("%d records of the older one were delivered", sent)
	}
	wantStates(t, b, "m", fmt.Sprintf("superseded %d", sent), "delivered 1000")
	want := slices.Clone(records[:sent])
	for range 1000 {
		want = append(want, "my.app.text.prod body-0")
	}
	wantConfirmed(t, b, want...)
	b.deliver(t, t.Context(), tagged("own", b.eTag()))
	wantStates(t, b, "own", "already 0")

	// The same bytes come back: they were not delivered to their end.
	b.store.mu.Lock()
	b.store.objects["prod/a.log"] = memObject{[]byte(text), older}
	b.store.mu.Unlock()
	b.deliver(t, t.Context(), tagged("back", older))
	wantStates(t, b, "back", fmt.Sprintf("delivered %d", 3000-sent))
	wantConfirmed(t, b, append(want, records[sent:]...)...)
	if newer[0] == text {
		t.Fatal("nothing was overwritten")
	}
}

// The same bytes come back while the message is still at it.
func TestOverwrittenAndPutBack(t *testing.T) {
	b := newBench(t)
	text, records := lines("a", 3000)
	b.store.put("prod/a.log", text)
	first := b.store.objects["prod/a.log"]
	n := 0
	b.store.reading = func(_ context.Context, _ string, off int64) error {
		if off < 5000 || n == 2 {
			return nil
		}
		n++
		if n == 1 {
			b.store.put("prod/a.log", strings.Repeat("between\n", 1000))
		} else {
			b.store.mu.Lock()
			b.store.objects["prod/a.log"] = first
			b.store.mu.Unlock()
		}
		return errors.New("connection reset by peer")
	}
	b.deliver(t, t.Context(), announce("m", "prod/a.log"))
	wantKind(t, b, "m", "")
	objects := b.report.all["m"].Objects
	if len(objects) != 3 || objects[2].State != Delivered || objects[2].From != objects[0].Records {
		t.Fatalf("objects %+v", objects)
	}
	want := slices.Clone(records)
	for range objects[1].Records {
		want = append(want, "my.app.text.prod between")
	}
	wantConfirmed(t, b, want...)
}

// Overwritten and then deleted: nothing of it can be had any more, and that is
// a failure that somebody sees.
func TestOverwrittenAndDeleted(t *testing.T) {
	b := newBench(t)
	text, _ := lines("a", 3000)
	b.store.put("prod/a.log", text)
	b.overwriting(5000)
	b.opts.Entries[0].Store = goneStore{&b.store}
	b.deliver(t, t.Context(), announce("m", "prod/a.log"))
	wantKind(t, b, "m", NotFound)
}

// goneStore holds nothing that was not asked for by its eTag, after the first.
type goneStore struct{ *memStore }

func (s goneStore) Open(ctx context.Context, o events.Object, off, length int64) (*Body, error) {
	if s.opens[o.Key] > 0 && o.ETag == "" {
		return nil, Fail(NotFound, "get %s: no such key", o.Key)
	}
	return s.memStore.Open(ctx, o, off, length)
}

// An object that is written faster than it can be read ends its message's
// attempt after a few turns, and the attempt is a failure.
func TestOverwrittenAgainAndAgain(t *testing.T) {
	for times, want := range map[int]Kind{replacedLimit: "", replacedLimit + 1: Throttled} {
		t.Run(fmt.Sprint(times), func(t *testing.T) {
			b := newBench(t)
			text, _ := lines("a", 3000)
			b.store.put("prod/a.log", text)
			var at []int64
			for range times {
				at = append(at, 2000)
			}
			b.overwriting(at...)
			b.deliver(t, t.Context(), announce("m", "prod/a.log"))
			wantKind(t, b, "m", want)
			if n := len(b.states("m")); n != times+1 {
				t.Errorf("objects %q", b.states("m"))
			}
			if err := b.report.all["m"].Err; want != "" && !strings.Contains(err.Error(), "overwritten 4 times") {
				t.Error(err)
			}
		})
	}
}

// Time runs out behind an overwritten object: its message's rest is a
// continuation that names the key, not the version that is gone.
func TestOverwrittenNearTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		text, _ := lines("a", 20_000)
		b.store.put("prod/a.log", text)
		var overwritten atomic.Bool // set by the reader, read by the sender
		b.store.reading = func(ctx context.Context, _ string, off int64) error {
			select {
			case <-time.After(10 * time.Second):
			case <-ctx.Done():
				return context.Cause(ctx)
			}
			if off > 9<<10 && overwritten.CompareAndSwap(false, true) {
				b.store.put("prod/a.log", strings.Repeat("new\n", 3))
				return errors.New("connection reset by peer")
			}
			return nil
		}
		b.sink.confirm = func(context.Context, int, []string) error {
			if overwritten.Load() {
				time.Sleep(50 * time.Second) // virtual: behind the margin
			}
			return nil
		}
		if failed := b.invoke(t, announce("m", "prod/a.log")); failed != nil {
			t.Fatal(b.report.all["m"].Err)
		}
		if len(b.queue.continued) != 1 {
			t.Fatalf("continued %q, states %q", b.queue.continued, b.states("m"))
		}
		wantStates(t, b, "m", fmt.Sprintf("superseded %d", len(b.sink.confirmed)), "unfinished 0")
		before := len(b.sink.confirmed)
		b.invoke(t, Message{ID: "c", Receipt: "c", Queue: continuation, Received: 1, Body: b.queue.continued[0]})
		wantStates(t, b, "c", "delivered 3")
		if got := b.sink.confirmed[before:]; len(got) != 3 || got[0] != "my.app.text.prod new" {
			t.Errorf("confirmed %q", got)
		}
	})
}

// Several messages wait for one object when it is overwritten. Each follows it,
// and one delivers what followed.
func TestOverwrittenWhileOthersWait(t *testing.T) {
	b := newBench(t)
	text, _ := lines("a", 3000)
	b.store.put("prod/a.log", text)
	b.overwriting(5000)
	b.deliver(t, t.Context(), announce("m1", "prod/a.log"), announce("m2", "prod/a.log"), announce("m3", "prod/a.log"))
	delivered := 0
	for _, id := range []string{"m1", "m2", "m3"} {
		wantKind(t, b, id, "")
		for _, s := range b.states(id) {
			if s == "delivered 1000" {
				delivered++
			}
		}
	}
	if delivered != 1 {
		t.Errorf("the newer object was delivered %d times", delivered)
	}
}

// A connection breaks beside the overwriting: nothing of either is lost.
func TestOverwrittenWhileItsConnectionBreaks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		text, _ := lines("a", 3000)
		b.store.put("prod/a.log", text)
		b.overwriting(5000)
		b.sink.confirm = func(_ context.Context, n int, _ []string) error {
			if n == 1 {
				return Fail(Unconfirmable, "no end")
			}
			return nil
		}
		b.deliver(t, t.Context(), announce("m", "prod/a.log"))
		wantKind(t, b, "m", "")
		if got := len(b.sink.confirmed); got != 1000 {
			t.Errorf("%d records confirmed, want the newer one's 1000; states %q", got, b.states("m"))
		}
	})
}

// Somebody else has the newer object: the message waits for its lease.
func TestOverwrittenByWhatAnotherInvocationHas(t *testing.T) {
	b := newBench(t)
	b.store.put("prod/a.log", "new\n")
	id := Identity{Bucket: "logs", Key: "prod/a.log", Version: b.eTag()}
	if _, err := b.ledger.Claim(t.Context(), id, "somebody", time.Minute); err != nil {
		t.Fatal(err)
	}
	b.deliver(t, t.Context(), tagged("m", "old"))
	wantKind(t, b, "m", Claimed)
	wantConfirmed(t, b)
}
