package watch_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
	"github.com/devo-s3/collector/watch"
)

const (
	vendorAccount = "222233334444"
	vendorUser    = "arn:aws:iam::222233334444:user/feed"
	vendorBucket  = "feed-objects"
	vendorKeys    = "devo/feed" // the secret
	hidden        = 30 * time.Minute
)

// A vendor is another account, in which the keys of a user open one queue and
// one bucket. watch's own role opens neither.
type vendor struct {
	*rig
	queue  string // ARN
	secret string // that nothing may show
}

func newVendor(t *testing.T) *vendor {
	t.Helper()
	v := &vendor{rig: newRig(t)}
	v.keepMessages()
	v.queue = v.aws.CreateQueue("feed", local.QueueOptions{Owner: vendorAccount})
	if err := v.aws.CreateBucket(vendorBucket, local.BucketOptions{Owner: vendorAccount}); err != nil {
		t.Fatal(err)
	}
	v.aws.CreateRole(local.Role{ARN: vendorUser, Allow: []local.Statement{
		{Actions: []string{"sqs:ReceiveMessage", "sqs:DeleteMessage"}, Resources: []string{v.queue}},
		{Actions: []string{"s3:ListBucket"}, Resources: []string{"arn:aws:s3:::" + vendorBucket}},
		{Actions: []string{"s3:GetObject"}, Resources: []string{"arn:aws:s3:::" + vendorBucket + "/*"}},
	}})
	key := v.aws.CreateKey(vendorUser)
	v.secret = key.SecretAccessKey
	keys := v.aws.PutSecret(vendorKeys, fmt.Sprintf(`{"access_key_id": %q, "secret_access_key": %q}`, key.AccessKeyID, key.SecretAccessKey))
	v.aws.CreateRole(local.Role{ARN: role, Allow: []local.Statement{
		{Actions: []string{"sqs:SendMessage"}, Resources: []string{v.options.Continuation}},
		{Actions: []string{"sqs:GetQueueAttributes"}, Resources: slices.Concat(v.options.Queues, v.options.DLQs, []string{v.options.Continuation, v.options.ContinuationDLQ})},
		{Actions: []string{"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, Resources: []string{"arn:aws:dynamodb:us-east-1:123456789012:table/" + table}},
		{Actions: []string{"lambda:*"}, Resources: []string{"*"}},
		{Actions: []string{"secretsmanager:GetSecretValue"}, Resources: []string{keys}},
	}})
	v.options.Continuations = v.account.Queue(v.options.Continuation)
	v.options.Vendors = []watch.Vendor{v.polled(vendorKeys)}
	return v
}

// polled is the vendor's queue, opened with the keys in a secret.
func (v *vendor) polled(keys string) watch.Vendor {
	return watch.Vendor{ARN: v.queue, Queue: must(v.account.VendorQueue(v.queue, keys, hidden))}
}

// file is what the vendor's queue says of an object.
func file(key string) string {
	return fmt.Sprintf(`{"cid":"0a1b","timestamp":1793610004123,"bucket":%q,"files":[{"path":%q,"size":4}]}`, vendorBucket, key)
}

// send puts messages on the vendor's queue.
func (v *vendor) send(bodies ...string) {
	v.Helper()
	for _, body := range bodies {
		if err := v.aws.Send(v.queue, body); err != nil {
			v.Fatal(err)
		}
	}
}

// continued are the messages of the continuation queue, decoded, in no order of
// importance: sorted by what they name.
func (v *vendor) continued() (all []events.Notification) {
	v.Helper()
	for _, m := range v.aws.Messages(v.options.Continuation) {
		n, err := events.Decode(m.Body)
		if err != nil || n.Continuation == nil || n.Continuation.Queue != v.options.Vendors[0].ARN {
			v.Fatalf("%s: %v", m.Body, err)
		}
		all = append(all, n)
	}
	return all
}

// keys are those of the objects that the continuation queue names.
func (v *vendor) keys() (all []string) {
	v.Helper()
	for _, n := range v.continued() {
		for _, o := range n.Objects {
			all = append(all, o.Key)
		}
	}
	slices.Sort(all)
	return all
}

// wantRun has watch run for a minute and looks at what it counted. It returns how
// many queues and folders have more than that.
func (v *vendor) wantRun(passed, failures float64) (behind float64) {
	v.Helper()
	got := v.minute()
	if got[telemetry.VendorPassed] != passed || got[telemetry.VendorFailures] != failures || got[telemetry.WatchRuns] != 1 {
		v.Fatalf("%v passed on and %v failures, want %v and %v", got[telemetry.VendorPassed], got[telemetry.VendorFailures], passed, failures)
	}
	return got[telemetry.VendorsBehind]
}

// TestVendorsMessagesArePassedOn: as they are, and the function can read what
// they name with the same keys, and without them cannot.
func TestVendorsMessagesArePassedOn(t *testing.T) {
	v := newVendor(t)
	var want []string
	for i := range 23 {
		key := fmt.Sprintf("data/%02d/part-00000.gz", i)
		want = append(want, key)
		v.send(file(key))
	}
	v.wantRun(23, 0)
	if diff := cmp.Diff(want, v.keys()); diff != "" {
		t.Error(diff)
	}
	if left := v.aws.Messages(v.queue); len(left) > 0 {
		t.Errorf("%d messages are left with the vendor", len(left))
	}
	n := v.continued()[0]
	if n.Continuation.Body == "" || n.Objects[0].Bucket != vendorBucket {
		t.Errorf("%+v", n)
	}
	if err := v.aws.Put(vendorBucket, n.Objects[0].Key, []byte("text")); err != nil {
		t.Fatal(err)
	}
	body, err := v.account.Store(account.Access{Keys: vendorKeys}).Open(t.Context(), n.Objects[0], 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(body)
	body.Close()
	if string(text) != "text" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
	if _, err := v.account.Store(account.Access{}).Open(t.Context(), n.Objects[0], 0, -1); delivery.KindOf(err) != delivery.Denied {
		t.Errorf("without the keys: %v", err)
	}
}

// TestOneRunIsBounded: ten receives, and none when time is up.
func TestOneRunIsBounded(t *testing.T) {
	v := newVendor(t)
	for i := range 107 {
		v.send(file(fmt.Sprint(i)))
	}
	short, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	watch.New(v.options).Run(short, v.sink())
	if n := len(v.continued()); n > 0 {
		t.Errorf("%d messages passed on in the time that is kept", n)
	}
	if behind := v.wantRun(100, 0); behind != 1 {
		t.Errorf("%v queues are behind, want 1", behind)
	}
	if behind := v.wantRun(7, 0); behind != 0 {
		t.Errorf("%v queues are behind, want none", behind)
	}
}

// TestNothingIsDeletedBeforeItWasAccepted: it comes again when it is not hidden
// any more.
func TestNothingIsDeletedBeforeItWasAccepted(t *testing.T) {
	v := newVendor(t)
	v.send(file("a"), file("b"), file("c"))
	v.fail("SendMessageBatch", true)
	v.wantRun(0, 1)
	if n := len(v.aws.Messages(v.queue)); n != 3 {
		t.Fatalf("%d of 3 messages are left", n)
	}
	v.fail("SendMessageBatch", false)
	v.wantRun(0, 0)
	v.aws.Clock().Advance(hidden)
	v.wantRun(3, 0)
	if diff := cmp.Diff([]string{"a", "b", "c"}, v.keys()); diff != "" {
		t.Error(diff)
	}
}

// TestWhatCannotBeDeletedComesAgain: which the ledger knows, and somebody is
// told.
func TestWhatCannotBeDeletedComesAgain(t *testing.T) {
	v := newVendor(t)
	v.send(file("a"))
	v.fail("DeleteMessageBatch", true)
	v.wantRun(1, 1)
	v.wantRun(0, 0)
	v.fail("DeleteMessageBatch", false)
	v.aws.Clock().Advance(hidden)
	v.wantRun(1, 0)
	if diff := cmp.Diff([]string{"a", "a"}, v.keys()); diff != "" {
		t.Error(diff)
	}
	if left := v.aws.Messages(v.queue); len(left) > 0 {
		t.Errorf("%d messages are left", len(left))
	}
}

func TestAMessageTooLongHarmsNoOther(t *testing.T) {
	v := newVendor(t)
	v.send(file(strings.Repeat(`"`, events.MaxBody/3)), file("a"), file("b"))
	v.wantRun(2, 1)
	if left := v.aws.Messages(v.queue); len(left) != 1 || len(left[0].Body) < events.MaxBody/2 {
		t.Errorf("%d messages are left", len(left))
	}
}

// TestOneVendorHarmsNoOther, nor the rest of watch; and no error shows a key.
func TestOneVendorHarmsNoOther(t *testing.T) {
	var log strings.Builder
	v := newVendor(t)
	v.options.Log = lines(&log)
	v.aws.PutSecret("devo/wrong", `{"access_key_id": "AKIAWRONG", "secret_access_key": "`+v.secret+`"}`)
	v.aws.PutSecret("devo/text", v.secret)
	for _, keys := range []string{"devo/wrong", "devo/text", "devo/none"} {
		v.options.Vendors = append(v.options.Vendors, v.polled(keys))
	}
	v.send(file("a"))
	v.wantRun(1, 3)
	if got := v.minute(); got[telemetry.WatchRuns] != 1 || len(got) < 9 {
		t.Errorf("%v", got)
	}
	if strings.Contains(log.String(), v.secret) || strings.Count(log.String(), v.queue) < 3 {
		t.Errorf("%s", log.String())
	}
}
