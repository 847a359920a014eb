package watch

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/events"
)

var errListing = errors.New("no listing, on purpose")

// A world is a vendor's bucket, the memory and the continuation queue, with a
// clock that nobody waits for: a day of a busy bucket takes a second. The same
// over HTTP is in listing_test.go.
type world struct {
	now     time.Time
	written map[string]time.Time // by key
	keys    []string             // of written, in order
	saved   Bookmarks
	queued  map[string]int // how often, by key
	most    int            // that the bookmarks ever remembered
	fails   bool           // listing does, at the first key
	Memory                 // what a listing does not use
}

func newWorld() *world {
	return &world{now: time.Unix(1_795_000_000, 0), written: make(map[string]time.Time), queued: make(map[string]int)}
}

func (w *world) put(key string) {
	i, found := slices.BinarySearch(w.keys, key)
	if !found {
		w.keys = slices.Insert(w.keys, i, key)
	}
	w.written[key] = w.now
}

func (w *world) Now() time.Time { return w.now }

func (w *world) Bookmarks(context.Context, string, []string) (Bookmarks, error) {
	b := w.saved
	b.Folders = maps.Clone(b.Folders)
	return b, nil
}

func (w *world) SaveBookmarks(_ context.Context, _ string, _, next Bookmarks) error {
	next.Version++
	w.saved, w.most = next, max(w.most, next.seen())
	return nil
}

func (w *world) Folders(context.Context) ([]string, error) {
	var all []string
	for _, key := range w.keys {
		if folder, _, _ := strings.Cut(key, "/"); len(all) == 0 || all[len(all)-1] != folder+"/" {
			all = append(all, folder+"/")
		}
	}
	return all, nil
}

func (w *world) List(_ context.Context, folder, after string) iter.Seq2[events.Object, error] {
	return func(yield func(events.Object, error) bool) {
		first, _ := slices.BinarySearch(w.keys, cmp.Or(after, folder))
		for _, key := range w.keys[first:] {
			if key == after {
				continue
			}
			if w.fails {
				yield(events.Object{}, errListing)
				return
			}
			if !strings.HasPrefix(key, folder) || !yield(events.Object{Key: key, EventTime: w.written[key]}, nil) {
				return
			}
		}
	}
}

func (w *world) Continue(_ context.Context, bodies []string) error {
	for _, body := range bodies {
		n, err := events.Decode(body)
		if err != nil {
			return err
		}
		w.queued[n.Objects[0].Key]++
	}
	return nil
}

// run is a minute of watch.
func (w *world) run(t *testing.T) haul {
	t.Helper()
	w.now = w.now.Add(time.Minute)
	watch := &Watch{Options{Memory: w, Continuations: w, Log: slog.New(slog.DiscardHandler)}}
	taken, err := watch.list(t.Context(), Vendor{ARN: "arn:aws:s3:::bucket/", Bucket: w})
	if w.fails != (err != nil) {
		t.Fatal(err)
	}
	return taken
}

// rest runs until nothing is left to be taken, and a sweep longer, and checks that
// all that was written was queued: once, or up to so many times.
func (w *world) rest(t *testing.T, times int, without ...string) {
	t.Helper()
	for quiet := 0; quiet < 2*int(sweepPause/time.Minute); quiet++ {
		if w.run(t).behind > 0 {
			quiet = 0
		}
	}
	for _, key := range w.keys {
		least, most := 1, times
		if slices.Contains(without, key) {
			least, most = 0, 0
		}
		if n := w.queued[key]; n < least || n > most {
			t.Fatalf("%s was queued %d times, want %d to %d; %d keys in all", key, n, least, most, len(w.keys))
		}
	}
}

// TestNothingIsPassedBy, however much comes, and however late: what a run does
// not take waits for the next, and is counted; what sorts before what was passed
// by is found by a sweep.
func TestNothingIsPassedBy(t *testing.T) {
	for _, c := range []struct {
		rate  int           // a minute
		late  time.Duration // one in ten is up to so late
		times int           // that one of them may be queued
	}{{1, time.Hour, 1}, {60, time.Hour, 1}, {130, time.Hour, 1}, {30, 8 * time.Hour, 2}} {
		t.Run(fmt.Sprint(c.rate, " a minute, ", c.late, " late"), func(t *testing.T) {
			w, random := newWorld(), rand.New(rand.NewPCG(1, uint64(c.rate)))
			w.put("logs/0-before")
			w.run(t)
			behind := false
			for minute := range 5 * 60 {
				for n := range c.rate {
					late := time.Duration(random.Int64N(int64(c.late)))
					if n%10 > 0 {
						late /= 100
					}
					w.put(fmt.Sprintf("logs/%s-%d-%d", w.now.Add(-late).Format(time.RFC3339), minute, n))
				}
				taken := w.run(t)
				behind = behind || taken.behind > 0
			}
			if want := c.rate > most; behind != want {
				t.Errorf("behind %v, want %v", behind, want)
			}
			w.rest(t, c.times, "logs/0-before")
			if limit := most * (int(settled/time.Minute) + 1); w.most > limit {
				t.Errorf("%d keys were remembered, want at most %d", w.most, limit)
			}
		})
	}
}

// TestOneNameThatSortsLast must not hide all that follows: a test's object of a
// vendor, for one.
func TestOneNameThatSortsLast(t *testing.T) {
	w := newWorld()
	w.put("logs/write-test.txt")
	for range 4 * 60 {
		w.run(t)
	}
	for minute := range 5 * 60 {
		w.put(fmt.Sprintf("logs/2026-%04d", minute))
		w.run(t)
	}
	w.rest(t, 2, "logs/write-test.txt")
}

// TestALargeFolderIsSweptInPieces, and its sweep goes on where it was when
// listing failed or nothing could be taken.
func TestALargeFolderIsSweptInPieces(t *testing.T) {
	w := newWorld()
	for n := range 5 * sweepKeys / 2 {
		w.put(fmt.Sprintf("logs/%06d", n))
	}
	w.run(t)
	w.now = w.now.Add(2 * settled)
	for range 3 {
		w.run(t) // all has settled, and is swept for the first time
	}
	late := fmt.Sprintf("logs/%06d-late", 2*sweepKeys+sweepKeys/4)
	w.put(late)
	w.now = w.now.Add(sweepPause)
	for run, want := range []int{0, 0, 1} {
		w.fails = true // at the sweep's begin, and in its middle
		w.run(t)
		w.fails = false
		w.run(t)
		if w.queued[late] != want {
			t.Fatalf("run %d: queued %d times, want %d", run, w.queued[late], want)
		}
	}
}

// TestWhatIsRememberedIsBounded: a bucket with more new objects than can be
// remembered waits, and loses nothing.
func TestWhatIsRememberedIsBounded(t *testing.T) {
	w := newWorld()
	w.put("a/0-before")
	w.run(t)
	mark := w.saved.Folders["a/"]
	for n := range maxSeen - 150 { // a thousand runs ago, all within three hours
		key := fmt.Sprintf("a/%06d", n)
		w.put(key)
		w.queued[key]++
		mark.Seen = append(mark.Seen, key)
	}
	w.saved.Folders["a/"] = mark
	for n := range 250 {
		w.put(fmt.Sprintf("b/%03d", n))
	}
	for run, want := range []haul{{100, 1}, {50, 1}, {0, 1}} {
		if got := w.run(t); got != want {
			t.Errorf("run %d: %+v, want %+v", run, got, want)
		}
	}
	if w.most != maxSeen {
		t.Errorf("%d keys were remembered, want %d", w.most, maxSeen)
	}
	w.now = w.now.Add(settled)
	w.rest(t, 1, "a/0-before")
}

// TestNoFolderIsAlwaysTheLast.
func TestNoFolderIsAlwaysTheLast(t *testing.T) {
	folders := []string{"a", "b", "c"}
	for minute, want := range []string{"abc", "bca", "cab", "abc"} {
		if got := strings.Join(inTurn(folders, time.Unix(int64(minute)*60, 0)), ""); got != want {
			t.Errorf("minute %d: %s, want %s", minute, got, want)
		}
	}
	if got := inTurn(nil, time.Unix(60, 0)); len(got) > 0 {
		t.Errorf("%q of no folders", got)
	}
}
