package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
)

// TestRun is the command itself, small: its books must balance, with kills and
// without.
func TestRun(t *testing.T) {
	command := filepath.Join(t.TempDir(), "collector") // without the race detector, which makes the emulated account too slow for this much
	if out, err := exec.Command("go", "build", "-o", command, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, args := range map[string][]string{
		"with kills": {"--seed=3"},
		"no kills":   {"--seed=4", "--no-kills"},
	} {
		t.Run(name, func(t *testing.T) {
			log := filepath.Join(t.TempDir(), "log")
			run := exec.Command(command, append([]string{"run", "--json", "--log", log, "--bootstrap", bootstrap, "--watch", watchBootstrap, "--testdata=../../testdata", "--objects=30", "--records=20000"}, args...)...)
			var said bytes.Buffer
			run.Stderr = &said
			out, err := run.Output()
			if err != nil {
				t.Fatalf("%v\n%s%s", err, out, said.String())
			}
			var r map[string]any
			if err := json.Unmarshal(out, &r); err != nil {
				t.Fatalf("standard output is not one JSON object: %v", err)
			}
			for _, field := range []string{
				"objects", "messages", "records_put", "records_received", "records_lost", "records_duplicated", "duplicate_bound", "bytes",
				"seconds", "dlq", "dlq_unexpected",
			} {
				if _, ok := r[field]; !ok {
					t.Errorf("no %s", field)
				}
			}
			if r["records_lost"] != 0.0 || r["records_put"].(float64) < 50_000 || r["dlq_unexpected"] != 0.0 {
				t.Errorf("%s", out)
			}
			if name == "no kills" && r["records_duplicated"] != 0.0 {
				t.Errorf("%v duplicates without a kill", r["records_duplicated"])
			}
			if seen, _ := r["metrics"].([]any); len(seen) != len(telemetry.Names) || r["emf_errors"] != 0.0 {
				t.Errorf("metrics %v, %v lines that CloudWatch would not take", seen, r["emf_errors"])
			}
			checkMetrics(t, log)
			for _, name := range shown(t) {
				if seen, _ := r["metrics"].([]any); !slices.Contains(seen, any(name)) {
					t.Errorf("an alarm or the dashboard asks for %s, which was not emitted", name)
				}
			}
		})
	}
}

// TestRefusesToStart: a configuration with mistakes is said whole, by the
// function's own log and error.
func TestRefusesToStart(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte("customer: ACME\nregoin: eu-west-1\nqueues: []\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	function := exec.Command(bootstrap)
	function.Env = []string{"COLLECTOR_CONFIG=" + file}
	out, err := function.CombinedOutput()
	if err == nil {
		t.Fatal("it started")
	}
	for _, want := range []string{file + ":1:", file + ":2:", file + ":3:", "regoin", "region"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in what it says:\n%s", want, out)
		}
	}
}

// TestSixMegabyteEvent is the largest that Lambda hands over.
func TestSixMegabyteEvent(t *testing.T) {
	s := embedded(t)
	padding := strings.Repeat("x", 100<<10)
	var bodies []string
	for range 57 {
		bodies = append(bodies, `{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"`+padding+`"}`)
	}
	bodies = append(bodies, "garbage "+padding)
	if size := len(bodies) * len(padding); size < local.PayloadLimit*9/10 {
		t.Fatalf("the event has only %d bytes", size)
	}
	if failed := s.invoke(t, bodies...); len(failed) != 1 || failed[0] != 57 {
		t.Errorf("failed %v, want the garbage alone", failed)
	}
	if strings.Contains(s.log.String(), padding[:100]) {
		t.Error("the log shows a message's contents")
	}
}
