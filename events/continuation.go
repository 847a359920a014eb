package events

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
)

// continuationVersion is the value of "collector", and tells our own form from
// every other.
const continuationVersion = 1

// A continuation is our own form, in either of its shapes: with an object, or
// with a vendor's message as its body.
type continuation struct {
	Collector  int              `json:"collector"`
	Queue      string           `json:"queue"`
	Object     *continuedObject `json:"object"`
	Source     string           `json:"source"`
	Generation int              `json:"generation"`
	Origin     struct {
		MessageID string `json:"messageId"`
		Sent      stamp  `json:"sent,omitzero"`
		EventTime stamp  `json:"eventTime,omitzero"`
	} `json:"origin"`
	Body string `json:"body,omitempty"`
}

type continuedObject struct {
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Version string `json:"version"`
	ETag    string `json:"etag"`
	Size    *size  `json:"size"`
	Region  string `json:"region,omitempty"`
	// Error is the object's Err, so that it does not become another on the way.
	Error string `json:"error,omitempty"`
}

// Continue writes our own form, which Decode reads back: o and c, or, where
// c.Body is set, a vendor's message, of which only c.Queue and c.Body are
// written. An object's sequencer is not carried, and its event time is, if
// c.Origin has none. A vendor's message near MaxBody may exceed it by its
// escapes.
func Continue(o Object, c Continued) string {
	if c.Body != "" {
		return write(struct {
			Collector int    `json:"collector"`
			Queue     string `json:"queue"`
			Body      string `json:"body"`
		}{continuationVersion, c.Queue, c.Body})
	}
	bytes := size(o.Size)
	form := continuation{
		Collector:  continuationVersion,
		Queue:      c.Queue,
		Object:     &continuedObject{Bucket: o.Bucket, Key: o.Key, Version: o.VersionID, ETag: o.ETag, Size: &bytes, Region: o.Region},
		Source:     c.Source,
		Generation: c.Generation,
	}
	if o.Err != nil {
		form.Object.Error = o.Err.Error()
	}
	form.Origin.MessageID = c.Origin.MessageID
	form.Origin.Sent = newStamp(c.Origin.Sent)
	form.Origin.EventTime = newStamp(cmp.Or(c.Origin.EventTime, o.EventTime))
	return write(form)
}

func write(form any) string {
	b, _ := json.Marshal(form) // strings, integers and stamps: nothing in it can fail
	return string(b)
}

// decodeContinuation reads our own form. It must be outermost: what a customer
// can wrap, a vendor's message included, is never ours.
func decodeContinuation(body string, depth int) (Notification, error) {
	if depth > 0 {
		return Notification{}, errors.New("continuation inside another message")
	}
	form, err := read[continuation]([]byte(body))
	switch {
	case err != nil:
	case form.Collector != continuationVersion:
		err = fmt.Errorf("version %d is not %d", form.Collector, continuationVersion)
	case form.Queue == "":
		err = errors.New("no queue")
	case form.Generation < 0:
		err = errors.New("negative generation")
	case (form.Object == nil) == (form.Body == ""):
		err = errors.New("needs an object or a body, and not both")
	}
	if err != nil {
		return Notification{}, fmt.Errorf("continuation: %w", err)
	}

	var n Notification
	if form.Object == nil {
		if n, err = decode(form.Body, depth+1); err != nil {
			return Notification{}, fmt.Errorf("body of continuation: %w", err)
		}
	} else {
		var flaw error
		if form.Object.Error != "" {
			flaw = errors.New(cut(form.Object.Error, 2*maxText))
		}
		n.Objects = []Object{settled(Object{
			Bucket:    form.Object.Bucket,
			Key:       form.Object.Key,
			VersionID: form.Object.Version,
			ETag:      form.Object.ETag,
			Size:      form.Object.Size.bytes(),
			Region:    form.Object.Region,
			EventTime: form.Origin.EventTime.Time,
		}, flaw)}
	}
	n.Form = Continuation
	n.Continuation = &Continued{
		Queue:      form.Queue,
		Source:     form.Source,
		Generation: form.Generation,
		Origin: Origin{
			MessageID: form.Origin.MessageID,
			Sent:      form.Origin.Sent.Time,
			EventTime: form.Origin.EventTime.Time,
		},
		Body: form.Body,
	}
	return n, nil
}
