// Package unpack turns a stored object's bytes into plain ones. A goroutine of
// its own reads and unpacks into a small ring of fixed blocks, so that memory
// does not grow with the object and reading overlaps with what is done with
// the bytes.
package unpack

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// BlockSize is the length of a block in bytes. On one core its size does
	// not matter from 64 KiB on; on two, JSON took 10 % longer at 64 KiB.
	BlockSize = 256 << 10
	// ring is the number of blocks: one with the consumer, one being filled,
	// two to smooth what neither does evenly.
	ring = 4
)

// ErrCorrupt is wrapped by every error that the object's own bytes caused. A
// stream that could not be read is never one.
var ErrCorrupt = errors.New("corrupt")

// A Block is a run of unpacked bytes. It never spans two places to begin at, nor
// two files.
type Block struct {
	// Data is the consumer's own, to change as well, until its next call.
	Data []byte
	// Packing is that of the object if reading can begin again at Offset: plain,
	// or gzip or zstd with nothing packed in it. Else it is Sniff, and reading
	// can begin at the object's start alone.
	Packing Packing
	// Offset is where, in bytes of the stored object, unpacking can begin
	// again: Data's own place when plain, else the start of its member or frame.
	Offset int64
	// Skip is the number of unpacked bytes from Offset to Data.
	Skip int64
	// Head is given where Options.Head asks, with each file's first block: the
	// file's first bytes, Window of them or all there are.
	Head []byte

	file int // of an archive's files, from 1; 0 outside of one
}

// Options are what a Reader needs beside the stream.
type Options struct {
	// Packing is given when reading begins in the midst of an object, where a
	// plain object's bytes, or what is packed, may look like anything. It is
	// that of an earlier Block.
	Packing Packing
	// Offset is where in the stored object the stream begins, in bytes.
	Offset int64
	// BlockSize is at most the constant of that name; 0 is that.
	BlockSize int
	// Ranged gives random access to the whole stored object, for a zip, and its
	// size in bytes; nil where it cannot be had. Close waits for a read in
	// progress.
	Ranged func() (io.ReaderAt, int64, error)
	// Idle, if not nil, is called about once a second from Next while it waits.
	Idle func()
	// Found, if not nil, is called with each packing that is found, the
	// outermost first, from the goroutine that reads.
	Found func(packing string)
	// ContentEncoding is the object's, as HTTP has it; "" where it has none. What
	// the bytes show counts more.
	ContentEncoding string
	// Preamble is the text header in front of what is packed, or nil.
	Preamble *Preamble
	// Head asks for Block.Head.
	Head bool
	Limits
}

// The defaults that records are held to as well as unpacked bytes.
const (
	DefaultRatio    = 2000 // twice what gzip can do
	DefaultUnpacked = 1 << 40
)

// Limits are what an object may ask for before it is corrupt: none must become
// an outage. Zero is each one's default.
type Limits struct {
	// MaxRatio is how many bytes one stored byte may become: DefaultRatio. It
	// counts from 8 MiB of unpacked bytes on.
	MaxRatio int64
	// MaxUnpacked is how many bytes the object may become: DefaultUnpacked.
	MaxUnpacked int64
	// MaxDepth is how many packings may be one inside another: 4.
	MaxDepth int
	// MaxWindow is how many bytes of memory the window of zstd or xz may take:
	// 8 MiB.
	MaxWindow int64
	// MaxSpool is how long a zip may be in bytes that must be copied to a
	// temporary file: 256 MiB.
	MaxSpool int64
}

// ratioFrom is the number of unpacked bytes from which on MaxRatio counts: a
// small object may repeat itself.
const ratioFrom = 8 << 20

// defaultWindow is Limits.MaxWindow unless it is set.
const defaultWindow = 8 << 20

func (l *Limits) setDefaults() {
	l.MaxRatio = cmp.Or(l.MaxRatio, DefaultRatio)
	l.MaxUnpacked = cmp.Or(l.MaxUnpacked, DefaultUnpacked)
	l.MaxDepth = cmp.Or(l.MaxDepth, 4)
	l.MaxWindow = cmp.Or(l.MaxWindow, defaultWindow)
	l.MaxSpool = cmp.Or(l.MaxSpool, 256<<20)
}

// A Reader is one object being unpacked.
type Reader struct {
	stream  io.Closer
	source  source
	opts    Options
	full    chan Block
	free    chan []byte
	stop    chan struct{}
	blocks  []*[BlockSize]byte // all that were taken from the pool
	running sync.WaitGroup
	hungry  atomic.Bool // the consumer waits: a block need not be full
	err     error       // why full was closed; nil at the object's end

	// Of the goroutine that unpacks.
	fault    error    // what failed first: its readers see but consequences
	unpacked []int64  // bytes by depth
	heads    [][]byte // by depth, for the first bytes of what is unpacked there
	window   int      // how many of the first bytes are wanted; 0 is what Detect needs
	head     []byte   // the next block's Head
	hints    []Packing
	size     int64 // of the object, if it is not read through source
	file     int   // of an archive's files, from 1
	wide     int   // decoders of wide packings that are open

	// Of the consumer.
	current []byte // the block that it has
	reading int    // the file that it reads; -1 before the first
	coming  Block  // the first of the next file; no Data, no such block
	ticker  *time.Ticker
}

var blockPool = sync.Pool{New: func() any { return new([BlockSize]byte) }}

// New begins to read stream at once. Close must be called.
func New(stream io.ReadCloser, opts Options) *Reader {
	if opts.BlockSize == 0 {
		opts.BlockSize = BlockSize
	}
	opts.setDefaults()
	r := &Reader{
		stream:   stream,
		source:   source{stream: stream},
		opts:     opts,
		full:     make(chan Block, ring),
		free:     make(chan []byte, ring),
		stop:     make(chan struct{}),
		unpacked: make([]int64, opts.MaxDepth+1),
		heads:    make([][]byte, opts.MaxDepth+1),
		hints:    hints(opts.ContentEncoding),
		reading:  -1,
	}
	if opts.Head || len(r.hints) > 0 || opts.Preamble != nil {
		r.window = Window
	}
	if opts.Preamble != nil {
		r.window += maxPreamble
	}
	r.running.Go(func() {
		defer close(r.full)
		r.err = r.run()
	})
	return r
}

// Next gives the next block of the file, which is the object itself unless that
// is an archive; the one before it is no longer the caller's. At the file's end
// the error is io.EOF. What was unpacked before a fault comes before the fault.
func (r *Reader) Next(ctx context.Context) (Block, error) {
	if r.current != nil {
		r.free <- r.current
		r.current = nil
	}
	if err := ctx.Err(); err != nil {
		return Block{}, err
	}
	b := r.coming
	if b.Data == nil {
		var err error
		if b, err = r.wait(ctx); err != nil {
			return Block{}, err
		}
	}
	if r.reading >= 0 && r.reading != b.file {
		r.coming = b
		return Block{}, io.EOF
	}
	r.coming, r.reading, r.current = Block{}, b.file, b.Data[:0]
	return b, nil
}

// NextFile goes on to an archive's next file that has any bytes, once Next came
// to the end of the one before it, and tells whether there is one.
func (r *Reader) NextFile() bool {
	r.reading = r.coming.file
	return r.coming.Data != nil
}

// wait is the next block, as soon as there is one.
func (r *Reader) wait(ctx context.Context) (Block, error) {
	select {
	case b, ok := <-r.full:
		return r.take(ctx, b, ok)
	default:
	}
	if r.ticker == nil {
		r.ticker = time.NewTicker(time.Second)
	}
	for {
		select {
		case b, ok := <-r.full:
			return r.take(ctx, b, ok)
		case <-r.ticker.C:
			r.hungry.Store(true)
			if r.opts.Idle != nil {
				r.opts.Idle()
			}
		case <-ctx.Done():
			return Block{}, ctx.Err()
		}
	}
}

// take is the block that came, or why none did. A stream that broke
// because the context ended is reported as the latter.
func (r *Reader) take(ctx context.Context, b Block, ok bool) (Block, error) {
	switch {
	case ok:
		return b, nil
	case r.err == nil:
		return b, io.EOF
	case ctx.Err() != nil:
		return b, ctx.Err()
	default:
		return b, r.err
	}
}

// Close closes the stream and waits until nothing reads it any more. What the
// stream says to that changes nothing: all was read, or nobody wants to.
func (r *Reader) Close() {
	close(r.stop)
	_ = r.stream.Close()
	r.running.Wait()
	if r.ticker != nil {
		r.ticker.Stop()
	}
	for _, b := range r.blocks {
		blockPool.Put(b)
	}
}

// errStopped ends the goroutine after Close; nobody sees it.
var errStopped = errors.New("stopped")

// bufferSize is how much is read at once, in bytes, where less is asked for.
const bufferSize = 32 << 10

var buffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, bufferSize) }}

// run unpacks the whole stream. A panic in a decompressor is an error of this
// object alone: nobody else could recover it.
func (r *Reader) run() (err error) {
	in := buffers.Get().(*bufio.Reader)
	in.Reset(&r.source)
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("unpacking: panic: %v", v)
		}
		in.Reset(nil)
		buffers.Put(in)
	}()
	packing := r.opts.Packing
	if packing == Sniff {
		begin, err := r.sniff(in)
		if err != nil {
			return err
		}
		packing = begin.packing
		r.keep(begin.head)
		_, _ = in.Discard(begin.skip) // which is buffered
	}
	return r.unpack(packing, in, 1)
}

// A beginning is what the first bytes say of what follows them.
type beginning struct {
	packing Packing
	skip    int    // bytes of a text header
	head    []byte // behind that
}

// sniff waits for as many of the object's first bytes as it takes to be sure.
func (r *Reader) sniff(in *bufio.Reader) (beginning, error) {
	for n := 1; ; n = in.Buffered() + 1 {
		_, err := in.Peek(n)
		head, _ := in.Peek(in.Buffered())
		switch b, sure, refused := r.judge(head, err == io.EOF, err == io.EOF); {
		case refused != nil:
			return b, refused
		case sure:
			return b, nil
		case err != nil:
			return b, r.fail(Sniff, err)
		}
	}
}

// judge finds out what begins with head, and whether further bytes cannot change
// the answer: whole says that there are none, last that none can be read.
func (r *Reader) judge(head []byte, whole, last bool) (b beginning, sure bool, err error) {
	if most := max(r.window, Window); len(head) > most {
		head, whole = head[:most], false
	}
	b.packing, sure = Detect(head, whole)
	sure = last || sure && (b.packing != Plain || len(head) >= r.window)
	if b.packing == Plain && r.opts.Preamble != nil && sure {
		b.skip = r.opts.Preamble.length(head)
		if err := r.opts.Preamble.refuse(head[:b.skip]); err != nil {
			return b, true, r.settle(err)
		}
		head = head[b.skip:]
		b.packing, _ = Detect(head[:min(len(head), Window)], whole && len(head) <= Window)
	}
	b.head = head[:min(len(head), Window)]
	if sure {
		b.packing = r.believe(b.packing, b.head, whole)
	}
	return b, sure, nil
}

// keep makes head the next block's Head, if that is asked for.
func (r *Reader) keep(head []byte) {
	if r.opts.Head {
		r.head = slices.Clone(head)
	}
}

// fill passes on block after block of what from gives until it ends, which is
// nil, or fails. first describes the first block.
func (r *Reader) fill(from io.Reader, first Block) (err error) {
	for n := int64(0); err == nil; {
		var buf []byte
		if buf, err = r.block(); err != nil {
			return err
		}
		used := 0
		for used < len(buf) && err == nil && (used == 0 || !r.hungry.Load()) {
			var m int
			m, err = from.Read(buf[used:])
			used += m
		}
		if used == 0 {
			r.free <- buf
			break
		}
		b := first
		b.Data, b.file = buf[:used], r.file
		b.Head, r.head = r.head, nil
		if b.Packing == Plain {
			b.Offset += n
		} else {
			b.Skip += n
		}
		n += int64(used)
		r.hungry.Store(false)
		r.full <- b // never blocks: it holds as many as there are blocks
	}
	if err == io.EOF {
		err = nil
	}
	return err
}

// block is an empty block, as soon as there is one. They are taken only as
// they are needed: most objects are small.
func (r *Reader) block() ([]byte, error) {
	select {
	case <-r.stop:
		return nil, errStopped
	case b := <-r.free:
		return b[:r.opts.BlockSize], nil
	default:
	}
	if len(r.blocks) < ring {
		b := blockPool.Get().(*[BlockSize]byte)
		r.blocks = append(r.blocks, b)
		return b[:r.opts.BlockSize:r.opts.BlockSize], nil
	}
	select {
	case <-r.stop:
		return nil, errStopped
	case b := <-r.free:
		return b[:r.opts.BlockSize], nil
	}
}

// settle makes err the object's end, unless something failed before.
func (r *Reader) settle(err error) error {
	if r.fault == nil {
		r.fault = err
	}
	return r.fault
}

// fail settles whose fault err is: the stream's, or that of the object's own
// bytes, which a decoder of packing could not read.
func (r *Reader) fail(p Packing, err error) error {
	switch {
	case r.source.err != nil:
		err = fmt.Errorf("reading the object: %w", r.source.err)
	case err == io.ErrUnexpectedEOF || err == io.EOF:
		err = fmt.Errorf("%w: truncated %s", ErrCorrupt, p)
	default:
		err = fmt.Errorf("%w: %s: %w", ErrCorrupt, p, err)
	}
	return r.settle(err)
}

// count adds n bytes that were unpacked at a depth, those of all files of an
// archive together, and says whether that is too much.
func (r *Reader) count(p Packing, depth, n int) error {
	select {
	case <-r.stop:
		return r.settle(errStopped)
	default:
	}
	r.unpacked[depth] += int64(n)
	all, stored := r.unpacked[depth], max(r.size, r.source.n)
	switch {
	case all > r.opts.MaxUnpacked:
		return r.settle(fmt.Errorf("%w: %s: more than %d unpacked bytes", ErrCorrupt, p, r.opts.MaxUnpacked))
	case all > ratioFrom && all/r.opts.MaxRatio > stored:
		return r.settle(fmt.Errorf("%w: %s: %d bytes unpacked from %d, more than %d from each", ErrCorrupt, p, all, stored, r.opts.MaxRatio))
	}
	return nil
}

// A source counts the stream's bytes and remembers its failure, so that a
// broken connection is never taken for a damaged object.
type source struct {
	stream io.Reader
	n      int64
	err    error
	ended  bool // the end is not asked for twice: it was seen when looking ahead
}

// Read gives up after a hundred reads without bytes, as bufio does, so that a
// stream which never gives any cannot keep a core busy.
func (s *source) Read(p []byte) (int, error) {
	if s.ended {
		return 0, io.EOF
	}
	for range 100 {
		n, err := s.stream.Read(p)
		s.n += int64(n)
		s.ended = err == io.EOF
		if err != nil && err != io.EOF {
			s.err = err
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
	s.err = io.ErrNoProgress
	return 0, s.err
}
