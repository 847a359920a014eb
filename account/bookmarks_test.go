package account

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/watch"
)

const vendor = "arn:aws:s3:::vendor-logs/org/"

// bookmarks are the vendor's, of these folders.
func (b *bench) bookmarks(folders ...string) watch.Bookmarks {
	b.Helper()
	got, err := b.Health(table).Bookmarks(b.Context(), vendor, folders)
	b.check(err)
	return got
}

// of one folder, without its version.
func (b *bench) bookmark(folder string) watch.Bookmark {
	b.Helper()
	mark := b.bookmarks(folder).Folders[folder]
	mark.Version = 0
	return mark
}

// marked are Bookmarks of so many folders that each have seen some keys.
func marked(name string, folders, seen, length int) watch.Bookmarks {
	all := watch.Bookmarks{Since: time.Unix(1_795_000_000, 0), Folders: make(map[string]watch.Bookmark)}
	for f := range folders {
		folder := fmt.Sprintf("org/%04d%s/", f, name)
		mark := watch.Bookmark{After: folder + "0"}
		for i := range seen {
			mark.Seen = append(mark.Seen, fmt.Sprintf("%s%04d%s", folder, i, strings.Repeat("x", length)))
		}
		all.Folders[folder] = mark
	}
	return all
}

// TestBookmarksTakeAsManyItemsAsTheyNeed: for many folders, for a folder of long
// keys, and for more folders than one item can name.
func TestBookmarksTakeAsManyItemsAsTheyNeed(t *testing.T) {
	for name, c := range map[string]struct {
		want   watch.Bookmarks
		writes int // of a change of one folder: its items and the head
	}{
		"many folders":        {marked("", 40, 500, 60), 2},
		"long keys":           {marked("", 1, 5000, 1000), 16},
		"long folders":        {marked(strings.Repeat("long", 200), 400, 1, 20), 2}, // more than the head names
		"one key in a folder": {marked("", 1, 1, 1), 2},
	} {
		want := c.want
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			h := b.Health(table)
			b.check(h.SaveBookmarks(t.Context(), vendor, watch.Bookmarks{}, want))
			var folders []string
			for folder := range want.Folders {
				folders = append(folders, folder)
			}
			got := b.bookmarks(folders...)
			for folder, mark := range want.Folders {
				if !got.Folders[folder].Equal(mark) || got.Folders[folder].Moved {
					t.Fatalf("%s: %d keys after %q, want %d", folder, len(got.Folders[folder].Seen), got.Folders[folder].After, len(mark.Seen))
				}
			}
			if len(got.Folders) != len(want.Folders) || !got.Since.Equal(want.Since) {
				t.Errorf("%d folders since %s", len(got.Folders), got.Since)
			}

			// A change of one folder writes that folder and the head.
			next := watch.Bookmarks{Version: got.Version, Since: got.Since, Folders: make(map[string]watch.Bookmark)}
			for folder, mark := range got.Folders {
				next.Folders[folder] = mark
			}
			slices.Sort(folders)
			one := next.Folders[folders[0]]
			one.Seen = append(slices.Clone(one.Seen), folders[0]+"zzz")
			next.Folders[folders[0]] = one
			writes := b.called("PutItem")
			b.check(h.SaveBookmarks(t.Context(), vendor, got, next))
			if n := b.called("PutItem") - writes; n != c.writes {
				t.Errorf("%d writes, want %d", n, c.writes)
			}
			if mark := b.bookmark(folders[0]); !mark.Equal(one) {
				t.Errorf("%d keys seen, want %d", len(mark.Seen), len(one.Seen))
			}
		})
	}
}

// TestSavingIsCutShort behind any number of items: what is read then is true, and
// the next saving makes it whole.
func TestSavingIsCutShort(t *testing.T) {
	before, next := marked("", 3, 2, 10), marked("", 4, 3, 300<<10) // more items each
	for n := range 20 {
		b := newBench(t)
		b.once()
		h := b.Health(table)
		b.check(h.SaveBookmarks(t.Context(), vendor, watch.Bookmarks{}, before))
		folders := []string{"org/0000/", "org/0001/", "org/0002/", "org/0003/"}
		saved := b.bookmarks(folders...)
		next.Version = saved.Version
		for folder := range next.Folders {
			mark := next.Folders[folder]
			mark.Version = saved.Folders[folder].Version
			next.Folders[folder] = mark
		}
		writes := 0
		b.mu.Lock()
		b.fault = func(r local.FaultRequest) *local.FaultResponse {
			if r.Action == "PutItem" {
				if writes++; writes > n {
					return &local.FaultResponse{Status: 400, Code: "AccessDeniedException"}
				}
			}
			return nil
		}
		b.mu.Unlock()
		err := h.SaveBookmarks(t.Context(), vendor, saved, next)
		if writes > n && err == nil {
			t.Fatalf("%d of %d writes were refused without an error", writes-n, writes)
		}
		b.mu.Lock()
		b.fault = nil
		b.mu.Unlock()
		now := b.bookmarks(folders...)
		for folder, mark := range now.Folders {
			for _, key := range mark.Seen {
				if !slices.Contains(next.Folders[folder].Seen, key) && !slices.Contains(before.Folders[folder].Seen, key) {
					t.Errorf("after %d writes %q is called seen", n, key[:20])
				}
			}
			if mark.After > next.Folders[folder].After {
				t.Errorf("after %d writes %s is listed after %q", n, folder, mark.After)
			}
		}
		whole := watch.Bookmarks{Version: now.Version, Since: now.Since, Folders: make(map[string]watch.Bookmark)}
		for folder, mark := range next.Folders {
			mark.Version = now.Folders[folder].Version
			whole.Folders[folder] = mark
		}
		b.check(h.SaveBookmarks(t.Context(), vendor, now, whole))
		for folder, mark := range next.Folders {
			if got := b.bookmark(folder); !got.Equal(mark) {
				t.Errorf("after %d writes %s has %d keys after %q", n, folder, len(got.Seen), got.After)
			}
		}
		if writes <= n {
			return
		}
	}
	t.Error("saving never came to its end")
}

// TestHeadThatIsDeleted, by an operator who wants a listing to begin anew: the
// folders' items count for nothing then.
func TestHeadThatIsDeleted(t *testing.T) {
	b := newBench(t)
	h := b.Health(table)
	first := marked("", 2, 2, 5)
	b.check(h.SaveBookmarks(t.Context(), vendor, watch.Bookmarks{}, first))
	b.check(h.forget(t.Context(), listingID(vendor))) // as good as deleted
	again := marked("", 2, 1, 7)
	again.Since = again.Since.Add(time.Hour)
	got := b.bookmarks("org/0000/", "org/0001/")
	if len(got.Folders["org/0000/"].Seen) != 0 {
		t.Errorf("%+v", got)
	}
	for folder, mark := range again.Folders {
		mark.Version = got.Folders[folder].Version
		again.Folders[folder] = mark
	}
	b.check(h.SaveBookmarks(t.Context(), vendor, watch.Bookmarks{Folders: got.Folders}, again))
	for folder, mark := range again.Folders {
		if got := b.bookmark(folder); !got.Equal(mark) {
			t.Errorf("%s: %+v", folder, got)
		}
	}
}

// TestFolderThatIsGone is forgotten; if it comes back it begins anew.
func TestFolderThatIsGone(t *testing.T) {
	b := newBench(t)
	h := b.Health(table)
	b.check(h.SaveBookmarks(t.Context(), vendor, watch.Bookmarks{}, marked("", 2, 2, 5)))
	saved := b.bookmarks("org/0000/")
	next := watch.Bookmarks{Version: saved.Version, Since: saved.Since, Folders: map[string]watch.Bookmark{"org/0000/": saved.Folders["org/0000/"]}}
	b.check(h.SaveBookmarks(t.Context(), vendor, saved, next))
	got := b.bookmarks("org/0000/", "org/0001/")
	if _, known := got.Folders["org/0001/"]; known || len(got.Folders) != 1 {
		t.Errorf("%+v", got.Folders)
	}
	next = watch.Bookmarks{Version: got.Version, Since: got.Since, Folders: map[string]watch.Bookmark{
		"org/0000/": got.Folders["org/0000/"], "org/0001/": {After: "org/0001/", Seen: []string{"org/0001/new"}},
	}}
	b.check(h.SaveBookmarks(t.Context(), vendor, got, next))
	if mark := b.bookmark("org/0001/"); !mark.Equal(next.Folders["org/0001/"]) {
		t.Errorf("%+v", mark)
	}
}

// TestTwoSavingsAtOnce: one of them says that it was not the first, and neither
// takes back what the other saved before.
func TestTwoSavingsAtOnce(t *testing.T) {
	b := newBench(t)
	h := b.Health(table)
	b.check(h.SaveBookmarks(t.Context(), vendor, watch.Bookmarks{}, marked("", 1, 1, 5)))
	saved := b.bookmarks("org/0000/")
	add := func(key string) watch.Bookmarks {
		mark := saved.Folders["org/0000/"]
		mark.Seen = append(slices.Clone(mark.Seen), "org/0000/"+key)
		return watch.Bookmarks{Version: saved.Version, Since: saved.Since, Folders: map[string]watch.Bookmark{"org/0000/": mark}}
	}
	b.check(h.SaveBookmarks(t.Context(), vendor, saved, add("x")))
	if err := h.SaveBookmarks(t.Context(), vendor, saved, add("y")); err == nil || !strings.Contains(err.Error(), watch.ErrTaken.Error()) {
		t.Errorf("error %v", err)
	}
	if seen := b.bookmark("org/0000/").Seen; len(seen) != 2 || seen[1] != "org/0000/x" {
		t.Errorf("seen %q", seen)
	}
}

// TestOlderVersionsBookmarks, in one item, are read and moved to items of their
// own; and the older version, after a rollback, finds each folder's place, and
// what it writes then is not forgotten.
func TestOlderVersionsBookmarks(t *testing.T) {
	o := readOlder(t)
	b := newBench(t)
	h := b.Health(table)
	b.writeItem(o, "bookmarks", time.Time{})
	folders := []string{"org/dnslogs/", "org/proxylogs/"}
	before := b.bookmarks(folders...)
	want := map[string]watch.Bookmark{
		"org/dnslogs/": {
			After: "org/dnslogs/2026-11-22/a.csv.gz", Moved: true,
			Seen: []string{"org/dnslogs/2026-11-22/b.csv.gz", "org/dnslogs/2026-11-23/a.csv.gz"},
		},
		"org/proxylogs/": {After: "org/proxylogs/", Seen: []string{"org/proxylogs/1"}, Moved: true},
	}
	if diff := cmp.Diff(want, before.Folders); diff != "" || before.Since.Unix() != 1_795_000_000 {
		t.Fatalf("since %s: %s", before.Since, diff)
	}

	// Something new in one folder; the other's is moved all the same.
	next := watch.Bookmarks{Version: before.Version, Since: before.Since, Folders: map[string]watch.Bookmark{
		"org/dnslogs/":   before.Folders["org/dnslogs/"],
		"org/proxylogs/": {After: "org/proxylogs/", Seen: []string{"org/proxylogs/1", "org/proxylogs/2"}},
	}}
	b.check(h.SaveBookmarks(t.Context(), vendor, before, next))
	for folder, mark := range next.Folders {
		if got := b.bookmark(folder); !got.Equal(mark) || got.Moved {
			t.Errorf("%s: %+v", folder, got)
		}
	}

	// What the older version reads: the folders' places, and the version that its
	// own write must be made of.
	head := b.bookmarks()
	if got := head.Folders["org/dnslogs/"]; got.After != want["org/dnslogs/"].After || len(got.Seen) != 0 || !head.Since.Equal(before.Since) {
		t.Errorf("the older version reads %+v since %s", got, head.Since)
	}
	if b.sendAsIs(o, "bookmarks again", attributes{":version": number(head.Version - 1)}) {
		t.Error("an older version's write of another version's bookmarks held")
	}
	if !b.sendAsIs(o, "bookmarks again", attributes{":version": number(head.Version)}) {
		t.Error("an older version's write was refused")
	}
	got := b.bookmarks(folders...)
	for folder, mark := range next.Folders {
		if !got.Folders[folder].Equal(mark) {
			t.Errorf("after the older version's write, %s: %+v", folder, got.Folders[folder])
		}
	}
}

// A head that somebody deleted begins a listing anew: what folders had before
// counts for nothing.
func TestBookmarksOfADeletedHeadCountForNothing(t *testing.T) {
	b := newBench(t)
	h := b.Health(table)
	before := marked("", 1, 3, 10)
	b.check(h.SaveBookmarks(t.Context(), vendor, watch.Bookmarks{}, before))
	if _, err := b.dynamodb().DeleteItem(t.Context(), &dynamodb.DeleteItemInput{
		TableName: aws.String(table), Key: attributes{"id": text(listingID(vendor))},
	}); err != nil {
		t.Fatal(err)
	}
	b.check(h.SaveBookmarks(t.Context(), vendor, watch.Bookmarks{}, watch.Bookmarks{Since: before.Since.Add(time.Hour)}))
	if mark := b.bookmark("org/0000/"); len(mark.Seen) != 0 || mark.After != "" {
		t.Errorf("%d keys after %q are believed", len(mark.Seen), mark.After)
	}
}

// The head names a folder's place only when that is saved.
func TestAFolderThatIsNotSavedHasNoPlaceInTheHead(t *testing.T) {
	b := newBench(t)
	h := b.Health(table)
	b.check(h.SaveBookmarks(t.Context(), vendor, watch.Bookmarks{}, marked("", 1, 3, 10)))
	got := b.bookmarks("org/0000/")
	mark := got.Folders["org/0000/"]
	mark.Version, mark.After = mark.Version+7, "org/0000/9" // another run's is newer
	next := watch.Bookmarks{Version: got.Version, Since: got.Since, Folders: map[string]watch.Bookmark{"org/0000/": mark}}
	if err := h.SaveBookmarks(t.Context(), vendor, got, next); err == nil {
		t.Error("a folder that another run wrote is overwritten")
	}
	if after := b.bookmarks("org/0000/"); after.Version != got.Version {
		t.Errorf("the head has version %d, want %d", after.Version, got.Version)
	}
}
