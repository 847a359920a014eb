package config

import (
	"strings"
	"testing"
)

// here has a queue in Devo's account that a new bucket notifies, by DELIVERY, and
// more after it.
const here = `customer: acme
id: "10001"
account: "999988887777"
region: eu-west-1
devo:
  endpoints: [collector-eu.devo.io:443]
  secret: s
queues:
  - arn: arn:aws:sqs:eu-west-1:999988887777:here
    role_arn: arn:aws:iam::111122223333:role/r
    delivery: DELIVERY
    buckets: [{name: new, make: [bucket]}]
    sources: [aws_sqs_vpc]
`

// What no order deploys is rejected where it is; what one does is not.
func TestSomeOrderDeploysIt(t *testing.T) {
	const (
		theirs = `  - arn: arn:aws:sqs:eu-west-1:111122223333:theirs
    role_arn: arn:aws:iam::111122223333:role/r
    buckets: [{name: old}]
    sources: [aws_sqs_vpc]
`
		topic = `  - arn: arn:aws:sqs:eu-west-1:999988887777:topic
    role_arn: arn:aws:iam::111122223333:role/r
    delivery: sns
    buckets: [{name: old}]
    sources: [aws_sqs_vpc]
`
	)
	for name, test := range map[string]struct {
		delivery, more, wrong string
	}{
		"alone":                        {"s3", "", ""},
		"beside the customer's":        {"s3", theirs, "test.yaml:12:15: S3 looks for the queue here"},
		"beside one with a topic":      {"s3", topic, "SNS looks for the topic topic"},
		"by SNS":                       {"sns", theirs, ""},
		"by EventBridge":               {"eventbridge", theirs, ""},
		"beside one that exists":       {"s3", strings.Replace(theirs, "    buckets", "    make: [reader]\n    buckets", 1), ""},
		"in a queue that exists, here": {"s3\n    make: [reader]", theirs, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Parse("test.yaml", []byte(strings.Replace(here, "DELIVERY", test.delivery, 1)+test.more))
			switch {
			case test.wrong == "" && err != nil:
				t.Errorf("rejected: %v", err)
			case test.wrong != "" && (err == nil || !strings.Contains(err.Error(), test.wrong) || !strings.Contains(err.Error(), "^ write delivery: sns")):
				t.Errorf("%v; want %q", err, test.wrong)
			}
		})
	}
}
