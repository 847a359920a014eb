package unpack

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/snappy"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// packers pack texts as members, frames or streams one after another, or as the
// files of an archive.
var packers = map[Packing]func(texts ...string) []byte{
	Gzip: each(func(out io.Writer) io.WriteCloser { return gzip.NewWriter(out) }),
	Zstd: each(func(out io.Writer) io.WriteCloser {
		w, err := zstd.NewWriter(out, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<16), zstd.WithZeroFrames(true))
		return must(w, err)
	}),
	LZ4: each(func(out io.Writer) io.WriteCloser {
		w := lz4.NewWriter(out)
		if err := w.Apply(lz4.BlockSizeOption(lz4.Block64Kb), lz4.BlockChecksumOption(true)); err != nil {
			panic(err)
		}
		return w
	}),
	Snappy: each(func(out io.Writer) io.WriteCloser { return snappy.NewBufferedWriter(out) }),
	Xz: each(func(out io.Writer) io.WriteCloser {
		w, err := xz.WriterConfig{DictCap: 1 << 16, BlockSize: 64}.NewWriter(out)
		return must(w, err)
	}),
	Zlib:      each(func(out io.Writer) io.WriteCloser { return zlib.NewWriter(out) }),
	Xerial:    each(func(out io.Writer) io.WriteCloser { return whole(func(b []byte) { out.Write(xerialed(b)) }) }),
	Hadoop:    each(func(out io.Writer) io.WriteCloser { return whole(func(b []byte) { out.Write(hadooped(b, 100)) }) }),
	LegacyLZ4: each(func(out io.Writer) io.WriteCloser { return whole(func(b []byte) { out.Write(legacied(b)) }) }),
	RawSnappy: func(texts ...string) []byte { return snappy.Encode(nil, []byte(strings.Join(texts, ""))) },
	LZMA:      lzmaed,
	Tar:       tarred,
	Zip:       func(texts ...string) []byte { return zipped(zip.Deflate, texts...) },
}

// whole is a writer of all that it is given, when it is closed.
type whole func([]byte)

func (w whole) Write(b []byte) (int, error) { w(b); return len(b), nil }

func (whole) Close() error { return nil }

// xerialed writes as snappy-java's SnappyOutputStream does, in blocks of 1 KiB.
func xerialed(b []byte) []byte {
	out := []byte(xerialMagic + "\x00\x00\x00\x01\x00\x00\x00\x01")
	for chunk := range slices.Chunk(b, 1<<10) {
		packed := snappy.Encode(nil, chunk)
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(packed))), packed...)
	}
	return out
}

// hadooped writes a block as Hadoop's SnappyCodec does, in chunks of so many
// bytes.
func hadooped(b []byte, size int) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(len(b)))
	for chunk := range slices.Chunk(b, size) {
		packed := snappy.Encode(nil, chunk)
		out = append(binary.BigEndian.AppendUint32(out, uint32(len(packed))), packed...)
	}
	return out
}

// legacied writes a legacy frame as "lz4 -l" does.
func legacied(b []byte) []byte {
	out := []byte(legacyMagic)
	for chunk := range slices.Chunk(b, legacyBlock) {
		packed := make([]byte, lz4.CompressBlockBound(len(chunk)))
		n := must(lz4.CompressBlock(chunk, packed, nil))
		if n == 0 { // it cannot be made shorter: one literal
			n = copy(packed, literal(chunk))
		}
		out = append(binary.LittleEndian.AppendUint32(out, uint32(n)), packed[:n]...)
	}
	return out
}

func literal(b []byte) []byte {
	if len(b) < 15 {
		return append([]byte{byte(len(b) << 4)}, b...)
	}
	out, n := []byte{0xF0}, len(b)-15
	for ; n >= 255; n -= 255 {
		out = append(out, 255)
	}
	return append(append(out, byte(n)), b...)
}

func lzmaed(texts ...string) []byte {
	var out bytes.Buffer
	w := must(lzma.WriterConfig{DictCap: 1 << 16, EOSMarker: true}.NewWriter(&out))
	must(io.WriteString(w, strings.Join(texts, "")))
	must(0, w.Close())
	return out.Bytes()
}

// bzipped are texts that the bzip2 program packed, for want of a Go encoder.
var bzipped = map[string]string{
	"":           "425a683117724538509000000000",
	"one\ntwo\n": "425a6831314159265359a7142b77000002c180001002018480200021800c0238f51b8bb9229c2848538a15bb80",
	bzippedLong:  "425a68313141592653595dcab5c40000e0d180001040002ee78c002000880a55006800a54a3f5134d0f53b45b22f51668be45845c22c22e117445845a45da2d22f445f916d17445ed1688b68b922c45b22c45a4588b68bea2c45ca2fe2ee48a70a120bb956b880",
}

var bzippedLong = strings.Repeat("a log line that comes again and again\n", 50)

func bzip2ed(texts ...string) []byte {
	var all []byte
	for _, s := range texts {
		packed, err := hex.DecodeString(bzipped[s])
		all = append(all, must(packed, err)...)
	}
	return all
}

// packedOfEach is two texts in every packing; in bzip2 other ones.
func packedOfEach(t *testing.T, one, two string) map[Packing][]byte {
	t.Helper()
	all := map[Packing][]byte{Plain: []byte(one + two), Bzip2: bzip2ed("one\ntwo\n", bzippedLong)}
	for packing, pack := range packers {
		all[packing] = pack(one, two)
	}
	return all
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// each packs every text by a writer of its own.
func each(open func(io.Writer) io.WriteCloser) func(texts ...string) []byte {
	return func(texts ...string) []byte {
		var out bytes.Buffer
		for _, s := range texts {
			w := open(&out)
			must(io.WriteString(w, s))
			must(0, w.Close())
		}
		if len(texts) > 0 && out.Len() == 0 { // snappy writes nothing for nothing
			out.WriteString("\xff\x06\x00\x00sNaPpY")
		}
		return out.Bytes()
	}
}

func tarred(texts ...string) []byte {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for i, s := range texts {
		must(0, w.WriteHeader(&tar.Header{Name: fmt.Sprintf("logs/%d.log", i), Mode: 0o644, Size: int64(len(s))}))
		must(io.WriteString(w, s))
	}
	must(0, w.Close())
	return out.Bytes()
}

func zipped(method uint16, texts ...string) []byte {
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i, s := range texts {
		f := must(w.CreateHeader(&zip.FileHeader{Name: fmt.Sprintf("logs/%d.log", i), Method: method}))
		must(io.WriteString(f, s))
	}
	must(0, w.Close())
	return out.Bytes()
}

// filled are the texts that have any bytes.
func filled(texts []string) []string {
	return slices.DeleteFunc(slices.Clone(texts), func(s string) bool { return s == "" })
}
