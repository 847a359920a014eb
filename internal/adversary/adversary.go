// Package adversary makes objects that are valid to their last byte, or as near to
// it as makes no difference, and as expensive as they can be for each byte stored:
// what somebody could write who may write one object. Tests hold the bounds of
// docs/security.md against them.
package adversary

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// An Object is one kind of them.
type Object struct {
	Name    string
	Format  string
	Options string   // of the format, as YAML; "" is none
	Fields  []string // that a tag or filter reads
	Data    func() []byte
	// Invocations is how many go on from each other; 0 is one, which ends with
	// the object.
	Invocations int
}

// Source is the source, in the flow style of a deployment's file, that reads the object
// below the folder name, under a tag that begins with tag.
func (o Object) Source(name, tag string) string {
	for _, f := range o.Fields {
		tag += ".{record." + f + "}"
	}
	return fmt.Sprintf("{name: %s, keys: ['%s/**'], format: %s, options: %s, tag: %q}", name, name, o.Format, cmp.Or(o.Options, "{}"), tag)
}

// columns is how many columns csv and w3c may have.
const columns = 10_000

// Objects are all of them.
func Objects() (all []Object) {
	add := func(name, format, options string, fields []string, data func() []byte) {
		all = append(all, Object{Name: name, Format: format, Options: options, Fields: fields, Data: data})
	}
	text := func(name, format, options string, fields []string, head, body string, times int) {
		add(name, format, options, fields, func() []byte { return Zstd(head, body, times) })
	}
	text("lines of one byte", "lines", "{}", nil, "", "a\n", 3<<20)
	text("lines of one byte in gzip", "lines", "{}", nil, "", "", 0)
	all[len(all)-1].Data = func() []byte { return Gzip(bytes.Repeat([]byte("a\n"), 3<<20)) }
	text("records of many lines that never end", "lines", "{end: 'z$'}", nil, "", "a\n", 5<<20)
	names := strings.Repeat("n", 390)
	var header []string
	for i := range columns {
		header = append(header, fmt.Sprint(names, i))
	}
	text("csv of long names", "csv", "{header: json}", nil, strings.Join(header, ",")+"\n", strings.Repeat(",", columns-1)+"\n", 2000)
	text("csv of quotes", "csv", "{header: json}", nil, "a,b\n", `"","`+"\n\"\"\n\",\n", 2<<20)
	text("w3c of long names", "w3c", "{record: json}", nil, "#Fields: "+strings.Join(header, " ")+"\n", strings.Repeat("- ", columns-1)+"-\n", 2000)
	text("json array of digits", "json", "{}", nil, "[0", ",0", 3<<20)
	text("json array of objects", "json", "{}", []string{"a.b"}, "[{}", ",{}", 3<<20)
	text("json nested", "json", "{}", []string{"a.b"}, "[", strings.Repeat(`{"a":`, 9000)+"1"+strings.Repeat("}", 9000)+",", 400)
	text("json of escapes", "json", "{shape: lines}", []string{"a"}, "", `{"\u0061":"\u0000\"\\"}`+"\n", 1<<20)
	text("cloudwatch of empty events", "cloudwatch", "{}", nil, `{"messageType":"DATA_MESSAGE","logGroup":"`+names+`","logEvents":[{"message":"a"}`, `,{"message":"a"}`, 1<<20)
	text("cloudwatch of envelopes", "cloudwatch", "{}", nil, "", `{"logEvents":[{}]}`, 1<<20)
	text("xml of empty elements", "xml", "{}", nil, "<Events>", "<Event/>", 2<<20)
	text("xml of attributes", "xml", "{}", []string{"@z"}, "<Events>", "<Event "+strings.Repeat("a='' ", 5_000)+"/>", 200)
	text("xml around its records", "xml", "{}", nil, "<Events>", strings.Repeat("<a>", 5000)+strings.Repeat("</a>", 5000), 300)
	text("cef of extensions", "cef", "{}", []string{"zz"}, "", "CEF:0|a|b|c|d|e|1|"+strings.Repeat("a=1 ", 5_000)+"\n", 200)
	text("syslog of one byte", "syslog", "{}", nil, "", "<1>a\n", 2<<20)
	text("syslog by octets", "syslog", "{framing: octets}", nil, "", "1 a", 3<<20)
	all = append(all, packings()...)
	all = append(all, avroObjects()...)
	return append(all, parquetObjects()...)
}

// Zstd is head and body, many times, packed as well as can be.
func Zstd(head, body string, times int) []byte {
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithWindowSize(4<<20))
	must(err)
	write := func(text string) {
		_, err := io.WriteString(w, text)
		must(err)
	}
	write(head)
	piece := max((256<<10)/len(body+" "), 1)
	many := strings.Repeat(body, piece)
	for ; times > 0; times -= piece {
		write(many[:len(body)*min(piece, times)])
	}
	must(w.Close())
	return out.Bytes()
}

// Gzip is data, packed as well as can be.
func Gzip(data []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	must(err)
	_, err = w.Write(data)
	must(err)
	must(w.Close())
	return out.Bytes()
}

// must is for what cannot fail: writing to memory.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
