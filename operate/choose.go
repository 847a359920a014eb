package operate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/sources"
)

// Catalog is every predefined service, in order of name, the generic ones, which
// ask for a tag, last. Those that stand for others are left out.
func Catalog() (sources.Set, error) {
	var set, generic sources.Set
	for _, name := range sources.Names() {
		s, err := Service(name)
		switch {
		case err != nil:
			return nil, err
		case s.Members() != nil:
		case slices.Contains(s.Definition().Asks, "tag"):
			generic = append(generic, s)
		default:
			set = append(set, s)
		}
	}
	return append(set, generic...), nil
}

// Service is the predefined service of that name, as it is.
func Service(name string) (*sources.Source, error) {
	d, err := sources.Service(name)
	if err != nil {
		return nil, err
	}
	s, err := sources.Compile(d)
	if err != nil {
		return nil, fmt.Errorf("catalog entry %s: %w", name, err)
	}
	return s, nil
}

// Only is the one source of that name.
func Only(set sources.Set, name string) (sources.Set, error) {
	var names []string
	for i, s := range set {
		if s.Name() == name {
			return set[i : i+1], nil
		}
		names = append(names, s.Name())
	}
	if near := sources.Nearest(name, names); near != "" {
		return nil, fmt.Errorf("unknown source %q; did you mean %s?", name, near)
	}
	return nil, fmt.Errorf("unknown source %q; there are %s", name, strings.Join(names, ", "))
}

// Deployment is the sources of a deployment's queue: its ARN or its name. "" is
// all of its queues, in the file's order, among which bucket, unless it is "",
// picks those that name it. A direct queue's source takes every key, and so is
// left out unless its queue is asked for or is the only one.
func Deployment(c *config.Config, queue, bucket string) (sources.Set, error) {
	var set sources.Set
	var names []string
	for _, q := range c.Queues {
		name := q.ARN[strings.LastIndexByte(q.ARN, ':')+1:]
		names = append(names, name)
		if queue != "" && queue != name && queue != q.ARN || queue == "" && q.Direct() && len(c.Queues) > 1 {
			continue
		}
		if _, ok := bucketOf(q, bucket); ok || bucket == "" {
			set = append(set, q.Sources...)
		}
	}
	switch {
	case len(set) > 0:
		return set, nil
	case bucket != "":
		return nil, fmt.Errorf("no queue of the deployment names bucket %s: the function would refuse its objects", bucket)
	}
	return nil, fmt.Errorf("the deployment has no queue %q; there are %s", queue, strings.Join(names, ", "))
}

func bucketOf(q config.Queue, name string) (config.Bucket, bool) {
	i := slices.IndexFunc(q.Buckets, func(b config.Bucket) bool { return b.Name == name })
	if i < 0 {
		return config.Bucket{}, false
	}
	return q.Buckets[i], true
}
