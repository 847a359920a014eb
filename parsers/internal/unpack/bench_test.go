package unpack

import (
	"bytes"
	"compress/bzip2"
	"context"
	"io"
	"testing"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
)

// bare are the decoders as their libraries have them.
var bare = map[Packing]func(io.Reader) io.Reader{
	Gzip: func(in io.Reader) io.Reader { return must(gzip.NewReader(in)) },
	Zstd: func(in io.Reader) io.Reader {
		return must(zstd.NewReader(in, zstd.WithDecoderConcurrency(1)))
	},
	Bzip2:  bzip2.NewReader,
	Snappy: func(in io.Reader) io.Reader { return snappy.NewReader(in) },
	LZ4:    func(in io.Reader) io.Reader { return lz4.NewReader(in) },
	Xz:     func(in io.Reader) io.Reader { return must(xz.NewReader(in)) },
}

// BenchmarkUnpack is to be compared with BenchmarkBare; both with -cpu 1.
func BenchmarkUnpack(b *testing.B) {
	for packing := range bare {
		packed, size := benchObject(packing)
		b.Run(string(packing), func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				r := New(io.NopCloser(bytes.NewReader(packed)), Options{})
				for err := error(nil); err != io.EOF; {
					if _, err = r.Next(context.Background()); err != nil && err != io.EOF {
						b.Fatal(err)
					}
				}
				r.Close()
			}
		})
	}
}

func BenchmarkBare(b *testing.B) {
	for packing, open := range bare {
		packed, size := benchObject(packing)
		b.Run(string(packing), func(b *testing.B) {
			b.SetBytes(size)
			b.ReportAllocs()
			buf := make([]byte, BlockSize)
			for b.Loop() {
				in := open(bytes.NewReader(packed))
				for err := error(nil); err != io.EOF; {
					if _, err = in.Read(buf); err != nil && err != io.EOF {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// benchObject is an object and its unpacked size in bytes.
func benchObject(p Packing) ([]byte, int64) {
	if p == Bzip2 {
		const n = 500
		return bytes.Repeat(bzip2ed(bzippedLong), n), int64(n * len(bzippedLong))
	}
	text := numbered(16 << 20)
	if p == Xz {
		return must(xzedWhole(text)), int64(len(text))
	}
	return packers[p](text), int64(len(text))
}

func xzedWhole(text string) ([]byte, error) {
	var out bytes.Buffer
	w, err := xz.WriterConfig{DictCap: 1 << 20}.NewWriter(&out)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, text); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}
