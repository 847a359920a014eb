package customer

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/infra/cdktest"
)

// variables are the guide's for what differs from customer to customer.
var variables = strings.NewReplacer(
	"999988887777", "$DEVO_ACCOUNT", "deployment-name", "$DEPLOYMENT", "external-id", "$EXTERNAL_ID",
	"111122223333", "$ACCOUNT", "444455556666", "$ARCHIVE", "eu-west-1", "$REGION",
	"queue-name", "$QUEUE", "role-name", "$ROLE", "operator-name", "$OPERATOR", "bucket-name", "$BUCKET", "key-prefix", "$PREFIX",
)

// documents are the files that the guide has a customer write.
func documents(t *testing.T) map[string]any {
	t.Helper()
	c := cdktest.Config(t, `
customer: deployment-name
id: "1"
account: "999988887777"
region: eu-west-1
devo: {endpoints: ["collector-eu.devo.io:443"], secret: s}
queues:
  - arn: arn:aws:sqs:eu-west-1:111122223333:queue-name
    role_arn: arn:aws:iam::111122223333:role/role-name
    operator_arn: arn:aws:iam::111122223333:role/operator-name
    external_id: external-id
    make: []
    buckets:
      - name: bucket-name
        prefixes: [key-prefix]
        kms_key: arn:aws:kms:eu-west-1:444455556666:key/0
    sources: [aws_sqs_cloudtrail]
`)
	q := c.Queues[0]
	b := q.Buckets[0]
	policy := iam.Policy
	roles := c.Roles()
	reader, operator := roles[0], roles[1]
	reading := reader.Allows()
	archived := b
	archived.Owner = "444455556666"
	reader.Queues[0].Buckets = []config.Bucket{archived}
	archive := elsewhere(reader)
	senders := config.FromBuckets("sqs:SendMessage", q.ARN, reader.Queues[0].Buckets)
	senders.Sid = "ArchiveBuckets" // beside that of the guide's queue-policy.json
	sns := q
	sns.Delivery, sns.Make = "sns", []string{"queue"}
	return map[string]any{
		"queue-policy.json":     policy(append(q.Senders(c), q.Policy(c)...)...),
		"dlq-policy.json":       policy(q.DLQPolicy(c)...),
		"queue-key.json":        policy(q.KeyPolicy(c)...),
		"trust.json":            policy(reader.Trust(c)),
		"reader.json":           policy(reading[:2]...), // without the key
		"operator-trust.json":   policy(operator.Trust(c)),
		"operator.json":         policy(operator.Allows()...),
		"notification.json":     newNotification(c, &q, b).addition("devo"),
		"sns-queue-policy.json": policy(sns.Senders(c)...),
		"topic-policy.json":     policy(config.FromBuckets("sns:Publish", sns.TopicARN(c, c.Region), sns.Buckets)),
		"sns-notification.json": newNotification(c, &sns, b).addition("devo"),
		"events.json":           notification{to: "EventBridge"}.addition("devo"),
		"archive-bucket.json":   policy(archive[0].What.([]iam.Statement)...),
		"archive-key.json":      policy(archive[1].What.([]iam.Statement)...),
		"archive-senders.json":  policy(senders),
	}
}

var block = regexp.MustCompile("(?s)```sh\ncat >([a-z-]+\\.json) <<EOF\n(.*?)EOF\n")

func TestTheGuidesPoliciesAreTheStacks(t *testing.T) {
	path := cdktest.Root(t, "docs/customer-guide.md")
	guide, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	left := documents(t)
	want := block.ReplaceAllFunc(guide, func(found []byte) []byte {
		name := string(block.FindSubmatch(found)[1])
		document, ok := left[name]
		if !ok {
			t.Errorf("the guide has %s, which no code makes, or has it twice", name)
			return found
		}
		delete(left, name)
		return fmt.Appendf(nil, "```sh\ncat >%s <<EOF\n%s\nEOF\n", name, variables.Replace(layout(document, "")))
	})
	for name := range left {
		t.Errorf("the guide lacks %s", name)
	}
	cdktest.GoldenFile(t, path, want)
}
