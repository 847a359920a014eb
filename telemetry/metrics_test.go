package telemetry

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/devo"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/parsers"
)

var now = time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)

// A meter is a Metrics and what it wrote.
type meter struct {
	*Metrics
	out bytes.Buffer
}

func newMeter(t *testing.T, sources ...string) *meter {
	t.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "1769")
	m := &meter{}
	m.Metrics = NewMetrics(&Emitter{Out: &m.out, Deployment: "acme", Version: "v1", Now: func() time.Time { return now }}, sources)
	return m
}

// end gives every datum by its name and further dimension, "Lag source=s".
func (m *meter) end(t *testing.T) map[string]local.Datum {
	t.Helper()
	m.End(time.Now().Add(49 * time.Hour))
	all := make(map[string]local.Datum)
	for line := range strings.Lines(m.out.String()) {
		data, err := local.ReadEMF([]byte(line))
		if err != nil || len(data) == 0 {
			t.Fatalf("%v: %s", err, line)
		}
		for _, d := range data {
			name := d.Name
			for _, dimension := range []string{Source, Kind, Queue} {
				if v, ok := d.Dimensions[dimension]; ok {
					name += " " + dimension + "=" + v
				}
			}
			if _, twice := all[name]; twice || d.Dimensions[Deployment] != "acme" || d.Namespace != Namespace || !d.Time.Equal(now) {
				t.Errorf("%+v", d)
			}
			all[name] = d
		}
	}
	m.out.Reset()
	return all
}

func TestAnInvocationsMetrics(t *testing.T) {
	m := newMeter(t, "a", "b")
	m.Begin("request", []delivery.Message{
		{ID: "1", Received: 1, Sent: now.Add(-time.Minute)}, {ID: "2", Received: 3, Sent: now.Add(-time.Hour)}, {ID: "2"}, {ID: "3"},
	})
	m.Attempt(devo.Attempt{Confirmed: true, Bytes: 1000, Confirming: 2500 * time.Microsecond})
	m.Attempt(devo.Attempt{Bytes: 500, Unnotified: true})
	for _, p := range []delivery.Plight{delivery.FoundAbandoned, delivery.StillInFlight, delivery.GivenUp} {
		m.InFlight(delivery.Flight{Plight: p})
	}
	m.Message(delivery.Outcome{Message: delivery.Message{ID: "1"}, Continued: 2, Ignored: []string{"ObjectRemoved:Delete", "TestEvent"}, Objects: []delivery.ObjectOutcome{
		{Source: "a", State: delivery.Delivered, Created: now.Add(-90 * time.Second), Confirmed: now, Bytes: 70, From: 5, Counts: delivery.Counts{
			Records: 10, Unparsed: 1, BadTag: 2, Truncated: 3, Lost: 4, Filtered: map[string]int64{"x": 5, "y": 6},
		}, Tally: parsers.Tally{Sent: 15, Filtered: 11, Foreign: 27}},
		{Source: "b", State: delivery.Already, From: 7},
		{State: delivery.Superseded},
		{Source: "b", State: delivery.Delivered, Unclaimed: true, Created: now.Add(time.Second), Confirmed: now, Bytes: 30, Counts: delivery.Counts{Records: 1}},
		{Source: "b", State: delivery.Delivered, Tally: parsers.Tally{Filtered: 3}},
	}})
	m.Message(delivery.Outcome{Message: delivery.Message{ID: "2"}, Err: delivery.Fail(delivery.Corrupt, "cut"), Objects: []delivery.ObjectOutcome{{State: delivery.Failed}}})
	m.Message(delivery.Outcome{Message: delivery.Message{ID: "2"}, Err: delivery.Fail(delivery.Unnotified, "no close_notify")})
	if got, want := m.Devo(), (Health{Attempts: 2, Confirmed: 1, Unnotified: 1}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	got := make(map[string][]float64)
	for name, d := range m.end(t) {
		got[name] = d.Values
	}
	if room := got[MemoryHeadroom]; len(room) != 1 || room[0] <= 0 || room[0] >= 1769 {
		t.Errorf("MemoryHeadroom %v", room)
	}
	delete(got, MemoryHeadroom)
	one := func(n float64) []float64 { return []float64{n} }
	want := map[string][]float64{
		Messages: one(3), MessagesFailed: one(3), Objects: one(3), Records: one(11), BytesIn: one(100), BytesOut: one(1000),
		Lag: {90, 0}, OldestMessage: one(3600), ConfirmTime: one(2.5), Retries: one(1), Resumed: one(1), DuplicatesPrevented: one(1),
		Superseded: one(1), Unclaimed: one(1), Abandoned: one(2), Unparsed: one(1), Dropped: one(11), Truncated: one(3), AllFiltered: one(1), MostlyForeign: one(1), EventsIgnored: one(2), BadTags: one(2), CertificateDays: one(49. / 24),
		DevoAttempts: one(2), DevoConfirmed: one(1), DevoUnnotified: one(1),
		"Records source=a": one(10), "BytesIn source=a": one(70), "Lag source=a": one(90),
		"Records source=b": one(1), "BytesIn source=b": one(30), "Lag source=b": one(0), "AllFiltered source=b": one(1),
		"Failures kind=corrupt":    one(1),
		"Failures kind=unnotified": one(1),
		"Failures kind=internal":   one(1), // message 3, which has no outcome
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	m.Begin("next", nil)
	for name, d := range m.end(t) {
		if d.Values[0] != 0 && name != CertificateDays && name != MemoryHeadroom {
			t.Errorf("%s is left from the invocation before: %v", name, d.Values)
		}
	}
}

func TestALineIsForPeopleToo(t *testing.T) {
	m := newMeter(t)
	m.Begin("request-1", []delivery.Message{{ID: "1", Queue: "arn:queue"}})
	m.End(time.Time{})
	text := m.out.String()
	for _, want := range []string{`"requestId":"request-1"`, `"version":"v1"`, `"queue":"arn:queue"`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	for _, never := range []string{`"level"`, CertificateDays, Lag, ConfirmTime, OldestMessage} {
		if strings.Contains(text, `"`+never) {
			t.Errorf("%s in %s", never, text)
		}
	}
}

// TestLongDistributionsAreThinned to what a line may have, over all their range.
func TestLongDistributionsAreThinned(t *testing.T) {
	m := newMeter(t)
	m.Begin("request", nil)
	for i := range 500 {
		m.Attempt(devo.Attempt{Confirmed: true, Confirming: time.Duration(499-i) * time.Millisecond})
	}
	got := m.end(t)[ConfirmTime].Values
	if len(got) != maxValues || got[0] != 0 || got[99] != 499 || got[50] < 240 || got[50] > 260 {
		t.Errorf("%v", got)
	}
}

// What arrives by a queue that may not be silent is counted by itself; what comes
// by any other queue is not, for each such metric costs.
func TestArrivalsAreCountedByQueue(t *testing.T) {
	m := newMeter(t)
	m.Queues = map[string]string{"arn:loud": "loud"}
	m.Begin("request", []delivery.Message{{ID: "1", Queue: "arn:loud"}, {ID: "2", Queue: "arn:loud"}, {ID: "2", Queue: "arn:loud"}, {ID: "3", Queue: "arn:quiet"}})
	all := m.end(t)
	if got := all["Messages queue=loud"].Values; len(got) != 1 || got[0] != 2 {
		t.Errorf("%v messages by the loud queue", got)
	}
	for name := range all {
		if strings.Contains(name, "queue=") && name != "Messages queue=loud" {
			t.Errorf("there is %s", name)
		}
	}
}

// TestMetricsAreBounded: every metric costs, with each value of a dimension.
func TestMetricsAreBounded(t *testing.T) {
	var sources []string
	for i := range 100 {
		sources = append(sources, fmt.Sprint("source-", i))
	}
	m := newMeter(t, sources...)
	m.Begin("request", []delivery.Message{{ID: "oldest", Sent: now}})
	m.Attempt(devo.Attempt{Confirmed: true})
	m.Message(delivery.Outcome{Message: delivery.Message{ID: "oldest"}})
	for _, k := range constants(t, "../delivery/kind.go", "Kind") {
		m.Message(delivery.Outcome{Err: delivery.Fail(delivery.Kind(k), "x")})
	}
	for _, s := range sources {
		m.Message(delivery.Outcome{Objects: []delivery.ObjectOutcome{{
			Source: s, State: delivery.Delivered, Created: now, Confirmed: now, Counts: delivery.Counts{Records: 1}, Tally: parsers.Tally{Filtered: 1},
		}}})
	}
	all := m.end(t)
	if others := all["Records source=other"].Values[0]; others != 80 || len(all["Records source=source-19"].Values) != 1 {
		t.Errorf("%v records of others", others)
	}
	seen := make(map[string]bool)
	for name := range all {
		name, _, _ = strings.Cut(name, " ")
		seen[name] = true
	}
	watch := len(Names) - len(seen) // each by deployment alone
	if n := len(all) + watch; n > 150 || watch != 13 {
		t.Errorf("%d metrics of the function and %d of watch", len(all), watch)
	}
}

func TestNamesAreAll(t *testing.T) {
	var want []string
	for _, name := range constants(t, "names.go", "") {
		if !slices.Contains([]string{Namespace, Deployment, Source, Kind, Queue}, name) {
			want = append(want, name)
		}
	}
	if diff := cmp.Diff(want, Names); diff != "" {
		t.Error(diff)
	}
}

// constants are the string constants of a type in a file; "" is no type.
func constants(t *testing.T, file, kind string) (values []string) {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(f, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		named, _ := spec.Type.(*ast.Ident)
		if text, ok := spec.Values[0].(*ast.BasicLit); ok && (named == nil && kind == "" || named != nil && named.Name == kind) {
			values = append(values, strings.Trim(text.Value, `"`))
		}
		return true
	})
	if len(values) < 10 {
		t.Fatalf("%d constants in %s", len(values), file)
	}
	return values
}
