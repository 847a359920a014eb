package delivery

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/sources"
)

const directQueue = queue + "-direct"

// newDirectBench is a bench with a queue whose messages hold records, too.
func newDirectBench(t *testing.T) *bench {
	t.Helper()
	d, err := sources.Compile(sources.Definition{Name: "inline", Keys: []string{"**"}, Ignore: []string{"**"}, Format: "lines", Tag: "my.app.inline"})
	if err != nil {
		t.Fatal(err)
	}
	b := newBench(t)
	b.opts.Entries = append(b.opts.Entries, Entry{ARN: directQueue, Sources: sources.Set{d}, Direct: true})
	return b
}

func inline(id, body string) Message {
	return Message{ID: id, Receipt: id, Queue: directQueue, Received: 1, Body: body, Sent: time.Unix(1, 0)}
}

// The body is the object, even one that looks like a notification; a second
// message has records of its own, and the same message once more has none.
func TestBodiesAreObjects(t *testing.T) {
	b := newDirectBench(t)
	notification := announce("", "prod/a.log").Body
	for range 2 {
		if failed := b.deliver(t, t.Context(), inline("one", "a\nb\n"), inline("two", "a\nb\n"), inline("three", notification)); failed != nil {
			t.Fatal(failed)
		}
	}
	wantConfirmed(t, b, "my.app.inline a", "my.app.inline b", "my.app.inline a", "my.app.inline b", "my.app.inline "+notification)
	o := b.report.all["one"].Objects[0]
	if o.State != Already || o.Bucket != directQueue || o.Key != "one" || o.Source != "inline" || !o.Created.Equal(time.Unix(1, 0)) {
		t.Errorf("%+v", o)
	}
}

// What a body cannot be read as fails that message alone.
func TestBodyThatIsCorrupt(t *testing.T) {
	b := newDirectBench(t)
	if failed := b.deliver(t, t.Context(), inline("bad", "BZh91AY&SY"), inline("good", "a")); len(failed) != 1 {
		t.Errorf("failed %q", failed)
	}
	wantConfirmed(t, b, "my.app.inline a")
	wantKind(t, b, "bad", Corrupt)
}

// Nothing makes the function read a bucket for a queue that has none.
func TestContinuationOfADirectQueueIsRefused(t *testing.T) {
	b := newDirectBench(t)
	m := announce("m")
	m.Queue = continuation
	m.Body = events.Continue(events.Object{Bucket: directQueue, Key: "one"}, events.Continued{Queue: directQueue})
	b.deliver(t, t.Context(), m)
	wantKind(t, b, "m", NotAllowed)
}

// A body that time runs out on stays in its queue, and goes on behind the last
// confirmed record: whether connections are short or one outlives the margin,
// and though all of it is one block of bytes.
func TestBodyThatOutlivesAnInvocation(t *testing.T) {
	for name, every := range map[string]int64{"many connections": 1, "one connection": 1 << 30} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newDirectBench(t)
				b.opts.ConfirmBytes, b.opts.ConfirmTime = every, time.Hour
				b.sink.write = func(int, string) error {
					<-time.After(50 * time.Millisecond)
					return nil
				}
				text, records := lines("a", 5000)
				m, invocations := inline("m", text), 1
				for ; b.invoke(t, m.again(invocations)) != nil; invocations++ {
					wantKind(t, b, "m", Throttled)
				}
				if invocations != 2 || b.queue.continued != nil {
					t.Errorf("%d invocations, continued %q", invocations, b.queue.continued)
				}
				for i, r := range records {
					records[i] = strings.Replace(r, "my.app.text.prod", "my.app.inline", 1)
				}
				wantConfirmed(t, b, records...)
			})
		})
	}
}

func TestDirectQueueHasOneSource(t *testing.T) {
	b := newDirectBench(t)
	b.opts.Entries[1].Sources = nil
	if _, err := New(b.opts); err == nil {
		t.Error("records of no source were taken")
	}
}
