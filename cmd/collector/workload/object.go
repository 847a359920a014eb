package workload

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
)

// An Object is one object to put, and what must come out of it.
type Object struct {
	Service string
	Bucket  string
	Key     string
	Body    []byte // as stored
	// First is the Index that the collector gives the first record: 1 behind a
	// header.
	First int64
	// Kind is the kind under which its message must end in the DLQ; "" for a
	// good object. Readable records before the fault count as put all the same.
	Kind string
	// Missing: it is announced but not put.
	Missing bool
	// Slow: its bytes are to come so slowly that it outlives an invocation.
	Slow bool

	records []id
}

// Records is how many records must arrive.
func (o *Object) Records() int { return len(o.records) }

// draft is an object being written: the unpacked bytes, and the ids of its
// records.
type draft struct {
	bytes.Buffer
	records []id
}

// add writes one record as it stands in the object, and enters it as it must
// arrive.
func (d *draft) add(tag string, raw []byte) {
	d.Write(raw)
	d.records = append(d.records, idOf([]byte(tag), raw))
}

// line is add for a record that ends with a line break of the object's own.
func (d *draft) line(tag string, raw []byte, lineBreak string) {
	d.add(tag, raw)
	d.WriteString(lineBreak)
}

// packed is the body as a gzip object of the given number of members, cut
// anywhere.
func (d *draft) packed(r *rand.Rand, members int) []byte {
	var out bytes.Buffer
	rest := d.Bytes()
	for i := range members {
		part := rest
		if i < members-1 && len(rest) > 0 {
			part = rest[:r.IntN(len(rest))]
		}
		rest = rest[len(part):]
		out.Write(gzipped(part))
	}
	return out.Bytes()
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	if err != nil {
		panic(err) // the level is a constant
	}
	// A bytes.Buffer takes everything.
	_, _ = z.Write(b)
	_ = z.Close()
	return out.Bytes()
}

// Account, region and the like as they stand in invented keys and records.
var (
	accounts = []string{"111122223333", "222233334444", "333344445555"}
	regions  = []string{"eu-west-1", "us-east-1", "us-gov-west-1", "ap-southeast-2"}
)

func pick[T any](r *rand.Rand, of []T) T { return of[r.IntN(len(of))] }

func ip(r *rand.Rand) string {
	return fmt.Sprintf("10.%d.%d.%d", r.IntN(256), r.IntN(256), r.IntN(256))
}
