package main

import (
	"container/heap"
	"math/rand/v2"
	"time"
)

// A quota is how often a second something may be done by the whole fleet.
type quota struct {
	name string
	rate float64
	free time.Duration // when the next is to be had
	lost time.Duration // waited for it, by all
}

// take gives n at a time not before now, and says when they are to be had.
func (q *quota) take(now time.Duration, n int) time.Duration {
	at := max(now, q.free)
	q.free = at + time.Duration(float64(n)/q.rate*float64(time.Second))
	q.lost += at - now
	return at
}

// A fleet is invocations side by side, each with one batch after another.
type fleet struct {
	invocations int
	batch       int     // messages of one object each
	objectMB    float64 // unpacked, on average; sizes are exponential
	cpuPerMB    time.Duration
	cpuPerCall  time.Duration // for each object, whatever its size
	wait        time.Duration // of an invocation for S3, ledger and Devo: its objects wait side by side
	quotas      []*quota      // each used as often as perObject says
	perObject   []int
}

// A yield is what a fleet gets done.
type yield struct {
	objects, megabytes float64 // a second
	limit              string  // what was waited for most; "" = for nothing
}

// run lets the fleet work, on one core each, for a time that is simulated.
func (f *fleet) run(span time.Duration) yield {
	r := rand.New(rand.NewPCG(7, 0))
	ends := make(times, f.invocations)
	for i := range ends { // they do not begin together
		ends[i] = time.Duration(r.Float64() * float64(time.Second))
	}
	heap.Init(&ends)
	var objects, megabytes float64
	warm := span / 4 // is not counted
	for ends[0] < span {
		begun := ends[0]
		at, size := begun, 0.0
		for i, q := range f.quotas {
			at = q.take(at, f.batch*f.perObject[i])
		}
		for range f.batch {
			size += r.ExpFloat64() * f.objectMB
		}
		ends[0] = at + f.wait + time.Duration(size*float64(f.cpuPerMB)) + time.Duration(f.batch)*f.cpuPerCall
		if ends[0] >= warm && ends[0] < span {
			objects, megabytes = objects+float64(f.batch), megabytes+size
		}
		heap.Fix(&ends, 0)
	}
	y := yield{objects: objects / (span - warm).Seconds(), megabytes: megabytes / (span - warm).Seconds()}
	worst := time.Duration(f.invocations) * span / 20
	for _, q := range f.quotas {
		if q.lost > worst {
			y.limit, worst = q.name, q.lost
		}
	}
	return y
}

// times is a heap of when each invocation ends.
type times []time.Duration

func (t times) Len() int           { return len(t) }
func (t times) Less(i, j int) bool { return t[i] < t[j] }
func (t times) Swap(i, j int)      { t[i], t[j] = t[j], t[i] }
func (t *times) Push(any)          {} // their number never changes
func (t *times) Pop() any          { return nil }
