package unpack

import (
	"bufio"
	"compress/bzip2"
	"fmt"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
)

// wide are the packings whose decoders take megabytes: a window of MaxWindow, or
// two blocks of 4 MiB. Ten objects are unpacked at once, and no more than maxWide
// of these may be one inside another.
var wide = map[Packing]bool{Zstd: true, Xz: true, LZ4: true, Bzip2: true}

const maxWide = 2

// unpack unpacks what is in in and passes it on.
func (r *Reader) unpack(p Packing, in *bufio.Reader, depth int) error {
	if r.opts.Found != nil {
		r.opts.Found(string(p))
	}
	if wide[p] {
		if r.wide++; r.wide > maxWide {
			return r.settle(fmt.Errorf("%w: packed more than %d deep in zstd, xz, lz4 or bzip2", ErrCorrupt, maxWide))
		}
		defer func() { r.wide-- }()
	}
	switch p {
	case Gzip:
		z := inflaters.Get().(*gzip.Reader)
		err := r.content(p, &gunzip{Reader: z, in: in, r: r, depth: depth}, depth)
		inflaters.Put(z) // but not behind a panic: nobody knows its state
		return err
	case Zstd:
		return r.unzstd(in, depth)
	case Bzip2:
		return r.content(p, &one{Reader: bzip2.NewReader(in)}, depth)
	case Snappy:
		return r.content(p, &one{Reader: snappy.NewReader(in)}, depth)
	case LZ4:
		return r.unlz4(in, depth)
	case Xz:
		return r.content(p, &unxz{in: in, maxWindow: r.opts.MaxWindow}, depth)
	case Tar:
		return r.untar(in, depth)
	case Zip:
		return r.unzip(in, depth)
	default:
		if err := r.fill(in, Block{Packing: Plain, Offset: r.opts.Offset}); err != nil {
			return r.fail(Plain, err)
		}
		return nil
	}
}

// place tells where in the stored object in is, if in is that itself.
func (r *Reader) place(in *bufio.Reader) func() int64 {
	return func() int64 { return r.opts.Offset + r.source.n - int64(in.Buffered()) }
}
