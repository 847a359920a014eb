package delivery

import (
	"fmt"
	"testing"

	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/sources"
)

// secondQueue names the bench's bucket as well, for a source of its own.
const secondQueue = queue + "-2"

func (b *bench) secondQueue(t *testing.T) {
	t.Helper()
	s, err := sources.Compile(sources.Definition{Name: "other", Keys: []string{"**"}, Format: "lines", Tag: "my.app.other"})
	if err != nil {
		t.Fatal(err)
	}
	b.opts.Entries = append(b.opts.Entries, Entry{ARN: secondQueue, Buckets: []string{"logs"}, Sources: sources.Set{s}, Store: &b.store})
}

// Two queues over one bucket: each delivers every object by its own sources,
// once, also by a continuation, and in whatever order their messages come.
func TestQueuesOverOneBucketEachGetEveryObject(t *testing.T) {
	b := newBench(t)
	b.secondQueue(t)
	b.store.put("prod/a.log", "x\n")
	second := announce("second", "prod/a.log")
	second.Queue = secondQueue
	b.deliver(t, t.Context(), announce("first", "prod/a.log"))
	b.deliver(t, t.Context(), second)
	wantConfirmed(t, b, "my.app.text.prod x", "my.app.other x")
	for _, q := range []string{queue, secondQueue} {
		body := events.Continue(events.Object{Bucket: "logs", Key: "prod/a.log"}, events.Continued{Queue: q})
		b.deliver(t, t.Context(), Message{ID: q, Receipt: q, Queue: continuation, Received: 1, Body: body})
		wantStates(t, b, q, "already 0")
	}
	for id := range b.ledger.items {
		if id.Queue != queue && id.Queue != secondQueue {
			t.Errorf("identity %+v", id)
		}
	}
}

// A queue and the one whose place it takes are one to the ledger: what came by the
// old name is done when it comes by the new one.
func TestARenamedQueueIsNoSecondOne(t *testing.T) {
	b := newBench(t)
	b.secondQueue(t)
	b.opts.Entries[1].Former, b.opts.Entries[1].Sources = true, b.opts.Entries[0].Sources
	b.store.put("prod/a.log", "x\n")
	before := announce("before", "prod/a.log")
	before.Queue = secondQueue
	b.deliver(t, t.Context(), before)
	b.deliver(t, t.Context(), announce("after", "prod/a.log"))
	wantConfirmed(t, b, "my.app.text.prod x")
	want := Identity{Bucket: "logs", Key: "prod/a.log", Version: b.eTag()}
	if b.ledger.items[want] == nil {
		t.Errorf("the ledger holds %v, want %+v", b.ledger.items, want)
	}
}

// The identity of what one queue alone names is the one that older versions
// know.
func TestIdentityOfABucketUnderOneQueue(t *testing.T) {
	b := newBench(t)
	b.secondQueue(t)
	b.opts.Entries[1].Buckets = []string{"others"}
	b.store.put("prod/a.log", "x\n")
	b.deliver(t, t.Context(), announce("m", "prod/a.log"))
	want := Identity{Bucket: "logs", Key: "prod/a.log", Version: b.eTag()}
	if b.ledger.items[want] == nil {
		t.Errorf("the ledger holds %v, want %+v", b.ledger.items, want)
	}
}

func TestSharedBuckets(t *testing.T) {
	for _, c := range []struct {
		queues [][]string
		want   string
	}{
		{nil, "map[]"},
		{[][]string{{"a", "b"}, {"c"}, {}}, "map[]"},
		{[][]string{{"a", "a"}}, "map[]"},
		{[][]string{{"a", "b"}, {"b", "c"}, {"c", "b"}}, "map[b:true c:true]"},
	} {
		if got := fmt.Sprint(SharedBuckets(c.queues...)); got != c.want {
			t.Errorf("%q: %s, want %s", c.queues, got, c.want)
		}
	}
}
