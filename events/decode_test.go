package events

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// byText compares errors by what they say.
var byText = cmp.Comparer(func(a, b error) bool { return fmt.Sprint(a) == fmt.Sprint(b) })

// nine is the time of most events here.
var nine = time.Date(2026, 11, 2, 9, 0, 4, 123e6, time.UTC)

func TestDecodeReadsEveryFieldOfEveryForm(t *testing.T) {
	full := Object{
		Bucket: "acme-logs", Key: "app/a b.log", VersionID: "v1", ETag: "e1", Size: 7, Sequencer: "00A1", Region: "eu-west-1", EventTime: nine,
	}
	s3 := `{"Records":[{"eventVersion":"2.1","eventName":"ObjectCreated:Put","eventTime":"2026-11-02T09:00:04.123Z","awsRegion":"eu-west-1",
		"s3":{"bucket":{"name":"acme-logs"},"object":{"key":"app/a+b.log","size":7,"eTag":"e1","versionId":"v1","sequencer":"00A1"}}}]}`
	bridge := `"source":"aws.s3","time":"2026-11-02T09:00:04.123Z","region":"eu-west-1",
		"detail":{"bucket":{"name":"acme-logs"},"object":{"key":"app/a b.log","size":7,"etag":"e1","version-id":"v1","sequencer":"00A1"}}}`

	twice := sns(`{"Type":"Notification","Message":"{\"Event\":\"s3:TestEvent\"}"}`)

	tests := map[string]struct {
		body string
		want Notification
	}{
		"S3": {s3, Notification{Form: S3, Objects: []Object{full}}},
		"S3 by SNS": {
			`{"Type":"Notification","TopicArn":"arn","Message":` + strconv.Quote(s3) + `}`,
			Notification{Form: S3, Objects: []Object{full}},
		},
		"EventBridge":   {`{"detail-type":"Object Created",` + bridge, Notification{Form: EventBridge, Objects: []Object{full}}},
		"Security Lake": {`{` + bridge, Notification{Form: SecurityLake, Objects: []Object{full}}},
		"CloudTrail": {`{"s3Bucket":"acme-logs","s3ObjectKey":["a+b","c%20d"]}`, Notification{Form: CloudTrail, Objects: []Object{
			{Bucket: "acme-logs", Key: "a+b", Size: -1},
			{Bucket: "acme-logs", Key: "c%20d", Size: -1},
		}}},
		"FDR": {
			`{"bucket":"acme-logs","timestamp":1793610004123,"files":[{"path":"data/a+b","size":7,"checksum":"c"},{"path":"data/c"}]}`,
			Notification{Form: FDR, Objects: []Object{
				{Bucket: "acme-logs", Key: "data/a+b", Size: 7, EventTime: nine},
				{Bucket: "acme-logs", Key: "data/c", Size: -1, EventTime: nine},
			}},
		},
		"an API call by EventBridge": {apiCallOf("CopyObject", `"responseElements":{"x-amz-version-id":"v1"}`), Notification{Form: EventBridge, Objects: []Object{
			{Bucket: "acme-logs", Key: "app/a+b.log", VersionID: "v1", Size: -1, Region: "eu-west-1", EventTime: nine},
		}}},
		"an API call in China": {strings.Replace(apiCallOf("PutObject", `"x":1`), "AWS API", "Amazon API", 1), Notification{Form: EventBridge, Objects: []Object{
			{Bucket: "acme-logs", Key: "app/a+b.log", Size: -1, Region: "eu-west-1", EventTime: nine},
		}}},
		"an API call's name in S3's form": {strings.Replace(s3, "ObjectCreated:Put", "PutObject", 1), Notification{Form: S3, Objects: []Object{full}}},
		"AWS Config": {
			`{"s3ObjectKey":"a+b","s3Bucket":"acme-logs","notificationCreationTime":"2026-11-02T10:00:04Z","messageType":"ConfigurationSnapshotDeliveryCompleted"}`,
			Notification{Form: Config, Objects: []Object{{Bucket: "acme-logs", Key: "a+b", Size: -1}}},
		},
		"continuation of an object": {
			`{"collector":1,"queue":"arn:q","object":{"bucket":"acme-logs","key":"a+b","version":"v1","etag":"e1","size":7},"source":"vpc","generation":2,
				"origin":{"messageId":"m1","sent":"2026-11-02T09:00:05Z","eventTime":"2026-11-02T09:00:04.123Z"}}`,
			Notification{
				Form:    Continuation,
				Objects: []Object{{Bucket: "acme-logs", Key: "a+b", VersionID: "v1", ETag: "e1", Size: 7, EventTime: nine}},
				Continuation: &Continued{
					Queue: "arn:q", Source: "vpc", Generation: 2,
					Origin: Origin{MessageID: "m1", Sent: time.Date(2026, 11, 2, 9, 0, 5, 0, time.UTC), EventTime: nine},
				},
			},
		},
		"continuation of a vendor's message": {
			`{"collector":1,"queue":"arn:q","body":` + strconv.Quote(s3) + `}`,
			Notification{Form: Continuation, Objects: []Object{full}, Continuation: &Continued{Queue: "arn:q", Body: s3}},
		},
		"as deep as it goes": {
			`{"collector":1,"queue":"arn:q","body":` + strconv.Quote(twice) + `}`,
			Notification{Form: Continuation, Ignored: []string{"s3:TestEvent"}, Continuation: &Continued{Queue: "arn:q", Body: twice}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(tt.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, byText); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeIgnoresWhatNamesNoNewObject(t *testing.T) {
	tests := map[string]struct {
		body string
		want Notification
	}{
		"test event":                    {`{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"acme-logs"}`, ignored(S3, "s3:TestEvent")},
		"test event by SNS":             {sns(`{"Event":"s3:TestEvent"}`), ignored(S3, "s3:TestEvent")},
		"removal":                       {record("2.1", "ObjectRemoved:Delete", "k"), ignored(S3, "ObjectRemoved:Delete")},
		"removal with prefix":           {record("2.1", "s3:ObjectRemoved:Delete", "k"), ignored(S3, "ObjectRemoved:Delete")},
		"removal of an impossible key":  {record("2.1", "ObjectRemoved:Delete", "%zz"), ignored(S3, "ObjectRemoved:Delete")},
		"lifecycle":                     {record("2.3", "LifecycleExpiration:Delete", "k"), ignored(S3, "LifecycleExpiration:Delete")},
		"long event name":               {record("2.1", "ObjectRemoved:"+strings.Repeat("x", 49)+"é", "k"), ignored(S3, "ObjectRemoved:"+strings.Repeat("x", 49))},
		"restore begins":                {record("2.1", "ObjectRestore:Post", "k"), ignored(S3, "ObjectRestore:Post")},
		"restore ends":                  {`{"source":"aws.s3","detail-type":"Object Restore Expired","detail":{}}`, ignored(EventBridge, "Object Restore Expired")},
		"replication":                   {record("2.2", "Replication:OperationFailedReplication", "k"), ignored(S3, "Replication:OperationFailedReplication")},
		"tagging":                       {record("2.3", "ObjectTagging:Put", "k"), ignored(S3, "ObjectTagging:Put")},
		"an API call that creates none": {record("2.1", "DeleteObject", "k"), ignored(S3, "DeleteObject")},
		"AWS Config, no object":         {`{"messageType":"ComplianceChangeNotification","notificationCreationTime":"2026-11-02T10:00:04Z"}`, ignored(Config, "ComplianceChangeNotification")},
		"a failed call":                 {apiCallOf("CopyObject", `"errorCode":"NoSuchKey"`), ignored(EventBridge, "CopyObject failed: NoSuchKey")},
		"a call that creates none":      {apiCallOf("DeleteObjects", `"errorCode":null`), ignored(EventBridge, "DeleteObjects")},
		"no records":                    {`{"Records":[]}`, ignored(S3, "no records")},
		"no keys":                       {`{"s3Bucket":"acme-logs","s3ObjectKey":[]}`, ignored(CloudTrail, "no keys")},
		"no files":                      {`{"bucket":"acme-logs","files":[]}`, ignored(FDR, "no files")},
		"validation by SNS":             {sns("CloudTrail validation message."), ignored(CloudTrail, "CloudTrail validation message.")},
		"validation, raw":               {"CloudTrail validation message.", ignored(CloudTrail, "CloudTrail validation message.")},
		"subscription begins":           {`{"Type":"SubscriptionConfirmation","Message":"You have"}`, ignored(SNS, "SubscriptionConfirmation")},
		"subscription ends":             {`{"Type":"UnsubscribeConfirmation","Message":"You have"}`, ignored(SNS, "UnsubscribeConfirmation")},
		"EventBridge of another type":   {`{"source":"aws.s3","detail-type":"Object Deleted","detail":{"bucket":{"name":5}}}`, ignored(EventBridge, "Object Deleted")},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(tt.body)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got, byText); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// A restored object is no new one, unless its bucket's are wanted.
func TestRestoredObjectsAreTakenWhereTheyAreWanted(t *testing.T) {
	const byBridge = `{"source":"aws.s3","detail-type":"Object Restore Completed","detail":{"bucket":{"name":"acme-logs"},"object":{"key":"a b","etag":"e","version-id":"v"}}}`
	two := strings.Replace(record("2.1", "ObjectRestore:Completed", "k"), "]}", ","+strings.TrimPrefix(record("2.1", "ObjectCreated:Put", "l"), `{"Records":[`), 1)
	for name, c := range map[string]struct {
		body           string
		ignored, keys  string // as it is
		wanted, remain string // where they are wanted
	}{
		"by S3":            {record("2.1", "ObjectRestore:Completed", "a+b"), "ObjectRestore:Completed", "", "a b", ""},
		"by SNS":           {sns(record("2.1", "s3:ObjectRestore:Completed", "k")), "ObjectRestore:Completed", "", "k", ""},
		"by EventBridge":   {byBridge, "Object Restore Completed", "", "a b", ""},
		"beside a new one": {two, "ObjectRestore:Completed", "l", "l,k", ""},
		"another event":    {record("2.1", "ObjectRestore:Post", "k"), "ObjectRestore:Post", "", "", "ObjectRestore:Post"},
	} {
		t.Run(name, func(t *testing.T) {
			n, err := Decode(c.body)
			if err != nil {
				t.Fatal(err)
			}
			taken := n.WithRestored([]string{"other", "acme-logs"})
			for _, look := range []struct {
				n             Notification
				keys, ignored string
			}{{n.WithRestored([]string{"other"}), c.keys, c.ignored}, {taken, c.wanted, c.remain}, {n, c.keys, c.ignored}} {
				var keys []string
				for _, o := range look.n.Objects {
					keys = append(keys, o.Key)
				}
				if strings.Join(keys, ",") != look.keys || strings.Join(look.n.Ignored, ",") != look.ignored {
					t.Errorf("%q, ignored %q; want %q, ignored %q", keys, look.n.Ignored, look.keys, look.ignored)
				}
			}
		})
	}
}

func TestDecodeRefusesWhatIsNoNotification(t *testing.T) {
	ours := `{"collector":1,"queue":"arn:q","object":{"bucket":"acme-logs","key":"k"}}`
	many := strings.Repeat(`{},`, maxObjects) + `{}`
	tests := map[string]struct{ body, want string }{
		"empty":                     {``, "no JSON object: unexpected end of JSON input"},
		"text":                      {`hello`, "no JSON object: invalid character 'h' looking for beginning of value"},
		"truncated":                 {`{"Records":[`, "no JSON object: unexpected end of JSON input"},
		"array":                     {`[{"Records":[]}]`, "no JSON object: array instead of map"},
		"pointer":                   {`["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"acme-large","s3Key":"k"}]`, errPointer.Error()},
		"pointer before 2019":       {`["com.amazon.sqs.javamessaging.MessageS3Pointer",{"s3BucketName":"acme-large","s3Key":"k"}]`, errPointer.Error()},
		"pointer by SNS":            {sns(`["software.amazon.payloadoffloading.PayloadS3Pointer",{"s3BucketName":"acme-large","s3Key":"k"}]`), "message of SNS: " + errPointer.Error()},
		"no pointer":                {`["software.amazon.payloadoffloading.PayloadS3Pointer"]`, "no JSON object: array instead of map"},
		"number of any length":      {strings.Repeat("9", 1000), "no JSON object: number instead of map"},
		"null":                      {`null`, "none of the known forms"},
		"another shape":             {`{"orders":[1]}`, "none of the known forms"},
		"names of another case":     {`{"records":[]}`, "none of the known forms"},
		"null records":              {`{"Records":null}`, "none of the known forms"},
		"records that are no list":  {`{"Records":{}}`, "Records: object instead of slice"},
		"an unknown detail-type":    {`{"source":"aws.s3","detail-type":"Object Invented","detail":{}}`, `unknown detail-type "Object Invented": send S3's own notifications of created objects to the queue`},
		"an unknown API call":       {apiCallOf("InventObject", `"x":1`), `unknown eventName of an API call "InventObject": send S3's own notifications of created objects to the queue`},
		"an API call without name":  {`{"source":"aws.s3","detail-type":"AWS API Call via CloudTrail","detail":{}}`, "no eventName of an API call"},
		"AWS Config, unknown type":  {`{"messageType":"Invented","notificationCreationTime":"x"}`, `unknown messageType of AWS Config "Invented": send S3's own notifications of created objects to the queue`},
		"EventBridge, not of S3":    {`{"source":"aws.guardduty","detail-type":"x","detail":{}}`, "none of the known forms"},
		"EventBridge, no detail":    {`{"source":"aws.s3","detail-type":"Object Created"}`, "none of the known forms"},
		"SNS around text":           {sns("hello"), "message of SNS: no JSON object: invalid character 'h' looking for beginning of value"},
		"SNS around nothing":        {`{"Type":"Notification","Message":5}`, "message of SNS: no JSON object: unexpected end of JSON input"},
		"SNS of another type":       {`{"Type":"Order","Message":"x"}`, "unknown type of SNS message"},
		"SNS around SNS, and so on": {sns(sns(sns(sns(`{"Records":[]}`)))), "message of SNS: message of SNS: message of SNS: message of SNS: wrapped too many times"},
		"too long":                  {strings.Repeat(" ", MaxBody) + "{}", "body of 1048578 bytes is longer than SQS's 1048576"},
		"too many records":          {`{"Records":[` + many + `]}`, "Records: names 10001 objects, more than 10000"},
		"too many keys":             {`{"s3Bucket":"b","s3ObjectKey":[` + many + `]}`, "s3ObjectKey: names 10001 objects, more than 10000"},
		"too many files":            {`{"bucket":"b","files":[` + many + `]}`, "files: names 10001 objects, more than 10000"},

		"continuation of another version":      {`{"collector":2,"queue":"q","object":{}}`, "continuation: version 2 is not 1"},
		"continuation without a queue":         {`{"collector":1,"object":{}}`, "continuation: no queue"},
		"continuation of nothing":              {`{"collector":1,"queue":"q"}`, "continuation: needs an object or a body, and not both"},
		"continuation of both":                 {`{"collector":1,"queue":"q","object":{},"body":"{}"}`, "continuation: needs an object or a body, and not both"},
		"continuation of a negative one":       {`{"collector":1,"queue":"q","object":{},"generation":-1}`, "continuation: negative generation"},
		"continuation of another shape":        {`{"collector":1,"queue":"q","object":{"key":5}}`, "continuation: object.key number instead of string"},
		"continuation inside a continuation":   {Continue(Object{}, Continued{Queue: "q", Body: ours}), "body of continuation: continuation inside another message"},
		"continuation inside SNS":              {sns(ours), "message of SNS: continuation inside another message"},
		"continuation of a vendor's bad words": {Continue(Object{}, Continued{Queue: "q", Body: "{}"}), "body of continuation: none of the known forms"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := Decode(tt.body)
			if fmt.Sprint(err) != tt.want {
				t.Errorf("error %q, want %q", fmt.Sprint(err), tt.want)
			}
			if diff := cmp.Diff(Notification{}, got); diff != "" {
				t.Errorf("something came with the error:\n%s", diff)
			}
		})
	}
}

// record is an S3 notification of one record.
func record(version, name, key string) string {
	return `{"Records":[{"eventVersion":` + strconv.Quote(version) + `,"eventName":` + strconv.Quote(name) +
		`,"s3":{"bucket":{"name":"acme-logs"},"object":{"key":` + strconv.Quote(key) + `}}}]}`
}

// sns puts a topic's envelope around a message of printable characters.
func sns(message string) string {
	return `{"Type":"Notification","TopicArn":"arn:aws:sns:eu-west-1:111122223333:acme","Message":` + strconv.Quote(message) + `}`
}

// apiCallOf is a call of S3's API on acme-logs as CloudTrail sends it to
// EventBridge, with one more member.
func apiCallOf(name, more string) string {
	return `{"source":"aws.s3","detail-type":"AWS API Call via CloudTrail","detail":{"eventName":"` + name + `","eventTime":"2026-11-02T09:00:04.123Z","awsRegion":"eu-west-1",
		"requestParameters":{"bucketName":"acme-logs","key":"app/a+b.log"},` + more + `}}`
}
