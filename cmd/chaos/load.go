package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"strconv"
)

// An object is one that was put. Its records are a function of its number and
// theirs, so that nothing of them need be kept.
type object struct {
	number      int
	bucket, key string
	eTag        string
	format      *format
	records     int
	first       int64 // the Index that the collector gives the first record

	// optional: what has not arrived of it is not owed.
	optional bool
}

// A format is one kind of object.
type format struct {
	tag    string
	first  int64
	key    string // fmt, of the object's number
	record func(b []byte, o, i int) []byte
	// pack makes records an object; its body need not be kept by the caller.
	pack func(r *rand.Rand, records [][]byte) []byte
}

// plain is the mark of every record's contents, which no log line may show.
const plain = "planted-in-record"

var formats = []*format{
	{ // lines, each a place to begin again
		tag: "my.app.acme.prod", key: "app/prod/%07d.log", record: line,
		pack: func(_ *rand.Rand, records [][]byte) []byte { return append(bytes.Join(records, []byte("\n")), '\n') },
	},
	{ // one gzip member, to be skipped from its start
		tag: "cloud.aws.cloudtrail.events.111122223333.eu-west-1", record: event,
		key: "AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/23/111122223333_CloudTrail_eu-west-1_20261123T0500Z_%016d.json.gz",
		pack: func(_ *rand.Rand, records [][]byte) []byte {
			return zipped([]byte(`{"Records":[`), bytes.Join(records, []byte(",")), []byte("]}"))
		},
	},
	{ // several gzip members, cut anywhere
		tag: "cloud.aws.vpc.flow", first: 1, record: flow,
		key: "AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/111122223333_vpcflowlogs_eu-west-1_fl-%016d_20261123T0500Z_0a1b2c3d.log.gz",
		pack: func(r *rand.Rand, records [][]byte) []byte {
			text := append([]byte("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n"),
				bytes.Join(records, []byte("\n"))...)
			text = append(text, '\n')
			cut := r.IntN(len(text))
			return append(zipped(text[:cut]), zipped(text[cut:])...)
		},
	},
	{ // a zip inside gzip, which has to be spooled
		tag: "my.app.acme.prod", key: "app/prod/%07d.zip.log", record: line,
		pack: func(_ *rand.Rand, records [][]byte) []byte {
			var out bytes.Buffer
			z := zip.NewWriter(&out)
			w, err := z.Create("a.log")
			if err == nil {
				_, err = w.Write(append(bytes.Join(records, []byte("\n")), '\n'))
			}
			if err = errors.Join(err, z.Close()); err != nil {
				panic(err) // a bytes.Buffer takes everything
			}
			return zipped(out.Bytes())
		},
	},
}

// appendID appends what names a record.
func appendID(b []byte, o, i int) []byte {
	b = append(b, "id="...)
	b = strconv.AppendInt(b, int64(o), 10)
	b = append(b, '.')
	b = strconv.AppendInt(b, int64(i), 10)
	return append(b, ';')
}

// readID finds the name of a record.
func readID(raw []byte) (o, i int, ok bool) {
	_, rest, found := bytes.Cut(raw, []byte("id="))
	text, _, closed := bytes.Cut(rest, []byte(";"))
	left, right, dot := bytes.Cut(text, []byte("."))
	o, err := strconv.Atoi(string(left))
	i, jerr := strconv.Atoi(string(right))
	return o, i, found && closed && dot && err == nil && jerr == nil
}

// padding is of what records have between their name and their mark, by length.
var padding = bytes.Repeat([]byte("the quick brown fox jumps over the lazy dog "), 64)

// pad is a long one now and then.
func pad(o, i int) []byte {
	n := (o*31 + i*17) % 160
	if (o+i)%97 == 0 {
		n *= 16
	}
	return padding[:n]
}

func line(b []byte, o, i int) []byte {
	b = appendID(append(b, "2026-11-23T05:00:00Z INFO "...), o, i)
	if i%50 == 7 {
		b = append(b, "<14>not a header: \x00\r"...) // sent by octet count
	}
	return append(append(append(b, ' '), pad(o, i)...), plain...)
}

// event: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
func event(b []byte, o, i int) []byte {
	b = append(b, `{"eventVersion":"1.11","eventTime":"2026-11-23T05:00:00Z","eventSource":"s3.amazonaws.com","awsRegion":"eu-west-1","eventID":"`...)
	b = append(appendID(b, o, i), `","requestParameters":{"note":"]}\" `...)
	b = append(append(b, pad(o, i)...), plain...)
	return append(b, `"},"recipientAccountId":"111122223333"}`...)
}

// flow: https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html
func flow(b []byte, o, i int) []byte {
	b = appendID(append(b, "2 111122223333 eni-"...), o, i)
	b = append(b, " 10.0.0.1 10.0.0.2 443 50123 6 10 840 1795410000 1795410060 ACCEPT "...)
	return append(b, plain...)
}

func zipped(parts ...[]byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	for _, p := range parts {
		_, _ = z.Write(p) // a bytes.Buffer takes everything
	}
	_ = z.Close()
	return out.Bytes()
}

// body makes the object's bytes, and its eTag.
func (o *object) body(r *rand.Rand) []byte {
	all := make([][]byte, o.records)
	for i := range all {
		all[i] = o.format.record(nil, o.number, i)
	}
	body := o.format.pack(r, all)
	sum := md5.Sum(body)
	o.eTag = hex.EncodeToString(sum[:])
	return body
}

// wrote tells whether a record is what the object holds there.
func (o *object) wrote(i int, tag, raw, scratch []byte) bool {
	return i >= 0 && i < o.records && string(tag) == o.format.tag && bytes.Equal(o.format.record(scratch, o.number, i), raw)
}
