package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

// A site is an AWS account, embedded or another's emulator, with the function
// deployed into it. Its one queue is never polled: batches are invoked.
type site struct {
	put      func(key string, body []byte) error
	function *local.Function
	queueARN string
	bucket   string

	mu      sync.Mutex
	behave  func(conn int64) local.Behaviour
	records []string
	log     bytes.Buffer
}

func (s *site) received(r local.Record) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.records = append(s.records, string(r.Tag)+" "+string(r.Raw))
}

func (s *site) line(_ string, line []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log.Write(line)
	s.log.WriteByte('\n')
}

func (s *site) behaviour(conn int64) local.Behaviour {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.behave == nil {
		return local.Behaviour{}
	}
	return s.behave(conn)
}

// invoke gives the function one batch and returns the indices of the messages
// that failed.
func (s *site) invoke(t *testing.T, bodies ...string) (failed []int) {
	t.Helper()
	type record struct {
		MessageID      string            `json:"messageId"`
		ReceiptHandle  string            `json:"receiptHandle"`
		Body           string            `json:"body"`
		Attributes     map[string]string `json:"attributes"`
		EventSourceARN string            `json:"eventSourceARN"`
		EventSource    string            `json:"eventSource"`
		AWSRegion      string            `json:"awsRegion"`
	}
	var event struct{ Records []record }
	for i, b := range bodies {
		event.Records = append(event.Records, record{
			MessageID: fmt.Sprint("message-", i), ReceiptHandle: "none", Body: b, EventSourceARN: s.queueARN,
			EventSource: "aws:sqs", AWSRegion: stack.Region, Attributes: map[string]string{"ApproximateReceiveCount": "1"},
		})
	}
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	r, err := s.function.Invoke(t.Context(), payload)
	if err != nil || r.FunctionError != "" {
		t.Fatalf("invoke: %v %s %s\n%s", err, r.FunctionError, r.Payload, s.log.String())
	}
	var response struct {
		BatchItemFailures []struct{ ItemIdentifier string }
	}
	if err := json.Unmarshal(r.Payload, &response); err != nil {
		t.Fatal(err)
	}
	for _, f := range response.BatchItemFailures {
		var i int
		if _, err := fmt.Sscanf(f.ItemIdentifier, "message-%d", &i); err != nil {
			t.Fatalf("failure of %q, which was not in the batch", f.ItemIdentifier)
		}
		failed = append(failed, i)
	}
	slices.Sort(failed)
	return failed
}

// caseServices are the sources of a site: one of the catalog, and one whose records
// can be damaged by themselves.
var caseServices = []string{"aws_sqs_alb", `{name: acme_json, keys: ["json/**"], format: json, options: {shape: lines}, tag: "my.app.acme.{record.level}"}`}

// caseFeeds is a site's one queue.
func caseFeeds() []*stack.Feed {
	return []*stack.Feed{{Bucket: "acme-logs", Via: local.ViaSQS, Services: caseServices}}
}

// embedded is a site on the account of `collector run`.
func embedded(t *testing.T) *site {
	t.Helper()
	s := &site{}
	o := stack.Options{
		Bootstrap: bootstrap, Processes: 2, Log: s.line, Feeds: caseFeeds(),
		Receiver: local.ReceiverOptions{OnRecord: s.received, Behave: s.behaviour},
	}
	k, err := stack.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	s.function, s.queueARN, s.bucket = k.Function, k.Feeds[0].ARN, k.Feeds[0].Bucket
	s.put = func(key string, body []byte) error { return k.Account.Put(s.bucket, key, body) }
	return s
}

// must returns what a call returned, or panics, which ends the test: v, err := f()
// cannot be passed on beside a *testing.T.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestCases(t *testing.T) { testCases(t, embedded(t)) }

// albKey is a key of an application load balancer's log.
func albKey(name string) string {
	return "AWSLogs/111122223333/elasticloadbalancing/eu-west-1/2026/11/23/111122223333_elasticloadbalancing_eu-west-1_app.my-lb.50dc6c495c0c9188_20261123T0505Z_10.0.0.1_" + name + ".log.gz"
}

func albLines(name string, n int) (all []string) {
	for i := range n {
		all = append(all, fmt.Sprintf("https 2026-11-23T05:05:00.000000Z app/my-lb/50dc %s-%d", name, i))
	}
	return all
}

func zipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// testCases are those of a survey of other forwarders, of which none passes
// them all.
func testCases(t *testing.T, s *site) {
	event := func(name string, keys ...string) string {
		var records []string
		for _, k := range keys {
			records = append(records, fmt.Sprintf(`{"eventVersion":"2.1","eventSource":"aws:s3","awsRegion":%q,"eventName":%q,"s3":{"bucket":{"name":%q},"object":{"key":%q}}}`, stack.Region, name, s.bucket, k))
		}
		return `{"Records":[` + strings.Join(records, ",") + `]}`
	}
	created := func(keys ...string) string { return event("ObjectCreated:Put", keys...) }
	quoted := func(text string) string {
		b, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	text := func(lines []string) string { return strings.Join(lines, "\n") + "\n" }
	nine := func(name string) (key string, want []string) {
		want = albLines(name, 9)
		if err := s.put(albKey(name), zipped(t, text(want))); err != nil {
			t.Fatal(err)
		}
		return albKey(name), want
	}
	put := func(key string, body []byte) {
		if err := s.put(key, body); err != nil {
			t.Fatal(err)
		}
	}

	for _, c := range []struct {
		name string
		// run puts what it needs and returns the messages' bodies, which fail,
		// and the records wanted, without their tag if that is the load balancer's.
		run    func() (bodies []string, fail []int, want []string)
		tagged bool
		says   string // what must be in the log
		behave func(conn int64) local.Behaviour
		// prefix: any number of the records, from the first on, will do.
		prefix bool
	}{
		{name: "key with space and plus", run: func() ([]string, []int, []string) {
			want := albLines("plus", 9)
			put("team a/x+y/"+albKey("plus"), zipped(t, text(want)))
			return []string{created("team+a/x%2By/" + albKey("plus"))}, nil, want
		}},
		{name: "line of 100 KB", run: func() ([]string, []int, []string) {
			want := albLines("long", 9)
			want[4] += strings.Repeat("x", 100<<10)
			put(albKey("long"), zipped(t, text(want)))
			return []string{created(albKey("long"))}, nil, want
		}},
		{name: "truncated gzip", prefix: true, run: func() ([]string, []int, []string) {
			want := albLines("cut", 1728)
			b := zipped(t, text(want))
			put(albKey("cut"), b[:len(b)/2])
			return []string{created(albKey("cut"))}, []int{0}, want
		}},
		{name: "zero bytes", run: func() ([]string, []int, []string) {
			put(albKey("zero"), nil)
			return []string{created(albKey("zero"))}, nil, nil
		}},
		{name: "two gzip members", run: func() ([]string, []int, []string) {
			want := albLines("members", 9)
			whole := text(want)
			put(albKey("members"), append(zipped(t, whole[:100]), zipped(t, whole[100:])...))
			return []string{created(albKey("members"))}, nil, want
		}},
		{name: "no last newline", run: func() ([]string, []int, []string) {
			want := albLines("newline", 9)
			put(albKey("newline"), zipped(t, strings.Join(want, "\n")))
			return []string{created(albKey("newline"))}, nil, want
		}},
		{name: "CRLF", run: func() ([]string, []int, []string) {
			want := albLines("crlf", 9)
			put(albKey("crlf"), zipped(t, strings.Join(want, "\r\n")+"\r\n"))
			return []string{created(albKey("crlf"))}, nil, want
		}},
		{name: "not UTF-8", run: func() ([]string, []int, []string) {
			want := albLines("latin", 9)
			want[3] += "caf\xe9 \xff"
			put(albKey("latin"), zipped(t, text(want)))
			return []string{created(albKey("latin"))}, nil, want
		}},
		{name: "batch of 3, one 404", run: func() ([]string, []int, []string) {
			k1, w1 := nine("404a")
			k3, w3 := nine("404c")
			return []string{created(k1), created(albKey("404b")), created(k3)}, []int{1}, append(w1, w3...)
		}},
		{name: "batch of 3, one unknown key", run: func() ([]string, []int, []string) {
			k1, w1 := nine("unknown-a")
			k3, w3 := nine("unknown-c")
			put("what/is/this.bin", []byte("x"))
			return []string{created(k1), created("what/is/this.bin"), created(k3)}, []int{1}, append(w1, w3...)
		}},
		{name: "two records in one message", run: func() ([]string, []int, []string) {
			k1, w1 := nine("two-a")
			k2, w2 := nine("two-b")
			return []string{created(k1, k2)}, nil, append(w1, w2...)
		}},
		{name: "s3:TestEvent", run: func() ([]string, []int, []string) {
			return []string{`{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"2026-11-23T05:00:00.000Z","Bucket":"` + s.bucket + `","RequestId":"1","HostId":"2"}`}, nil, nil
		}},
		{name: "wrapped by SNS", run: func() ([]string, []int, []string) {
			k, w := nine("sns")
			return []string{`{"Type":"Notification","MessageId":"1","TopicArn":"arn:aws:sns:eu-west-1:111122223333:t","Subject":"Amazon S3 Notification","Message":` + quoted(created(k)) + `,"Timestamp":"2026-11-23T05:00:00.000Z"}`}, nil, w
		}},
		{name: "EventBridge", run: func() ([]string, []int, []string) {
			k, w := nine("eventbridge")
			return []string{fmt.Sprintf(`{"version":"0","id":"1","detail-type":"Object Created","source":"aws.s3","account":"111122223333","time":"2026-11-23T05:00:00Z","region":%q,"resources":[],"detail":{"version":"0","bucket":{"name":%q},"object":{"key":%q,"size":100},"reason":"PutObject"}}`, stack.Region, s.bucket, k)}, nil, w
		}},
		{name: "ObjectRemoved of a gone key", run: func() ([]string, []int, []string) {
			return []string{event("ObjectRemoved:Delete", albKey("removed"))}, nil, nil
		}},
		{name: "a damaged line of JSON", tagged: true, says: `"unparsed":1`, run: func() ([]string, []int, []string) {
			put("json/damaged", []byte("{\"level\":\"info\"}\n{\"level\":\"in\n{\"level\":\"warn\"}\n"))
			return []string{created("json/damaged")}, nil, []string{
				`my.app.acme.info {"level":"info"}`, `my.app.s3collector.unparsed {"level":"in`, `my.app.acme.warn {"level":"warn"}`,
			}
		}},
		{name: "garbage body", run: func() ([]string, []int, []string) {
			k, w := nine("beside garbage")
			return []string{"garbage", created(strings.ReplaceAll(k, " ", "+"))}, []int{0}, w
		}},
		{
			name: "receiver breaks once", behave: func(conn int64) local.Behaviour {
				if conn%1000 == 1 {
					return local.Behaviour{Do: local.ActReset}
				}
				return local.Behaviour{}
			}, run: func() ([]string, []int, []string) {
				k, w := nine("once")
				return []string{created(k)}, nil, w
			},
		},
		{
			name: "receiver always breaks", behave: func(int64) local.Behaviour {
				return local.Behaviour{Do: local.ActReset}
			}, run: func() ([]string, []int, []string) {
				k, _ := nine("always")
				return []string{created(k)}, []int{0}, nil
			},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s.mu.Lock()
			first := int64(0)
			s.behave = func(conn int64) local.Behaviour {
				if c.behave == nil {
					return local.Behaviour{}
				}
				if first == 0 {
					first = conn
				}
				return c.behave(conn - first + 1)
			}
			s.records = nil
			s.log.Reset()
			s.mu.Unlock()
			bodies, fail, want := c.run()
			if failed := s.invoke(t, bodies...); !slices.Equal(failed, fail) {
				t.Errorf("failed %v, want %v", failed, fail)
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			for i := range want {
				if !c.tagged {
					want[i] = "web.aws.alb.access " + want[i]
				}
			}
			if !strings.Contains(s.log.String(), c.says) {
				t.Errorf("the log does not say %s", c.says)
			}
			got := slices.Clone(s.records)
			if c.prefix {
				want = want[:min(len(want), len(got))]
			}
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("received %d records, want %d: %.200q", len(got), len(want), got)
			}
			if t.Failed() {
				t.Log(s.log.String())
			}
		})
	}
}

// TestSamples: every sample payload is one that the function answers, whatever
// it says of the messages in it.
func TestSamples(t *testing.T) {
	s := embedded(t)
	samples, err := filepath.Glob("../../events/samples/*.json")
	if err != nil || len(samples) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, sample := range samples {
		t.Run(filepath.Base(sample), func(t *testing.T) {
			payload, err := os.ReadFile(sample)
			if err != nil {
				t.Fatal(err)
			}
			r, err := s.function.Invoke(t.Context(), payload)
			if err != nil || r.FunctionError != "" {
				t.Errorf("%v %s", err, r.Payload)
			}
		})
	}
}
