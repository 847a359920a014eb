package config

import (
	"fmt"
	"sort"
	"strings"
	"testing"
)

// listed is a deployment whose one queue has so many buckets, written by a
// format that gets their numbers.
func listed(n int, more, bucket string) string {
	var buckets strings.Builder
	for i := range n {
		fmt.Fprintf(&buckets, "\n      - "+bucket, i)
	}
	return strings.Replace(in("eu-west-1", "aws"), "buckets: [{name: logs}]", more+"buckets:"+buckets.String(), 1)
}

func prefixes(n int, more string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprintf("folder-%03d/", i)
	}
	return strings.Replace(in("eu-west-1", "aws"), "buckets: [{name: logs}]", more+"buckets:\n      - name: logs\n        prefixes: ["+strings.Join(all, ", ")+"]", 1)
}

// What AWS refuses for its size is rejected, where it is; the largest that AWS
// takes is not.
func TestSizesThatAWSRefuses(t *testing.T) {
	const (
		keyed = "{name: logs-%03d, prefixes: [AWSLogs/111122223333/], kms_key: arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f}"
		owned = `{name: logs-%[1]d, owner: "%012[1]d"}`
		short = "{name: logs-%03d}"
		wide  = "delivery: eventbridge\n    make: [queue, reader]\n    "
	)
	for name, test := range map[string]struct {
		most func(n int) string // a file of n
		n    int                // the largest that is right
		want string
	}{
		"a reader's policy":   {func(n int) string { return listed(n, "", keyed) }, 24, "test.yaml:10:15: the policy of the role r would have 10"},
		"a queue's policy":    {func(n int) string { return listed(n, "make: [queue]\n    ", short) }, 294, "test.yaml:13:7: the policy of the queue q would have 8"},
		"a policy of rules":   {func(n int) string { return listed(n, wide, short) }, 64, "test.yaml:14:7: the policy of the queue q would have 8"},
		"owners, by one rule": {func(n int) string { return listed(n, "make: [queue]\n    ", owned) }, 184, "test.yaml:13:7: the policy of the queue q would have 8"},
		"notifications":       {func(n int) string { return prefixes(n, "") }, 100, "test.yaml:13:19: bucket logs would have 101 notifications"},
		"a pattern":           {func(n int) string { return prefixes(n, "delivery: eventbridge\n    ") }, 75, "test.yaml:14:19: EventBridge's pattern of bucket logs would have 20"},
		"a watch's policy":    {manyQueues, 46, "test.yaml:9:3: the policy of a role of Devo's would have 10"},
	} {
		t.Run(name, func(t *testing.T) {
			err := func(n int) error { _, err := Parse("test.yaml", []byte(test.most(n))); return err }
			n := sort.Search(400, func(n int) bool { return err(n+1) != nil })
			if got := err(n + 1); got == nil || !strings.Contains(got.Error(), test.want) || !strings.Contains(got.Error(), " takes ") {
				t.Errorf("%v; want %s", got, test.want)
			}
			if n != test.n {
				t.Errorf("%d are right; want %d", n, test.n)
			}
		})
	}
}

// manyQueues is a deployment of n queues.
func manyQueues(n int) string {
	text := strings.Split(in("eu-west-1", "aws"), "queues:\n")
	var queues strings.Builder
	for i := range n {
		queues.WriteString(strings.NewReplacer("/q", fmt.Sprintf("/queue-%03d", i), "name: logs", fmt.Sprintf("name: logs-%03d", i)).Replace(text[1]))
	}
	return text[0] + "queues:\n" + queues.String()
}

func TestSNSAcrossOptInRegions(t *testing.T) {
	text := func(queue, bucket string) []byte {
		return []byte(strings.Replace(in(queue, "aws"), "buckets: [{name: logs}]", "delivery: sns\n    buckets: [{name: logs, region: "+bucket+"}]", 1))
	}
	for _, test := range []struct {
		queue, bucket string
		delivers      bool
	}{
		{"eu-central-1", "ap-east-1", true},
		{"ap-east-1", "eu-central-1", true},
		{"ap-east-1", "ap-east-1", true},
		{"ap-east-1", "me-south-1", false},
		{"ap-northeast-3", "me-south-1", false},
		{"us-gov-west-1", "us-gov-east-1", true},
	} {
		file := text(test.queue, test.bucket)
		if strings.HasPrefix(test.queue, "us-gov") {
			file = []byte(strings.ReplaceAll(string(file), "arn:aws:", "arn:aws-us-gov:"))
		}
		_, err := Parse("test.yaml", file)
		if test.delivers && err != nil {
			t.Errorf("%s to %s: %v", test.bucket, test.queue, err)
		}
		if !test.delivers && (err == nil || !strings.Contains(err.Error(), "test.yaml:12:36: SNS does not deliver from one opt-in region")) {
			t.Errorf("%s to %s: %v", test.bucket, test.queue, err)
		}
	}
}
