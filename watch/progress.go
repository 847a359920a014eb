package watch

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/devo-s3/collector/telemetry"
)

// stuckAfter is for how many minutes the messages that wait in a queue must not
// have become fewer until the queue is taken to be stuck: longer than a burst
// that the function works off.
const stuckAfter = 120

// A Progress is what is remembered of the queues between two runs, in the
// ledger's table.
type Progress struct {
	// Version counts the writes; 0 is of a Progress that was never written.
	Version int64
	// Waiting are the queues in which messages wait to be received, by ARN.
	Waiting map[string]Wait
}

// A Wait is a queue in which messages wait to be received.
type Wait struct {
	Least int64 // the fewest that waited since the queue was last empty
	Since int64 // the minute in which Least was seen
}

// A glimpse is what one run saw of one queue.
type glimpse struct {
	unknown bool  // its depth could not be read
	paused  bool  // its mapping is not enabled: by watch or by a person
	waiting int64 // messages that could be received; not those that are hidden
}

// next is the Progress that follows from what was seen of all the deployment's
// queues.
func (p Progress) next(minute int64, queues map[string]glimpse) Progress {
	n := Progress{Version: p.Version, Waiting: make(map[string]Wait)}
	for arn, q := range queues {
		before, waits := p.Waiting[arn]
		switch {
		case q.unknown && waits, waits && !q.paused && q.waiting >= before.Least:
			n.Waiting[arn] = before
		case !q.unknown && !q.paused && q.waiting > 0:
			n.Waiting[arn] = Wait{q.waiting, minute}
		}
	}
	return n
}

// stuck are the queues that have not moved for too long, sorted.
func (p Progress) stuck(minute int64) (arns []string) {
	for arn, wait := range p.Waiting {
		if minute-wait.Since >= stuckAfter {
			arns = append(arns, arn)
		}
	}
	slices.Sort(arns)
	return arns
}

// progress looks after each single queue: that its mapping polls, and that it
// moves. Of a queue that stands still for long, or whose mapping has a problem,
// no other queue tells anything.
func (w *Watch) progress(ctx context.Context, mappings []Mapping, depths map[string]Depth) telemetry.Values {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	v := telemetry.Values{}
	if mappings != nil {
		v.Count(telemetry.MappingProblems, 0)
	}
	for _, m := range mappings {
		if m.Status == On && strings.HasPrefix(m.Result, problem) {
			v.Count(telemetry.MappingProblems, 1)
			w.Log.WarnContext(ctx, "watch: Lambda cannot poll a queue", "queue", m.Queue, "mapping", m.ID, "cause", m.Result)
		}
	}
	if w.Memory == nil || mappings == nil {
		return v
	}
	before, err := w.Memory.Progress(ctx)
	if err != nil {
		w.Log.ErrorContext(ctx, "watch: what waited before is not known", "cause", err.Error())
		return v
	}
	minute := w.Memory.Now().Unix() / 60
	now := before.next(minute, w.glimpses(mappings, depths))
	if !maps.Equal(now.Waiting, before.Waiting) {
		if err := w.Memory.SaveProgress(ctx, now); err != nil && !errors.Is(err, ErrTaken) {
			w.Log.ErrorContext(ctx, "watch: what waits was not saved", "cause", err.Error())
		}
	}
	stuck := now.stuck(minute)
	v.Count(telemetry.QueuesStuck, int64(len(stuck)))
	for _, arn := range stuck {
		wait := now.Waiting[arn]
		w.Log.WarnContext(ctx, "watch: a queue does not move", "queue", arn, "waiting", depths[arn].Waiting, "least", wait.Least, "minutes", minute-wait.Since)
	}
	return v
}

// problem is what a mapping's result begins with when Lambda could not poll, or
// not invoke.
// https://docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html
const problem = "PROBLEM:"

// glimpses are of the queues that are polled. One without a mapping is not
// paused: nobody polls it.
func (w *Watch) glimpses(mappings []Mapping, depths map[string]Depth) map[string]glimpse {
	all := make(map[string]glimpse)
	for _, arn := range append(slices.Clone(w.Queues), w.Continuation) {
		depth, known := depths[arn]
		paused := slices.ContainsFunc(mappings, func(m Mapping) bool { return m.Queue == arn && m.Status == Off })
		all[arn] = glimpse{unknown: !known, paused: paused, waiting: depth.Waiting}
	}
	return all
}
