package account

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/devo-s3/collector/watch"
)

func listingID(vendor string) string { return "listing#" + vendor }

// Bookmarks implements watch.Memory.
func (h *Health) Bookmarks(ctx context.Context, vendor string) (watch.Bookmarks, error) {
	item, err := h.get(ctx, listingID(vendor))
	if err != nil || len(item) == 0 {
		return watch.Bookmarks{}, err
	}
	b := watch.Bookmarks{
		Version: readNumber(item["version"]), Since: time.Unix(readNumber(item["since"]), 0), Folders: make(map[string]watch.Bookmark),
	}
	for folder, mark := range readMap(item["folders"]) {
		m := readMap(mark)
		one := watch.Bookmark{After: folder + readText(m["after"])}
		if seen, ok := m["seen"].(*types.AttributeValueMemberL); ok {
			for _, key := range seen.Value {
				one.Seen = append(one.Seen, folder+readText(key))
			}
		}
		b.Folders[folder] = one
	}
	return b, nil
}

// SaveBookmarks implements watch.Memory. An item is 400 KB at most, so keys are
// without their folder.
func (h *Health) SaveBookmarks(ctx context.Context, vendor string, b watch.Bookmarks) error {
	folders := make(attributes)
	for folder, mark := range b.Folders {
		seen := make([]types.AttributeValue, len(mark.Seen))
		for i, key := range mark.Seen {
			seen[i] = text(strings.TrimPrefix(key, folder))
		}
		folders[folder] = &types.AttributeValueMemberM{Value: attributes{
			"after": text(strings.TrimPrefix(mark.After, folder)), "seen": &types.AttributeValueMemberL{Value: seen},
		}}
	}
	return h.put(ctx, listingID(vendor), b.Version, attributes{
		"since": number(b.Since.Unix()), "folders": &types.AttributeValueMemberM{Value: folders},
	})
}

func readMap(v types.AttributeValue) attributes {
	if m, ok := v.(*types.AttributeValueMemberM); ok {
		return m.Value
	}
	return nil
}
