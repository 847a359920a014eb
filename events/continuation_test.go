package events

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestContinueWritesTheFormOfTheDesign(t *testing.T) {
	sent := time.Date(2026, 11, 2, 10, 0, 5, 0, time.FixedZone("", 3600))
	object := Object{
		Bucket: "acme-logs", Key: "a b+%2B é\"", VersionID: "v1", ETag: "e1", Size: 7, Sequencer: "00A1", Region: "eu-west-1", EventTime: nine,
	}
	tests := map[string]struct {
		object    Object
		continued Continued
		want      string
	}{
		"object": {
			object,
			Continued{Queue: "arn:q", Source: "vpc", Generation: 2, Origin: Origin{MessageID: "m1", Sent: sent, EventTime: nine}},
			`{"collector":1,"queue":"arn:q","object":{"bucket":"acme-logs","key":"a b+%2B é\"","version":"v1","etag":"e1","size":7,"region":"eu-west-1"},"source":"vpc","generation":2,` +
				`"origin":{"messageId":"m1","sent":"2026-11-02T09:00:05Z","eventTime":"2026-11-02T09:00:04.123Z"}}`,
		},
		"event time of the object": {
			object,
			Continued{Queue: "arn:q", Origin: Origin{MessageID: "m1"}},
			`{"collector":1,"queue":"arn:q","object":{"bucket":"acme-logs","key":"a b+%2B é\"","version":"v1","etag":"e1","size":7,"region":"eu-west-1"},"source":"","generation":0,` +
				`"origin":{"messageId":"m1","eventTime":"2026-11-02T09:00:04.123Z"}}`,
		},
		"as little as can be": {
			Object{Bucket: "acme-logs", Key: "k", Size: -1},
			Continued{Queue: "arn:q"},
			`{"collector":1,"queue":"arn:q","object":{"bucket":"acme-logs","key":"k","version":"","etag":"","size":-1},"source":"","generation":0,"origin":{"messageId":""}}`,
		},
		"vendor's message": {
			object,
			Continued{Queue: "arn:q", Body: `{"bucket":"b","files":[]}`, Source: "not written"},
			`{"collector":1,"queue":"arn:q","body":"{\"bucket\":\"b\",\"files\":[]}"}`,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, Continue(tt.object, tt.continued)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestContinueIsReadBackAsItWas(t *testing.T) {
	c := Continued{Queue: "arn:q", Source: "vpc", Generation: 3, Origin: Origin{MessageID: "m1", Sent: nine.Add(time.Nanosecond), EventTime: nine}}
	o := Object{Bucket: "acme-logs", Key: "<&>\u2028 +%2B\n", VersionID: "null", ETag: "e-1", Size: 0, Region: "eu-west-1", EventTime: nine}
	n, err := Decode(Continue(o, c))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Notification{Form: Continuation, Objects: []Object{o}, Continuation: &c}, n, byText); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestContinueOfAnImpossibleTimeLeavesItOut(t *testing.T) {
	c := Continued{Queue: "arn:q", Origin: Origin{Sent: time.Date(12026, 1, 1, 0, 0, 0, 0, time.UTC)}}
	n, err := Decode(Continue(Object{Bucket: "b", Key: "k"}, c))
	if err != nil {
		t.Fatal(err)
	}
	if !n.Continuation.Origin.Sent.IsZero() {
		t.Errorf("sent %v", n.Continuation.Origin.Sent)
	}
}

func TestContinuationKeepsWhatItsVendorsMessageIgnores(t *testing.T) {
	n, err := Decode(Continue(Object{}, Continued{Queue: "arn:q", Body: sns(record("2.1", "ObjectRemoved:Delete", "k"))}))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(n.Ignored, ","); n.Form != Continuation || len(n.Objects) != 0 || got != "ObjectRemoved:Delete" {
		t.Errorf("got %+v", n)
	}
}

// What is wrong with an object stays wrong, and says so in the same words: its
// key must not be taken for another's.
func TestContinueCarriesAnObjectsError(t *testing.T) {
	n, err := Decode(`{"Records":[{"eventVersion":"2.1","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"acme-logs"},"object":{"key":"a%zz"}}}]}`)
	if err != nil {
		t.Fatal(err)
	}
	was := n.Objects[0]
	n, err = Decode(Continue(was, Continued{Queue: "arn:q"}))
	if err != nil {
		t.Fatal(err)
	}
	if got := n.Objects[0]; was.Err == nil || got.Err == nil || got.Err.Error() != was.Err.Error() || got.Key != "a%zz" {
		t.Errorf("%q became %q: %v, want %v", was.Key, got.Key, got.Err, was.Err)
	}
}

// A continuation of an earlier release has neither region nor error.
func TestContinuationWithoutRegionIsRead(t *testing.T) {
	n, err := Decode(`{"collector":1,"queue":"arn:q","object":{"bucket":"b","key":"k","version":"","etag":"e","size":1},"source":"","generation":0,"origin":{"messageId":"m"}}`)
	if err != nil || len(n.Objects) != 1 || n.Objects[0].Err != nil || n.Objects[0].Region != "" {
		t.Errorf("%+v, %v", n, err)
	}
}
