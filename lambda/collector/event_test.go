package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An event that no queue sent must not count as delivered.
func TestAnEventThatIsNoBatchIsAnError(t *testing.T) {
	for name, c := range map[string]struct{ payload, want string }{
		"nothing":               {`{}`, "unknown (2 bytes, sha256 44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a, top-level keys [])"},
		"null":                  {`null`, "unknown (4 bytes"},
		"a text":                {`"s3cr3t"`, "unknown (8 bytes"},
		"a list":                {`[{"Records":[]}]`, "unknown (16 bytes"},
		"no records":            {`{"Records":[]}`, `top-level keys ["Records"]`},
		"records of nobody":     {`{"Records":[{"secret":1}]}`, `top-level keys ["Records"]`},
		"S3 itself":             {`{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","s3":{}}]}`, "an S3 event notification"},
		"SNS itself":            {`{"Records":[{"EventSource":"aws:sns","Sns":{"Message":"s3cr3t"}}]}`, "an SNS notification"},
		"Kinesis":               {`{"Records":[{"eventSource":"aws:kinesis"}]}`, "a batch of Kinesis records"},
		"DynamoDB":              {`{"Records":[{"eventSource":"aws:dynamodb"}]}`, "a batch of a DynamoDB stream"},
		"a message, no id":      {`{"Records":[{"messageId":"m","eventSource":"aws:sqs"},{"eventSource":"aws:sqs"}]}`, "a batch of SQS messages of which one has no id"},
		"a schedule":            {`{"source":"aws.events","detail-type":"Scheduled Event","detail":{}}`, "an EventBridge event or schedule"},
		"CloudWatch Logs":       {`{"awslogs":{"data":"s3cr3t"}}`, "a CloudWatch Logs subscription's data"},
		"a function URL":        {`{"requestContext":{},"body":"s3cr3t"}`, "an HTTP request"},
		"a record's wrong type": {`{"Records":[{"messageId":5,"eventSource":"aws:sqs"}]}`, "a batch of SQS messages of which one has no id"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readInput([]byte(c.payload))
			if err == nil || !strings.HasPrefix(err.Error(), "the event is ") || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v, want %s", err, c.want)
			}
			if strings.Contains(err.Error(), "s3cr3t") {
				t.Errorf("shows contents: %v", err)
			}
		})
	}
}

func TestEverySampleIsABatch(t *testing.T) {
	files, err := filepath.Glob("../../events/samples/*.json")
	if err != nil || len(files) < 15 {
		t.Fatalf("%d samples, %v", len(files), err)
	}
	for _, file := range files {
		payload, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if in, err := readInput(payload); err != nil || len(in.Records) == 0 {
			t.Errorf("%s: %v", file, err)
		}
	}
	if in, err := readInput([]byte(`{"collector":1,"doctor":{}}`)); err != nil || in.Doctor == nil {
		t.Errorf("doctor: %v", err)
	}
}
