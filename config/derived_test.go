package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// What both accounts call things, once for each partition.
func TestDerivedNames(t *testing.T) {
	for _, tt := range []struct{ region, partition, url string }{
		{"eu-west-1", "aws", "https://sqs.eu-west-1.amazonaws.com/111122223333/q"},
		{"us-gov-west-1", "aws-us-gov", "https://sqs.us-gov-west-1.amazonaws.com/111122223333/q"},
		{"cn-north-1", "aws-cn", "https://sqs.cn-north-1.amazonaws.com.cn/111122223333/q"},
	} {
		c := parse(t, strings.Replace(in(tt.region, tt.partition), "https://sqs."+tt.region+".amazonaws.com/111122223333/q", tt.url, 1))
		q := c.Queues[0]
		got := map[string]string{
			"function": c.FunctionName(), "function ARN": c.FunctionARN(), "execution role": c.ExecutionRoleARN(),
			"watch": c.WatchName(), "watch's role": c.WatchRoleARN(),
			"continuation": c.ContinuationName(), "its DLQ": c.ContinuationDLQ(), "its DLQ's name": c.ContinuationDLQName(),
			"collector stack": c.CollectorStack(), "customer stack": c.CustomerStack(), "region stack": c.RegionStack("eu-central-1"),
			"customer account": c.CustomerAccount(),
			"queue":            q.Name(), "queue's account": q.Account(), "queue's region": q.Region(), "queue's URL": q.URL(),
			"DLQ": q.DLQName(), "reader": q.ReaderName(), "operator": q.OperatorName(), "bucket": q.Buckets[0].ARN(),
		}
		want := map[string]string{
			"function": "devo-s3-collector-acme", "function ARN": "arn:PARTITION:lambda:REGION:999988887777:function:devo-s3-collector-acme",
			"execution role": "arn:PARTITION:iam::999988887777:role/devo-s3-collector-acme",
			"watch":          "devo-s3-collector-acme-watch", "watch's role": "arn:PARTITION:iam::999988887777:role/devo-s3-collector-acme-watch",
			"continuation":   "devo-s3-collector-acme-continuation",
			"its DLQ":        "arn:PARTITION:sqs:REGION:999988887777:devo-s3-collector-acme-continuation-dlq",
			"its DLQ's name": "devo-s3-collector-acme-continuation-dlq", "collector stack": "acme-collector",
			"customer stack": "acme-customer", "region stack": "acme-customer-eu-central-1", "customer account": "111122223333",
			"queue": "q", "queue's account": "111122223333", "queue's region": tt.region, "queue's URL": tt.url,
			"DLQ": "q-dlq", "reader": "r", "operator": "", "bucket": "arn:PARTITION:s3:::logs",
		}
		for key, text := range want {
			want[key] = strings.NewReplacer("PARTITION", tt.partition, "REGION", tt.region).Replace(text)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", tt.region, diff)
		}
	}
}

// The longest customer's name leaves room in every name that is made of it.
func TestDerivedNamesAreShortEnough(t *testing.T) {
	c := parse(t, strings.Replace(in("eu-west-1", "aws"), "acme", "a"+strings.Repeat("b", 31), 1))
	for _, tt := range []struct {
		name string
		most int
	}{
		{c.WatchName(), maxRoleName}, // of a function too
		{c.ContinuationDLQName(), maxQueueName},
		{c.RegionStack("ap-southeast-99"), 128},
	} {
		if len(tt.name) > tt.most {
			t.Errorf("%s has %d characters; AWS allows %d", tt.name, len(tt.name), tt.most)
		}
	}
}

func TestAQueueInDevosAccount(t *testing.T) {
	c := parse(t, strings.Replace(in("eu-west-1", "aws"), "111122223333/q", "999988887777/q", 1))
	q := c.Queues[0]
	if !q.InDevo(c) || q.Account() != "999988887777" || q.CustomerAccount() != "111122223333" || c.CustomerAccount() != "111122223333" {
		t.Errorf("%+v", q)
	}
	if owner := q.Buckets[0].Owner; owner != "111122223333" {
		t.Errorf("the bucket is %s's", owner)
	}
}

// The customer's account is the one in which something is made, wherever it
// stands in the file.
func TestTheAccountOfTheCustomersStacks(t *testing.T) {
	there := strings.Replace(in("eu-west-1", "aws"), "sources:", "make: []\n    sources:", 1)
	made := strings.NewReplacer("111122223333", "444455556666", "logs", "more").Replace(in("eu-west-1", "aws"))
	_, made, _ = strings.Cut(made, "queues:\n")
	if got := parse(t, there+made).CustomerAccount(); got != "444455556666" {
		t.Errorf("%s, though all there is to make is in 444455556666", got)
	}
}

func TestBucketRegions(t *testing.T) {
	text := strings.Replace(in("eu-west-1", "aws"), "[{name: logs}]",
		"[{name: aaa, region: us-east-1}, {name: bbb}, {name: ccc, region: eu-central-1}, {name: ddd, region: us-east-1}]\n    delivery: sns", 1)
	if diff := cmp.Diff([]string{"eu-central-1", "us-east-1"}, parse(t, text).BucketRegions()); diff != "" {
		t.Error(diff)
	}
}

// What is a vendor's is wherever the vendor has it, and nothing of it is the
// customer's.
func TestVendors(t *testing.T) {
	c := parse(t, in("eu-west-1", "aws")+`
  - arn: https://sqs.us-west-1.amazonaws.com/222233334444/feed
    keys: k
    buckets: [{name: near}, {name: far, region: us-east-2, owner: "222233334444"}]
    sources: [aws_sqs_fdr]
  - kind: listing
    keys: k
    buckets: [{name: whole, region: us-east-2}]
    sources: [aws_sqs_cisco_umbrella]
  - kind: listing
    keys: k
    buckets: [{name: whole, region: us-gov-west-1, prefixes: [org/]}]
    sources: [aws_sqs_cisco_umbrella]
`)
	for i, want := range []Queue{
		{}, // the customer's
		{
			ARN: "arn:aws:sqs:us-west-1:222233334444:feed", Kind: "notifications", Visibility: 30 * time.Minute,
			Buckets: []Bucket{{Name: "near", Region: "us-west-1"}, {Name: "far", Region: "us-east-2", Owner: "222233334444"}},
		},
		{ARN: "arn:aws:s3:::whole", Kind: "listing", Buckets: []Bucket{{Name: "whole", Region: "us-east-2"}}},
		{ARN: "arn:aws-us-gov:s3:::whole/org", Kind: "listing", Buckets: []Bucket{{Name: "whole", Region: "us-gov-west-1", Prefixes: []string{"org/"}}}},
	} {
		got := c.Queues[i]
		if got.Vendor() != (i > 0) || got.Listing() != (i > 1) {
			t.Errorf("queue %d: a vendor's %t, a listing %t", i, got.Vendor(), got.Listing())
		}
		want.Keys, got.Sources = "k", nil
		if diff := cmp.Diff(want, got); diff != "" && i > 0 {
			t.Error(diff)
		}
	}
	if regions := c.BucketRegions(); len(regions) > 0 || c.CustomerAccount() != "111122223333" {
		t.Errorf("%v, %s", regions, c.CustomerAccount())
	}
}

func TestSpoolMiB(t *testing.T) {
	for list, want := range map[string]int{
		"[aws_sqs_vpc]": 0,
		"[{name: a, keys: [a], format: parquet, tag: a.b, options: {spool_mib: 600}}, {name: c, keys: [c], format: parquet, tag: a.b, options: {spool_mib: 20}}]": 600,
	} {
		if got := parse(t, strings.Replace(in("eu-west-1", "aws"), "[aws_sqs_vpc]", list, 1)).Queues[0].SpoolMiB(); got != want {
			t.Errorf("%s: %d", list, got)
		}
	}
}

func TestOwnKey(t *testing.T) {
	for encryption, want := range map[string]string{
		"sqs": "", "kms": "", "arn:aws:kms:eu-west-1:111122223333:key/1": "arn:aws:kms:eu-west-1:111122223333:key/1",
	} {
		if got := (Queue{Encryption: encryption}).OwnKey(); got != want {
			t.Errorf("%s: %q", encryption, got)
		}
	}
}

func TestARN(t *testing.T) {
	for text, want := range map[string]ARN{
		"arn:aws:iam::111122223333:role/path/r":           {"aws", "iam", "", "111122223333", "role/path/r"},
		"arn:aws-cn:sqs:cn-north-1:111122223333:q":        {"aws-cn", "sqs", "cn-north-1", "111122223333", "q"},
		"arn:aws:s3:::logs":                               {"aws", "s3", "", "", "logs"},
		"arn:aws:secretsmanager:a-b-1:111122223333:s:x:y": {"aws", "secretsmanager", "a-b-1", "111122223333", "s:x:y"},
	} {
		got, err := ParseARN(text)
		if err != nil || got != want || got.String() != text {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "q", "arn:aws:sqs:eu-west-1:1111:q", "arn:mars:s3:::logs", "arn:aws:s3:::", "arn:aws:sqs:eu-west-1:111122223333:q\nx"} {
		if got, err := ParseARN(text); err == nil {
			t.Errorf("%q was taken: %+v", text, got)
		}
	}
}

func TestSNSPrincipal(t *testing.T) {
	for _, tt := range []struct{ topic, queue, want string }{
		{"eu-west-1", "eu-west-1", "sns.amazonaws.com"},
		{"eu-central-1", "eu-west-1", "sns.amazonaws.com"},
		{"af-south-1", "af-south-1", "sns.amazonaws.com"},
		{"af-south-1", "us-east-1", "sns.af-south-1.amazonaws.com"},
		{"us-east-1", "ap-east-1", "sns.ap-east-1.amazonaws.com"},
		{"ap-northeast-3", "ap-northeast-1", "sns.ap-northeast-3.amazonaws.com"},
		{"us-gov-east-1", "us-gov-west-1", "sns.amazonaws.com"},
		{"cn-north-1", "cn-northwest-1", "sns.amazonaws.com"},
	} {
		if got := SNSPrincipal(tt.topic, tt.queue); got != tt.want {
			t.Errorf("%s to %s: %s, want %s", tt.topic, tt.queue, got, tt.want)
		}
	}
}
