package events

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// MaxBody is the longest body in bytes that Decode reads, and the most that
// SQS carries in one message.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
const MaxBody = 1 << 20

const (
	// maxObjects is the most objects one message may name. The shortest real
	// entry is over 100 bytes long, so no real message comes near it; without
	// it 1 MiB of "{}," would become 350,000 objects in error.
	maxObjects = 10_000
	// maxDepth allows a continuation around SNS around SNS.
	maxDepth = 3
	// maxReason is the longest Ignored in bytes: it is somebody else's text on
	// its way to our log.
	maxReason = 64
)

// Decode reads the body of a queue message. An error means that the body is
// none of the forms of this package, or longer than MaxBody, or names more
// than 10,000 objects. It does not quote the body: Describe says what a log may
// know of that. What is wrong with one object only is that Object's Err.
//
// A list that names nothing ("Records": []) is ignored, and so a success:
// there is nothing that a retry or the DLQ could save.
func Decode(body string) (Notification, error) {
	if len(body) > MaxBody {
		return Notification{}, fmt.Errorf("body of %d bytes is longer than SQS's %d", len(body), MaxBody)
	}
	return decode(body, 0)
}

func decode(body string, depth int) (Notification, error) {
	if depth > maxDepth {
		return Notification{}, errors.New("wrapped too many times")
	}
	if body == cloudTrailValidation {
		return ignored(CloudTrail, body), nil
	}
	top, err := read[envelope]([]byte(body))
	switch {
	case err != nil && isPointer(body):
		return Notification{}, errPointer
	case err != nil:
		return Notification{}, fmt.Errorf("no JSON object: %w", err)
	}
	switch {
	case top.has("collector"):
		return decodeContinuation(body, depth)
	case top.has("Type", "Message"):
		return decodeSNS(top, depth)
	case top.has("Records"):
		return decodeS3(top)
	case top.text("Event") == s3TestEvent:
		return ignored(S3, s3TestEvent), nil
	case top.text("source") == "aws.s3" && top.has("detail"):
		return decodeEventBridge(body)
	case top.has("s3Bucket", "s3ObjectKey"):
		return decodeCloudTrail(top)
	case top.has("messageType", "notificationCreationTime"):
		return decodeConfig(top)
	case top.has("bucket", "files"):
		return decodeFDR(top)
	}
	return Notification{}, errors.New("none of the known forms")
}

// errPointer is what is wrong with a pointer of the SQS extended client. What it
// points to is no object with logs, but a message in a bucket that the reader role
// need not know.
var errPointer = errors.New("a pointer of the SQS extended client: the message itself is in a bucket; send S3's own notifications to the queue, without that client")

// isPointer reports whether a body is what the SQS or SNS extended client sends in
// place of a message that it puts into a bucket: a list of its own name, which
// was another before 2019, and of bucket and key.
// https://github.com/awslabs/payload-offloading-java-common-lib-for-aws
func isPointer(body string) bool {
	list, err := read[[]json.RawMessage]([]byte(body))
	if err != nil || len(list) != 2 {
		return false
	}
	name, err := read[string](list[0])
	return err == nil && strings.HasSuffix(name, "S3Pointer")
}

// decodeSNS takes what a topic without raw delivery puts around a message.
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html
func decodeSNS(top envelope, depth int) (Notification, error) {
	switch kind := top.text("Type"); kind {
	case "Notification":
		n, err := decode(top.text("Message"), depth+1)
		if err != nil {
			return Notification{}, fmt.Errorf("message of SNS: %w", err)
		}
		return n, nil
	case "SubscriptionConfirmation", "UnsubscribeConfirmation":
		return ignored(SNS, kind), nil
	}
	return Notification{}, errors.New("unknown type of SNS message")
}

func ignored(f Form, reason string) Notification {
	return Notification{Form: f, Ignored: []string{cut(reason, maxReason)}}
}

// An envelope is a JSON object whose members are not yet read. Unlike a
// struct's, its names are compared exactly.
type envelope map[string]json.RawMessage

// has tells whether all names are there with a value other than null.
func (e envelope) has(names ...string) bool {
	for _, name := range names {
		if v, ok := e[name]; !ok || string(v) == "null" {
			return false
		}
	}
	return true
}

// text is the string of that name, "" if there is none.
func (e envelope) text(name string) string {
	s, err := read[string](e[name])
	if err != nil {
		return ""
	}
	return s
}

// list is the array of that name. Its members are read one by one, so that a
// bad one does not harm the others.
func (e envelope) list(name string) ([]json.RawMessage, error) {
	members, err := read[[]json.RawMessage](e[name])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(members) > maxObjects {
		return nil, fmt.Errorf("%s: names %d objects, more than %d", name, len(members), maxObjects)
	}
	return members, nil
}

// read is json.Unmarshal. A value of the wrong type leaves the rest read, and
// its error does not quote it: a number may be as long as the body.
func read[T any](data []byte) (T, error) {
	var v T
	err := json.Unmarshal(data, &v)
	if mismatch, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		got, _, _ := strings.Cut(mismatch.Value, " ")
		err = errors.New(strings.TrimSpace(fmt.Sprintf("%s %s instead of %s", mismatch.Field, got, mismatch.Type.Kind())))
	}
	return v, err
}

// cut shortens s to at most n bytes, on a boundary of UTF-8.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
