package watch

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/devo-s3/collector/events"
)

const (
	// most is what a run takes of one folder of a vendor's bucket at most.
	most = 100
	// settled is how old an object must be for what sorts before it to be listed
	// by sweeps alone.
	settled = 3 * time.Hour
	// sweepPause is from one sweep's begin to the next's.
	sweepPause = time.Hour
	// sweepKeys is how many keys of a folder a sweep looks at in one run.
	sweepKeys = 20_000
	// skew is more than S3's time and the table's differ by.
	skew = time.Minute
	// maxSeen is how many keys the Bookmarks of one bucket remember, and with it
	// what a run reads, holds and writes. It is reached by over 550 new objects a
	// minute; what is new then waits until others have settled.
	maxSeen = 100_000
	// saveLimit is what saving takes of vendorMargin, at most.
	saveLimit = 5 * time.Second
)

// Bookmarks are how far a vendor's bucket was listed.
type Bookmarks struct {
	// Version counts the writes of what they have in common; 0 is of Bookmarks
	// that were never written.
	Version int64
	// Since is when the bucket was first listed: what is older is not taken.
	Since time.Time
	// Folders have a Bookmark each, by their prefix.
	Folders map[string]Bookmark
}

// A Bookmark is how far a folder was listed.
type Bookmark struct {
	// Version counts the writes; 0 is of one that was never written.
	Version int64
	// After is a key: it and all that sorts before it is listed by sweeps alone.
	After string
	// Seen are the keys behind After that were dealt with, in order.
	Seen []string
	// Moved reports that some of it was saved elsewhere, and is to be saved with
	// the rest although it did not change.
	Moved bool
	// Sweep is how far the folder was swept.
	Sweep Sweep
}

// A Sweep looks at all of a folder up to After, for what came late: a name may
// sort before one that came hours earlier, as all do where a test's name sorts
// last. Whatever was written before the last sweep began was seen by it, or is
// in Seen.
type Sweep struct {
	At    string // the last key that was looked at; "" between two sweeps
	Began int64  // in s since 1970; 0 before the first
	Since int64  // when the sweep before it began: what was written since is late
}

// list queues what is new in a vendor's bucket. It saves how far it came after
// the continuation queue has accepted: a run that is cut short, or that Lambda
// begins twice, queues some objects twice, and the ledger knows them.
func (w *Watch) list(ctx context.Context, v Vendor) (all haul, failed error) {
	folders, err := v.Bucket.Folders(ctx)
	if err != nil {
		return all, err
	}
	before, err := w.Memory.Bookmarks(ctx, v.ARN, folders)
	if err != nil {
		return all, err
	}
	now := w.Memory.Now()
	next := Bookmarks{Version: before.Version, Since: before.Since, Folders: make(map[string]Bookmark)}
	if next.Since.IsZero() {
		next.Since = now.Truncate(time.Second) // S3's times have no more
	}
	room := maxSeen - before.seen()
	for _, folder := range inTurn(folders, now) { // what is not there any more is forgotten
		mark, one, err := w.folder(ctx, v, folder, before.Folders[folder], next.Since, now, min(most, room))
		next.Folders[folder] = mark
		room -= int(one.passed)
		all, failed = all.plus(one), errors.Join(failed, err)
	}
	if next.equal(before) {
		return all, failed
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveLimit)
	defer cancel()
	if err := w.Memory.SaveBookmarks(ctx, v.ARN, before, next); !errors.Is(err, ErrTaken) {
		failed = errors.Join(failed, err)
	}
	return all, failed
}

// inTurn are the folders, in each minute from another one on: where time runs
// out, it does not always run out for the same.
func inTurn(folders []string, now time.Time) []string {
	first := int(now.Unix()/60) % max(len(folders), 1)
	return slices.Concat(folders[first:], folders[:first])
}

// folder queues up to limit new objects of one folder, and returns the Bookmark
// that follows.
func (w *Watch) folder(ctx context.Context, v Vendor, name string, mark Bookmark, since, now time.Time, limit int) (next Bookmark, taken haul, failed error) {
	next, objects, more, failed := w.ahead(ctx, v, name, mark, since, now, limit)
	var late []events.Object
	if failed == nil {
		next.Sweep, late, failed = w.sweep(ctx, v, name, next, since, now)
	}
	if len(late) > 0 {
		w.Log.WarnContext(ctx, "watch: objects came hours after others whose names sort behind theirs", "queue", v.ARN, "folder", name, "objects", len(late))
	}
	if more || next.Sweep.At != "" && now.Sub(time.Unix(next.Sweep.Began, 0)) > settled {
		taken.behind = 1
	}
	var bodies []string
	for _, o := range append(objects, late...) {
		bodies = append(bodies, events.Continue(o, events.Continued{Queue: v.ARN}))
	}
	if len(bodies) > 0 {
		if err := w.Continuations.Continue(ctx, bodies); err != nil {
			return mark, taken, errors.Join(failed, err)
		}
	}
	taken.passed = int64(len(bodies))
	return next.tidy(), taken, failed
}

// ahead returns up to limit new objects behind the Bookmark, the Bookmark that
// follows, and whether there are more.
func (w *Watch) ahead(ctx context.Context, v Vendor, name string, mark Bookmark, since, now time.Time, limit int) (next Bookmark, objects []events.Object, more bool, failed error) {
	next = mark
	next.Seen, next.Moved = slices.Clone(mark.Seen), false
	for o, err := range v.Bucket.List(ctx, name, mark.After) {
		if err != nil {
			return next, objects, false, err
		}
		i, seen := slices.BinarySearch(next.Seen, o.Key)
		if !seen && !o.EventTime.Before(since) {
			if len(objects) >= limit {
				return next, objects, true, nil
			}
			objects = append(objects, o)
			next.Seen = slices.Insert(next.Seen, i, o.Key)
		}
		if o.EventTime.Before(now.Add(-settled)) {
			next.After = o.Key
		}
	}
	return next, objects, false, nil
}

// sweep returns as many of the folder's late objects as a run may take, and the
// Sweep that follows.
func (w *Watch) sweep(ctx context.Context, v Vendor, name string, mark Bookmark, since, now time.Time) (s Sweep, late []events.Object, failed error) {
	s = mark.Sweep
	if s.At == "" {
		if mark.After <= name || now.Sub(time.Unix(s.Began, 0)) < sweepPause {
			return s, nil, nil
		}
		s.Since, s.Began = cmp.Or(s.Began, now.Add(-settled).Unix()), now.Unix()
	}
	from, looked := time.Unix(s.Since, 0).Add(-skew), 0
	if from.Before(since) {
		from = since
	}
	for o, err := range v.Bucket.List(ctx, name, s.At) {
		switch {
		case err != nil && s.At == "":
			return mark.Sweep, nil, err
		case err != nil || looked == sweepKeys || len(late) == most:
			return s, late, err
		case o.Key > mark.After:
			s.At = ""
			return s, late, nil
		case !o.EventTime.Before(from):
			late = append(late, o)
		}
		s.At, looked = o.Key, looked+1
	}
	s.At = ""
	return s, late, nil
}

// tidy leaves out of Seen what After says already.
func (m Bookmark) tidy() Bookmark {
	i, found := slices.BinarySearch(m.Seen, m.After)
	if found {
		i++
	}
	m.Seen = m.Seen[i:]
	return m
}

// Merge is what two Bookmarks of one folder say together: both are true. The
// version is m's.
func (m Bookmark) Merge(o Bookmark) Bookmark {
	m.After = max(m.After, o.After)
	m.Seen = slices.Concat(m.Seen, o.Seen)
	slices.Sort(m.Seen)
	m.Seen = slices.Compact(m.Seen)
	m.Sweep = cmp.Or(m.Sweep, o.Sweep)
	return m.tidy()
}

// Equal reports whether o says the same, whatever version it is.
func (m Bookmark) Equal(o Bookmark) bool {
	return m.After == o.After && m.Sweep == o.Sweep && slices.Equal(m.Seen, o.Seen)
}

// seen is how many keys are remembered.
func (b Bookmarks) seen() (keys int) {
	for _, mark := range b.Folders {
		keys += len(mark.Seen)
	}
	return keys
}

// equal reports whether o says the same, whatever version it is.
func (b Bookmarks) equal(o Bookmarks) bool {
	return b.Since.Equal(o.Since) && maps.EqualFunc(b.Folders, o.Folders, Bookmark.Equal)
}
