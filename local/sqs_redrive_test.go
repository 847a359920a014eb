package local

import (
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestMessageGoesToTheDLQUnchangedWhenItsReceivesAreUsedUp(t *testing.T) {
	b := newSQSBench(t)
	deadURL, dead := b.queue("dead", QueueOptions{Visibility: time.Minute})
	url, arn := b.queue("in", QueueOptions{Visibility: time.Minute, DLQ: dead, MaxReceive: 3})
	b.send(url, "poison")
	var id string
	for range 3 {
		id = *b.one(url).MessageId
		b.clock.Advance(time.Minute)
	}
	b.none(deadURL)
	if state := b.QueueState(arn); state.Visible != 1 {
		t.Errorf("%+v: it must stay until the receive that is one too many", state)
	}
	b.none(url)
	m := b.one(deadURL)
	if *m.MessageId != id || *m.Body != "poison" || m.Attributes["DeadLetterQueueSourceArn"] != arn {
		t.Errorf("in the DLQ: %s %q %v; want %s from %s", *m.MessageId, *m.Body, m.Attributes, id, arn)
	}
	b.none(url)
}

func TestRedriveTakesOnlyWhatIsUsedUp(t *testing.T) {
	b := newSQSBench(t)
	_, dead := b.queue("dead", QueueOptions{})
	url, _ := b.queue("in", QueueOptions{Visibility: time.Minute, DLQ: dead, MaxReceive: 1})
	b.send(url, "old")
	b.one(url)
	b.clock.Advance(time.Minute)
	b.send(url, "new")
	if m := b.one(url); *m.Body != "new" {
		t.Errorf("received %q", *m.Body)
	}
	if got := b.Messages(dead); len(got) != 1 || got[0].Body != "old" || got[0].Receives != 1 {
		t.Errorf("DLQ holds %+v", got)
	}
}

func TestDLQKeepsTheAgeOfItsMessages(t *testing.T) {
	b := newSQSBench(t)
	deadURL, dead := b.queue("dead", QueueOptions{Retention: 2 * time.Hour})
	url, _ := b.queue("in", QueueOptions{Visibility: time.Minute, DLQ: dead, MaxReceive: 1})
	b.send(url, "x")
	b.one(url)
	b.clock.Advance(90 * time.Minute)
	b.none(url)
	if got := b.QueueState(dead); got.Visible != 1 || b.clock.Now().Sub(got.Oldest) < 90*time.Minute {
		t.Fatalf("%+v", got)
	}
	b.clock.Advance(30 * time.Minute)
	b.none(deadURL)
}

func TestMessageIsKeptForTheRetentionPeriodEvenInFlight(t *testing.T) {
	b := newSQSBench(t)
	url, arn := b.queue("in", QueueOptions{Retention: time.Hour, Visibility: 2 * time.Hour})
	b.send(url, "in flight")
	b.one(url)
	b.send(url, "visible")
	b.clock.Advance(59 * time.Minute)
	if got := b.QueueState(arn); got.Visible != 1 || got.InFlight != 1 {
		t.Errorf("before: %+v", got)
	}
	b.clock.Advance(time.Minute)
	if got := b.QueueState(arn); got != (QueueState{}) {
		t.Errorf("after: %+v", got)
	}
}

// dlqBench has two queues that share a DLQ with one dead message of each, and
// one that was sent to the DLQ itself if orphan.
func dlqBench(t *testing.T, orphan bool) (b sqsBench, a, z, dead string) {
	t.Helper()
	b = newSQSBench(t)
	deadURL, dead := b.queue("dead", QueueOptions{})
	o := QueueOptions{Visibility: time.Minute, DLQ: dead, MaxReceive: 1}
	urlA, a := b.queue("a", o)
	urlZ, z := b.queue("z", o)
	b.send(urlA, "of a")
	b.send(urlZ, "of z")
	b.one(urlA)
	b.one(urlZ)
	b.clock.Advance(time.Minute)
	b.none(urlA)
	b.none(urlZ)
	if orphan {
		b.send(deadURL, "of nobody")
	}
	return b, a, z, dead
}

func (b sqsBench) tasks(source string) []types.ListMessageMoveTasksResultEntry {
	b.Helper()
	out, err := b.client.ListMessageMoveTasks(b.Context(), &sqs.ListMessageMoveTasksInput{SourceArn: &source, MaxResults: aws.Int32(10)})
	if err != nil {
		b.Fatal(err)
	}
	return out.Results
}

func (b sqsBench) bodies(arn string) (all []string) {
	for _, m := range b.Messages(arn) {
		all = append(all, m.Body)
	}
	return all
}

func TestMoveTaskBringsMessagesBackAsNewOnes(t *testing.T) {
	b, a, z, dead := dlqBench(t, false)
	before := b.Messages(dead)
	b.clock.Advance(time.Hour)
	if _, err := b.client.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: &dead}); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.bodies(a), []string{"of a"}) || !slices.Equal(b.bodies(z), []string{"of z"}) || len(b.bodies(dead)) != 0 {
		t.Errorf("a holds %q, z %q, the DLQ %q", b.bodies(a), b.bodies(z), b.bodies(dead))
	}
	m := b.Messages(a)[0]
	if m.ID == before[0].ID || m.Receives != 0 || m.Source != "" || m.Sent.Sub(before[0].Sent) < time.Hour {
		t.Errorf("%+v is not new after %+v", m, before[0])
	}
	if got := b.tasks(dead); len(got) != 1 || *got[0].Status != "COMPLETED" || got[0].ApproximateNumberOfMessagesMoved != 2 || got[0].TaskHandle != nil {
		t.Errorf("tasks %+v", got)
	}
}

func TestMoveTaskToAnotherQueueLeavesWhatIsInFlight(t *testing.T) {
	b, a, z, dead := dlqBench(t, true)
	url := "http://any/" + devo + "/dead"
	if _, err := b.client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url}); err != nil {
		t.Fatal(err)
	}
	_, target := b.queue("target", QueueOptions{})
	if _, err := b.client.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: &dead, DestinationArn: &target}); err != nil {
		t.Fatal(err)
	}
	if got := b.bodies(target); !slices.Equal(got, []string{"of z", "of nobody"}) {
		t.Errorf("moved %q", got)
	}
	if got := b.bodies(dead); !slices.Equal(got, []string{"of a"}) || len(b.bodies(a)) != 0 || len(b.bodies(z)) != 0 {
		t.Errorf("left %q", got)
	}
}

func TestMoveTaskFailsWhereAMessageHasNoOrigin(t *testing.T) {
	b, _, _, dead := dlqBench(t, true)
	if _, err := b.client.StartMessageMoveTask(t.Context(), &sqs.StartMessageMoveTaskInput{SourceArn: &dead}); err != nil {
		t.Fatal(err)
	}
	got := b.tasks(dead)[0]
	if *got.Status != "FAILED" || *got.FailureReason != "CouldNotDetermineMessageSource" || got.ApproximateNumberOfMessagesMoved != 2 {
		t.Errorf("task %+v", got)
	}
	if got := b.bodies(dead); !slices.Equal(got, []string{"of nobody"}) {
		t.Errorf("left %q", got)
	}
}

func TestMoveTaskWithARateCanBeCancelled(t *testing.T) {
	b, _, _, dead := dlqBench(t, true)
	_, target := b.queue("target", QueueOptions{})
	start := &sqs.StartMessageMoveTaskInput{SourceArn: &dead, DestinationArn: &target, MaxNumberOfMessagesPerSecond: aws.Int32(1)}
	task, err := b.client.StartMessageMoveTask(t.Context(), start)
	if err != nil {
		t.Fatal(err)
	}
	_, err = b.client.StartMessageMoveTask(t.Context(), start)
	wantCode(t, err, "AWS.SimpleQueueService.UnsupportedOperation")
	b.clock.Advance(time.Second)
	if got := b.tasks(dead)[0]; *got.Status != "RUNNING" || *got.TaskHandle != *task.TaskHandle || got.ApproximateNumberOfMessagesMoved != 2 || *got.ApproximateNumberOfMessagesToMove != 3 {
		t.Errorf("task %+v", got)
	}
	cancel := &sqs.CancelMessageMoveTaskInput{TaskHandle: task.TaskHandle}
	if out, err := b.client.CancelMessageMoveTask(t.Context(), cancel); err != nil || out.ApproximateNumberOfMessagesMoved != 2 {
		t.Errorf("cancelled %+v, %v", out, err)
	}
	b.clock.Advance(time.Minute)
	if len(b.bodies(target)) != 2 || len(b.bodies(dead)) != 1 {
		t.Errorf("target holds %q, the DLQ %q", b.bodies(target), b.bodies(dead))
	}
	_, err = b.client.CancelMessageMoveTask(t.Context(), cancel)
	wantCode(t, err, "AWS.SimpleQueueService.UnsupportedOperation")
}

func TestMoveTaskIsRefused(t *testing.T) {
	b, a, _, dead := dlqBench(t, false)
	missing := b.sqs.arn(devo, "missing")
	for name, c := range map[string]struct {
		source, destination, code string
	}{
		"from an unknown queue":       {missing, "", "ResourceNotFoundException"},
		"to an unknown queue":         {dead, missing, "ResourceNotFoundException"},
		"from a queue that is no DLQ": {a, "", "InvalidParameterValue"},
	} {
		t.Run(name, func(t *testing.T) {
			in := &sqs.StartMessageMoveTaskInput{SourceArn: &c.source}
			if c.destination != "" {
				in.DestinationArn = &c.destination
			}
			_, err := b.client.StartMessageMoveTask(t.Context(), in)
			wantCode(t, err, c.code)
		})
	}
}
