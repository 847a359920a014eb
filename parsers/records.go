package parsers

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// A CorruptError says that an object's own bytes are not what its source says
// they are. A stream that could not be read is never one.
type CorruptError struct {
	// Offset is the place in unpacked bytes, counted from where reading began.
	Offset int64
	Reason string
	Err    error // the cause, or nil
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("corrupt at unpacked byte %d: %s", e.Offset, e.Reason)
}

// Unwrap gives the cause.
func (e *CorruptError) Unwrap() error { return e.Err }

// An OversizeError ends an object whose Spec says that a record longer than
// MaxRecord is a failure.
type OversizeError struct {
	Index int64 // of the record
	Max   int   // Spec.MaxRecord in bytes
}

func (e *OversizeError) Error() string {
	return fmt.Sprintf("record %d is longer than max_record, %d bytes", e.Index, e.Max)
}

// errLeft ends a run whose loop was left; nobody sees it.
var errLeft = errors.New("loop left")

// A run is the cutting of one object: the window onto its bytes, and the one
// Record that every step of the loop is given.
type run struct {
	*feed
	spec     Spec
	resumed  bool // reading began at a Restart that is not the start
	index    int64
	fields   [][]byte
	record   Record
	restart  Restart
	member   int64 // the Restart.Offset offered last
	consumer func(*Record, error) bool
}

// Records are the object's records in order, for one loop. An error comes last
// and ends the object: a *CorruptError or an *OversizeError where the object is
// to blame, ctx's own when it ended, else the stream's. An object of no bytes
// has no records, whatever its format.
func (p *Parser) Records(ctx context.Context, in Input) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		blocks := unpack.New(in.Stream, unpack.Options{
			Packing:   unpack.Packing(in.Restart.State),
			Offset:    in.Restart.Offset,
			BlockSize: p.blockSize,
			Idle:      in.Idle,
		})
		defer blocks.Close()
		r := &run{
			feed:     &feed{ctx: ctx, blocks: blocks},
			spec:     p.spec,
			resumed:  in.Restart != Restart{},
			index:    in.Restart.Index,
			member:   -1,
			consumer: yield,
		}
		if err := r.cut(p, in.Restart); err != nil && err != errLeft {
			yield(nil, err)
		}
	}
}

// cut skips what belongs to earlier records, then cuts the rest.
func (r *run) cut(p *Parser, from Restart) error {
	if r.resumed {
		packing := unpack.Packing(from.State)
		if packing != unpack.Plain && packing != unpack.Gzip || from.Skip < 0 || from.Index <= 0 {
			return fmt.Errorf("%+v is no place to begin at", from)
		}
		if err := r.skip(from.Skip); err != nil {
			return err
		}
	}
	return p.cut(r)
}

// open begins the next record at the window's position. One byte more than may
// stay is wanted, to see whether a cut there would halve a character.
func (r *run) open() {
	r.feed.open(r.spec.MaxRecord + 1)
	r.record = Record{Index: r.index, Fields: r.fields}
	switch offset, skip := r.block.Offset, r.block.Skip; {
	case r.index == 0:
		r.restart = Restart{}
	case r.block.Packing == unpack.Plain:
		r.restart = Restart{Offset: offset + int64(r.pos), State: string(unpack.Plain)}
	case offset != r.member:
		r.restart = Restart{Offset: offset, Skip: skip + int64(r.pos), State: string(unpack.Gzip)}
	default:
		return
	}
	r.member = r.block.Offset
	r.restart.Index = r.index
	r.record.Restart = &r.restart
}

// give hands the record to the loop. raw is what was kept of it, length its
// whole length in bytes.
func (r *run) give(raw []byte, length int64) error {
	if length > int64(r.spec.MaxRecord) {
		if r.spec.Oversize == "fail" {
			return &OversizeError{Index: r.index, Max: r.spec.MaxRecord}
		}
		raw = raw[:cutPoint(raw, r.spec.MaxRecord)]
		r.record.Lost = length - int64(len(raw))
	}
	r.record.Raw = raw
	r.index++
	if !r.consumer(&r.record, nil) {
		return errLeft
	}
	return nil
}
