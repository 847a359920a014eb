package adversary

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// A Column is a column whose chunk is the same bytes in every row group.
type Column struct {
	Name   string
	Kind   pq.Type
	Repeat pq.FieldRepetitionType
	Codec  pq.CompressionCodec
	Values int64
	Pages  []byte // with their headers
	Dict   bool   // the first of them is a dictionary
}

// Parquet is a file of row groups that all have the same bytes.
func Parquet(groups int, rows int64, columns ...Column) []byte {
	optional := func(v int32) (n thrift.Null[int32]) { n.V, n.Valid = v, true; return n }
	out := []byte("PAR1")
	meta := pq.FileMetaData{Version: 1, Schema: []pq.SchemaElement{{Name: "root", NumChildren: optional(int32(len(columns)))}}}
	g := pq.RowGroup{NumRows: rows}
	for _, c := range columns {
		e := pq.SchemaElement{Name: c.Name}
		e.Type.V, e.Type.Valid = c.Kind, true
		e.RepetitionType.V, e.RepetitionType.Valid = c.Repeat, true
		e.LogicalType.Value = new(pq.StringType)
		meta.Schema = append(meta.Schema, e)
		at := int64(len(out))
		m := pq.ColumnMetaData{Type: c.Kind, Codec: c.Codec, NumValues: c.Values, DataPageOffset: at, TotalCompressedSize: int64(len(c.Pages))}
		if c.Dict {
			m.DictionaryPageOffset = at
			m.DataPageOffset++
			m.TotalCompressedSize = int64(len(c.Pages))
		}
		out = append(out, c.Pages...)
		g.Columns = append(g.Columns, pq.ColumnChunk{MetaData: m})
	}
	for range groups {
		meta.RowGroups = append(meta.RowGroups, g)
		meta.NumRows += rows
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &meta)
	must(err)
	out = append(out, footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), "PAR1"...)
}

// page is a page with its header.
func page(kind pq.PageType, e pq.Encoding, values, unpacked int, body []byte) []byte {
	h := pq.PageHeader{Type: kind, UncompressedPageSize: int32(unpacked), CompressedPageSize: int32(len(body))}
	if kind == pq.DictionaryPage {
		h.DictionaryPageHeader.V, h.DictionaryPageHeader.Valid = pq.DictionaryPageHeader{NumValues: int32(values), Encoding: e}, true
	} else {
		h.DataPageHeader.Valid = true
		h.DataPageHeader.V = pq.DataPageHeader{NumValues: int32(values), Encoding: e, DefinitionLevelEncoding: pq.RLE, RepetitionLevelEncoding: pq.RLE}
	}
	b, err := thrift.Marshal(new(thrift.CompactProtocol), &h)
	must(err)
	return append(b, body...)
}

// runOf is one number of a byte, so many times.
func runOf(n int, number byte) []byte { return append(binary.AppendUvarint(nil, uint64(n)<<1), number) }

// levels are a data page's, with their length in front.
func levels(n int, number byte) []byte {
	b := runOf(n, number)
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)
}

func plain(s string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(s))), s...)
}

// Dictionary is a dictionary of one word, and a page of n times that word.
func Dictionary(length, n int) []byte {
	text := plain(strings.Repeat("w", length))
	indices := append([]byte{1}, runOf(n, 0)...)
	return append(page(pq.DictionaryPage, pq.Plain, 1, len(text), Zstd("", string(text), 1)),
		page(pq.DataPage, pq.RLEDictionary, n, len(indices), Zstd("", string(indices), 1))...)
}

func parquetObjects() []Object {
	return []Object{
		{Name: "parquet of one word of a MiB", Format: "parquet", Data: func() []byte {
			return Parquet(1, 200_000, Column{Name: "c", Kind: pq.ByteArray, Codec: pq.Zstd, Values: 200_000, Pages: Dictionary(1<<20, 200_000), Dict: true})
		}},
		{Name: "the same, continued", Format: "parquet", Invocations: 40, Data: func() []byte {
			return Parquet(1000, 50, Column{Name: "c", Kind: pq.ByteArray, Codec: pq.Zstd, Values: 50, Pages: Dictionary(1<<20, 50), Dict: true})
		}},
		{Name: "parquet of a list of one word", Format: "parquet", Data: func() []byte {
			text := plain(strings.Repeat("w", 1<<20))
			repetition := append(runOf(1, 0), runOf(1<<30-1, 1)...)
			body := append(binary.LittleEndian.AppendUint32(nil, uint32(len(repetition))), repetition...)
			body = append(append(body, levels(1<<30, 1)...), append([]byte{1}, runOf(1<<30, 0)...)...)
			pages := append(page(pq.DictionaryPage, pq.Plain, 1, len(text), Zstd("", string(text), 1)),
				page(pq.DataPage, pq.RLEDictionary, 1<<30, len(body), Zstd("", string(body), 1))...)
			return Parquet(1, 1, Column{Name: "c", Kind: pq.ByteArray, Codec: pq.Zstd, Repeat: pq.Repeated, Values: 1 << 30, Pages: pages, Dict: true})
		}},
		{Name: "parquet of nulls", Format: "parquet", Data: func() []byte {
			var columns []Column
			body := levels(1<<27, 0)
			for i := range 1000 {
				columns = append(columns, Column{Name: fmt.Sprint("c", i), Kind: pq.Int32, Repeat: pq.Optional, Values: 1 << 27, Pages: page(pq.DataPage, pq.Plain, 1<<27, len(body), body)})
			}
			return Parquet(1, 1<<27, columns...)
		}},
		{Name: "parquet of a long name", Format: "parquet", Data: func() []byte {
			body := make([]byte, 1<<14) // of 2^17 truth values
			return Parquet(1, 1<<17, Column{Name: strings.Repeat("n", 60<<10), Kind: pq.Boolean, Values: 1 << 17, Pages: page(pq.DataPage, pq.Plain, 1<<17, len(body), body)})
		}},
		{Name: "parquet of 180,000 columns", Format: "parquet", Data: func() []byte {
			page := page(pq.DataPage, pq.Plain, 1, 1, []byte{1})
			columns := make([]Column, 180_000)
			for i := range columns {
				columns[i] = Column{Kind: pq.Boolean, Values: 1}
			}
			columns[0].Pages = page
			return Parquet(1, 1, columns...)
		}},
		{Name: "parquet of 20,000 row groups of 20 columns", Format: "parquet", Data: func() []byte {
			var columns []Column
			for i := range 20 {
				columns = append(columns, Column{Name: fmt.Sprint("c", i), Kind: pq.Boolean})
			}
			return Parquet(20_000, 0, columns...)
		}},
		{Name: "parquet of pages that unpack to nothing", Format: "parquet", Data: func() []byte {
			zeros := Zstd("", string(make([]byte, 1<<10)), 16<<10)
			page := page(pq.DataPage, pq.Plain, 0, 16<<20, zeros)
			return Parquet(100, 1, Column{Name: "c", Kind: pq.Boolean, Codec: pq.Zstd, Values: 1, Pages: bytes.Repeat(page, 60)})
		}},
		{Name: "parquet of values that grow", Format: "parquet", Data: func() []byte {
			// DELTA_BYTE_ARRAY: the first value is a MiB, each of the others is the same.
			const n = 100_000
			// The second differs by a MiB, which takes a miniblock of its own width.
			deltas := func(first int64, rest int64) []byte {
				b := append(binary.AppendUvarint(append(binary.AppendUvarint(nil, 128), 1), n), binary.AppendVarint(nil, first)...)
				for i := 1; i < n; i += 128 {
					if i > 1 {
						b = append(append(b, 0), 0)
						continue
					}
					// The least is 0; the first of 128 numbers of 32 bits is the difference.
					b = append(append(b, binary.AppendVarint(nil, min(rest-first, 0))...), 32)
					numbers := make([]byte, 128*4)
					if d := rest - first; d < 0 {
						for j := 1; j < 128; j++ {
							binary.LittleEndian.PutUint32(numbers[4*j:], uint32(-d))
						}
					} else {
						binary.LittleEndian.PutUint32(numbers, uint32(d))
					}
					b = append(b, numbers...)
				}
				return b
			}
			body := append(append(deltas(0, 1<<20), deltas(1<<20, 0)...), strings.Repeat("v", 1<<20)...)
			return Parquet(1, n, Column{Name: "c", Kind: pq.ByteArray, Codec: pq.Zstd, Values: n, Pages: page(pq.DataPage, pq.DeltaByteArray, n, len(body), Zstd("", string(body), 1))})
		}},
	}
}
