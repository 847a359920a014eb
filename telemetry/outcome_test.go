package telemetry

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/delivery"
)

// lines are what a Log writes of one outcome at a level.
func lines(t *testing.T, level slog.Level, o delivery.Outcome) (all []map[string]any) {
	t.Helper()
	var out bytes.Buffer
	NewLog(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: level}))).Message(o)
	for text := range strings.Lines(out.String()) {
		var line map[string]any
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatalf("%v: %s", err, text)
		}
		all = append(all, line)
	}
	return all
}

var outcome = delivery.Outcome{
	RequestID: "request",
	Message:   delivery.Message{ID: "message", Queue: "arn:queue", Body: "the body with a secret", Received: 2},
	Err:       delivery.Fail(delivery.Corrupt, "cut at 7"),
	Delay:     5 * time.Second,
	Objects: []delivery.ObjectOutcome{
		{Bucket: "b", Key: "good", Source: "s", State: delivery.Delivered, Counts: delivery.Counts{Records: 3, Out: 30, Blank: 1}, Sent: 3},
		{Bucket: "b", Key: "bad", Source: "s", State: delivery.Failed, From: 4, Err: delivery.Fail(delivery.Corrupt, "cut at 7"), Counts: delivery.Counts{Records: 2, Truncated: 1, Lost: 9}},
	},
}

func TestOneLineForAMessageAndOneForEachFailedObject(t *testing.T) {
	all := lines(t, slog.LevelInfo, outcome)
	if len(all) != 2 {
		t.Fatalf("%d lines: %v", len(all), all)
	}
	object, message := all[0], all[1]
	for field, want := range map[string]any{
		"msg": ObjectLine, "level": "WARN", "requestId": "request", "messageId": "message", "bucket": "b", "key": "bad", "kind": "corrupt",
		"cause": "corrupt: cut at 7", "from": 4.0, "truncated": 1.0, "lostBytes": 9.0,
	} {
		if object[field] != want {
			t.Errorf("object's %s is %v, want %v", field, object[field], want)
		}
	}
	for field, want := range map[string]any{
		"msg": MessageLine, "level": "WARN", "outcome": "corrupt", "queue": "arn:queue", "received": 2.0, "objects": 2.0, "records": 5.0,
		"bytes": 30.0, "blank": 1.0, "resumed": 1.0, "delaySeconds": 5.0,
	} {
		if message[field] != want {
			t.Errorf("message's %s is %v, want %v", field, message[field], want)
		}
	}
	if _, ok := message["unparsed"]; ok {
		t.Error("a count of 0 that should be 0 is shown")
	}
}

func TestObjectsShowAtDebug(t *testing.T) {
	if n := len(lines(t, slog.LevelDebug, outcome)); n != 3 {
		t.Errorf("%d lines, want two objects and the message", n)
	}
}

func TestSuccessIsInfoAndNamesItsObject(t *testing.T) {
	o := outcome
	o.Err, o.Objects = nil, o.Objects[:1]
	all := lines(t, slog.LevelInfo, o)
	if len(all) != 1 || all[0]["level"] != "INFO" || all[0]["outcome"] != "ok" {
		t.Fatalf("%v", all)
	}
	object, _ := all[0]["object"].(map[string]any)
	if object["key"] != "good" || object["state"] != "delivered" {
		t.Errorf("%v", object)
	}
}

// An overwritten object is counted beside the one that followed it, which is
// what the message was about in the end.
func TestOverwrittenObjectIsCounted(t *testing.T) {
	all := lines(t, slog.LevelInfo, delivery.Outcome{Objects: []delivery.ObjectOutcome{
		{Key: "k", Version: "old", State: delivery.Superseded, Counts: delivery.Counts{Records: 3}},
		{Key: "k", Version: "new", State: delivery.Delivered, Counts: delivery.Counts{Records: 4}},
	}})
	if len(all) != 1 || all[0]["records"] != 7.0 || fmt.Sprint(all[0]["states"]) != "map[delivered:1 superseded:1]" {
		t.Fatalf("%v", all)
	}
	if object, _ := all[0]["object"].(map[string]any); object["version"] != "new" || object["state"] != "delivered" {
		t.Errorf("%v", all[0])
	}
}

// An object that simply goes on in the next invocation is no warning; one that
// time ran out on and nobody took over is.
func TestAnObjectThatGoesOnIsNoWarning(t *testing.T) {
	o := delivery.Outcome{Continued: 1, Objects: []delivery.ObjectOutcome{
		{Key: "long", State: delivery.Unfinished, Err: delivery.Fail(delivery.Throttled, "time ran out")},
	}}
	for _, line := range lines(t, slog.LevelDebug, o) {
		object, _ := line["object"].(map[string]any)
		if line["level"] == "WARN" || line["kind"] != nil || object["kind"] != nil {
			t.Errorf("%v", line)
		}
	}
	o.Err, o.Continued = o.Objects[0].Err, 0
	all := lines(t, slog.LevelInfo, o)
	if len(all) != 2 || all[0]["level"] != "WARN" || all[0]["kind"] != "throttled" || all[1]["outcome"] != "throttled" {
		t.Errorf("%v", all)
	}
	o = delivery.Outcome{Continued: 2, Objects: []delivery.ObjectOutcome{
		{Key: "bad", State: delivery.Failed, Err: delivery.Fail(delivery.Denied, "no")}, o.Objects[0],
	}}
	if all := lines(t, slog.LevelInfo, o); len(all) != 2 || all[0]["level"] != "WARN" || all[0]["key"] != "bad" {
		t.Errorf("%v", all)
	}
}

func TestNoBodyInAnyLine(t *testing.T) {
	for _, line := range lines(t, slog.LevelDebug, outcome) {
		if text, _ := json.Marshal(line); bytes.Contains(text, []byte("secret")) {
			t.Errorf("%s", text)
		}
	}
}

// What filters left out shows by rule: summed up for the message, and for each
// object by itself.
func TestFilteredRecordsShowByRule(t *testing.T) {
	var out bytes.Buffer
	l := NewLog(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelDebug})))
	object := func(filtered map[string]int64) delivery.ObjectOutcome {
		return delivery.ObjectOutcome{Counts: delivery.Counts{Filtered: filtered}}
	}
	l.Message(delivery.Outcome{Objects: []delivery.ObjectOutcome{
		object(map[string]int64{"no_probes": 2, "filters[1]": 1}), object(nil), object(map[string]int64{"no_probes": 3}),
	}})
	var got []map[string]int64
	for d := json.NewDecoder(&out); d.More(); {
		var line struct{ Filtered map[string]int64 }
		if err := d.Decode(&line); err != nil {
			t.Fatal(err)
		}
		got = append(got, line.Filtered)
	}
	want := []map[string]int64{{"no_probes": 2, "filters[1]": 1}, nil, {"no_probes": 3}, {"no_probes": 5, "filters[1]": 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestCausesAreShortAndPrintable: whatever an error quotes, a line stays JSON of
// limited length, and nothing in it is obeyed by a terminal.
func TestCausesAreShortAndPrintable(t *testing.T) {
	err := delivery.Fail(delivery.Corrupt, "schema: \x1b[2J\u202e\x7f\xff\n%s", strings.Repeat("unknown type \x1b", 1<<20))
	o := delivery.Outcome{Err: err, DelayErr: err, Objects: []delivery.ObjectOutcome{{Err: err}}}
	for _, line := range lines(t, slog.LevelDebug, o) {
		text, _ := json.Marshal(line)
		if len(text) > 8<<10 {
			t.Errorf("%d bytes", len(text))
		}
		cause, _ := line["cause"].(string)
		if !strings.HasPrefix(cause, `corrupt: schema: \x1b[2J\u202e\x7f\xff\nunknown type`) || len(cause) > 1<<10 || !strings.HasSuffix(cause, "…") {
			t.Errorf("%d bytes: %q", len(cause), cause)
		}
	}
}

func TestWhatIsInFlightHasALine(t *testing.T) {
	var out bytes.Buffer
	NewLog(slog.New(slog.NewJSONHandler(&out, nil))).InFlight(delivery.Flight{
		Plight: delivery.FoundAbandoned, RequestID: "r", MessageID: "m", Queue: "q", Bucket: "b", Key: "k", Version: "v", Source: "s",
		Since: time.Unix(1, 0), Records: 7, Owner: "killed",
	})
	var line map[string]any
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	delete(line, "time")
	want := map[string]any{
		"level": "WARN", "msg": "in flight", "plight": "abandoned", "requestId": "r", "messageId": "m", "queue": "q", "bucket": "b", "key": "k",
		"version": "v", "source": "s", "since": "1970-01-01T00:00:01Z", "records": 7.0, "earlier": "killed",
	}
	if diff := cmp.Diff(want, line); diff != "" {
		t.Error(diff)
	}
}
