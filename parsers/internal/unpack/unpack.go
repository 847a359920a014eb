// Package unpack turns a stored object's bytes into plain ones. A goroutine of
// its own reads and unpacks into a small ring of fixed blocks, so that memory
// does not grow with the object and reading overlaps with what is done with
// the bytes.
package unpack

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
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

// A Packing is how an object is compressed, once that is known.
type Packing string

// The packings. Sniff finds it by magic number, never by name: 1f 8b is gzip
// (RFC 1952), all else is plain. An object that ends after 1f alone is a
// truncated gzip, an empty one is plain.
const (
	Sniff Packing = ""
	Plain Packing = "plain"
	Gzip  Packing = "gzip"
)

// A Block is a run of unpacked bytes. It never spans two members.
type Block struct {
	// Data is the consumer's own, to change as well, until its next call.
	Data []byte
	// Packing is that of the object.
	Packing Packing
	// Offset is where, in bytes of the stored object, unpacking can begin
	// again: Data's own place when plain, the start of its member when gzip.
	Offset int64
	// Skip is the number of unpacked bytes from Offset to Data.
	Skip int64
}

// Options are what a Reader needs beside the stream.
type Options struct {
	// Packing is given when reading begins in the midst of an object, where a
	// plain object's bytes may look like anything.
	Packing Packing
	// Offset is where in the stored object the stream begins, in bytes.
	Offset int64
	// BlockSize is at most the constant of that name; 0 is that.
	BlockSize int
	// Idle, if not nil, is called about once a second from Next while it waits.
	Idle func()
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

	current []byte // the block that the consumer has
	ticker  *time.Ticker
}

var blockPool = sync.Pool{New: func() any { return new([BlockSize]byte) }}

// New begins to read stream at once. Close must be called.
func New(stream io.ReadCloser, opts Options) *Reader {
	if opts.BlockSize == 0 {
		opts.BlockSize = BlockSize
	}
	r := &Reader{
		stream: stream,
		source: source{stream: stream},
		opts:   opts,
		full:   make(chan Block, ring),
		free:   make(chan []byte, ring),
		stop:   make(chan struct{}),
	}
	r.running.Go(func() {
		defer close(r.full)
		r.err = r.run()
	})
	return r
}

// Next gives the next block; the one before it is no longer the caller's. At
// the object's end the error is io.EOF. What was unpacked before a fault comes
// before the fault.
func (r *Reader) Next(ctx context.Context) (Block, error) {
	if r.current != nil {
		r.free <- r.current
		r.current = nil
	}
	if err := ctx.Err(); err != nil {
		return Block{}, err
	}
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

// take keeps the block that came, or tells why none did. A stream that broke
// because the context ended is reported as the latter.
func (r *Reader) take(ctx context.Context, b Block, ok bool) (Block, error) {
	switch {
	case ok:
		r.current = b.Data[:0]
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

// run unpacks the whole stream. A panic in a decompressor is an error of this
// object alone: nobody else could recover it.
func (r *Reader) run() (err error) {
	in := inflaters.Get().(*inflater)
	in.reader.Reset(&r.source)
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("unpacking: panic: %v", v)
			return // the inflater's state is unknown: not used again
		}
		in.reader.Reset(nil)
		inflaters.Put(in)
	}()
	packing := r.opts.Packing
	if packing == Sniff {
		if packing, err = r.sniff(in.reader); err != nil {
			return err
		}
	}
	if packing == Gzip {
		return r.gunzip(in)
	}
	return r.copy(in.reader)
}

// copy passes a plain object on.
func (r *Reader) copy(from *bufio.Reader) error {
	return r.cause(r.fill(from, Block{Packing: Plain, Offset: r.opts.Offset}))
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
		b.Data = buf[:used]
		if b.Packing == Plain {
			b.Offset += n
		} else {
			b.Skip = n
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

// cause says whose fault err is: the stream's, or the object's own bytes'.
func (r *Reader) cause(err error) error {
	switch {
	case err == nil || err == errStopped:
		return err
	case r.source.err != nil:
		return fmt.Errorf("reading the object: %w", r.source.err)
	case err == io.ErrUnexpectedEOF || err == io.EOF:
		return fmt.Errorf("%w: truncated gzip", ErrCorrupt)
	default:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
}

// A source counts the stream's bytes and remembers its failure, so that a
// broken connection is never taken for a damaged object.
type source struct {
	stream io.Reader
	n      int64
	err    error
}

// Read gives up after a hundred reads without bytes, as bufio does, so that a
// stream which never gives any cannot keep a core busy.
func (s *source) Read(p []byte) (int, error) {
	for range 100 {
		n, err := s.stream.Read(p)
		s.n += int64(n)
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
