package parsers

import (
	"io"
	"sync/atomic"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// What an object may cost is counted in units, whatever its format: one for each
// byte of its records and recordUnits for each record; and, in parquet and avro,
// where a few bytes can stand for any number of values, one for each value and
// one for each bytesAUnit bytes that are unpacked or copied to read it.
//
// An object may cost freeUnits, and beyond them Spec.MaxRatio for each stored
// byte, up to maxUnits in all. The count is part of each Restart, so that it goes
// on where reading does. It is the same in every run over the same bytes.
const (
	// freeUnits are what any object may cost: a small one may repeat itself.
	freeUnits = 64 << 20
	// recordUnits is about what a frame adds to a record on the wire.
	recordUnits = 64
	bytesAUnit  = 8
	// An object may always cost plainUnits for each stored byte, also beyond
	// maxUnits: more than text costs that is not packed.
	plainUnits = 2 * (recordUnits + 1)
	maxUnits   = unpack.DefaultUnpacked
	// lookAfter is after how many units within one record the context is looked
	// at, and the bounds are.
	lookAfter = 1 << 12
	// maxTail is how much longer than Spec.MaxRecord a record of parquet or avro
	// may be, in bytes, that is cut: making the rest is work for nothing.
	maxTail = 64 << 20
)

// maxMaxRatio is the upper bound of Spec.MaxRatio.
const maxMaxRatio = 1_000_000

// An expense is what an object has cost so far.
type expense struct {
	units  int64
	most   int64 // units that may be spent before the bounds are computed again
	ratio  int64
	before int64        // stored bytes in front of the stream
	size   int64        // of the whole object, where that is known and not read as a stream
	stream *countedBody // what of the object is read
}

// spend adds n units, and returns an error if the object costs too much.
func (r *run) spend(n int64) error {
	if r.expense.units += n; r.expense.units <= r.expense.most {
		return nil
	}
	return r.reckon()
}

// reckon is spend for what is more than was known to be allowed. It stands apart so
// that spend can be inlined.
func (r *run) reckon() error {
	e := &r.expense
	stored := max(e.size, e.before+e.stream.bytes.Load())
	e.most = max(min(freeUnits+e.ratio*stored, maxUnits), plainUnits*stored, min(freeUnits, maxUnits))
	if e.units <= e.most {
		return nil
	}
	return r.corrupt("its records come to more than %d bytes and values, the most for %d stored bytes (max_ratio is %d)", e.most, stored, e.ratio)
}

// A countedBody counts the bytes that are read.
type countedBody struct {
	io.ReadCloser
	bytes atomic.Int64
}

// Read implements io.Reader.
func (c *countedBody) Read(p []byte) (int, error) {
	n, err := c.ReadCloser.Read(p)
	c.bytes.Add(int64(n))
	return n, err
}
