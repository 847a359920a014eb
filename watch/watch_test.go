package watch_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/devo-s3/collector/account/function"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAnOutagePausesEveryMapping(t *testing.T) {
	r := newRig(t)
	r.tried(5, 2)
	r.minute()
	r.want("+++", "some were confirmed")
	r.devo(false)
	r.tried(9, 0)
	r.minute()
	r.want("+++", "the last three minutes have a confirmation")
	if got := r.minute(); got[telemetry.BreakerOpen] != 1 || got[telemetry.MappingsDisabled] != 0 {
		t.Errorf("%v", got)
	}
	r.want("---", "nothing was confirmed")
	for range 10 {
		if got := r.minute(); got[telemetry.BreakerOpen] != 1 || got[telemetry.DevoAttempts] != 1 || got[telemetry.DevoConfirmed] != 0 || got[telemetry.MappingsDisabled] != 0 {
			t.Errorf("%v", got)
		}
	}
	r.devo(true)
	r.minute()
	r.want("---", "one success is not enough")
	r.tried(4, 0) // an invocation that began before the mappings were paused
	if got := r.minute(); got[telemetry.BreakerOpen] != 0 || got[telemetry.DevoConfirmed] != 1 || got[telemetry.ConfirmTime] <= 0 {
		t.Errorf("%v", got)
	}
	r.want("+++", "two successes")
	for range 3 {
		r.minute()
	}
	r.want("+++", "what failed before is over")
	if s := must(r.health.State(t.Context())); len(s.Held) > 0 || s.Open {
		t.Errorf("%+v is left", s)
	}
}

// A Devo that comes and goes is not believed before two probes in a row.
func TestFlapping(t *testing.T) {
	r := newRig(t)
	r.devo(false)
	r.tried(1, 0)
	r.minute()
	for range 5 {
		r.devo(true)
		r.minute()
		r.devo(false)
		r.minute()
		r.want("---", "every other probe failed")
	}
	r.devo(true)
	r.minute()
	r.minute()
	r.want("+++", "two in a row")
}

// TestRefusedCertificate: to be refused is to be out of reach, until the secret
// has another certificate.
func TestRefusedCertificate(t *testing.T) {
	r := newRig(t)
	good := r.key
	r.key = clientOf(must(local.NewAuthority()), must(local.NewAuthority()))
	r.tried(3, 0)
	for range 5 {
		r.minute()
	}
	r.want("---", "every attempt was refused")
	r.key = good
	r.minute()
	r.minute()
	r.want("+++", "the new certificate is good")
}

// What cannot be known, or recorded, is not acted upon.
func TestNothingRash(t *testing.T) {
	for _, action := range []string{"GetItem", "PutItem", "ListEventSourceMappings"} {
		t.Run(action, func(t *testing.T) {
			r := newRig(t)
			r.devo(false)
			r.tried(7, 0)
			r.fail(action, true)
			got := r.minute()
			r.want("+++", action+" failed")
			if _, ok := got[telemetry.BreakerOpen]; ok != (action != "GetItem") || got[telemetry.BreakerOpen] != 0 {
				t.Errorf("BreakerOpen is %v", got)
			}
			if _, ok := got[telemetry.QueueDepth]; !ok || got[telemetry.WatchRuns] != 1 || got[telemetry.CertificateDays] == 0 {
				t.Errorf("the rest is not published: %v", got)
			}
			r.fail(action, false)
			r.minute()
			r.want("---", "it is known again")
			r.devo(true)
			r.minute()
			r.fail(action, true)
			r.minute()
			r.minute()
			r.want("---", action+" failed")
			r.fail(action, false)
			r.minute()
			r.minute()
			r.want("+++", "it is known again")
		})
	}
}

// A run that ends between its record and the mappings is finished by the next.
func TestARunCutShort(t *testing.T) {
	r := newRig(t)
	r.devo(false)
	r.tried(1, 0)
	r.fail("UpdateEventSourceMapping", true)
	r.minute()
	r.want("+++", "Lambda refused")
	r.fail("UpdateEventSourceMapping", false)
	r.minute()
	r.want("---", "the next run")
	r.devo(true)
	r.minute()
	r.fail("UpdateEventSourceMapping", true)
	if got := r.minute(); got[telemetry.BreakerOpen] != 0 || got[telemetry.MappingsDisabled] != 0 {
		t.Errorf("%v", got)
	}
	r.want("---", "Lambda refused")
	r.fail("UpdateEventSourceMapping", false)
	r.minute()
	r.want("+++", "the next run")
}

func TestWhatAPersonDid(t *testing.T) {
	r := newRig(t)
	r.mappings[0].Disable()
	r.devo(false)
	r.tried(1, 0)
	for range 3 {
		if got := r.minute(); got[telemetry.MappingsDisabled] != 1 {
			t.Errorf("%v", got)
		}
	}
	r.want("---", "two of watch's, one of a person's")
	r.mappings[1].Enable()
	r.tried(1, 0)
	r.minute()
	r.want("-+-", "a person enabled it")
	r.devo(true)
	r.minute()
	r.minute()
	r.want("-++", "resumed; a person's stays")
	if got := r.minute(); got[telemetry.MappingsDisabled] != 1 {
		t.Errorf("%v", got)
	}
}

// A queue that is not the deployment's any more is forgotten, after a day.
func TestAMappingThatIsGone(t *testing.T) {
	r := newRig(t)
	r.devo(false)
	r.tried(1, 0)
	r.minute()
	r.minute()
	r.options.Mappings = function.New(r.account, functionARN).Mappings(r.options.Queues)
	r.minute()
	if s := must(r.health.State(t.Context())); len(s.Held) != 3 || len(s.Missing) != 1 {
		t.Errorf("%+v", s)
	}
	r.aws.Clock().Advance(24 * time.Hour)
	r.minute()
	if s := must(r.health.State(t.Context())); len(s.Held) != 2 || len(s.Missing) != 0 {
		t.Errorf("%+v", s)
	}
}

// An answer of Lambda's that is without mappings is not believed: what was paused
// is resumed when they are there again, and what was not seen is paused then.
func TestAnEmptyAnswer(t *testing.T) {
	r := newRig(t)
	whole, empty := r.options.Mappings, function.New(r.account, functionARN).Mappings(nil)
	r.devo(false)
	r.tried(1, 0)
	r.options.Mappings = empty
	if got := r.minute(); got[telemetry.BreakerOpen] != 1 {
		t.Errorf("%v", got)
	}
	r.want("+++", "none was seen when it opened")
	r.options.Mappings = whole
	r.minute()
	r.minute()
	r.want("---", "all were seen")
	r.options.Mappings = empty
	for range 3 {
		r.minute()
	}
	r.devo(true)
	r.minute()
	if got := r.minute(); got[telemetry.BreakerOpen] != 0 {
		t.Errorf("%v", got)
	}
	r.minute()
	r.want("---", "none was seen when it closed")
	r.options.Mappings = whole
	if got := r.minute(); got[telemetry.MappingsDisabled] != 0 {
		t.Errorf("watch's own are taken for a person's: %v", got)
	}
	r.want("+++", "all were seen")
	r.minute()
	if s := must(r.health.State(t.Context())); len(s.Held)+len(s.Missing) > 0 || s.Open {
		t.Errorf("%+v is left", s)
	}
}

// TestTwoAtOnce: Lambda may begin a run twice.
func TestTwoAtOnce(t *testing.T) {
	r := newRig(t)
	both := func() {
		r.aws.Clock().Advance(time.Minute)
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() { r.unseen().Run(t.Context(), r.sink()) })
		}
		all.Wait()
	}
	for range 5 {
		r.devo(false)
		if _, err := r.health.State(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.tried(1, 0)
		both()
		both()
		r.want("---", "out of reach")
		r.devo(true)
		for range 3 {
			both()
		}
		r.want("+++", "back")
		for range 3 {
			both()
		}
	}
	if s := must(r.health.State(t.Context())); len(s.Held) > 0 || s.Open {
		t.Errorf("%+v is left", s)
	}
}

func TestDepths(t *testing.T) {
	r := newRig(t)
	r.keepMessages()
	for arn, n := range map[string]int{
		r.options.Queues[0]: 3, r.options.Queues[1]: 4, r.options.DLQs[1]: 5, r.options.Continuation: 6, r.options.ContinuationDLQ: 7,
	} {
		for range n {
			if err := r.aws.Send(arn, "body"); err != nil {
				t.Fatal(err)
			}
		}
	}
	depths := func() map[string]float64 {
		got := r.minute()
		maps.DeleteFunc(got, func(name string, _ float64) bool {
			return !slices.Contains([]string{
				telemetry.QueueDepth, telemetry.DLQDepth, telemetry.ContinuationDepth, telemetry.ContinuationDLQDepth, telemetry.QueueAttributesDenied,
			}, name)
		})
		return got
	}
	want := map[string]float64{
		telemetry.QueueDepth: 7, telemetry.DLQDepth: 5, telemetry.ContinuationDepth: 6, telemetry.ContinuationDLQDepth: 7, telemetry.QueueAttributesDenied: 0,
	}
	if diff := cmp.Diff(want, depths()); diff != "" {
		t.Error(diff)
	}
	// One queue's policy does not let watch look any more; and one is gone.
	r.aws.CreateRole(local.Role{ARN: role, Allow: []local.Statement{
		{Actions: []string{"sqs:*"}, Resources: []string{r.options.Queues[1], r.options.DLQs[0], r.options.DLQs[1], r.options.ContinuationDLQ}},
		{Actions: []string{"dynamodb:*", "lambda:*"}, Resources: []string{"*"}},
	}})
	want[telemetry.QueueDepth], want[telemetry.QueueAttributesDenied] = 4, 2
	delete(want, telemetry.ContinuationDepth)
	if diff := cmp.Diff(want, depths()); diff != "" {
		t.Error(diff)
	}
}

// TestHeartbeat: every five minutes, and it says no more than it must.
func TestHeartbeat(t *testing.T) {
	r := newRig(t)
	for range 20 {
		r.minute()
	}
	beats := r.beats()
	if len(beats) != 4 {
		t.Fatalf("%d heartbeats in 20 minutes", len(beats))
	}
	at, err := time.Parse(time.RFC3339, beats[3]["time"])
	if err != nil || r.aws.Clock().Now().Sub(at).Abs() > 6*time.Minute {
		t.Errorf("%v, %v", beats[3], err)
	}
	delete(beats[3], "time")
	if diff := cmp.Diff(map[string]string{"deployment": "acme", "version": "v1"}, beats[3]); diff != "" {
		t.Error(diff)
	}
}

// TestNoHeartbeat: 0 sends none while the breaker is closed.
func TestNoHeartbeat(t *testing.T) {
	r := newRig(t)
	r.options.Heartbeat = 0
	for range 10 {
		r.minute()
	}
	if beats := r.beats(); len(beats) > 0 {
		t.Errorf("%d heartbeats", len(beats))
	}
}

// TestWithoutALedger there is no breaker; the rest goes on.
func TestWithoutALedger(t *testing.T) {
	r := newRig(t)
	r.options.Memory, r.options.Heartbeat = nil, time.Minute
	r.mappings[2].Disable()
	r.devo(false)
	for range 3 {
		r.tried(1, 0)
		got := r.minute()
		if _, ok := got[telemetry.BreakerOpen]; ok || got[telemetry.DevoAttempts] != 1 || got[telemetry.MappingsDisabled] != 1 {
			t.Errorf("%v", got)
		}
	}
	r.want("++-", "nothing is paused")
}

// TestMetricsOfAnIdleDeployment: docs/infrastructure.md says how many there are
// while nothing is delivered, for they cost something every hour.
func TestMetricsOfAnIdleDeployment(t *testing.T) {
	r := newRig(t)
	all := make(map[string]float64)
	for range 6 { // a heartbeat is among them
		maps.Copy(all, r.minute())
	}
	doc, err := os.ReadFile("../docs/infrastructure.md")
	if err != nil {
		t.Fatal(err)
	}
	if want := fmt.Sprintf("| Custom metrics | %d while idle, ", len(all)); !strings.Contains(string(doc), want) {
		t.Errorf("docs/infrastructure.md does not say %q", want)
	}
	if want := fmt.Sprintf("| %.2f (", 0.3*float64(len(all))); !strings.Contains(string(doc), want) {
		t.Errorf("docs/infrastructure.md does not say that they cost %q", want)
	}
}
