package telemetry

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/devo"
)

// A dimension's values are bounded, because each costs: of the sources in the
// deployment's file the first MaxSources have their own, all others are Other.
const (
	MaxSources = 20
	Other      = "other"
)

// Metrics gathers what one invocation at a time did, and emits it in the end:
// one line for the deployment, one for each source and one for each kind of
// failure that was met. It is a delivery.Reporter.
type Metrics struct {
	*Emitter
	memory  int64 // MiB that the function has; 0 if unknown
	sources map[string]bool
	// Queues are the names of those queues, by ARN, of which it must be seen when
	// they are silent.
	Queues map[string]string

	mu     sync.Mutex
	all    Values
	source map[string]Values
	kind   map[string]Values
	queue  map[string]Values
	props  map[string]any
	open   map[string]bool // messages without an outcome
}

var _ delivery.Reporter = (*Metrics)(nil)

// NewMetrics is for a deployment with these sources, in the order of its file.
// The function's memory is read from Lambda's environment.
func NewMetrics(e *Emitter, sources []string) *Metrics {
	// Unset, as outside Lambda, it is 0.
	memory, _ := strconv.ParseInt(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 64)
	m := &Metrics{Emitter: e, memory: memory, sources: make(map[string]bool)}
	for _, s := range sources {
		if len(m.sources) < MaxSources {
			m.sources[s] = true
		}
	}
	m.reset()
	return m
}

func (m *Metrics) reset() {
	m.all = Values{}
	// A count that is 0 is a value too: a sum over nothing is no datum, and
	// alarms could not tell it from silence.
	for _, name := range []string{
		Messages, MessagesFailed, Objects, Records, BytesIn, BytesOut, Retries, Resumed, DuplicatesPrevented, Superseded, Unclaimed, Abandoned,
		Unparsed, Dropped, Truncated, AllFiltered, MostlyForeign, EventsIgnored, BadTags, DevoAttempts, DevoConfirmed, DevoUnnotified,
	} {
		m.all.Count(name, 0)
	}
	m.source, m.kind, m.queue = make(map[string]Values), make(map[string]Values), make(map[string]Values)
	m.props, m.open = make(map[string]any), make(map[string]bool)
}

// Begin takes the batch of an invocation. What is in it and has no outcome by
// the end counts as failed.
func (m *Metrics) Begin(requestID string, batch []delivery.Message) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.reset()
	m.props["requestId"] = requestID
	var oldest time.Time
	for _, in := range batch {
		if m.open[in.ID] {
			continue // SQS may deliver a message twice into one batch
		}
		m.open[in.ID] = true
		m.props["queue"] = in.Queue
		m.all.Count(Messages, 1)
		if name, ok := m.Queues[in.Queue]; ok {
			valuesOf(m.queue, name).Count(Messages, 1)
		}
		if in.Received > 1 {
			m.all.Count(Retries, 1)
		}
		if !in.Sent.IsZero() && (oldest.IsZero() || in.Sent.Before(oldest)) {
			oldest = in.Sent
		}
	}
	if !oldest.IsZero() {
		m.all.Observe(OldestMessage, seconds(m.Now().Sub(oldest)))
	}
}

// Message implements delivery.Reporter.
func (m *Metrics) Message(o delivery.Outcome) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.open, o.Message.ID)
	if o.Err != nil {
		m.failed(o.Err.Kind)
	}
	m.all.Count(EventsIgnored, int64(len(o.Ignored)))
	if o.Continued > 0 {
		m.add("continued", int64(o.Continued))
	}
	for i := range o.Objects {
		m.object(&o.Objects[i])
	}
}

// InFlight implements delivery.Reporter.
func (m *Metrics) InFlight(f delivery.Flight) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all.Count(Abandoned, is(f.Plight != delivery.StillInFlight))
}

func (m *Metrics) failed(k delivery.Kind) {
	m.all.Count(MessagesFailed, 1)
	valuesOf(m.kind, string(k)).Count(Failures, 1)
}

// add adds to a property.
func (m *Metrics) add(name string, n int64) {
	before, _ := m.props[name].(int64)
	m.props[name] = before + n
}

func (m *Metrics) object(o *delivery.ObjectOutcome) {
	for _, c := range []struct {
		name  string
		count int64
	}{
		{Unparsed, o.Unparsed},
		{Truncated, o.Truncated},
		{MostlyForeign, is(o.Tally.MostlyForeign())},
		{BadTags, o.BadTag},
		{Objects, is(o.State == delivery.Delivered)},
		{DuplicatesPrevented, is(o.State == delivery.Already)},
		{Superseded, is(o.State == delivery.Superseded)},
		{Resumed, is(o.From > 0 && o.State != delivery.Already)},
		{Unclaimed, is(o.Unclaimed)},
	} {
		m.all.Count(c.name, c.count)
	}
	for _, n := range o.Filtered {
		m.all.Count(Dropped, n)
	}
	if o.Lost > 0 {
		m.add("lostBytes", o.Lost)
	}
	both := []Values{m.all}
	if o.Source != "" {
		name := o.Source
		if !m.sources[name] {
			name = Other
		}
		both = append(both, valuesOf(m.source, name))
	}
	for _, v := range both {
		v.Count(Records, o.Records)
		v.Count(BytesIn, o.Bytes)
		if o.Tally.AllFiltered() { // by source it is rarely there, and each series costs
			v.Count(AllFiltered, 1)
		}
		if !o.Confirmed.IsZero() && !o.Created.IsZero() {
			v.Observe(Lag, seconds(o.Confirmed.Sub(o.Created)))
		}
	}
}

// Attempt counts a connection to Devo. It is for devo.Config.Ended.
func (m *Metrics) Attempt(a devo.Attempt) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.all.Count(DevoAttempts, 1)
	m.all.Count(DevoConfirmed, is(a.Confirmed))
	m.all.Count(DevoUnnotified, is(a.Unnotified))
	if a.Confirmed {
		m.all.Observe(ConfirmTime, Milliseconds(a.Confirming))
		m.all.Count(BytesOut, a.Bytes)
	}
}

// A Health is how it went with Devo for a while.
type Health struct {
	Attempts  int64 // connections begun
	Confirmed int64 // of these
	// Unnotified are messages handed back because Devo's end did not send the
	// close_notify that it owes.
	Unnotified int64
}

// Devo is how it went with Devo in this invocation.
func (m *Metrics) Devo() Health {
	m.mu.Lock()
	defer m.mu.Unlock()
	h := Health{Attempts: int64(m.all[DevoAttempts][0]), Confirmed: int64(m.all[DevoConfirmed][0])}
	if failures := m.kind[string(delivery.Unnotified)][Failures]; len(failures) > 0 {
		h.Unnotified = int64(failures[0])
	}
	return h
}

// End emits what the invocation did. The certificate's end is zero if unknown.
func (m *Metrics) End(certificate time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for range m.open {
		m.failed(delivery.Internal)
	}
	if !certificate.IsZero() {
		m.all.Observe(CertificateDays, Days(time.Until(certificate)))
	}
	if peak := peakMemory(); m.memory > 0 && peak > 0 {
		m.all.Observe(MemoryHeadroom, float64(m.memory)-float64(peak)/(1<<20))
	}
	m.Emit("", "", m.all, m.props)
	id := map[string]any{"requestId": m.props["requestId"]}
	for _, name := range slices.Sorted(maps.Keys(m.source)) {
		m.Emit(Source, name, m.source[name], id)
	}
	for _, name := range slices.Sorted(maps.Keys(m.kind)) {
		m.Emit(Kind, name, m.kind[name], id)
	}
	for _, name := range slices.Sorted(maps.Keys(m.queue)) {
		m.Emit(Queue, name, m.queue[name], id)
	}
}

func valuesOf(by map[string]Values, name string) Values {
	if by[name] == nil {
		by[name] = Values{}
	}
	return by[name]
}

func is(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}

// seconds is d, which a skewed clock may have made negative.
func seconds(d time.Duration) float64 { return max(d, 0).Round(time.Millisecond).Seconds() }

// Milliseconds are for ConfirmTime.
func Milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Days are whole days and a fraction, for CertificateDays; negative when it has
// ended.
func Days(d time.Duration) float64 { return d.Round(time.Minute).Hours() / 24 }

// peakMemory is the most that this process ever had resident, in bytes, as the
// kernel counts it; 0 if it does not say. Lambda's own share is not in it.
func peakMemory() int64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	_, rest, _ := bytes.Cut(status, []byte("\nVmHWM:"))
	kib, _, _ := bytes.Cut(bytes.TrimSpace(rest), []byte(" "))
	n, _ := strconv.ParseInt(string(kib), 10, 64) // what is not there is 0
	return n << 10
}

// Reporters tells each of several Reporters.
type Reporters []delivery.Reporter

// Message implements delivery.Reporter.
func (r Reporters) Message(o delivery.Outcome) {
	for _, each := range r {
		each.Message(o)
	}
}

// InFlight implements delivery.Reporter.
func (r Reporters) InFlight(f delivery.Flight) {
	for _, each := range r {
		each.InFlight(f)
	}
}
