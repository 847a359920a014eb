package operate

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"time"

	"github.com/devo-s3/collector/account"
)

// List prices in USD of us-east-1; docs/infrastructure.md says where they are
// from. What the customer pays is in it.
const (
	perGet        = 0.40 / 1e6
	perMessage    = 0.40 / 1e6 * 0.5 // sent and deleted by ten, received by five
	perLedger     = 3 * 0.625 / 1e6  // writes
	perGBSecond   = 0.0000166667
	perInvocation = 0.20 / 1e6 / 5 // of five messages
	perGBToDevo   = 0.09
)

// What an Estimate takes for granted.
const (
	inflation     = 10       // unpacked bytes to one of a compressed object
	workRate      = 60 << 20 // unpacked bytes that an invocation of one whole CPU sends
	invocations   = 10       // at once, of the continuation queue
	minInvocation = 100 * time.Millisecond
	wholeCPU      = 1769 // MiB
)

// An Estimate is the order of what a Backfill takes.
type Estimate struct {
	Queueing float64 `json:"queueing_seconds"` // at the rate that was asked for
	Work     float64 `json:"work_seconds"`     // of the function, ten invocations at once
	AWS      float64 `json:"aws_usd"`          // requests, Lambda, ledger
	Transfer float64 `json:"transfer_usd"`     // to Devo, if by the internet
}

func (b *Backfill) estimate(p *Plan, rate float64) Estimate {
	objects, busy := float64(p.Objects), float64(p.unpacked)/(workRate*float64(b.MemoryMiB)/wholeCPU)
	busy += objects * minInvocation.Seconds() / 5
	return Estimate{
		Queueing: objects / rate,
		Work:     busy / invocations,
		AWS:      objects*(perGet+perMessage+perLedger+perInvocation) + busy*float64(b.MemoryMiB)/1024*perGBSecond,
		Transfer: float64(p.unpacked) / 1e9 * perGBToDevo,
	}
}

// compressed are the ends of keys of objects that unpack to more.
var compressed = []string{".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz", ".snappy", ".lz4", ".zip", ".parquet"}

// unpacked is how many bytes may be sent of an object.
func unpacked(o *account.Listed) int64 {
	if slices.Contains(compressed, path.Ext(o.Key)) {
		return inflation * max(o.Size, 0)
	}
	return max(o.Size, 0)
}

// Plan prints what a Backfill would queue.
func (s *Screen) Plan(p *Plan) {
	s.printf("%s\n", s.name.Render(onOneLine("s3://"+p.Bucket+"/"+p.Prefix)))
	if !p.Since.IsZero() || !p.Until.IsZero() {
		s.row("modified", "%s", span(p.Since, p.Until))
	}
	s.row("objects", "%s, %s stored", thousands(p.Objects), size(p.Bytes))
	if p.Objects > 0 {
		s.row("written", "%s", span(p.First, p.Last))
	}
	s.counts("sources", p.Sources)
	s.counts("left out", p.Left)
	if p.Objects == 0 {
		return
	}
	e := p.Estimate
	s.row("takes", "%s to queue, %s for the function, roughly", seconds(e.Queueing), seconds(e.Work))
	s.row("costs", "%s USD, and %s for the data to Devo if it leaves by the internet, roughly", dollars(e.AWS), dollars(e.Transfer))
}

// counts lists them, the most objects first.
func (s *Screen) counts(name string, c counts) {
	width := 0
	for by := range c {
		width = max(width, len(by))
	}
	for _, by := range slices.SortedFunc(maps.Keys(c), func(a, b string) int {
		return cmp.Or(cmp.Compare(c[b].Objects, c[a].Objects), cmp.Compare(a, b))
	}) {
		s.row(name, "%-*s  %s, %s", width, onOneLine(by), thousands(c[by].Objects), size(c[by].Bytes))
		name = ""
	}
}

func span(from, to time.Time) string {
	show := func(t time.Time, open string) string {
		if t.IsZero() {
			return open
		}
		return t.UTC().Format(time.RFC3339)
	}
	return show(from, "ever") + " to " + show(to, "now")
}

// size is a number of bytes for people.
func size(n int64) string {
	units := []string{"bytes", "KiB", "MiB", "GiB", "TiB", "PiB"}
	v, unit := float64(n), 0
	for v >= 1024 && unit < len(units)-1 {
		v, unit = v/1024, unit+1
	}
	if unit == 0 {
		return fmt.Sprintf("%d bytes", n)
	}
	return fmt.Sprintf("%.1f %s", v, units[unit])
}

func seconds(s float64) string { return rough(time.Duration(s * float64(time.Second))) }

func dollars(usd float64) string {
	if usd > 0 && usd < 0.01 {
		return "under 0.01"
	}
	return fmt.Sprintf("%.2f", usd)
}
