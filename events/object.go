package events

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxText is the most bytes S3 allows for a key and for a version id. Nothing
// else in a notification is longer.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
const maxText = 1024

// settled is o as a Notification shows it: with the first thing that makes it
// impossible to collect as its Err, and no text longer than maxText, because
// an object in error goes to the log.
func settled(o Object, err error) Object {
	o.ETag = strings.Trim(o.ETag, `"`)
	o.Err = err
	if o.Err == nil {
		o.Err = o.flaw()
	}
	for _, text := range []*string{&o.Bucket, &o.Key, &o.VersionID, &o.ETag, &o.Sequencer, &o.Region} {
		*text = cut(*text, maxText)
	}
	return o
}

func (o Object) flaw() error {
	switch {
	case o.Bucket == "":
		return fmt.Errorf("no bucket for key %q", cut(o.Key, maxText))
	case o.Key == "":
		return fmt.Errorf("no key in bucket %q", cut(o.Bucket, maxText))
	case !utf8.ValidString(o.Key):
		return fmt.Errorf("key %q is not UTF-8", cut(o.Key, maxText))
	}
	for _, f := range []struct{ name, text string }{
		{"bucket", o.Bucket},
		{"key", o.Key},
		{"version", o.VersionID},
		{"eTag", o.ETag},
		{"sequencer", o.Sequencer},
		{"region", o.Region},
	} {
		if len(f.text) > maxText {
			return fmt.Errorf("%s of %d bytes is longer than S3's %d", f.name, len(f.text), maxText)
		}
	}
	return nil
}

// major checks a schema version such as "2.5" by its major number, the only
// one whose change breaks readers.
func major(version, want string) error {
	if got, _, _ := strings.Cut(version, "."); got != want {
		return fmt.Errorf("event version %q is not %s.x", cut(version, maxReason), want)
	}
	return nil
}
