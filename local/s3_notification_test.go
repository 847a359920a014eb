package local

import (
	"crypto/md5"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A careless tool replaces a bucket's notifications, and its owner puts them
// back: from then on, and no earlier, objects are announced.
func TestNotificationsAreReadAndReplaced(t *testing.T) {
	a := startAccount(t)
	queue, second := a.CreateQueue("q", QueueOptions{}), a.CreateQueue("second", QueueOptions{})
	if err := a.CreateBucket("logs", BucketOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, n := range []Notification{{Queue: queue, Prefix: "a/"}, {Queue: second, Via: ViaSNS, Suffix: ".gz"}, {Queue: second, Via: ViaEventBridge}} {
		if err := a.Notify("logs", n); err != nil {
			t.Fatal(err)
		}
	}
	c := s3.NewFromConfig(config(t, a, a.Root()))
	get := func() *s3.GetBucketNotificationConfigurationOutput {
		t.Helper()
		out, err := c.GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: aws.String("logs")})
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	set := func(in types.NotificationConfiguration) error {
		_, err := c.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: aws.String("logs"), NotificationConfiguration: &in})
		return err
	}
	announced := func(want int) {
		t.Helper()
		before := len(a.Messages(queue)) + len(a.Messages(second))
		if err := a.Put("logs", "a/b.gz", nil); err != nil {
			t.Fatal(err)
		}
		if n := len(a.Messages(queue)) + len(a.Messages(second)) - before; n != want {
			t.Errorf("%d queues were told, want %d", n, want)
		}
	}
	was := get()
	if len(was.QueueConfigurations) != 1 || *was.QueueConfigurations[0].QueueArn != queue || *was.QueueConfigurations[0].Filter.Key.FilterRules[0].Value != "a/" ||
		len(was.TopicConfigurations) != 1 || was.EventBridgeConfiguration == nil {
		t.Fatalf("%+v", was)
	}
	announced(3)
	if err := set(types.NotificationConfiguration{}); err != nil {
		t.Fatal(err)
	}
	announced(0)
	if err := set(types.NotificationConfiguration{QueueConfigurations: []types.QueueConfiguration{{QueueArn: aws.String(queue + "2"), Events: []types.Event{"s3:ObjectCreated:*"}}}}); err == nil {
		t.Error("a queue that is not there was taken")
	}
	err := set(types.NotificationConfiguration{
		QueueConfigurations: was.QueueConfigurations, TopicConfigurations: was.TopicConfigurations, EventBridgeConfiguration: was.EventBridgeConfiguration,
	})
	if err != nil {
		t.Fatal(err)
	}
	announced(3)
}

// Two writes of one instant are announced by one message, which is about the first;
// what is there is the second.
func TestPutAtOnce(t *testing.T) {
	a := startAccount(t)
	queue := a.CreateQueue("q", QueueOptions{})
	bucket(t, a, "logs", BucketOptions{})
	if err := a.Notify("logs", Notification{Queue: queue}); err != nil {
		t.Fatal(err)
	}
	before := len(a.Messages(queue))
	if err := a.PutAtOnce("logs", "k", []byte("first"), []byte("stays")); err != nil {
		t.Fatal(err)
	}
	told := a.Messages(queue)[before:]
	first := fmt.Sprintf("%x", md5.Sum([]byte("first")))
	if _, eTag := a.Stored("logs", "k"); len(told) != 1 || !strings.Contains(told[0].Body, first) || eTag != fmt.Sprintf("%x", md5.Sum([]byte("stays"))) {
		t.Errorf("%+v, %s", told, eTag)
	}
}
