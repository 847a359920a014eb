package parsers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// closing is a stream that knows whether it was closed.
type closing struct {
	io.Reader
	closed int
}

func (c *closing) Close() error { c.closed++; return errors.New("close is not looked at") }

// parsersOfEach is a Parser of every format and an object for it.
func parsersOfEach(t *testing.T) map[string]struct {
	*Parser
	object []byte
} {
	return map[string]struct {
		*Parser
		object []byte
	}{
		"lines":      {mustCompile(t, Spec{Format: "lines"}), bytes.Repeat([]byte("one line of a log\n"), 100_000)},
		"json":       {mustCompile(t, Spec{Format: "json"}), append(bytes.Repeat([]byte(`[{"a":1},`), 1), bytes.Repeat([]byte(`{"a":1},`), 200_000)...)},
		"cloudwatch": {mustCompile(t, Spec{Format: "cloudwatch"}), bytes.Repeat([]byte(`{"logEvents":[{"message":"a"},{"message":"b"}]}`), 50_000)},
		"xml":        {mustCompile(t, Spec{Format: "xml"}), append([]byte("<r>"), bytes.Repeat([]byte("<Event>1</Event>"), 100_000)...)},
	}
}

func TestStreamIsClosedAndItsGoroutineGoneHoweverTheLoopEnds(t *testing.T) {
	broken := errors.New("connection reset")
	for name, p := range parsersOfEach(t) {
		for _, c := range []struct {
			how    string
			stream io.Reader
			after  int
		}{
			{"the end", bytes.NewReader(p.object), -1},
			{"no bytes", strings.NewReader(""), -1},
			{"break at the first record", bytes.NewReader(p.object), 1},
			{"break later", bytes.NewReader(p.object), 50_000},
			{"a broken stream", io.MultiReader(bytes.NewReader(p.object[:1000]), iotest.ErrReader(broken)), -1},
		} {
			t.Run(name+"/"+c.how, func(t *testing.T) {
				stream := &closing{Reader: c.stream}
				n := 0
				for _, err := range p.Records(t.Context(), Input{Stream: stream}) {
					if n++; err != nil || n == c.after {
						break
					}
				}
				if stream.closed != 1 {
					t.Fatalf("closed %d times", stream.closed)
				}
				goleak.VerifyNone(t, goleak.IgnoreCurrent())
			})
		}
	}
}

func TestAPanicInTheLoopClosesTheStream(t *testing.T) {
	stream := &closing{Reader: strings.NewReader("a\nb\n")}
	func() {
		defer func() { recover() }()
		for range mustCompile(t, Spec{Format: "lines"}).Records(t.Context(), Input{Stream: stream}) {
			panic("the loop's own")
		}
	}()
	if stream.closed != 1 {
		t.Fatalf("closed %d times", stream.closed)
	}
}

func TestABrokenStreamIsPassedOnAndIsNotCorrupt(t *testing.T) {
	broken := errors.New("connection reset")
	for name, p := range parsersOfEach(t) {
		for _, packed := range []bool{false, true} {
			data := p.object[:len(p.object)/4]
			if packed {
				data = pack(data)
			}
			stream := io.MultiReader(bytes.NewReader(data[:len(data)/2]), iotest.ErrReader(broken))
			_, err := read(p.Parser, Input{Stream: io.NopCloser(stream)})
			if !errors.Is(err, broken) || isCorrupt(err) {
				t.Errorf("%s, packed %v: %v", name, packed, err)
			}
		}
	}
}

func TestRecordsBeforeAFaultAreGiven(t *testing.T) {
	p := mustCompile(t, Spec{Format: "lines"})
	packed := pack([]byte("one\ntwo\nthree\n"))
	packed[len(packed)-8] ^= 1 // its checksum
	all, err := read(p, object(packed))
	if !isCorrupt(err) {
		t.Fatalf("error %v", err)
	}
	wantRaws(t, all, "one", "two", "three")
}

func TestRecordsEndWithTheContext(t *testing.T) {
	for name, p := range parsersOfEach(t) {
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var last error
		for _, err := range p.Records(ctx, object(p.object)) {
			cancel()
			last = err
		}
		if !errors.Is(last, context.Canceled) || isCorrupt(last) {
			t.Errorf("%s: %v", name, last)
		}
	}
}

func TestIdleIsCalledBetweenRecordsWhileWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, in := io.Pipe()
		go func() {
			io.WriteString(in, strings.Repeat("\n", unpack.Window)) // blank lines: what is looked at first
			for i := range 4 {
				<-time.After(2500 * time.Millisecond)
				fmt.Fprintf(in, "%3d\n", i) // one block
			}
			in.Close()
		}()
		p := blocksOf(mustCompile(t, Spec{Format: "lines"}), 4)
		var seen []string
		input := Input{Stream: out, Idle: func() { seen = append(seen, "idle") }}
		for r, err := range p.Records(t.Context(), input) {
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Raw) > 0 {
				seen = append(seen, strings.TrimSpace(string(r.Raw)))
			}
		}
		want := "idle idle 0 idle idle idle 1 idle idle 2 idle idle idle 3"
		if got := strings.Join(seen, " "); got != want {
			t.Fatalf("%s, want %s", got, want)
		}
	})
}

// TestNothingIsAllocatedPerRecord compares an object with one of twice its
// length.
func TestNothingIsAllocatedPerRecord(t *testing.T) {
	exhaustive(t)
	for _, c := range []struct {
		name  string
		spec  Spec
		bytes func(int) []byte
	}{
		{"lines", Spec{Format: "lines"}, vpcFlow},
		{"json", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}, Fields: []string{"recipientAccountId", "requestParameters.policyDocument"}}, cloudTrail},
		{"json concatenated, fields around", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"logEvents"}, Shape: shapeConcatenated}, Fields: []string{"^owner", "id"}}, cloudWatchLogs},
		{"json lines", Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}, Fields: []string{"recipientAccountId"}}, func(n int) []byte { return jsonLines(n, "\n") }},
		{"json lines, an array", Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}, Fields: []string{"recipientAccountId"}}, func(n int) []byte {
			return append(append([]byte("["), bytes.TrimRight(jsonLines(n, ","), ",")...), ']')
		}},
		{"json lines, an array in each", Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}, Fields: []string{"recipientAccountId"}}, func(n int) []byte {
			return []byte("[" + strings.ReplaceAll(strings.TrimRight(string(jsonLines(n, "\n")), "\n"), "\n", "]\n[") + "]")
		}},
		{"json concatenated, numbers", Spec{Format: "json", Options: &JSONOptions{Shape: shapeConcatenated}}, func(n int) []byte {
			return bytes.Repeat([]byte("1 2 3 4\n"), n/64)
		}},
		{"json auto", Spec{Format: "json", Options: &JSONOptions{Shape: shapeAuto}}, func(n int) []byte { return jsonLines(n, "") }},
		{"cloudwatch", Spec{Format: "cloudwatch", Fields: []string{"owner", "message.level"}}, cloudWatchLogs},
		{"xml", Spec{Format: "xml", Fields: []string{"System/EventID", "System/Provider/@Name", "EventData/Data[@Name='IpAddress']"}}, windowsEvents},
	} {
		for _, packed := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/packed=%v", c.name, packed), func(t *testing.T) {
				p := mustCompile(t, c.spec)
				var allocs [2]float64
				for i := range allocs {
					data := c.bytes((i + 1) << 19)
					if packed {
						data = pack(data)
					}
					allocs[i] = testing.AllocsPerRun(3, func() {
						for _, err := range p.Records(context.Background(), object(data)) {
							if err != nil {
								t.Fatal(err)
							}
						}
					})
				}
				if allocs[1] > allocs[0]+100 { // hundreds of records more
					t.Fatalf("%.0f allocations, %.0f for twice the records", allocs[0], allocs[1])
				}
			})
		}
	}
}
