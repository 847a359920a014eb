package parsers

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"
)

// The bounds of docs/security.md, as the objects below are held to them: written
// here a second time, so that a change of one is seen.
const (
	boundFree    = 64 << 20 // units
	boundRatio   = 2000     // units for each stored byte
	boundRecord  = 64       // units of a record beside its bytes
	boundSlack   = 5 << 20  // the record that goes beyond, at most max_record, and its neighbours
	boundMemory  = 256      // MiB allocated in all, live or not
	boundInvoked = 50       // records, after which an invocation ends here and the next goes on
)

// An adversary is a kind of object that is valid to its last byte, or as near to
// it as makes no difference, and as expensive as it can be for each byte stored.
type adversary struct {
	name string
	spec Spec
	data func(testing.TB) []byte
	// invocations is how many go on from each other; 0 is one, which ends with
	// the object.
	invocations int
}

// TestNoObjectCostsMoreThanItsBounds: what comes out of an object, and the memory
// allocated for it, is within bounds of what is stored, also when it is read on
// from each Restart, as a continuation does.
func TestNoObjectCostsMoreThanItsBounds(t *testing.T) {
	for _, a := range adversaries() {
		t.Run(a.name, func(t *testing.T) {
			data := a.data(t)
			p := mustCompile(t, a.spec)
			most := int64(boundFree + boundRatio*len(data) + boundSlack)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			units, records, err := spentOn(p, data, a.invocations, most)
			runtime.ReadMemStats(&after)
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d bytes stored, %d records, %d units of %d, %d MiB allocated, %v", len(data), records, units, most, allocated, err)
			if units > most {
				t.Errorf("%d records of %d units from %d bytes: more than %d", records, units, len(data), most)
			}
			if allocated > boundMemory {
				t.Errorf("%d MiB allocated for %d bytes", allocated, len(data))
			}
			if err != nil && !isCorrupt(err) && !errors.Is(err, errInvoked) {
				t.Error(err)
			}
		})
	}
}

// errInvoked says that the last of the invocations ended before the object.
var errInvoked = errors.New("invocations are over")

// spentOn reads an object as invocations do that confirm boundInvoked records each
// and are then over, and counts what comes out. It gives up beyond most.
func spentOn(p *Parser, data []byte, invocations int, most int64) (units, records int64, err error) {
	var next int64
	var from Restart
	for i := 0; ; i++ {
		in := object(data[from.Offset:])
		in.Restart = from
		left := boundInvoked
		err := func() error {
			for r, err := range p.Records(context.Background(), in) {
				if err != nil {
					return err
				}
				if r.Restart != nil {
					from = *r.Restart
				}
				if r.Index < next {
					continue
				}
				if units, records = units+int64(len(r.Raw))+boundRecord, records+1; units > most {
					return errInvoked
				}
				next = r.Index + 1
				if left--; invocations > 0 && left <= 0 && r.Restart != nil {
					return errInvoked
				}
			}
			return nil
		}()
		if err == nil || !errors.Is(err, errInvoked) || i+1 >= invocations || units > most {
			return units, records, err
		}
	}
}

func adversaries() (all []adversary) {
	add := func(name string, spec Spec, data func(testing.TB) []byte) {
		all = append(all, adversary{name: name, spec: spec, data: data})
	}
	text := func(name string, spec Spec, head, body string, times int) {
		add(name, spec, func(testing.TB) []byte { return zstdText(head, body, times) })
	}
	text("lines of one byte", Spec{Format: "lines"}, "", "a\n", 16<<20)
	text("lines of one byte in gzip", Spec{Format: "lines"}, "", "", 0)
	all[len(all)-1].data = func(testing.TB) []byte { return pack(bytes.Repeat([]byte("a\n"), 8<<20)) }
	text("records of many lines that never end", Spec{Format: "lines", Options: &LinesOptions{End: "z$"}}, "", "a\n", 8<<20)
	names := strings.Repeat("n", 390)
	var header []string
	for i := range maxColumns {
		header = append(header, fmt.Sprint(names, i))
	}
	text("csv of long names", Spec{Format: "csv", Options: &CSVOptions{Header: "json"}}, strings.Join(header, ",")+"\n", strings.Repeat(",", maxColumns-1)+"\n", 2000)
	text("csv of quotes", Spec{Format: "csv", Options: &CSVOptions{Header: "json"}}, "a,b\n", `"","`+"\n\"\"\n\",\n", 2<<20)
	text("w3c of long names", Spec{Format: "w3c", Options: &W3COptions{Record: "json"}}, "#Fields: "+strings.Join(header, " ")+"\n", strings.Repeat("- ", maxColumns-1)+"-\n", 2000)
	text("json array of digits", Spec{Format: "json"}, "[0", ",0", 8<<20)
	text("json array of objects", Spec{Format: "json", Fields: []string{"a.b"}}, "[{}", ",{}", 8<<20)
	text("json nested", Spec{Format: "json", Fields: []string{"a.b"}}, "[", strings.Repeat(`{"a":`, 9000)+"1"+strings.Repeat("}", 9000)+",", 400)
	text("json of escapes", Spec{Format: "json", Options: &JSONOptions{Shape: "lines"}, Fields: []string{"a"}}, "", `{"\u0061":"\u0000\"\\"}`+"\n", 2<<20)
	text("cloudwatch of empty events", Spec{Format: "cloudwatch"}, `{"messageType":"DATA_MESSAGE","logGroup":"`+names+`","logEvents":[{"message":"a"}`, `,{"message":"a"}`, 4<<20)
	text("cloudwatch of envelopes", Spec{Format: "cloudwatch"}, "", `{"logEvents":[{}]}`, 4<<20)
	text("xml of empty elements", Spec{Format: "xml"}, "<Events>", "<Event/>", 8<<20)
	text("xml of attributes", Spec{Format: "xml", Fields: []string{"@z"}}, "<Events>", "<Event "+strings.Repeat("a='' ", 5_000)+"/>", 200)
	text("xml around its records", Spec{Format: "xml"}, "<Events>", strings.Repeat("<a>", 5000)+strings.Repeat("</a>", 5000), 300)
	text("cef of extensions", Spec{Format: "cef", Fields: []string{"zz"}}, "", "CEF:0|a|b|c|d|e|1|"+strings.Repeat("a=1 ", 5_000)+"\n", 200)
	text("syslog of one byte", Spec{Format: "syslog"}, "", "<1>a\n", 8<<20)
	text("syslog by octets", Spec{Format: "syslog", Options: &SyslogOptions{Framing: "octets"}}, "", "1 a", 8<<20)
	all = append(all, avroAdversaries()...)
	return append(all, parquetAdversaries()...)
}

// zstdText is head and body, many times, packed as well as can be.
func zstdText(head, body string, times int) []byte {
	var out bytes.Buffer
	w, _ := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(4<<20))
	io.WriteString(w, head)
	piece := max((256<<10)/len(body+" "), 1)
	many := strings.Repeat(body, piece)
	for ; times > 0; times -= piece {
		io.WriteString(w, many[:len(body)*min(piece, times)])
	}
	w.Close()
	return out.Bytes()
}

func avroAdversaries() []adversary {
	long := strings.Repeat("n", 60<<10)
	keep := Spec{Format: "avro", Options: &AvroOptions{Nulls: "keep"}}
	of := func(codec, schema string, n int, blocks ...[]byte) func(testing.TB) []byte {
		return func(testing.TB) []byte { return avroFile(codec, schema, n, blocks...) }
	}
	zeros := make([]byte, 1<<17)
	packed := func(codec func(testing.TB) []byte, n int) [][]byte {
		var blocks [][]byte
		for range n {
			blocks = append(blocks, codec(nil))
		}
		return blocks
	}
	zstdZeros := func(testing.TB) []byte { return zstdText("", string(make([]byte, 1<<10)), 16<<10) }
	return []adversary{
		{name: "avro of 2^44 values without bytes", spec: Spec{Format: "avro"}, data: of("null", doubling(45), 1, nil)},
		{name: "the same, kept", spec: keep, data: of("null", doubling(45), 1, nil)},
		{name: "avro of a long name", spec: keep, data: of("null", `{"type":"record","name":"R","fields":[{"name":"`+long+`","type":"boolean"}]}`, len(zeros), zeros)},
		{name: "avro of a long name that is left out", spec: Spec{Format: "avro"}, data: of("null", `{"type":"record","name":"R","fields":[{"name":"`+long+`","type":["null","int"]}]}`, len(zeros), zeros)},
		{name: "avro of a long symbol", spec: keep, data: of("null", `{"type":"array","items":{"type":"enum","name":"E","symbols":["`+long+`"]}}`, 1, append(append(avroLong(1<<17-1), zeros[1:]...), 0))},
		{name: "avro of any number of empty records", spec: keep, data: of("null", `{"type":"record","name":"R","fields":[]}`, 1<<40, nil)},
		{name: "avro of an array of nulls", spec: keep, data: of("null", `{"type":"array","items":"null"}`, 1, append(avroLong(1<<50), 0))},
		{name: "avro of blocks of zeros", spec: keep, data: of("zstandard", `"boolean"`, 16<<20, packed(zstdZeros, 20)...)},
		{name: "avro of a vast schema", spec: keep, data: of("null", `{"type":"record","name":"R","fields":[`+wideSchema(7<<19)+`{"name":"z","type":"int"}]}`, 1, zeros)},
		{name: "avro of a deep schema", spec: keep, data: of("null", strings.Repeat(`{"type":"array","items":`, 9000)+`"int"`+strings.Repeat("}", 9000), 1, []byte{0})},
	}
}

// doubling is a schema of n types, each a record of two of the next, the last of
// nothing: 2^(n-1) values of no bytes.
func doubling(n int) string {
	types := `{"type":"record","name":"R0","fields":[{"name":"a","type":"null"}]}`
	for i := 1; i < n; i++ {
		types = fmt.Sprintf(`{"type":"record","name":"R%d","fields":[{"name":"a","type":%s},{"name":"b","type":"R%d"}]}`, i, types, i-1)
	}
	return types
}

func wideSchema(size int) string {
	var b strings.Builder
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `{"name":"f%d","type":["null","int"]},`, i)
	}
	return b.String()
}

// A hostileColumn is a column whose chunk is the same bytes in every row group.
type hostileColumn struct {
	name   string
	kind   pq.Type
	repeat pq.FieldRepetitionType
	codec  pq.CompressionCodec
	values int64
	pages  []byte // with their headers
	dict   bool   // the first of them is a dictionary
}

// hostileParquet is a file of row groups that all have the same bytes.
func hostileParquet(t testing.TB, groups int, rows int64, columns ...hostileColumn) []byte {
	t.Helper()
	optional := func(v int32) (n thrift.Null[int32]) { n.V, n.Valid = v, true; return n }
	out := []byte("PAR1")
	meta := pq.FileMetaData{Version: 1, Schema: []pq.SchemaElement{{Name: "root", NumChildren: optional(int32(len(columns)))}}}
	g := pq.RowGroup{NumRows: rows}
	for _, c := range columns {
		e := pq.SchemaElement{Name: c.name}
		e.Type.V, e.Type.Valid = c.kind, true
		e.RepetitionType.V, e.RepetitionType.Valid = c.repeat, true
		e.LogicalType.Value = new(pq.StringType)
		meta.Schema = append(meta.Schema, e)
		at := int64(len(out))
		m := pq.ColumnMetaData{Type: c.kind, Codec: c.codec, NumValues: c.values, DataPageOffset: at, TotalCompressedSize: int64(len(c.pages))}
		if c.dict {
			m.DictionaryPageOffset = at
			m.DataPageOffset++
			m.TotalCompressedSize = int64(len(c.pages))
		}
		out = append(out, c.pages...)
		g.Columns = append(g.Columns, pq.ColumnChunk{MetaData: m})
	}
	for range groups {
		meta.RowGroups = append(meta.RowGroups, g)
		meta.NumRows += rows
	}
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &meta)
	if err != nil {
		t.Fatal(err)
	}
	out = append(out, footer...)
	return append(binary.LittleEndian.AppendUint32(out, uint32(len(footer))), "PAR1"...)
}

// hostilePage is a page with its header.
func hostilePage(t testing.TB, kind pq.PageType, e pq.Encoding, values, unpacked int, body []byte) []byte {
	t.Helper()
	h := pq.PageHeader{Type: kind, UncompressedPageSize: int32(unpacked), CompressedPageSize: int32(len(body))}
	if kind == pq.DictionaryPage {
		h.DictionaryPageHeader.V, h.DictionaryPageHeader.Valid = pq.DictionaryPageHeader{NumValues: int32(values), Encoding: e}, true
	} else {
		h.DataPageHeader.Valid = true
		h.DataPageHeader.V = pq.DataPageHeader{NumValues: int32(values), Encoding: e, DefinitionLevelEncoding: pq.RLE, RepetitionLevelEncoding: pq.RLE}
	}
	b, err := thrift.Marshal(new(thrift.CompactProtocol), &h)
	if err != nil {
		t.Fatal(err)
	}
	return append(b, body...)
}

// runOf is one number of a byte, so many times.
func runOf(n int, number byte) []byte { return append(binary.AppendUvarint(nil, uint64(n)<<1), number) }

// levels are a data page's, with their length in front.
func levels(n int, number byte) []byte {
	b := runOf(n, number)
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(b))), b...)
}

func plainText(s string) []byte {
	return append(binary.LittleEndian.AppendUint32(nil, uint32(len(s))), s...)
}

// dictionaryOfOne is a dictionary of one word, and a page of n times that word.
func dictionaryOfOne(t testing.TB, length, n int) []byte {
	text := plainText(strings.Repeat("w", length))
	indices := append([]byte{1}, runOf(n, 0)...)
	return append(hostilePage(t, pq.DictionaryPage, pq.Plain, 1, len(text), zstdText("", string(text), 1)),
		hostilePage(t, pq.DataPage, pq.RLEDictionary, n, len(indices), zstdText("", string(indices), 1))...)
}

func parquetAdversaries() []adversary {
	spec := Spec{Format: "parquet"}
	return []adversary{
		{name: "parquet of one word of a MiB", spec: spec, data: func(t testing.TB) []byte {
			return hostileParquet(t, 1, 200_000, hostileColumn{name: "c", kind: pq.ByteArray, codec: pq.Zstd, values: 200_000, pages: dictionaryOfOne(t, 1<<20, 200_000), dict: true})
		}},
		{name: "the same, continued", spec: spec, invocations: 40, data: func(t testing.TB) []byte {
			return hostileParquet(t, 1000, 50, hostileColumn{name: "c", kind: pq.ByteArray, codec: pq.Zstd, values: 50, pages: dictionaryOfOne(t, 1<<20, 50), dict: true})
		}},
		{name: "parquet of a list of one word", spec: spec, data: func(t testing.TB) []byte {
			text := plainText(strings.Repeat("w", 1<<20))
			repetition := append(runOf(1, 0), runOf(1<<30-1, 1)...)
			body := append(binary.LittleEndian.AppendUint32(nil, uint32(len(repetition))), repetition...)
			body = append(append(body, levels(1<<30, 1)...), append([]byte{1}, runOf(1<<30, 0)...)...)
			pages := append(hostilePage(t, pq.DictionaryPage, pq.Plain, 1, len(text), zstdText("", string(text), 1)),
				hostilePage(t, pq.DataPage, pq.RLEDictionary, 1<<30, len(body), zstdText("", string(body), 1))...)
			return hostileParquet(t, 1, 1, hostileColumn{name: "c", kind: pq.ByteArray, codec: pq.Zstd, repeat: pq.Repeated, values: 1 << 30, pages: pages, dict: true})
		}},
		{name: "parquet of nulls", spec: spec, data: func(t testing.TB) []byte {
			var columns []hostileColumn
			body := levels(1<<27, 0)
			for i := range 1000 {
				columns = append(columns, hostileColumn{name: fmt.Sprint("c", i), kind: pq.Int32, repeat: pq.Optional, values: 1 << 27, pages: hostilePage(t, pq.DataPage, pq.Plain, 1<<27, len(body), body)})
			}
			return hostileParquet(t, 1, 1<<27, columns...)
		}},
		{name: "parquet of a long name", spec: spec, data: func(t testing.TB) []byte {
			body := make([]byte, 1<<14) // of 2^17 truth values
			return hostileParquet(t, 1, 1<<17, hostileColumn{name: strings.Repeat("n", 60<<10), kind: pq.Boolean, values: 1 << 17, pages: hostilePage(t, pq.DataPage, pq.Plain, 1<<17, len(body), body)})
		}},
		{name: "parquet of 180,000 columns", spec: spec, data: func(t testing.TB) []byte {
			page := hostilePage(t, pq.DataPage, pq.Plain, 1, 1, []byte{1})
			columns := make([]hostileColumn, 180_000)
			for i := range columns {
				columns[i] = hostileColumn{kind: pq.Boolean, values: 1}
			}
			columns[0].pages = page
			return hostileParquet(t, 1, 1, columns...)
		}},
		{name: "parquet of 20,000 row groups of 20 columns", spec: spec, data: func(t testing.TB) []byte {
			var columns []hostileColumn
			for i := range 20 {
				columns = append(columns, hostileColumn{name: fmt.Sprint("c", i), kind: pq.Boolean})
			}
			return hostileParquet(t, 20_000, 0, columns...)
		}},
		{name: "parquet of pages that unpack to nothing", spec: spec, data: func(t testing.TB) []byte {
			zeros := zstdText("", string(make([]byte, 1<<10)), 16<<10)
			page := hostilePage(t, pq.DataPage, pq.Plain, 0, 16<<20, zeros)
			return hostileParquet(t, 100, 1, hostileColumn{name: "c", kind: pq.Boolean, codec: pq.Zstd, values: 1, pages: bytes.Repeat(page, 60)})
		}},
		{name: "parquet of values that grow", spec: spec, data: func(t testing.TB) []byte {
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
			return hostileParquet(t, 1, n, hostileColumn{name: "c", kind: pq.ByteArray, codec: pq.Zstd, values: n, pages: hostilePage(t, pq.DataPage, pq.DeltaByteArray, n, len(body), zstdText("", string(body), 1))})
		}},
	}
}
