package unpack

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

func TestWhatIsTooMuchIsCorrupt(t *testing.T) {
	zeros := string(make([]byte, 10<<20))
	gz := packers[Gzip]
	gzZeros := gz(zeros)
	deep := "line\n"
	for range 5 {
		deep = string(gz(deep))
	}
	for _, c := range []struct {
		name   string
		packed []byte
		limits Limits
		reason string // "" if it is not too much
	}{
		{"zeros in gzip", gzZeros, Limits{}, ""},
		{"zeros in gzip in gzip", gz(string(gzZeros)), Limits{}, "from each"},
		{"zeros in a tar in gzip in gzip", gz(string(gz(string(tarred(zeros))))), Limits{}, "from each"},
		{"zeros in zstd", packers[Zstd](zeros), Limits{}, "from each"},
		{"zeros in xz", bytes.Repeat(xzed(t, 1<<16, zeros[:1<<20]), 10), Limits{}, "from each"},
		{"zeros in zip of gzip", zipped(zip.Deflate, string(gzZeros)), Limits{}, "from each"},
		{"files that share their bytes", overlapping(zeros[:1<<20], 20), Limits{}, "from each"},
		{"a ratio of one's own", gzZeros, Limits{MaxRatio: 1000}, "from each"},
		{"a little that repeats itself", packers[Zstd](zeros[:8<<20]), Limits{}, ""},
		{"exactly as much", gzZeros, Limits{MaxUnpacked: 10 << 20}, ""},
		{"one too many", gzZeros, Limits{MaxUnpacked: 10<<20 - 1}, "unpacked bytes"},
		{"too many in all of a zip's files", zipped(zip.Deflate, "line\n", "x"), Limits{MaxUnpacked: 5}, "unpacked bytes"},
		{"plain bytes are not unpacked", []byte(zeros), Limits{MaxUnpacked: 1}, ""},
		{"four deep", gz(string(gz(string(gz(string(gz("line\n"))))))), Limits{}, ""},
		{"five deep", []byte(deep), Limits{}, "more than 4 deep"},
		{"two windows", packers[Zstd](string(packers[LZ4]("line\n"))), Limits{}, ""},
		{"three windows", packers[Zstd](string(packers[LZ4](string(xzed(t, 1<<16, "line\n"))))), Limits{}, "more than 2 deep in zstd"},
		{"two deep, of one", gz(string(gz(""))), Limits{MaxDepth: 1}, "more than 1 deep"},
		{"as long a zip as may be spooled", zipped(zip.Store, "x"), Limits{MaxSpool: int64(len(zipped(zip.Store, "x")))}, ""},
		{"a longer one", zipped(zip.Store, "x"), Limits{MaxSpool: int64(len(zipped(zip.Store, "x"))) - 1}, "spooled"},
		{"a directory that does not fit", zipped(zip.Store, make([]string, 80_000)...), Limits{}, "directory"},
		{"a window of zstd", windowed(t, 16<<20), Limits{}, "window of 16777216 bytes is wanted; max_window is 8388608"},
		{"the same, if that may be", windowed(t, 16<<20), Limits{MaxWindow: 16 << 20}, ""},
		{"a window of xz", xzed(t, 16<<20, "line\n"), Limits{}, "window of 16777216 bytes is wanted; max_window is 8388608"},
		{"the same, if it may be", xzed(t, 16<<20, "line\n"), Limits{MaxWindow: 16 << 20}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			err := drain(bytes.NewReader(c.packed), Options{Limits: c.limits})
			switch {
			case c.reason == "" && err != nil:
				t.Fatal(err)
			case c.reason != "" && (!errors.Is(err, ErrCorrupt) || !strings.Contains(err.Error(), c.reason)):
				t.Fatalf("error %v, want one of %q", err, c.reason)
			}
		})
	}
}

// drain reads a stream and is why that ended, unless all was read.
func drain(stream io.Reader, opts Options) error {
	r := New(io.NopCloser(stream), opts)
	defer r.Close()
	for {
		_, err := r.Next(context.Background())
		if err == io.EOF && !r.NextFile() {
			return nil
		}
		if err != nil && err != io.EOF {
			return err
		}
	}
}

// overlapping is a zip whose directory names one file n times.
func overlapping(text string, n int) []byte {
	packed := zipped(zip.Deflate, text)
	at, end := bytes.Index(packed, []byte("PK\x01\x02")), bytes.Index(packed, []byte("PK\x05\x06"))
	entry, tail := packed[at:end], bytes.Clone(packed[end:])
	binary.LittleEndian.PutUint16(tail[8:], uint16(n))
	binary.LittleEndian.PutUint16(tail[10:], uint16(n))
	binary.LittleEndian.PutUint32(tail[12:], uint32(n*len(entry)))
	return append(append(bytes.Clone(packed[:at]), bytes.Repeat(entry, n)...), tail...)
}

func windowed(t *testing.T, size int) []byte {
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(size))
	if err != nil {
		t.Fatal(err)
	}
	w.Write([]byte("line\n"))
	w.Flush() // its length is not known by now
	w.Close()
	return out.Bytes()
}

func xzed(t *testing.T, dictionary int, text string) []byte {
	var out bytes.Buffer
	w, err := xz.WriterConfig{DictCap: dictionary}.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(w, text)
	w.Close()
	return out.Bytes()
}

// TestMemoryIsFlat unpacks 64 MiB.
func TestMemoryIsFlat(t *testing.T) {
	for packing, limit := range map[Packing]uint64{Gzip: 16, Zstd: 32, Snappy: 16, LZ4: 32} { // MiB
		out, in := io.Pipe()
		go func() {
			chunk := packers[packing](numbered(1 << 20))
			for range 64 {
				in.Write(chunk)
			}
			in.Close()
		}()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if err := drain(out, Options{}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if grown := (after.TotalAlloc - before.TotalAlloc) >> 20; grown > limit {
			t.Errorf("%s: %d MiB allocated in all", packing, grown)
		}
	}
}

// numbered is about n bytes of lines.
func numbered(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		fmt.Fprintf(&b, "%d a log line of which no two are the same, but for %d\n", i, i*i%97)
	}
	return b.String()
}
