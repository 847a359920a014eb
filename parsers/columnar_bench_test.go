package parsers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/parquet-go/parquet-go"
)

// flow is a row as of a flow log: 20 columns, some optional, a list, a decimal,
// a timestamp.
type flow struct {
	Version     int32    `parquet:"version" avro:"version" json:"version"`
	Account     string   `parquet:"account_id,dict" avro:"account_id" json:"account_id"`
	Interface   string   `parquet:"interface_id,dict" avro:"interface_id" json:"interface_id"`
	Source      string   `parquet:"srcaddr" avro:"srcaddr" json:"srcaddr"`
	Destination string   `parquet:"dstaddr" avro:"dstaddr" json:"dstaddr"`
	SourcePort  int32    `parquet:"srcport" avro:"srcport" json:"srcport"`
	Port        int32    `parquet:"dstport" avro:"dstport" json:"dstport"`
	Protocol    int32    `parquet:"protocol" avro:"protocol" json:"protocol"`
	Packets     int64    `parquet:"packets" avro:"packets" json:"packets"`
	Bytes       int64    `parquet:"bytes" avro:"bytes" json:"bytes"`
	Start       int64    `parquet:"start,timestamp(millisecond)" avro:"start" json:"start"`
	End         int64    `parquet:"end,delta" avro:"end" json:"end"`
	Action      string   `parquet:"action,dict" avro:"action" json:"action"`
	Status      string   `parquet:"log_status,dict" avro:"log_status" json:"log_status"`
	VPC         *string  `parquet:"vpc_id,optional,dict" avro:"vpc_id" json:"vpc_id,omitempty"`
	Subnet      *string  `parquet:"subnet_id,optional" avro:"subnet_id" json:"subnet_id,omitempty"`
	Flags       *int32   `parquet:"tcp_flags,optional" avro:"tcp_flags" json:"tcp_flags,omitempty"`
	Region      string   `parquet:"region,dict" avro:"region" json:"region"`
	Path        []string `parquet:"flow_path,list" avro:"flow_path" json:"flow_path"`
	Score       float64  `parquet:"score" avro:"score" json:"score"`
}

const flowSchema = `{"type":"record","name":"Flow","fields":[
	{"name":"version","type":"int"},{"name":"account_id","type":"string"},{"name":"interface_id","type":"string"},
	{"name":"srcaddr","type":"string"},{"name":"dstaddr","type":"string"},{"name":"srcport","type":"int"},{"name":"dstport","type":"int"},
	{"name":"protocol","type":"int"},{"name":"packets","type":"long"},{"name":"bytes","type":"long"},
	{"name":"start","type":"long"},{"name":"end","type":"long"},{"name":"action","type":"string"},{"name":"log_status","type":"string"},
	{"name":"vpc_id","type":["null","string"]},{"name":"subnet_id","type":["null","string"]},{"name":"tcp_flags","type":["null","int"]},
	{"name":"region","type":"string"},{"name":"flow_path","type":{"type":"array","items":"string"}},{"name":"score","type":"double"}]}`

// flows gives invented rows.
func flows() func() flow {
	r := rand.New(rand.NewPCG(5, 6))
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	vpc, subnet := "vpc-0a1b2c3d4e5f60718", "subnet-00112233445566778"
	start := int64(1_780_000_000_000)
	return func() flow {
		start += r.Int64N(1000)
		f := flow{
			Version: 5, Account: "111122223333", Interface: fmt.Sprintf("eni-%017x", r.IntN(4000)),
			Source: fmt.Sprintf("10.%d.%d.%d", r.IntN(4), r.IntN(256), r.IntN(256)), Destination: fmt.Sprintf("172.31.%d.%d", r.IntN(256), r.IntN(256)),
			SourcePort: int32(1024 + r.IntN(60000)), Port: 443, Protocol: 6, Packets: int64(r.IntN(50)), Bytes: int64(r.IntN(60000)),
			Start: start, End: start/1000 + 60, Action: pick("ACCEPT", "REJECT"), Status: "OK", Region: pick("eu-west-1", "us-east-1"), Score: r.Float64(), Path: []string{},
		}
		if r.IntN(3) > 0 {
			flags := int32(r.IntN(32))
			f.VPC, f.Subnet, f.Flags = &vpc, &subnet, &flags
		}
		for range r.IntN(3) {
			f.Path = append(f.Path, pick("igw", "tgw", "nat"))
		}
		return f
	}
}

// parquetFlows writes rows into w as parquet.
func parquetFlows(t testing.TB, w io.Writer, rows, rowGroup int, options ...parquet.WriterOption) {
	t.Helper()
	out := parquet.NewGenericWriter[flow](w, append(options, parquet.MaxRowsPerRowGroup(int64(rowGroup)), parquet.DataPageStatistics(true))...)
	next := flows()
	batch := make([]flow, 0, 1000)
	for i := range rows {
		if batch = append(batch, next()); len(batch) == cap(batch) || i == rows-1 {
			if _, err := out.Write(batch); err != nil {
				t.Fatal(err)
			}
			batch = batch[:0]
		}
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

// avroFile is a container file of blocks of encoded data, n records each.
func avroFile(codec, schema string, n int, blocks ...[]byte) []byte {
	sync := []byte("0123456789abcdef")
	long := func(n int) []byte { return avroLong(int64(n)) }
	sized := func(b string) []byte { return append(long(len(b)), b...) }
	out := bytes.Join([][]byte{[]byte("Obj\x01"), long(2), sized("avro.schema"), sized(schema), sized("avro.codec"), sized(codec), long(0), sync}, nil)
	for _, b := range blocks {
		out = bytes.Join([][]byte{out, long(n), long(len(b)), b, sync}, nil)
	}
	return out
}

// avroLong is a number, encoded.
func avroLong(n int64) (b []byte) {
	u := uint64(n)<<1 ^ uint64(n>>63)
	for ; u >= 0x80; u >>= 7 {
		b = append(b, byte(u)|0x80)
	}
	return append(b, byte(u))
}

// avroFlows is rows as avro, in blocks of a thousand, and those blocks.
func avroFlows(t testing.TB, rows int) (file []byte, blocks [][]byte) {
	t.Helper()
	schema := avro.MustParse(flowSchema)
	next := flows()
	for range rows / 1000 {
		var block []byte
		for range 1000 {
			b, err := avro.Marshal(schema, next())
			if err != nil {
				t.Fatal(err)
			}
			block = append(block, b...)
		}
		blocks = append(blocks, block)
	}
	return avroFile("null", flowSchema, 1000, blocks...), blocks
}

// BenchmarkColumnar reads flows from memory: MB/s are of the JSON that comes
// out. "bare" is the library alone, which makes nothing of what it reads: of
// parquet, column after column's values; of avro, a struct for each record.
func BenchmarkColumnar(b *testing.B) {
	const rows = 200_000
	records := func(p *Parser, data []byte) func(*testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			var n, out int
			for b.Loop() {
				n, out = 0, 0
				for r, err := range p.Records(context.Background(), object(data)) {
					if err != nil {
						b.Fatal(err)
					}
					n++
					out += len(r.Raw)
				}
			}
			if n != rows {
				b.Fatalf("%d records", n)
			}
			b.SetBytes(int64(out))
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/record")
		}
	}
	fields := []string{"account_id", "region"}
	for _, codec := range []struct {
		name string
		parquet.WriterOption
	}{{"snappy", parquet.Compression(&parquet.Snappy)}, {"zstd", parquet.Compression(&parquet.Zstd)}} {
		var file bytes.Buffer
		parquetFlows(b, &file, rows, 50_000, codec)
		p := mustCompile(b, Spec{Format: "parquet", Fields: fields})
		b.Run("parquet/"+codec.name, records(p, file.Bytes()))
		b.Run("parquet/"+codec.name+"_bare", func(b *testing.B) {
			for b.Loop() {
				bare(b, file.Bytes())
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/record")
		})
	}
	file, blocks := avroFlows(b, rows)
	b.Run("avro", records(mustCompile(b, Spec{Format: "avro", Fields: fields}), file))
	b.Run("avro_bare", func(b *testing.B) {
		schema := avro.MustParse(flowSchema)
		for b.Loop() {
			for _, block := range blocks {
				d := avro.NewDecoderForSchema(schema, bytes.NewReader(block))
				for range 1000 {
					var f flow
					if err := d.Decode(&f); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/rows, "ns/record")
	})
}

// bare reads every value of a parquet file.
func bare(b *testing.B, data []byte) {
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)), parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true))
	if err != nil {
		b.Fatal(err)
	}
	values := make([]parquet.Value, 1000)
	for _, g := range f.RowGroups() {
		for _, c := range g.ColumnChunks() {
			pages := c.Pages()
			for {
				page, err := pages.ReadPage()
				if err == io.EOF {
					break
				}
				if err != nil {
					b.Fatal(err)
				}
				for r := page.Values(); ; {
					if _, err := r.ReadValues(values); err != nil {
						break
					}
				}
				parquet.Release(page)
			}
			pages.Close()
		}
	}
}
