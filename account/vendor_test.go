package account

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/watch"
)

// feed is a vendor's bucket with one object, and the secret with the keys of a
// user of the vendor's who may read it.
func feed(b *bench) (o events.Object, x Access) {
	b.Helper()
	const user = "arn:aws:iam::222233334444:user/feed"
	b.check(b.aws.CreateBucket("feed", local.BucketOptions{Owner: "222233334444", Region: "us-west-1"}))
	b.check(b.aws.Put("feed", "data/a", []byte("body")))
	b.aws.CreateRole(local.Role{ARN: user, Allow: []local.Statement{{Actions: []string{"s3:*"}, Resources: []string{"arn:aws:s3:::feed*"}}}})
	putKeys(b, b.aws.CreateKey(user))
	return events.Object{Bucket: "feed", Key: "data/a", Size: -1}, Access{Keys: "keys", Regions: map[string]string{"feed": "us-west-1"}}
}

func putKeys(b *bench, c local.Credentials) {
	b.aws.PutSecret("keys", fmt.Sprintf(`{"access_key_id": %q, "secret_access_key": %q}`, c.AccessKeyID, c.SecretAccessKey))
}

func TestVendorsKeysOpenTheVendorsBucketAlone(t *testing.T) {
	b := newBench(t)
	o, x := feed(b)
	if _, text := b.readAll(b.Store(x), o, 0); text != "body" {
		t.Errorf("read %q", text)
	}
	b.readAll(b.Store(x), o, 0)
	if n := b.called("GetSecretValue"); n != 1 || b.called("AssumeRole") > 0 {
		t.Errorf("the secret was read %d times, and a role assumed %d times", n, b.called("AssumeRole"))
	}
	_, err := b.Store(x).Open(t.Context(), b.put("logs/a", "body"), 0, -1)
	wantKind(t, err, delivery.Denied)
	_, err = b.store().Open(t.Context(), o, 0, -1)
	wantKind(t, err, delivery.WrongRegion)
}

// TestReplacedKeysAreUsedSoon, without a restart.
func TestReplacedKeysAreUsedSoon(t *testing.T) {
	b := newBench(t)
	feed(b)
	keys, err := b.role(roleID{keys: "keys"}).sessions.Retrieve(t.Context())
	b.check(err)
	if left := time.Until(keys.Expires); left < keysLife-time.Minute || left > keysLife+renewal/2 {
		t.Errorf("the secret is read again in %s", left)
	}
}

func TestSecretsWithoutKeys(t *testing.T) {
	for _, value := range []string{
		"", "hush", `{"access_key_id": "hush"}`, `{"secret_access_key": "hush"}`, `{"access_key_id": 7, "secret_access_key": "hush"}`,
	} {
		b := newBench(t)
		o, x := feed(b)
		b.aws.PutSecret("keys", value)
		_, err := b.Store(x).Open(t.Context(), o, 0, -1)
		wantKind(t, err, delivery.Denied, "secret keys", "access_key_id")
		if strings.Contains(err.Error(), "hush") {
			t.Errorf("%v", err)
		}
	}
}

func TestErrorsOfTheSecret(t *testing.T) {
	for code, want := range map[string]struct {
		status int
		kind   delivery.Kind
	}{
		"AccessDeniedException": {400, delivery.Denied}, "ResourceNotFoundException": {400, delivery.Denied},
		"InternalServiceError": {500, delivery.Throttled}, "ThrottlingException": {400, delivery.Throttled},
	} {
		b := newBench(t)
		b.once()
		o, x := feed(b)
		b.fail("GetSecretValue", &local.FaultResponse{Status: want.status, Code: code})
		_, err := b.Store(x).Open(t.Context(), o, 0, -1)
		wantKind(t, err, want.kind, code)
	}
}

func TestFoldersOfAVendorsBucket(t *testing.T) {
	b := newBench(t)
	_, x := feed(b)
	for _, key := range []string{"org/a/1", "org/a/b/2", "org/c/3", "org/loose", "other/4"} {
		b.check(b.aws.Put("feed", key, []byte("body")))
	}
	for prefix, want := range map[string]map[string][]string{
		"org/":  {"org/a/": {"org/a/1", "org/a/b/2"}, "org/c/": {"org/c/3"}, "org/": {"org/loose"}},
		"":      {"data/": {"data/a"}, "org/": {"org/a/1", "org/a/b/2", "org/c/3", "org/loose"}, "other/": {"other/4"}},
		"none/": {},
	} {
		bucket, got := b.VendorBucket("feed", prefix, x), make(map[string][]string)
		folders, err := bucket.Folders(t.Context())
		b.check(err)
		for _, folder := range folders {
			for o, err := range bucket.List(t.Context(), folder, "") {
				b.check(err)
				got[folder] = append(got[folder], o.Key)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", prefix, diff)
		}
	}
}

func TestBookmarksAreReadAsTheyWereWritten(t *testing.T) {
	b := newBench(t)
	h := b.health()
	want := watch.Bookmarks{Since: time.Unix(1_793_610_004, 0), Folders: map[string]watch.Bookmark{
		"org/a/": {After: "org/a/1", Seen: []string{"org/a/2", "org/a/3"}, Sweep: watch.Sweep{At: "org/a/0", Began: 1_793_620_000, Since: 1_793_616_400}}, "org/b/": {After: "org/b/"}, "": {After: "x"},
	}}
	b.check(h.SaveBookmarks(t.Context(), "arn:aws:s3:::feed", watch.Bookmarks{}, want))
	want.Version = 2
	for folder, mark := range want.Folders {
		mark.Version = 1
		want.Folders[folder] = mark
	}
	got, err := b.health().Bookmarks(t.Context(), "arn:aws:s3:::feed", []string{"org/a/", "org/b/", "", "org/new/"})
	b.check(err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if none, err := h.Bookmarks(t.Context(), "arn:aws:s3:::other", []string{"org/a/"}); err != nil || none.Version != 0 || none.Folders != nil {
		t.Errorf("%+v, %v", none, err)
	}
}
