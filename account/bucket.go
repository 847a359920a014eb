package account

import (
	"context"
	"iter"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/devo-s3/collector/delivery"
)

// How Walk splits a bucket: until there are enough parts to list side by side,
// but no folder is split that has more than a few pages of its own, or lies
// deep.
const (
	walkers    = 16
	splitPages = 3
	splitDepth = 6
)

// A Listed object is one as S3 lists it.
type Listed struct {
	Key string
	// Version is "" in a listing of current objects, and on a bucket without
	// versions.
	Version  string
	ETag     string // without quotes
	Size     int64  // in bytes, as stored
	Modified time.Time
	Class    string // of storage: STANDARD, GLACIER, …
	Restored bool   // from an archive, and so it can be read for a while; of current objects alone
}

// A Bucket is one to be listed.
type Bucket struct {
	Access
	name string
	role *role
}

// Bucket is the one of that name, listed under the role of x.
func (a *Account) Bucket(name string, x Access) *Bucket {
	return &Bucket{x, name, a.role(x.roleID())}
}

// List gives the current objects under a prefix in the order of their keys,
// from behind the key after on. An error is the last thing it gives.
func (b *Bucket) List(ctx context.Context, prefix, after string) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		for page, err := range b.current(ctx, prefix, "", after) {
			if err != nil {
				yield(Listed{}, err)
				return
			}
			for _, o := range page.objects {
				if !yield(o, nil) {
					return
				}
			}
		}
	}
}

// Walk visits the objects under a prefix in no order, every version of them if
// versions is set. Up to 16 listings run side by side; visit is called by one
// of them at a time, and its error ends the walk.
func (b *Bucket) Walk(ctx context.Context, prefix string, versions bool, visit func(Listed) error) error {
	list := b.current
	if versions {
		list = b.versions
	}
	parts, err := split(ctx, prefix, list)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	todo := make(chan part)
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range min(walkers, len(parts)) {
		wg.Go(func() {
			for p := range todo {
				for page, err := range list(ctx, p.prefix, p.delimiter, "") {
					if err == nil {
						err = page.visit(&mu, visit)
					}
					if err != nil {
						cancel(err)
					}
				}
			}
		})
	}
	for _, p := range parts {
		todo <- p
	}
	close(todo)
	wg.Wait()
	return context.Cause(ctx)
}

func (p page) visit(mu *sync.Mutex, visit func(Listed) error) error {
	mu.Lock()
	defer mu.Unlock()
	for _, o := range p.objects {
		if err := visit(o); err != nil {
			return err
		}
	}
	return nil
}

// A part of a listing is all under a prefix, or with a delimiter, only what is
// in no folder below it.
type part struct{ prefix, delimiter string }

// A page of a listing.
type page struct {
	objects []Listed
	folders []string
}

// A lister gives the pages under a prefix; its error is the last.
type lister func(ctx context.Context, prefix, delimiter, after string) iter.Seq2[page, error]

func split(ctx context.Context, prefix string, list lister) (parts []part, err error) {
	open := []string{prefix}
	for depth := 0; depth < splitDepth && len(open) > 0 && len(open)+len(parts) < walkers; depth++ {
		var below []string
		for _, folder := range open {
			folders, small, err := foldersOf(ctx, folder, list)
			switch {
			case err != nil:
				return nil, err
			case small:
				parts, below = append(parts, part{folder, "/"}), append(below, folders...)
			default:
				parts = append(parts, part{folder, ""})
			}
		}
		open = below
	}
	for _, folder := range open {
		parts = append(parts, part{folder, ""})
	}
	return parts, nil
}

// foldersOf are those right below a prefix, if few pages tell.
func foldersOf(ctx context.Context, prefix string, list lister) (folders []string, small bool, err error) {
	pages := 0
	for page, err := range list(ctx, prefix, "/", "") {
		if pages++; err != nil || pages > splitPages {
			return nil, false, err
		}
		folders = append(folders, page.folders...)
	}
	return folders, true, nil
}

func (b *Bucket) current(ctx context.Context, prefix, delimiter, after string) iter.Seq2[page, error] {
	in := &s3.ListObjectsV2Input{
		Bucket: &b.name, Prefix: &prefix, Delimiter: optional(delimiter), StartAfter: optional(after),
		ExpectedBucketOwner:      optional(b.Owners[b.name]),
		OptionalObjectAttributes: []types.OptionalObjectAttributes{types.OptionalObjectAttributesRestoreStatus},
	}
	return pagesOf(ctx, s3.NewListObjectsV2Paginator(b.listings(), in), func(out *s3.ListObjectsV2Output, err error) (page, error) {
		if err != nil {
			return page{}, b.failed(prefix, err)
		}
		p := page{folders: folders(out.CommonPrefixes)}
		for _, o := range out.Contents {
			p.objects = append(p.objects, Listed{
				Key: aws.ToString(o.Key), ETag: unquoted(o.ETag), Size: aws.ToInt64(o.Size),
				Modified: aws.ToTime(o.LastModified), Class: string(o.StorageClass), Restored: isRestored(o.RestoreStatus),
			})
		}
		return p, nil
	})
}

// isRestored reports whether a restore has ended: while it lasts, the object cannot
// be read. https://docs.aws.amazon.com/AmazonS3/latest/API/API_RestoreStatus.html
func isRestored(s *types.RestoreStatus) bool {
	return s != nil && !aws.ToBool(s.IsRestoreInProgress) && s.RestoreExpiryDate != nil
}

// versions begins at the prefix's first, whatever after is.
func (b *Bucket) versions(ctx context.Context, prefix, delimiter, _ string) iter.Seq2[page, error] {
	in := &s3.ListObjectVersionsInput{
		Bucket: &b.name, Prefix: &prefix, Delimiter: optional(delimiter),
		ExpectedBucketOwner: optional(b.Owners[b.name]),
	}
	return pagesOf(ctx, s3.NewListObjectVersionsPaginator(b.listings(), in), func(out *s3.ListObjectVersionsOutput, err error) (page, error) {
		if err != nil {
			return page{}, b.failed(prefix, err)
		}
		p := page{folders: folders(out.CommonPrefixes)}
		for _, o := range out.Versions {
			version := aws.ToString(o.VersionId)
			if version == "null" {
				version = "" // of a bucket without versions
			}
			p.objects = append(p.objects, Listed{
				Key: aws.ToString(o.Key), Version: version, ETag: unquoted(o.ETag), Size: aws.ToInt64(o.Size),
				Modified: aws.ToTime(o.LastModified), Class: string(o.StorageClass),
			})
		}
		return p, nil
	})
}

// A paginator is one of the SDK's, of answers Out.
type paginator[Out any] interface {
	HasMorePages() bool
	NextPage(context.Context, ...func(*s3.Options)) (*Out, error)
}

// pagesOf are a paginator's answers, as read gives them; an error is the last.
func pagesOf[Out any](ctx context.Context, answers paginator[Out], read func(*Out, error) (page, error)) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		for answers.HasMorePages() {
			p, err := read(answers.NextPage(ctx))
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

func (b *Bucket) listings() listings { return listings{b.role.client(b.Regions[b.name])} }

func (b *Bucket) failed(prefix string, err error) error {
	return delivery.Fail(kindOf(err), "list %s: %w", name(b.name, prefix, ""), err)
}

func folders(prefixes []types.CommonPrefix) (all []string) {
	for _, p := range prefixes {
		all = append(all, aws.ToString(p.Prefix))
	}
	return all
}

func unquoted(eTag *string) string { return strings.Trim(aws.ToString(eTag), `"`) }

// optional is nil for "".
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
