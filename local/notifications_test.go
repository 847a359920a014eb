package local

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// bodies are the messages in a queue, oldest first.
func bodies(a *Account, arn string) (all []string) {
	for _, m := range a.Messages(arn) {
		all = append(all, m.Body)
	}
	return all
}

// last decodes the newest message of a queue, in which AWS's random and
// temporal values are replaced by their shape.
func last(t *testing.T, a *Account, arn string) map[string]any {
	t.Helper()
	all := bodies(a, arn)
	if len(all) == 0 {
		t.Fatal("the queue is empty")
	}
	return decoded(t, all[len(all)-1])
}

var shapes = []struct {
	name  string
	shape *regexp.Regexp
}{
	{"UUID", regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)},
	{"MILLISECONDS", regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$`)},
	{"SECONDS", regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)},
	{"HEX", regexp.MustCompile(`^(00)?[0-9A-Fa-f]{16}$`)},
	{"ID", regexp.MustCompile(`^[A-Z2-7]{16}$`)},
	{"VERSION", regexp.MustCompile(`^[A-Z2-7]{26}$`)},
	{"BASE64", regexp.MustCompile(`^[A-Za-z0-9+/]{34,}=*$`)},
}

func decoded(t *testing.T, body string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	return shaped(v).(map[string]any)
}

func shaped(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k := range v {
			v[k] = shaped(v[k])
		}
	case []any:
		for i := range v {
			v[i] = shaped(v[i])
		}
	case string:
		for _, s := range shapes {
			if s.shape.MatchString(v) {
				return s.name
			}
		}
	}
	return v
}

// js is a literal in the form that decoded gives.
func js(t *testing.T, literal string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(literal), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

func TestBodiesAreAWSsFieldByField(t *testing.T) {
	const (
		key = "logs/a b+ü&c.gz"
		tag = "1cb251ec0d568de6a929b520c4aed8d1" // MD5 of "text"

		straight = `{"Records":[{"eventVersion":"2.5","eventSource":"aws:s3","awsRegion":"eu-west-1","eventTime":"MILLISECONDS",
			"eventName":"ObjectCreated:Put","userIdentity":{"principalId":"AWS:210987654321"},
			"requestParameters":{"sourceIPAddress":"127.0.0.1"},"responseElements":{"x-amz-request-id":"ID","x-amz-id-2":"BASE64"},
			"s3":{"s3SchemaVersion":"1.0","configurationId":"notification-0",
			"bucket":{"name":"mine","ownerIdentity":{"principalId":"A210987654321"},"arn":"arn:aws:s3:::mine",
				"awsGeneratedTags":{"aws:cloudformation:logical-id":"Bucket"}},
			"object":{"key":"logs/a+b%2B%C3%BC%26c.gz","size":4,"eTag":"` + tag + `","versionId":"VERSION","sequencer":"HEX"}}}]}`
		byRule = `{"version":"0","id":"UUID","detail-type":"Object Created","source":"aws.s3","account":"210987654321","time":"SECONDS",
			"region":"eu-west-1","resources":["arn:aws:s3:::mine"],"detail":{"version":"0","event-version":"1.0","bucket":{"name":"mine"},
			"object":{"key":"logs/a b+ü&c.gz","size":4,"etag":"` + tag + `","version-id":"VERSION","sequencer":"HEX"},
			"request-id":"ID","requester":"210987654321","source-ip-address":"127.0.0.1","reason":"PutObject"}}`
		envelope = `{"Type":"Notification","MessageId":"UUID","TopicArn":"arn:aws:sns:eu-west-1:210987654321:topic",
			"Subject":"Amazon S3 Notification","Message":"","Timestamp":"MILLISECONDS","SignatureVersion":"1","Signature":"BASE64",
			"SigningCertURL":"https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-local.pem","UnsubscribeURL":""}`
	)
	for _, via := range []string{ViaSQS, ViaSNS, ViaSNSRaw, ViaEventBridge} {
		t.Run(via, func(t *testing.T) {
			a := startAccount(t)
			queue := a.CreateQueue("q", QueueOptions{Owner: customer})
			bucket(t, a, "mine", BucketOptions{Region: "eu-west-1", Versioned: true})
			if err := a.Notify("mine", Notification{Queue: queue, Via: via, Topic: "arn:aws:sns:eu-west-1:210987654321:topic"}); err != nil {
				t.Fatal(err)
			}
			put(t, a, "mine", key, "text")
			got := last(t, a, queue)
			switch via {
			case ViaEventBridge:
				if diff := cmp.Diff(js(t, byRule), got); diff != "" {
					t.Error(diff)
				}
				if all := bodies(a, queue); len(all) != 1 || !strings.Contains(all[0], "ü&c.gz") {
					t.Errorf("no test event and no escapes were wanted: %q", all)
				}
				return
			case ViaSNS:
				inner := decoded(t, got["Message"].(string))
				if u := got["UnsubscribeURL"].(string); !strings.HasPrefix(u, "https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=arn:aws:sns:") {
					t.Errorf("UnsubscribeURL %s", u)
				}
				got["Message"], got["UnsubscribeURL"] = "", ""
				if diff := cmp.Diff(js(t, envelope), got); diff != "" {
					t.Error(diff)
				}
				got = inner
			}
			if diff := cmp.Diff(js(t, straight), got); diff != "" {
				t.Error(diff)
			}
			first := decoded(t, bodies(a, queue)[0])
			if via == ViaSNS {
				first = decoded(t, first["Message"].(string))
			}
			test := `{"Service":"Amazon S3","Event":"s3:TestEvent","Time":"MILLISECONDS","Bucket":"mine","RequestId":"ID","HostId":"BASE64"}`
			if diff := cmp.Diff(js(t, test), first); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestOldEventVersionHasNoNewFields(t *testing.T) {
	a := startAccount(t)
	queue := a.CreateQueue("q", QueueOptions{Owner: customer})
	bucket(t, a, "mine", BucketOptions{})
	if err := a.Notify("mine", Notification{Queue: queue, Version: "2.1"}); err != nil {
		t.Fatal(err)
	}
	put(t, a, "mine", "k", "text")
	body := bodies(a, queue)[1]
	if !strings.Contains(body, `"eventVersion":"2.1"`) || strings.Contains(body, "awsGeneratedTags") || strings.Contains(body, "versionId") {
		t.Error(body)
	}
}

// happened is a queue's events in order: name and key, the test event left out.
func happened(t *testing.T, a *Account, arn string) (names []string) {
	t.Helper()
	for _, body := range bodies(a, arn) {
		var in struct {
			Records []struct {
				EventName string
				S3        struct {
					Object struct {
						Key, ETag string
						Size      *int64
					}
				}
			}
		}
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			t.Fatal(err)
		}
		for _, r := range in.Records {
			if created := strings.HasPrefix(r.EventName, "ObjectCreated:"); created != (r.S3.Object.Size != nil) {
				t.Errorf("size of %s: %v", r.EventName, r.S3.Object.Size)
			}
			names = append(names, r.EventName+" "+r.S3.Object.Key)
		}
	}
	return names
}

func TestEveryChangeHasItsEvent(t *testing.T) {
	a := startAccount(t)
	client := s3Client(t, a, a.Root())
	for _, versioned := range []bool{false, true} {
		name, removed := "plain", "ObjectRemoved:Delete"
		if versioned {
			name, removed = "versioned", "ObjectRemoved:DeleteMarkerCreated"
		}
		t.Run(name, func(t *testing.T) {
			b := bucket(t, a, name, BucketOptions{Versioned: versioned})
			queue := a.CreateQueue(name, QueueOptions{Owner: customer})
			if err := a.Notify(b, Notification{Queue: queue, Events: []string{"s3:ObjectCreated:*", "s3:ObjectRemoved:*"}}); err != nil {
				t.Fatal(err)
			}
			one, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &b, Key: aws.String("one"), Body: strings.NewReader("1")})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: &b, Key: aws.String("two"), CopySource: aws.String(b + "/one")}); err != nil {
				t.Fatal(err)
			}
			upload, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: &b, Key: aws.String("three")})
			if err != nil {
				t.Fatal(err)
			}
			part, err := client.UploadPart(t.Context(), &s3.UploadPartInput{
				Bucket: &b, Key: aws.String("three"), UploadId: upload.UploadId, PartNumber: aws.Int32(1), Body: strings.NewReader("3"),
			})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
				Bucket: &b, Key: aws.String("three"), UploadId: upload.UploadId,
				MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{{ETag: part.ETag, PartNumber: aws.Int32(1)}}},
			}); err != nil {
				t.Fatal(err)
			}
			if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b, Key: aws.String("one")}); err != nil {
				t.Fatal(err)
			}
			want := []string{
				"ObjectCreated:Put one", "ObjectCreated:Copy two", "ObjectCreated:CompleteMultipartUpload three", removed + " one",
			}
			if versioned {
				if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &b, Key: aws.String("one"), VersionId: one.VersionId}); err != nil {
					t.Fatal(err)
				}
				want = append(want, "ObjectRemoved:Delete one")
			} else if err := a.Delete(b, "never-there"); err != nil {
				t.Fatal(err)
			}
			if got := happened(t, a, queue); !slices.Equal(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestEventBridgeTellsHowAnObjectWentAway(t *testing.T) {
	for versioned, want := range map[bool]string{
		false: `{"key":"k","sequencer":"HEX"} Permanently Deleted`,
		true:  `{"etag":"` + emptyETag + `","key":"k","sequencer":"HEX","version-id":"VERSION"} Delete Marker Created`,
	} {
		a := startAccount(t)
		queue := a.CreateQueue("q", QueueOptions{Owner: customer})
		bucket(t, a, "mine", BucketOptions{Versioned: versioned})
		if err := a.Notify("mine", Notification{Queue: queue, Via: ViaEventBridge, Events: []string{"s3:ObjectRemoved:*"}}); err != nil {
			t.Fatal(err)
		}
		put(t, a, "mine", "k", "text")
		if err := a.Delete("mine", "k"); err != nil {
			t.Fatal(err)
		}
		got := last(t, a, queue)
		detail := got["detail"].(map[string]any)
		object, err := json.Marshal(detail["object"])
		if err != nil {
			t.Fatal(err)
		}
		if said := string(object) + " " + detail["deletion-type"].(string); got["detail-type"] != "Object Deleted" || detail["reason"] != "DeleteObject" || said != want {
			t.Errorf("got %v with %s, want %s", got["detail-type"], said, want)
		}
	}
}

func TestNotificationsChooseByKeyAndEvent(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	for name, n := range map[string]Notification{
		"prefix":  {Prefix: "logs/"},
		"suffix":  {Suffix: ".gz"},
		"both":    {Prefix: "logs/", Suffix: ".gz"},
		"removed": {Events: []string{"s3:ObjectRemoved:Delete"}},
		"copies":  {Events: []string{"s3:ObjectCreated:Copy"}},
		"plain":   {Prefix: "day=1/"},
		"encoded": {Prefix: "day%3D1/"},
	} {
		n.Queue = a.CreateQueue(name, QueueOptions{Owner: customer})
		if err := a.Notify("mine", n); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"logs/a.gz", "logs/b", "c.gz", "day=1/d"} {
		put(t, a, "mine", key, "text")
	}
	if err := a.Delete("mine", "c.gz"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"prefix":  {"ObjectCreated:Put logs/a.gz", "ObjectCreated:Put logs/b"},
		"suffix":  {"ObjectCreated:Put logs/a.gz", "ObjectCreated:Put c.gz"},
		"both":    {"ObjectCreated:Put logs/a.gz"},
		"removed": {"ObjectRemoved:Delete c.gz"},
		"copies":  nil,
		"plain":   nil,
		"encoded": {"ObjectCreated:Put day%3D1/d"},
	} {
		if got := happened(t, a, "arn:aws:sqs:us-east-1:"+customer+":"+name); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

func TestSequencersGrowAndTimeIsTheAccounts(t *testing.T) {
	a := startAccount(t)
	queue := a.CreateQueue("q", QueueOptions{Owner: customer})
	bucket(t, a, "mine", BucketOptions{})
	if err := a.Notify("mine", Notification{Queue: queue}); err != nil {
		t.Fatal(err)
	}
	a.Clock().Advance(10 * time.Hour)
	put(t, a, "mine", "k", "one")
	put(t, a, "mine", "k", "two")
	if err := a.Renotify("mine", "k"); err != nil {
		t.Fatal(err)
	}
	var sequencers []string
	for _, body := range bodies(a, queue)[1:] {
		var in struct {
			Records []struct {
				EventTime time.Time
				S3        struct{ Object struct{ Sequencer string } }
			}
		}
		if err := json.Unmarshal([]byte(body), &in); err != nil {
			t.Fatal(err)
		}
		if off := a.Clock().Now().Sub(in.Records[0].EventTime).Abs(); off > time.Minute {
			t.Errorf("event time is %v off", off)
		}
		sequencers = append(sequencers, in.Records[0].S3.Object.Sequencer)
	}
	if len(sequencers) != 3 || sequencers[0] >= sequencers[1] || sequencers[1] != sequencers[2] {
		t.Errorf("sequencers %q: the second must be greater, the repetition the same", sequencers)
	}
}

func TestNotifyingNobodyIsAnError(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	if err := a.Notify("mine", Notification{Queue: "arn:aws:sqs:us-east-1:" + customer + ":none"}); err == nil {
		t.Error("a queue that does not exist was taken")
	}
	if err := a.Notify("none", Notification{Queue: a.CreateQueue("q", QueueOptions{Owner: customer})}); err == nil {
		t.Error("a bucket that does not exist was taken")
	}
	if err := a.Renotify("mine", "none"); err == nil {
		t.Error("an object that does not exist was announced")
	}
	if err := a.Put("none", "k", nil); err == nil {
		t.Error("a bucket that does not exist was written")
	}
}
