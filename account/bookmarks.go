package account

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/devo-s3/collector/watch"
)

// The Bookmarks of a vendor are several items, because one holds 400 KB:
//   - the head, listing#ARN: version, since, and of each folder the key after
//     which it is listed, as long as there is room;
//   - one for each folder, listing#ARN#HASH: version, since, after, how far it
//     was swept, and the first of the keys seen, without their folder;
//   - listing#ARN#HASH#N for more of them.
//
// Each item is true by itself: what it calls seen was queued, and so was all up
// to after. So it does not matter which of them were written before a run was
// cut short, in what order, or by which of two runs at once: what is missing is
// queued again, and the ledger knows it. since ties the others to the head: they
// count only with the same one.
//
// Versions before December 2026 have the head alone, with all that was seen of
// each folder, and read it the same way after a rollback: they list from after
// on, so that the last hours' objects are queued again, as duplicates. What they
// write is merged with the folders' items when this version reads it.
const (
	// headBytes and seenBytes are how much of an item's 400 KB folders and seen
	// may take.
	headBytes = 300 << 10
	seenBytes = 350 << 10
	// bookmarkCalls is how many items are read or written side by side.
	bookmarkCalls = 16
)

func listingID(vendor string) string { return "listing#" + vendor }

func folderID(vendor, folder string) string {
	sum := sha256.Sum256([]byte(folder))
	return listingID(vendor) + "#" + hex.EncodeToString(sum[:])
}

func moreID(vendor, folder string, n int) string { return fmt.Sprint(folderID(vendor, folder), "#", n) }

// Bookmarks implements watch.Memory.
func (h *Health) Bookmarks(ctx context.Context, vendor string, folders []string) (watch.Bookmarks, error) {
	head, err := h.get(ctx, listingID(vendor))
	if err != nil || len(head) == 0 {
		return watch.Bookmarks{}, err
	}
	since := readNumber(head["since"])
	b := watch.Bookmarks{Version: readNumber(head["version"]), Since: time.Unix(since, 0), Folders: make(map[string]watch.Bookmark)}
	for folder, mark := range readMap(head["folders"]) {
		b.Folders[folder] = readBookmark(folder, readMap(mark))
	}
	var mu sync.Mutex
	err = sideBySide(folders, func(folder string) error {
		mark, err := h.bookmark(ctx, vendor, folder, since)
		mu.Lock()
		defer mu.Unlock()
		if known, ok := b.Folders[folder]; ok || mark.Version > 0 {
			all := mark.Merge(known)
			all.Moved = !all.Equal(mark)
			b.Folders[folder] = all
		}
		return err
	})
	return b, err
}

// bookmark is a folder's own, zero if there is none.
func (h *Health) bookmark(ctx context.Context, vendor, folder string, since int64) (watch.Bookmark, error) {
	item, err := h.get(ctx, folderID(vendor, folder))
	if err != nil || len(item) == 0 {
		return watch.Bookmark{}, err
	}
	mark := watch.Bookmark{Version: readNumber(item["version"])}
	if readNumber(item["since"]) != since {
		return mark, nil
	}
	mark = mark.Merge(readBookmark(folder, item))
	mark.Sweep = watch.Sweep{Began: readNumber(item["sweep_began"]), Since: readNumber(item["sweep_since"])}
	if at := readText(item["sweep_at"]); at != "" {
		mark.Sweep.At = folder + at
	}
	for n := range int(readNumber(item["more"])) {
		more, err := h.get(ctx, moreID(vendor, folder, n+1))
		if err != nil {
			return mark, err
		}
		if readNumber(more["since"]) == since {
			mark = mark.Merge(readBookmark(folder, more))
		}
	}
	return mark, nil
}

func readBookmark(folder string, item attributes) watch.Bookmark {
	mark := watch.Bookmark{After: folder + readText(item["after"])}
	if seen, ok := item["seen"].(*types.AttributeValueMemberL); ok {
		for _, key := range seen.Value {
			mark.Seen = append(mark.Seen, folder+readText(key))
		}
	}
	return mark
}

// SaveBookmarks implements watch.Memory. The first head goes before all else,
// because since decides what of a folder is new; the head with the folders'
// places goes last, and only when they are saved.
func (h *Health) SaveBookmarks(ctx context.Context, vendor string, before, next watch.Bookmarks) error {
	version := before.Version
	if version == 0 {
		if err := h.put(ctx, listingID(vendor), version, headItem(watch.Bookmarks{Since: next.Since})); err != nil {
			return err
		}
		version++
	}
	var gone, changed []string
	for folder := range before.Folders {
		if _, ok := next.Folders[folder]; !ok {
			gone = append(gone, folder)
		}
	}
	for folder, mark := range next.Folders {
		if was := before.Folders[folder]; was.Moved || !mark.Equal(was) {
			changed = append(changed, folder)
		}
	}
	err := errors.Join(
		sideBySide(changed, func(folder string) error {
			return h.saveBookmark(ctx, vendor, folder, next.Since.Unix(), next.Folders[folder])
		}),
		sideBySide(gone, func(folder string) error { return h.forget(ctx, folderID(vendor, folder)) }),
	)
	if err != nil {
		return err
	}
	return h.put(ctx, listingID(vendor), version, headItem(next))
}

// headItem shows where each folder is listed from, to whoever reads the head
// alone.
func headItem(b watch.Bookmarks) attributes {
	folders, size := make(attributes), 0
	for _, folder := range slices.Sorted(maps.Keys(b.Folders)) {
		after := strings.TrimPrefix(b.Folders[folder].After, folder)
		if size += len(folder) + len(after) + 20; size > headBytes {
			break
		}
		folders[folder] = &types.AttributeValueMemberM{Value: attributes{
			"after": text(after), "seen": &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
		}}
	}
	return attributes{"since": number(b.Since.Unix()), "folders": &types.AttributeValueMemberM{Value: folders}}
}

// saveBookmark writes a folder's items, the first of them last: it says how many
// there are.
func (h *Health) saveBookmark(ctx context.Context, vendor, folder string, since int64, mark watch.Bookmark) error {
	parts := [][]types.AttributeValue{nil}
	size := 0
	for _, key := range mark.Seen {
		name := strings.TrimPrefix(key, folder)
		if size += len(name) + 4; size > seenBytes {
			parts, size = append(parts, nil), len(name)+4
		}
		last := &parts[len(parts)-1]
		*last = append(*last, text(name))
	}
	for n := len(parts) - 1; n > 0; n-- {
		more := attributes{"id": text(moreID(vendor, folder, n)), "since": number(since), "seen": &types.AttributeValueMemberL{Value: parts[n]}}
		if _, err := h.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: &h.table, Item: more}); err != nil {
			return fmt.Errorf("write %s in table %s: %w", moreID(vendor, folder, n), h.table, err)
		}
	}
	return h.put(ctx, folderID(vendor, folder), mark.Version, attributes{
		"since": number(since), "after": text(strings.TrimPrefix(mark.After, folder)), "more": number(int64(len(parts) - 1)),
		"sweep_at": text(strings.TrimPrefix(mark.Sweep.At, folder)), "sweep_began": number(mark.Sweep.Began), "sweep_since": number(mark.Sweep.Since),
		"seen": &types.AttributeValueMemberL{Value: append([]types.AttributeValue{}, parts[0]...)},
	})
}

// forget has a folder's item count for nothing, and the table delete it: watch
// itself may not.
func (h *Health) forget(ctx context.Context, id string) error {
	_, err := h.db.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String(h.table), Item: attributes{
		"id": text(id), "version": number(0), "expiry": number(h.Now().Unix()),
	}})
	if err != nil {
		return fmt.Errorf("write %s in table %s: %w", id, h.table, err)
	}
	return nil
}

// sideBySide calls f for each name, bookmarkCalls at once, and joins the errors.
func sideBySide(names []string, f func(string) error) error {
	var mu sync.Mutex
	var all sync.WaitGroup
	var failed error
	slots := make(chan struct{}, bookmarkCalls)
	for _, name := range names {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			if err := f(name); err != nil {
				mu.Lock()
				defer mu.Unlock()
				failed = errors.Join(failed, err)
			}
		})
	}
	all.Wait()
	return failed
}

func readMap(v types.AttributeValue) attributes {
	if m, ok := v.(*types.AttributeValueMemberM); ok {
		return m.Value
	}
	return nil
}
