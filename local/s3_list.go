package local

import (
	"cmp"
	"context"
	"encoding/xml"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/rclone/gofakes3"
)

// ListBucket lists current objects in the order of their keys.
func (s *s3Store) ListBucket(_ context.Context, bucket string, prefix *gofakes3.Prefix, page gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[bucket]
	if b == nil {
		return nil, gofakes3.BucketNotFound(bucket)
	}
	out := gofakes3.NewObjectList()
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		o := b.objects[key][len(b.objects[key])-1]
		name, common, ok := listed(prefix, key)
		if !ok || o.marker || page.Marker != "" && (key <= page.Marker || name == page.Marker) || common && name == out.NextMarker {
			continue
		}
		if page.MaxKeys > 0 && int64(len(out.Contents)+len(out.CommonPrefixes)) == page.MaxKeys {
			out.IsTruncated = true
			return out, nil
		}
		out.NextMarker = name
		if common {
			out.AddPrefix(name)
			continue
		}
		out.Add(&gofakes3.Content{
			Key: key, LastModified: gofakes3.NewContentTime(o.modified), ETag: `"` + o.eTag() + `"`, Size: int64(len(o.body)),
			StorageClass: gofakes3.StorageClass(cmp.Or(o.meta[storageClass], "STANDARD")),
		})
	}
	out.NextMarker = ""
	return out, nil
}

// ListBucketVersions lists every version, a key's newest first.
func (s *s3Store) ListBucketVersions(bucket string, prefix *gofakes3.Prefix, page *gofakes3.ListBucketVersionsPage) (*gofakes3.ListBucketVersionsResult, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[bucket]
	if b == nil {
		return nil, gofakes3.BucketNotFound(bucket)
	}
	out := gofakes3.NewListBucketVersionsResult(bucket, prefix, page)
	past := page.KeyMarker == "" // the page's beginning was reached
	for _, key := range slices.Sorted(maps.Keys(b.objects)) {
		name, common, ok := listed(prefix, key)
		if !ok || key < page.KeyMarker || name == page.KeyMarker && page.VersionIDMarker == "" {
			continue
		}
		if common {
			out.AddPrefix(name)
			continue
		}
		past = past || key > page.KeyMarker
		versions := b.objects[key]
		for i, o := range slices.Backward(versions) {
			if !past {
				past = o.id() == string(page.VersionIDMarker)
				continue
			}
			if page.MaxKeys > 0 && int64(len(out.Versions)) == page.MaxKeys {
				out.IsTruncated = true
				return out, nil
			}
			out.NextKeyMarker, out.NextVersionIDMarker = key, gofakes3.VersionID(o.id())
			out.Versions = append(out.Versions, versionItem(o, i == len(versions)-1))
		}
	}
	out.NextKeyMarker, out.NextVersionIDMarker = "", ""
	return out, nil
}

func versionItem(o *s3Object, latest bool) gofakes3.VersionItem {
	id, modified := gofakes3.VersionID(o.id()), gofakes3.NewContentTime(o.modified)
	if o.marker {
		return &gofakes3.DeleteMarker{Key: o.key, VersionID: id, IsLatest: latest, LastModified: modified}
	}
	return &gofakes3.Version{
		Key: o.key, VersionID: id, IsLatest: latest, LastModified: modified, ETag: `"` + o.eTag() + `"`,
		Size: int64(len(o.body)), StorageClass: gofakes3.StorageClass(cmp.Or(o.meta[storageClass], "STANDARD")),
	}
}

// writeVersions answers ListObjectVersions with keys URL-encoded, which
// gofakes3 does for listings of current objects alone.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html
func (s *s3Service) writeVersions(w http.ResponseWriter, query url.Values, bucket string) {
	size, err := strconv.ParseInt(cmp.Or(query.Get("max-keys"), "1000"), 10, 64)
	if err != nil || size < 1 {
		size = 1000
	}
	out, err := s.store.ListBucketVersions(bucket, &gofakes3.Prefix{
		HasPrefix: query.Has("prefix"), Prefix: query.Get("prefix"),
		HasDelimiter: query.Has("delimiter"), Delimiter: query.Get("delimiter"),
	}, &gofakes3.ListBucketVersionsPage{
		KeyMarker: query.Get("key-marker"), VersionIDMarker: gofakes3.VersionID(query.Get("version-id-marker")), MaxKeys: min(size, 1000),
	})
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	for _, text := range []*string{&out.Prefix, &out.Delimiter, &out.KeyMarker, &out.NextKeyMarker} {
		*text = gofakes3.URLEncode(*text)
	}
	for i := range out.CommonPrefixes {
		out.CommonPrefixes[i].Prefix = gofakes3.URLEncode(out.CommonPrefixes[i].Prefix)
	}
	for _, item := range out.Versions {
		switch v := item.(type) {
		case *gofakes3.Version:
			v.Key = gofakes3.URLEncode(v.Key)
		case *gofakes3.DeleteMarker:
			v.Key = gofakes3.URLEncode(v.Key)
		}
	}
	w.Header().Set("Content-Type", "application/xml")
	_ = xml.NewEncoder(w).Encode(struct {
		*gofakes3.ListBucketVersionsResult
		EncodingType string
	}{out, "url"}) // a client that went away misses nothing
}

// listed is what a listing shows for key: itself, or the common prefix that
// ends with the first delimiter behind the asked-for prefix.
func listed(prefix *gofakes3.Prefix, key string) (name string, common, ok bool) {
	rest, ok := strings.CutPrefix(key, prefix.Prefix)
	if !ok {
		return "", false, false
	}
	if prefix.Delimiter != "" {
		if before, _, found := strings.Cut(rest, prefix.Delimiter); found {
			return prefix.Prefix + before + prefix.Delimiter, true, true
		}
	}
	return key, false, true
}
