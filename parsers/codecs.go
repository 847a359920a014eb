package parsers

import (
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// errLonger says that unpacked bytes are more than there should be.
var errLonger = errors.New("unpacks to more bytes than it may")

// errSum says that a checksum is not that of the bytes.
var errSum = errors.New("its checksum is another")

// unpackFault is why bytes could not be unpacked, without a library's words.
func unpackFault(codec string, err error) string {
	for _, known := range []error{errLonger, errSum, io.ErrUnexpectedEOF} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if errors.Is(err, unpack.ErrWindow) {
		return err.Error()
	}
	return "not as " + codec + " writes it"
}

// codecs unpack the blocks and pages within files, which are small and held in
// memory whole. Each is made when first needed.
type codecs struct {
	readers   *blockReaders
	in        bytes.Reader
	hold      func(n int) error // asked before n bytes of memory are taken; nil takes them
	maxWindow int64             // of xz, in bytes; 0 is unpack's default
}

// blockReaders are what is worth keeping from one object to the next.
type blockReaders struct {
	flate  io.ReadCloser
	gzip   *gzip.Reader
	brotli *brotli.Reader
	zstd   *zstd.Decoder
}

var blockReaderPool = sync.Pool{New: func() any { return new(blockReaders) }}

// release gives the decoders back; the codecs may be used on.
func (c *codecs) release() {
	if c.readers != nil {
		blockReaderPool.Put(c.readers)
		c.readers = nil
	}
}

// zlibSum is how many bytes a writer may leave behind deflated ones, where avro
// has none: some cut zlib's head off and forget its checksum.
const zlibSum = 4

// unpack appends to dst what src unpacks to: at most so many bytes that dst is
// not longer than most. What does not end with src is an error, but for further
// gzip members and zstandard frames.
func (c *codecs) unpack(codec string, dst, src []byte, most int) ([]byte, error) {
	room := most - len(dst)
	switch codec {
	case "snappy":
		n, err := snappy.DecodedLen(src)
		if err != nil {
			return dst, err
		}
		if n > room {
			return dst, errLonger
		}
		if dst, err = c.grow(dst, n); err != nil {
			return dst, err
		}
		_, err = snappy.Decode(dst[len(dst):len(dst)+n], src)
		return dst[:len(dst)+n], err
	case "lz4":
		dst, err := c.grow(dst, room)
		if err != nil {
			return dst, err
		}
		n, err := lz4.UncompressBlock(src, dst[len(dst):most])
		return dst[:len(dst)+max(n, 0)], err
	case "lz4_hadoop":
		return c.hadoopLZ4(dst, src, most)
	}
	c.in.Reset(src)
	r, err := c.reader(codec)
	if err != nil {
		return dst, err
	}
	if dst, err = c.readAll(r, dst, most); err == nil && c.in.Len() > 0 && (codec != "deflate" || c.in.Len() > zlibSum) {
		err = fmt.Errorf("%d bytes behind its end", c.in.Len())
	}
	return dst, err
}

// reader begins to unpack c.in.
func (c *codecs) reader(codec string) (io.Reader, error) {
	if c.readers == nil {
		c.readers = blockReaderPool.Get().(*blockReaders)
	}
	r := c.readers
	switch codec {
	case "deflate":
		if r.flate == nil {
			r.flate = flate.NewReader(nil)
		}
		return r.flate, r.flate.(flate.Resetter).Reset(&c.in, nil)
	case "gzip":
		if r.gzip == nil {
			r.gzip = new(gzip.Reader)
		}
		return r.gzip, r.gzip.Reset(&c.in)
	case "brotli":
		if r.brotli == nil {
			r.brotli = new(brotli.Reader)
		}
		return r.brotli, r.brotli.Reset(&c.in)
	case "bzip2":
		return bzip2.NewReader(&c.in), nil
	case "xz":
		return unpack.NewXZ(&c.in, c.maxWindow)
	case "zstandard":
		if r.zstd == nil {
			var err error
			r.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxZstdWindow))
			if err != nil {
				return nil, err
			}
		}
		return r.zstd, r.zstd.Reset(&c.in)
	default:
		return nil, fmt.Errorf("codec %q is not known", codec)
	}
}

// maxZstdWindow is the most memory in bytes that a frame may ask for.
const maxZstdWindow = 16 << 20

// grow makes room for n bytes behind dst.
func (c *codecs) grow(dst []byte, n int) ([]byte, error) {
	if more := n - (cap(dst) - len(dst)); more > 0 && c.hold != nil {
		if err := c.hold(more); err != nil {
			return dst, err
		}
	}
	return slices.Grow(dst, n), nil
}

// readAll appends all of r to dst, which may become most bytes long.
func (c *codecs) readAll(r io.Reader, dst []byte, most int) ([]byte, error) {
	for {
		if len(dst) == cap(dst) {
			var err error
			if dst, err = c.grow(dst, min(max(len(dst), bytes.MinRead), max(most-len(dst), 1))); err != nil {
				return dst, err
			}
		}
		n, err := r.Read(dst[len(dst):cap(dst)])
		dst = dst[:len(dst)+n]
		switch {
		case len(dst) > most:
			return dst, errLonger
		case err == io.EOF:
			return dst, nil
		case err != nil:
			return dst, err
		}
	}
}
