package local

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func (b sqsBench) attributes(url *string, names ...types.QueueAttributeName) map[string]string {
	b.Helper()
	out, err := b.client.GetQueueAttributes(b.Context(), &sqs.GetQueueAttributesInput{QueueUrl: url, AttributeNames: names})
	if err != nil {
		b.Fatal(err)
	}
	return out.Attributes
}

func TestCreatedQueueIsFoundAndKeepsItsSettings(t *testing.T) {
	b := newSQSBench(t)
	in := &sqs.CreateQueueInput{QueueName: aws.String("in"), Attributes: map[string]string{"VisibilityTimeout": "5400"}}
	made, err := b.client.CreateQueue(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if want := b.Endpoint() + "/" + devo + "/in"; *made.QueueUrl != want {
		t.Errorf("URL %s, want %s", *made.QueueUrl, want)
	}
	again, err := b.client.CreateQueue(t.Context(), in)
	if err != nil || *again.QueueUrl != *made.QueueUrl {
		t.Errorf("made again: %+v, %v", again, err)
	}
	in.Attributes["VisibilityTimeout"] = "1"
	_, err = b.client.CreateQueue(t.Context(), in)
	wantCode(t, err, "QueueAlreadyExists")

	got := b.attributes(made.QueueUrl, "All")
	for name, want := range map[string]string{
		"VisibilityTimeout":             "5400",
		"MessageRetentionPeriod":        "345600",
		"DelaySeconds":                  "0",
		"MaximumMessageSize":            "1048576",
		"ReceiveMessageWaitTimeSeconds": "0",
		"QueueArn":                      "arn:aws:sqs:us-east-1:" + devo + ":in",
	} {
		if got[name] != want {
			t.Errorf("%s = %q, want %q", name, got[name], want)
		}
	}
	if one := b.attributes(made.QueueUrl, "QueueArn", "Policy"); len(one) != 1 {
		t.Errorf("asked for the ARN and a policy that is not set: %v", one)
	}
}

func TestQueuesAreCountedByWhatAReceiveWouldFind(t *testing.T) {
	b := newSQSBench(t)
	url, _ := b.queue("in", QueueOptions{})
	b.send(url, "in flight")
	b.one(url)
	b.send(url, "visible", "visible")
	if _, err := b.client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("delayed"), DelaySeconds: 9}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"ApproximateNumberOfMessages":           "2",
		"ApproximateNumberOfMessagesNotVisible": "1",
		"ApproximateNumberOfMessagesDelayed":    "1",
	}
	var names []types.QueueAttributeName
	for name := range want {
		names = append(names, types.QueueAttributeName(name))
	}
	if got := b.attributes(url, names...); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestSettingsAreRefused(t *testing.T) {
	b := newSQSBench(t)
	_, dead := b.queue("dead", QueueOptions{})
	url, arn := b.queue("in", QueueOptions{})
	foreign := b.CreateQueue("dead", QueueOptions{Owner: customer})
	policy := func(arn, limit string) string {
		return `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":` + limit + `}`
	}
	for name, c := range map[string]struct{ setting, value, code string }{
		"unknown":             {"Colour", "red", "InvalidAttributeName"},
		"FIFO":                {"FifoQueue", "true", "InvalidAttributeName"},
		"not a number":        {"VisibilityTimeout", "soon", "InvalidAttributeValue"},
		"too long":            {"VisibilityTimeout", "43201", "InvalidAttributeValue"},
		"too short":           {"MessageRetentionPeriod", "59", "InvalidAttributeValue"},
		"no JSON":             {"RedrivePolicy", "x", "InvalidParameterValue"},
		"no receives":         {"RedrivePolicy", policy(dead, "0"), "InvalidParameterValue"},
		"an unknown DLQ":      {"RedrivePolicy", policy(dead+"x", "3"), "InvalidParameterValue"},
		"itself for a DLQ":    {"RedrivePolicy", policy(arn, "3"), "InvalidParameterValue"},
		"somebody else's DLQ": {"RedrivePolicy", policy(foreign, "3"), "InvalidParameterValue"},
	} {
		t.Run(name, func(t *testing.T) {
			before := b.attributes(url, "All")
			_, err := b.client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
				QueueUrl: url, Attributes: map[string]string{c.setting: c.value, "DelaySeconds": "7"},
			})
			wantCode(t, err, c.code)
			if after := b.attributes(url, "All"); after["DelaySeconds"] != before["DelaySeconds"] {
				t.Error("a setting beside it was changed")
			}
		})
	}
	_, err := b.client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("not a name")})
	wantCode(t, err, "InvalidParameterValue")
}

func TestRedrivePolicyCanBeSetAndUnset(t *testing.T) {
	b := newSQSBench(t)
	deadURL, dead := b.queue("dead", QueueOptions{})
	url, _ := b.queue("in", QueueOptions{Visibility: time.Second})
	set := func(value string) {
		t.Helper()
		_, err := b.client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: url, Attributes: map[string]string{"RedrivePolicy": value}})
		if err != nil {
			t.Fatal(err)
		}
	}
	sources := func() []string {
		t.Helper()
		out, err := b.client.ListDeadLetterSourceQueues(t.Context(), &sqs.ListDeadLetterSourceQueuesInput{QueueUrl: deadURL})
		if err != nil {
			t.Fatal(err)
		}
		return out.QueueUrls
	}
	set(`{"deadLetterTargetArn":"` + dead + `","maxReceiveCount":"1"}`)
	if got := sources(); !slices.Equal(got, []string{*url}) {
		t.Errorf("sources %q", got)
	}
	set("")
	if got := sources(); len(got) != 0 {
		t.Errorf("sources %q after the policy is gone", got)
	}
	b.send(url, "x")
	for range 3 {
		b.one(url)
		b.clock.Advance(time.Second)
	}
}

func TestQueuesBelongToAccounts(t *testing.T) {
	b := newSQSBench(t)
	own, _ := b.queue("in", QueueOptions{})
	foreign, foreignARN := b.queue("in", QueueOptions{Owner: customer})
	if !strings.Contains(foreignARN, customer) || *own == *foreign {
		t.Fatalf("%s and %s", *own, *foreign)
	}
	b.send(foreign, "for the customer")
	b.none(own)
	b.one(foreign)

	for owner, want := range map[string]*string{"": own, customer: foreign} {
		in := &sqs.GetQueueUrlInput{QueueName: aws.String("in")}
		if owner != "" {
			in.QueueOwnerAWSAccountId = &owner
		}
		got, err := b.client.GetQueueUrl(t.Context(), in)
		if err != nil || *got.QueueUrl != *want {
			t.Errorf("of %q: %+v, %v; want %s", owner, got, err, *want)
		}
	}
	b.queue("other", QueueOptions{})
	list, err := b.client.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: aws.String("i")})
	if err != nil || !slices.Equal(list.QueueUrls, []string{*own}) {
		t.Errorf("listed %+v, %v", list, err)
	}
	_, err = b.client.GetQueueUrl(t.Context(), &sqs.GetQueueUrlInput{QueueName: aws.String("none")})
	wantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue")
}

func TestQueueURLMayNameAnyHost(t *testing.T) {
	b := newSQSBench(t)
	url, _ := b.queue("in", QueueOptions{})
	b.send(aws.String("https://sqs.us-east-1.amazonaws.com/"+devo+"/in"), "x")
	b.one(url)
}

func TestPurgedAndDeletedQueues(t *testing.T) {
	b := newSQSBench(t)
	url, arn := b.queue("in", QueueOptions{})
	b.send(url, "x", "y")
	if _, err := b.client.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	b.none(url)
	if _, err := b.client.DeleteQueue(t.Context(), &sqs.DeleteQueueInput{QueueUrl: url}); err != nil {
		t.Fatal(err)
	}
	_, err := b.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: url})
	wantCode(t, err, "AWS.SimpleQueueService.NonExistentQueue")
	var typed *types.QueueDoesNotExist
	if !errors.As(err, &typed) {
		t.Errorf("%T is not typed", err)
	}
	if b.Send(arn, "x") == nil || b.Messages(arn) != nil || b.QueueState(arn) != (QueueState{}) {
		t.Error("the queue is still there for Go")
	}
}
