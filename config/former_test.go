package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// renamed is a deployment whose one queue, q, has this under was.
func renamed(was string) string { return in("eu-west-1", "aws") + "    was:\n" + was }

func TestARenamedQueueIsPolledAsBefore(t *testing.T) {
	c := parse(t, renamed("      - arn: https://sqs.eu-west-1.amazonaws.com/111122223333/old\n      - arn: arn:aws:sqs:eu-west-1:111122223333:older\n        dlq: arn:aws:sqs:eu-west-1:111122223333:dead\n"))
	var got []string
	for _, q := range c.Polled() {
		got = append(got, q.Name()+" "+q.DLQName()+" "+q.Buckets[0].Name)
	}
	if diff := cmp.Diff([]string{"q q-dlq logs", "old old-dlq logs", "older dead logs"}, got); diff != "" {
		t.Error(diff)
	}
	for i, q := range c.All() {
		if c.Former(q) != (i > 0) {
			t.Errorf("%s: %t", q.Name(), c.Former(q))
		}
	}
}

func TestWhatAQueueCannotHaveBeen(t *testing.T) {
	const queue = "      - arn: arn:aws:sqs:eu-west-1:111122223333:"
	for was, want := range map[string]string{
		queue + "q\n":                     "test.yaml:14:14: arn:aws:sqs:eu-west-1:111122223333:q is a queue of this file",
		queue + "q-dlq\n":                 "test.yaml:14:14: arn:aws:sqs:eu-west-1:111122223333:q-dlq is a DLQ of this file",
		queue + "old\n" + queue + "old\n": "test.yaml:15:14: arn:aws:sqs:eu-west-1:111122223333:old is listed already",
		queue + "old\n        dlq: arn:aws:sqs:eu-west-1:111122223333:q-dlq\n": "test.yaml:15:14: arn:aws:sqs:eu-west-1:111122223333:q-dlq is a DLQ of this file",
		queue + "old\n        dlq: arn:aws:sqs:eu-west-1:111122223333:old\n":   "test.yaml:15:14: this is the queue itself",
		"      - arn: arn:aws:sqs:eu-west-1:444455556666:old\n":                "test.yaml:14:14: the queue was in eu-west-1 of account 444455556666",
		"      - arn: arn:aws:sqs:eu-central-1:111122223333:old\n":             "test.yaml:14:14: the queue was in eu-central-1 of account 111122223333",
		"      - arn: old\n": `test.yaml:14:14: "old" is no queue's ARN or URL`,
		"      - dlq: arn:aws:sqs:eu-west-1:111122223333:old\n":                 "test.yaml:14:9: arn is missing",
		queue + "devo-s3-collector-acme\n" + queue + "devo_s3_collector_acme\n": "are one name to CloudFormation",
	} {
		_, err := Parse("test.yaml", []byte(renamed(was)))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "| ") {
			t.Errorf("%s: %v; want %s", was, err, want)
		}
	}
}

// A queue may be silent for another time than the rest, or for ever.
func TestSilenceOfAQueue(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"": 6 * time.Hour, "    silence_after: 0s\n": 0, "    silence_after: 1d\n": 24 * time.Hour, "    silence_after: 5m\n": 5 * time.Minute,
	} {
		if got := parse(t, in("eu-west-1", "aws")+text+"alarms: {silence_after: 6h}\n").Queues[0].SilenceAfter; got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
	for _, wrong := range []string{"1m", "25h", "90s"} {
		if _, err := Parse("test.yaml", []byte(in("eu-west-1", "aws")+"    silence_after: "+wrong+"\n")); err == nil || !strings.Contains(err.Error(), "test.yaml:13:20: ") {
			t.Errorf("%s: %v", wrong, err)
		}
	}
}

func TestNamesThatAreAlikeInTheStack(t *testing.T) {
	two := func(second, role string) string {
		return in("eu-west-1", "aws") + strings.NewReplacer("/q", "/"+second, "name: logs", "name: logs2", "role/r", "role/"+role).Replace(strings.Split(in("eu-west-1", "aws"), "queues:\n")[1])
	}
	for _, test := range []struct{ second, role, want string }{
		{"q2", "r", ""},
		{"Q", "r", "test.yaml:13:10: q and Q are one name to CloudFormation"},
		{"q_", "r", "test.yaml:13:10: q and q_ are one name to CloudFormation"},
		{"q2", "q", "test.yaml:14:15: a queue has this name as well"},
	} {
		_, err := Parse("test.yaml", []byte(two(test.second, test.role)))
		if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
			t.Errorf("%v; want %q", err, test.want)
		}
	}
}
