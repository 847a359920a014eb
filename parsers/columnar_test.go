package parsers

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFilesOfOtherWriters reads files that pyarrow and fastavro wrote; what must
// come out was made from the values, not from the files
// (testdata/make/columnar.py).
func TestFilesOfOtherWriters(t *testing.T) {
	for _, format := range []string{"parquet", "avro"} {
		files, err := filepath.Glob("testdata/*." + format)
		if err != nil || len(files) == 0 {
			t.Fatalf("no files of format %s: %v", format, err)
		}
		p := mustCompile(t, Spec{Format: format})
		for _, file := range files {
			t.Run(filepath.Base(file), func(t *testing.T) {
				data, want := golden(t, file)
				all, err := read(p, object(data))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, raws(all)); diff != "" {
					t.Fatalf("(-want +got):\n%s", diff)
				}
				sameFromEveryRestart(t, p, data, all)
			})
		}
	}
}

// golden is a file of testdata and its records.
func golden(t testing.TB, file string) (data []byte, want []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	name, _, _ := strings.Cut(strings.TrimSuffix(file, filepath.Ext(file)), "_")
	lines, err := os.ReadFile(name + ".jsonl")
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(lines) {
		want = append(want, strings.TrimSuffix(string(line), "\n"))
	}
	return data, want
}
