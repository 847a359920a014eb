package parsers

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// A pattern is a file most of which repeats itself, so that gigabytes need
// neither disk nor memory.
type pattern struct {
	parts []part
	size  int64
}

// A part is bytes that come a number of times.
type part struct {
	at    int64
	bytes []byte
}

func (f *pattern) add(b []byte, times int) {
	f.parts = append(f.parts, part{f.size, b})
	f.size += int64(len(b)) * int64(times)
}

// ReadAt implements io.ReaderAt.
func (f *pattern) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) {
		at := off + int64(n)
		if at >= f.size {
			return n, io.EOF
		}
		i := sort.Search(len(f.parts), func(i int) bool { return f.parts[i].at > at }) - 1
		p, end := f.parts[i], f.size
		if i+1 < len(f.parts) {
			end = f.parts[i+1].at
		}
		room := int(min(int64(len(b)-n), end-at))
		n += copy(b[n:n+room], p.bytes[(at-p.at)%int64(len(p.bytes)):])
	}
	return n, nil
}

// largeParquet is a file of row groups of columns of text, each of so many pages
// of 1 MiB and 1,024 rows.
func largeParquet(t testing.TB, groups, columns, pages int) (f *pattern, rows int64) {
	t.Helper()
	const perPage, length = 1 << 10, 1 << 10
	optional := func(v int32) (n thrift.Null[int32]) { n.V, n.Valid = v, true; return n }
	marshal := func(v any) []byte {
		b, err := thrift.Marshal(new(thrift.CompactProtocol), v)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	r := rand.New(rand.NewPCG(7, 8))
	var body []byte
	for range perPage {
		body = append(body, length&255, length>>8, 0, 0)
		for range length {
			body = append(body, "abcdefghijklmnopqrstuvwxyz0123456789"[r.IntN(36)])
		}
	}
	var header pq.PageHeader
	header.Type = pq.DataPage
	header.UncompressedPageSize, header.CompressedPageSize = int32(len(body)), int32(len(body))
	header.DataPageHeader.Valid = true
	header.DataPageHeader.V = pq.DataPageHeader{NumValues: perPage, Encoding: pq.Plain, DefinitionLevelEncoding: pq.RLE, RepetitionLevelEncoding: pq.RLE}
	page := append(marshal(&header), body...)

	meta := pq.FileMetaData{Version: 1, Schema: []pq.SchemaElement{{Name: "root", NumChildren: optional(int32(columns))}}}
	for i := range columns {
		e := pq.SchemaElement{Name: "column" + strconv.Itoa(i)}
		e.Type.V, e.Type.Valid = pq.ByteArray, true
		e.LogicalType.Value = new(pq.StringType)
		meta.Schema = append(meta.Schema, e)
	}
	f = new(pattern)
	f.add([]byte("PAR1"), 1)
	for range groups {
		g := pq.RowGroup{NumRows: int64(pages * perPage)}
		for range columns {
			var c pq.ColumnChunk
			c.MetaData = pq.ColumnMetaData{Type: pq.ByteArray, NumValues: g.NumRows, DataPageOffset: f.size, TotalCompressedSize: int64(pages * len(page))}
			f.add(page, pages)
			g.Columns = append(g.Columns, c)
		}
		meta.NumRows += g.NumRows
		meta.RowGroups = append(meta.RowGroups, g)
	}
	footer := marshal(&meta)
	f.add(footer, 1)
	f.add([]byte{byte(len(footer)), byte(len(footer) >> 8), byte(len(footer) >> 16), 0, 'P', 'A', 'R', '1'}, 1)
	return f, meta.NumRows
}

// input reads the pattern as an object.
func (f *pattern) input() Input {
	return Input{
		Stream: io.NopCloser(io.NewSectionReader(f, 0, f.size)),
		Ranged: func() (io.ReaderAt, int64, error) { return f, f.size, nil },
	}
}

func (f *pattern) count(t testing.TB, p *Parser) (rows int64) {
	t.Helper()
	for _, err := range p.Records(t.Context(), f.input()) {
		if err != nil {
			t.Fatal(err)
		}
		rows++
	}
	return rows
}

// TestMemoryOfParquetIsFlat reads a row group of 160 MiB with no more memory
// than 20 columns' pages and what is read ahead take.
func TestMemoryOfParquetIsFlat(t *testing.T) {
	file, want := largeParquet(t, 1, 20, 8)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rows := file.count(t, mustCompile(t, Spec{Format: "parquet"}))
	runtime.ReadMemStats(&after)
	if rows != want {
		t.Errorf("%d rows, want %d", rows, want)
	}
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 48<<20 {
		t.Errorf("%d MiB allocated in all", grown>>20)
	}
}

// BenchmarkParquetOfTwoGigabytes reads two row groups of 1 GiB, whose pages are
// their own bytes and are made as they are read. The peak is that of the
// process.
func BenchmarkParquetOfTwoGigabytes(b *testing.B) {
	file, want := largeParquet(b, 2, 20, 51)
	p := mustCompile(b, Spec{Format: "parquet"})
	b.SetBytes(file.size)
	for b.Loop() {
		if rows := file.count(b, p); rows != want {
			b.Fatalf("%d rows, want %d", rows, want)
		}
	}
	b.ReportMetric(float64(peak())/1024, "peak-MiB")
}

// peak is the most resident memory the process had, in KiB; 0 where there is no
// /proc.
func peak() (kib int) {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range bytes.Lines(status) {
		if rest, ok := strings.CutPrefix(string(line), "VmHWM:"); ok {
			kib, _ = strconv.Atoi(strings.Fields(rest)[0])
		}
	}
	return kib
}
