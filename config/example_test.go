package config

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

const example = "../customers/example.yaml"

func TestExample(t *testing.T) {
	c, err := Load(example)
	if err != nil {
		t.Fatal(err)
	}
	want := &Config{
		Customer: "example", ID: "10001", Account: "999988887777", Region: "eu-west-1",
		Timeout: 3 * time.Minute, MemoryMiB: 1769,
		Devo: DevoConfig{
			Endpoints: []string{"collector-eu.devo.io:443", "collector-us.devo.io:443"},
			Secret:    "devo-s3-collector/example",
			Sink:      "syslog", Verify: "full", Multiline: "octet",
			Heartbeat:      5 * time.Minute,
			ConfirmTimeout: 30 * time.Second,
			ConfirmEvery:   ConfirmEvery{64 << 20, 20 * time.Second},
			Tags:           Tags{"my.app.s3collector.unparsed", "my.app.s3collector.badtag"},
		},
		Ledger:       Ledger{Kind: "dynamodb", Table: "devo-s3-collector-example", Down: "continue", Keep: 35 * 24 * time.Hour},
		Continuation: "arn:aws:sqs:eu-west-1:999988887777:devo-s3-collector-example-continuation",
		Queues: []Queue{{
			ARN: "arn:aws:sqs:eu-west-1:111122223333:devo-cloudtrail", Kind: "notifications",
			RoleARN:    "arn:aws:iam::111122223333:role/devo-xs-collector-role",
			ExternalID: "example-7c1e9a",
			DLQ:        "arn:aws:sqs:eu-west-1:111122223333:devo-cloudtrail-dlq", SilenceAfter: time.Hour,
			OperatorARN: "arn:aws:iam::111122223333:role/devo-operator",
			Make:        []string{"queue", "reader", "operator"}, Delivery: "sns", Encryption: "sqs",
			BatchSize: 5, Concurrency: 10, Visibility: 18 * time.Minute,
			Buckets: []Bucket{{
				Name: "example-cloudtrail", Owner: "444455556666", Region: "eu-central-1", Prefixes: []string{"AWSLogs/", "org/AWSLogs/"},
				KMSKey: "arn:aws:kms:eu-central-1:444455556666:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f", Suffixes: []string{".gz"},
			}},
		}, {
			ARN: "arn:aws:sqs:eu-west-1:111122223333:devo-logs", Kind: "notifications",
			RoleARN:    "arn:aws:iam::111122223333:role/devo-xs-collector-role",
			ExternalID: "example-7c1e9a",
			DLQ:        "arn:aws:sqs:eu-west-1:111122223333:devo-logs-dlq", SilenceAfter: 6 * time.Hour,
			Make: []string{"queue", "reader"}, Delivery: "s3", Encryption: "sqs",
			BatchSize: 5, Concurrency: 10, Visibility: 18 * time.Minute,
			Buckets: []Bucket{{Name: "example-logs", Owner: "111122223333", Region: "eu-west-1", Make: []string{"bucket"}}},
		}, {
			ARN: "arn:aws:sqs:us-west-1:222233334444:cs-prod-cannon-queue-0a1b2c3d", Kind: "notifications",
			Keys: "devo-s3-collector/example-crowdstrike", Visibility: 30 * time.Minute, SilenceAfter: 6 * time.Hour,
			Buckets: []Bucket{{Name: "cs-prod-cannon-0a1b2c3d", Region: "us-west-1"}},
		}, {
			ARN:  "arn:aws:s3:::cisco-managed-eu-west-1/2345678_0a1b2c3d4e5f60718293a4b5c6d7e8f901234567",
			Kind: "listing", Keys: "devo-s3-collector/example-umbrella", SilenceAfter: 6 * time.Hour,
			Buckets: []Bucket{{
				Name: "cisco-managed-eu-west-1", Region: "eu-west-1", Prefixes: []string{"2345678_0a1b2c3d4e5f60718293a4b5c6d7e8f901234567/"},
			}},
		}},
		Architecture: "arm64", LogRetention: 30 * 24 * time.Hour, Dashboard: true, Protect: true,
		Alarms: Alarms{Emails: []string{"operations@example.com"}, SilenceAfter: 6 * time.Hour, CertificateDays: 30},
	}
	if diff := cmp.Diff(want, c, cmpopts.IgnoreFields(Queue{}, "Sources")); diff != "" {
		t.Error(diff)
	}
	var names []string
	for _, q := range c.Queues {
		for _, s := range q.Sources {
			names = append(names, s.Name())
		}
	}
	if diff := cmp.Diff([]string{"aws_sqs_cloudtrail", "aws_sqs_vpc", "aws_sqs_alb", "aws_sqs_elb", "aws_sqs_s3_access", "example_archive", "example_app", "aws_sqs_fdr", "aws_sqs_cisco_umbrella"}, names); diff != "" {
		t.Error(diff)
	}
}

func TestExampleSources(t *testing.T) {
	c, err := Load(example)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		queue             int
		key, source, want string
		fields            []string
	}{
		{0, "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/23/x.json.gz", "aws_sqs_cloudtrail", "cloud.aws.cloudtrail.s3", []string{"s3.amazonaws.com"}},
		{1, "s3-access/anything", "aws_sqs_s3_access", "web.aws.s3.access", nil},
		{1, "shop/Prod/a/b.json", "example_app", "my.app.prod.north", []string{"north", "", "", "", "visit"}},
		{1, "shop/Prod/a/b.json", "example_app", "my.app.prod.order", []string{"north", "", "", "", "order"}},
		{1, "shop/Prod/a/b.json", "example_app", "my.app.Prod.test", []string{"test-1", "", "", "", "order"}},
		{1, "x/shop-test/2026/b.json.gz", "example_app", "my.app.test.eu-west-1", []string{"", "", "", "", ""}},
	} {
		m, ok := c.Queues[tt.queue].Sources.Match(tt.key)
		if !ok || m.Source.Name() != tt.source {
			t.Errorf("%s: %t, want %s", tt.key, ok, tt.source)
			continue
		}
		r := &parsers.Record{}
		for _, f := range tt.fields {
			r.Fields = append(r.Fields, []byte(f))
		}
		if tag, ok := m.Shaper(sources.Object{Region: "eu-west-1"}).Tag(r); !ok || string(tag) != tt.want {
			t.Errorf("%s: %s %t, want %s", tt.key, tag, ok, tt.want)
		}
	}
}

// The example shows each key of the Go types where it belongs, if need be
// behind a #.
func TestExampleShowsEveryKey(t *testing.T) {
	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	data = regexp.MustCompile(`(?m)^( *)# ( *(?:- )?[a-z_]+:( [^ ]+)?)$`).ReplaceAll(data, []byte("$1$2"))
	r := newReader(example, data)
	var c Config
	r.read(r.root(data), reflect.ValueOf(&c).Elem(), "")
	shown := make(map[string]bool)
	for path := range r.nodes {
		shown[rulePath(path)] = true
	}
	for _, key := range keys(reflect.TypeFor[Config](), "") {
		if !shown[key] {
			t.Errorf("%s is not in %s", key, example)
		}
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[sources.Condition]()) { // it is in many places, and in itself
		somewhere := regexp.MustCompile(`\.` + f.Tag.Get("yaml") + `(\[\])?$`)
		if !slices.ContainsFunc(slices.Collect(maps.Keys(shown)), somewhere.MatchString) {
			t.Errorf("no condition in %s has %s", example, f.Tag.Get("yaml"))
		}
	}
}

// keys are the paths of all keys of a type.
func keys(typ reflect.Type, path string) []string {
	switch {
	case typ == reflect.TypeFor[sources.Set]():
		return keys(reflect.TypeFor[Entry](), path+"[]")
	case typ.Kind() == reflect.Slice:
		return keys(typ.Elem(), path+"[]")
	case typ.Kind() != reflect.Struct:
		return []string{path}
	}
	var all []string
	for _, f := range reflect.VisibleFields(typ) {
		if name := f.Tag.Get("yaml"); name != "" && !f.Anonymous {
			all = append(all, keys(f.Type, join(path, name))...)
		}
	}
	return all
}
