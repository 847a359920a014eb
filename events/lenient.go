package events

import (
	"strconv"
	"time"
)

// A size is a number of bytes. One that is missing, null or not a number of
// bytes is unknown, which harms nothing: the object's own size is S3's to say.
type size int64

// UnmarshalJSON never fails: see size.
func (s *size) UnmarshalJSON(b []byte) error {
	n, err := strconv.ParseInt(string(b), 10, 64)
	if err != nil || n < 0 {
		n = -1
	}
	*s = size(n)
	return nil
}

// bytes is the size, -1 where unknown.
func (s *size) bytes() int64 {
	if s == nil {
		return -1
	}
	return int64(*s)
}

// A stamp is a time as envelopes write it: RFC 3339, the same without a zone
// (then UTC), or milliseconds since 1970. Anything else is zero, because a
// time only measures delay and must not cost an object.
type stamp struct{ time.Time }

// newStamp is t in UTC, zero if RFC 3339 cannot write it.
func newStamp(t time.Time) stamp {
	if t = t.UTC(); t.Year() < 1 || t.Year() > 9999 {
		return stamp{}
	}
	return stamp{t}
}

// UnmarshalJSON never fails: see stamp.
func (s *stamp) UnmarshalJSON(b []byte) error {
	*s = newStamp(parseTime(b))
	return nil
}

func parseTime(b []byte) time.Time {
	if ms, err := strconv.ParseInt(string(b), 10, 64); err == nil {
		return time.UnixMilli(ms)
	}
	text, _ := read[string](b) // "" is no time either
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}
