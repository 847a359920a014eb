package watch

import (
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
	// settled is how old an object must be for nothing to come that sorts before
	// it.
	settled = 3 * time.Hour
	// maxSeen bounds a Bookmark's Seen, and with it what a run reads and writes.
	// Fewer than 28 new objects a minute of one folder never reach it.
	maxSeen = 5000
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
	// After is a key: it and all that sorts before it need not be listed again.
	After string
	// Seen are the keys behind After that were dealt with, in order.
	Seen []string
	// Moved reports that some of it was saved elsewhere, and is to be saved with
	// the rest although it did not change.
	Moved bool
}

// list queues what is new in a vendor's bucket. It saves how far it came after
// the continuation queue has accepted: a run that is cut short, or that Lambda
// begins twice, queues some objects twice, and the ledger knows them.
func (w *Watch) list(ctx context.Context, v Vendor) (passed int64, failed error) {
	folders, err := v.Bucket.Folders(ctx)
	if err != nil {
		return 0, err
	}
	before, err := w.Memory.Bookmarks(ctx, v.ARN, folders)
	if err != nil {
		return 0, err
	}
	now := w.Memory.Now()
	next := Bookmarks{Version: before.Version, Since: before.Since, Folders: make(map[string]Bookmark)}
	if next.Since.IsZero() {
		next.Since = now.Truncate(time.Second) // S3's times have no more
	}
	for _, folder := range folders { // what is not there any more is forgotten
		mark, n, err := w.folder(ctx, v, folder, before.Folders[folder], next.Since, now.Add(-settled))
		next.Folders[folder] = mark
		passed, failed = passed+n, errors.Join(failed, err)
	}
	if next.equal(before) {
		return passed, failed
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveLimit)
	defer cancel()
	if err := w.Memory.SaveBookmarks(ctx, v.ARN, before, next); !errors.Is(err, ErrTaken) {
		failed = errors.Join(failed, err)
	}
	return passed, failed
}

// folder queues what is new in one folder, and gives the Bookmark that follows.
// What was written before old has settled.
func (w *Watch) folder(ctx context.Context, v Vendor, name string, mark Bookmark, since, old time.Time) (next Bookmark, passed int64, failed error) {
	next = Bookmark{Version: mark.Version, After: mark.After, Seen: slices.Clone(mark.Seen)}
	var bodies []string
	for o, err := range v.Bucket.List(ctx, name, mark.After) {
		if err != nil {
			failed = err
			break
		}
		i, seen := slices.BinarySearch(next.Seen, o.Key)
		if !seen && !o.EventTime.Before(since) {
			if len(bodies) == most {
				break
			}
			bodies = append(bodies, events.Continue(o, events.Continued{Queue: v.ARN}))
			next.Seen = slices.Insert(next.Seen, i, o.Key)
		}
		if o.EventTime.Before(old) {
			next.After = o.Key
		}
	}
	if len(bodies) > 0 {
		if err := w.Continuations.Continue(ctx, bodies); err != nil {
			return mark, 0, errors.Join(failed, err)
		}
	}
	return next.tidy(), int64(len(bodies)), failed
}

// tidy leaves out of Seen what After says already, and moves After on where
// Seen would be too long.
func (m Bookmark) tidy() Bookmark {
	if n := len(m.Seen) - maxSeen; n > 0 {
		m.After = max(m.After, m.Seen[n-1])
	}
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
	i, found := slices.BinarySearch(m.Seen, m.After)
	if found {
		i++
	}
	m.Seen = m.Seen[i:]
	return m
}

// Equal reports whether o says the same, whatever version it is.
func (m Bookmark) Equal(o Bookmark) bool { return m.After == o.After && slices.Equal(m.Seen, o.Seen) }

// equal reports whether o says the same, whatever version it is.
func (b Bookmarks) equal(o Bookmarks) bool {
	return b.Since.Equal(o.Since) && maps.EqualFunc(b.Folders, o.Folders, Bookmark.Equal)
}
