package main

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
)

// An outage is a deployment, watch included, whose Devo can be taken away.
type outage struct {
	*testing.T
	*stack.Stack

	mu       sync.Mutex
	down     bool
	bare     int64 // every how many-th connection ends without close_notify; 0 is none
	received map[string]int
	beats    int
	started  int // invocations of the function
	last     map[string]float64
}

func newOutage(t *testing.T) *outage {
	t.Helper()
	o := &outage{T: t, received: make(map[string]int), last: make(map[string]float64)}
	collector, watch := plainBuild(t)
	options := stack.Options{
		Bootstrap: collector, Watch: watch, Processes: 4, BatchSize: 100, Window: time.Second, Log: o.line,
		Receiver: local.ReceiverOptions{OnRecord: o.record, Behave: func(conn int64) local.Behaviour {
			o.mu.Lock()
			defer o.mu.Unlock()
			switch {
			case o.down:
				return local.Behaviour{Do: local.ActReset}
			case o.bare > 0 && conn%o.bare == 0:
				return local.Behaviour{Do: local.ActBare}
			}
			return local.Behaviour{}
		}},
		OnStart: func(local.Started) {
			o.mu.Lock()
			defer o.mu.Unlock()
			o.started++
		},
	}
	var err error
	if o.Stack, err = stack.Start(options); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	if err := o.Poll(options); err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *outage) record(r local.Record) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if string(r.Tag) == stack.HeartbeatTag {
		o.beats++
		return
	}
	o.received[string(r.Raw)]++
}

// line keeps what watch said last of each metric.
func (o *outage) line(_ string, line []byte) {
	data, err := local.ReadEMF(line)
	if err != nil {
		o.Errorf("%v: %s", err, line)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, d := range data {
		o.last[d.Name] = d.Values[0]
	}
}

func (o *outage) metric(name string) float64 {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.last[name]
}

func (o *outage) set(down bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.down = down
}

// put writes objects of one record each, in turn to the buckets.
func (o *outage) put(from, n int) {
	o.Helper()
	for i := from; i < from+n; i++ {
		f := o.Feeds[i%3]
		if err := o.Account.Put(f.Bucket, fmt.Sprintf("app/prod/%06d.log", i), fmt.Appendf(nil, "record %d\n", i)); err != nil {
			o.Fatal(err)
		}
	}
}

// minute waits until nothing goes on, moves the clock on by a minute and has
// watch run. It gives when the next hidden message shows, zero for none.
func (o *outage) minute() (next time.Time) {
	o.Helper()
	return minute(o.T, o.Stack)
}

// minute is an outage's.
func minute(t *testing.T, s *stack.Stack) (next time.Time) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for quiet := 0; quiet < 3; {
		select {
		case <-ctx.Done():
			t.Fatal("the stack does not come to rest")
		case <-tick.C:
		}
		quiet++
		var idle bool
		if idle, next = s.Idle(); !idle {
			quiet = 0
		}
	}
	s.Account.Clock().Advance(time.Minute)
	if err := s.WatchOnce(ctx); err != nil {
		t.Fatal(err)
	}
	return next
}

// finish has minutes pass until the queues are empty.
func (o *outage) finish() {
	o.Helper()
	for range 10 {
		if o.minute().IsZero() {
			return
		}
	}
	o.Fatal("the queues do not run empty")
}

// balance checks that each of n records arrived once, but for those of some
// buckets, and that no DLQ has anything.
func (o *outage) balance(n int, without ...int) {
	o.Helper()
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range n {
		want := 1
		for _, w := range without {
			if i%3 == w {
				want = 0
			}
		}
		if got := o.received[fmt.Sprint("record ", i)]; got != want {
			o.Fatalf("record %d arrived %d times, want %d", i, got, want)
		}
	}
	for _, f := range o.Feeds {
		if dead := o.Account.Messages(f.DLQ); len(dead) > 0 {
			o.Errorf("%d messages in %s", len(dead), f.DLQ)
		}
	}
}

func (o *outage) receives() (most int) {
	for _, f := range o.Feeds {
		for _, m := range o.Account.Messages(f.ARN) {
			most = max(most, m.Receives)
		}
	}
	return most
}

func (o *outage) enabled() (n int) {
	for _, m := range o.Mappings {
		if m.Enabled() {
			n++
		}
	}
	return n
}

// TestSixHourOutage: nobody is awake, and nothing is lost, or dead.
func TestSixHourOutage(t *testing.T) {
	const messages, minutes = 3_600, 360
	o := newOutage(t)
	o.set(true)
	sent := 0
	for m := range minutes {
		n := messages*(m+1)/minutes - sent
		o.put(sent, n)
		sent += n
		o.minute()
		if m > 5 && (o.enabled() > 0 || o.metric(telemetry.BreakerOpen) != 1) {
			t.Fatalf("minute %d: %d mappings enabled, BreakerOpen %v", m, o.enabled(), o.metric(telemetry.BreakerOpen))
		}
	}
	o.mu.Lock()
	started := o.started
	o.mu.Unlock()
	if most := o.receives(); most > 2 || started > 40 {
		t.Errorf("the outage cost %d receives, and %d invocations", most, started)
	}
	if depth := o.metric(telemetry.QueueDepth); depth != messages {
		t.Errorf("QueueDepth is %v", depth)
	}
	o.set(false)
	o.finish()
	if o.enabled() != len(o.Mappings) || o.metric(telemetry.BreakerOpen) != 0 {
		t.Errorf("%d mappings enabled, BreakerOpen %v", o.enabled(), o.metric(telemetry.BreakerOpen))
	}
	o.balance(messages)
	t.Logf("%d invocations of the function in the outage, %d in all", started, o.started)
}

// TestAPersonsMappingStaysDisabled through an outage, and what a person enables
// while the others are paused stays enabled.
func TestAPersonsMappingStaysDisabled(t *testing.T) {
	const messages = 90
	o := newOutage(t)
	o.Mappings[1].Disable()
	o.set(true)
	o.put(0, messages)
	for range 4 {
		o.minute()
	}
	if o.enabled() != 0 || o.metric(telemetry.MappingsDisabled) != 1 {
		t.Fatalf("%d enabled, MappingsDisabled %v", o.enabled(), o.metric(telemetry.MappingsDisabled))
	}
	o.Mappings[2].Enable()
	for range 3 {
		o.minute()
	}
	if !o.Mappings[2].Enabled() || o.enabled() != 1 {
		t.Fatal("a person's will was not done")
	}
	o.set(false)
	for range 15 {
		o.minute()
	}
	if o.Mappings[1].Enabled() || o.enabled() != len(o.Mappings)-1 || o.metric(telemetry.MappingsDisabled) != 1 {
		t.Errorf("%d enabled, MappingsDisabled %v", o.enabled(), o.metric(telemetry.MappingsDisabled))
	}
	o.balance(messages, 1)
	if o.beats < 3 {
		t.Errorf("%d heartbeats", o.beats)
	}
}

// TestAnEndpointThatNoLongerEndsTLS: the endpoint was seen to send close_notify. Then
// it sends none, or only some of the time: nothing is believed, nothing is dead, and
// hardly a receive is used up, until it sends one again.
func TestAnEndpointThatNoLongerEndsTLS(t *testing.T) {
	for name, every := range map[string]int64{"never": 1, "two times of three": 3} {
		t.Run(name, func(t *testing.T) {
			const messages, minutes = 120, 40
			o := newOutage(t)
			o.put(0, 3)
			o.finish()
			o.mu.Lock()
			o.bare = every
			o.mu.Unlock()
			paused := 0
			for m := range minutes {
				o.put(3+m*messages/minutes, messages/minutes)
				o.minute()
				if o.metric(telemetry.BreakerOpen) == 1 {
					paused++
				}
			}
			most := o.receives()
			t.Logf("paused %d of %d minutes, %d receives at most, %d invocations", paused, minutes, most, o.started)
			if paused == 0 || every == 1 && (paused < minutes-5 || most > 2) || most > 7 {
				t.Errorf("paused %d of %d minutes, %d receives at most", paused, minutes, most)
			}
			o.mu.Lock()
			o.bare = 0
			o.mu.Unlock()
			for range 120 { // some are hidden for long
				if o.minute().IsZero() && o.metric(telemetry.BreakerOpen) == 0 {
					break
				}
			}
			o.mu.Lock()
			defer o.mu.Unlock()
			for i := range 3 + messages {
				if o.received[fmt.Sprint("record ", i)] == 0 {
					t.Fatalf("record %d never arrived", i)
				}
			}
			for _, f := range o.Feeds {
				if dead, left := o.Account.Messages(f.DLQ), o.Account.Messages(f.ARN); len(dead)+len(left) > 0 {
					t.Errorf("%d messages in %s, %d left in %s", len(dead), f.DLQ, len(left), f.ARN)
				}
			}
		})
	}
}
