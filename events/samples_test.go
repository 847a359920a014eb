package events

import (
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A gist is what matters of one message of a sample.
type gist struct {
	Form    Form
	Keys    []string // of acme-logs; "!" before one in error
	Ignored []string
	Failed  bool
}

const batch = "data/a1e95028-01b3-47dc-8f21-62b2a3e3615d/"

func trailKey(region, clock string) string {
	return "AWSLogs/111122223333/CloudTrail/" + region + "/2026/11/02/111122223333_CloudTrail_" + region + "_20261102T" + clock + "Z_Ex4mpleLogFile01.json.gz"
}

func TestSamplesGiveTheObjectsTheyName(t *testing.T) {
	want := map[string][]gist{
		"s3": {{Form: S3, Keys: []string{trailKey("eu-west-1", "0900")}}},
		"s3-versions": {
			{Form: S3, Keys: []string{trailKey("eu-west-1", "0905")}},
			{Form: S3, Keys: []string{trailKey("eu-west-1", "0910")}},
			{Form: S3, Keys: []string{trailKey("eu-west-1", "0915")}},
			{Form: S3, Keys: []string{trailKey("eu-west-1", "0920")}},
			{Form: S3, Keys: []string{trailKey("eu-west-1", "0925")}},
			{Form: S3, Keys: []string{trailKey("eu-west-1", "0930")}},
		},
		"s3-keys": {{Form: S3, Keys: []string{
			"app/two words.log", "app/one+one.log", "app/100%.log", "app/straße/日志.log", "app/day=2026-11-02/a&b.log", "app/escaped/slash.log",
		}}},
		"s3-bad-escape": {{Form: S3, Keys: []string{"!app/50%zz.log", "app/good.log"}}},
		"s3-mixed": {{
			Form:    S3,
			Keys:    []string{trailKey("eu-west-1", "0935"), trailKey("eu-west-1", "0940")},
			Ignored: []string{"ObjectRemoved:Delete"},
		}},
		"s3-removed":       {{Form: S3, Ignored: []string{"ObjectRemoved:DeleteMarkerCreated"}}},
		"s3-test-event":    {{Form: S3, Ignored: []string{"s3:TestEvent"}}},
		"sns":              {{Form: S3, Keys: []string{trailKey("eu-west-1", "0945")}}},
		"sns-raw":          {{Form: S3, Keys: []string{trailKey("eu-west-1", "0950")}}},
		"sns-twice":        {{Form: S3, Keys: []string{trailKey("eu-west-1", "0955")}}},
		"sns-subscription": {{Form: SNS, Ignored: []string{"SubscriptionConfirmation"}}},
		"eventbridge": {
			{Form: EventBridge, Keys: []string{"app/two words+50%zz %2B straße.log"}},
			{Form: EventBridge, Ignored: []string{"Object Tags Added"}},
		},
		"cloudtrail-calls": {
			{Form: EventBridge, Keys: []string{"app/two words+50%.log"}},
			{Form: EventBridge, Keys: []string{"app/parts.log"}},
			{Form: EventBridge, Ignored: []string{"PutObjectTagging"}},
			{Form: EventBridge, Ignored: []string{"PutObject failed: AccessDenied"}},
		},
		"config": {
			{Form: Config, Keys: []string{
				"AWSLogs/111122223333/Config/eu-west-1/2026/11/2/ConfigHistory/111122223333_Config_eu-west-1_ConfigHistory_AWS::EC2::Instance_20261102T090004Z_20261102T095804Z_1.json.gz",
			}},
			{Form: Config, Ignored: []string{"ConfigurationItemChangeNotification"}},
		},
		"security-lake": {{Form: SecurityLake, Keys: []string{
			"aws/CLOUD_TRAIL_MGMT/2.0/region=eu-west-1/accountId=111122223333/eventDay=20261102/ex4mple01.gz.parquet",
		}}},
		"cloudtrail": {
			{Form: CloudTrail, Keys: []string{trailKey("eu-west-1", "1000"), trailKey("us-east-1", "1000")}},
			{Form: CloudTrail, Ignored: []string{"CloudTrail validation message."}},
		},
		"fdr": {{Form: FDR, Keys: []string{batch + "part-00000.gz", batch + "part-00001.gz", batch + "part-00002.gz"}}},
		"continuation": {
			{Form: Continuation, Keys: []string{trailKey("eu-west-1", "0900")}},
			{Form: Continuation, Keys: []string{batch + "part-00000.gz"}},
		},
		"malformed": {{Failed: true}, {Failed: true}},
	}

	files, err := filepath.Glob("samples/*.json")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string][]gist{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		for _, m := range readSample(t, file) {
			found[name] = append(found[name], gistOf(m.Body))
		}
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("samples (-want +got):\n%s", diff)
	}

	readme, err := os.ReadFile("samples/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if !strings.Contains(string(readme), "| `"+name+".json` |") {
			t.Errorf("samples/README.md has no line for %s.json", name)
		}
	}
}

func gistOf(body string) gist {
	n, err := Decode(body)
	g := gist{Form: n.Form, Ignored: n.Ignored, Failed: err != nil}
	for _, o := range n.Objects {
		key := o.Key
		if o.Err != nil {
			key = "!" + key
		}
		if o.Bucket != "acme-logs" {
			key = o.Bucket + ":" + key
		}
		g.Keys = append(g.Keys, key)
	}
	return g
}

func TestSamplesAreEventsAsLambdaGivesThem(t *testing.T) {
	files, err := filepath.Glob("samples/*.json")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{}
	for _, file := range files {
		for i, m := range readSample(t, file) {
			sum := md5.Sum([]byte(m.Body))
			if got := hex.EncodeToString(sum[:]); got != m.MD5OfBody {
				t.Errorf("%s: message %d: md5OfBody is %s, should be %s", file, i, m.MD5OfBody, got)
			}
			if before := seen[m.MessageID]; m.MessageID == "" || before != "" {
				t.Errorf("%s: message %d: messageId %q is also in %q", file, i, m.MessageID, before)
			}
			seen[m.MessageID] = file
			queue := "arn:aws:sqs:eu-west-1:111122223333:devo-s3-acme"
			if strings.HasSuffix(file, "continuation.json") {
				queue = "arn:aws:sqs:eu-west-1:444455556666:devo-s3-collector-acme-continuation"
			}
			if m.EventSource != "aws:sqs" || m.EventSourceARN != queue || m.AWSRegion != "eu-west-1" || m.ReceiptHandle == "" || m.MessageAttributes == nil {
				t.Errorf("%s: message %d is not as Lambda gives it: %+v", file, i, m)
			}
			for _, name := range []string{"ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"} {
				if m.Attributes[name] == "" {
					t.Errorf("%s: message %d has no attribute %s", file, i, name)
				}
			}
		}
	}
}

// A message is a member of the event of an SQS batch.
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
type message struct {
	MessageID         string            `json:"messageId"`
	ReceiptHandle     string            `json:"receiptHandle"`
	Body              string            `json:"body"`
	Attributes        map[string]string `json:"attributes"`
	MessageAttributes map[string]any    `json:"messageAttributes"`
	MD5OfBody         string            `json:"md5OfBody"`
	EventSource       string            `json:"eventSource"`
	EventSourceARN    string            `json:"eventSourceARN"`
	AWSRegion         string            `json:"awsRegion"`
}

func readSample(t testing.TB, file string) []message {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var event struct{ Records []message }
	if err := json.Unmarshal(b, &event); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if len(event.Records) == 0 {
		t.Fatalf("%s: no messages", file)
	}
	return event.Records
}
