package events

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestKeysOfS3AreUnescaped(t *testing.T) {
	tests := map[string]struct{ wire, key, err string }{
		"plain":                   {"app/a.log", "app/a.log", ""},
		"plus is a space":         {"a+b", "a b", ""},
		"escaped space":           {"a%20b", "a b", ""},
		"escaped plus":            {"a%2Bb", "a+b", ""},
		"escaped percent":         {"100%25", "100%", ""},
		"once only":               {"a%252Bb", "a%2Bb", ""},
		"UTF-8":                   {"stra%C3%9Fe/%E6%97%A5", "straße/日", ""},
		"UTF-8 not escaped":       {"straße", "straße", ""},
		"lower-case hexadecimals": {"a%2fb%c3%9f", "a/bß", ""},
		"directory":               {"app/", "app/", ""},
		"longest":                 {strings.Repeat("%C3%9F", 512), strings.Repeat("ß", 512), ""},
		"bad escape":              {"50%zz", "50%zz", `key "50%zz": invalid URL escape "%zz"`},
		"cut escape":              {"a+b%4", "a+b%4", `key "a+b%4": invalid URL escape "%4"`},
		"empty":                   {"", "", `no key in bucket "acme-logs"`},
		"not UTF-8":               {"a%FFb", "a\xffb", `key "a\xffb" is not UTF-8`},
		"too long":                {strings.Repeat("a", 1025), strings.Repeat("a", 1024), "key of 1025 bytes is longer than S3's 1024"},
		"too long by one rune":    {strings.Repeat("a", 1023) + "%C3%9F", strings.Repeat("a", 1023), "key of 1025 bytes is longer than S3's 1024"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := only(t, record("2.1", "ObjectCreated:Put", tt.wire))
			if o.Key != tt.key || text(o.Err) != tt.err {
				t.Errorf("key %q, error %q; want key %q, error %q", o.Key, text(o.Err), tt.key, tt.err)
			}
		})
	}
}

func TestOneBadObjectLeavesTheOthers(t *testing.T) {
	good := `{"eventVersion":"2.1","eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"acme-logs"},"object":{"key":"good"}}}`
	tests := map[string]struct{ body, err string }{
		"another major version": {strings.Replace(good, "2.1", "3.0", 1), `event version "3.0" is not 2.x`},
		"longer major version":  {strings.Replace(good, "2.1", "21.0", 1), `event version "21.0" is not 2.x`},
		"no version":            {strings.Replace(good, "2.1", "", 1), `event version "" is not 2.x`},
		"no event name":         {strings.Replace(good, "ObjectCreated:Put", "", 1), "no event name"},
		"no bucket":             {strings.Replace(good, "acme-logs", "", 1), `no bucket for key "good"`},
		"key is a number":       {strings.Replace(good, `"good"`, "123456", 1), "s3.object.key number instead of string"},
		"s3 is a list":          {`{"eventVersion":"2.1","eventName":"ObjectCreated:Put","s3":[]}`, "s3 array instead of struct"},
		"null":                  {"null", `event version "" is not 2.x`},
		"text":                  {`"good"`, "string instead of struct"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			n, err := Decode(`{"Records":[` + good + `,` + tt.body + `,` + good + `]}`)
			if err != nil || len(n.Objects) != 3 {
				t.Fatalf("%d objects, error %v", len(n.Objects), err)
			}
			if n.Objects[0].Err != nil || n.Objects[2].Err != nil {
				t.Errorf("the good ones: %v, %v", n.Objects[0].Err, n.Objects[2].Err)
			}
			if got := text(n.Objects[1].Err); got != tt.err {
				t.Errorf("error %q, want %q", got, tt.err)
			}
		})
	}
}

func TestObjectsInErrorOfOtherForms(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"CloudTrail, key":             {`{"s3Bucket":"acme-logs","s3ObjectKey":[5]}`, "number instead of string"},
		"CloudTrail, bucket":          {`{"s3Bucket":5,"s3ObjectKey":["k"]}`, `no bucket for key "k"`},
		"FDR, path":                   {`{"bucket":"acme-logs","files":[{"path":[]}]}`, "path array instead of string"},
		"FDR, no path":                {`{"bucket":"acme-logs","files":[{}]}`, `no key in bucket "acme-logs"`},
		"EventBridge, no key":         {`{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"acme-logs"}}}`, `no key in bucket "acme-logs"`},
		"EventBridge, detail":         {`{"source":"aws.s3","detail-type":"Object Created","detail":"x"}`, "detail string instead of struct"},
		"EventBridge, major version":  {`{"source":"aws.s3","detail":{"event-version":"2.0","bucket":{"name":"acme-logs"},"object":{"key":"k"}}}`, `event version "2.0" is not 1.x`},
		"continuation, no key":        {`{"collector":1,"queue":"q","object":{"bucket":"acme-logs"}}`, `no key in bucket "acme-logs"`},
		"continuation, version":       {`{"collector":1,"queue":"q","object":{"bucket":"b","key":"k","version":"` + strings.Repeat("v", 1025) + `"}}`, "version of 1025 bytes is longer than S3's 1024"},
		"bucket as long as the body":  {`{"s3Bucket":"` + strings.Repeat("b", 1<<19) + `","s3ObjectKey":["k"]}`, "bucket of 524288 bytes is longer than S3's 1024"},
		"version as long as the body": {`{"Records":[{"eventVersion":"` + strings.Repeat("9", 1<<19) + `"}]}`, `event version "` + strings.Repeat("9", 64) + `" is not 2.x`},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := only(t, tt.body)
			if got := text(o.Err); got != tt.want {
				t.Errorf("error %q, want %q", got, tt.want)
			}
			if n := len(fmt.Sprintf("%+v", o)); n > 8<<10 {
				t.Errorf("%d bytes to log", n)
			}
		})
	}
}

func TestSizesAndTimesNeverCostAnObject(t *testing.T) {
	day := time.Date(2026, 11, 2, 9, 0, 4, 0, time.UTC)
	tests := map[string]struct {
		size, time string
		wantSize   int64
		wantTime   time.Time
	}{
		"usual":              {`7`, `"2026-11-02T09:00:04.123Z"`, 7, nine},
		"without zone":       {`0`, `"2026-11-02T09:00:04.123"`, 0, nine},
		"without fraction":   {`9223372036854775807`, `"2026-11-02T09:00:04Z"`, 9223372036854775807, day},
		"another zone":       {`1`, `"2026-11-02T10:00:04+01:00"`, 1, day},
		"null":               {`null`, `null`, -1, time.Time{}},
		"text":               {`"7"`, `"yesterday"`, -1, time.Time{}},
		"negative":           {`-7`, `""`, -1, time.Time{}},
		"too large":          {`9223372036854775808`, `99999999999999999`, -1, time.Time{}},
		"a fraction":         {`7.5`, `1.5`, -1, time.Time{}},
		"lists":              {`[]`, `[]`, -1, time.Time{}},
		"before the year 1":  {`1`, `"0001-01-01T00:00:00+01:00"`, 1, time.Time{}},
		"beyond a year 9999": {`1`, `"9999-12-31T23:59:59-01:00"`, 1, time.Time{}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			o := only(t, `{"Records":[{"eventVersion":"2.1","eventName":"ObjectCreated:Put","eventTime":`+tt.time+
				`,"s3":{"bucket":{"name":"acme-logs"},"object":{"key":"k","size":`+tt.size+`}}}]}`)
			want := Object{Bucket: "acme-logs", Key: "k", Size: tt.wantSize, EventTime: tt.wantTime}
			if diff := cmp.Diff(want, o, byText); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMissingFieldsAreUnknown(t *testing.T) {
	want := Object{Bucket: "acme-logs", Key: "k", Size: -1}
	for name, body := range map[string]string{
		"S3":           record("2.1", "s3:ObjectCreated:Put", "k"),
		"EventBridge":  `{"source":"aws.s3","detail-type":"Object Created","detail":{"bucket":{"name":"acme-logs"},"object":{"key":"k"}}}`,
		"CloudTrail":   `{"s3Bucket":"acme-logs","s3ObjectKey":["k"]}`,
		"FDR":          `{"bucket":"acme-logs","files":[{"path":"k"}]}`,
		"continuation": `{"collector":1,"queue":"q","object":{"bucket":"acme-logs","key":"k"}}`,
	} {
		if diff := cmp.Diff(want, only(t, body), byText); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestETagsLoseTheirQuotes(t *testing.T) {
	o := only(t, `{"source":"aws.s3","detail":{"bucket":{"name":"b"},"object":{"key":"k","etag":"\"e1-12\""}}}`)
	if o.ETag != "e1-12" {
		t.Errorf("eTag %q", o.ETag)
	}
}

// only is the one object that body names.
func only(t *testing.T, body string) Object {
	t.Helper()
	n, err := Decode(body)
	if err != nil {
		t.Fatal(err)
	}
	if len(n.Objects) != 1 || len(n.Ignored) != 0 {
		t.Fatalf("want one object, got %+v", n)
	}
	return n.Objects[0]
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
