package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/cmd/collector/workload"
	"github.com/devo-s3/collector/sources"
)

// Each service of the catalog has sample objects, and on its shelf each of them
// goes to that service, or to one that it stands for.
func TestShelves(t *testing.T) {
	samples, err := workload.Samples("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	shelves, err := shelve(samples)
	if err != nil {
		t.Fatal(err)
	}
	seen, objects := make(map[string]bool), make(map[string]bool)
	for i, sh := range shelves {
		for _, o := range sh.objects {
			service, err := sources.Service(o.Service)
			if err != nil {
				t.Fatal(err)
			}
			m, ok := sh.set.Match(o.Key)
			if !ok {
				t.Errorf("%s of %s goes nowhere", o.Key, o.Service)
			} else if name := m.Source.Name(); name != o.Service && !slices.Contains(service.Services, name) {
				t.Errorf("%s of %s goes to %s", o.Key, o.Service, name)
			}
			if o.Bucket != stack.ShelfBucket(i) || objects[o.Bucket+"/"+o.Key] {
				t.Errorf("%s/%s is there twice, or in the wrong bucket", o.Bucket, o.Key)
			}
			objects[o.Bucket+"/"+o.Key], seen[o.Service] = true, true
		}
	}
	for _, name := range sources.Names() {
		if !seen[name] {
			t.Errorf("there is no sample of %s", name)
		}
	}
	t.Logf("%d objects of %d services on %d shelves", len(objects), len(seen), len(shelves))
}

func writeSample(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSamplesLeftOut(t *testing.T) {
	for _, tt := range []struct {
		why   string
		files map[string]string
		want  int
	}{
		{"whole", map[string]string{"key": "a.log\n", "object": "x\n", "records": "my.app\tx\n"}, 1},
		{"one with an error", map[string]string{"key": "a.log\n", "object": "x\n", "records": "my.app\tx\n", "error": "corrupt\n"}, 0},
		{"one with a line break, or a backslash and an n", map[string]string{"key": "a.log\n", "object": "x\ny\n", "records": "my.app\tx\\ny\n"}, 0},
		{"JSON, which has no line breaks", map[string]string{"key": "a.log\n", "object": `{"a":"x\ny"}`, "records": `my.app` + "\t" + `{"a":"x\ny"}` + "\n"}, 1},
	} {
		dir := t.TempDir()
		writeSample(t, filepath.Join(dir, "service", "case"), tt.files)
		samples, err := workload.Samples(dir)
		if err != nil || len(samples) != tt.want {
			t.Errorf("%s: %d samples, %v", tt.why, len(samples), err)
		}
	}
	if _, err := workload.Samples(t.TempDir()); err == nil {
		t.Error("an empty directory has samples")
	}
}

// Two objects may hold the same record: it must arrive twice.
func TestBooksOfARecordThatIsPutTwice(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"one", "two"} {
		writeSample(t, filepath.Join(dir, "service", name), map[string]string{"key": name, "object": "x\n", "records": "my.app\tx\n"})
	}
	samples, err := workload.Samples(dir)
	if err != nil {
		t.Fatal(err)
	}
	books := workload.NewBooks()
	for _, o := range samples {
		books.Put(o)
	}
	for i, want := range []workload.Balance{
		{Put: 2, Lost: 2},
		{Put: 2, Received: 1, Lost: 1, Bytes: 1},
		{Put: 2, Received: 2, Bytes: 2},
		{Put: 2, Received: 3, Duplicated: 1, Bytes: 3},
	} {
		if i > 0 {
			books.Received([]byte("my.app"), []byte("x"))
		}
		got := books.Balance()
		if got.Put != want.Put || got.Received != want.Received || got.Lost != want.Lost || got.Duplicated != want.Duplicated || got.Strangers != 0 {
			t.Errorf("after %d: %+v", i, got)
		}
	}
	if n := books.From("", "one", 0); n != 1 {
		t.Errorf("%d of the object's records have arrived", n)
	}
}
