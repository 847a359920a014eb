package delivery

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// refusingLedger takes d for each Advance and refuses the first of them.
type refusingLedger struct {
	*memLedger
	d     time.Duration
	calls int
}

func (l *refusingLedger) Advance(ctx context.Context, c Claim, p Position) (Claim, error) {
	if l.calls++; l.calls > 1 {
		return l.memLedger.Advance(ctx, c, p)
	}
	time.Sleep(l.d) // virtual
	return c, Fail(LedgerFailed, "lost the lease")
}

// A refused write of the ledger ends its object at once, also when further
// connections are confirmed while it is under way. What was confirmed by then
// is written all the same, if the ledger takes it.
func TestRefusedWriteWhileAnotherSpanSettles(t *testing.T) {
	for name, c := range map[string]struct {
		d    time.Duration // that the refused write takes
		good int           // connections
	}{
		"at once":                  {0, 1000},
		"meanwhile":                {12 * time.Second, 1000},
		"and the next one breaks":  {12 * time.Second, 1},
		"and the next but one too": {12 * time.Second, 2},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.slowly(time.Second)
				b.opts.ConfirmTime = 5 * time.Second
				b.opts.Ledger = &refusingLedger{memLedger: &b.ledger, d: c.d}
				b.sink.confirm = func(_ context.Context, n int, _ []string) error {
					if n > c.good {
						return Fail(Unconfirmable, "no end")
					}
					return nil
				}
				text, records := lines("a", 20_000)
				b.store.put("prod/a.log", text)
				b.deliver(t, t.Context(), announce("m", "prod/a.log"))
				wantKind(t, b, "m", LedgerFailed)
				if n := len(b.sink.written); n == 0 || n > len(records)/2 {
					t.Errorf("%d of %d records were written after a lost lease", n, len(records))
				}
				for id, it := range b.ledger.items {
					if got := int64(len(b.sink.confirmed)); it.pos.Next != got || got == 0 || !it.until.IsZero() {
						t.Errorf("%s stands at %d until %s, want %d and released", id.Key, it.pos.Next, it.until, got)
					}
				}
			})
		})
	}
}

// One failed question for the ledger's time costs no object its claim; a
// ledger that is down is not asked for ever.
func TestFailedSync(t *testing.T) {
	for name, c := range map[string]struct{ fails, unclaimed int }{
		"once":    {1, 0},
		"twice":   {2, 1},
		"forever": {1000, 20},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.opts.Workers = 1
			syncs := 0
			b.ledger.fail = func(call string, _ Identity) error {
				if call != "sync" {
					return nil
				}
				if syncs++; syncs <= c.fails {
					return Fail(LedgerFailed, "no answer")
				}
				return nil
			}
			var batch []Message
			for i := range 20 {
				key := fmt.Sprintf("prod/%d.log", i)
				b.store.put(key, "x\n")
				batch = append(batch, announce(key, key))
			}
			if failed := b.deliver(t, t.Context(), batch...); failed != nil {
				t.Fatal(failed)
			}
			unclaimed := 0
			for _, o := range b.report.all {
				if o.Objects[0].Unclaimed {
					unclaimed++
				}
			}
			if unclaimed != c.unclaimed || syncs > syncTries {
				t.Errorf("%d objects unclaimed after %d questions, want %d", unclaimed, syncs, c.unclaimed)
			}
		})
	}
}

// An object that is half delivered when a filter or a tag is edited goes on
// where it stopped: the fields that they read change no index.
func TestEditedFilterResumes(t *testing.T) {
	b := newBench(t)
	text := func(tag string) sources.Set {
		s, err := sources.Compile(sources.Definition{Name: "json", Keys: []string{"**"}, Format: "json", Options: &parsers.JSONOptions{Shape: "lines"}, Tag: tag})
		if err != nil {
			t.Fatal(err)
		}
		return sources.Set{s}
	}
	var body strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&body, `{"a":"x","b":"y","n":%d}`+"\n", i)
	}
	b.store.put("a.json", body.String())
	b.opts.Entries[0].Sources = text("my.app.{record.a}.z")
	b.store.reading = func(_ context.Context, _ string, off int64) error {
		if off > 20_000 {
			return Fail(Throttled, "slow down")
		}
		return nil
	}
	b.deliver(t, t.Context(), announce("m", "a.json"))
	wantKind(t, b, "m", Throttled)
	before := len(b.sink.confirmed)
	b.store.reading = nil
	b.opts.Entries[0].Sources = text("my.app.{record.b}.z")
	b.deliver(t, t.Context(), announce("m", "a.json").again(2))
	wantKind(t, b, "m", "")
	if o := b.report.all["m"].Objects[0]; before == 0 || len(b.sink.confirmed) != 2000 || o.Reset || o.From != int64(before) {
		t.Errorf("%d records before, %d in all, reset %v, from %d", before, len(b.sink.confirmed), o.Reset, o.From)
	}
}

func TestSameParser(t *testing.T) {
	p := func(fingerprint, older string) Position { return Position{Fingerprint: fingerprint, Older: older} }
	for _, c := range []struct {
		a, b Position
		want bool
	}{
		{p("new", "old"), p("new", "old"), true},
		{p("new", "old"), p("new", "old, edited"), true},
		{p("new", "old"), p("old", ""), true}, // as an older version writes it
		{p("same", ""), p("same", ""), true},
		{p("new", "old"), p("old, edited", ""), false},
		{p("new", "old"), p("other", "another"), false},
		{p("new", "old"), Position{}, false},
	} {
		if c.a.SameParser(c.b) != c.want || c.b.SameParser(c.a) != c.want {
			t.Errorf("%+v and %+v: want %v", c.a, c.b, c.want)
		}
	}
}
