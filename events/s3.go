package events

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"
)

// s3TestEvent is what S3 sends once when notifications are configured.
const s3TestEvent = "s3:TestEvent"

// An s3Record is one member of an S3 event notification's Records.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
type s3Record struct {
	EventVersion string `json:"eventVersion"`
	EventName    string `json:"eventName"`
	EventTime    stamp  `json:"eventTime"`
	AWSRegion    string `json:"awsRegion"`
	S3           struct {
		Bucket struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string `json:"key"` // query-escaped
			Size      *size  `json:"size"`
			ETag      string `json:"eTag"`
			VersionID string `json:"versionId"`
			Sequencer string `json:"sequencer"`
		} `json:"object"`
	} `json:"s3"`
}

func decodeS3(top envelope) (Notification, error) {
	records, err := top.list("Records")
	if err != nil {
		return Notification{}, err
	}
	if len(records) == 0 {
		return ignored(S3, "no records"), nil
	}
	n := Notification{Form: S3}
	for _, raw := range records {
		r, err := read[s3Record](raw)
		if err == nil {
			err = major(r.EventVersion, "2")
		}
		if err == nil {
			// Some emulators keep the prefix that S3's configuration uses.
			name := strings.TrimPrefix(r.EventName, "s3:")
			switch what := s3Meaning(name); what {
			case harmless, restored:
				n.Ignored = append(n.Ignored, cut(name, maxReason))
				if what == restored {
					n.Restored = append(n.Restored, r.object(nil))
				}
				continue
			case unknown:
				err = unknownEvent("event name", name)
			}
		}
		n.Objects = append(n.Objects, r.object(err))
	}
	return n, nil
}

// object is the object that r names. Where its key's escapes are broken, Key
// is as it came.
func (r s3Record) object(err error) Object {
	key, badEscape := url.QueryUnescape(r.S3.Object.Key)
	if badEscape != nil {
		key = r.S3.Object.Key
		err = cmp.Or(err, fmt.Errorf("key %q: %w", cut(key, maxText), badEscape))
	}
	return settled(Object{
		Bucket:    r.S3.Bucket.Name,
		Key:       key,
		VersionID: r.S3.Object.VersionID,
		ETag:      r.S3.Object.ETag,
		Size:      r.S3.Object.Size.bytes(),
		Sequencer: r.S3.Object.Sequencer,
		Region:    r.AWSRegion,
		EventTime: r.EventTime.Time,
	}, err)
}
