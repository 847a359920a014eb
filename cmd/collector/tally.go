package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
)

// A tally counts what the function says of itself in its log lines. The books
// do not depend on it: it is what an operator would see.
type tally struct {
	mu        sync.Mutex
	kinds     map[string]string // messageId → kind of its last failure
	outcomes  int
	retried   map[string]bool
	resumed   int
	prevented int
	continued int
	confirmed int64
	metrics   map[string]bool
	emfErrors []string // lines that CloudWatch would not take, and why
}

func newTally() *tally {
	return &tally{kinds: make(map[string]string), retried: make(map[string]bool), metrics: make(map[string]bool)}
}

// line takes one line of the function's output.
func (t *tally) line(line []byte) {
	var l struct {
		Message   string         `json:"message"`
		MessageID string         `json:"messageId"`
		Outcome   string         `json:"outcome"`
		Received  int            `json:"received"`
		States    map[string]int `json:"states"`
		Continued int            `json:"continued"`
		Resumed   int            `json:"resumed"`
		Records   int64          `json:"records"`
	}
	data, err := local.ReadEMF(line)
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.emfErrors = append(t.emfErrors, fmt.Sprintf("%v: %.300s", err, line))
	}
	for _, d := range data {
		t.metrics[d.Name] = true
	}
	if json.Unmarshal(line, &l) != nil || l.Message != "message" {
		return
	}
	t.outcomes++
	if l.Received > 1 {
		t.retried[l.MessageID] = true
	}
	t.resumed += l.Resumed
	t.prevented += l.States["already"]
	t.continued += l.Continued
	t.confirmed += l.Records
	if l.Outcome != "ok" {
		t.kinds[l.MessageID] = l.Outcome
	}
}

// kind is why a message failed last.
func (t *tally) kind(messageID string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.kinds[messageID]
}

// hasContinued reports whether any object was continued.
func (t *tally) hasContinued() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.continued > 0
}

// into adds what was counted to a result.
func (t *tally) into(r *result) {
	t.mu.Lock()
	defer t.mu.Unlock()
	r.Retried, r.Resumed, r.Prevented, r.Continued, r.Confirmed = len(t.retried), t.resumed, t.prevented, t.continued, t.confirmed
	r.Metrics, r.Unmeasured, r.samples = slices.Sorted(maps.Keys(t.metrics)), []string{}, append(r.samples, t.emfErrors...)
	for _, name := range telemetry.Names {
		if !t.metrics[name] {
			r.Unmeasured = append(r.Unmeasured, name)
		}
	}
	r.EMFErrors = len(t.emfErrors)
}
