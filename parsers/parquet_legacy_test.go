package parsers

import (
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
	"github.com/pierrec/lz4/v4"
)

var compact = new(thrift.CompactProtocol)

// aPage is one of a file that is written anew. Levels stand in front of the body
// of a page of version 2, and are never packed.
type aPage struct {
	*pq.PageHeader
	levels, body []byte
	unpacked     int // bytes of the body
}

// packed reports whether the page is packed by the chunk's codec.
func (p *aPage) packed() bool {
	v := p.DataPageHeaderV2
	return !v.Valid || !v.V.IsCompressed.Valid || v.V.IsCompressed.V
}

// rewriteParquet writes a file anew as another writer would have: change edits
// each page, chunk each column chunk, whose length is without the bytes that
// follow its pages' headers, and footer the rest.
func rewriteParquet(t testing.TB, data []byte, page func(*aPage), chunk func(c *pq.ColumnMetaData, dictionaryHeader int64), footer func(*pq.FileMetaData)) []byte {
	t.Helper()
	size := int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	var meta pq.FileMetaData
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(thrift.Unmarshal(compact, data[len(data)-8-size:len(data)-8], &meta))
	out := []byte("PAR1")
	for g := range meta.RowGroups {
		for i := range meta.RowGroups[g].Columns {
			c := &meta.RowGroups[g].Columns[i]
			m := &c.MetaData
			at := m.DataPageOffset
			if m.DictionaryPageOffset > 0 {
				at = min(at, m.DictionaryPageOffset)
			}
			from, end, dictionaryHeader := len(out), at+m.TotalCompressedSize, int64(0)
			m.DataPageOffset, m.DictionaryPageOffset = 0, 0
			for at < end {
				n, err := thriftLength(data[at:end])
				must(err)
				p := aPage{PageHeader: new(pq.PageHeader)}
				must(thrift.Unmarshal(compact, data[at:at+int64(n)], p.PageHeader))
				p.body = slices.Clone(data[at+int64(n):][:p.CompressedPageSize])
				p.unpacked = int(p.UncompressedPageSize)
				if v := p.DataPageHeaderV2; v.Valid {
					levels := int(v.V.RepetitionLevelsByteLength + v.V.DefinitionLevelsByteLength)
					p.levels, p.body, p.unpacked = p.body[:levels], p.body[levels:], p.unpacked-levels
				}
				at += int64(n) + int64(p.CompressedPageSize)
				if page != nil {
					page(&p)
				}
				p.CompressedPageSize, p.CRC = int32(len(p.levels)+len(p.body)), 0
				head, err := thrift.Marshal(compact, p.PageHeader)
				must(err)
				switch {
				case p.Type == pq.DictionaryPage:
					m.DictionaryPageOffset, dictionaryHeader = int64(len(out)), int64(len(head))
				case m.DataPageOffset == 0:
					m.DataPageOffset = int64(len(out))
				}
				out = slices.Concat(out, head, p.levels, p.body)
			}
			m.TotalCompressedSize = int64(len(out) - from)
			c.OffsetIndexOffset, c.OffsetIndexLength, c.ColumnIndexOffset, c.ColumnIndexLength = 0, 0, 0, 0
			m.BloomFilterOffset, m.BloomFilterLength, c.FileOffset = 0, 0, 0
			if chunk != nil {
				chunk(m, dictionaryHeader)
			}
		}
	}
	if footer != nil {
		footer(&meta)
	}
	tail, err := thrift.Marshal(compact, &meta)
	must(err)
	out = binary.LittleEndian.AppendUint32(append(out, tail...), uint32(len(tail)))
	return append(out, "PAR1"...)
}

func createdByOf(text string) func(*pq.FileMetaData) {
	return func(m *pq.FileMetaData) { m.CreatedBy = text }
}

func legacyLZ4(c *pq.ColumnMetaData, _ int64) { c.Codec = pq.Lz4 }

// hadoopFrame packs b as Hadoop frames LZ4: in blocks of so many bytes, each of
// pieces.
func hadoopFrame(t testing.TB, b []byte, block, piece int) (out []byte) {
	for len(b) > 0 {
		n := min(block, len(b))
		out = binary.BigEndian.AppendUint32(out, uint32(n))
		for part := range slices.Chunk(b[:n], piece) {
			packed := make([]byte, lz4.CompressBlockBound(len(part)))
			size, err := lz4.CompressBlock(part, packed, nil)
			if err != nil || size == 0 {
				t.Fatal(size, err)
			}
			out = append(binary.BigEndian.AppendUint32(out, uint32(size)), packed[:size]...)
		}
		b = b[n:]
	}
	return out
}

// unpackedLZ4 is what a page of codec lz4_raw holds.
func unpackedLZ4(t testing.TB, p *aPage) []byte {
	if p.unpacked == 0 {
		return nil
	}
	out := make([]byte, p.unpacked)
	if n, err := lz4.UncompressBlock(p.body, out); err != nil || n != p.unpacked {
		t.Fatal(n, err)
	}
	return out
}

// legacyFiles are files of writers that are no more, with the records of the file
// that each was made of.
func legacyFiles(t testing.TB) (files map[string][]byte, want map[string][]string) {
	files, want = make(map[string][]byte), make(map[string][]string)
	for _, from := range []string{"scalars", "nested"} {
		add := func(name, file string, page func(*aPage), chunk func(*pq.ColumnMetaData, int64), footer func(*pq.FileMetaData)) {
			data, rows := golden(t, "testdata/"+from+"_"+file+".parquet")
			name = from + ": " + name
			files[name], want[name] = rewriteParquet(t, data, page, chunk, footer), rows
		}
		hadoop := func(block, piece int) func(*aPage) {
			return func(p *aPage) {
				if p.packed() {
					p.body = hadoopFrame(t, unpackedLZ4(t, p), block, piece)
				}
			}
		}
		add("lz4 as Hadoop frames it", "lz4_v2_dictionary", hadoop(1<<20, 1<<20), legacyLZ4, nil)
		add("lz4 in many blocks of pieces", "lz4_v2_dictionary", hadoop(40, 17), legacyLZ4, nil)
		add("lz4 without a frame", "lz4_v2_dictionary", nil, legacyLZ4, nil)
		short := func(c *pq.ColumnMetaData, header int64) { c.TotalCompressedSize -= header }
		add("short chunks of parquet-mr", "snappy_v1_dictionary", nil, short, createdByOf("parquet-mr version 1.2.8 (build 1)"))
		add("whole chunks of parquet-mr", "snappy_v1_dictionary", nil, nil, createdByOf("parquet-mr"))
		unsaid := func(p *aPage) {
			if p.DataPageHeaderV2.Valid {
				if !p.packed() && p.unpacked > 0 {
					p.body = pack(p.body)
				}
				p.DataPageHeaderV2.V.IsCompressed = thrift.Null[bool]{V: false, Valid: true}
			}
		}
		add("packed pages of parquet-cpp", "gzip_v2_delta", unsaid, nil, createdByOf("parquet-cpp version 1.5.1-SNAPSHOT"))
		said := func(p *aPage) { p.DataPageHeaderV2.V.IsCompressed = thrift.Null[bool]{V: false, Valid: true} }
		add("plain pages of parquet-cpp", "none_v2_plain", said, nil, createdByOf("parquet-cpp version 1.5.1-SNAPSHOT"))
		add("pages as they are", "lz4_v2_dictionary", nil, nil, nil)
	}
	return files, want
}

func TestParquetOfOldWriters(t *testing.T) {
	files, want := legacyFiles(t)
	p := mustCompile(t, Spec{Format: "parquet"})
	for name, data := range files {
		t.Run(name, func(t *testing.T) {
			all, err := read(p, object(data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want[name], raws(all)); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			sameFromEveryRestart(t, p, data, all)
		})
	}
}

// TestFaultsOfOldWritersAreNotForgivenToOthers: what is right of one writer's
// files is damage in another's.
func TestFaultsOfOldWritersAreNotForgivenToOthers(t *testing.T) {
	data, _ := golden(t, "testdata/scalars_snappy_v1_dictionary.parquet")
	short := func(by int64) func(*pq.ColumnMetaData, int64) {
		return func(c *pq.ColumnMetaData, header int64) {
			if header > 0 {
				c.TotalCompressedSize -= header + by
			}
		}
	}
	packed, _ := golden(t, "testdata/scalars_gzip_v2_delta.parquet")
	unsaid := func(p *aPage) {
		if p.DataPageHeaderV2.Valid {
			p.DataPageHeaderV2.V.IsCompressed = thrift.Null[bool]{V: false, Valid: true}
		}
	}
	broken := func(p *aPage) {
		if p.packed() {
			p.body = append(hadoopFrame(t, unpackedLZ4(t, p), 40, 17), 0)
		}
	}
	lz, _ := golden(t, "testdata/scalars_lz4_v2_dictionary.parquet")
	for name, file := range map[string][]byte{
		"short chunks of a later parquet-mr":   rewriteParquet(t, data, nil, short(0), createdByOf("parquet-mr version 1.2.9")),
		"short chunks of nobody":               rewriteParquet(t, data, nil, short(0), createdByOf("")),
		"chunks that are shorter still":        rewriteParquet(t, data, nil, short(1), createdByOf("parquet-mr version 1.2.8")),
		"packed pages of a later parquet-cpp":  rewriteParquet(t, packed, unsaid, nil, createdByOf("parquet-cpp version 2.0.0")),
		"packed pages of arrow":                rewriteParquet(t, packed, unsaid, nil, createdByOf("parquet-cpp-arrow version 1.0.0")),
		"a frame of Hadoop's with a byte more": rewriteParquet(t, lz, broken, legacyLZ4, nil),
	} {
		if _, err := read(mustCompile(t, Spec{Format: "parquet"}), object(file)); !isCorrupt(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// bareParquet has so many rows and no column.
func bareParquet(t *testing.T, rows int64) []byte {
	type one struct {
		A int32 `parquet:"a"`
	}
	return rewriteParquet(t, parquetOf(t, []one{{1}}), nil, nil, func(m *pq.FileMetaData) {
		m.Schema = m.Schema[:1]
		m.Schema[0].NumChildren = thrift.Null[int32]{Valid: true}
		m.ColumnOrders, m.NumRows = nil, rows
		m.RowGroups[0].Columns, m.RowGroups[0].NumRows, m.RowGroups[0].SortingColumns = nil, rows, nil
	})
}

func TestParquetWithoutColumns(t *testing.T) {
	p := mustCompile(t, Spec{Format: "parquet", Fields: []string{"a"}})
	for rows, want := range map[int64][]string{0: nil, 3: {"{}", "{}", "{}"}} {
		all, err := read(p, object(bareParquet(t, rows)))
		if err != nil || !slices.Equal(raws(all), want) {
			t.Errorf("%d rows: %q, %v", rows, raws(all), err)
		}
	}
}

func TestRowsWithoutColumnsHaveAnEnd(t *testing.T) {
	exhaustive(t)
	if _, err := read(mustCompile(t, Spec{Format: "parquet"}), object(bareParquet(t, 1<<40))); !isCorrupt(err) {
		t.Errorf("a row for nothing, without end: %v", err)
	}
}

func TestWriterOf(t *testing.T) {
	for text, want := range map[string]writerFaults{
		"":           {},
		"parquet-mr": {shortChunks: true},
		"parquet-mr version 1.2.8 (build 0a1b2c)": {shortChunks: true},
		"parquet-mr version 1.2.9-SNAPSHOT":       {},
		"parquet-mr version 1.10.0":               {},
		"parquet-mr version 0.9.9999":             {shortChunks: true},
		"parquet-cpp version 1.5.1-SNAPSHOT":      {packedPages: true},
		"parquet-cpp version 2.0.0":               {},
		"parquet-cpp-arrow version 1.0.0":         {},
		"my parquet-mr version 1.0.0":             {},
		"parquet-mr version 99999.0.0":            {},
		strings.Repeat("parquet-mr ", 1000):       {},
	} {
		if got := writerOf(text); got != want {
			t.Errorf("%.60q: %+v, want %+v", text, got, want)
		}
	}
}

// FuzzHadoopLZ4 frames bytes in every way, and reads what is no frame without
// more memory than it may take.
func FuzzHadoopLZ4(f *testing.F) {
	f.Add([]byte("abcabcabcabcabc"), uint16(4), uint16(2))
	f.Add([]byte{0, 0, 0, 9, 0, 0, 0, 3, 1, 2, 3}, uint16(0), uint16(0))
	f.Fuzz(func(t *testing.T, data []byte, block, piece uint16) {
		var c codecs
		if out, err := c.unpack("lz4_hadoop", []byte("before"), data, 100); len(out) > 100 || err == nil && string(out[:6]) != "before" {
			t.Fatalf("%d bytes, %v", len(out), err)
		}
		if len(data) == 0 {
			return
		}
		framed := hadoopFrame(t, data, int(block)+1, int(piece)+1)
		out, err := c.unpack("lz4_hadoop", nil, framed, len(data))
		if err != nil || string(out) != string(data) {
			t.Fatalf("%q in blocks of %d and pieces of %d: %q, %v", data, block, piece, out, err)
		}
		if _, err := c.unpack("lz4_hadoop", nil, framed[:len(framed)-1], len(data)); err == nil {
			t.Fatal("a frame without its last byte")
		}
	})
}
