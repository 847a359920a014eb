package config

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/sources"
)

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
		sameSource := cmp.Comparer(func(a, b *sources.Source) bool {
			return a.Name() == b.Name() && a.Parser().Fingerprint() == b.Parser().Fingerprint()
		})
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
			if !strings.HasPrefix(q.ARN, "arn:aws") || len(q.Buckets) == 0 || len(q.Sources) == 0 {
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
