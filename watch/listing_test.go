package watch_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/telemetry"
	"github.com/devo-s3/collector/watch"
)

const org = "2345678_0a1b/"

// newListed is a vendor whose bucket no queue tells of, and which was listed
// before.
func newListed(t *testing.T) *vendor {
	t.Helper()
	v := newVendor(t)
	v.options.Vendors = []watch.Vendor{{
		ARN: "arn:aws:s3:::" + vendorBucket, Bucket: v.account.VendorBucket(vendorBucket, org, account.Access{Keys: vendorKeys}),
	}}
	v.put("dnslogs/2026-11-22/old.csv.gz")
	v.minute() // the S3's times are whole seconds
	v.wantKeys()
	return v
}

// put writes objects below the prefix.
func (v *vendor) put(keys ...string) {
	v.Helper()
	for _, key := range keys {
		if err := v.aws.Put(vendorBucket, org+key, []byte("text")); err != nil {
			v.Fatal(err)
		}
	}
}

// wantKeys looks at all that was ever queued.
func (v *vendor) wantKeys(keys ...string) {
	v.Helper()
	for i := range keys {
		keys[i] = org + keys[i]
	}
	if diff := cmp.Diff(keys, v.keys()); diff != "" {
		v.Fatal(diff)
	}
}

// bookmarks are what the table holds of these folders, and of the others it knows.
func (v *vendor) bookmarks(folders ...string) watch.Bookmarks {
	v.Helper()
	for i := range folders {
		folders[i] = org + folders[i]
	}
	return must(v.health.Bookmarks(v.Context(), v.options.Vendors[0].ARN, folders))
}

// TestWhatIsNewIsQueuedOnce, from the first listing on, in the order of names or
// not.
func TestWhatIsNewIsQueuedOnce(t *testing.T) {
	v := newListed(t)
	v.put("dnslogs/2026-11-23/10-00-b.csv.gz", "proxylogs/2026-11-23/10-00-x.csv.gz")
	v.wantRun(2, 0)
	v.wantRun(0, 0)
	v.put("dnslogs/2026-11-23/10-00-a.csv.gz", "dnslogs/2026-11-23/10-10-a.csv.gz")
	v.wantRun(2, 0)
	for range 5 {
		v.aws.Clock().Advance(time.Hour)
		v.wantRun(0, 0)
	}
	v.put("dnslogs/2026-11-24/00-00-a.csv.gz", "new.csv.gz")
	v.wantRun(2, 0)
	v.wantRun(0, 0)
	v.wantKeys(
		"dnslogs/2026-11-23/10-00-a.csv.gz", "dnslogs/2026-11-23/10-00-b.csv.gz", "dnslogs/2026-11-23/10-10-a.csv.gz",
		"dnslogs/2026-11-24/00-00-a.csv.gz", "new.csv.gz", "proxylogs/2026-11-23/10-00-x.csv.gz")
	for _, n := range v.continued() {
		if o := n.Objects[0]; o.Bucket != vendorBucket || o.ETag == "" || o.Size != 4 || o.EventTime.IsZero() {
			t.Errorf("%+v", o)
		}
	}
}

// TestBookmarksStaySmall: what has settled is passed by, what is gone forgotten.
func TestBookmarksStaySmall(t *testing.T) {
	v := newListed(t)
	v.put("dnslogs/1", "dnslogs/2", "proxylogs/1")
	v.wantRun(3, 0)
	v.aws.Clock().Advance(4 * time.Hour)
	v.put("dnslogs/3")
	v.wantRun(1, 0)
	if err := v.aws.Delete(vendorBucket, org+"proxylogs/1"); err != nil {
		t.Fatal(err)
	}
	v.wantRun(0, 0)
	got := v.bookmarks("dnslogs/", "proxylogs/")
	if _, known := got.Folders[org+"proxylogs/"]; known {
		t.Error("a folder that is gone is remembered")
	}
	want := watch.Bookmark{After: org + "dnslogs/2026-11-22/old.csv.gz", Seen: []string{org + "dnslogs/3"}}
	mark := got.Folders[org+"dnslogs/"]
	if mark.Sweep.Began == 0 || mark.Sweep.At != "" {
		t.Errorf("swept: %+v", mark.Sweep)
	}
	want.Sweep = mark.Sweep
	if !mark.Equal(want) {
		t.Errorf("%+v, want %+v", mark, want)
	}
	written := got.Version
	v.wantRun(0, 0)
	if got = v.bookmarks(); got.Version != written {
		t.Errorf("a run that saw nothing new wrote version %d after %d", got.Version, written)
	}
}

// TestAFolderIsTakenInPieces, however much it has, and others have theirs.
func TestAFolderIsTakenInPieces(t *testing.T) {
	v := newListed(t)
	for i := range 730 {
		v.put(fmt.Sprintf("dnslogs/%04d", i))
	}
	v.put("proxylogs/1")
	if behind := v.wantRun(101, 0); behind != 1 {
		t.Errorf("%v folders are behind, want 1 of 2", behind)
	}
	for range 6 {
		v.wantRun(100, 0)
	}
	if behind := v.wantRun(30, 0); behind != 0 {
		t.Errorf("%v folders are behind, want none", behind)
	}
	v.wantRun(0, 0)
	if seen := v.bookmarks("dnslogs/").Folders[org+"dnslogs/"].Seen; len(seen) != 730 {
		t.Errorf("%d keys are remembered", len(seen))
	}
	if n := len(v.keys()); n != 731 {
		t.Errorf("%d queued", n)
	}
}

// TestManyBusyFolders have more to remember than one item of the table holds, 400
// KB.
func TestManyBusyFolders(t *testing.T) {
	v := newListed(t)
	long := strings.Repeat("x", 100)
	for folder := range 40 {
		for i := range 100 {
			v.put(fmt.Sprintf("folder-%02d/%s-%03d", folder, long, i))
		}
	}
	v.wantRun(4000, 0)
	v.wantRun(0, 0)
	v.put("folder-07/" + long + "-100")
	v.wantRun(1, 0)
	v.wantRun(0, 0)
}

// TestAListingThatFails loses nothing: what may have been queued is queued
// again.
func TestAListingThatFails(t *testing.T) {
	for action, twice := range map[string]bool{"SendMessageBatch": false, "ListObjectsV2": false, "GetItem": false, "PutItem": true} {
		t.Run(action, func(t *testing.T) {
			v := newListed(t)
			v.put("dnslogs/1", "dnslogs/2", "proxylogs/1")
			v.fail(action, true)
			if got := v.minute(); got[telemetry.VendorFailures] != 1 || (got[telemetry.VendorPassed] > 0) != twice {
				t.Errorf("%v", got)
			}
			v.fail(action, false)
			v.wantRun(3, 0)
			v.wantRun(0, 0)
			if n := strings.Count(strings.Join(v.keys(), " "), org); n != 3 && !twice || n != 6 && twice {
				t.Errorf("%d queued", n)
			}
		})
	}
}

// TestTwoListingsAtOnce: Lambda may begin a run twice.
func TestTwoListingsAtOnce(t *testing.T) {
	v := newListed(t)
	v.put("dnslogs/1", "dnslogs/2")
	var all sync.WaitGroup
	for range 2 {
		all.Go(func() { v.unseen().Run(t.Context(), v.sink()) })
	}
	all.Wait()
	v.wantRun(0, 0)
	named := make(map[string]bool)
	for _, key := range v.keys() {
		named[key] = true
	}
	if len(named) != 2 {
		t.Errorf("%v", named)
	}
}
