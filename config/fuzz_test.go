package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/sources"
)

// prints are the name and the parsers of a source.
func prints(s *sources.Source) []string {
	if s.Members() == nil {
		return []string{s.Name(), s.Parser().Fingerprint()}
	}
	all := []string{s.Name()}
	for _, m := range s.Members() {
		all = append(all, prints(m)...)
	}
	return all
}

// Parse never panics; each mistake is in the file; and what it takes reads the
// same again, agrees with a plain YAML decoder, and keeps what the type
// promises.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("../testdata/config/bad/*.yaml")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range append(files, example) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(in("eu-west-1", "aws")))
	twelve := regexp.MustCompile(`^[0-9]{12}$`)
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("f", data)
		if err != nil {
			var mistakes Mistakes
			if !errors.As(err, &mistakes) || c != nil {
				t.Fatalf("%v, %T", c, err)
			}
			lines := len(regexp.MustCompile(`\r\n|\r|\n`).FindAll(data, -1)) + 1
			for _, m := range mistakes {
				if m.Line < 1 || m.Line > lines || m.Column < 1 || m.Problem == "" {
					t.Fatalf("%#v of %d lines", m, lines)
				}
			}
			return
		}
		again, err := Parse("f", data)
		if err != nil {
			t.Fatal(err)
		}
		sameSource := cmp.Comparer(func(a, b *sources.Source) bool { return slices.Equal(prints(a), prints(b)) })
		if diff := cmp.Diff(c, again, sameSource); diff != "" {
			t.Fatal(diff)
		}
		var plain struct {
			Customer, Account, Region string
			Queues                    []struct{ Buckets []struct{ Name string } }
		}
		if err := yaml.UnmarshalWithOptions(data, &plain, yaml.AllowDuplicateMapKey()); err != nil {
			t.Fatalf("taken, but a plain decoder says %v", err)
		}
		if plain.Customer != c.Customer || plain.Account != c.Account || plain.Region != c.Region || len(plain.Queues) != len(c.Queues) {
			t.Fatalf("a plain decoder reads %+v, we read %+v", plain, c)
		}
		if !twelve.MatchString(c.Account) || strings.Contains(c.ID, "-") || len(c.Devo.Endpoints) == 0 || len(c.Queues) == 0 {
			t.Fatalf("%+v", c)
		}
		for _, q := range c.Queues {
			if !strings.HasPrefix(q.ARN, "arn:aws") || (len(q.Buckets) == 0) != q.Direct() || len(q.Sources) == 0 {
				t.Fatalf("%+v", q)
			}
			if q.Vendor() {
				if q.Keys == "" || q.Direct() || len(q.Make) > 0 || q.RoleARN != "" || q.DLQ != "" || q.Listing() != (q.Visibility == 0) || q.Buckets[0].Region == "" {
					t.Fatalf("%+v", q)
				}
				continue
			}
			if q.Name() == "" || q.DLQName() == "" || q.URL() == "" || q.Region() != c.Region || !twelve.MatchString(q.CustomerAccount()) || (q.ReaderName() == "") != q.Direct() {
				t.Fatalf("%+v", q)
			}
			if q.Visibility < 6*c.Timeout+q.BatchWindow || q.Visibility > 12*time.Hour || q.BatchSize > 10 && q.BatchWindow == 0 || q.Concurrency < 2 {
				t.Fatalf("%+v", q)
			}
			for _, b := range q.Buckets {
				if !twelve.MatchString(b.Owner) || b.Name == "" || b.Region == "" {
					t.Fatalf("%+v", b)
				}
			}
		}
	})
}
