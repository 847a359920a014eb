package collector

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/infra/cdktest"
)

// The mapping of a queue that is renamed stays, with its id, and so what the
// function and watch may do with it; and what the queue is, in Devo's account.
func TestARenamedQueueIsPolled(t *testing.T) {
	renamed := strings.NewReplacer(":devo-logs\n", ":devo-logs-2\n    was: [{arn: \"arn:aws:sqs:eu-west-1:111122223333:devo-logs\"}]\n").Replace(small)
	if renamed == small {
		t.Fatal("nothing is renamed")
	}
	before := cdktest.Synth(t, newStack(t, cdktest.App(t), cdktest.Config(t, small)))
	after := cdktest.Synth(t, newStack(t, cdktest.App(t), cdktest.Config(t, renamed)))
	for id, mapping := range before.Of("AWS::Lambda::EventSourceMapping") {
		if diff := cmp.Diff(mapping.Properties["EventSourceArn"], after.Resources[id].Properties["EventSourceArn"]); diff != "" {
			t.Errorf("%s (-before +after):\n%s", id, diff)
		}
	}
	if n := len(after.Of("AWS::Lambda::EventSourceMapping")); n != 3 {
		t.Errorf("%d mappings", n)
	}
	for _, may := range []string{`:devo-logs"`, `:devo-logs-dlq"`, `:devo-logs-2"`, `:devo-logs-2-dlq"`} {
		if !strings.Contains(string(after.Text), may) {
			t.Errorf("nobody may look at %s", may)
		}
	}
}
