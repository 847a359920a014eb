package operate

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/sources"
)

// A Choice says which objects of a bucket are meant.
type Choice struct {
	Bucket string `json:"bucket"`
	Prefix string `json:"prefix,omitempty"`
	// Queue is the ARN or name of the entry whose rules apply; "" is each that
	// names the bucket, in the file's order.
	Queue string `json:"queue,omitempty"`
	// Source is the name of the only source whose objects are meant; "" is all.
	Source string `json:"source,omitempty"`
	// Since and Until bound when the objects were last modified; Until is not in
	// it. Zero is unbounded.
	Since time.Time `json:"since,omitzero"`
	Until time.Time `json:"until,omitzero"`
}

// Why an object in a bucket is not to be collected, the stronger reasons last.
const (
	leftOutside  = "outside the prefixes and suffixes of the file"
	leftNoSource = "no source takes the key"
	leftRefused  = "refused, as the sources say"
	leftIgnored  = "ignored, as the sources say"
	leftOther    = "of another source"
	leftArchived = "archived; restore them first"
)

var reasons = []string{leftOutside, leftNoSource, leftRefused, leftIgnored, leftOther, leftArchived}

// A chooser tells the objects that are meant from others.
type chooser struct {
	Choice
	feeds []feed
	// shared reports whether several queues of the deployment name the bucket,
	// those that the choice leaves out included: see delivery.SharedBuckets.
	shared bool
}

// A feed is a queue with one of its buckets.
type feed struct {
	queue  *config.Queue
	bucket config.Bucket
}

func newChooser(c *config.Config, choice Choice) (*chooser, error) {
	all := &chooser{Choice: choice}
	var names []string
	var buckets [][]string
	for i := range c.Queues {
		q := &c.Queues[i]
		buckets = append(buckets, bucketNames(q))
		if !choice.queue(q) {
			continue
		}
		if b, ok := bucketOf(*q, choice.Bucket); ok {
			all.feeds, names = append(all.feeds, feed{q, b}), append(names, taking(q.Sources)...)
		}
	}
	all.shared = delivery.SharedBuckets(buckets...)[choice.Bucket]
	switch {
	case len(all.feeds) == 0 && choice.Queue != "":
		return nil, fmt.Errorf("the deployment has no queue %q that names bucket %s", choice.Queue, choice.Bucket)
	case len(all.feeds) == 0:
		return nil, fmt.Errorf("no queue of the deployment names bucket %s: the function would refuse its objects", choice.Bucket)
	case choice.Source != "" && !slices.Contains(names, choice.Source):
		return nil, fmt.Errorf("no source %q takes objects of bucket %s; there are %s", choice.Source, choice.Bucket, strings.Join(names, ", "))
	}
	return all, nil
}

// listed are the prefixes by which the bucket is listed, in order: no more than
// the file names, because the operator's role may list no more.
func (c *chooser) listed() (prefixes []string) {
	var all []string
	for _, f := range c.feeds {
		if len(f.bucket.Prefixes) == 0 {
			return []string{c.Prefix}
		}
		for _, p := range f.bucket.Prefixes {
			switch {
			case strings.HasPrefix(p, c.Prefix):
				all = append(all, p)
			case strings.HasPrefix(c.Prefix, p):
				all = append(all, c.Prefix)
			}
		}
	}
	slices.Sort(all)
	for _, p := range all { // what begins with another is behind it
		if n := len(prefixes); n == 0 || !strings.HasPrefix(p, prefixes[n-1]) {
			prefixes = append(prefixes, p)
		}
	}
	if len(prefixes) == 0 {
		return []string{c.Prefix} // to say how much is outside
	}
	return prefixes
}

// visit visits all objects of the choice's bucket, in no order.
func (c *chooser) visit(ctx context.Context, b *account.Bucket, versions bool, f func(account.Listed) error) error {
	for _, prefix := range c.listed() {
		if err := b.Walk(ctx, prefix, versions, f); err != nil {
			return err
		}
	}
	return nil
}

// queue tells whether the rules of a queue apply.
func (c Choice) queue(q *config.Queue) bool {
	return c.Queue == "" || c.Queue == q.ARN || c.Queue == q.Name()
}

// taking names the sources that a Match can name: in place of one that stands
// for others, those.
func taking(set sources.Set) (names []string) {
	for _, s := range set {
		if members := s.Members(); members != nil {
			names = append(names, taking(members)...)
			continue
		}
		names = append(names, s.Name())
	}
	return names
}

// meant tells whether an object is within the choice's prefix and time.
func (c *chooser) meant(o *account.Listed) bool {
	return strings.HasPrefix(o.Key, c.Prefix) && !o.Modified.Before(c.Since) && (c.Until.IsZero() || o.Modified.Before(c.Until))
}

// A taker is a queue and the one of its sources that takes an object.
type taker struct {
	queue  *config.Queue
	source string
}

// choose returns the takers of an object, at most one a queue, or why there is
// none.
func (c *chooser) choose(o *account.Listed) (all []taker, left string) {
	for _, f := range c.feeds {
		source, why := f.take(o)
		if why == "" && c.Source != "" && c.Source != source {
			why = leftOther
		}
		if why == "" {
			all = append(all, taker{f.queue, source})
			continue
		}
		if left == "" || slices.Index(reasons, why) > slices.Index(reasons, left) {
			left = why
		}
	}
	if len(all) > 0 {
		left = ""
	}
	return all, left
}

// identity is the ledger's of an object that a queue takes.
func (c *chooser) identity(o *account.Listed, queue string) delivery.Identity {
	id := delivery.Identity{Bucket: c.Bucket, Key: o.Key, Version: cmp.Or(o.Version, o.ETag)}
	if c.shared {
		id.Queue = queue
	}
	return id
}

func bucketNames(q *config.Queue) (names []string) {
	for _, b := range q.Buckets {
		names = append(names, b.Name)
	}
	return names
}

func (f feed) take(o *account.Listed) (source, left string) {
	within := anyEnd(f.bucket.Prefixes, o.Key, strings.HasPrefix) && anyEnd(f.bucket.Suffixes, o.Key, strings.HasSuffix)
	match, taken := f.queue.Sources.Match(o.Key)
	switch {
	case !within:
		return "", leftOutside
	case !taken:
		return "", leftNoSource
	case match.Refused != "":
		return "", leftRefused
	case match.Ignored || o.Size == 0 && isFolder(o.Key):
		return "", leftIgnored
	case (o.Class == "GLACIER" || o.Class == "DEEP_ARCHIVE") && !o.Restored:
		return match.Source.Name(), leftArchived
	}
	return match.Source.Name(), ""
}

// anyEnd tells whether a key has one of the prefixes or suffixes; none stands
// for all keys.
func anyEnd(ends []string, key string, has func(string, string) bool) bool {
	return len(ends) == 0 || slices.ContainsFunc(ends, func(end string) bool { return has(key, end) })
}
