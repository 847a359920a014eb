package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/lipgloss"
	"github.com/charmbracelet/lipgloss/table"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// A result is what a run ends with; its JSON is what --json prints.
type result struct {
	Objects      int            `json:"objects"`
	Services     int            `json:"services"`
	Messages     int            `json:"messages"`
	Put          int64          `json:"records_put"`
	Received     int64          `json:"records_received"`
	Lost         int64          `json:"records_lost"`
	Strangers    int64          `json:"records_unexpected"`
	Duplicated   int64          `json:"records_duplicated"`
	Bound        int64          `json:"duplicate_bound"`
	Bytes        int64          `json:"bytes"`
	Seconds      float64        `json:"seconds"`
	Kills        int            `json:"kills"`
	Invocations  int            `json:"invocations"`
	Retried      int            `json:"messages_retried"`
	Resumed      int            `json:"objects_resumed"`
	Prevented    int            `json:"duplicates_prevented"`
	Continued    int            `json:"continuations"`
	Confirmed    int64          `json:"records_confirmed"`
	PeakRSS      int64          `json:"function_peak_rss_bytes"`
	VirtualHours float64        `json:"virtual_hours"`
	DLQ          map[string]int `json:"dlq"`
	Unexpected   int            `json:"dlq_unexpected"`
	Missing      int            `json:"dlq_missing"`
	Malformed    int64          `json:"malformed_frames"`
	Seed         uint64         `json:"seed"`
	Metrics      []string       `json:"metrics"`         // that the functions emitted
	Unmeasured   []string       `json:"metrics_missing"` // and that they did not
	EMFErrors    int            `json:"emf_errors"`
	samples      []string
}

// balanced tells whether every record arrived, none too often, and the DLQ
// holds what it should.
func (r *result) balanced() bool {
	return r.Lost == 0 && r.Strangers == 0 && r.Duplicated <= r.Bound && r.Unexpected == 0 && r.Missing == 0 && r.Malformed == 0 &&
		len(r.Unmeasured) == 0 && r.EMFErrors == 0
}

// print writes the result as a table a person can read.
func (r *result) print(w io.Writer) {
	dim, bold := lipgloss.NewStyle().Faint(true), lipgloss.NewStyle().Bold(true)
	good, bad := lipgloss.NewStyle().Foreground(lipgloss.Color("2")), lipgloss.NewStyle().Foreground(lipgloss.Color("1")).Bold(true)
	verdict := func(n int64, limit int64) string {
		if n <= limit {
			return good.Render(thousands(n))
		}
		return bad.Render(thousands(n))
	}
	t := table.New().Border(lipgloss.RoundedBorder()).BorderStyle(dim).BorderRow(false).
		StyleFunc(func(_, column int) lipgloss.Style {
			s := lipgloss.NewStyle().Padding(0, 1)
			if column == 1 {
				return s.Align(lipgloss.Right)
			}
			return s
		})
	t.Headers("what", "count", "")
	t.Row("objects", thousands(int64(r.Objects)), fmt.Sprintf("put, good and bad, of %d services", r.Services))
	t.Row("messages", thousands(int64(r.Messages)), "in S3, SNS and EventBridge form; 5 % of objects announced twice")
	t.Row("records put", thousands(r.Put), "by the generator's own list")
	t.Row("records received", thousands(r.Received), fmt.Sprintf("%s, %s records/s", megabytes(r.Bytes), thousands(int64(float64(r.Received)/max(r.Seconds, 0.001)))))
	t.Row("records confirmed", thousands(r.Confirmed), "by a clean close of their connection")
	t.Row("lost", verdict(r.Lost, 0), "must be 0")
	t.Row("unexpected", verdict(r.Strangers, 0), "other records or other tags than were put; must be 0")
	t.Row("duplicated", verdict(r.Duplicated, r.Bound), fmt.Sprintf("at most %s: what was unconfirmed at %d kills", thousands(r.Bound), r.Kills))
	t.Row("duplicates prevented", thousands(int64(r.Prevented)), "a second message about a finished object")
	t.Row("retried", thousands(int64(r.Retried)), "messages received more than once")
	t.Row("resumed", thousands(int64(r.Resumed)), "objects begun behind what was confirmed before")
	t.Row("continued", thousands(int64(r.Continued)), "objects that outlived an invocation")
	for _, kind := range slices.Sorted(maps.Keys(r.DLQ)) {
		t.Row("DLQ "+kind, thousands(int64(r.DLQ[kind])), "bad on purpose")
	}
	t.Row("DLQ unexpected", verdict(int64(r.Unexpected+r.Missing), 0), "messages that should not be there, or are not; must be 0")
	t.Row("metrics", verdict(int64(len(r.Unmeasured)+r.EMFErrors), 0), strings.Join(append([]string{
		fmt.Sprintf("never emitted, or not as CloudWatch reads them; %d were", len(r.Metrics)),
	}, r.Unmeasured...), " "))
	fmt.Fprintln(w, t.Render())
	for _, s := range r.samples {
		fmt.Fprintf(w, "  unexpected: %q\n", s)
	}
	end := good.Render("the books balance")
	if !r.balanced() {
		end = bad.Render("the books do NOT balance")
	}
	fmt.Fprintf(w, "%s  %.1f s, %.1f h by the account's clock, %d invocations, %s resident at most, seed %d\n",
		bold.Render(end), r.Seconds, r.VirtualHours, r.Invocations, megabytes(r.PeakRSS), r.Seed)
}

// A progress shows how far a run is: a bar on a terminal, else a line now and
// then.
type progress struct {
	bar  *progressbar.ProgressBar
	w    io.Writer
	last time.Time
}

func newProgress(quiet bool) *progress {
	p := &progress{w: os.Stderr, last: time.Now()}
	switch {
	case quiet:
		p.w = io.Discard
	case term.IsTerminal(int(os.Stderr.Fd())):
		p.bar = progressbar.NewOptions64(1, progressbar.OptionSetWriter(os.Stderr), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString("records"), progressbar.OptionSetPredictTime(false),
			progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())
	}
	return p
}

// show says what has arrived of what was put, and what is going on.
func (p *progress) show(received, put int64, doing string) {
	received = min(received, put)
	switch {
	case p.bar != nil:
		p.bar.ChangeMax64(max(put, 1))
		p.bar.Describe(doing)
		_ = p.bar.Set64(received)
	case time.Since(p.last) > 5*time.Second:
		p.last = time.Now()
		fmt.Fprintf(p.w, "%s of %s records received, %s\n", thousands(received), thousands(put), doing)
	}
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// thousands writes 1234567 as 1,234,567.
func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }
