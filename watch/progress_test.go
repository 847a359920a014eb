package watch

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestNextProgress(t *testing.T) {
	const q = "arn:aws:sqs:eu-west-1:111122223333:q"
	waits := func(least, since int64) map[string]Wait { return map[string]Wait{q: {least, since}} }
	for _, c := range []struct {
		name   string
		before map[string]Wait
		seen   glimpse
		want   map[string]Wait
	}{
		{"empty", nil, glimpse{}, map[string]Wait{}},
		{"begins to wait", nil, glimpse{waiting: 3}, waits(3, 100)},
		{"as many wait", waits(3, 50), glimpse{waiting: 3}, waits(3, 50)},
		{"more wait", waits(3, 50), glimpse{waiting: 9}, waits(3, 50)},
		{"fewer wait", waits(3, 50), glimpse{waiting: 2}, waits(2, 100)},
		{"none waits any more", waits(3, 50), glimpse{}, map[string]Wait{}},
		{"not known", waits(3, 50), glimpse{unknown: true}, waits(3, 50)},
		{"never known", nil, glimpse{unknown: true}, map[string]Wait{}},
		{"paused", waits(3, 50), glimpse{paused: true, waiting: 9}, map[string]Wait{}},
		{"paused and not known", waits(3, 50), glimpse{paused: true, unknown: true}, waits(3, 50)},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := Progress{Version: 7, Waiting: c.before}.next(100, map[string]glimpse{q: c.seen})
			if diff := cmp.Diff(Progress{Version: 7, Waiting: c.want}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if got := (Progress{Waiting: waits(3, 50)}).next(100, nil); len(got.Waiting) > 0 {
		t.Errorf("a queue that is not the deployment's any more is remembered: %v", got)
	}
}

func TestStuck(t *testing.T) {
	p := Progress{Waiting: map[string]Wait{"b": {1, 100}, "a": {1, 100}, "c": {1, 101}}}
	if got := p.stuck(219); len(got) > 0 {
		t.Errorf("after 119 minutes: %v", got)
	}
	if diff := cmp.Diff([]string{"a", "b"}, p.stuck(220)); diff != "" {
		t.Error(diff)
	}
}
