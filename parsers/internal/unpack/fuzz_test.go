package unpack

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/snappy/xerial"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/ulikunitz/xz"
	"github.com/ulikunitz/xz/lzma"
)

// fuzzLimits keep an input's time short.
var fuzzLimits = Limits{MaxUnpacked: 1 << 20, MaxWindow: 1 << 20, MaxSpool: 1 << 20, MaxDepth: 3}

// FuzzUnpack unpacks anything. What is unpacked without an error must be what
// the reference makes of it, and what the reference accepts may be refused only
// as corrupt.
func FuzzUnpack(f *testing.F) {
	short := []string{"one\n", "", "two\n"}
	for packing, pack := range packers {
		packed := pack(short...)
		f.Add(packed)
		f.Add(packed[:len(packed)-1])
		f.Add(append(slices.Clone(packed), 0, 0, 0, 0))
		f.Add(append(append(slices.Clone(packed), " \r\n\t\x00"...), packed...))
		f.Add(packers[Gzip](split(string(packed), 10)...))
		f.Add(packers[Tar](string(packed), "x"))
		if packing != Zip {
			f.Add(packers[Zip](string(packed)))
		}
	}
	f.Add(bzip2ed("one\ntwo\n", "", bzippedLong))
	f.Add([]byte("\x55\x2a\x4d\x18\x01\x00\x00\x00x" + string(packers[Zstd]("x"))))
	f.Add([]byte("plain\n"))
	f.Fuzz(func(t *testing.T, packed []byte) {
		u := unpackAll(t, bytes.NewReader(packed), Options{Limits: fuzzLimits})
		if u.err != nil && !errors.Is(u.err, ErrCorrupt) {
			t.Fatalf("%v is not ErrCorrupt", u.err)
		}
		for _, n := range []int{1, 7} {
			again := unpackAll(t, iotest.DataErrReader(iotest.OneByteReader(bytes.NewReader(packed))), Options{Limits: fuzzLimits, BlockSize: n})
			if (again.err == nil) != (u.err == nil) || u.err == nil && !slices.Equal(again.files, u.files) {
				t.Fatalf("in blocks of %d: %q, %v; else %q, %v", n, again.files, again.err, u.files, u.err)
			}
		}
		if u.err != nil {
			return
		}
		want, err := reference(packed)
		if err == errNoReference {
			return
		}
		if err != nil || !slices.Equal(u.files, filled(want)) {
			t.Fatalf("%q; the reference has %q, %v", u.files, want, err)
		}
		if u.packing.Restartable() && u.packing != Plain {
			for _, at := range u.offsets {
				rest := unpackAll(t, bytes.NewReader(packed[at:]), Options{Packing: u.packing, Offset: at})
				if rest.err != nil || !strings.HasSuffix(u.text(), rest.text()) || rest.offsets[0] != at {
					t.Fatalf("from the member at %d: %q, %v", at, rest.files, rest.err)
				}
			}
		}
	})
}

// reference unpacks in memory, by the libraries' own readers of whole streams.
func reference(packed []byte) ([]string, error) {
	packing, _ := Detect(packed, true)
	all, err := referenceOf(packing, packed)
	if err != nil && (packing == Zstd || packing == LZ4) {
		if all, err = referenceOf(packing, bytes.TrimRight(packed, gaps)); err != nil {
			return nil, errNoReference
		}
	}
	return all, err
}

// errNoReference says that the libraries may not read what we do: gaps between
// two frames.
var errNoReference = errors.New("the reference knows no gaps between frames")

// joinable are the packings whose members may have gaps between them, and the
// magic numbers of those.
var joinable = map[Packing]string{Gzip: gzipMagic, Zstd: zstdMagic, LZ4: lz4Magic}

const gaps = "\x00 \t\r\n"

func referenceOf(packing Packing, packed []byte) ([]string, error) {
	var data []byte
	var err error
	switch in := bytes.NewReader(packed); packing {
	case Gzip:
		data, err = gunzipStd(packed)
	case Zstd:
		var d *zstd.Decoder
		if d, err = zstd.NewReader(in, zstd.WithDecoderConcurrency(2)); err == nil {
			data, err = io.ReadAll(d)
			d.Close()
		}
	case Bzip2:
		data, err = io.ReadAll(bzip2.NewReader(in))
	case Snappy:
		data, err = io.ReadAll(s2.NewReader(in))
	case LZ4:
		data, err = io.ReadAll(lz4.NewReader(in))
	case Xz:
		var x *xz.Reader
		if x, err = xz.NewReader(in); err == nil {
			data, err = io.ReadAll(x)
		}
	case Zlib:
		data, err = unzlibStd(packed)
	case Xerial:
		for _, part := range bytes.Split(packed, []byte(xerialMagic))[1:] {
			plain, err := xerial.Decode(append([]byte(xerialMagic), part...))
			if err != nil {
				return nil, errNoReference // a block that has the magic number in it
			}
			data = append(data, plain...)
		}
	case LegacyLZ4:
		data, err = io.ReadAll(lz4.NewReader(in))
	case RawSnappy:
		data, err = s2.Decode(nil, packed)
	case LZMA:
		var l *lzma.Reader
		if l, err = lzma.NewReader(in); err == nil {
			data, err = io.ReadAll(l)
		}
	case Hadoop:
		return nil, errNoReference
	case Tar:
		return untarStd(packed)
	case Zip:
		return unzipStd(packed)
	default:
		return []string{string(packed)}, nil
	}
	if err != nil {
		return nil, err
	}
	return reference(data)
}

// gunzipStd is what the standard library makes of gzip, one member at a time,
// with gaps allowed behind each.
func gunzipStd(packed []byte) (data []byte, err error) {
	rest := bytes.NewReader(packed)
	in := bufio.NewReader(rest)
	z := new(gzip.Reader)
	for {
		if err := z.Reset(in); err != nil {
			return data, err
		}
		z.Multistream(false)
		member, err := io.ReadAll(z)
		if data = append(data, member...); err != nil {
			return data, err
		}
		left := bytes.TrimLeft(packed[len(packed)-rest.Len()-in.Buffered():], gaps)
		if len(left) == 0 {
			return data, nil
		}
		packed, rest = left, bytes.NewReader(left)
		in.Reset(rest)
	}
}

// unzlibStd is the same for zlib.
func unzlibStd(packed []byte) (data []byte, err error) {
	for {
		in := bytes.NewReader(packed)
		z, err := zlib.NewReader(in)
		if err != nil {
			return data, err
		}
		stream, err := io.ReadAll(z)
		if data = append(data, stream...); err != nil {
			return data, err
		}
		if packed = bytes.TrimLeft(packed[len(packed)-in.Len():], gaps); len(packed) == 0 {
			return data, nil
		}
	}
}

func untarStd(packed []byte) (all []string, err error) {
	in := bytes.NewReader(packed)
	for {
		files := tar.NewReader(in)
		for {
			h, err := files.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return all, err
			}
			if !strings.ContainsRune("07S", rune(h.Typeflag)) || isJunk(h.Name) {
				continue
			}
			data, err := io.ReadAll(files)
			if err != nil {
				return all, err
			}
			inner, err := reference(data)
			if all = append(all, inner...); err != nil {
				return all, err
			}
		}
		rest := bytes.TrimLeft(packed[len(packed)-in.Len():], "\x00")
		if in = bytes.NewReader(rest); len(rest) == 0 {
			return all, nil
		}
		packed = rest
	}
}

func unzipStd(packed []byte) (all []string, err error) {
	z, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		return nil, err
	}
	for _, f := range z.File {
		if !f.Mode().IsRegular() || isJunk(f.Name) {
			continue
		}
		body, err := f.Open()
		if err != nil {
			return all, err
		}
		data, err := io.ReadAll(body)
		if err != nil {
			return all, err
		}
		inner, err := reference(data)
		if all = append(all, inner...); err != nil {
			return all, err
		}
	}
	return all, nil
}

// FuzzRoundTrip packs texts in one or two packings: nothing that an encoder
// writes may be refused, or changed.
func FuzzRoundTrip(f *testing.F) {
	packings := []Packing{Gzip, Zstd, Snappy, LZ4, Xz, Tar, Zip, Zlib, Xerial, LegacyLZ4}
	for i := range packings {
		f.Add([]byte("one\ntwo\n"), uint8(i), uint8(i+1), uint8(3), uint8(200))
		f.Add([]byte(strings.Repeat("a longer text\n", 40)), uint8(i), uint8(0), uint8(100), uint8(60))
	}
	f.Fuzz(func(t *testing.T, data []byte, outer, inner, member, piece uint8) {
		if p, _ := Detect(data, true); p != Plain || len(data) == 0 { // a tar of nothing has no magic number
			return
		}
		texts := split(string(data), max(1+int(member), len(data)/8))
		in, out := packings[int(inner)%len(packings)], packings[int(outer)%len(packings)]
		for _, s := range texts {
			if p, _ := Detect([]byte(s), true); p != Plain && (in == Tar || in == Zip) {
				return // a file of its own
			}
		}
		packed := string(packers[in](texts...))
		pieces := []string{packed} // as a file it must stay whole
		if out != Tar && out != Zip {
			pieces = split(packed, max(1+int(piece), len(packed)/8))
		}
		u := unpackAll(t, bytes.NewReader(packers[out](pieces...)), Options{BlockSize: 1 + int(piece)})
		want := texts
		if in != Tar && in != Zip {
			want = filled([]string{string(data)})
		}
		if u.err != nil || !slices.Equal(u.files, want) {
			t.Fatalf("%s in %s: %q, %v; want %q", in, out, u.files, u.err, want)
		}
	})
}
