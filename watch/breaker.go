package watch

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/telemetry"
)

// heartbeatTag is where the probes' records are found in Devo.
const heartbeatTag = "my.app.s3collector.heartbeat"

// guard is the breaker's run, and the heartbeat's. It also returns the mappings,
// nil if they could not be listed.
func (w *Watch) guard(ctx context.Context, sink Sink) (telemetry.Values, []Mapping) {
	v := telemetry.Values{}
	state, now, known := State{}, time.Now(), false
	if w.Memory != nil {
		var err error
		if state, err = bounded(ctx, w.Memory.State); err != nil {
			w.Log.ErrorContext(ctx, "watch: what was paused is not known; nothing is changed", "cause", telemetry.Cause(err))
		}
		known, now = err == nil, w.Memory.Now()
	}
	in := seen{minute: now.Unix() / 60}
	if every := int64(w.Heartbeat / time.Minute); state.Open || every > 0 && in.minute%every == 0 {
		in.probed = w.probe(ctx, sink, now, v)
	}
	mappings, err := bounded(ctx, w.Mappings.List)
	if err != nil {
		w.Log.ErrorContext(ctx, "watch: the mappings could not be listed; nothing is changed", "cause", telemetry.Cause(err))
	}
	in.mappings = make(map[string]Status)
	for _, m := range mappings {
		in.mappings[m.ID] = m.Status
	}
	if err == nil && mappings == nil {
		mappings = []Mapping{}
	}
	if known && err == nil {
		state = w.step(ctx, state, in)
	}
	if known {
		open := 0.0
		if state.Open {
			open = 1
		}
		v.Observe(telemetry.BreakerOpen, open)
	}
	if err == nil && (known || w.Memory == nil) {
		v.Count(telemetry.MappingsDisabled, 0)
		for _, m := range mappings {
			if _, ours := state.Held[m.ID]; m.Status == Off && !ours {
				v.Count(telemetry.MappingsDisabled, 1)
			}
		}
	}
	return v, mappings
}

// step saves the State that follows from what was seen, has the mappings
// follow it, and gives what is then known to be saved. It also saves what did
// not change before it touches a mapping: that it may, only the write can tell.
func (w *Watch) step(ctx context.Context, state State, in seen) State {
	if !state.Open {
		var err error
		if in.health, err = w.health(ctx, state.Since, in.minute); err != nil {
			w.Log.ErrorContext(ctx, "watch: the function's health could not be read; the breaker stays as it is", "cause", telemetry.Cause(err))
		}
	}
	next := state.next(in)
	astray := next.astray(in.mappings)
	if len(astray) == 0 && next.equal(state) {
		return state
	}
	if err := w.save(ctx, next); err != nil {
		w.Log.ErrorContext(ctx, "watch: the breaker's state was not saved; nothing is changed", "cause", telemetry.Cause(err))
		return state
	}
	switch {
	case next.Open && !state.Open:
		w.Log.WarnContext(ctx, "watch: Devo is out of reach: pausing the mappings",
			"attempts", in.health.Attempts, "confirmed", in.health.Confirmed, "unnotified", in.health.Unnotified, "held", next.Held)
	case state.Open && !next.Open:
		w.Log.InfoContext(ctx, "watch: Devo is back: resuming the mappings", "held", next.Held)
	}
	for id, hold := range astray {
		if err := w.set(ctx, id, hold == Resuming); err != nil {
			w.Log.WarnContext(ctx, "watch: a mapping does not follow yet", "mapping", id, "hold", hold, "cause", telemetry.Cause(err))
		}
	}
	return next
}

func (w *Watch) save(ctx context.Context, s State) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return w.Memory.Save(ctx, s)
}

func (w *Watch) set(ctx context.Context, id string, on bool) error {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return w.Mappings.Set(ctx, id, on)
}

// health sums up the function's last minutes, but for those in which the
// breaker closed and before: they tell of an outage that is over.
func (w *Watch) health(ctx context.Context, since, minute int64) (sum telemetry.Health, err error) {
	for m := max(minute-minutes+1, since+1); m <= minute; m++ {
		ctx, cancel := context.WithTimeout(ctx, callLimit)
		one, err := w.Memory.Health(ctx, m)
		cancel()
		if err != nil {
			return telemetry.Health{}, err
		}
		sum.Attempts, sum.Confirmed, sum.Unnotified = sum.Attempts+one.Attempts, sum.Confirmed+one.Confirmed, sum.Unnotified+one.Unnotified
	}
	return sum, nil
}

// probe sends one record and tells whether it was confirmed.
func (w *Watch) probe(ctx context.Context, sink Sink, now time.Time, v telemetry.Values) bool {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	v.Count(telemetry.DevoAttempts, 1)
	v.Count(telemetry.DevoConfirmed, 0)
	v.Count(telemetry.DevoUnnotified, 0)
	took, err := w.send(ctx, sink, now)
	if err != nil {
		if delivery.KindOf(err) == delivery.Unnotified {
			v.Count(telemetry.DevoUnnotified, 1)
		}
		w.Log.WarnContext(ctx, "watch: the heartbeat was not confirmed", "cause", telemetry.Cause(err))
		return false
	}
	v.Count(telemetry.DevoConfirmed, 1)
	v.Observe(telemetry.ConfirmTime, telemetry.Milliseconds(took))
	w.Log.InfoContext(ctx, "watch: heartbeat confirmed", "tag", heartbeatTag)
	return true
}

// send gives how long the confirmation took.
func (w *Watch) send(ctx context.Context, sink Sink, now time.Time) (time.Duration, error) {
	record, err := json.Marshal(map[string]string{
		"deployment": w.Emit.Deployment, "version": w.Emit.Version, "time": now.UTC().Format(time.RFC3339),
	})
	if err != nil {
		return 0, err
	}
	conn, err := sink.Dial(ctx, ctx)
	if err != nil {
		return 0, err
	}
	if err := conn.Write(conn.Header("watch", heartbeatTag), record); err != nil {
		conn.Abort()
		return 0, fmt.Errorf("write the heartbeat: %w", err)
	}
	began := time.Now()
	err = conn.Confirm(ctx)
	return time.Since(began), err
}

// bounded calls f under callLimit.
func bounded[T any](ctx context.Context, f func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	return f(ctx)
}
