package main

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/klauspost/compress/gzip"
	"github.com/parquet-go/parquet-go"

	"github.com/devo-s3/collector/cmd/collector/workload"
)

// An object is one to be delivered.
type object struct {
	key     string
	body    []byte // as stored
	size    int64  // bytes unpacked; of parquet, those of its rows as JSON
	records int64
}

// A sample is a format to measure.
type sample struct {
	name, source string
	make         func(size int) (*object, error)
}

var samples = []sample{
	{"cloudtrail", "aws_sqs_cloudtrail", service("aws_sqs_cloudtrail")},
	{"vpc", "aws_sqs_vpc", service("aws_sqs_vpc")},
	{"alb", "aws_sqs_alb", service("aws_sqs_alb")},
	{"json_lines", "bench_lines", rows("bench.jsonl.gz", "", `{"time":%d,"level":%q,"client":"10.1.%d.%d","path":"/orders/%d","took_ms":%d,"trace":"%016x","message":"order \"%d\" taken"}`)},
	{"csv", "bench_csv", rows("bench.csv.gz", "time,level,client,path,took,trace,message\n", `%d,%s,10.1.%d.%d,/orders/%d,%d,%016x,"order ""%d"", taken"`)},
	{"parquet", "bench_parquet", parquetFile},
}

func sampleNamed(name string) (sample, error) {
	i := slices.IndexFunc(samples, func(s sample) bool { return s.name == name })
	if i < 0 {
		return sample{}, fmt.Errorf("there is no case %q", name)
	}
	return samples[i], nil
}

// customSources are the samples that no service of the catalog covers.
const customSources = `
      - {name: bench_lines, keys: ["**/bench.jsonl.gz"], format: json, options: {shape: lines}, tag: my.app.bench.lines}
      - {name: bench_csv, keys: ["**/bench.csv.gz"], format: csv, options: {header: drop}, tag: my.app.bench.csv}
      - {name: bench_parquet, keys: ["**/bench.parquet"], format: parquet, tag: my.app.bench.parquet}
`

// service invents objects of a service. The seed is one whose CloudTrail is
// compact, as AWS writes it.
func service(name string) func(int) (*object, error) {
	return func(size int) (*object, error) {
		o, err := workload.Sample(name, 2, size)
		if err != nil {
			return nil, err
		}
		return &object{key: o.Key, body: o.Body, size: int64(size), records: int64(o.Records())}, nil
	}
}

// rows invents lines of text, packed with gzip.
func rows(key, header, row string) func(int) (*object, error) {
	return func(size int) (*object, error) {
		r := rand.New(rand.NewPCG(2, 0x5eed))
		var packed bytes.Buffer
		z, err := gzip.NewWriterLevel(&packed, gzip.BestSpeed)
		if err != nil {
			return nil, err
		}
		o := &object{key: key}
		for line := []byte(header); ; {
			n, err := z.Write(line)
			if err != nil {
				return nil, err
			}
			if o.size += int64(n); o.size >= int64(size) {
				break
			}
			levels := [...]string{"info", "info", "info", "warning", "error"}
			line = fmt.Appendf(line[:0], row+"\n", 1_790_000_000_000+o.records, levels[r.IntN(len(levels))], r.IntN(256), r.IntN(256),
				r.IntN(1e6), r.IntN(3000), r.Uint64(), r.IntN(1e6))
			o.records++
		}
		err = z.Close()
		o.body = packed.Bytes()
		return o, err
	}
}

// A flow is a row of a flow log as parquet.
type flow struct {
	Version     int32   `parquet:"version"`
	Account     string  `parquet:"account_id,dict"`
	Interface   string  `parquet:"interface_id,dict"`
	Source      string  `parquet:"srcaddr"`
	Destination string  `parquet:"dstaddr"`
	SourcePort  int32   `parquet:"srcport"`
	Port        int32   `parquet:"dstport"`
	Packets     int64   `parquet:"packets"`
	Bytes       int64   `parquet:"bytes"`
	Start       int64   `parquet:"start"`
	Action      string  `parquet:"action,dict"`
	VPC         *string `parquet:"vpc_id,optional,dict"`
}

// flowLength is about how many bytes a flow has as JSON.
const flowLength = 240

func parquetFile(size int) (*object, error) {
	r := rand.New(rand.NewPCG(2, 0x5eed))
	var out bytes.Buffer
	w := parquet.NewGenericWriter[flow](&out, parquet.Compression(&parquet.Snappy), parquet.MaxRowsPerRowGroup(100_000))
	o := &object{key: "bench.parquet", records: int64(max(1, size/flowLength))}
	o.size = o.records * flowLength
	vpc := "vpc-0a1b2c3d4e5f60718"
	for i := range o.records {
		f := flow{
			Version: 5, Account: "111122223333", Interface: fmt.Sprintf("eni-%017x", r.IntN(4000)),
			Source: fmt.Sprintf("10.1.%d.%d", r.IntN(256), r.IntN(256)), Destination: fmt.Sprintf("172.31.%d.%d", r.IntN(256), r.IntN(256)),
			SourcePort: 1024 + r.Int32N(60_000), Port: 443, Packets: r.Int64N(50), Bytes: r.Int64N(60_000), Start: 1_790_000_000 + i,
			Action: [...]string{"ACCEPT", "REJECT"}[r.IntN(2)], VPC: &vpc,
		}
		if _, err := w.Write([]flow{f}); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	o.body = out.Bytes()
	return o, err
}
