package parsers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

var cloudWatchSeeds = []string{
	`{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/app/one","logStream":"s","subscriptionFilters":["f"],"logEvents":[` +
		`{"id":"1","timestamp":1,"message":"plain \"text\"\n\tof two lines"},{"id":"2","timestamp":2,"message":"{\"a\":\"x\\\"y\",\"b\":{\"c\":3}}"}]}` +
		`{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"","subscriptionFilters":[],"logEvents":[{"id":"","timestamp":3,"message":"CWL CONTROL MESSAGE: Checking health of destination."}]}`,
	`{"logEvents":[{"id":"1"},{"message":null},{"message":{"a":1}},{"message":""},{"message":" {\"a\":1} x"},{"message":"{\"a\":1,\"a\":2}"},3],"messageType":"CONTROL_MESSAGE"}`,
	"{\"owner\":\"a\",\"logEvents\":[]}\n{\"owner\":\"b\",\"logEvents\":[{\"message\":\"\\ud83d\\ude00\\u0000\"}]}\r\n", `{"owner":"a"}`, `{"logEvents":[{"message":"x`,
	`{"logEvents":[{"message":"` + strings.Repeat(`\u00e9`, 80) + `"}]}`,
}

func TestCloudWatch(t *testing.T) {
	fields := []string{"owner", "logGroup", "logStream", "id", "timestamp", "message.a", "message.b.c", "message"}
	text, object := "plain \"text\"\n\tof two lines", `{"a":"x\"y","b":{"c":3}}`
	control := "CWL CONTROL MESSAGE: Checking health of destination."
	events := []string{
		`{"id":"1","timestamp":1,"message":"plain \"text\"\n\tof two lines"}`,
		`{"id":"2","timestamp":2,"message":"{\"a\":\"x\\\"y\",\"b\":{\"c\":3}}"}`,
		`{"id":"","timestamp":3,"message":"` + control + `"}`,
	}
	for record, want := range map[string][]string{"": {text, object, events[2]}, recordMessage: {text, object, events[2]}, recordEvent: events} {
		p := mustCompile(t, Spec{Format: "cloudwatch", Options: &CloudWatchOptions{Record: record}, Fields: fields})
		all, err := sameInEveryChunking(t, p, []byte(cloudWatchSeeds[0]))
		if err != nil {
			t.Fatal(err)
		}
		wantRaws(t, all, want...)
		sameFromEveryRestart(t, p, []byte(cloudWatchSeeds[0]), all)
		for i, values := range [][]string{
			{"111122223333", "/app/one", "s", "1", "1", absent, absent, text},
			{"111122223333", "/app/one", "s", "2", "2", `x"y`, "3", object},
			{"CloudwatchLogs", "", "", "", "3", absent, absent, control},
		} {
			if !slices.Equal(all[i].Fields, values) {
				t.Errorf("record %d: fields %q, want %q", i, all[i].Fields, values)
			}
			if dropped := map[bool]string{true: "control"}[i == 2]; all[i].Dropped != dropped {
				t.Errorf("record %d: dropped %q", i, all[i].Dropped)
			}
		}
	}
}

func TestAnEventWithoutAMessageIsUnparsed(t *testing.T) {
	p := mustCompile(t, Spec{Format: "cloudwatch", MaxRecord: 64})
	long := `{"id":"1","message":"` + strings.Repeat("x", 60) + `"}`
	all, err := sameInEveryChunking(t, p, []byte(`{"logEvents":[{"id":"1"},{"message":null},{"message":""},`+long+`,{"message":"ok"},{"message":ok,"x"},{"message":-1.5}]}`))
	if err != nil {
		t.Fatal(err)
	}
	wantRaws(t, all, `{"id":"1"}`, `{"message":null}`, "", long[:64], "ok", `{"message":ok,"x"}`, "-1.5")
	for i, fault := range []string{"no message", "no message", "", "event longer than max_record", "", "no message", ""} {
		if all[i].Unparsed != fault {
			t.Errorf("record %d is unparsed %q, want %q", i, all[i].Unparsed, fault)
		}
	}
	if all[3].Lost != int64(len(long)-64) {
		t.Errorf("%d bytes lost", all[3].Lost)
	}
}

func TestWhatCloudWatchRefuses(t *testing.T) {
	for _, c := range []struct {
		record string
		fields []string
		want   string
	}{
		{"raw", nil, `record is "raw"`},
		{"", []string{"message."}, "empty segment"},
		{"", []string{"message..a"}, "empty segment"},
		{"", []string{"owner."}, "empty segment"},
		{"", []string{""}, "empty segment"},
		{"", []string{"^logEvents"}, "holds the records"},
	} {
		if _, err := Compile(Spec{Format: "cloudwatch", Options: &CloudWatchOptions{Record: c.record}, Fields: c.fields}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "cloudwatch"}), []byte(`{"logEvents":[{"message":"a"}]}{"owner":"b"}`))
	if !isCorrupt(err) || len(all) != 1 || !strings.Contains(err.Error(), "no array at") {
		t.Errorf("an envelope without events: %d records, %v", len(all), err)
	}
}

func FuzzCloudWatch(f *testing.F) {
	for _, s := range cloudWatchSeeds {
		f.Add([]byte(s), true, uint16(len(s)/2))
		f.Add([]byte(s), false, uint16(3))
	}
	fields := []string{"owner", "logStream", "id", "message", "message.a", "message.b.c"}
	f.Fuzz(func(t *testing.T, data []byte, event bool, split uint16) {
		if looksPacked(data) {
			return // unpack's
		}
		o := &CloudWatchOptions{}
		if event {
			o.Record = recordEvent
		}
		s := Spec{Format: "cloudwatch", Options: o, Fields: fields}
		all, err := sameInEveryChunking(t, mustCompile(t, s), data)
		want, v := cloudWatchOracle(data, event, all)
		checkStream(t, s, data, int(split), all, err, want, v)
	})
}

// cloudWatchOracle reads whole envelopes, for the fields of FuzzCloudWatch. What
// is looked for in a message that only resembles JSON is taken from all.
func cloudWatchOracle(data []byte, event bool, all []got) (want []got, v verdict) {
	want, v = streamOracle(data, "logEvents", []string{"^owner", "^logStream", "id", "message", "^messageType"})
	for i := range want {
		g := &want[i]
		message, kind := g.Fields[3], g.Fields[4]
		g.Fields = append(g.Fields[:4:4], absent, absent)
		if trimmed := strings.TrimLeft(message, " \t\r\n"); json.Valid([]byte(message)) {
			g.Fields[4] = fieldOracle(json.RawMessage(trimmed), []string{"a"})
			g.Fields[5] = fieldOracle(json.RawMessage(trimmed), []string{"b", "c"})
		} else if strings.HasPrefix(trimmed, "{") && i < len(all) {
			copy(g.Fields[4:], all[i].Fields[4:])
		}
		switch {
		case kind == "CONTROL_MESSAGE":
			g.Dropped = "control"
		case event:
		case message == absent:
			g.Unparsed = "no message"
		case i < len(all) && string([]rune(all[i].Raw)) == message:
			g.Raw = all[i].Raw // encoding/json puts U+FFFD for what is not UTF-8
		default:
			g.Raw = message
		}
	}
	return want, v
}

// cloudWatchLogs are invented envelopes of about size bytes, as Firehose writes
// them.
func cloudWatchLogs(size int) []byte {
	r := rand.New(rand.NewPCG(5, 6))
	var out bytes.Buffer
	for out.Len() < size {
		fmt.Fprintf(&out, `{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/aws/lambda/worker-%d","logStream":"2026/05/01/[$LATEST]%016x","subscriptionFilters":["all"],"logEvents":[`, r.IntN(9), r.Uint64())
		for i := range 200 {
			if i > 0 {
				out.WriteByte(',')
			}
			fmt.Fprintf(&out, `{"id":"%056d","timestamp":%d,"message":"{\"level\":\"info\",\"requestId\":\"%08x-%016x\",\"msg\":\"handled the request of queue-%d in %d ms\",\"status\":%d}\n"}`,
				r.Uint64(), 1780000000000+r.IntN(1e8), r.Uint32(), r.Uint64(), r.IntN(40), r.IntN(3000), 200+r.IntN(300))
		}
		out.WriteString(`]}`)
	}
	return out.Bytes()
}
