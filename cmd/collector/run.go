package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"math"
	"math/rand/v2"
	"net/url"
	"os"
	"os/signal"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/cmd/collector/workload"
	"github.com/devo-s3/collector/local"
)

type runCommand struct {
	Bootstrap string        `default:"dist/local/bootstrap" type:"existingfile" help:"The function's binary for this machine."`
	Watch     string        `default:"dist/local/watch/bootstrap" type:"existingfile" help:"The binary of watch for this machine."`
	Objects   int           `default:"420" help:"Good objects to put, of every service in turn; bad ones come on top."`
	Records   int           `default:"400000" help:"Records in them, about; the one object above 100 MiB comes on top."`
	Seed      uint64        `default:"1" help:"Keys, sizes, contents and kills vary with it."`
	NoKills   bool          `help:"Kill no invocation: nothing may arrive twice then."`
	Keep      bool          `help:"Leave everything up in the end and print how to reach it."`
	JSON      bool          `help:"Print one JSON object instead of the table."`
	Testdata  string        `default:"testdata" help:"Where sample objects of every service of the catalog are."`
	Processes int           `default:"4" help:"Processes of the function at once."`
	Within    time.Duration `default:"10m" help:"Give up after this long."`
	Log       string        `type:"path" help:"Write the function's output to this file."`
}

// killEvery is how many invocations there are to one that is killed. It lives
// for 1 ms to 2^killDoublings ms, each doubling as likely: some are killed
// before they have done anything, some in the midst of writing, some at the end.
const (
	killEvery     = 50
	killDoublings = 10
)

// shortTime is what an invocation with the slow object gets until an object has
// been continued: the deadline's margin and 5 s. slowRate is the object's bytes
// per second until then. All others have the time that is deployed, so that a
// slow machine continues no more than it must.
const (
	shortTime = 50 * time.Second
	slowRate  = 256 << 10
)

// A trial is one run on its way.
type trial struct {
	runCommand
	*stack.Stack
	books   *workload.Books
	samples []*workload.Object // of the catalog's services, to be put beside the invented ones
	tally   *tally
	log     *os.File

	mu          sync.Mutex
	rand        *rand.Rand
	invocations int
	kills       int
	owed        int // kills that came too late and are still to be made
	bound       int64
	bad         []badMessage
	objects     int
	messages    int
	slow        string // key of the slow object
	putting     bool
}

// A badMessage is one that must end in a DLQ.
type badMessage struct {
	mark string // stands in its body and in no other
	kind string
}

// Run is the main job, end to end.
func (c runCommand) Run() error {
	t := &trial{
		runCommand: c, books: workload.NewBooks(), tally: newTally(),
		rand: rand.New(rand.NewPCG(c.Seed, 0x6b111)), putting: true,
	}
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	ctx, cancel = context.WithTimeout(ctx, c.Within)
	defer cancel()
	if c.Log != "" {
		f, err := os.Create(c.Log)
		if err != nil {
			return err
		}
		defer f.Close()
		t.log = f
	}
	samples, err := workload.Samples(c.Testdata)
	if err != nil {
		return err
	}
	shelves, err := shelve(samples)
	if err != nil {
		return err
	}
	t.samples = samples
	o := stack.Options{
		Bootstrap: c.Bootstrap, Watch: c.Watch, Shelves: services(shelves), Processes: c.Processes, BatchSize: 10,
		Deadline: t.deadline,
		Receiver: local.ReceiverOptions{OnRecord: t.received},
		Log:      t.line, OnStart: t.started, OnEnd: t.ended,
	}
	begun := time.Now()
	if t.Stack, err = stack.Start(o); err != nil {
		return fmt.Errorf("start the embedded account: %w", err)
	}
	defer t.Close()
	t.Account.SetFault(t.slowDown)
	if err := t.Poll(o); err != nil {
		return err
	}
	putErr := make(chan error, 1)
	go func() { putErr <- t.put(ctx) }()
	if err := errors.Join(t.drive(ctx), <-putErr); err != nil {
		return err
	}
	r := t.result(time.Since(begun))
	if c.JSON {
		err = json.NewEncoder(os.Stdout).Encode(r)
	} else {
		r.print(os.Stdout)
	}
	if c.Keep && err == nil {
		err = t.keep()
	}
	if err == nil && !r.balanced() {
		err = errSaid
	}
	return err
}

// received books a record; watch's are nobody's objects.
func (t *trial) received(r local.Record) {
	if string(r.Tag) != stack.HeartbeatTag {
		t.books.Received(r.Tag, r.Raw)
	}
}

// put invents the objects and puts them, most of them once.
func (t *trial) put(ctx context.Context) error {
	defer func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		t.putting = false
	}()
	var buckets []string
	for _, f := range t.Feeds {
		if f.Bucket != "" && f.Services == nil {
			buckets = append(buckets, f.Bucket)
		}
	}
	plan := workload.Plan{Seed: t.Seed, Objects: t.Objects, Records: t.Records, Buckets: buckets, Foreign: stack.ForeignBucket}
	twice := rand.New(rand.NewPCG(t.Seed, 0x2))
	var again []*workload.Object
	for o := range t.all(plan) {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err := t.putOne(o); err != nil {
			return err
		}
		if o.Kind == "" && twice.IntN(20) == 0 {
			again = append(again, o)
		}
		if len(again) > 3 { // a while after the first time
			if err := t.announceAgain(again[0]); err != nil {
				return err
			}
			again = again[1:]
		}
	}
	for _, o := range again {
		if err := t.announceAgain(o); err != nil {
			return err
		}
	}
	for i := range 3 {
		mark := fmt.Sprintf("garbage-%d-%d", t.Seed, i)
		t.expect(mark, "malformed")
		if err := t.Account.Send(t.Feeds[i].ARN, `{"hello":"`+mark+`"}`); err != nil {
			return err
		}
	}
	return nil
}

// all are the plan's objects, with the samples among them.
func (t *trial) all(plan workload.Plan) iter.Seq[*workload.Object] {
	return func(yield func(*workload.Object) bool) {
		samples := t.samples
		for o := range plan.Generate {
			if !yield(o) || len(samples) > 0 && !yield(samples[0]) {
				return
			}
			samples = samples[min(1, len(samples)):]
		}
		for _, o := range samples {
			if !yield(o) {
				return
			}
		}
	}
}

func (t *trial) putOne(o *workload.Object) error {
	t.books.Put(o)
	t.mu.Lock()
	t.objects++
	t.messages++
	if o.Slow {
		t.slow = o.Key
	}
	t.mu.Unlock()
	if o.Kind != "" {
		t.expect(o.Key[strings.LastIndexByte(o.Key, '/')+1:], o.Kind)
	}
	if o.Missing {
		return t.Account.Send(t.Feeds[0].ARN, missingEvent(t.Feeds[0].Bucket, o.Key))
	}
	return t.Account.Put(o.Bucket, o.Key, o.Body)
}

func (t *trial) announceAgain(o *workload.Object) error {
	t.mu.Lock()
	t.messages++
	t.mu.Unlock()
	return t.Account.Renotify(o.Bucket, o.Key)
}

// expect enters a message that must end in a DLQ.
func (t *trial) expect(mark, kind string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.bad = append(t.bad, badMessage{mark, kind})
	if strings.HasPrefix(mark, "garbage") {
		t.messages++
	}
}

// missingEvent announces an object that was never put.
func missingEvent(bucket, key string) string {
	event := map[string]any{"Records": []any{map[string]any{
		"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": stack.Region, "eventName": "ObjectCreated:Put",
		"s3": map[string]any{"bucket": map[string]any{"name": bucket}, "object": map[string]any{"key": strings.ReplaceAll(url.QueryEscape(key), "%2F", "/"), "size": 1}},
	}}}
	b, err := json.Marshal(event)
	if err != nil {
		panic(err) // strings and numbers can be marshalled
	}
	return string(b)
}

// deadline is short for what is to be continued.
func (t *trial) deadline(_ int, payload []byte) time.Duration {
	if slow := t.slowName(); slow == "" || !bytes.Contains(payload, []byte(slow)) {
		return 0
	}
	return shortTime
}

// slowName is the last part of the slow object's key, which no event encodes; ""
// once an object has been continued.
func (t *trial) slowName() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.slow == "" || t.tally.hasContinued() {
		return ""
	}
	return path.Base(t.slow)
}

// slowDown makes the slow object outlive an invocation.
func (t *trial) slowDown(q local.FaultRequest) *local.FaultResponse {
	if slow := t.slowName(); q.Service == "s3" && slow != "" && path.Base(q.Key) == slow {
		return &local.FaultResponse{RateBytesPerSecond: slowRate}
	}
	return nil
}

// started kills one invocation in fifty, at some instant.
func (t *trial) started(s local.Started) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.invocations++
	if t.NoKills || t.invocations%killEvery != 4 && t.owed == 0 {
		return
	}
	if t.invocations%killEvery != 4 {
		t.owed--
	}
	time.AfterFunc(time.Duration(math.Exp2(t.rand.Float64()*killDoublings)*float64(time.Millisecond)), func() {
		if !t.Function.Kill(s.RequestID) {
			t.mu.Lock()
			defer t.mu.Unlock()
			t.owed++
		}
	})
}

// ended adds to the bound what an invocation that was killed, or ran out of
// time, may cause to be sent again: of each object that it held, the records
// that have arrived and that the ledger does not know to be confirmed.
func (t *trial) ended(e local.Ended) {
	if !e.Killed && !e.TimedOut {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := t.Receiver.Settle(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "collector run:", err)
	}
	again := int64(0)
	for _, item := range t.Account.Items(stack.LedgerTable) {
		if item["owner"] != e.RequestID || item["state"] != "claimed" {
			continue
		}
		bucket, _ := item["bucket"].(string)
		key, _ := item["key"].(string)
		next, _ := item["next"].(int64)
		again += t.books.From(bucket, key, next)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kills++
	t.bound += again
}

func (t *trial) line(_ string, line []byte) {
	t.tally.line(line)
	if t.log != nil {
		t.mu.Lock()
		defer t.mu.Unlock()
		_, _ = t.log.Write(append(line, '\n'))
	}
}

// drive shows how far the run is while the stack drains.
func (t *trial) drive(ctx context.Context) error {
	p := newProgress(t.JSON)
	defer p.done()
	return t.Drain(ctx, func(idle bool) (more bool) {
		received, put := t.books.Progress()
		t.mu.Lock()
		putting := t.putting
		t.mu.Unlock()
		p.show(received, put, t.doing(putting, idle))
		return putting
	})
}

func (t *trial) doing(putting, idle bool) string {
	switch {
	case putting:
		return "putting objects"
	case idle:
		return "advancing the clock"
	}
	return fmt.Sprintf("%d processes busy", t.Function.Busy())
}

// result closes the books.
func (t *trial) result(took time.Duration) *result {
	b := t.books.Balance()
	t.mu.Lock()
	defer t.mu.Unlock()
	r := &result{
		Objects: t.objects, Services: workload.Services(t.samples), Messages: t.messages, Put: b.Put, Received: b.Received, Lost: b.Lost, Strangers: b.Strangers,
		Duplicated: b.Duplicated, Bound: t.bound, Bytes: b.Bytes, Seconds: took.Seconds(), Kills: t.kills,
		Invocations: t.invocations, PeakRSS: t.Function.PeakRSS(), DLQ: make(map[string]int), Seed: t.Seed, samples: b.Samples,
		VirtualHours: time.Until(t.Account.Clock().Now()).Hours(), Malformed: t.Receiver.Counts().Malformed,
	}
	t.tally.into(r)
	expected := make(map[string]string)
	for _, m := range t.bad {
		expected[m.mark] = m.kind
	}
	for _, f := range t.Feeds {
		for _, m := range t.Account.Messages(f.DLQ) {
			kind := t.tally.kind(m.ID)
			r.DLQ[kind]++
			mark := ""
			for k := range expected {
				if strings.Contains(m.Body, k) {
					mark = k
				}
			}
			if mark == "" || expected[mark] != kind {
				r.Unexpected++
				continue
			}
			delete(expected, mark)
		}
	}
	r.Missing = len(expected)
	return r
}

// keep leaves everything up until it is interrupted.
func (t *trial) keep() error {
	fmt.Printf("\nDevo receiver  %s\nAWS account    %s\n\n%s\n\n", t.Receiver.Addr(), t.Account.Endpoint(), t.Exports())
	for _, f := range t.Feeds {
		fmt.Printf("queue  %s\nDLQ    %s\n", t.Account.QueueURL(f.ARN), t.Account.QueueURL(f.DLQ))
		if f.Bucket != "" {
			fmt.Printf("bucket s3://%s\n", f.Bucket)
		}
	}
	fmt.Printf("\nexport CONFIG=%s\n\nCtrl-C ends it.\n", filepath.Join(t.Dir, "config.yaml"))
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt)
	defer cancel()
	<-ctx.Done()
	return nil
}
