package parsers

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
	pq "github.com/parquet-go/parquet-go/format"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

var update = flag.Bool("update", false, "write the table of BenchmarkTable into "+tableFile)

const (
	tableFile  = "../docs/formats.md"
	tableBegin = "<!-- bench-parsers -->\n"
	tableEnd   = "<!-- /bench-parsers -->"
	tableRuns  = 9 // odd, for a median
)

// A tableRow is a parser with an object of invented logs, and what must be done
// with that whatever becomes of it.
type tableRow struct {
	name   string
	spec   Spec
	stored []byte
	size   int // in unpacked bytes
	floor  func() error
}

// BenchmarkTable compares every parser with its floor: reading and unpacking the
// same object, in the same way and the same run. Runs of both are interleaved,
// because machines are noisy; the medians count, and seconds are those of a CPU.
func BenchmarkTable(b *testing.B) {
	var rows []tableRow
	add := func(name string, s Spec, data []byte) {
		stored := pack(data)
		rows = append(rows, tableRow{name, s, stored, len(data), func() error { return unpacked(stored) }})
	}
	flows := func(name string, s Spec, header, row string) { add(name, s, flowsAs(header, row)) }
	names := "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"
	commas := strings.ReplaceAll(names, " ", ",")
	const plain = "%s %s %s %s %s %s %s %s %s %s %s %s %s %s\n"
	fields := []string{"recipientAccountId", "awsRegion"}
	flows("lines", Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}}, names, plain)
	flows("lines, `header: json`", Spec{Format: "lines", Options: &LinesOptions{Header: "json", Separator: "space"}}, names, plain)
	add("json, an array", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}, Fields: fields}, cloudTrail(benchSize))
	add("json, `shape: lines`", Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}, Fields: fields}, jsonLines(benchSize, "\n"))
	add("json, `shape: concatenated`", Spec{Format: "json", Options: &JSONOptions{Shape: shapeConcatenated}, Fields: fields}, jsonLines(benchSize, ""))
	flows("csv", Spec{Format: "csv"}, commas, `"%s",%s,%s,"%s","%s",%s,%s,%s,%s,%s,%s,%s,%s,%s`+"\n")
	flows("csv, `header: json`", Spec{Format: "csv", Options: &CSVOptions{Header: "json"}}, commas, `"%s",%s,%s,"%s","%s",%s,%s,%s,%s,%s,%s,%s,%s,%s`+"\n")
	flows("w3c", Spec{Format: "w3c", Fields: []string{"srcaddr"}}, "#Version: 1.0\n#Fields: "+names, strings.ReplaceAll(plain, " ", "\t"))
	add("cloudwatch", Spec{Format: "cloudwatch", Fields: []string{"owner", "logGroup"}}, cloudWatchLogs(benchSize))
	flows("cef", Spec{Format: "cef", Fields: []string{"deviceVendor", "dst"}}, "",
		"CEF:0|Acme|Wall|%s.0|100|flow|5|cs1=%s cs2=%s src=%s dst=%s spt=%s dpt=%s proto=%s cnt=%s out=%s start=%s end=%s act=%s outcome=%s\n")
	flows("syslog", Spec{Format: "syslog", Fields: []string{"facility", "app"}}, "",
		"<165>1 2026-05-01T10:00:00.003Z host-%s flowd %s %s - src=%s dst=%s spt=%s dpt=%s proto=%s cnt=%s out=%s start=%s end=%s act=%s outcome=%s\n")
	add("xml", Spec{Format: "xml", Fields: []string{"System/EventID", "EventData/Data[@Name='IpAddress']"}}, windowsEvents(benchSize))
	rows = append(rows, parquetRow(b))
	file, _ := avroFlows(b, 200_000)
	add("avro", Spec{Format: "avro", Fields: []string{"account_id", "region"}}, file)

	for b.Loop() {
		var table strings.Builder
		table.WriteString("| parser | MB/s | floor, MB/s | of the floor | allocations per record |\n|---|---|---|---|---|\n")
		for _, r := range rows {
			table.WriteString(r.measure(b))
		}
		fmt.Println(table.String())
		if *update {
			write(b, table.String())
		}
	}
}

// flowsAs are VPC flow logs' 14 columns in rows of another kind.
func flowsAs(header, row string) []byte {
	out := bytes.NewBufferString(header)
	_, lines, _ := bytes.Cut(vpcFlow(benchSize), []byte("\n"))
	for line := range bytes.Lines(lines) {
		var cells []any
		for cell := range bytes.FieldsSeq(line) {
			cells = append(cells, cell)
		}
		fmt.Fprintf(out, row, cells...)
	}
	return out.Bytes()
}

// measure is the parser's row of the table.
func (r tableRow) measure(b *testing.B) string {
	p := mustCompile(b, r.spec)
	var own, floor, ratios []float64
	records, allocations := 0, uint64(1<<63)
	for range tableRuns {
		least := seconds(b, r.floor)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		took := seconds(b, func() (err error) {
			records, err = r.count(p)
			return err
		})
		runtime.ReadMemStats(&after)
		allocations = min(allocations, after.Mallocs-before.Mallocs)
		own, floor, ratios = append(own, took), append(floor, least), append(ratios, least/took)
	}
	mb := float64(r.size) / 1e6
	return fmt.Sprintf("| %s | %.0f | %.0f | %.2f | %.3f |\n", r.name,
		mb/median(own), mb/median(floor), median(ratios), float64(allocations)/float64(records))
}

func (r tableRow) count(p *Parser) (records int, err error) {
	in := object(r.stored)
	in.Ranged = func() (io.ReaderAt, int64, error) { return bytes.NewReader(r.stored), int64(len(r.stored)), nil }
	for _, err := range p.Records(context.Background(), in) {
		if err != nil {
			return records, err
		}
		records++
	}
	return records, nil
}

// unpacked reads an object as a Parser does, and does nothing with it.
func unpacked(stored []byte) error {
	r := unpack.New(object(stored).Stream, unpack.Options{})
	defer r.Close()
	for {
		if _, err := r.Next(context.Background()); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// parquetRow's floor unpacks every page.
func parquetRow(b *testing.B) tableRow {
	var file bytes.Buffer
	parquetFlows(b, &file, 200_000, 50_000, parquet.Compression(&parquet.Snappy))
	r := tableRow{name: "parquet, snappy", spec: Spec{Format: "parquet", Fields: []string{"account_id", "region"}}, stored: file.Bytes()}
	f, err := parquet.OpenFile(bytes.NewReader(r.stored), int64(len(r.stored)))
	if err != nil {
		b.Fatal(err)
	}
	var pages [][]byte
	for _, g := range f.Metadata().RowGroups {
		for _, c := range g.Columns {
			from := c.MetaData.DataPageOffset
			if d := c.MetaData.DictionaryPageOffset; d > 0 {
				from = min(from, d)
			}
			for chunk := bytes.NewReader(r.stored[from : from+c.MetaData.TotalCompressedSize]); chunk.Len() > 0; {
				var header pq.PageHeader
				if err := thrift.NewDecoder(new(thrift.CompactProtocol).NewReader(chunk)).Decode(&header); err != nil {
					b.Fatal(err)
				}
				page := make([]byte, header.CompressedPageSize)
				_, _ = io.ReadFull(chunk, page)
				if v2 := header.DataPageHeaderV2; v2.Valid { // its levels are not packed
					levels := v2.V.DefinitionLevelsByteLength + v2.V.RepetitionLevelsByteLength
					page, r.size = page[levels:], r.size+int(levels)
					header.UncompressedPageSize -= levels
				}
				pages, r.size = append(pages, page), r.size+int(header.UncompressedPageSize)
			}
		}
	}
	r.floor = func() error {
		var c codecs
		defer c.release()
		var dst []byte
		for _, page := range pages {
			var err error
			if dst, err = c.unpack("snappy", dst[:0], page, 1<<30); err != nil {
				return err
			}
		}
		return nil
	}
	return r
}

// seconds is the CPU time of the whole process while f runs.
func seconds(b *testing.B, f func() error) float64 {
	before := cpu(b)
	if err := f(); err != nil {
		b.Fatal(err)
	}
	return (cpu(b) - before).Seconds()
}

func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func median(of []float64) float64 { return slices.Sorted(slices.Values(of))[len(of)/2] }

// write puts the table between its marks.
func write(b *testing.B, table string) {
	text, err := os.ReadFile(tableFile)
	if err != nil {
		b.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(text), tableBegin)
	_, after, ends := strings.Cut(rest, tableEnd)
	if !begins || !ends {
		b.Fatalf("%s has no place for the table", tableFile)
	}
	if err := os.WriteFile(tableFile, []byte(before+tableBegin+table+tableEnd+after), 0o644); err != nil {
		b.Fatal(err)
	}
}
