package unpack

import (
	"bufio"
	"compress/bzip2"
	"fmt"

	"github.com/klauspost/compress/snappy"
)

// wide are the packings whose decoders take megabytes: a window of MaxWindow, or
// two blocks of 4 MiB. Ten objects are unpacked at once, and no more than maxWide
// of these may be one inside another.
var wide = map[Packing]bool{
	Zstd: true, Xz: true, LZ4: true, Bzip2: true, Brotli: true, LZMA: true,
	LegacyLZ4: true, Xerial: true, Hadoop: true, RawSnappy: true,
}

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
	case Gzip, Zlib, Deflate:
		return r.inflate(p, in, depth)
	case Zstd:
		return r.unzstd(in, depth)
	case Bzip2:
		return r.content(p, &one{Reader: bzip2.NewReader(in)}, depth)
	case Snappy:
		return r.content(p, &one{Reader: snappy.NewReader(in)}, depth)
	case LZ4:
		return r.unlz4(in, depth)
	case LegacyLZ4:
		return r.content(p, &one{Reader: &unlegacy{in: in, limit: r.opts.MaxWindow}}, depth)
	case Brotli:
		return r.unbrotli(in, depth)
	case Xerial:
		return r.content(p, r.unsnappy(in, nextXerial), depth)
	case Hadoop:
		return r.content(p, r.unsnappy(in, nextHadoop), depth)
	case RawSnappy:
		return r.content(p, r.unsnappy(in, nextRaw), depth)
	case LZMA:
		return r.content(p, &unlzma{in: in, maxWindow: r.opts.MaxWindow}, depth)
	case Xz:
		return r.content(p, &unxz{in: in, maxWindow: r.opts.MaxWindow}, depth)
	case Tar:
		r.hints = nil // of the archive, not of its files
		return r.untar(in, depth)
	case Zip:
		r.hints = nil
		return r.unzip(in, depth)
	default:
		if err := r.fill(in, Block{Packing: Plain, Offset: r.place(in)()}); err != nil {
			return r.fail(Plain, err)
		}
		return nil
	}
}

func (r *Reader) unsnappy(in *bufio.Reader, next func(*unsnappy) error) members {
	return &one{Reader: &unsnappy{in: in, limit: r.opts.MaxWindow, next: next}}
}

func (r *Reader) unbrotli(in *bufio.Reader, depth int) error {
	if head, err := in.Peek(1); err == nil {
		if window := brotliWindow(head[0]); window > r.opts.MaxWindow {
			return r.fail(Brotli, windowError(uint64(window), r.opts.MaxWindow))
		}
	}
	return r.content(Brotli, &unbrotli{in: in}, depth)
}

// place tells where in the stored object in is, if in is that itself.
func (r *Reader) place(in *bufio.Reader) func() int64 {
	return func() int64 { return r.opts.Offset + r.source.n - int64(in.Buffered()) }
}
