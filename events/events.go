// Package events turns the body of a queue message into the objects it names.
//
// It knows every envelope in which AWS and vendors announce objects in S3 and
// nothing of what is in those objects. It decodes with structs of its own,
// ignores fields it does not know and compares an event version by its major
// number only, because AWS adds fields without notice.
package events

import "time"

// A Form is the shape a message's body was recognised by.
type Form string

// The forms Decode recognises. A body wrapped by SNS has the form of what is
// inside.
const (
	S3           Form = "s3"            // S3 event notification, Records[]
	EventBridge  Form = "eventbridge"   // EventBridge "Object Created"
	SecurityLake Form = "security_lake" // Security Lake subscriber notification
	CloudTrail   Form = "cloudtrail"    // CloudTrail's own SNS form: s3Bucket, s3ObjectKey[]
	Config       Form = "config"        // AWS Config's own SNS form: s3Bucket, s3ObjectKey
	FDR          Form = "fdr"           // CrowdStrike Falcon Data Replicator: bucket, files[].path
	SNS          Form = "sns"           // SNS's own: a subscription being made or ended
	Continuation Form = "continuation"  // our own: one object, or a vendor's message
)

// A Notification is what one message says.
type Notification struct {
	// Form is the envelope it was recognised by.
	Form Form
	// Objects are the objects named, in the order of the message. An object
	// that could not be read carries its own Err; the others stand.
	Objects []Object
	// Ignored says why the message, or the part of it that is not in Objects,
	// names nothing to collect: "s3:TestEvent", "ObjectRemoved:Delete",
	// "SubscriptionConfirmation". A message with no Objects and an Ignored is a
	// success.
	Ignored []string
	// Restored are the objects that an archive was restored of, which is no new
	// object unless whoever asks says so: each is in Ignored by its event's name.
	// See WithRestored.
	Restored []Object
	// Continuation is set when Form is Continuation, else nil. Whoever asks
	// must check that the message came from the continuation queue: anybody
	// who can send to a customer's queue can write this form.
	Continuation *Continued
}

// An Object is one object in S3 as a notification names it.
type Object struct {
	Bucket string
	// Key is decoded: in S3 events only, keys are query-escaped on the wire.
	// One whose escapes are broken is as it came.
	Key string
	// VersionID is "" where the notification gives none.
	VersionID string
	// ETag is without quotes, "" where the notification gives none.
	ETag string
	// Size is in bytes of the stored object, -1 where unknown.
	Size      int64
	Sequencer string
	Region    string
	// EventTime is when the object was created, zero where unknown.
	EventTime time.Time
	// Err says why this object cannot be collected (a key whose escapes are
	// broken, no bucket). It does not touch the others of the message.
	Err error
}

// Continued is what our own form carries beside the object: it is what
// delivery writes for the remainder of a message, and what backfill, audit and
// the polling of vendors' queues write.
type Continued struct {
	// Queue is the ARN of the entry in the deployment's file whose role and
	// sources apply.
	Queue string
	// Source is a source's name, or "" to match by key.
	Source string
	// Generation is part of the object's identity: a deliberate resend has a
	// higher one. 0 is the first delivery.
	Generation int
	// Origin is the message that first named the object.
	Origin Origin
	// Body is a vendor's message, as it was; then there is no object and
	// Notification.Objects are the ones it names.
	Body string
}

// Origin tells where a continuation comes from.
type Origin struct {
	MessageID string
	Sent      time.Time // when SQS accepted the first message
	EventTime time.Time // when the object was created
}
