package operate

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// An Object is something to try: a file, or an object in S3.
type Object struct {
	// Name is the object's as the caller wrote it.
	Name string
	// Object is what a tag's template may use. The key of a file is its path,
	// unless the caller changes it.
	sources.Object
	open func(context.Context) (*opened, error)
}

// An opened object is to be closed when nothing of it is read any more; its
// Input's Stream is closed by whoever reads that.
type opened struct {
	parsers.Input
	io.Closer
	size int64 // in bytes, as stored
}

// File is the file at path as an Object.
func File(path string) *Object {
	return &Object{Name: path, Object: sources.Object{Key: path}, open: func(context.Context) (*opened, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		info, err := f.Stat()
		if err == nil && !info.Mode().IsRegular() {
			err = fmt.Errorf("%s is no regular file", path)
		}
		if err != nil {
			_ = f.Close()
			return nil, err
		}
		return &opened{
			// The file stays open behind its Stream for those who read it Ranged.
			Input: parsers.Input{
				Stream: io.NopCloser(f),
				Ranged: func() (io.ReaderAt, int64, error) { return f, info.Size(), nil },
			},
			Closer: f, size: info.Size(),
		}, nil
	}}
}

// empty reports whether the object has no bytes.
func (o *Object) empty(ctx context.Context) (bool, error) {
	in, err := o.open(ctx)
	if err != nil {
		return false, fmt.Errorf("%s: %w", o.Name, err)
	}
	defer in.Close()
	return in.size == 0, nil
}

// IsS3 tells whether name is the URL of an object in S3.
func IsS3(name string) bool { return strings.HasPrefix(name, "s3://") }

// S3 is the object of a URL, s3://BUCKET/KEY, as an Object. It is read with the
// caller's own credentials, or with a vendor's keys. c, which may be nil, knows
// where the bucket is.
func S3(acct *account.Account, url string, c *config.Config) (*Object, error) {
	bucket, key, ok := strings.Cut(strings.TrimPrefix(url, "s3://"), "/")
	if !ok || bucket == "" || key == "" {
		return nil, fmt.Errorf("%q names no object; write s3://BUCKET/KEY", url)
	}
	o := &Object{Name: url, Object: sources.Object{Bucket: bucket, Key: key}}
	access := account.Access{Regions: make(map[string]string), Owners: make(map[string]string)}
	if c != nil {
		for _, q := range c.Queues {
			if b, ok := bucketOf(q, bucket); ok {
				o.Region, access.Regions[bucket], access.Owners[bucket], access.Keys = b.Region, b.Region, b.Owner, q.Keys
			}
		}
	}
	store := acct.Store(access)
	o.open = func(ctx context.Context) (*opened, error) {
		want := events.Object{Bucket: bucket, Key: key}
		b, err := store.Open(ctx, want, 0, -1)
		if err != nil {
			return nil, err
		}
		// Later reads are of this version and no other.
		want.ETag, want.Size = b.ETag, b.Size
		return &opened{
			Input: parsers.Input{
				Stream: b, ContentEncoding: b.ContentEncoding,
				Ranged: func() (io.ReaderAt, int64, error) { return delivery.Ranges(ctx, store, want), b.Size, nil },
			},
			Closer: io.NopCloser(nil), size: b.Size,
		}, nil
	}
	return o, nil
}
