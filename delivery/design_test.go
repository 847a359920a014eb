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
	"github.com/devo-s3/collector/sources"
)

func TestMargin(t *testing.T) {
	for timeout, want := range map[time.Duration]time.Duration{
		0: 45 * time.Second, 30 * time.Second: 45 * time.Second, 31 * time.Second: 46 * time.Second, 3 * time.Minute: 195 * time.Second,
	} {
		if got := Margin(timeout); got != want {
			t.Errorf("confirm timeout %s: %s, want %s", timeout, got, want)
		}
	}
}

// An object is what S3's answer says it is, whatever its notification said.
func TestIdentityIsOfTheAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		body          Body
		version, want string
	}{
		"versioned":      {Body{VersionID: "v2", ETag: "e2"}, "v2", "v2"},
		"not versioned":  {Body{ETag: "e2"}, "", "e2"},
		"before it was":  {Body{VersionID: "null", ETag: "e2"}, "", "e2"},
		"length unknown": {Body{ETag: "e2", Size: 7}, "", "e2"},
	} {
		t.Run(name, func(t *testing.T) {
			id, pinned := c.body.identify(events.Object{Bucket: "b", Key: "k", VersionID: "v1", ETag: "e1", Size: -1, Region: "r"})
			if want := (Identity{Bucket: "b", Key: "k", Version: c.want}); id != want {
				t.Errorf("%+v, want %+v", id, want)
			}
			if pinned.VersionID != c.version || pinned.ETag != "e2" || pinned.Size != c.body.Size || pinned.Region != "r" {
				t.Errorf("pinned to %+v", pinned)
			}
		})
	}
}

// Done is done, whatever parser there is by now.
func TestDoneIsDoneForAnotherParser(t *testing.T) {
	b := newBench(t)
	b.store.put("prod/a.log", "x\n")
	b.deliver(t, t.Context(), announce("m", "prod/a.log"))
	for _, it := range b.ledger.items {
		it.pos.Fingerprint = "of another parser"
	}
	b.deliver(t, t.Context(), announce("again", "prod/a.log"))
	if s := b.report.all["again"].Objects[0].State; s != Already {
		t.Errorf("%s", s)
	}
}

// A deliberate resend is another object to the ledger, and that once.
func TestGenerationIsPartOfTheIdentity(t *testing.T) {
	b := newBench(t)
	b.store.put("prod/a.log", "x\n")
	resend := func(id string) Message {
		return Message{ID: id, Receipt: id, Queue: continuation, Received: 1, Body: events.Continue(
			events.Object{Bucket: "logs", Key: "prod/a.log"}, events.Continued{Queue: queue, Generation: 1})}
	}
	b.deliver(t, t.Context(), announce("m", "prod/a.log"))
	b.deliver(t, t.Context(), resend("again"))
	b.deliver(t, t.Context(), resend("twice"))
	wantConfirmed(t, b, "my.app.text.prod x", "my.app.text.prod x")
}

// leases remembers for how long each object was claimed.
type leases struct {
	*memLedger
	all []time.Duration
}

func (l *leases) Claim(ctx context.Context, id Identity, owner string, lease time.Duration) (Claim, error) {
	l.all = append(l.all, lease)
	return l.memLedger.Claim(ctx, id, owner, lease)
}

// A lease ends 5 s after the invocation must have.
func TestLeaseEndsAfterTheInvocation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		l := &leases{memLedger: &b.ledger}
		b.opts.Ledger, b.opts.Workers = l, 1
		b.slowly(10 * time.Second)
		b.store.put("prod/a.log", "x\n")
		b.store.put("prod/b.log", "x\n")
		b.invoke(t, announce("m", "prod/a.log", "prod/b.log"))
		// Each object is read twice: its one record, and then its end.
		if want := []time.Duration{185 * time.Second, 165 * time.Second}; !slices.Equal(l.all, want) {
			t.Errorf("claimed for %s, want %s", l.all, want)
		}
	})
}

// What is handed on must not meet the lease of who handed it on.
func TestRemainderIsNotHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := handover(t)
		b.invoke(t, announce("m", "prod/a.log"))
		if len(b.queue.continued) != 1 {
			t.Fatalf("%d continuations", len(b.queue.continued))
		}
		for id, it := range b.ledger.items {
			if it.until.After(time.Now()) {
				t.Errorf("%s is held until %s", id.Key, it.until)
			}
		}
	})
}

// What is left of an object is sent under the tag of what went before.
func TestRemainderKeepsItsRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := handover(t)
		s, err := sources.Compile(sources.Definition{Name: "text", Keys: []string{"**.log"}, Format: "lines", Tag: "my.app.{object.region}"})
		if err != nil {
			t.Fatal(err)
		}
		b.opts.Entries[0].Sources = sources.Set{s}
		b.invoke(t, announce("m", "prod/a.log"))
		sent := len(b.sink.written)
		b.invoke(t, Message{ID: "c", Receipt: "c", Queue: continuation, Received: 1, Body: b.queue.continued[0]})
		if len(b.sink.written) == sent {
			t.Fatal("the continuation sent nothing")
		}
		for _, r := range b.sink.written {
			if !strings.HasPrefix(r, "my.app.eu-west-1 ") {
				t.Fatalf("sent %q", r)
			}
		}
	})
}

// A name that cannot be read does not keep the rest of its message from being
// handed on: it goes with them, as what it is, and to the DLQ in the end.
func TestBadNameIsHandedOnWithTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := handover(t)
		if failed := b.invoke(t, announce("m", "prod/a.log", "prod/%zz.log")); failed != nil {
			t.Fatal(b.report.all["m"].Err)
		}
		var batch []Message
		for i, body := range b.queue.continued {
			id := fmt.Sprint("c", i)
			batch = append(batch, Message{ID: id, Receipt: id, Queue: continuation, Received: 1, Body: body})
		}
		if len(batch) != 2 {
			t.Fatalf("%d continuations", len(batch))
		}
		if failed := b.invoke(t, batch...); !slices.Equal(failed, []string{"c1"}) {
			t.Errorf("failed %q", failed)
		}
		wantKind(t, b, "c1", Malformed)
	})
}

// groups are the kinds from the most hopeful to the least.
var groups = [][]Kind{
	{Claimed},
	{DevoUnavailable, DevoRefused, Unconfirmable, Unnotified, LedgerFailed, Unreachable},
	{Throttled, Internal},
	{Corrupt, NotFound, Denied, KMS, WrongRegion},
	{NoSource, NotAllowed},
	{Malformed, Archived, UnsupportedEncryption, TooLarge},
}

func TestHopeAndDelayOfEveryKind(t *testing.T) {
	m, s := time.Minute, time.Second
	first := []time.Duration{m, 2 * m, 5 * s, 5 * s, 5 * s, 5 * s}
	tenth := []time.Duration{m, 90 * m, 60 * m, 15 * m, 15 * m, 5 * s}
	n := 0
	for i, group := range groups {
		for _, kind := range group {
			n++
			p := patiences[kind]
			if p.delay(1) != first[i] || p.delay(10) != tenth[i] {
				t.Errorf("%s: %s and in the end %s, want %s and %s", kind, p.delay(1), p.delay(10), first[i], tenth[i])
			}
			for _, less := range slices.Concat(groups[i+1:]...) {
				a, b := Fail(kind, "a"), Fail(less, "b")
				if hopeful(a, b) != a || hopeful(b, a) != a {
					t.Errorf("%s and %s: not the first", kind, less)
				}
			}
		}
	}
	if n != len(patiences) {
		t.Errorf("%d kinds of %d", n, len(patiences))
	}
	if d := delay(Claimed, 1, 40*time.Second); d < 40*time.Second || d > 51*time.Second {
		t.Errorf("hidden for %s of a lease of 40s", d)
	}
}

// A message about a bucket or a source that the function's file does not have yet
// outlives a deployment: its ten receives span 45 minutes at least.
func TestAMessageWaitsForAnUpdate(t *testing.T) {
	for _, kind := range []Kind{NoSource, NotAllowed} {
		span := time.Duration(0)
		for received := 1; received < 10; received++ {
			span += delay(kind, received, 0)
		}
		if span < 45*time.Minute || span > time.Hour {
			t.Errorf("%s: ten receives within %s", kind, span)
		}
	}
}

// noDelay is a queue that cannot hide messages.
type noDelay struct{ *memQueue }

func (noDelay) Delay(context.Context, string, string, time.Duration) error {
	return Fail(Throttled, "slow down")
}

func TestAMessageThatCannotBeHiddenFailsAllTheSame(t *testing.T) {
	b := newBench(t)
	b.opts.Queue = noDelay{&b.queue}
	text, records := lines("a", 3)
	b.store.put("prod/a.log", text)
	if failed := b.deliver(t, t.Context(), announce("m", "prod/gone.log"), announce("good", "prod/a.log")); !slices.Equal(failed, []string{"m"}) {
		t.Errorf("failed %q", failed)
	}
	wantConfirmed(t, b, records...)
	if o := b.report.all["m"]; o.Err.Kind != NotFound || o.DelayErr == nil || o.Delay <= 0 {
		t.Errorf("%+v", o)
	}
}

// crowd counts how many objects are read at once.
type crowd struct {
	Store
	mu        sync.Mutex
	now, most int
}

func (c *crowd) Open(ctx context.Context, o events.Object, off, length int64) (*Body, error) {
	c.mu.Lock()
	c.now++
	c.most = max(c.most, c.now)
	c.mu.Unlock()
	time.Sleep(time.Second) // virtual
	c.mu.Lock()
	c.now--
	c.mu.Unlock()
	return c.Store.Open(ctx, o, off, length)
}

func TestMessagesSideBySideAreBounded(t *testing.T) {
	for workers, want := range map[int]int{0: 10, 3: 3} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			c := &crowd{Store: &b.store}
			b.opts.Workers, b.opts.Entries[0].Store = workers, c
			var batch []Message
			for i := range 40 {
				key := fmt.Sprintf("prod/%d.log", i)
				b.store.put(key, "x\n")
				batch = append(batch, announce(key, key))
			}
			b.invoke(t, batch...)
			if c.most != want {
				t.Errorf("%d workers: %d objects at once, want %d", workers, c.most, want)
			}
		})
	}
}

// While the ledger is down, whatever was received before waits for it, a
// continuation always; and nothing is sent by who cannot go on where it was.
func TestLedgerThatComesBack(t *testing.T) {
	b := newBench(t)
	text, records := lines("a", 3)
	b.store.put("prod/a.log", text)
	b.ledger.fail = func(string, Identity) error { return Fail(LedgerFailed, "no answer") }
	for _, received := range []int{2, 3} {
		b.deliver(t, t.Context(), announce("m", "prod/a.log").again(received))
		wantKind(t, b, "m", LedgerFailed)
	}
	if len(b.sink.written) != 0 {
		t.Fatalf("%d records were sent", len(b.sink.written))
	}
	b.ledger.fail = nil
	b.deliver(t, t.Context(), announce("m", "prod/a.log").again(4))
	wantKind(t, b, "m", "")
	wantConfirmed(t, b, records...)
	if o := b.report.all["m"].Objects[0]; o.Unclaimed {
		t.Error("counted as unclaimed")
	}
}
