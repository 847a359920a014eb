package watch

import (
	"maps"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestWhatFollows(t *testing.T) {
	held := func(h Hold) map[string]Hold { return map[string]Hold{"m": h} }
	is := func(s Status) map[string]Status { return map[string]Status{"m": s} }
	const now = 1000
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
			State{}, seen{mappings: is(On), attempts: 900, confirmed: 1}, State{}, nil,
		},
		"one tried, none confirmed": {
			State{},
			seen{mappings: is(On), attempts: 1},
			State{Open: true, Since: now, Held: held(Pausing)},
			held(Pausing),
		},
		"opens beside a person's mapping": {
			State{},
			seen{mappings: map[string]Status{"m": On, "theirs": Off, "new": Busy}, attempts: 1},
			State{Open: true, Since: now, Held: held(Pausing)},
			held(Pausing),
		},
		"opens with one not yet resumed": {
			State{Held: held(Resuming)},
			seen{mappings: is(Off), attempts: 1},
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
			seen{mappings: is(On), attempts: 1},
			State{Open: true},
			nil,
		},
		"deleted by a person": {
			State{Open: true, Held: held(Paused)},
			seen{},
			State{Open: true},
			nil,
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
			before := maps.Clone(test.state.Held)
			test.seen.minute = now
			got := test.state.next(test.seen)
			if !got.equal(test.want) {
				t.Error(cmp.Diff(test.want, got))
			}
			if moves := got.astray(test.seen.mappings); !maps.Equal(moves, test.moves) {
				t.Errorf("moves %v, want %v", moves, test.moves)
			}
			if !maps.Equal(test.state.Held, before) {
				t.Error("the state it was made of has changed")
			}
		})
	}
}
