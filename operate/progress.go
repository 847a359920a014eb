package operate

import (
	"context"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progressEvery is how often a Progress writes a line where nobody sees a bar.
const progressEvery = 5 * time.Second

// A Progress shows how far something is, how fast, and how long it will take: a
// bar on a terminal, else a line now and then.
type Progress struct {
	bar         *progressbar.ProgressBar // nil if not on a terminal
	w           io.Writer
	what        string // "objects queued"
	total       int64
	done        int64
	begun, last time.Time
}

// NewProgress shows what is done of total on f. Quiet shows nothing.
func NewProgress(f *os.File, quiet bool, what string, total int64) *Progress {
	p := &Progress{w: f, what: what, total: total, begun: time.Now(), last: time.Now()}
	switch {
	case quiet:
		p.w = io.Discard
	case term.IsTerminal(int(f.Fd())):
		p.bar = progressbar.NewOptions64(max(total, 1), progressbar.OptionSetWriter(f), progressbar.OptionShowCount(),
			progressbar.OptionShowIts(), progressbar.OptionSetItsString(""), progressbar.OptionSetPredictTime(true),
			progressbar.OptionSetDescription(what), progressbar.OptionFullWidth(), progressbar.OptionClearOnFinish())
	}
	return p
}

// Add says that n more are done.
func (p *Progress) Add(n int64) {
	p.done += n
	now := time.Now()
	switch {
	case p.bar != nil:
		p.bar.ChangeMax64(max(p.total, p.done, 1))
		_ = p.bar.Set64(p.done) // a screen that fails has nobody to be told
	case now.Sub(p.last) > progressEvery:
		p.last = now
		fmt.Fprintln(p.w, p.line(now.Sub(p.begun)))
	}
}

// line is how far it is after that time.
func (p *Progress) line(took time.Duration) string {
	rate := float64(p.done) / max(took.Seconds(), 0.001)
	line := fmt.Sprintf("%s of %s %s, %.0f/s", thousands(p.done), thousands(max(p.total, p.done)), p.what, rate)
	if left := p.total - p.done; left > 0 && rate > 0 {
		line += fmt.Sprintf(", %s left", rough(time.Duration(float64(left)/rate*float64(time.Second))))
	}
	return line
}

// Done ends it.
func (p *Progress) Done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}

// rough is a duration in its two largest units.
func rough(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Second:
		return "less than 1s"
	case d < time.Minute:
		return fmt.Sprintf("%ds", d.Round(time.Second)/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%dm%02ds", d/time.Minute, d%time.Minute/time.Second)
	case d < day:
		return fmt.Sprintf("%dh%02dm", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%dd%02dh", d/day, d%day/time.Hour)
}

// A pace lets so many things through a second.
type pace struct {
	rate float64
	next time.Time
}

// wait is over when n more may go, at once for the first.
func (p *pace) wait(ctx context.Context, n int) error {
	now := time.Now()
	if p.next.Before(now) {
		p.next = now
	}
	pause := time.NewTimer(p.next.Sub(now))
	defer pause.Stop()
	p.next = p.next.Add(time.Duration(float64(n) / p.rate * float64(time.Second)))
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-pause.C:
		return nil
	}
}

// batch is how many may go at once without a burst, ten at most.
func (p *pace) batch() int { return max(1, min(10, int(p.rate))) }
