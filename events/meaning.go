package events

import (
	"fmt"
	"slices"
	"strings"
)

// A meaning is what an event says about the object that it names. Only what is
// known to create no object is ignored: a name that nobody knows may announce
// logs, so it fails, and the message ends in the DLQ, where somebody looks.
type meaning int

const (
	unknown  meaning = iota
	created          // there is a new object to collect
	harmless         // no object was created
	restored         // an archived object can be read: harmless, unless its bucket's restored objects are wanted
)

// The end of a restore, by S3's own notification and by EventBridge.
const (
	restoredS3          = "ObjectRestore:Completed"
	restoredEventBridge = "Object Restore Completed"
)

// WithRestored is n with the restored objects of those buckets among its Objects,
// and no longer in Ignored.
func (n Notification) WithRestored(buckets []string) Notification {
	for _, o := range n.Restored {
		if slices.Contains(buckets, o.Bucket) {
			i := slices.IndexFunc(n.Ignored, func(why string) bool { return why == restoredS3 || why == restoredEventBridge })
			n.Objects, n.Ignored = append(slices.Clip(n.Objects), o), slices.Concat(n.Ignored[:i], n.Ignored[i+1:])
		}
	}
	return n
}

// s3Meaning is that of an S3 event notification's eventName, without the prefix
// "s3:". The bare names of API calls are what an EventBridge input transformer
// makes of CloudTrail's events.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html
func s3Meaning(name string) meaning {
	if name == restoredS3 {
		return restored
	}
	group, _, _ := strings.Cut(name, ":")
	switch group {
	case "ObjectCreated":
		return created
	case "ObjectRemoved", "ObjectRestore", "ReducedRedundancyLostObject", "Replication", "LifecycleExpiration",
		"LifecycleTransition", "IntelligentTiering", "ObjectTagging", "ObjectAcl", "TestEvent":
		return harmless
	}
	return callMeaning(name)
}

// detailMeaning is that of the detail-type of an EventBridge event whose source
// is aws.s3.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/EventBridge.html
func detailMeaning(detailType string) meaning {
	switch detailType {
	case "Object Created":
		return created
	case restoredEventBridge:
		return restored
	case "Object Deleted", "Object Restore Initiated", "Object Restore Expired",
		"Object Storage Class Changed", "Object Access Tier Changed", "Object ACL Updated", "Object Tags Added",
		"Object Tags Deleted":
		return harmless
	}
	return unknown
}

// callMeaning is that of an S3 API call on objects as CloudTrail names it.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
func callMeaning(name string) meaning {
	switch name {
	case "PutObject", "CopyObject", "CompleteMultipartUpload":
		return created
	case "AbortMultipartUpload", "CreateMultipartUpload", "DeleteObject", "DeleteObjects", "DeleteObjectTagging", "GetObject",
		"GetObjectAcl", "GetObjectAttributes", "GetObjectLegalHold", "GetObjectRetention", "GetObjectTagging", "GetObjectTorrent",
		"HeadBucket", "HeadObject", "ListMultipartUploads", "ListObjects", "ListObjectsV2", "ListObjectVersions", "ListParts",
		"PutObjectAcl", "PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging", "RestoreObject", "SelectObjectContent",
		"UploadPart", "UploadPartCopy":
		return harmless
	}
	return unknown
}

// unknownEvent is the error of an event of which it is unknown whether it
// announces an object.
func unknownEvent(what, name string) error {
	if name == "" {
		return fmt.Errorf("no %s", what)
	}
	return fmt.Errorf("unknown %s %q: send S3's own notifications of created objects to the queue", what, cut(name, maxReason))
}
