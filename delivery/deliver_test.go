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

	"go.uber.org/goleak"

	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	queue        = "arn:aws:sqs:eu-west-1:111122223333:devo-s3-acme"
	continuation = "arn:aws:sqs:eu-west-1:444455556666:devo-s3-collector-acme-continuation"
)

// A bench is a Collector with everything outside it in memory.
type bench struct {
	store  memStore
	ledger memLedger
	sink   memSink
	queue  memQueue
	report memReport
	opts   Options
	n      int
}

func newBench(t *testing.T) *bench {
	t.Helper()
	text, err := sources.Compile(sources.Definition{
		Name: "text", Keys: []string{"{env}/**.log"}, Format: "lines", Tag: "my.app.text.{key.env}",
		Ignore: []string{"**.tmp"}, Refuse: []sources.Refusal{{Keys: []string{"**.orc"}, Reason: "ORC is not read"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	trail, err := sources.Compile(sources.Definition{
		Name: "trail", Keys: []string{"**.json"}, Format: "json", Options: &parsers.JSONOptions{Path: parsers.Paths{"Records"}},
		Tag: "my.app.{record.region}.x",
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{}
	b.opts = Options{
		Entries:      []Entry{{ARN: queue, Buckets: []string{"logs"}, Sources: sources.Set{text, trail}, Store: &b.store}},
		Continuation: continuation,
		Ledger:       &b.ledger, Queue: &b.queue, Sink: &b.sink, Report: &b.report,
		Unparsed: "my.app.s3collector.unparsed", BadTag: "my.app.s3collector.badtag",
	}
	return b
}

// deliver runs one batch and checks that no connection is left open.
func (b *bench) deliver(t *testing.T, ctx context.Context, batch ...Message) []string {
	t.Helper()
	c, err := New(b.opts)
	if err != nil {
		t.Fatal(err)
	}
	b.n++
	failed := c.Deliver(ctx, fmt.Sprintf("request-%d", b.n), batch)
	if b.sink.open != 0 {
		t.Errorf("%d connections left open", b.sink.open)
	}
	return failed
}

// announce names objects of the bucket "logs".
func announce(id string, keys ...string) Message {
	var records []string
	for _, k := range keys {
		records = append(records, fmt.Sprintf(`{"eventVersion":"2.1","eventName":"ObjectCreated:Put","awsRegion":"eu-west-1","s3":{"bucket":{"name":"logs"},"object":{"key":%q}}}`, k))
	}
	return Message{ID: id, Receipt: id, Queue: queue, Received: 1, Body: `{"Records":[` + strings.Join(records, ",") + `]}`}
}

func sized(m Message, size int) Message {
	m.Body = strings.ReplaceAll(m.Body, `"object":{`, fmt.Sprintf(`"object":{"size":%d,`, size))
	return m
}

func (m Message) again(received int) Message {
	m.Received = received
	return m
}

func lines(prefix string, n int) (text string, records []string) {
	var s strings.Builder
	for i := range n {
		fmt.Fprintf(&s, "%s-%d\n", prefix, i)
		records = append(records, fmt.Sprintf("my.app.text.prod %s-%d", prefix, i))
	}
	return s.String(), records
}

func wantConfirmed(t *testing.T, b *bench, want ...string) {
	t.Helper()
	got := slices.Sorted(slices.Values(b.sink.confirmed))
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("confirmed %d records, want %d:\n got %.300q\nwant %.300q", len(got), len(want), got, want)
	}
}

func wantKind(t *testing.T, b *bench, id string, want Kind) {
	t.Helper()
	o, ok := b.report.all[id]
	switch {
	case !ok:
		t.Errorf("message %s has no outcome", id)
	case want == "" && o.Err != nil:
		t.Errorf("message %s: %v, want success", id, o.Err)
	case want != "" && (o.Err == nil || o.Err.Kind != want):
		t.Errorf("message %s: %v, want %s", id, o.Err, want)
	case want != "" && b.queue.delays[id] <= 0:
		t.Errorf("message %s was not hidden", id)
	}
}

func TestEveryMessageEndsInOneOutcome(t *testing.T) {
	b := newBench(t)
	text, records := lines("a", 3)
	b.store.put("prod/a.log", text)
	b.store.put("prod/empty.log", "")
	b.store.put("cut.json", `{"Records":[{"region":"x"},`)
	batch := []Message{
		announce("good", "prod/a.log"),
		announce("empty", "prod/empty.log"),
		sized(announce("folder", "prod/"), 0),
		announce("ignored", "prod/x.tmp"),
		announce("gone", "prod/gone.log"),
		announce("cut", "cut.json"),
		announce("nosource", "x.bin"),
		announce("refused", "prod/a.orc"),
		{ID: "garbage", Receipt: "garbage", Queue: queue, Received: 1, Body: "garbage"},
		{ID: "foreign", Receipt: "foreign", Queue: queue, Received: 1, Body: strings.ReplaceAll(announce("", "prod/a.log").Body, `"logs"`, `"other"`)},
		{ID: "forged", Receipt: "forged", Queue: queue, Received: 1, Body: events.Continue(events.Object{Bucket: "logs", Key: "prod/a.log"}, events.Continued{Queue: queue})},
		{ID: "unlisted", Receipt: "unlisted", Queue: queue + "2", Received: 1, Body: announce("", "prod/a.log").Body},
		{ID: "test", Receipt: "test", Queue: queue, Received: 1, Body: `{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"logs"}`},
		announce("good", "prod/a.log"), // the same messageId once more
	}
	failed := b.deliver(t, t.Context(), batch...)
	slices.Sort(failed)
	if want := []string{"cut", "foreign", "forged", "garbage", "gone", "nosource", "refused", "unlisted"}; !slices.Equal(failed, want) {
		t.Errorf("failed %q, want %q", failed, want)
	}
	wantConfirmed(t, b, append(records, `my.app.x.x {"region":"x"}`)...)
	for id, kind := range map[string]Kind{
		"good": "", "empty": "", "folder": "", "ignored": "", "test": "",
		"gone": NotFound, "cut": Corrupt, "nosource": NoSource, "refused": NoSource, "garbage": Malformed, "foreign": NotAllowed,
		"forged": Malformed, "unlisted": NotAllowed,
	} {
		wantKind(t, b, id, kind)
	}
	if cause := b.report.all["refused"].Err.Error(); !strings.Contains(cause, "ORC is not read") {
		t.Errorf("refused: %s", cause)
	}
}

func TestEmptyBatch(t *testing.T) {
	b := newBench(t)
	if failed := b.deliver(t, t.Context()); failed != nil || len(b.ledger.log) != 0 || b.sink.conns != 0 {
		t.Errorf("an empty batch did something: %v %v %d", failed, b.ledger.log, b.sink.conns)
	}
}

func TestFinishedObjectIsNoOp(t *testing.T) {
	b := newBench(t)
	text, records := lines("a", 3)
	b.store.put("prod/a.log", text)
	for _, id := range []string{"first", "second"} {
		if failed := b.deliver(t, t.Context(), announce(id, "prod/a.log")); failed != nil {
			t.Fatal(failed)
		}
	}
	wantConfirmed(t, b, records...)
	if s := b.report.all["second"].Objects[0].State; s != Already {
		t.Errorf("second: %s", s)
	}
}

func TestTwoMessagesOfOneBatchNameOneObject(t *testing.T) {
	b := newBench(t)
	text, records := lines("a", 3)
	b.store.put("prod/a.log", text)
	if failed := b.deliver(t, t.Context(), announce("one", "prod/a.log"), announce("two", "prod/a.log")); failed != nil {
		t.Fatal(failed)
	}
	wantConfirmed(t, b, records...)
}

func TestPoisonIsIsolated(t *testing.T) {
	for name, received := range map[string]int{"first time": 1, "received before": 2} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.opts.Workers = 2
			b.sink.write = func(_ int, record string) error {
				if strings.HasPrefix(record, "poison") {
					return Fail(DevoUnavailable, "%w", errBroken)
				}
				return nil
			}
			var batch []Message
			var want []string
			for i := range 9 {
				text, records := lines(fmt.Sprint("m", i), 5)
				b.store.put(fmt.Sprintf("prod/%d.log", i), text)
				want = append(want, records...)
				batch = append(batch, announce(fmt.Sprint(i), fmt.Sprintf("prod/%d.log", i)).again(received))
			}
			b.store.put("prod/poison.log", "before\npoison\nafter\n")
			batch = slices.Insert(batch, 4, announce("poison", "prod/poison.log").again(received))
			if failed := b.deliver(t, t.Context(), batch...); !slices.Equal(failed, []string{"poison"}) {
				t.Errorf("failed %q, want only the poison", failed)
			}
			wantConfirmed(t, b, want...)
			wantKind(t, b, "poison", DevoUnavailable)
		})
	}
}

// One poisonous file must not take the other 99 of its message along.
func TestPoisonInsideAMessage(t *testing.T) {
	b := newBench(t)
	b.sink.write = func(_ int, record string) error {
		if record == "poison" {
			return Fail(DevoUnavailable, "%w", errBroken)
		}
		return nil
	}
	var keys, want []string
	for i := range 100 {
		key := fmt.Sprintf("prod/%d.log", i)
		keys = append(keys, key)
		if i == 50 {
			b.store.put(key, "poison\n")
			continue
		}
		text, records := lines(key, 2)
		b.store.put(key, text)
		want = append(want, records...)
	}
	if failed := b.deliver(t, t.Context(), announce("m", keys...)); len(failed) != 1 {
		t.Errorf("failed %q", failed)
	}
	wantConfirmed(t, b, want...)
	done := 0
	for _, it := range b.ledger.items {
		if it.done {
			done++
		}
	}
	if done != 99 {
		t.Errorf("%d objects done, want 99", done)
	}
}

func TestNothingUnconfirmedIsDone(t *testing.T) {
	for name, kind := range map[string]Kind{"silent": Unconfirmable, "refused": DevoRefused, "broken": DevoUnavailable} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.sink.confirm = func(context.Context, int, []string) error { return Fail(kind, "no") }
			text, _ := lines("a", 3)
			b.store.put("prod/a.log", text)
			if failed := b.deliver(t, t.Context(), announce("m", "prod/a.log")); len(failed) != 1 {
				t.Errorf("failed %q", failed)
			}
			wantKind(t, b, "m", kind)
			for id, it := range b.ledger.items {
				if it.done || it.pos.Next != 0 || it.until.After(time.Now()) {
					t.Errorf("%s: done %v, next %d, held until %s", id.Key, it.done, it.pos.Next, it.until)
				}
			}
		})
	}
}

// The ledger is written after the confirmation that it records, never before.
func TestLedgerFollowsConfirmation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.steadily()
		text, _ := lines("a", 2000)
		b.store.put("prod/a.log", text)
		b.ledger.fail = func(call string, id Identity) error {
			if call != "advance" && call != "done" {
				return nil
			}
			b.sink.mu.Lock()
			defer b.sink.mu.Unlock()
			if len(b.sink.confirmed) == 0 {
				t.Errorf("%s before any confirmation", call)
			}
			return nil
		}
		if failed := b.deliver(t, t.Context(), announce("m", "prod/a.log")); failed != nil {
			t.Fatal(failed)
		}
		if !slices.Contains(b.ledger.log, "advance prod/a.log") {
			t.Error("a long object's position was not recorded on the way")
		}
	})
}

func TestResumeAfterTheLastConfirmedRecord(t *testing.T) {
	b := newBench(t)
	b.opts.ConfirmBytes = 1 // rotate whenever it is looked at
	text, records := lines("a", 2000)
	b.store.put("prod/a.log", text)
	var mu sync.Mutex
	broken := false
	b.sink.write = func(_ int, record string) error {
		mu.Lock()
		defer mu.Unlock()
		if record == "a-1500" && !broken {
			broken = true
			return Fail(DevoUnavailable, "%w", errBroken)
		}
		return nil
	}
	if failed := b.deliver(t, t.Context(), announce("m", "prod/a.log")); failed != nil {
		t.Fatal(failed)
	}
	wantConfirmed(t, b, records...)
	if again := len(b.sink.written) - len(records); again < 0 || again > 256 {
		t.Errorf("%d records were written again, want at most what the broken connection carried", again)
	}
	if n := b.store.opens["prod/a.log"]; n < 2 {
		t.Errorf("opened %d times", n)
	}
}

func TestPanicFailsOneMessage(t *testing.T) {
	b := newBench(t)
	b.opts.Workers = 1
	b.sink.write = func(_ int, record string) error {
		if record == "boom" {
			panic("secret-free")
		}
		return nil
	}
	text, records := lines("a", 3)
	b.store.put("prod/a.log", text)
	b.store.put("prod/boom.log", "boom\n")
	if failed := b.deliver(t, t.Context(), announce("good", "prod/a.log"), announce("boom", "prod/boom.log")); !slices.Equal(failed, []string{"boom"}) {
		t.Errorf("failed %q", failed)
	}
	wantConfirmed(t, b, records...)
	wantKind(t, b, "boom", Internal)
	if cause := b.report.all["boom"].Err.Error(); !strings.Contains(cause, "deliver_test.go") {
		t.Errorf("the cause does not say where: %s", cause)
	}
}

func TestNoConnection(t *testing.T) {
	b := newBench(t)
	b.sink.dial = func(int) error { return Fail(DevoUnavailable, "refused") }
	var batch []Message
	for i := range 5 {
		key := fmt.Sprintf("prod/%d.log", i)
		b.store.put(key, "x\n")
		batch = append(batch, announce(key, key, key+"2"))
	}
	if failed := b.deliver(t, t.Context(), batch...); len(failed) != 5 {
		t.Errorf("failed %q", failed)
	}
	if b.sink.conns != 5 {
		t.Errorf("%d dials, want one a message", b.sink.conns)
	}
	wantKind(t, b, "prod/0.log", DevoUnavailable)
}

func TestBatchOfTenThousand(t *testing.T) {
	b := newBench(t)
	b.store.put("prod/a.log", "x\n")
	batch := make([]Message, 0, 10_000)
	for i := range 10_000 {
		batch = append(batch, announce(fmt.Sprint(i), "prod/a.log"))
	}
	if failed := b.deliver(t, t.Context(), batch...); failed != nil {
		t.Fatalf("%d failed", len(failed))
	}
	if len(b.report.all) != 10_000 {
		t.Errorf("%d outcomes", len(b.report.all))
	}
	wantConfirmed(t, b, "my.app.text.prod x")
}

func TestClaimedElsewhere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.store.put("prod/a.log", "x\n")
		o, err := b.store.Open(t.Context(), events.Object{Bucket: "logs", Key: "prod/a.log"}, 0, -1)
		if err != nil {
			t.Fatal(err)
		}
		id := Identity{Bucket: "logs", Key: "prod/a.log", Version: o.ETag}
		if _, err := b.ledger.Claim(t.Context(), id, "somebody", 90*time.Second); err != nil {
			t.Fatal(err)
		}
		b.deliver(t, t.Context(), announce("m", "prod/a.log"))
		wantKind(t, b, "m", Claimed)
		if d := b.queue.delays["m"]; d < 90*time.Second || d > 114*time.Second {
			t.Errorf("hidden for %s, want what is left of the lease and up to a quarter more", d)
		}
		time.Sleep(90 * time.Second) // virtual
		if failed := b.deliver(t, t.Context(), announce("m", "prod/a.log").again(2)); failed != nil {
			t.Errorf("not taken over after the lease: %v", b.report.all["m"].Err)
		}
	})
}

func TestLedgerDown(t *testing.T) {
	down := func(string, Identity) error { return Fail(LedgerFailed, "no answer") }
	for _, c := range []struct {
		name     string
		stops    bool
		received int
		want     Kind
	}{
		{"first delivery goes on", false, 1, ""},
		{"redelivery waits", false, 2, LedgerFailed},
		{"stop stops both", true, 1, LedgerFailed},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.opts.LedgerDownStops = c.stops
			b.ledger.fail = down
			b.store.put("prod/a.log", "x\n")
			b.deliver(t, t.Context(), announce("m", "prod/a.log").again(c.received))
			wantKind(t, b, "m", c.want)
			if o := b.report.all["m"].Objects[0]; o.Unclaimed != (c.want == "") {
				t.Errorf("unclaimed is %v", o.Unclaimed)
			}
		})
	}
}

func TestRefusedLedgerWriteFailsTheMessage(t *testing.T) {
	for _, call := range []string{"advance", "done"} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t)
				b.steadily()
				text, _ := lines("a", 5000)
				b.store.put("prod/a.log", text)
				b.ledger.fail = func(c string, _ Identity) error {
					if c == call {
						return Fail(LedgerFailed, "refused")
					}
					return nil
				}
				b.deliver(t, t.Context(), announce("m", "prod/a.log"))
				wantKind(t, b, "m", LedgerFailed)
			})
		})
	}
}
