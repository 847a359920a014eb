package parsers

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

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
