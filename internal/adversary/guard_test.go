//go:build guard

package adversary_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/internal/adversary"
	"github.com/devo-s3/collector/local"
)

// bucket is the customer's.
const bucket = "acme-logs"

// TestGuard has the real function, within the memory that it is told it has, take
// ten of each adversary's objects in one batch with good ones beside them. It must
// answer in time, keep within its memory, and acknowledge every good message.
func TestGuard(t *testing.T) {
	bootstrap := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-o", bootstrap, "../../lambda/collector")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	objects := adversary.Objects()
	for _, memory := range []int{256, 1769} {
		t.Run(fmt.Sprint(memory, " MiB"), func(t *testing.T) {
			g := start(t, bootstrap, memory, objects)
			for i, o := range objects {
				t.Run(o.Name, func(t *testing.T) { g.attack(t, i, o) })
			}
		})
	}
}

// A guard is a deployment under attack.
type guard struct {
	*stack.Stack
	memory int
	queue  string

	mu    sync.Mutex
	ended local.Ended
	log   bytes.Buffer
}

func start(t *testing.T, bootstrap string, memory int, objects []adversary.Object) *guard {
	t.Helper()
	g := &guard{memory: memory}
	feed := &stack.Feed{Bucket: bucket, Via: local.ViaSQS, Services: []string{"{name: good, keys: ['good/**'], format: lines, tag: my.app.guard.good}"}}
	for i, o := range objects {
		name := fmt.Sprint("h", i)
		feed.Services = append(feed.Services, o.Source(name, "my.app.guard."+name))
	}
	var err error
	g.Stack, err = stack.Start(stack.Options{
		Bootstrap: bootstrap, Processes: 1, MemoryMiB: memory, Feeds: []*stack.Feed{feed},
		Log: func(_ string, line []byte) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.log.Write(append(line, '\n'))
		},
		OnEnd: func(e local.Ended) {
			g.mu.Lock()
			defer g.mu.Unlock()
			g.ended = e
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(g.Close)
	g.queue = g.Feeds[0].ARN
	return g
}

// attack invokes the function with ten hostile messages, and a good one behind
// every other.
func (g *guard) attack(t *testing.T, i int, o adversary.Object) {
	data := o.Data()
	var good []string
	type record struct {
		MessageID      string            `json:"messageId"`
		ReceiptHandle  string            `json:"receiptHandle"`
		Body           string            `json:"body"`
		Attributes     map[string]string `json:"attributes"`
		EventSourceARN string            `json:"eventSourceARN"`
		EventSource    string            `json:"eventSource"`
	}
	var event struct{ Records []record }
	put := func(id, key string, data []byte) {
		if err := g.Account.Put(bucket, key, data); err != nil {
			t.Fatal(err)
		}
		event.Records = append(event.Records, record{
			MessageID: id, ReceiptHandle: "none", EventSourceARN: g.queue, EventSource: "aws:sqs", Attributes: map[string]string{"ApproximateReceiveCount": "1"},
			Body: fmt.Sprintf(`{"Records":[{"eventVersion":"2.1","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":%q},"object":{"key":%q}}}]}`, bucket, key),
		})
	}
	for n := range 10 {
		put(fmt.Sprint("bad-", n), fmt.Sprintf("h%d/%d", i, n), data)
		if n%2 == 0 {
			id := fmt.Sprint("good-", n)
			good = append(good, id)
			put(id, fmt.Sprintf("good/%d/%d", i, n), []byte("one\ntwo\n"))
		}
	}
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	g.mu.Lock()
	g.log.Reset()
	g.mu.Unlock()
	began := time.Now()
	r, err := g.Function.Invoke(t.Context(), payload)
	g.mu.Lock()
	defer g.mu.Unlock()
	if err != nil || r.FunctionError != "" {
		t.Fatalf("%v %s %s, %+v\n%s", err, r.FunctionError, r.Payload, g.ended, g.log.String())
	}
	var answer struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(r.Payload, &answer); err != nil {
		t.Fatal(err)
	}
	failed := 0
	for _, f := range answer.BatchItemFailures {
		if failed++; slices.Contains(good, f.ItemIdentifier) {
			t.Errorf("%s was not acknowledged\n%s", f.ItemIdentifier, g.log.String())
		}
	}
	resident := g.ended.PeakRSS >> 20
	t.Logf("%d bytes each: %d of 15 messages back after %s, %d MiB resident at most", len(data), failed, time.Since(began).Round(time.Millisecond), resident)
	if resident > int64(g.memory) {
		t.Errorf("%d MiB resident of %d", resident, g.memory)
	}
	for line := range bytes.Lines(g.log.Bytes()) {
		if len(line) > 16<<10 {
			t.Errorf("a line of %d bytes in the log: %.300s", len(line), line)
		}
	}
}
