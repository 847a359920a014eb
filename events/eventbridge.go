package events

import "strings"

// An eventBridgeEvent is S3's event by EventBridge. Its key is not escaped.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
//
// Security Lake tells its subscribers the same without a detail-type, and only
// of objects created.
// https://docs.aws.amazon.com/security-lake/latest/userguide/subscriber-data-access.html
type eventBridgeEvent struct {
	DetailType string `json:"detail-type"`
	Time       stamp  `json:"time"`
	Region     string `json:"region"`
	Detail     struct {
		EventVersion string `json:"event-version"` // since 2026
		Bucket       struct {
			Name string `json:"name"`
		} `json:"bucket"`
		Object struct {
			Key       string `json:"key"`
			Size      *size  `json:"size"`
			ETag      string `json:"etag"`
			VersionID string `json:"version-id"`
			Sequencer string `json:"sequencer"`
		} `json:"object"`
	} `json:"detail"`
}

// decodeEventBridge reads an event whose source is aws.s3.
func decodeEventBridge(body string) (Notification, error) {
	e, err := read[eventBridgeEvent]([]byte(body))
	form := EventBridge
	what := detailMeaning(e.DetailType)
	switch {
	case e.DetailType == "":
		form = SecurityLake
	case strings.HasSuffix(e.DetailType, apiCall):
		return decodeAPICall(body)
	case what == harmless:
		return ignored(EventBridge, e.DetailType), nil
	case what == unknown:
		return Notification{}, unknownEvent("detail-type", e.DetailType)
	}
	if err == nil && e.Detail.EventVersion != "" {
		err = major(e.Detail.EventVersion, "1")
	}
	o := e.Detail.Object
	named := settled(Object{
		Bucket:    e.Detail.Bucket.Name,
		Key:       o.Key,
		VersionID: o.VersionID,
		ETag:      o.ETag,
		Size:      o.Size.bytes(),
		Sequencer: o.Sequencer,
		Region:    e.Region,
		EventTime: e.Time.Time,
	}, err)
	if what == restored {
		n := ignored(EventBridge, e.DetailType)
		n.Restored = []Object{named}
		return n, nil
	}
	return Notification{Form: form, Objects: []Object{named}}, nil
}
