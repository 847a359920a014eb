package main

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// functions are the real ones, with the race detector.
func functions(t *testing.T) (collector, watch string) {
	t.Helper()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-race", "-tags", "lambda.norpc", "-o", dir, "../../lambda/collector", "../../lambda/watch")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the functions: %v\n%s", err, out)
	}
	return filepath.Join(dir, "collector"), filepath.Join(dir, "watch")
}

// chaos runs c and wants no failure.
func chaos(t *testing.T, c command) *result {
	t.Helper()
	c.Bootstrap, c.Watch = functions(t)
	c.Processes, c.Within = 6, 10*time.Minute
	r, err := c.run()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	r.print(&out)
	t.Log(out.String())
	if len(r.Failures) > 0 {
		t.Errorf("seed %d: %q", r.Seed, r.Failures)
	}
	return r
}

// TestChaos is a minute of everything.
func TestChaos(t *testing.T) {
	if r := chaos(t, command{Minutes: 1, Seed: 1}); r.Duplicated == 0 || r.Deaths == 0 || r.DLQ["devo_unavailable"] == 0 {
		t.Errorf("a harmless minute: %+v", r)
	}
}

// TestChaosMessages: 1 % of the messages are bad, and invocations are killed.
func TestChaosMessages(t *testing.T) {
	const messages = 1000
	r := chaos(t, command{Messages: messages, Seed: 1})
	dead := 0
	for _, n := range r.DLQ {
		dead += n
	}
	if dead != messages/100 || len(r.DLQ) != 5 || r.Faults[killed] == 0 {
		t.Errorf("DLQ %v, faults %v", r.DLQ, r.Faults)
	}
}

// TestChaosCannotSee is what Confirm does not prove.
func TestChaosCannotSee(t *testing.T) {
	r := chaos(t, command{Messages: 400, Itself: true, Seed: 1})
	if r.Lost == 0 || r.Balancers == 0 {
		t.Errorf("%d balancers died, %d records were lost", r.Balancers, r.Lost)
	}
}

// The same seed gives the same schedule, another seed another; it has every
// kind as often as it must be met.
func TestScheduleDependsOnTheSeed(t *testing.T) {
	text := func(seed uint64, minutes int) string {
		b, err := json.Marshal(schedule(seed, minutes))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	if first, again := text(7, 10), text(7, 10); first != again || first == text(8, 10) {
		t.Error("the schedule is not the seed's")
	}
	for _, minutes := range []int{1, 3, 10, 30} {
		count := make(map[kind]int)
		last := time.Duration(0)
		for _, s := range schedule(7, minutes) {
			count[s.Kind]++
			if s.At < last || s.At > loadTime(minutes) {
				t.Errorf("%d minutes: %s at %v", minutes, s.Kind, s.At)
			}
			last = s.At
		}
		for _, k := range kinds {
			if want := least(minutes); count[k] < want && (k != frozen || minutes >= 10) {
				t.Errorf("%d minutes: %d times %s, want %d", minutes, count[k], k, want)
			}
		}
	}
}

func TestLeaksAreFound(t *testing.T) {
	l := newLeaks("one mark", "another")
	l.plantKey([]byte("-----BEGIN PRIVATE KEY-----\nMIGHAgEA\n-----END PRIVATE KEY-----\n"))
	for _, line := range []string{"nothing", `{"cause":"one mark"}`, `BEGIN PRIVATE KEY`, `x MIGHAgEA x`} {
		l.look([]byte(line))
	}
	if l.count != 2 || l.lines != 4 || string(l.found[1]) != "x MIGHAgEA x" {
		t.Errorf("%d in %d lines: %q", l.count, l.lines, l.found)
	}
}
