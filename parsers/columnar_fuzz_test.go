package parsers

import (
	"bytes"
	"encoding/json"
	"io"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// seedFiles adds files of testdata, the smaller ones, and what the tests make.
func seedFiles(f *testing.F, pattern string, more ...[]byte) {
	files, err := filepath.Glob("testdata/" + pattern)
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		data, _ := golden(f, file)
		f.Add(data)
	}
	for _, data := range more {
		f.Add(data)
	}
}

// checkBinary reads data in several ways, which must give the same: valid JSON
// without line breaks, fields that are part of it, and no error but that the
// object is corrupt.
func checkBinary(t *testing.T, p *Parser, data []byte) {
	all, err := read(p, object(data))
	if err != nil && !isCorrupt(err) {
		t.Fatalf("%v is not a CorruptError", err)
	}
	for _, g := range all {
		if g.Lost == 0 && !json.Valid([]byte(g.Raw)) || bytes.ContainsAny([]byte(g.Raw), "\r\n") {
			t.Fatalf("record %q", g.Raw)
		}
	}
	again, err2 := read(blocksOf(p, 600), Input{
		Stream: io.NopCloser(bytes.NewReader(data)),
		Ranged: func() (io.ReaderAt, int64, error) { return bytes.NewReader(data), int64(len(data)), nil },
	})
	if (err == nil) != (err2 == nil) {
		t.Fatalf("%v, in small blocks %v", err, err2)
	}
	if !reflect.DeepEqual(all, again) {
		t.Fatalf("in small blocks (-whole +small):\n%s", cmp.Diff(all, again))
	}
	if err == nil && len(data) > 0 && data[0] != 0x1f {
		sameFromEveryRestart(t, p, data, all)
	}
}

func FuzzParquet(f *testing.F) {
	var file bytes.Buffer
	parquetFlows(f, &file, 20, 7, parquet.Compression(&parquet.Brotli), parquet.PageBufferSize(100))
	seedFiles(f, "[no]*.parquet", file.Bytes(), parquetOf(f, deepRows), parquetOf(f, deepRows, parquet.Compression(&parquet.Lz4Raw), parquet.DataPageVersion(1)))
	old, _ := legacyFiles(f)
	for name, data := range old {
		if strings.HasPrefix(name, "nested") {
			f.Add(data)
		}
	}
	p := mustCompile(f, Spec{Format: "parquet", Fields: []string{"id", "group.a", "tags.k", "m.a", "g.h.b", "each", "text"}, MaxRecord: 1 << 20})
	f.Fuzz(func(t *testing.T, data []byte) { checkBinary(t, p, data) })
}

func FuzzAvro(f *testing.F) {
	flows, _ := avroFlows(f, 1000)
	seedFiles(f, "*.avro", people(), flows[:2000], avroFile("deflate", `"null"`, 3, []byte{3, 0}))
	p := mustCompile(f, Spec{Format: "avro", Fields: []string{"name", "best.name", "tags.k", "tree.v", "m.a"}, MaxRecord: 1 << 20})
	f.Fuzz(func(t *testing.T, data []byte) { checkBinary(t, p, data) })
}
