package account

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/local"
)

func TestDelayHidesTheMessage(t *testing.T) {
	for d, want := range map[time.Duration]time.Duration{
		5 * time.Second:         5 * time.Second,
		1500 * time.Millisecond: 2 * time.Second,
		90 * time.Minute:        90 * time.Minute,
		13 * time.Hour:          longestDelay,
	} {
		t.Run(d.String(), func(t *testing.T) {
			b := newBench(t)
			arn := b.aws.CreateQueue("acme-logs", local.QueueOptions{Owner: customer, Visibility: 30 * time.Second})
			b.check(b.aws.Send(arn, "a message"))
			out, err := sqs.NewFromConfig(b.config).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(b.aws.QueueURL(arn))})
			b.check(err)
			before := b.aws.Clock().Now()
			b.check(b.Queue("").Delay(t.Context(), arn, *out.Messages[0].ReceiptHandle, d))
			hidden := b.aws.QueueState(arn).NextVisible.Sub(before)
			if hidden < want || hidden > want+time.Since(before) {
				t.Errorf("hidden for %s, want %s", hidden, want)
			}
		})
	}
}

func TestDelayFails(t *testing.T) {
	b := newBench(t)
	b.once()
	arn := b.aws.CreateQueue("acme-logs", local.QueueOptions{Owner: customer})
	q := b.Queue("")
	wantKind(t, q.Delay(t.Context(), arn, "no such receipt", time.Second), delivery.Internal, arn)
	wantKind(t, q.Delay(t.Context(), "arn:aws:s3:::acme-logs", "r", time.Second), delivery.Internal, "not the ARN of a queue")
	b.fail("ChangeMessageVisibility", &local.FaultResponse{Status: 403, Code: "RequestThrottled"})
	wantKind(t, q.Delay(t.Context(), arn, "r", time.Second), delivery.Throttled, "RequestThrottled")
}

func TestContinueSendsAllBodies(t *testing.T) {
	for name, row := range map[string]struct{ bodies, size, calls int }{
		"none":         {0, 0, 0},
		"one":          {1, 100, 1},
		"ten":          {10, 100, 1},
		"twenty-five":  {25, 100, 3},
		"large ones":   {10, 300 << 10, 4},
		"largest ones": {3, 1 << 20, 3},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			arn := b.aws.CreateQueue("continuation", local.QueueOptions{})
			var bodies []string
			for i := range row.bodies {
				body := fmt.Sprint("body ", i, " ")
				bodies = append(bodies, body+strings.Repeat("x", row.size-len(body)))
			}
			b.check(b.Queue(arn).Continue(t.Context(), bodies))
			got := map[string]bool{}
			for _, m := range b.aws.Messages(arn) {
				got[m.Body] = true
			}
			for _, body := range bodies {
				if !got[body] {
					t.Errorf("%.8s was not sent", body)
				}
			}
			if len(got) != row.bodies || b.called("SendMessageBatch") != row.calls {
				t.Errorf("%d messages in %d calls, want %d in %d", len(got), b.called("SendMessageBatch"), row.bodies, row.calls)
			}
		})
	}
}

func TestContinueFails(t *testing.T) {
	b := newBench(t)
	b.once()
	arn := b.aws.CreateQueue("continuation", local.QueueOptions{})
	q := b.Queue(arn)
	wantKind(t, q.Continue(t.Context(), []string{"good", "not\x00allowed"}), delivery.Internal, "1 of 2 messages refused")
	wantKind(t, b.Queue("").Continue(t.Context(), []string{"a"}), delivery.Internal, "not the ARN")
	wantKind(t, b.Queue(arn+"-2").Continue(t.Context(), []string{"a"}), delivery.Internal, "does not exist")
	b.fail("SendMessageBatch", &local.FaultResponse{Status: 503, Code: "ServiceUnavailable"})
	wantKind(t, q.Continue(t.Context(), []string{"a"}), delivery.Throttled, "ServiceUnavailable")
}

// TestContinueSendsAgainWhatWasNotTaken talks to an SQS that takes one message
// a call.
func TestContinueSendsAgainWhatWasNotTaken(t *testing.T) {
	for name, row := range map[string]struct {
		bodies int
		calls  []int // messages in each
		ok     bool
	}{
		"all in time":  {3, []int{3, 2, 1}, true},
		"one too many": {4, []int{4, 3, 2}, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			var calls []int
			sqs := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var in struct{ Entries []struct{ ID string } }
				if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
					t.Error(err)
				}
				calls = append(calls, len(in.Entries))
				failed := []map[string]any{}
				for _, e := range in.Entries[1:] {
					failed = append(failed, map[string]any{"Id": e.ID, "Code": "InternalError", "SenderFault": false})
				}
				must(0, json.NewEncoder(w).Encode(map[string]any{"Successful": []any{}, "Failed": failed}))
			}))
			defer sqs.Close()
			b.Setenv("AWS_ENDPOINT_URL_SQS", sqs.URL)
			b.open()
			err := b.Queue("arn:aws:sqs:us-east-1:123456789012:continuation").Continue(t.Context(), make([]string, row.bodies))
			if fmt.Sprint(calls) != fmt.Sprint(row.calls) || (err == nil) != row.ok {
				t.Errorf("calls of %v messages, then %v; want %v", calls, err, row.calls)
			}
			if !row.ok {
				wantKind(t, err, delivery.Throttled, "1 of 4 messages refused: InternalError")
			}
		})
	}
}

func TestQueueURL(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:aws:sqs:eu-west-1:123456789012:acme":     "https://sqs.eu-west-1.amazonaws.com/123456789012/acme",
		"arn:aws-cn:sqs:cn-north-1:123456789012:acme": "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/acme",
		"arn:aws:sqs:eu-west-1:123456789012:":         "",
		"arn:aws:sns:eu-west-1:123456789012:acme":     "",
		"https://sqs.eu-west-1.amazonaws.com/1/acme":  "",
		"": "",
	} {
		if got, err := queueURL(arn); got != want || (err == nil) != (want != "") {
			t.Errorf("%s: %q, %v, want %q", arn, got, err, want)
		}
	}
}

func TestSecretIsTheCurrentOne(t *testing.T) {
	b := newBench(t)
	b.aws.PutSecret("devo/acme", "old")
	arn := b.aws.PutSecret("devo/acme", `{"cert":"c"}`)
	for _, id := range []string{arn, "devo/acme"} {
		if got := string(must(b.Secret(context.Background(), id))); got != `{"cert":"c"}` {
			t.Errorf("%s is %q", id, got)
		}
	}
	if _, err := b.Secret(t.Context(), "devo/none"); err == nil || !strings.Contains(err.Error(), "read secret devo/none") {
		t.Errorf("error %v", err)
	}
}
