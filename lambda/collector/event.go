package main

import (
	"encoding/json"
	"fmt"

	awsevents "github.com/aws/aws-lambda-go/events"

	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/operate/checkup"
)

// An input is a batch of a queue's messages, or a doctor event, which no queue
// can send: {"collector":1,"doctor":{}}.
type input struct {
	awsevents.SQSEvent
	Doctor *checkup.Ask `json:"doctor"`
}

// readInput reads an event. One that is neither a batch nor a doctor event is an
// error: an answer would tell the sender that it was delivered.
func readInput(payload []byte) (in input, err error) {
	if json.Unmarshal(payload, &in) == nil && (in.Doctor != nil || isBatch(in.Records)) {
		return in, nil
	}
	return input{}, fmt.Errorf("the event is %s, not a batch of SQS messages: connect its source to the customer's queue, and the queue to this function by an event-source mapping",
		arrived(payload))
}

func isBatch(records []awsevents.SQSMessage) bool {
	for _, r := range records {
		if r.EventSource != "aws:sqs" || r.MessageId == "" {
			return false
		}
	}
	return len(records) > 0
}

// sources are those whose events have Records, by their eventSource. SNS writes
// EventSource.
var sources = map[string]string{
	"aws:s3":       "an S3 event notification",
	"aws:sns":      "an SNS notification",
	"aws:sqs":      "a batch of SQS messages of which one has no id",
	"aws:kinesis":  "a batch of Kinesis records",
	"aws:dynamodb": "a batch of a DynamoDB stream",
}

// arrived names what an event is, without its contents.
func arrived(payload []byte) string {
	var e struct {
		Records    []struct{ EventSource string }
		Source     string
		DetailType *string `json:"detail-type"`
		AWSLogs    *struct{}
		Context    *struct{} `json:"requestContext"`
	}
	_ = json.Unmarshal(payload, &e) // what could be read names it
	switch {
	case len(e.Records) > 0 && sources[e.Records[0].EventSource] != "":
		return sources[e.Records[0].EventSource]
	case e.DetailType != nil:
		return "an EventBridge event or schedule"
	case e.AWSLogs != nil:
		return "a CloudWatch Logs subscription's data"
	case e.Context != nil:
		return "an HTTP request"
	}
	return "unknown (" + events.Describe(string(payload)) + ")"
}
