package delivery

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// A storm is a queue of messages, and everything that delivery touches: slow,
// in any order, and failing or panicking now and then at every call. Whatever
// happens, all that is good must have been confirmed when the queue is empty.
type storm struct {
	t      *testing.T
	store  memStore
	ledger memLedger
	sink   memSink

	mu        sync.Mutex
	rand      *rand.Rand
	faulty    float64 // how likely a call fails
	faults    int
	slow      time.Duration // how long a call may take
	expect    map[string]*stormObject
	confirmed map[string]int // how often each record was
	queue     []Message
	sent      int // messages, ever
	tally     Counts
}

// A stormObject is what an object must come to.
type stormObject struct {
	records []string // in order; "" is not sent
	bad     bool
}

func newStorm(t *testing.T, seed uint64, faulty float64, slow time.Duration) *storm {
	w := &storm{
		t: t, rand: rand.New(rand.NewPCG(seed, 0)), faulty: faulty, slow: slow,
		expect: make(map[string]*stormObject), confirmed: make(map[string]int),
	}
	w.sink.write = func(int, string) error { return w.strike(DevoUnavailable, 0.01) }
	w.sink.confirm = w.confirm
	w.store.reading = func(ctx context.Context, _ string, _ int64) error {
		if err := w.pass(ctx, 0.2); err != nil {
			return err
		}
		return w.strike(Throttled, 0.2)
	}
	var keys []string
	for i := range 1 + w.rand.IntN(8) {
		keys = append(keys, w.object(i))
	}
	for i := range max(len(keys), 1+w.rand.IntN(8)) {
		named := []string{keys[i%len(keys)]}
		for range w.rand.IntN(5) {
			named = append(named, keys[w.rand.IntN(len(keys))])
		}
		m := announce("", named...)
		m.Received = 0
		w.send(m)
	}
	return w
}

// object puts one into the bucket: lines, a header and blanks among them, plain
// or in members of gzip, or something that is no object at all.
func (w *storm) object(i int) (key string) {
	o := &stormObject{}
	var members [][]byte
	var member []byte
	n := []int{0, 1, 3, 200, 700, 2500, 6000}[w.rand.IntN(7)]
	suffix := []string{"log", "log", "log", "csv", "csv", "log", "log", "gone.log", "bin"}[w.rand.IntN(9)]
	key = fmt.Sprintf("prod/%d.%s", i, suffix)
	o.bad = suffix == "bin" || suffix == "gone.log"
	for k := range n {
		record := fmt.Sprintf("%s:%d", key, k)
		switch {
		case suffix == "csv" && k == 0, w.rand.IntN(20) == 0, n == 3:
			o.records = append(o.records, "")
			if suffix != "csv" || k > 0 {
				record = " "
			}
		default:
			o.records = append(o.records, record)
		}
		member = append(append(member, record...), '\n')
		if w.rand.IntN(200) == 0 {
			members, member = append(members, member), nil
		}
	}
	members = append(members, member)
	body := bytes.Join(members, nil)
	if w.rand.IntN(2) == 0 {
		var packed bytes.Buffer
		for _, m := range members {
			z := gzip.NewWriter(&packed)
			z.Write(m)
			z.Close()
		}
		body = packed.Bytes()
	}
	w.expect[key] = o
	if suffix != "gone.log" {
		w.store.put(key, string(body))
	}
	return key
}

func (w *storm) send(m Message) {
	w.sent++
	m.ID = fmt.Sprint("m", w.sent)
	w.queue = append(w.queue, m)
}

// chance is true with probability p, and somewhere between 0 and slow.
func (w *storm) chance(p float64) (bool, time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.rand.Float64() < p, time.Duration(w.rand.Float64() * float64(w.slow))
}

// pass lets virtual time pass, a lot of it with probability p.
func (w *storm) pass(ctx context.Context, p float64) error {
	long, d := w.chance(p)
	if !long {
		d /= 100
	}
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// strike fails or panics, scale times as likely as calls usually do.
func (w *storm) strike(k Kind, scale float64) error {
	hit, _ := w.chance(w.faulty * scale)
	if !hit {
		return nil
	}
	w.mu.Lock()
	w.faults++
	w.mu.Unlock()
	if panics, _ := w.chance(0.2); panics {
		panic("struck")
	}
	return Fail(k, "struck")
}

func (w *storm) Open(ctx context.Context, o events.Object, off, length int64) (*Body, error) {
	if err := either(w.pass(ctx, 0.1), w.strike(Throttled, 1)); err != nil {
		return nil, err
	}
	return w.store.Open(ctx, o, off, length)
}

func (w *storm) Dial(ctx, life context.Context) (Conn, error) {
	if err := either(w.pass(ctx, 0.1), w.strike(DevoUnavailable, 1)); err != nil {
		return nil, err
	}
	return w.sink.Dial(ctx, life)
}

// confirm is asked before a connection counts as confirmed.
func (w *storm) confirm(ctx context.Context, _ int, records []string) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.sink.mu.Lock()
			w.sink.open-- // as Confirm would have
			w.sink.mu.Unlock()
			panic(p)
		}
	}()
	if err := either(w.pass(ctx, 0.5), w.strike(Unconfirmable, 1)); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, r := range records {
		_, r, _ = strings.Cut(r, " ")
		w.confirmed[r]++
	}
	return nil
}

// ledgerCall makes a call of the ledger; one that fails may have been obeyed.
func (w *storm) ledgerCall(ctx context.Context, f func() error) error {
	if err := w.pass(ctx, 0.1); err != nil {
		return Fail(LedgerFailed, "%w", err)
	}
	if obeyed, _ := w.chance(0.5); obeyed {
		return either(f(), w.strike(LedgerFailed, 1))
	}
	return either(w.strike(LedgerFailed, 1), f())
}

func (w *storm) Now() time.Time { return w.ledger.Now() }

func (w *storm) Sync(ctx context.Context) error {
	return w.ledgerCall(ctx, func() error { return nil })
}

func (w *storm) Claim(ctx context.Context, id Identity, owner string, lease time.Duration) (c Claim, err error) {
	err = w.ledgerCall(ctx, func() (err error) { c, err = w.ledger.Claim(ctx, id, owner, lease); return err })
	return c, err
}

func (w *storm) Advance(ctx context.Context, c Claim, p Position) (after Claim, err error) {
	w.check(c.ID.Key, p)
	err = w.ledgerCall(ctx, func() (err error) { after, err = w.ledger.Advance(ctx, c, p); return err })
	return after, err
}

func (w *storm) Done(ctx context.Context, c Claim, p Position) error {
	if n := int64(len(w.expect[c.ID.Key].records)); p.Next != n {
		w.t.Errorf("%s: done at record %d of %d", c.ID.Key, p.Next, n)
	}
	w.check(c.ID.Key, p)
	return w.ledgerCall(ctx, func() error { return w.ledger.Done(ctx, c, p) })
}

func (w *storm) Release(ctx context.Context, c Claim) error {
	return w.ledgerCall(ctx, func() error { return w.ledger.Release(ctx, c) })
}

// check: a position is never past a record that was not confirmed.
func (w *storm) check(key string, p Position) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.Restart.Index > p.Next {
		w.t.Errorf("%s: restart at record %d, after %d", key, p.Restart.Index, p.Next)
	}
	for i, r := range w.expect[key].records[:p.Next] {
		if r != "" && w.confirmed[r] == 0 {
			w.t.Fatalf("%s: the ledger is told %d, but record %d is not confirmed", key, p.Next, i)
		}
	}
}

func (w *storm) Delay(ctx context.Context, _, _ string, d time.Duration) error {
	if d <= 0 {
		w.t.Errorf("a delay of %s", d)
	}
	return either(w.pass(ctx, 0.1), w.strike(Throttled, 1))
}

func (w *storm) Delete(ctx context.Context, _ string, _ []string) error {
	return either(w.pass(ctx, 0.1), w.strike(Throttled, 1))
}

func (w *storm) Continue(ctx context.Context, bodies []string) error {
	for _, body := range bodies {
		if err := either(w.pass(ctx, 0), w.strike(Throttled, 0.5)); err != nil {
			return err
		}
		w.mu.Lock()
		w.send(Message{Body: body, Queue: continuation})
		w.mu.Unlock()
	}
	return nil
}

// either is the first error of two.
func either(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// A stormReport is that of one invocation.
type stormReport struct {
	w   *storm
	all map[string][]Outcome
}

func (r *stormReport) InFlight(Flight) { _ = r.w.strike(Internal, 1) }

func (r *stormReport) Message(o Outcome) {
	r.all[o.Message.ID] = append(r.all[o.Message.ID], o)
	r.w.mu.Lock()
	for _, o := range o.Objects {
		r.w.tally.Add(o.Counts)
		if o.Sent < o.Records {
			r.w.t.Errorf("%s: %d sent, %d confirmed", o.Key, o.Sent, o.Records)
		}
	}
	r.w.mu.Unlock()
	_ = r.w.strike(Internal, 1)
}

// round receives a batch and delivers it. It gives back what must stay.
func (w *storm) round(name string, batch []Message) (back []Message) {
	text, err := sources.Compile(sources.Definition{Name: "text", Keys: []string{"{env}/**.log"}, Format: "lines", Tag: "my.app.{key.env}"})
	if err != nil {
		w.t.Fatal(err)
	}
	table, err := sources.Compile(sources.Definition{
		Name: "table", Keys: []string{"**.csv"}, Format: "lines", Options: &parsers.LinesOptions{Header: "drop"}, Tag: "my.app.table",
	})
	if err != nil {
		w.t.Fatal(err)
	}
	report := &stormReport{w, make(map[string][]Outcome)}
	c, err := New(Options{
		Entries:      []Entry{{ARN: queue, Buckets: []string{"logs"}, Sources: sources.Set{text, table}, Store: w}},
		Continuation: continuation, Ledger: w, Queue: w, Sink: w, Report: report, Unparsed: "my.un.parsed", BadTag: "my.bad.tag",
		ConfirmBytes: 20_000, Workers: 3,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(w.t.Context(), 3*time.Minute)
	defer cancel()
	failed := c.Deliver(ctx, name, batch)
	if ctx.Err() != nil {
		w.t.Error("the invocation was killed at its deadline")
	}
	for _, m := range batch {
		all := report.all[m.ID]
		if len(all) != 1 || slices.Contains(failed, m.ID) != (all[0].Err != nil) {
			w.t.Errorf("%s: %d outcomes, failed %q", m.ID, len(all), failed)
			continue
		}
		if all[0].Err != nil && !w.hopeless(all[0]) { // else in the DLQ in the end
			back = append(back, m)
		}
	}
	return back
}

// hopeless tells whether no object of a failed message is good.
func (w *storm) hopeless(o Outcome) bool {
	return !slices.ContainsFunc(o.Objects, func(o ObjectOutcome) bool {
		return o.State != Already && (w.expect[o.Key] == nil || !w.expect[o.Key].bad)
	})
}

// rage delivers, two invocations at a time, until the queue is empty.
func (w *storm) rage() {
	for n := 0; len(w.queue) > 0; n++ {
		switch n {
		case 40:
			w.faulty = 0
		case 400:
			w.t.Fatalf("%d messages left: %.200s", len(w.queue), w.queue[0].Body)
		}
		batch := slices.Clone(w.queue[:min(6, len(w.queue))])
		w.queue = w.queue[len(batch):]
		for i := range batch {
			batch[i].Received++
		}
		var back [2][]Message
		var both sync.WaitGroup
		for i, part := range [][]Message{batch[:len(batch)/2], batch[len(batch)/2:]} {
			both.Go(func() { back[i] = w.round(fmt.Sprint("request-", n, "-", i), part) })
		}
		both.Wait()
		w.queue = append(w.queue, slices.Concat(back[:]...)...)
		if w.sink.open != 0 {
			w.t.Fatalf("%d connections left open", w.sink.open)
		}
		time.Sleep(4 * time.Minute) // virtual: every lease is over
	}
}

func (w *storm) verify() {
	var want, dropped int64
	for key, o := range w.expect {
		if o.bad {
			continue
		}
		for _, r := range o.records {
			n := w.confirmed[r]
			switch {
			case r == "":
				dropped++
				continue
			case n == 0:
				w.t.Fatalf("%s: record %q is lost", key, r)
			case n > 1 && w.faults == 0:
				w.t.Fatalf("%s: record %q was sent %d times, and there was no fault", key, r, n)
			}
			want++
		}
	}
	if got := w.tally.Dropped + w.tally.Blank; w.faults == 0 && (w.tally.Records != want || got != dropped) {
		w.t.Errorf("reported %d records and %d left out, want %d and %d", w.tally.Records, got, want, dropped)
	}
}

func TestStorm(t *testing.T) {
	for _, c := range []struct {
		name   string
		faulty float64
		slow   time.Duration
	}{
		{"calm", 0, time.Second},
		{"slow", 0, 20 * time.Second},
		{"faulty", 0.05, time.Second},
		{"worst", 0.1, 25 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			for seed := range uint64(6) {
				synctest.Test(t, func(t *testing.T) {
					w := newStorm(t, seed, c.faulty, c.slow)
					w.rage()
					w.verify()
				})
				if t.Failed() {
					t.Fatalf("with seed %d", seed)
				}
			}
		})
	}
}

var (
	_ Store    = (*storm)(nil)
	_ Ledger   = (*storm)(nil)
	_ Queue    = (*storm)(nil)
	_ Sink     = (*storm)(nil)
	_ Reporter = (*stormReport)(nil)
)
