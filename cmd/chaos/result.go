package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// A result is what a run ends with.
type result struct {
	Seed       uint64         `json:"seed"`
	Minutes    int            `json:"minutes"`
	Seconds    float64        `json:"seconds"`
	Faults     map[kind]int   `json:"faults"`
	Objects    int            `json:"objects"`
	Put        int64          `json:"records_put"`
	Received   int64          `json:"records_received"`
	Lost       int64          `json:"records_lost"`
	Duplicated int64          `json:"records_duplicated"`
	Bound      int64          `json:"duplicate_bound"`
	Unexpected int            `json:"dlq_unexpected"`
	DLQ        map[string]int `json:"dlq"`
	Strange    int64          `json:"records_strange"`
	Malformed  int64          `json:"malformed_frames"`
	Hostile    int            `json:"hostile_objects"`
	HostileDLQ int            `json:"hostile_in_dlq"`
	Grown      int            `json:"processes_over_their_memory"`
	PeakRSS    int64          `json:"peak_rss_bytes"`
	Deaths     int            `json:"invocations_died"`
	TimedOut   int            `json:"invocations_timed_out"`
	Conns      int            `json:"connections"`
	Lines      int            `json:"log_lines"`
	Leaks      int            `json:"leaks"`
	Balancers  int            `json:"balancers_died_after_answering,omitempty"`
	Failures   []string       `json:"failures"`

	details []string
}

func (t *trial) result(took time.Duration) *result {
	// All that a balancer holds is read, and the last connections have an end.
	_ = t.Receiver.Close()
	conns := t.Receiver.Conns()
	broken := brokenOf(conns)
	b := t.books.balance(broken)
	dead, hostile, wrong := t.unexpected()
	wrong = append(wrong, t.hostiles.judge(broken)...)
	r := &result{
		Seed: t.Seed, Minutes: t.Minutes, Seconds: took.Seconds(), Faults: t.met, Objects: t.objects,
		Put: b.put, Received: b.received, Lost: b.lost, Duplicated: b.duplicated, Bound: b.bound, Strange: b.strange,
		Unexpected: len(wrong), DLQ: dead, Malformed: t.Receiver.Counts().Malformed,
		Hostile: len(t.hostiles.keys), HostileDLQ: hostile, Grown: t.grown, PeakRSS: t.Function.PeakRSS(), Deaths: t.died, TimedOut: t.timeout,
		Conns: len(conns), Lines: t.leaks.lines, Balancers: t.deaths, Leaks: t.leaks.count, Failures: []string{}, details: append(b.samples, wrong...),
	}
	for _, line := range t.leaks.found {
		r.details = append(r.details, "leak: "+string(line))
	}
	r.judge(t.command)
	return r
}

// judge says what is wrong.
func (r *result) judge(c command) {
	for _, f := range []struct {
		wrong bool
		what  string
	}{
		{r.Lost > 0 && !c.Itself, "records were lost"},
		{r.Duplicated > r.Bound, "more records came again than faults explain"},
		{len(r.details) > 0 && !c.Itself, "what happened to objects or messages is not explained"},
		{r.Unexpected > 0, "the DLQs do not hold what they should, or a hostile object went beyond its bounds"},
		{r.Grown > 0, "a process took more memory than it has"},
		{r.Strange > 0 || r.Malformed > 0, "something arrived that was not put"},
		{r.Leaks > 0, "a secret or a record's contents were logged"},
		{r.Lines == 0, "nothing was logged"},
	} {
		if f.wrong {
			r.Failures = append(r.Failures, f.what)
		}
	}
	if c.Messages > 0 || c.Itself {
		return
	}
	if want := int64(recordsWanted(c.Minutes)); r.Put < want {
		r.Failures = append(r.Failures, fmt.Sprintf("only %d records were put, not %d", r.Put, want))
	}
	for _, k := range unmet(r.Faults, c.Minutes) {
		r.Failures = append(r.Failures, fmt.Sprintf("%s met records in flight %d times, not %d", k, r.Faults[k], least(c.Minutes)))
	}
}

func (r *result) write(file string) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(text, '\n'), 0o644)
}

// itself explains a loss that the collector cannot see.
const itself = `
Each connection ended at a load balancer that answered our end itself, before the application behind it had read
everything. %d of them then died, and %d records with them. To us such an answer looks like the application's own:
Confirm proves that whoever terminates TLS took every byte, not what became of them there. See docs/security.md.
`

// print writes the result for a person.
func (r *result) print(w io.Writer) {
	fmt.Fprintf(w, "%-36s %d, %d minutes, %.0f s\n", "seed", r.Seed, r.Minutes, r.Seconds)
	for _, k := range slices.Sorted(maps.Keys(r.Faults)) {
		fmt.Fprintf(w, "  %-34s %d\n", k, r.Faults[k])
	}
	for _, row := range []struct {
		name string
		n    int64
		note string
	}{
		{"records_put", r.Put, fmt.Sprintf("in %d objects", r.Objects)},
		{"records_lost", r.Lost, ""},
		{"records_duplicated", r.Duplicated, ""},
		{"duplicate_bound", r.Bound, "what faults had left unconfirmed"},
		{"dlq_unexpected", int64(r.Unexpected), fmt.Sprintf("must be 0; DLQ %v", r.DLQ)},
		{"hostile_objects", int64(r.Hostile), fmt.Sprintf("%d in a DLQ, the others delivered", r.HostileDLQ)},
		{"peak_rss_mib", r.PeakRSS >> 20, fmt.Sprintf("%d processes took more than they have", r.Grown)},
		{"connections", int64(r.Conns), ""},
		{"invocations_died", int64(r.Deaths), fmt.Sprintf("%d of them ran out of time", r.TimedOut)},
		{"leaks", int64(r.Leaks), fmt.Sprintf("in %d log lines; must be 0", r.Lines)},
	} {
		fmt.Fprintf(w, "%-36s %d  %s\n", row.name, row.n, row.note)
	}
	if r.Balancers > 0 {
		fmt.Fprintf(w, itself, r.Balancers, r.Lost)
		return
	}
	for _, d := range r.details {
		fmt.Fprintln(w, " ", d)
	}
	for _, f := range r.Failures {
		fmt.Fprintln(w, "FAILED:", f)
	}
	if len(r.Failures) > 0 {
		fmt.Fprintf(w, "the same schedule again: make chaos MINUTES=%d SEED=%d\n", r.Minutes, r.Seed)
		return
	}
	fmt.Fprintln(w, "nothing was lost")
}

// outcomeOf is what a log line says of a message.
func outcomeOf(line []byte) (id, outcome string) {
	var l struct {
		Message   string `json:"message"`
		MessageID string `json:"messageId"`
		Outcome   string `json:"outcome"`
	}
	if json.Unmarshal(line, &l) != nil || l.Message != "message" {
		return "", ""
	}
	return l.MessageID, l.Outcome
}

// newProgress prints a line now and then.
func newProgress() func(string) {
	last := time.Now()
	return func(text string) {
		if time.Since(last) > 5*time.Second {
			last = time.Now()
			fmt.Fprintln(os.Stderr, text)
		}
	}
}
