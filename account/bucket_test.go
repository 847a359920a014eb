package account

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/devo-s3/collector/delivery"
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
