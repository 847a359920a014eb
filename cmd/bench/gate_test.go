//go:build gate

package main

import (
	"os/exec"
	"path/filepath"
	"testing"
)

// noise is how much worse than its bar a ratio may be on a busy machine.
const noise = 0.15

// The only test of how long something takes: the CPU-seconds of the floor with
// klauspost's gunzip by the collector's, in turn, on this machine. It runs by itself,
// without the race detector.
func TestGate(t *testing.T) {
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-o", bootstrap, "../../lambda/collector")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	m := matrix{runs: 7, bootstrap: bootstrap}
	for name, bar := range map[string]float64{"cloudtrail": 1.00, "vpc": 1.40, "alb": 1.30} {
		t.Run(name, func(t *testing.T) {
			s, err := sampleNamed(name)
			if err != nil {
				t.Fatal(err)
			}
			allocs, err := allocsPerRecord(s)
			if err != nil {
				t.Fatal(err)
			}
			if allocs != 0 {
				t.Errorf("%g allocations per record, want 0", allocs)
			}
			o, err := s.make(much) // no larger: ten at once are measured then
			if err != nil {
				t.Fatal(err)
			}
			r, err := m.row(s, o, 1)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("ratio %.2f, the bar is %.2f", r.OldCPURatio, bar)
			if r.OldCPURatio < bar-noise {
				t.Errorf("ratio %.2f, want %.2f, or %.2f less on a busy machine", r.OldCPURatio, bar, noise)
			}
		})
	}
}
