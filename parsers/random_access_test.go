package parsers

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// ranged is random access that notes what was read.
type ranged struct {
	io.ReaderAt
	least atomic.Int64 // the place of the first byte that was read
	reads atomic.Int64
	bytes atomic.Int64
	fail  error
	wait  time.Duration
}

func (r *ranged) ReadAt(p []byte, off int64) (int, error) {
	if r.wait > 0 {
		<-time.After(r.wait)
	}
	r.reads.Add(1)
	r.bytes.Add(int64(len(p)))
	r.least.Store(min(r.least.Load(), off))
	if r.fail != nil {
		return 0, r.fail
	}
	return r.ReaderAt.ReadAt(p, off)
}

// largeFile is one of three row groups of 8 MiB and more, each of 1,024 rows.
func largeFile(t testing.TB) []byte {
	t.Helper()
	file, _ := largeParquet(t, 3, 8, 1)
	data := make([]byte, file.size)
	if _, err := file.ReadAt(data, 0); err != nil {
		t.Fatal(err)
	}
	return data
}

func withRanged(data []byte, from Restart) (Input, *ranged, *closing) {
	r := &ranged{ReaderAt: bytes.NewReader(data)}
	r.least.Store(int64(len(data)))
	stream := &closing{Reader: bytes.NewReader(data)}
	return Input{Stream: stream, Restart: from, Ranged: func() (io.ReaderAt, int64, error) { return r, int64(len(data)), nil }}, r, stream
}

func TestALargeFileIsReadByRangeOrSpooled(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	data := largeFile(t)
	p := mustCompile(t, Spec{Format: "parquet"})
	in, r, stream := withRanged(data, Restart{})
	byRange, err := read(p, in)
	if err != nil || len(byRange) != 3072 {
		t.Fatalf("%d records, %v", len(byRange), err)
	}
	if stream.closed != 1 {
		t.Errorf("the stream was closed %d times", stream.closed)
	}
	if most := int64(len(data)) + int64(len(data))/8; r.bytes.Load() > most || r.reads.Load() > 200 {
		t.Errorf("%d reads of %d bytes in all, of a file of %d", r.reads.Load(), r.bytes.Load(), len(data))
	}
	var packed bytes.Buffer
	w, _ := gzip.NewWriterLevel(&packed, gzip.NoCompression) // which takes long under the race detector
	w.Write(data)
	w.Close()
	for name, object := range map[string]Input{"plain": object(data), "gzip": object(packed.Bytes())} {
		spooled, err := read(p, object)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(raws(byRange), raws(spooled)); diff != "" {
			t.Fatalf("%s (-by range +spooled):\n%s", name, diff)
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}

	last := byRange[2048].Restart
	if last == nil || *last != (Restart{Index: 2048, State: "plain", Spent: last.Spent}) || last.Spent == 0 {
		t.Fatalf("restart of the last row group: %+v", last)
	}
	in, r, _ = withRanged(data, *last)
	again, err := read(p, in)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(byRange[2048:], again); diff != "" {
		t.Fatalf("(-from the start +again):\n%s", diff)
	}
	if from := r.least.Load(); from < int64(len(data))/2 {
		t.Errorf("read from byte %d of %d on: the row groups before were not passed over", from, len(data))
	}
}

func TestEachParquetInAnArchiveIsAFileOfItsOwn(t *testing.T) {
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for i, rows := range [][]deepGroup{{{B: "a"}, {B: "b"}}, {{B: "c"}}} {
		w, err := z.Create(strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		w.Write(parquetOf(t, rows, parquet.MaxRowsPerRowGroup(1)))
	}
	z.Close()
	all, err := read(mustCompile(t, Spec{Format: "parquet"}), object(packed.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	wantRaws(t, all, `{"b":"a"}`, `{"b":"b"}`, `{"b":"c"}`)
	for i, g := range all {
		if g.Index != int64(i) || (g.Restart == nil) != (i > 0) {
			t.Errorf("record %d: index %d, restart %+v", i, g.Index, g.Restart)
		}
	}
}

func TestAFileThatIsTooLongToSpoolSaysSo(t *testing.T) {
	p := mustCompile(t, Spec{Format: "parquet", Options: &ParquetOptions{SpoolMiB: 12}})
	_, err := read(p, object(largeFile(t)))
	if !isCorrupt(err) || !strings.Contains(err.Error(), "spool_mib allows, 12 MiB") {
		t.Fatal(err)
	}
}

func TestABrokenRangedReadIsPassedOnAndIsNotCorrupt(t *testing.T) {
	broken := errors.New("connection reset")
	data := largeFile(t)
	p := mustCompile(t, Spec{Format: "parquet"})
	in, r, stream := withRanged(data, Restart{})
	r.fail = broken
	if _, err := read(p, in); !errors.Is(err, broken) || isCorrupt(err) || stream.closed != 1 {
		t.Errorf("%v, closed %d times", err, stream.closed)
	}
	in, r, _ = withRanged(data, Restart{})
	r.ReaderAt = bytes.NewReader(data[:len(data)/2])
	if _, err := read(p, in); !errors.Is(err, io.ErrUnexpectedEOF) || isCorrupt(err) {
		t.Errorf("a file that is shorter than was said: %v", err)
	}
	in.Ranged = func() (io.ReaderAt, int64, error) { return nil, 0, broken }
	in.Stream = io.NopCloser(bytes.NewReader(data))
	if _, err := read(p, in); !errors.Is(err, broken) || isCorrupt(err) {
		t.Errorf("no random access: %v", err)
	}
}

func TestIdleIsCalledWhileARangedReadWaits(t *testing.T) {
	data := largeFile(t)
	p := mustCompile(t, Spec{Format: "parquet"})
	synctest.Test(t, func(t *testing.T) {
		in, r, _ := withRanged(data, Restart{})
		r.wait = 2500 * time.Millisecond
		idle := 0
		in.Idle = func() { idle++ }
		for _, err := range p.Records(t.Context(), in) {
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if reads := int(r.reads.Load()); idle != 2*reads || reads == 0 {
			t.Fatalf("idle %d times in %d reads of 2.5 s", idle, reads)
		}
	})
}
