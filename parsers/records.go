package parsers

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"strings"
	"unicode/utf8"

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
	member   int64  // the Restart.Offset offered last
	state    string // Restart.State as it is offered; "" is the packing alone
	fixed    bool   // no Restart can be offered but the start
	input    Input
	expense  expense
	memory   memory
	consumer func(*Record, error) bool
}

// Records are the object's records in order, for one loop. An error comes last
// and ends the object: a *CorruptError or an *OversizeError where the object is
// to blame, ctx's own when it ended, else the stream's. An object of no bytes
// has no records, whatever its format.
func (p *Parser) Records(ctx context.Context, in Input) iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		body := &countedBody{ReadCloser: in.Stream}
		blocks := unpack.New(body, unpack.Options{
			Packing:   packing(in.Restart),
			Offset:    in.Restart.Offset,
			BlockSize: p.blockSize,
			Ranged:    in.Ranged,
			Limits:    unpack.Limits{MaxWindow: p.spec.MaxWindow, MaxRatio: p.spec.MaxRatio},
			Idle:      in.Idle,
			Found:     in.Found,
			Head:      p.text,

			ContentEncoding: in.ContentEncoding,
			Preamble:        (*unpack.Preamble)(p.spec.Preamble),
		})
		defer blocks.Close()
		r := &run{
			feed:     &feed{ctx: ctx, blocks: blocks},
			spec:     p.spec,
			resumed:  in.Restart != Restart{},
			index:    in.Restart.Index,
			state:    in.Restart.State,
			member:   -1,
			input:    in,
			expense:  expense{units: in.Restart.Spent, ratio: p.spec.MaxRatio, before: in.Restart.Offset, stream: body},
			consumer: yield,
		}
		r.memory = memory{ctx: ctx, idle: in.Idle}
		defer r.memory.release()
		if err := r.cut(p, in.Restart); err != nil && err != errLeft {
			yield(nil, err)
		}
	}
}

// cut skips what belongs to earlier records, then cuts the rest.
func (r *run) cut(p *Parser, from Restart) error {
	if r.resumed {
		packing := packing(from)
		if !packing.Restartable() || from.Skip < 0 || from.Index <= 0 || from.Spent < 0 {
			from.State = string(packing) // what comes behind it may be a record's contents
			return fmt.Errorf("%+v is no place to begin at", from)
		}
		if err := r.skip(from.Skip); err != nil {
			return err
		}
	}
	for { // each file of an archive as an object of its own
		if err := p.cut(r); err != nil || !r.blocks.NextFile() {
			return err
		}
		r.resumed, r.state = false, ""
	}
}

// packing is how the object is compressed that was being read.
func packing(from Restart) unpack.Packing {
	name, _, _ := strings.Cut(from.State, "\n")
	return unpack.Packing(name)
}

// maxState is the longest Restart.State in bytes.
const maxState = 1 << 10

// maxPackingName is more than any packing's name in front of what a cutter
// remembers takes, in bytes.
const maxPackingName = 32

// remember keeps what a cutter must know to go on from the next record: it comes
// behind the packing in every Restart.State from there on. What a ledger cannot
// hold ends the offers.
func (r *run) remember(state string) {
	r.state = string(r.spotAt().Packing) + "\n" + state
	r.fixed = len(r.state) > maxState || !utf8.ValidString(state)
}

// remembered is what was to be known at the Restart.
func (r *run) remembered() string {
	_, state, _ := strings.Cut(r.state, "\n")
	return state
}

// place makes p where the window's position is, as a Restart of the next record.
func (r *run) place(p *Restart) {
	if r.feed.state == rewound {
		r.placeRewound(p)
	} else {
		r.placeInBlock(p)
	}
}

// placeInBlock is place in a block. It stands apart so that it can be inlined.
func (r *run) placeInBlock(p *Restart) {
	p.Offset, p.Skip, p.Index = r.block.Offset, r.block.Skip+int64(r.pos), r.index
	if p.State = r.state; p.State == "" {
		p.State = string(r.block.Packing)
	}
	if r.plain {
		p.Offset, p.Skip = p.Offset+p.Skip, 0
	}
}

// placeRewound is place in a window that was rewound, whose bytes may come from
// several blocks.
func (r *run) placeRewound(p *Restart) {
	at := r.spotAt()
	p.Offset, p.Skip, p.Index = at.Offset, at.Skip+r.offset()-at.at, r.index
	if p.State = r.state; p.State == "" {
		p.State = string(at.Packing)
	}
	if at.Packing == unpack.Plain {
		p.Offset, p.Skip = p.Offset+p.Skip, 0
	}
}

// open begins the next record at the window's position. One byte more than may
// stay is wanted, to see whether a cut there would halve a character.
func (r *run) open() {
	if r.feed.state == inBlock {
		r.placeInBlock(&r.restart)
	} else {
		r.place(&r.restart)
	}
	r.feed.open(r.spec.MaxRecord + 1)
	r.offer()
}

// offer prepares the record that is open. Reading can begin again with it at
// r.restart, unless that is an earlier record's place, or none but the start can
// be one.
func (r *run) offer() {
	clear(r.fields)
	r.record = Record{Index: r.index, Fields: r.fields}
	if p := &r.restart; p.Index == r.index && (r.index == 0 || p.Offset != r.member) {
		r.offerPlace(p)
	}
}

// offerPlace is offer for a place that may be another than the last one.
func (r *run) offerPlace(p *Restart) {
	again := r.again
	if r.feed.state == rewound {
		again = r.spotAt().Packing.Restartable()
	}
	if r.index > 0 && (r.fixed || r.transcoder != nil || !again) {
		return
	}
	r.member = p.Offset
	if p.Spent = r.expense.units; r.index == 0 {
		*p = Restart{}
	}
	r.record.Restart = p
}

// give hands the record to the loop. raw is what was kept of it, length its
// whole length in bytes.
func (r *run) give(raw []byte, length int64) error {
	if err := r.spend(recordUnits + length); err != nil {
		return err
	}
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
