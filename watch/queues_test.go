package watch_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
)

// One queue that is not polled any more is seen, while the others move.
func TestAQueueThatDoesNotMove(t *testing.T) {
	r := newRig(t)
	r.mappings[1].Close() // Lambda says Enabled, and does not poll
	stuck := func(want float64, why string) {
		t.Helper()
		if got, ok := r.minute()[telemetry.QueuesStuck]; !ok || got != want {
			t.Errorf("%v queues are stuck, %t, want %v: %s", got, ok, want, why)
		}
	}
	send := func() {
		if err := r.aws.Send(r.options.Queues[1], "body"); err != nil {
			t.Fatal(err)
		}
	}
	send()
	stuck(0, "it begins to wait")
	for range 3 {
		send()
		r.aws.Clock().Advance(38 * time.Minute)
		stuck(0, "not for long")
	}
	send()
	// One minute more than two hours: watch learns the time from answers, which say
	// whole seconds and may be late, and counts whole minutes of it.
	r.aws.Clock().Advance(3 * time.Minute)
	stuck(1, "for two hours only more came")
	r.fail("GetItem", true)
	if got, ok := r.minute()[telemetry.QueuesStuck]; ok {
		t.Errorf("%v queues are said to be stuck, and nothing is known", got)
	}
	r.fail("GetItem", false)
	r.mappings[1].Disable()
	stuck(0, "a person paused it, and has an alarm for it")
	r.mappings[1].Enable()
	stuck(0, "it begins to wait anew")
	r.aws.Clock().Advance(2*time.Hour + time.Minute)
	stuck(1, "again")
	url := r.aws.QueueURL(r.options.Queues[1])
	must(sqs.NewFromConfig(r.account.Config()).ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: 3600}))
	stuck(0, "somebody received them: what is hidden does not wait")
}

// A mapping that Lambda cannot poll with is seen, each.
func TestAMappingWithAProblem(t *testing.T) {
	r := newRig(t)
	if got, ok := r.minute()[telemetry.MappingProblems]; !ok || got != 0 {
		t.Errorf("%v mappings have a problem, %t", got, ok)
	}
	r.fail("ReceiveMessage", true)
	r.aws.Clock().Advance(time.Minute) // a poll under way ends first
	for slices.ContainsFunc(r.mappings, func(m *local.Mapping) bool { return !strings.HasPrefix(m.Result(), "PROBLEM: receive from ") }) {
		<-r.failed
	}
	if got := r.minute()[telemetry.MappingProblems]; got != 3 {
		t.Errorf("%v mappings have a problem; want each", got)
	}
	r.mappings[0].Disable()
	if got := r.minute()[telemetry.MappingProblems]; got != 2 {
		t.Errorf("%v mappings have a problem; one is disabled", got)
	}
}
