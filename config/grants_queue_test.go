package config

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config/iam"
)

const (
	logs = "arn:aws:sqs:eu-west-1:111122223333:devo-logs"
	root = "arn:aws:iam::999988887777:root"
)

// deployment has a queue with a bucket beside it, one in another region and one
// of another account.
func deployment(t *testing.T, delivery string) (*Config, *Queue) {
	t.Helper()
	c := parse(t, `
customer: acme
id: "1"
account: "999988887777"
region: eu-west-1
devo: {endpoints: ["collector-eu.devo.io:443"], secret: s}
queues:
  - arn: `+logs+`
    role_arn: arn:aws:iam::111122223333:role/reader
    delivery: sns
    buckets:
      - {name: acme-logs}
      - {name: acme-us, region: us-east-1}
      - {name: archive, owner: "444455556666"}
    sources: [aws_sqs_cloudtrail]
`)
	q := &c.Queues[0]
	if q.Delivery = delivery; delivery == "s3" {
		q.Buckets = slices.Delete(q.Buckets, 1, 2) // S3 notifies a queue of its own region alone
	}
	return c, q
}

func allows(sid string, principal iam.Key, conditions iam.Condition, resource string, actions ...string) iam.Statement {
	return iam.Statement{Sid: sid, Effect: "Allow", Principal: principal, Action: actions, Resource: []string{resource}, Condition: conditions}
}

func TestWhoMaySendIsOnlyWhatTheBucketsSendBy(t *testing.T) {
	for delivery, want := range map[string][]iam.Statement{
		"s3": {
			allows("Buckets", iam.Key{"Service": "s3.amazonaws.com"}, iam.Condition{
				"ArnEquals":    {"aws:SourceArn": []string{"arn:aws:s3:::acme-logs", "arn:aws:s3:::archive"}},
				"StringEquals": {"aws:SourceAccount": []string{"111122223333", "444455556666"}},
			}, logs, "sqs:SendMessage"),
		},
		"sns": {
			allows("Topics", iam.Key{"Service": "sns.amazonaws.com"}, iam.Condition{"ArnEquals": {"aws:SourceArn": []string{
				"arn:aws:sns:eu-west-1:111122223333:devo-logs", "arn:aws:sns:us-east-1:111122223333:devo-logs",
			}}}, logs, "sqs:SendMessage"),
		},
	} {
		t.Run(delivery, func(t *testing.T) {
			c, q := deployment(t, delivery)
			if diff := cmp.Diff(want, q.Senders(c)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheCollectorPollsAndWatchLooks(t *testing.T) {
	function := iam.Condition{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/devo-s3-collector-acme"}}
	watch := iam.Condition{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/devo-s3-collector-acme-watch"}}
	tlsOnly := func(queue string) iam.Statement {
		return iam.Statement{
			Sid: "TLSOnly", Effect: "Deny", Principal: iam.Key{"AWS": "*"}, Action: []string{"sqs:*"}, Resource: []string{queue},
			Condition: iam.Condition{"Bool": {"aws:SecureTransport": "false"}},
		}
	}
	c, q := deployment(t, "s3")
	for _, test := range []struct {
		of        string
		want, got []iam.Statement
	}{
		{"queue", []iam.Statement{
			allows("Collector", iam.Key{"AWS": root}, function, logs,
				"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
			allows("Watch", iam.Key{"AWS": root}, watch, logs, "sqs:GetQueueAttributes"),
			tlsOnly(logs),
		}, q.Policy(c)},
		{"DLQ", []iam.Statement{
			allows("Watch", iam.Key{"AWS": root}, watch, logs+"-dlq", "sqs:GetQueueAttributes"),
			tlsOnly(logs + "-dlq"),
		}, q.DLQPolicy(c)},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.of, diff)
		}
	}
}

func TestWhoSendsEncryptsAndTheCollectorDecrypts(t *testing.T) {
	for delivery, senders := range map[string]struct {
		service  string
		accounts []string
	}{
		"s3":          {"s3.amazonaws.com", []string{"111122223333", "444455556666"}},
		"sns":         {"sns.amazonaws.com", []string{"111122223333"}},
		"eventbridge": {"events.amazonaws.com", []string{"111122223333"}},
	} {
		t.Run(delivery, func(t *testing.T) {
			want := []iam.Statement{
				allows("Senders", iam.Key{"Service": senders.service},
					iam.Condition{"StringEquals": {"aws:SourceAccount": senders.accounts}}, "*", "kms:Decrypt", "kms:GenerateDataKey"),
				allows("Collector", iam.Key{"AWS": root}, iam.Condition{
					"ArnEquals":    {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/devo-s3-collector-acme"},
					"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"},
				}, "*", "kms:Decrypt"),
			}
			c, q := deployment(t, delivery)
			if diff := cmp.Diff(want, q.KeyPolicy(c)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestPatternsTakePrefixAndSuffixTogether(t *testing.T) {
	key := func(kind, value string) any { return map[string]any{kind: value} }
	for name, test := range map[string]struct {
		prefixes, suffixes []string
		want               []any
	}{
		"all":      {},
		"prefixes": {prefixes: []string{"a/", "b/"}, want: []any{key("prefix", "a/"), key("prefix", "b/")}},
		"suffixes": {suffixes: []string{".gz"}, want: []any{key("suffix", ".gz")}},
		"both":     {prefixes: []string{"a/"}, suffixes: []string{".gz", ".log"}, want: []any{key("wildcard", "a/*.gz"), key("wildcard", "a/*.log")}},
		"no pattern": {
			prefixes: []string{`a*b\c/`}, suffixes: []string{"*"}, want: []any{key("wildcard", `a\*b\\c/*\*`)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			pattern := (Bucket{Name: "acme-logs", Owner: "111122223333", Region: "eu-west-1", Prefixes: test.prefixes, Suffixes: test.suffixes}).EventPattern()
			detail := map[string]any{"bucket": map[string]any{"name": []string{"acme-logs"}}}
			if test.want != nil {
				detail["object"] = map[string]any{"key": test.want}
			}
			want := map[string]any{
				"source": []string{"aws.s3"}, "detail-type": []string{"Object Created"},
				"account": []string{"111122223333"}, "region": []string{"eu-west-1"}, "detail": detail,
			}
			if diff := cmp.Diff(want, pattern); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Where restored objects are wanted, S3 and EventBridge have to tell of them.
func TestRestoredObjectsAreAnnounced(t *testing.T) {
	b := Bucket{Name: "acme-logs", Owner: "111122223333", Region: "eu-west-1", Restored: true}
	if diff := cmp.Diff([]string{"Object Created", "Object Restore Completed"}, b.EventPattern()["detail-type"]); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"s3:ObjectCreated:*", "s3:ObjectRestore:Completed"}, b.Events()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// SNS sends under the name of the opt-in region, of the topic or the queue.
func TestSNSSendsFromOptInRegions(t *testing.T) {
	c, q := deployment(t, "sns")
	q.Buckets[1].Region = "ap-east-1"
	want := iam.Key{"Service": []string{"sns.ap-east-1.amazonaws.com", "sns.amazonaws.com"}}
	for name, statements := range map[string][]iam.Statement{"queue": q.Senders(c), "key": q.KeyPolicy(c)} {
		if diff := cmp.Diff(any(want), statements[0].Principal); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
