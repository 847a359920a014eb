package delivery

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// cef gives the bench a source whose lines are CEF, or a header, or foreign; and
// a filter that leaves out noise.
func (b *bench) cef(t *testing.T) {
	t.Helper()
	s, err := sources.Compile(sources.Definition{
		Name: "events", Keys: []string{"**.cef"}, Format: "cef", Tag: "my.app.cef",
		Options: &parsers.CEFOptions{Header: `^\w+:\S*$`, Others: "drop"},
		Filters: []sources.Rule{{Name: "noise", Exclude: &sources.Condition{Value: "record.name", Equals: []string{"noise"}}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.opts.Entries[0].Sources = sources.Set{s}
}

// fingerprint is that of the bench's first source.
func (b *bench) fingerprint() string { return b.opts.Entries[0].Sources[0].Parser().Fingerprint() }

const (
	header  = "account:1\n"
	foreign = "no event at all\n"
	event   = "CEF:0|v|p|1|1|one|5|\n"
	noise   = "CEF:0|v|p|1|1|noise|5|\n"
)

// at is the position of the only object in the ledger.
func (b *bench) at(t *testing.T) Position {
	t.Helper()
	if len(b.ledger.items) != 1 {
		t.Fatalf("%d entries in the ledger", len(b.ledger.items))
	}
	for _, it := range b.ledger.items {
		return it.pos
	}
	return Position{}
}

// An object of which nothing remains but what is not of its format is not
// delivered, as often as it is received; anything else is.
func TestObjectOfAnotherFormatIsCorrupt(t *testing.T) {
	for name, c := range map[string]struct {
		object string
		want   Kind
		tally  parsers.Tally // of what is delivered
		count  Counts
	}{
		"foreign":                 {strings.Repeat(foreign, 8), Corrupt, parsers.Tally{}, Counts{Dropped: 8, Foreign: 8}},
		"foreign behind a header": {header + foreign, Corrupt, parsers.Tally{}, Counts{Dropped: 2, Foreign: 1}},
		"foreign among blanks":    {"\n \n" + foreign + "\n", Corrupt, parsers.Tally{}, Counts{Dropped: 1, Foreign: 1, Blank: 3}},
		"header alone":            {header + header, "", parsers.Tally{}, Counts{Dropped: 2}},
		"blanks alone":            {"\n \n\t\n", "", parsers.Tally{}, Counts{Blank: 3}},
		"no bytes":                {"", "", parsers.Tally{}, Counts{}},
		"one event at the end":    {strings.Repeat(foreign, 8) + event, "", parsers.Tally{Sent: 1, Foreign: 8}, Counts{Records: 1, Out: int64(len(event)) - 1, Dropped: 8, Foreign: 8}},
		"one event in front":      {event + foreign, "", parsers.Tally{Sent: 1, Foreign: 1}, Counts{Records: 1, Out: int64(len(event)) - 1, Dropped: 1, Foreign: 1}},
		"all filtered":            {header + noise + noise, "", parsers.Tally{Filtered: 2}, Counts{Dropped: 1, Filtered: map[string]int64{"noise": 2}}},
		"filtered and foreign":    {foreign + noise, "", parsers.Tally{Filtered: 1, Foreign: 1}, Counts{Dropped: 1, Foreign: 1, Filtered: map[string]int64{"noise": 1}}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.cef(t)
			b.store.put("prod/a.cef", c.object)
			for received := 1; received <= 10; received++ {
				b.deliver(t, t.Context(), announce("m", "prod/a.cef").again(received))
				wantKind(t, b, "m", c.want)
				o := b.report.all["m"].Objects[0]
				if fmt.Sprint(o.Counts) != fmt.Sprint(c.count) || o.Tally != c.tally {
					t.Errorf("counted %+v, %+v, want %+v, %+v", o.Counts, o.Tally, c.count, c.tally)
				}
				if c.want == "" {
					break
				}
				if p := b.at(t); p != (Position{}) {
					t.Fatalf("receive %d moved the position: %+v", received, p)
				}
				if cause := o.Err.Error(); !strings.Contains(cause, fmt.Sprintf("corrupt: s3://logs/prod/a.cef: none of its %d records is cef, the format of source events: check ", c.count.Foreign)) {
					t.Errorf("the cause is %s", cause)
				}
			}
		})
	}
}

// outlive delivers an object over as many invocations as it takes, and returns
// the last message and how often it was continued.
func (b *bench) outlive(t *testing.T, key string) (last Message, continued int) {
	t.Helper()
	for m := announce("m", key); ; continued++ {
		b.queue.continued = nil
		failed := b.invoke(t, m)
		if len(b.queue.continued) == 0 {
			return m, continued
		}
		if failed != nil {
			t.Fatalf("continued, and failed: %v", b.report.all[m.ID].Err)
		}
		id := fmt.Sprint("c", continued)
		m = Message{ID: id, Receipt: id, Queue: continuation, Received: 1, Body: b.queue.continued[0]}
	}
}

// The verdict is on the whole object, whichever invocations read it.
func TestVerdictCoversEveryInvocation(t *testing.T) {
	const many = 4000 // lines, of some 50 KiB: 500 s of virtual time
	for name, c := range map[string]struct {
		object string
		want   Kind
		tally  parsers.Tally
	}{
		"foreign throughout":       {strings.Repeat(foreign, many), Corrupt, parsers.Tally{}},
		"an event in front":        {event + strings.Repeat(foreign, many), "", parsers.Tally{Sent: 1, Foreign: many}},
		"an event at the end":      {strings.Repeat(foreign, many) + event, "", parsers.Tally{Sent: 1, Foreign: many}},
		"something filtered first": {noise + strings.Repeat(foreign, many), "", parsers.Tally{Filtered: 1, Foreign: many}},
		"a header throughout":      {strings.Repeat(header, many), "", parsers.Tally{}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.cef(t)
				b.slowly(10 * time.Second)
				b.store.put("prod/a.cef", c.object)
				m, continued := b.outlive(t, "prod/a.cef")
				if continued < 2 {
					t.Fatalf("continued %d times: the object did not outlive much", continued)
				}
				wantKind(t, b, m.ID, c.want)
				if o := b.report.all[m.ID].Objects[0]; o.Tally != c.tally {
					t.Errorf("its tally is %+v, want %+v", o.Tally, c.tally)
				}
				before := b.at(t)
				for received := 2; c.want != "" && received <= 10; received++ {
					b.invoke(t, m.again(received))
					wantKind(t, b, m.ID, c.want)
					if p := b.at(t); p != before || p.Next == 0 {
						t.Fatalf("receive %d moved the position from %+v to %+v", received, before, p)
					}
				}
			})
		})
	}
}

// What the ledger says of the records before the position decides with the rest.
func TestVerdictOnWhatIsLeft(t *testing.T) {
	for name, c := range map[string]struct {
		before Position // Next is 8 of 10 records unless it is set; the fingerprint is right unless it is set
		rest   string
		want   Kind
	}{
		"the rest is foreign, as was the beginning":  {Position{Tally: parsers.Tally{Foreign: 8}}, foreign + foreign, Corrupt},
		"nothing is left, and all was foreign":       {Position{Next: 10, Tally: parsers.Tally{Foreign: 10}}, foreign + foreign, Corrupt},
		"a header is left, and the rest was foreign": {Position{Tally: parsers.Tally{Foreign: 8}}, header + header, Corrupt},
		"something was sent":                         {Position{Tally: parsers.Tally{Sent: 1, Foreign: 7}}, foreign + foreign, ""},
		"something was filtered":                     {Position{Tally: parsers.Tally{Filtered: 1, Foreign: 7}}, foreign + foreign, ""},
		"an event is left":                           {Position{Tally: parsers.Tally{Foreign: 8}}, event + foreign, ""},
		"an earlier version moved the position":      {Position{Uncounted: true}, foreign + foreign, ""},
		"an earlier version moved it to the end":     {Position{Next: 10, Uncounted: true}, foreign + foreign, ""},
		"another parser counted what was sent":       {Position{Fingerprint: "of another parser", Tally: parsers.Tally{Sent: 8}}, foreign + foreign, Corrupt},
		"another parser of an earlier version":       {Position{Fingerprint: "of another parser", Uncounted: true}, foreign + foreign, Corrupt},
		"another parser counted nothing but foreign": {Position{Fingerprint: "of another parser", Tally: parsers.Tally{Foreign: 8}}, event + foreign, ""},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.cef(t)
			b.store.put("prod/a.cef", strings.Repeat(foreign, 8)+c.rest)
			o, err := b.store.Open(t.Context(), events.Object{Key: "prod/a.cef"}, 0, -1)
			if err != nil {
				t.Fatal(err)
			}
			before := c.before
			if before.Next == 0 {
				before.Next = 8
			}
			if before.Fingerprint == "" {
				before.Fingerprint = b.fingerprint()
			}
			b.ledger.items = map[Identity]*memItem{{Bucket: "logs", Key: "prod/a.cef", Version: o.ETag}: {pos: before}}
			for received := 2; received <= 4; received++ {
				b.deliver(t, t.Context(), announce("m", "prod/a.cef").again(received))
				wantKind(t, b, "m", c.want)
				if c.want == "" {
					break
				}
				if p := b.at(t); p != before {
					t.Fatalf("the position moved from %+v to %+v", before, p)
				}
			}
			if tally := b.report.all["m"].Objects[0].Tally; before.Uncounted && before.Fingerprint == b.fingerprint() && tally != (parsers.Tally{}) {
				t.Errorf("the tally is unknown, and reported as %+v", tally)
			}
		})
	}
}

// What an earlier version did not count stays unknown to the end.
func TestUncountedStaysUncounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.cef(t)
		b.slowly(10 * time.Second)
		b.store.put("prod/a.cef", strings.Repeat(foreign, 4000))
		b.invoke(t, announce("m", "prod/a.cef"))
		if p := b.at(t); p.Next == 0 || p.Tally != (parsers.Tally{Foreign: p.Next}) || p.Uncounted {
			t.Fatalf("the position is %+v", p)
		}
		for _, it := range b.ledger.items {
			it.pos.Tally, it.pos.Uncounted = parsers.Tally{}, true
		}
		next := b.at(t).Next
		b.invoke(t, Message{ID: "c", Receipt: "c", Queue: continuation, Received: 1, Body: b.queue.continued[0]})
		if p := b.at(t); p.Next == next || !p.Uncounted || p.Tally != (parsers.Tally{}) {
			t.Errorf("the position is %+v", p)
		}
	})
}

// A connection that breaks has no part in the verdict.
func TestVerdictAfterABrokenConnection(t *testing.T) {
	b := newBench(t)
	b.cef(t)
	b.store.put("prod/a.cef", foreign+event+foreign)
	b.sink.confirm = func(_ context.Context, n int, _ []string) error {
		if n == 1 {
			return Fail(DevoUnavailable, "%w", errBroken)
		}
		return nil
	}
	if failed := b.deliver(t, t.Context(), announce("m", "prod/a.cef")); failed != nil {
		t.Fatal(b.report.all["m"].Err)
	}
	if o := b.report.all["m"].Objects[0]; o.Tally != (parsers.Tally{Sent: 1, Foreign: 2}) || o.Foreign != 2 {
		t.Errorf("%+v", o)
	}
}

// Records that come in the message itself are judged as an object's are.
func TestDirectMessageOfAnotherFormatIsCorrupt(t *testing.T) {
	b := newBench(t)
	b.cef(t)
	e := &b.opts.Entries[0]
	e.Direct, e.Buckets, e.Store = true, nil, nil
	b.deliver(t, t.Context(), Message{ID: "m", Receipt: "m", Queue: queue, Received: 1, Body: foreign})
	wantKind(t, b, "m", Corrupt)
	if cause := b.report.all["m"].Err.Error(); !strings.Contains(cause, "message m: none of its 1 records is cef") {
		t.Errorf("the cause is %s", cause)
	}
}
