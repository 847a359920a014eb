package watch

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/devo-s3/collector/telemetry"
)

func TestWhatFollows(t *testing.T) {
	held := func(h Hold) map[string]Hold { return map[string]Hold{"m": h} }
	since := func(minute int64) map[string]int64 { return map[string]int64{"m": minute} }
	is := func(s Status) map[string]Status { return map[string]Status{"m": s} }
	const now = 100_000
	for name, test := range map[string]struct {
		state State
		seen  seen
		want  State
		moves map[string]Hold // what is to be done now
	}{
		"nothing tried": {
			State{}, seen{mappings: is(On)}, State{}, nil,
		},
		"one of many confirmed": {
			State{}, seen{mappings: is(On), health: telemetry.Health{Attempts: 900, Confirmed: 1}}, State{}, nil,
		},
		"one message without the close_notify that is owed, among many that are well": {
			State{},
			seen{mappings: is(On), health: telemetry.Health{Attempts: 900, Confirmed: 899, Unnotified: 1}},
			State{Open: true, Since: now, Held: held(Pausing)},
			held(Pausing),
		},
		"one tried, none confirmed": {
			State{},
			seen{mappings: is(On), health: telemetry.Health{Attempts: 1}},
			State{Open: true, Since: now, Held: held(Pausing)},
			held(Pausing),
		},
		"opens beside a person's mapping": {
			State{},
			seen{mappings: map[string]Status{"m": On, "theirs": Off, "new": Busy}, health: telemetry.Health{Attempts: 1}},
			State{Open: true, Since: now, Held: held(Pausing)},
			held(Pausing),
		},
		"opens with one not yet resumed": {
			State{Held: held(Resuming)},
			seen{mappings: is(Off), health: telemetry.Health{Attempts: 1}},
			State{Open: true, Since: now, Held: held(Pausing)},
			nil,
		},
		"disabling was not accepted": {
			State{Open: true, Held: held(Pausing)},
			seen{mappings: is(On)},
			State{Open: true, Held: held(Pausing)},
			held(Pausing),
		},
		"disabled": {
			State{Open: true, Held: held(Pausing)},
			seen{mappings: is(Off)},
			State{Open: true, Held: held(Paused)},
			nil,
		},
		"busy": {
			State{Open: true, Held: held(Pausing)},
			seen{mappings: is(Busy)},
			State{Open: true, Held: held(Pausing)},
			nil,
		},
		"enabled by a person": {
			State{Open: true, Held: held(Paused)},
			seen{mappings: is(On), health: telemetry.Health{Attempts: 1}},
			State{Open: true, Held: held(Spared)},
			nil,
		},
		"still enabled by a person": {
			State{Open: true, Held: held(Spared)},
			seen{mappings: is(On), health: telemetry.Health{Attempts: 1}},
			State{Open: true, Held: held(Spared)},
			nil,
		},
		"enabled by a person, and disabled again": {
			State{Open: true, Held: held(Spared)},
			seen{mappings: is(Off)},
			State{Open: true},
			nil,
		},
		"enabled by a person, and resumed": {
			State{Open: true, Successes: 1, Held: held(Spared)},
			seen{mappings: is(On), probed: true},
			State{Since: now},
			nil,
		},
		"missing from Lambda's answer": {
			State{Open: true, Held: held(Paused)},
			seen{},
			State{Open: true, Held: held(Paused), Missing: since(now)},
			nil,
		},
		"still missing": {
			State{Open: true, Held: held(Paused), Missing: since(now - forget + 1)},
			seen{},
			State{Open: true, Held: held(Paused), Missing: since(now - forget + 1)},
			nil,
		},
		"deleted by a person": {
			State{Open: true, Held: held(Paused), Missing: since(now - forget)},
			seen{},
			State{Open: true},
			nil,
		},
		"there again": {
			State{Held: held(Resuming), Missing: since(now - 1)},
			seen{mappings: is(Off)},
			State{Held: held(Resuming)},
			held(Resuming),
		},
		"missing while resumed": {
			State{Open: true, Successes: 1, Held: held(Paused), Missing: since(now - 1)},
			seen{probed: true},
			State{Since: now, Held: held(Resuming), Missing: since(now - 1)},
			nil,
		},
		"opens while one not yet resumed is missing": {
			State{Held: held(Resuming), Missing: since(now - 1)},
			seen{health: telemetry.Health{Attempts: 1}},
			State{Open: true, Since: now, Held: held(Pausing), Missing: since(now - 1)},
			nil,
		},
		"was missing when it opened": {
			State{Open: true},
			seen{mappings: is(On)},
			State{Open: true, Held: held(Pausing)},
			held(Pausing),
		},
		"first success": {
			State{Open: true, Held: held(Paused)},
			seen{mappings: is(Off), probed: true},
			State{Open: true, Successes: 1, Held: held(Paused)},
			nil,
		},
		"failure after a success": {
			State{Open: true, Successes: 1, Held: held(Paused)},
			seen{mappings: is(Off)},
			State{Open: true, Held: held(Paused)},
			nil,
		},
		"second success": {
			State{Open: true, Successes: 1, Held: held(Paused)},
			seen{mappings: is(Off), probed: true},
			State{Since: now, Held: held(Resuming)},
			held(Resuming),
		},
		"second success before all were paused": {
			State{Open: true, Successes: 1, Held: held(Pausing)},
			seen{mappings: is(On), probed: true},
			State{Since: now, Held: held(Resuming)},
			nil,
		},
		"enabling was not accepted": {
			State{Held: held(Resuming)},
			seen{mappings: is(Off)},
			State{Held: held(Resuming)},
			held(Resuming),
		},
		"enabled": {
			State{Held: held(Resuming)}, seen{mappings: is(On)}, State{}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			held, missing := maps.Clone(test.state.Held), maps.Clone(test.state.Missing)
			test.seen.minute = now
			got := test.state.next(test.seen)
			if !got.equal(test.want) {
				t.Error(cmp.Diff(test.want, got))
			}
			if moves := got.astray(test.seen.mappings); !maps.Equal(moves, test.moves) {
				t.Errorf("moves %v, want %v", moves, test.moves)
			}
			if !maps.Equal(test.state.Held, held) || !maps.Equal(test.state.Missing, missing) {
				t.Error("the state it was made of has changed")
			}
		})
	}
}

// Whatever outages there are, whatever Lambda's answers are without, and however
// many changes it refuses: in the end everything polls again but what persons
// have disabled themselves, and nothing polls through an outage that is seen.
func TestInTheEndAllIsAsItWas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ids := []string{"a", "b", "c", "d"}
		now, before := make(map[string]Status), make(map[string]Status)
		for _, id := range ids {
			now[id] = rapid.SampledFrom([]Status{On, On, Off}).Draw(t, "at first")
		}
		maps.Copy(before, now)
		var s State
		minute := int64(1000)
		run := func(in seen, answer map[string]Status, refuses bool) {
			minute++
			in.minute, in.mappings = minute, answer
			s = s.next(in)
			for id, hold := range s.astray(answer) {
				if !refuses {
					now[id] = map[Hold]Status{Pausing: Off, Resuming: On}[hold]
				}
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "minutes") {
			answer := maps.Clone(now)
			maps.DeleteFunc(answer, func(string, Status) bool { return rapid.IntRange(0, 2).Draw(t, "missing") == 0 })
			up := rapid.Bool().Draw(t, "up")
			run(seen{health: telemetry.Health{Attempts: 1, Confirmed: map[bool]int64{true: 1}[up]}, probed: up}, answer, rapid.Bool().Draw(t, "refuses"))
		}
		for range 2 {
			run(seen{health: telemetry.Health{Attempts: 1}}, maps.Clone(now), false)
		}
		for id, status := range now {
			if status == On {
				t.Fatalf("%s polls through an outage: %+v", id, s)
			}
		}
		for range successes + 2 {
			run(seen{health: telemetry.Health{Attempts: 1, Confirmed: 1}, probed: true}, maps.Clone(now), false)
		}
		if !maps.Equal(now, before) || s.Open || len(s.Held)+len(s.Missing) > 0 {
			t.Fatalf("%v, and was %v; left: %+v", now, before, s)
		}
	})
}
