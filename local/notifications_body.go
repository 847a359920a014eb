package local

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// The three bodies that S3's events come in, field by field:
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
// https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html

const milliseconds = "2006-01-02T15:04:05.000Z"

type (
	s3Records struct {
		Records []s3Record
	}
	s3Record struct {
		EventVersion      string            `json:"eventVersion"`
		EventSource       string            `json:"eventSource"`
		AWSRegion         string            `json:"awsRegion"`
		EventTime         string            `json:"eventTime"`
		EventName         string            `json:"eventName"`
		UserIdentity      identity          `json:"userIdentity"`
		RequestParameters map[string]string `json:"requestParameters"`
		ResponseElements  map[string]string `json:"responseElements"`
		S3                s3Entity          `json:"s3"`
	}
	identity struct {
		PrincipalID string `json:"principalId"`
	}
	s3Entity struct {
		SchemaVersion   string       `json:"s3SchemaVersion"`
		ConfigurationID string       `json:"configurationId"`
		Bucket          bucketEntity `json:"bucket"`
		Object          objectEntity `json:"object"`
	}
	bucketEntity struct {
		Name             string            `json:"name"`
		OwnerIdentity    identity          `json:"ownerIdentity"`
		ARN              string            `json:"arn"`
		AWSGeneratedTags map[string]string `json:"awsGeneratedTags,omitempty"`
	}
	objectEntity struct {
		Key       string `json:"key"`
		Size      *int   `json:"size,omitempty"`
		ETag      string `json:"eTag,omitempty"`
		VersionID string `json:"versionId,omitempty"`
		Sequencer string `json:"sequencer"`
	}
)

// s3Event is the message that S3 itself writes. Of all envelopes it alone has
// the key encoded, as in a query, but for the slashes.
func s3Event(b *s3Bucket, o *s3Object, version, configuration string) string {
	r := s3Record{
		EventVersion: version, EventSource: "aws:s3", AWSRegion: b.region,
		EventTime: o.modified.UTC().Format(milliseconds), EventName: o.origin.event,
		UserIdentity:      identity{requester(b, o)},
		RequestParameters: map[string]string{"sourceIPAddress": o.origin.address},
		ResponseElements:  map[string]string{"x-amz-request-id": rand.Text()[:16], "x-amz-id-2": hostID()},
		S3: s3Entity{
			SchemaVersion: "1.0", ConfigurationID: configuration,
			Bucket: bucketEntity{
				Name: b.name, OwnerIdentity: identity{ownerID(b.owner)}, ARN: "arn:aws:s3:::" + b.name,
			},
			Object: objectEntity{
				Key:       encodedKey(o.key),
				VersionID: o.version, Sequencer: fmt.Sprintf("%018X", o.sequencer),
			},
		},
	}
	switch size := len(o.body); {
	case strings.HasPrefix(o.origin.event, "ObjectCreated:"), o.origin.event == "ObjectRestore:Completed":
		r.S3.Object.Size, r.S3.Object.ETag = &size, o.eTag()
	case o.origin.event == "ObjectRemoved:DeleteMarkerCreated":
		r.S3.Object.ETag = emptyETag
	}
	if version >= "2.5" {
		r.S3.Bucket.AWSGeneratedTags = map[string]string{"aws:cloudformation:logical-id": "Bucket"}
	}
	return compact(s3Records{[]s3Record{r}})
}

// emptyETag is what S3 gives a delete marker: the MD5 of nothing.
const emptyETag = "d41d8cd98f00b204e9800998ecf8427e"

// testEvent is what a notification begins with.
func testEvent(b *s3Bucket, at time.Time) string {
	return compact(struct {
		Service, Event, Time, Bucket string
		RequestID                    string `json:"RequestId"`
		HostID                       string `json:"HostId"`
	}{
		"Amazon S3", "s3:TestEvent", at.UTC().Format(milliseconds), b.name, rand.Text()[:16], hostID(),
	})
}

type (
	eventBridgeEnvelope struct {
		Version    string            `json:"version"`
		ID         string            `json:"id"`
		DetailType string            `json:"detail-type"`
		Source     string            `json:"source"`
		Account    string            `json:"account"`
		Time       string            `json:"time"`
		Region     string            `json:"region"`
		Resources  []string          `json:"resources"`
		Detail     eventBridgeDetail `json:"detail"`
	}
	eventBridgeDetail struct {
		Version      string            `json:"version"`
		EventVersion string            `json:"event-version"`
		Bucket       map[string]string `json:"bucket"`
		Object       eventBridgeObject `json:"object"`
		RequestID    string            `json:"request-id"`
		Requester    string            `json:"requester"`
		Address      string            `json:"source-ip-address"`
		Reason       string            `json:"reason,omitempty"`
		DeletionType string            `json:"deletion-type,omitempty"`
		Expiry       string            `json:"restore-expiry-time,omitempty"`
		Class        string            `json:"source-storage-class,omitempty"`
	}
	eventBridgeObject struct {
		Key       string `json:"key"`
		Size      *int   `json:"size,omitempty"`
		ETag      string `json:"etag,omitempty"`
		VersionID string `json:"version-id,omitempty"`
		Sequencer string `json:"sequencer"`
	}
)

// reasons are EventBridge's names for the calls behind S3's events.
var reasons = map[string]string{
	"ObjectCreated:Put":                     "PutObject",
	"ObjectCreated:Post":                    "POST Object",
	"ObjectCreated:Copy":                    "CopyObject",
	"ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
	"ObjectRemoved:Delete":                  "DeleteObject",
	"ObjectRemoved:DeleteMarkerCreated":     "DeleteObject",
}

// eventBridgeEvent has the key as it is.
func eventBridgeEvent(b *s3Bucket, o *s3Object) string {
	env := eventBridgeEnvelope{
		Version: "0", ID: newUUID(), DetailType: "Object Created", Source: "aws.s3",
		Account: b.owner, Time: o.modified.UTC().Format(time.RFC3339), Region: b.region,
		Resources: []string{"arn:aws:s3:::" + b.name},
		Detail: eventBridgeDetail{
			Version: "0", EventVersion: "1.0", Bucket: map[string]string{"name": b.name},
			Object: eventBridgeObject{
				Key: o.key, VersionID: o.version, Sequencer: fmt.Sprintf("%016x", o.sequencer),
			},
			RequestID: rand.Text()[:16], Requester: cmp.Or(o.origin.who.Account, b.owner),
			Address: o.origin.address, Reason: reasons[o.origin.event],
		},
	}
	switch size := len(o.body); o.origin.event {
	case "ObjectRemoved:Delete":
		env.DetailType, env.Detail.DeletionType = "Object Deleted", "Permanently Deleted"
	case "ObjectRemoved:DeleteMarkerCreated":
		env.DetailType, env.Detail.DeletionType = "Object Deleted", "Delete Marker Created"
		env.Detail.Object.ETag = emptyETag
	case "ObjectRestore:Completed":
		env.DetailType, env.Detail.Expiry, env.Detail.Class = "Object Restore Completed", o.restored.UTC().Format(time.RFC3339), o.meta[storageClass]
		env.Detail.Object.Size, env.Detail.Object.ETag = &size, o.eTag()
	default:
		env.Detail.Object.Size, env.Detail.Object.ETag = &size, o.eTag()
	}
	return compact(env)
}

// snsEnvelope is what SNS puts around a message unless raw delivery is on.
// Its signature is none: nobody in the emulated account could verify one.
func snsEnvelope(topic, message string, at time.Time) string {
	part := strings.SplitN(topic, ":", 6)
	for len(part) < 4 {
		part = append(part, "")
	}
	sns := "https://sns." + part[3] + ".amazonaws.com/"
	return compact(struct {
		Type                                                        string
		MessageID                                                   string `json:"MessageId"`
		TopicARN                                                    string `json:"TopicArn"`
		Subject, Message, Timestamp                                 string
		SignatureVersion, Signature, SigningCertURL, UnsubscribeURL string
	}{
		"Notification", newUUID(), topic, "Amazon S3 Notification", message, at.UTC().Format(milliseconds),
		"1", base64.StdEncoding.EncodeToString([]byte(rand.Text())),
		sns + "SimpleNotificationService-local.pem", sns + "?Action=Unsubscribe&SubscriptionArn=" + topic + ":" + newUUID(),
	})
}

// requester is the principal id of who made the change: by default the
// bucket's owner.
func requester(b *s3Bucket, o *s3Object) string {
	if o.origin.who.ARN == "" {
		return "AWS:" + b.owner
	}
	return "AWS:" + principalID(o.origin.who)
}

// ownerID stands for an account's canonical user id.
func ownerID(account string) string { return "A" + account }

func hostID() string { return base64.StdEncoding.EncodeToString([]byte(rand.Text() + rand.Text())) }

// compact is v as AWS writes JSON: with & < > as they are.
func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	// Structs of strings always encode.
	_ = enc.Encode(v)
	return strings.TrimSuffix(b.String(), "\n")
}

// encodedKey is a key as notifications have it.
func encodedKey(key string) string { return strings.ReplaceAll(url.QueryEscape(key), "%2F", "/") }
