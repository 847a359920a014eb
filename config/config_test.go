package config

import (
	"errors"
	"io"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

const least = `customer: acme
id: "10001"
account: "999988887777"
region: REGION
devo:
  endpoints: [collector-eu.devo.io:443]
  secret: s
queues:
  - arn: https://sqs.REGION.amazonaws.com/111122223333/q
    role_arn: arn:PARTITION:iam::111122223333:role/r
    buckets: [{name: logs}]
    sources: [aws_sqs_vpc]
`

// in is the least file there can be, in a region.
func in(region, partition string) string {
	return strings.NewReplacer("REGION", region, "PARTITION", partition).Replace(least)
}

func parse(t *testing.T, text string) *Config {
	t.Helper()
	c, err := Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	got := parse(t, in("eu-west-1", "aws"))
	want := &Config{
		Customer: "acme", ID: "10001", Account: "999988887777", Region: "eu-west-1",
		Timeout: 3 * time.Minute, MemoryMiB: 1769,
		Devo: DevoConfig{
			Endpoints: []string{"collector-eu.devo.io:443"}, Secret: "s", Sink: "syslog", Verify: "full", Multiline: "octet",
			Heartbeat: 5 * time.Minute, ConfirmTimeout: 30 * time.Second, ConfirmEvery: ConfirmEvery{64 << 20, 20 * time.Second},
			Tags: Tags{"my.app.s3collector.unparsed", "my.app.s3collector.badtag"},
		},
		Ledger:       Ledger{Kind: "dynamodb", Table: "devo-s3-collector-acme", Down: "continue", Keep: 35 * 24 * time.Hour},
		Continuation: "arn:aws:sqs:eu-west-1:999988887777:devo-s3-collector-acme-continuation",
		Queues: []Queue{{
			ARN: "arn:aws:sqs:eu-west-1:111122223333:q", Kind: "notifications", RoleARN: "arn:aws:iam::111122223333:role/r",
			DLQ:  "arn:aws:sqs:eu-west-1:111122223333:q-dlq",
			Make: []string{"queue", "reader"}, Delivery: "s3", Encryption: "sqs",
			BatchSize: 5, Concurrency: 10, Visibility: 18 * time.Minute,
			Buckets: []Bucket{{Name: "logs", Owner: "111122223333", Region: "eu-west-1"}},
		}},
		Architecture: "arm64", LogRetention: 30 * 24 * time.Hour,
		Alarms: Alarms{CertificateDays: 30}, Dashboard: true,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Queue{}, "Sources")); diff != "" {
		t.Error(diff)
	}
}

// Where Devo is not known to read octet counts, records are escaped.
func TestMultilineFollowsTheSink(t *testing.T) {
	for devo, want := range map[string]string{
		"secret: s":                                  "octet",
		"secret: s\n  gzip: true":                    "escape",
		"secret: s\n  multiline: escape":             "escape",
		"secret: s\n  sink: http\n  domain: acme@eu": "escape",
		"sink: relay":                                "escape",
		"sink: relay\n  multiline: octet":            "octet",
	} {
		if got := parse(t, strings.Replace(in("eu-west-1", "aws"), "secret: s", devo, 1)).Devo.Multiline; got != want {
			t.Errorf("%q: %s, want %s", devo, got, want)
		}
	}
}

func TestPartitions(t *testing.T) {
	for region, want := range map[string]string{
		"us-east-1": "aws", "ap-southeast-4": "aws", "us-gov-west-1": "aws-us-gov", "cn-north-1": "aws-cn",
	} {
		text := in(region, want)
		if want == "aws-cn" {
			text = strings.ReplaceAll(text, "amazonaws.com/", "amazonaws.com.cn/")
		}
		c := parse(t, text)
		if got, arn := c.Queues[0].ARN, "arn:"+want+":sqs:"+region+":111122223333:q"; got != arn {
			t.Errorf("%s, want %s", got, arn)
		}
		if !strings.HasPrefix(c.Continuation, "arn:"+want+":sqs:"+region+":") {
			t.Errorf("%s: continuation %s", region, c.Continuation)
		}
	}
}

func TestBoundsAreTaken(t *testing.T) {
	for _, change := range [][2]string{
		{"devo:", "timeout: 15m\ndevo:"},
		{"devo:", "timeout: 15m\ndevo:\n  confirm_timeout: 210s"},
		{"secret: s", "secret: s\n  confirm_timeout: 1s\n  heartbeat: 0s"},
		{"secret: s", "secret: s\n  heartbeat: 1h"},
		{"secret: s", "secret: s\n  confirm: notified"},
		{"secret: s", "secret: s\n  confirm: closed"},
		{"secret: s", "sink: relay\n  confirm: drained"},
		{"secret: s", "secret: s\n  confirm_every: {bytes: 64KiB, time: 5m}"},
		{"secret: s", "secret: s\n  confirm_every: {bytes: 1GiB, time: 1s}"},
		{"secret: s", "secret: arn:aws:secretsmanager:eu-west-1:999988887777:secret:devo/acme-AbCdEf"},
		{"secret: s", "files: {cert: a.pem, key: b.pem}"},
		{"devo:", "memory_mib: 128\nledger: {kind: none}\ndevo:"},
		{"devo:", "memory_mib: 10240\nledger: {table: abc, keep: 28d, down: stop}\ndevo:"},
		{"customer: acme", "customer: a" + strings.Repeat("-", 31)},
		{"role/r", "role/path/r@x\n    external_id: " + strings.Repeat("=", 1224)},
		{"devo:", "architecture: x86_64\nlog_retention: 3653d\ndashboard: false\nxray: true\ndevo:"},
		{"devo:", "alarms: {emails: [ops@example.com, o@b.example.org], silence_after: 5m, certificate_days: 1}\ndevo:"},
		{"devo:", "alarms: {topic: \"arn:aws:sns:eu-west-1:999988887777:ops\", silence_after: 1d}\nlog_retention: 1d\ndevo:"},
		{"role/r", "role/r\n    batch_size: 10\n    concurrency: 2\n    visibility: 12h"},
		{"role/r", "role/r\n    batch_size: 10000\n    batch_window: 5m\n    concurrency: 1000\n    visibility: 23m"},
		{"role/r", "role/r\n    encryption: arn:aws:kms:eu-west-1:111122223333:key/1\n    make: []"},
		{"role/r", "role/r\n    encryption: kms\n    make: [queue, reader, operator]\n    operator_arn: arn:aws:iam::111122223333:role/o"},
		{"{name: logs}", "{name: logs, make: [bucket, trail]}"},
		{"role/r\n    buckets: [{name: logs}]", "role/r\n    delivery: sns\n    buckets: [{name: logs, region: af-south-1}]"},
		{"role/r\n    buckets: [{name: logs}]", "role/r\n    delivery: eventbridge\n    buckets: [{name: logs, region: us-east-1}]"},
		{"{name: logs}", "{name: logs, prefixes: [a/, b/], suffixes: [.gz, .json]}"},
		{"111122223333/q", "111122223333/" + strings.Repeat("q", 76)},
		{"111122223333/q", "999988887777/q"}, // lives in Devo's account
		{"[collector-eu.devo.io:443]", `["127.0.0.1:6514", "[::1]:6514"]`},
	} {
		plain := in("eu-west-1", "aws")
		text := strings.Replace(plain, change[0], change[1], 1)
		if _, err := Parse("test.yaml", []byte(text)); err != nil || text == plain {
			t.Errorf("%.60s: %v", change[1], err)
		}
	}
}

func TestNoneHasNoTable(t *testing.T) {
	c := parse(t, strings.Replace(in("eu-west-1", "aws"), "devo:", "ledger: {kind: none}\ndevo:", 1))
	if c.Ledger.Table != "" {
		t.Errorf("table %q", c.Ledger.Table)
	}
}

// An override changes what it names and nothing else, and not the catalog.
func TestOverrides(t *testing.T) {
	text := strings.Replace(in("eu-west-1", "aws"), "[aws_sqs_vpc]", `
      - service: aws_sqs_vpc
        name: flow_in_test
        keys: [test/**]
        tag: cloud.aws.vpc.flow.{object.bucket}
        options: {header: ""}
      - aws_sqs_vpc
      - service: aws_sqs_vpc
        name: flow_as_json
        format: json
        options: {path: flows}
        keys: [json/**]`, 1)
	set := parse(t, text).Queues[0].Sources
	key := "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/x.log.gz"
	for key, want := range map[string][2]string{
		key:           {"aws_sqs_vpc", "cloud.aws.vpc.flow"},
		"test/" + key: {"flow_in_test", "cloud.aws.vpc.flow.logs"},
		"json/x":      {"flow_as_json", "cloud.aws.vpc.flow"},
	} {
		m, ok := set.Match(key)
		if !ok {
			t.Errorf("%s: no match", key)
			continue
		}
		if tag, _ := m.Shaper(sources.Object{Bucket: "logs"}).Static(); m.Source.Name() != want[0] || tag != want[1] {
			t.Errorf("%s: %s %s, want %s", key, m.Source.Name(), tag, want)
		}
	}
	plain, err := sources.Service("aws_sqs_vpc")
	if err != nil {
		t.Fatal(err)
	}
	source, err := sources.Compile(plain)
	if err != nil {
		t.Fatal(err)
	}
	if set[1].Parser().Fingerprint() != source.Parser().Fingerprint() {
		t.Error("the service as it is took over an override")
	}
	if set[0].Parser().Fingerprint() == source.Parser().Fingerprint() {
		t.Error("the override of options did nothing")
	}
}

// Raw logs of CloudFront name no columns: the deployment does, and keeps all else
// of the service.
func TestTheDeploymentNamesTheColumnsOfRawLogs(t *testing.T) {
	raw := func(separator string) string {
		return strings.Replace(in("eu-west-1", "aws"), "[aws_sqs_vpc]", `
      - service: aws_cloudfront_v2_text
        options:
          names: [date, time, c-ip]
          separator: `+separator, 1)
	}
	source := parse(t, raw("comma")).Queues[0].Sources[0]
	in := parsers.Input{Stream: io.NopCloser(strings.NewReader("2026-11-23,05:00:01,192.0.2.1\n"))}
	var got []string
	for r, err := range source.Parser().Records(t.Context(), in) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, string(r.Raw)+r.Unparsed)
	}
	if want := []string{`{"date":"2026-11-23","time":"05:00:01","c-ip":"192.0.2.1"}`}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	_, err := Parse("test.yaml", []byte(raw(`"||||||"`)))
	if err == nil || !strings.Contains(err.Error(), "up to 5 ASCII characters") || !strings.Contains(err.Error(), "^") || !strings.Contains(err.Error(), "test.yaml:") {
		t.Errorf("six characters: %v", err)
	}
}

func TestLoadNamesAMissingFile(t *testing.T) {
	_, err := Load("testdata/not-there.yaml")
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "testdata/not-there.yaml") {
		t.Error(err)
	}
}

func TestMistakesHaveTheirPlace(t *testing.T) {
	_, err := Parse("acme.yaml", []byte(strings.Replace(in("eu-west-1", "aws"), "name: logs", "name: L", 1)))
	var mistakes Mistakes
	if !errors.As(err, &mistakes) || len(mistakes) != 1 {
		t.Fatalf("%v", err)
	}
	want := Mistake{
		File: "acme.yaml", Line: 11, Column: 22, Problem: `"L" is no bucket name`, Mend: "write 3 to 63 of a-z, 0-9, - and .",
		Source: "    buckets: [{name: L}]",
	}
	if diff := cmp.Diff(want, mistakes[0]); diff != "" {
		t.Error(diff)
	}
}

func TestAFileThatIsTooLarge(t *testing.T) {
	text := in("eu-west-1", "aws") + "#" + strings.Repeat("x", maxFile)
	if _, err := Parse("test.yaml", []byte(text)); err == nil || !strings.Contains(err.Error(), "262144 at the most") {
		t.Error(err)
	}
}

// The least timeout is four times what delivery keeps at the end of an
// invocation.
func TestTimeoutIsFourMargins(t *testing.T) {
	for _, confirm := range []time.Duration{time.Second, 30 * time.Second, time.Minute, 210 * time.Second} {
		for timeout, ok := range map[time.Duration]bool{
			4 * delivery.Margin(confirm):             true,
			4*delivery.Margin(confirm) - time.Second: false,
		} {
			text := strings.Replace(in("eu-west-1", "aws"), "devo:", "timeout: "+timeout.String()+"\ndevo:\n  confirm_timeout: "+confirm.String(), 1)
			if _, err := Parse("test.yaml", []byte(text)); (err == nil) != ok {
				t.Errorf("confirm_timeout %s, timeout %s: %v", confirm, timeout, err)
			}
		}
	}
}
