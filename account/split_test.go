package account

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"testing"
)

// A tree lists keys as S3 does, one entry a page.
type tree []string

func (keys tree) list(_ context.Context, prefix, delimiter, _ string) iter.Seq2[page, error] {
	return func(yield func(page, error) bool) {
		last := ""
		for _, key := range keys {
			rest, within := strings.CutPrefix(key, prefix)
			if !within {
				continue
			}
			p := page{objects: []Listed{{Key: key}}}
			if folder, _, deeper := strings.Cut(rest, delimiter); deeper && delimiter != "" {
				if p = (page{folders: []string{prefix + folder + delimiter}}); p.folders[0] == last {
					continue
				}
				last = p.folders[0]
			}
			if !yield(p, nil) {
				return
			}
		}
	}
}

// TestSplit: a bucket is divided until there is enough to list side by side, but
// no folder is split that has more than a few pages of its own, or lies deep.
// Whatever the parts are, each key is in one of them.
func TestSplit(t *testing.T) {
	numbered := func(n int, name string) (keys tree) {
		for i := range n {
			keys = append(keys, fmt.Sprintf(name, i))
		}
		return keys
	}
	deep := tree{strings.Repeat("d/", 9) + "key"}
	two := slices.Concat(numbered(3, "a/%d/x"), numbered(3, "b/%d/x"))
	for name, c := range map[string]struct {
		keys tree
		want []part
	}{
		"nothing":          {nil, []part{{"", "/"}}},
		"few objects":      {tree{"a", "b"}, []part{{"", "/"}}},
		"many objects":     {numbered(splitPages+1, "%d"), []part{{"", ""}}},
		"a folder of many": {numbered(splitPages+1, "a/%d"), []part{{"", "/"}, {"a/", ""}}},
		"two of two": {two, []part{
			{"", "/"}, {"a/", "/"}, {"b/", "/"}, {"a/0/", "/"}, {"a/1/", "/"}, {"a/2/", "/"}, {"b/0/", "/"}, {"b/1/", "/"}, {"b/2/", "/"},
		}},
		"deep": {deep, []part{{"", "/"}, {"d/", "/"}, {"d/d/", "/"}, {"d/d/d/", "/"}, {"d/d/d/d/", "/"}, {"d/d/d/d/d/", "/"}, {"d/d/d/d/d/d/", ""}}},
	} {
		t.Run(name, func(t *testing.T) {
			parts, err := split(t.Context(), "", c.keys.list)
			if err != nil || !slices.Equal(parts, c.want) {
				t.Errorf("parts %q, %v, want %q", parts, err, c.want)
			}
			var got tree
			for _, p := range parts {
				for page := range c.keys.list(t.Context(), p.prefix, p.delimiter, "") {
					for _, o := range page.objects {
						got = append(got, o.Key)
					}
				}
			}
			slices.Sort(got)
			if !slices.Equal(got, slices.Sorted(slices.Values(c.keys))) {
				t.Errorf("the parts hold %q, want %q", got, c.keys)
			}
		})
	}
	// Enough is enough: what is open then is not looked into.
	var keys tree
	for i := range 3 {
		for j := range 3 {
			keys = append(keys, numbered(3, fmt.Sprintf("%d/%d/", i, j)+"%d/x/y")...)
		}
	}
	parts, err := split(t.Context(), "", keys.list)
	if n := len(parts); err != nil || n < walkers || slices.ContainsFunc(parts, func(p part) bool { return strings.HasSuffix(p.prefix, "/x/") }) {
		t.Errorf("%d parts: %q, %v", n, parts, err)
	}
	failing := func(context.Context, string, string, string) iter.Seq2[page, error] {
		return func(yield func(page, error) bool) { yield(page{}, errors.New("refused")) }
	}
	if _, err := split(t.Context(), "", failing); err == nil {
		t.Error("a listing that fails is split")
	}
}

// Objects in no folder are seen also where they are on an earlier page than the
// last folders.
func TestLooseObjectsOnAnEarlierPage(t *testing.T) {
	b := newBench(t)
	_, x := feed(b)
	b.check(b.aws.Put("feed", "org/0-loose", []byte("body")))
	for i := range 1001 {
		b.check(b.aws.Put("feed", fmt.Sprintf("org/f%04d/x", i), []byte("body")))
	}
	folders, err := b.VendorBucket("feed", "org/", x).Folders(t.Context())
	b.check(err)
	if len(folders) != 1002 || !slices.Contains(folders, "org/") {
		t.Errorf("%d folders, with the loose objects' %t", len(folders), slices.Contains(folders, "org/"))
	}
}
