package local

import (
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func TestListingInPages(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	client := s3Client(t, a, a.Root())
	for _, key := range []string{"a/1", "a/2", "b", "c//d", "c/e", "f", "f/g"} {
		put(t, a, "mine", key, "text")
	}
	put(t, a, "mine", "a/0", "text")
	if err := a.Delete("mine", "a/0"); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, prefix, delimiter, after string
		want                           []string
	}{
		{name: "all", want: []string{"a/1", "a/2", "b", "c//d", "c/e", "f", "f/g"}},
		{name: "prefix", prefix: "a", want: []string{"a/1", "a/2"}},
		{name: "folders", delimiter: "/", want: []string{"a/", "b", "c/", "f", "f/"}},
		{name: "in a folder", prefix: "c/", delimiter: "/", want: []string{"c//", "c/e"}},
		{name: "after", after: "b", want: []string{"c//d", "c/e", "f", "f/g"}},
		{name: "after a key in a folder", after: "a/1", delimiter: "/", want: []string{"a/", "b", "c/", "f", "f/"}},
		{name: "none", prefix: "z"},
	} {
		for size := int32(1); size <= 8; size++ {
			t.Run(tt.name+" by "+strconv.Itoa(int(size)), func(t *testing.T) {
				in := &s3.ListObjectsV2Input{Bucket: aws.String("mine"), Prefix: &tt.prefix, Delimiter: &tt.delimiter, MaxKeys: &size}
				if tt.after != "" {
					in.StartAfter = &tt.after
				}
				var got []string
				for pages := s3.NewListObjectsV2Paginator(client, in); pages.HasMorePages(); {
					page, err := pages.NextPage(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					if n := len(page.Contents) + len(page.CommonPrefixes); n > int(size) {
						t.Errorf("%d in a page of %d", n, size)
					}
					for _, o := range page.Contents {
						got = append(got, *o.Key)
					}
					for _, p := range page.CommonPrefixes {
						got = append(got, *p.Prefix)
					}
				}
				slices.Sort(got)
				if !slices.Equal(got, tt.want) {
					t.Errorf("got %q, want %q", got, tt.want)
				}
			})
		}
	}
}

func TestListingVersionsInPages(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{Versioned: true})
	client := s3Client(t, a, a.Root())
	for _, key := range []string{"a", "b", "a", "c"} {
		put(t, a, "mine", key, "text")
	}
	if err := a.Delete("mine", "a"); err != nil {
		t.Fatal(err)
	}
	want := []string{"a marker", "b latest", "c latest", "a", "a"}
	slices.Sort(want)
	for size := int32(1); size <= 6; size++ {
		var got []string
		in := &s3.ListObjectVersionsInput{Bucket: aws.String("mine"), MaxKeys: &size}
		for pages := s3.NewListObjectVersionsPaginator(client, in); pages.HasMorePages(); {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range page.DeleteMarkers {
				if !*m.IsLatest {
					t.Error("the marker is not the latest")
				}
				got = append(got, *m.Key+" marker")
			}
			for _, v := range page.Versions {
				name := *v.Key
				if *v.IsLatest {
					name += " latest"
				}
				got = append(got, name)
			}
		}
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("by %d: got %q, want %q", size, got, want)
		}
	}
}
