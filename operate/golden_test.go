package operate

import (
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/sources"
)

var update = flag.Bool("update", false, "write what came out as what should")

// golden compares got with the file.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, file)), string(got)); diff != "" {
		t.Errorf("%s: %s", file, diff)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// put makes a file, as an Object with that key. One whose key says so is
// packed.
func put(t *testing.T, key string, content []byte) *Object {
	t.Helper()
	if strings.HasSuffix(key, ".gz") {
		var b bytes.Buffer
		z, err := gzip.NewWriterLevel(&b, gzip.NoCompression) // of a length that no version of Go changes
		if err != nil {
			t.Fatal(err)
		}
		z.Write(content)
		z.Close()
		content = b.Bytes()
	}
	path := filepath.Join(t.TempDir(), "object")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	o := File(path)
	o.Name, o.Key = key, key
	return o
}

// A sample is a directory of testdata/<source>: an object, its key, its
// deployment if the source is not of the catalog, and what `collector try`
// prints of it.
type sample struct {
	dir, source string
	sources     sources.Set
	object      *Object
}

func samples(t *testing.T) (all []sample) {
	t.Helper()
	keys, err := filepath.Glob("../testdata/*/*/key")
	if err != nil || len(keys) == 0 {
		t.Fatalf("no samples: %v", err)
	}
	for _, file := range keys {
		s := sample{dir: filepath.Dir(file), source: filepath.Base(filepath.Dir(filepath.Dir(file)))}
		s.object = put(t, strings.TrimSpace(string(read(t, file))), read(t, filepath.Join(s.dir, "object")))
		if s.sources, err = Catalog(); err != nil {
			t.Fatal(err)
		}
		if deployment := filepath.Join(s.dir, "deployment.yaml"); exists(deployment) {
			c, err := config.Load(deployment)
			if err != nil {
				t.Fatal(err)
			}
			if s.sources, err = Deployment(c, "", ""); err != nil {
				t.Fatal(err)
			}
		}
		all = append(all, s)
	}
	return all
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func TestSamples(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(strings.TrimPrefix(s.dir, "../testdata/"), func(t *testing.T) {
			var out, summary bytes.Buffer
			trial := Trial{Sources: s.sources, Tags: config.DefaultTags, Show: Text(&out, 0)}
			r, err := trial.Try(t.Context(), s.object)
			if err != nil {
				t.Fatal(err)
			}
			NewScreen(&summary).Summary(r)
			golden(t, filepath.Join(s.dir, "records"), out.Bytes())
			golden(t, filepath.Join(s.dir, "summary"), summary.Bytes())
		})
	}
}

func TestEveryServiceHasASample(t *testing.T) {
	for _, name := range sources.Names() {
		if found, _ := filepath.Glob("../testdata/" + name + "/*/key"); len(found) == 0 {
			t.Errorf("there is no testdata/%s/*/key", name)
		}
	}
}

// Its content alone shows whose an object is.
func TestDetectSamples(t *testing.T) {
	for _, s := range samples(t) {
		t.Run(strings.TrimPrefix(s.dir, "../testdata/"), func(t *testing.T) {
			likely, err := Detect(t.Context(), s.sources, s.object)
			if err != nil {
				t.Fatal(err)
			}
			if len(likely) == 0 || likely[0].Name() != s.source {
				t.Errorf("best first: %v", likely)
			}
			for _, other := range likely[min(1, len(likely)):] {
				if other.Score > 0.5*likely[0].Score {
					t.Errorf("%s is too near: %.2f and %.2f", other.Name(), other.Score, likely[0].Score)
				}
			}
		})
	}
}
