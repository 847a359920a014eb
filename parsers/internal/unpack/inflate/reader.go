package inflate

import (
	"bufio"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"io"
)

// A Reader unpacks one stream, takes no byte behind it from its input, and writes
// straight into the buffers that it is given. Reset must be called first.
type Reader struct {
	decoder Decoder
	in      *bufio.Reader
	wrapped Wrapping
	crc     uint32 // of what gzip's members hold, and how many bytes that is, modulo 2^32
	size    uint32
	adler   hash.Hash32 // of what zlib's streams hold
	err     error
}

// Reset begins with a stream and reads its header.
func (r *Reader) Reset(in *bufio.Reader, wrapped Wrapping) error {
	r.decoder.Reset()
	r.in, r.wrapped, r.crc, r.size = in, wrapped, 0, 0
	switch wrapped {
	case Gzip:
		r.err = gzipHeader(in)
	case Zlib:
		r.adler = adler32.New()
		r.err = zlibHeader(in)
	default:
		r.err = nil
	}
	return r.err
}

// Read returns what can be unpacked without waiting for further input, and waits only
// if that is nothing. It is io.EOF once the checksum is that of the bytes. A stream
// that is cut short ends with io.ErrUnexpectedEOF.
func (r *Reader) Read(p []byte) (int, error) {
	for r.err == nil {
		src, _ := r.in.Peek(r.in.Buffered())
		n, used, err := r.decoder.Step(p, src)
		_, _ = r.in.Discard(used) // which are buffered
		if err != io.EOF {
			r.err = err
		}
		switch {
		case n > 0, len(p) == 0:
			r.update(p[:n])
			return n, r.err
		case err == io.EOF:
			r.err = r.trailer()
		case err == nil:
			if _, err := r.in.Peek(1); err != nil {
				r.err = early(err)
			}
		}
	}
	return 0, r.err
}

// update adds what was unpacked to the checksum.
func (r *Reader) update(b []byte) {
	switch r.wrapped {
	case Gzip:
		r.crc = crc32.Update(r.crc, crc32.IEEETable, b)
		r.size += uint32(len(b))
	case Zlib:
		r.adler.Write(b)
	default:
	}
}
