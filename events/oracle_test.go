package events

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The oracle says what Decode must find. It is slow and shares nothing with
// Decode: it walks a map[string]any and unescapes keys by hand.

// A verdict is what one body says.
type verdict struct {
	// Unsaid: the oracle does not judge our own form, nor bodies whose objects
	// have a name twice, where map and struct differ.
	Unsaid  bool
	Known   bool    // it is one of the forms
	Named   []named // in order
	Ignored int
}

// A named is one object. Bad stands for an Err, and then the rest is empty.
type named struct {
	Bad         bool
	Bucket, Key string
}

func judge(body string, depth int) verdict {
	if depth > 3 {
		return verdict{}
	}
	if body == "CloudTrail validation message." {
		return verdict{Known: true, Ignored: 1}
	}
	if !json.Valid([]byte(body)) {
		return verdict{}
	}
	if namesTwice(decoder(body)) {
		return verdict{Unsaid: true}
	}
	var v any
	_ = decoder(body).Decode(&v)
	top, _ := v.(map[string]any)
	switch {
	case top["collector"] != nil:
		return verdict{Unsaid: depth == 0}
	case top["Type"] != nil && top["Message"] != nil:
		switch top["Type"] {
		case "Notification":
			message, _ := top["Message"].(string)
			return judge(message, depth+1)
		case "SubscriptionConfirmation", "UnsubscribeConfirmation":
			return verdict{Known: true, Ignored: 1}
		}
		return verdict{}
	case top["Records"] != nil:
		return judgeList(top["Records"], judgeRecord)
	case top["Event"] == "s3:TestEvent":
		return verdict{Known: true, Ignored: 1}
	case top["source"] == "aws.s3" && top["detail"] != nil:
		return judgeEventBridge(v)
	case top["s3Bucket"] != nil && whole(top["s3ObjectKey"]) != "" && top["messageType"] != nil:
		return verdict{Known: true, Named: []named{judgeNames(top["s3Bucket"], top["s3ObjectKey"])}}
	case top["s3Bucket"] != nil && top["s3ObjectKey"] != nil:
		return judgeList(top["s3ObjectKey"], func(key any) (named, bool) { return judgeNames(top["s3Bucket"], key), false })
	case top["messageType"] != nil && top["notificationCreationTime"] != nil:
		return judgeWord(top["messageType"], "ConfigurationItemChangeNotification")
	case top["bucket"] != nil && top["files"] != nil:
		return judgeList(top["files"], func(file any) (named, bool) {
			if !isObject(file) {
				return named{Bad: true}, false
			}
			return judgeNames(top["bucket"], at(file, "path")), false
		})
	}
	return verdict{}
}

// judgeList asks one about each member: the object it names, or true if it
// is to be ignored.
func judgeList(list any, one func(any) (named, bool)) verdict {
	members, ok := list.([]any)
	if !ok || len(members) > 10_000 {
		return verdict{}
	}
	v := verdict{Known: true}
	for _, m := range members {
		if n, ignore := one(m); ignore {
			v.Ignored++
		} else {
			v.Named = append(v.Named, n)
		}
	}
	if len(members) == 0 {
		v.Ignored = 1
	}
	return v
}

func judgeRecord(r any) (named, bool) {
	s3 := at(r, "s3")
	bucket, object := at(s3, "bucket"), at(s3, "object")
	version, name := at(r, "eventVersion"), at(r, "eventName")
	key, _ := at(object, "key").(string)
	switch {
	case !isObject(r) || !isObject(s3) || !isObject(bucket) || !isObject(object),
		!areTexts(version, name, at(r, "awsRegion"), at(bucket, "name"), at(object, "key")),
		!areTexts(at(object, "eTag"), at(object, "versionId"), at(object, "sequencer")),
		version != "2" && !strings.HasPrefix(whole(version), "2."),
		whole(name) == "" || name == "s3:":
		return named{Bad: true}, false
	case oneOf(name, "ObjectRemoved", "LifecycleExpiration", "TestEvent", "GetObject"):
		return named{}, true
	case !oneOf(name, "ObjectCreated", "PutObject", "CopyObject", "CompleteMultipartUpload"):
		return named{Bad: true}, false
	case !areShort(at(r, "awsRegion"), at(object, "eTag"), at(object, "versionId"), at(object, "sequencer")):
		return named{Bad: true}, false
	}
	key, ok := unescapeByHand(key)
	if !ok {
		return named{Bad: true}, false
	}
	return judgeNames(at(bucket, "name"), key), false
}

// oneOf reports whether the part of a name before its colon is one of words.
// The samples have no other names, and damage makes none.
func oneOf(name any, words ...string) bool {
	word, _, _ := strings.Cut(strings.TrimPrefix(whole(name), "s3:"), ":")
	return slices.Contains(words, word)
}

// judgeWord is the verdict of a body that only says what it is.
func judgeWord(word any, harmless ...string) verdict {
	if !slices.Contains(harmless, whole(word)) {
		return verdict{}
	}
	return verdict{Known: true, Ignored: 1}
}

func judgeEventBridge(e any) verdict {
	kind := whole(at(e, "detail-type"))
	switch {
	case kind == "AWS API Call via CloudTrail":
		return judgeAPICall(at(e, "detail"))
	case kind != "" && kind != "Object Created":
		return judgeWord(kind, "Object Tags Added", "Object Deleted")
	}
	detail := at(e, "detail")
	bucket, object := at(detail, "bucket"), at(detail, "object")
	version := whole(at(detail, "event-version"))
	rest := []any{at(e, "region"), at(object, "etag"), at(object, "version-id"), at(object, "sequencer")}
	n := judgeNames(at(bucket, "name"), at(object, "key"))
	switch {
	case !isObject(detail) || !isObject(bucket) || !isObject(object),
		!areTexts(at(e, "detail-type"), at(detail, "event-version"), at(bucket, "name"), at(object, "key")),
		!areTexts(rest...) || !areShort(rest...),
		version != "" && version != "1" && !strings.HasPrefix(version, "1."):
		n = named{Bad: true}
	}
	return verdict{Known: true, Named: []named{n}}
}

func judgeAPICall(detail any) verdict {
	call, failed := whole(at(detail, "eventName")), at(detail, "errorCode")
	if !oneOf(call, "PutObject", "CopyObject", "CompleteMultipartUpload") || strings.Contains(call, ":") {
		return judgeWord(call, "GetObject", "PutObjectTagging")
	}
	if whole(failed) != "" {
		return verdict{Known: true, Ignored: 1}
	}
	asked, answer := at(detail, "requestParameters"), at(detail, "responseElements")
	rest := []any{at(detail, "awsRegion"), at(answer, "x-amz-version-id"), failed}
	n := judgeNames(at(asked, "bucketName"), at(asked, "key"))
	if !isObject(asked) || !isObject(answer) || !areTexts(at(asked, "bucketName"), at(asked, "key")) || !areTexts(rest...) || !areShort(rest...) {
		n = named{Bad: true}
	}
	return verdict{Known: true, Named: []named{n}}
}

func judgeNames(bucket, key any) named {
	b, k := whole(bucket), whole(key)
	if b == "" || k == "" || !areShort(bucket, key) || !utf8.ValidString(k) {
		return named{Bad: true}
	}
	return named{Bucket: b, Key: k}
}

// at is the member of an object that a struct's field would take, nil if there
// is none.
func at(object any, name string) any {
	m, _ := object.(map[string]any)
	for k, v := range m {
		if strings.EqualFold(k, name) {
			return v
		}
	}
	return nil
}

// whole is a string, "" for anything else.
func whole(v any) string {
	s, _ := v.(string)
	return s
}

func isObject(v any) bool {
	_, ok := v.(map[string]any)
	return ok || v == nil
}

func areTexts(vs ...any) bool {
	return !slices.ContainsFunc(vs, func(v any) bool {
		_, ok := v.(string)
		return !ok && v != nil
	})
}

func areShort(vs ...any) bool {
	return !slices.ContainsFunc(vs, func(v any) bool { return len(whole(v)) > 1024 })
}

func unescapeByHand(s string) (string, bool) {
	var b []byte
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '+':
			b = append(b, ' ')
		case s[i] != '%':
			b = append(b, s[i])
		case i+2 >= len(s) || !isHex(s[i+1]) || !isHex(s[i+2]):
			return "", false
		default:
			n, _ := strconv.ParseUint(s[i+1:i+3], 16, 8)
			b = append(b, byte(n))
			i += 2
		}
	}
	return string(b), true
}

func isHex(c byte) bool { return strings.IndexByte("0123456789abcdefABCDEF", c) >= 0 }

// namesTwice tells whether an object in the valid JSON has two names that a
// struct's field would take for one.
func namesTwice(d *json.Decoder) bool {
	switch t, _ := d.Token(); t {
	case json.Delim('['):
		for d.More() {
			if namesTwice(d) {
				return true
			}
		}
		_, _ = d.Token()
	case json.Delim('{'):
		var names []string
		for d.More() {
			t, _ := d.Token()
			name, _ := t.(string)
			if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) || namesTwice(d) {
				return true
			}
			names = append(names, name)
		}
		_, _ = d.Token()
	}
	return false
}

func decoder(body string) *json.Decoder {
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	return d
}
