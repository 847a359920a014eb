package operate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/operate/checkup"
	"github.com/devo-s3/collector/sources"
)

const customerAccount = "111122223333"

// visit is a patient in an emulated account, seen by an operator role that may do
// the actions alone; none is everything.
func visit(t *testing.T, actions ...string) (*Doctor, *local.Account) {
	t.Helper()
	a, err := local.Start(local.Options{Region: "eu-west-1", ID: devoAccount})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for name, value := range a.Environment(a.CreateKey("arn:aws:iam::" + devoAccount + ":role/person")) {
		t.Setenv(name, value)
	}
	const operator = "arn:aws:iam::" + customerAccount + ":role/operator"
	role := local.Role{ARN: operator, Trust: local.Trust{Principals: []string{"arn:aws:iam::" + devoAccount + ":root"}, ExternalID: "abcdef"}}
	if actions != nil {
		role.Allow = []local.Statement{{Actions: actions, Resources: []string{"*"}}}
	}
	a.CreateRole(role)
	d := patient(t)
	for i := range d.Queues {
		d.Queues[i].OperatorARN = operator
		a.CreateQueue(d.Queues[i].Name(), local.QueueOptions{Owner: customerAccount})
	}
	if d.Account, err = account.New(t.Context(), account.Options{Region: "eu-west-1", Log: slog.New(slog.DiscardHandler)}); err != nil {
		t.Fatal(err)
	}
	return d, a
}

// What a publisher needs of its bucket is looked at, and is never ok unseen.
func TestBucketsMustSuitTheirPublishers(t *testing.T) {
	const key = "arn:aws:kms:eu-west-1:111122223333:key/k"
	enforced, old, writer := local.BucketOptions{}, local.BucketOptions{Ownership: "none"}, local.BucketOptions{Ownership: "ObjectWriter"}
	encrypted := local.BucketOptions{KMSKey: key}
	for _, c := range []struct {
		name, source string
		buckets      []local.BucketOptions
		may          []string
		want         []checkup.Status
		says         []string
	}{
		{"no ACLs", "aws_cloudfront", []local.BucketOptions{enforced}, nil, []checkup.Status{checkup.Wrong}, []string{
			"BucketOwnerEnforced", "aws_cloudfront writes only", "put-bucket-ownership-controls --bucket logs-0 --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerPreferred}]'",
		}},
		{"of before 2023", "aws_cloudfront", []local.BucketOptions{old}, nil, []checkup.Status{checkup.OK}, []string{"has ACLs"}},
		{"of the writer", "aws_cloudfront", []local.BucketOptions{writer}, nil, []checkup.Status{checkup.OK}, []string{"has ACLs"}},
		{"several services", "aws_sqs_control_tower", []local.BucketOptions{enforced}, nil, []checkup.Status{checkup.Wrong}, []string{"BucketOwnerEnforced"}},
		{"one of two", "aws_cloudfront", []local.BucketOptions{enforced, writer}, nil, []checkup.Status{checkup.OK}, []string{"has ACLs"}},
		{"none of two", "aws_cloudfront", []local.BucketOptions{enforced, enforced}, nil, []checkup.Status{checkup.Wrong, checkup.Wrong}, []string{"BucketOwnerEnforced"}},
		{"may not look", "aws_cloudfront", []local.BucketOptions{writer}, []string{"s3:ListBucket"}, []checkup.Status{checkup.Unseen}, []string{
			"cannot see: ", "get-bucket-ownership-controls --bucket logs-0 must not show BucketOwnerEnforced",
		}},
		{"a key", "aws_sqs_alb", []local.BucketOptions{encrypted}, nil, []checkup.Status{checkup.Wrong}, []string{
			"aws:kms", `put-bucket-encryption --bucket logs-0`, `"SSEAlgorithm":"AES256"`,
		}},
		{"no key", "aws_sqs_alb", []local.BucketOptions{enforced}, nil, []checkup.Status{checkup.OK}, []string{"AES256"}},
		{"may not look at keys", "aws_sqs_alb", []local.BucketOptions{enforced}, []string{"s3:ListBucket"}, []checkup.Status{checkup.Unseen}, []string{"get-bucket-encryption"}},
		{"needs nothing", "aws_sqs_vpc", []local.BucketOptions{encrypted}, nil, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, a := visit(t, c.may...)
			q := &d.Queues[0]
			q.Buckets, q.Sources = nil, service(t, c.source)
			for i, o := range c.buckets {
				o.Owner = customerAccount
				name := "logs-" + string(rune('0'+i))
				if err := a.CreateBucket(name, o); err != nil {
					t.Fatal(err)
				}
				q.Buckets = append(q.Buckets, config.Bucket{Name: name, Owner: customerAccount, Region: "eu-west-1"})
			}
			var got []checkup.Status
			for _, made := range d.publishers(t.Context(), q) {
				got = append(got, made.Status)
				judge(t, made, made.Status, c.says...)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

func service(t *testing.T, name string) sources.Set {
	t.Helper()
	definition, err := sources.Service(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := sources.Compile(definition)
	if err != nil {
		t.Fatal(err)
	}
	return sources.Set{s}
}

// doctor asks SNS and EventBridge, and believes no notification that ends there.
func TestTheWayOfANotificationEndToEnd(t *testing.T) {
	const other = "arn:aws:sqs:eu-west-1:" + customerAccount + ":other"
	only := func(actions ...string) []string { return append(actions, "s3:GetBucketNotification") }
	for name, c := range map[string]struct {
		way    local.Notification
		may    []string
		status checkup.Status
		says   []string
	}{
		"by SNS":               {local.Notification{Via: local.ViaSNS}, nil, checkup.OK, []string{"tells a topic that queue by-sns is subscribed to"}},
		"a filter policy":      {local.Notification{Via: local.ViaSNS, Filter: `{"kind":["log"]}`}, nil, checkup.Wrong, []string{"nobody will hear", "logs-sns-events:by-sns has a filter policy"}},
		"not confirmed":        {local.Notification{Via: local.ViaSNS, Off: true}, nil, checkup.Wrong, []string{"is not confirmed"}},
		"no subscription":      {local.Notification{Via: local.ViaSNS, Queue: other}, nil, checkup.Wrong, []string{"queue by-sns is not subscribed to arn:aws:sns:eu-west-1:111122223333:logs-sns-events"}},
		"may not see topics":   {local.Notification{Via: local.ViaSNS}, only(), checkup.Unseen, []string{"aws sns list-subscriptions-by-topic --topic-arn arn:aws:sns:eu-west-1:111122223333:logs-sns-events"}},
		"nor attributes":       {local.Notification{Via: local.ViaSNS}, only("sns:ListSubscriptionsByTopic"), checkup.Unseen, []string{"sns:GetSubscriptionAttributes"}},
		"may see topics":       {local.Notification{Via: local.ViaSNS}, only("sns:ListSubscriptionsByTopic", "sns:GetSubscriptionAttributes"), checkup.OK, nil},
		"by EventBridge":       {local.Notification{Via: local.ViaEventBridge}, nil, checkup.OK, []string{"tells EventBridge"}},
		"a rule that is off":   {local.Notification{Via: local.ViaEventBridge, Off: true}, nil, checkup.Wrong, []string{"rule rule-logs-eventbridge is disabled"}},
		"another bucket's":     {local.Notification{Via: local.ViaEventBridge, Pattern: `{"source":["aws.s3"],"detail":{"bucket":{"name":["other"]}}}`}, nil, checkup.Wrong, []string{"of 1 rules that send to queue by-eventbridge none matches"}},
		"of other events":      {local.Notification{Via: local.ViaEventBridge, Pattern: `{"source":["aws.s3"],"detail-type":["Object Deleted"]}`}, nil, checkup.Wrong, []string{"none matches"}},
		"to another queue":     {local.Notification{Via: local.ViaEventBridge, Queue: other}, nil, checkup.Wrong, []string{"of 0 rules"}},
		"may not see rules":    {local.Notification{Via: local.ViaEventBridge}, only(), checkup.Unseen, []string{"aws events list-rule-names-by-target"}},
		"may see rules":        {local.Notification{Via: local.ViaEventBridge}, only("events:ListRuleNamesByTarget", "events:DescribeRule", "events:TestEventPattern"), checkup.OK, nil},
		"may not try patterns": {local.Notification{Via: local.ViaEventBridge}, only("events:ListRuleNamesByTarget", "events:DescribeRule"), checkup.Unseen, []string{"events:TestEventPattern"}},
	} {
		t.Run(name, func(t *testing.T) {
			d, a := visit(t, c.may...)
			q := &d.Queues[1]
			if c.way.Via == local.ViaEventBridge {
				q = &d.Queues[2]
			}
			a.CreateQueue("other", local.QueueOptions{Owner: customerAccount})
			if err := a.CreateBucket(q.Buckets[0].Name, local.BucketOptions{Owner: customerAccount}); err != nil {
				t.Fatal(err)
			}
			c.way.Queue = cmp.Or(c.way.Queue, q.ARN)
			if err := a.Notify(q.Buckets[0].Name, c.way); err != nil {
				t.Fatal(err)
			}
			judge(t, d.notification(t.Context(), q, q.Buckets[0]), c.status, c.says...)
		})
	}
}

// S3 must be told to announce restored objects, where they are wanted.
func TestRestoredObjectsMustBeAnnounced(t *testing.T) {
	d, a := visit(t)
	q := &d.Queues[0]
	b := config.Bucket{Name: "logs-s3", Owner: customerAccount, Region: "eu-west-1", Restored: true}
	if err := a.CreateBucket(b.Name, local.BucketOptions{Owner: customerAccount}); err != nil {
		t.Fatal(err)
	}
	if err := a.Notify(b.Name, local.Notification{Queue: q.ARN}); err != nil {
		t.Fatal(err)
	}
	judge(t, d.notification(t.Context(), q, b), checkup.Wrong, "does not tell queue by-s3")
	if err := a.Notify(b.Name, local.Notification{Queue: q.ARN, Events: []string{"s3:ObjectCreated:*", "s3:ObjectRestore:Completed"}}); err != nil {
		t.Fatal(err)
	}
	judge(t, d.notification(t.Context(), q, b), checkup.OK)

	q = &d.Queues[2]
	pattern, err := json.Marshal(b.EventPattern())
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range []struct {
		pattern string
		status  checkup.Status
	}{{"", checkup.Wrong}, {string(pattern), checkup.OK}} {
		b.Name = fmt.Sprintf("logs-bridge-%d", i)
		if err := a.CreateBucket(b.Name, local.BucketOptions{Owner: customerAccount}); err != nil {
			t.Fatal(err)
		}
		way := local.Notification{Queue: q.ARN, Via: local.ViaEventBridge, Pattern: strings.Replace(c.pattern, `"logs-s3"`, `"`+b.Name+`"`, 1)}
		if err := a.Notify(b.Name, way); err != nil {
			t.Fatal(err)
		}
		judge(t, d.notification(t.Context(), q, b), c.status, "EventBridge")
	}
}
