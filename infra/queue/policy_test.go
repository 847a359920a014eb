package queue

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdk"
	"github.com/devo-s3/collector/infra/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

const (
	arn  = "arn:aws:sqs:eu-west-1:111122223333:devo-logs"
	root = "arn:aws:iam::999988887777:root"
)

// deployment has a queue with a bucket beside it, one in another region and one
// of another account.
func deployment(t *testing.T, delivery string) (*config.Config, *config.Queue) {
	t.Helper()
	c := cdktest.Config(t, `
customer: acme
id: "1"
account: "999988887777"
region: eu-west-1
devo: {endpoints: ["collector-eu.devo.io:443"], secret: s}
queues:
  - arn: `+arn+`
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

func allows(sid string, principal cdk.Key, conditions cdk.Condition, resource string, actions ...string) cdk.Statement {
	return cdk.Statement{Sid: sid, Effect: "Allow", Principal: principal, Action: actions, Resource: []string{resource}, Condition: conditions}
}

func TestWhoMaySendIsOnlyWhatTheBucketsSendBy(t *testing.T) {
	for delivery, want := range map[string][]cdk.Statement{
		"s3": {
			allows("BucketsOf111122223333", cdk.Key{"Service": "s3.amazonaws.com"}, cdk.Condition{
				"ArnEquals":    {"aws:SourceArn": []string{"arn:aws:s3:::acme-logs"}},
				"StringEquals": {"aws:SourceAccount": "111122223333"},
			}, arn, "sqs:SendMessage"),
			allows("BucketsOf444455556666", cdk.Key{"Service": "s3.amazonaws.com"}, cdk.Condition{
				"ArnEquals":    {"aws:SourceArn": []string{"arn:aws:s3:::archive"}},
				"StringEquals": {"aws:SourceAccount": "444455556666"},
			}, arn, "sqs:SendMessage"),
		},
		"sns": {
			allows("Topics", cdk.Key{"Service": "sns.amazonaws.com"}, cdk.Condition{"ArnEquals": {"aws:SourceArn": []string{
				"arn:aws:sns:eu-west-1:111122223333:devo-logs", "arn:aws:sns:us-east-1:111122223333:devo-logs",
			}}}, arn, "sqs:SendMessage"),
		},
	} {
		t.Run(delivery, func(t *testing.T) {
			if diff := cmp.Diff(want, Senders(deployment(t, delivery))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTheCollectorPollsAndWatchLooks(t *testing.T) {
	function := cdk.Condition{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/devo-s3-collector-acme"}}
	watch := cdk.Condition{"ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/devo-s3-collector-acme-watch"}}
	tlsOnly := func(queue string) cdk.Statement {
		return cdk.Statement{
			Sid: "TLSOnly", Effect: "Deny", Principal: cdk.Key{"AWS": "*"}, Action: []string{"sqs:*"}, Resource: []string{queue},
			Condition: cdk.Condition{"Bool": {"aws:SecureTransport": "false"}},
		}
	}
	c, q := deployment(t, "s3")
	for _, test := range []struct {
		of        string
		want, got []cdk.Statement
	}{
		{"queue", []cdk.Statement{
			allows("Collector", cdk.Key{"AWS": root}, function, arn,
				"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"),
			allows("Watch", cdk.Key{"AWS": root}, watch, arn, "sqs:GetQueueAttributes"),
			tlsOnly(arn),
		}, Policy(c, q)},
		{"DLQ", []cdk.Statement{
			allows("Watch", cdk.Key{"AWS": root}, watch, arn+"-dlq", "sqs:GetQueueAttributes"),
			tlsOnly(arn + "-dlq"),
		}, DLQPolicy(c, q)},
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
			want := []cdk.Statement{
				allows("Senders", cdk.Key{"Service": senders.service},
					cdk.Condition{"StringEquals": {"aws:SourceAccount": senders.accounts}}, "*", "kms:Decrypt", "kms:GenerateDataKey"),
				allows("Collector", cdk.Key{"AWS": root}, cdk.Condition{
					"ArnEquals":    {"aws:PrincipalArn": "arn:aws:iam::999988887777:role/devo-s3-collector-acme"},
					"StringEquals": {"kms:ViaService": "sqs.eu-west-1.amazonaws.com"},
				}, "*", "kms:Decrypt"),
			}
			if diff := cmp.Diff(want, KeyPolicy(deployment(t, delivery))); diff != "" {
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
			pattern := Pattern(config.Bucket{Name: "acme-logs", Owner: "111122223333", Region: "eu-west-1", Prefixes: test.prefixes, Suffixes: test.suffixes})
			detail := map[string]any{"bucket": map[string]any{"name": []any{"acme-logs"}}}
			if test.want != nil {
				detail["object"] = map[string]any{"key": test.want}
			}
			want := map[string]any{
				"source": []any{"aws.s3"}, "detail-type": []any{"Object Created"},
				"account": []any{"111122223333"}, "region": []any{"eu-west-1"}, "detail": detail,
			}
			if diff := cmp.Diff(any(want), pattern); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
