package account

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
)

// listed puts objects into a bucket of the account's own.
func (b *bench) listed(keys ...string) *Bucket {
	b.Helper()
	b.check(b.aws.CreateBucket("mine", local.BucketOptions{Versioned: true}))
	for _, k := range keys {
		b.check(b.aws.Put("mine", k, []byte(k)))
	}
	return b.Bucket("mine", Access{})
}

// An archived object that was restored can be read, and its listing says so.
func TestListingsTellWhatWasRestored(t *testing.T) {
	b := newBench(t)
	bucket := b.listed("a", "warm")
	for _, key := range []string{"cold", "re stored+&é"} {
		b.check(b.aws.Put("mine", key, []byte("x"), local.WithStorageClass("GLACIER")))
	}
	b.check(b.aws.Restore("mine", "re stored+&é", b.aws.Clock().Now().AddDate(0, 0, 1)))
	var got []string
	for o, err := range bucket.List(t.Context(), "", "") {
		b.check(err)
		got = append(got, fmt.Sprintf("%s %s %t", o.Key, o.Class, o.Restored))
	}
	if want := []string{"a STANDARD false", "cold GLACIER false", "re stored+&é GLACIER true", "warm STANDARD false"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	for key, want := range map[string]delivery.Kind{"cold": delivery.Archived, "re stored+&é": ""} {
		body, err := b.Store(Access{}).Open(t.Context(), events.Object{Bucket: "mine", Key: key}, 0, -1)
		if want != "" {
			wantKind(t, err, want)
			continue
		}
		b.check(err)
		b.check(body.Close())
	}
}

// However a bucket is divided into folders, a walk visits each object once.
func TestWalkVisitsEveryObjectOnce(t *testing.T) {
	layouts := map[string][]string{
		"nothing": nil, "flat": nil, "one deep chain": {"a/b/c/d/e/f/g/h/i", "a/b/c/d/e/f/g/h/j", "a/k"},
		"slashes": {"/", "//", "a//b", "a/", "a/b", "a"},
	}
	for i := range 40 {
		layouts["flat"] = append(layouts["flat"], fmt.Sprint("key-", i))
		layouts["many folders"] = append(layouts["many folders"], fmt.Sprintf("f%d/x", i), fmt.Sprintf("f%d/y/z", i))
		layouts["days"] = append(layouts["days"], fmt.Sprintf("logs/%d/%02d/a", i%3, i))
	}
	for name, keys := range layouts {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			bucket := b.listed(keys...)
			for _, versions := range []bool{false, true} {
				var got []string
				b.check(bucket.Walk(t.Context(), "", versions, func(o Listed) error {
					got = append(got, o.Key)
					if o.Size != int64(len(o.Key)) || len(o.ETag) != 32 || (o.Version != "") != versions || o.Modified.IsZero() {
						t.Errorf("%+v", o)
					}
					return nil
				}))
				slices.Sort(got)
				slices.Sort(keys)
				if !slices.Equal(got, keys) {
					t.Errorf("versions %t: visited %q, want %q", versions, got, keys)
				}
			}
		})
	}
}

// Whoever may write one object must not be able to end the listing of its whole
// bucket by the object's key.
func TestListingsReturnKeysThatXMLCannotCarry(t *testing.T) {
	keys := []string{"a b", "a+b", "a%2Bb", "a%b", "a&b;<c>", "é/ü", "not utf-8 \xff\xfe/k"}
	for c := byte(1); c < ' '; c++ {
		keys = append(keys, "control/"+string(rune(c))+"ctl.log", "folder"+string(rune(c))+"/k")
	}
	keys = append(keys, "control/\x7f", "control/\u0085\ufffe")
	slices.Sort(keys)
	b := newBench(t)
	bucket := b.listed(keys...)
	for _, versions := range []bool{false, true} {
		var got []string
		b.check(bucket.Walk(t.Context(), "", versions, func(o Listed) error {
			got = append(got, o.Key)
			return nil
		}))
		slices.Sort(got)
		if !slices.Equal(got, keys) {
			t.Errorf("versions %t: visited %q, want %q", versions, got, keys)
		}
	}
	var got []string
	for o, err := range bucket.List(t.Context(), "control/", "control/\x01ctl.log") {
		b.check(err)
		got = append(got, o.Key)
	}
	if want := slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return k < "control/\x02" || k >= "control0" }); !slices.Equal(got, want) {
		t.Errorf("listed %q, want %q", got, want)
	}
}

// A versions listing goes on at a key marker, which is encoded as keys are.
func TestVersionsGoOnBehindAnEncodedKey(t *testing.T) {
	b := newBench(t)
	var keys []string
	for i := range 1100 {
		keys = append(keys, fmt.Sprintf("a b+c%%\x01/%04d", i))
	}
	bucket := b.listed(keys...)
	got := 0
	b.check(bucket.Walk(t.Context(), "", true, func(Listed) error {
		got++
		return nil
	}))
	if got != len(keys) {
		t.Errorf("visited %d versions, want %d", got, len(keys))
	}
}

func TestWalkVisitsVersions(t *testing.T) {
	b := newBench(t)
	bucket := b.listed("a", "b", "a")
	b.check(b.aws.Delete("mine", "b"))
	count := map[string]int{}
	b.check(bucket.Walk(t.Context(), "", true, func(o Listed) error {
		count[o.Key]++
		return nil
	}))
	if len(count) != 2 || count["a"] != 2 || count["b"] != 1 {
		t.Errorf("%v", count)
	}
}

func TestListGoesOnBehindAKey(t *testing.T) {
	b := newBench(t)
	bucket := b.listed("x/1", "x/2", "x/3", "y")
	var got []string
	for o, err := range bucket.List(t.Context(), "x/", "x/1") {
		b.check(err)
		got = append(got, o.Key)
	}
	if !slices.Equal(got, []string{"x/2", "x/3"}) {
		t.Errorf("%q", got)
	}
}

func TestWalkEnds(t *testing.T) {
	b := newBench(t)
	bucket := b.listed("a/1", "b/2", "c")
	stop := errors.New("enough")
	if err := bucket.Walk(t.Context(), "", false, func(Listed) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("visit's error: %v", err)
	}
	b.once()
	for action, walk := range map[string]func() error{
		"ListObjectsV2": func() error {
			return b.Bucket("mine", Access{}).Walk(t.Context(), "", false, func(Listed) error { return nil })
		},
		"ListObjectVersions": func() error {
			return b.Bucket("mine", Access{}).Walk(t.Context(), "", true, func(Listed) error { return nil })
		},
	} {
		b.fail(action, &local.FaultResponse{Status: 403, Code: "AccessDenied"})
		if err := walk(); delivery.KindOf(err) != delivery.Denied {
			t.Errorf("%s refused: %v", action, err)
		}
	}
	if err := b.Bucket("mine", Access{Owners: map[string]string{"mine": "000000000000"}}).Walk(t.Context(), "", false, func(Listed) error { return nil }); delivery.KindOf(err) != delivery.Denied {
		t.Errorf("another's bucket: %v", err)
	}
}
