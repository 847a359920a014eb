package parsers

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A pattern is a file most of which repeats itself, so that gigabytes need
// neither disk nor memory.
type pattern struct {
	parts []part
	size  int64
}

// A part is bytes that come a number of times.
type part struct {
	at    int64
	bytes []byte
}

func (f *pattern) add(b []byte, times int) {
	f.parts = append(f.parts, part{f.size, b})
	f.size += int64(len(b)) * int64(times)
}

// ReadAt implements io.ReaderAt.
func (f *pattern) ReadAt(b []byte, off int64) (n int, err error) {
	for n < len(b) {
		at := off + int64(n)
		if at >= f.size {
			return n, io.EOF
		}
		i := sort.Search(len(f.parts), func(i int) bool { return f.parts[i].at > at }) - 1
		p, end := f.parts[i], f.size
		if i+1 < len(f.parts) {
			end = f.parts[i+1].at
		}
		room := int(min(int64(len(b)-n), end-at))
		n += copy(b[n:n+room], p.bytes[(at-p.at)%int64(len(p.bytes)):])
	}
	return n, nil
}

// input reads the pattern as an object.
func (f *pattern) input() Input {
	return Input{
		Stream: io.NopCloser(io.NewSectionReader(f, 0, f.size)),
		Ranged: func() (io.ReaderAt, int64, error) { return f, f.size, nil },
	}
}

func (f *pattern) count(t testing.TB, p *Parser) (rows int64) {
	t.Helper()
	for _, err := range p.Records(t.Context(), f.input()) {
		if err != nil {
			t.Error(err)
			return rows
		}
		rows++
	}
	return rows
}

// largeGzip is one gzip member of head, so many times body, and tail. What is in
// it is packed by itself, so that it can come again.
func largeGzip(t testing.TB, head, body, tail string, times int) *pattern {
	t.Helper()
	f := new(pattern)
	f.add([]byte("\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"), 1) // https://www.rfc-editor.org/rfc/rfc1952
	sum, length := crc32.NewIEEE(), 0
	add := func(text string, times int, end func(*flate.Writer) error) {
		var out bytes.Buffer
		w, err := flate.NewWriter(&out, flate.DefaultCompression)
		if err == nil {
			_, err = io.WriteString(w, text)
		}
		if err == nil {
			err = end(w)
		}
		if err != nil {
			t.Fatal(err)
		}
		f.add(out.Bytes(), times)
		for range times {
			_, _ = io.WriteString(sum, text)
			length += len(text)
		}
	}
	add(head, 1, (*flate.Writer).Flush)
	add(body, times, (*flate.Writer).Flush)
	add(tail, 1, (*flate.Writer).Close)
	f.add(binary.LittleEndian.AppendUint32(binary.LittleEndian.AppendUint32(nil, sum.Sum32()), uint32(length)), 1)
	return f
}

// A largeObject has so many times a MiB, and records in proportion.
type largeObject struct {
	name string
	spec Spec
	of   func(t testing.TB, mib int) (*pattern, int64)
}

func largeObjects() []largeObject {
	packed := func(head, body, tail string, records int) func(testing.TB, int) (*pattern, int64) {
		return func(t testing.TB, mib int) (*pattern, int64) {
			return largeGzip(t, head, body, tail, mib), int64(1 + mib*records)
		}
	}
	header, lines, _ := strings.Cut(string(vpcFlow(1<<20)), "\n")
	records := strings.TrimSuffix(strings.TrimPrefix(string(cloudTrail(1<<20)), `{"Records":[`), `]}`) + ","
	commas := strings.ReplaceAll(lines, " ", ",")
	rows := strings.Count(lines, "\n")
	return []largeObject{
		{"lines", Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}}, packed(header+"\n", lines, "", rows)},
		{"json", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}, Fields: []string{"recipientAccountId", "awsRegion"}}, packed(`{"Records":[`, records, "{}]}", strings.Count(records, `{"eventVersion"`))},
		{"json array in one line", Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}, Fields: []string{"recipientAccountId", "awsRegion"}}, packed("[", records, "{}]\n", strings.Count(records, `{"eventVersion"`))},
		{"csv", Spec{Format: "csv", Options: &CSVOptions{Header: "json"}}, packed(strings.ReplaceAll(header, " ", ",")+"\n", commas, "", rows)},
		{"parquet", Spec{Format: "parquet"}, func(t testing.TB, mib int) (*pattern, int64) {
			const columns, pages = 20, 8
			return largeParquet(t, (mib+columns*pages-1)/(columns*pages), columns, pages)
		}},
	}
}

// TestMemoryOfLargeObjectsIsFlat reads 64 MiB with no more memory than blocks take; of
// parquet, than 20 columns' pages and what is read ahead.
func TestMemoryOfLargeObjectsIsFlat(t *testing.T) {
	exhaustive(t)
	for _, c := range largeObjects() {
		t.Run(c.name, func(t *testing.T) {
			file, want := c.of(t, 64)
			p, limit := mustCompile(t, c.spec), uint64(6<<20)
			if c.name == "parquet" {
				limit = 48 << 20
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			records := file.count(t, p)
			runtime.ReadMemStats(&after)
			if records != want {
				t.Errorf("%d records, want %d", records, want)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > limit {
				t.Errorf("%d KiB allocated in all, %d allowed", grown>>10, limit>>10)
			}
		})
	}
}

// BenchmarkMemory reads objects of a gigabyte, of parquet two, which are made as
// they are read, one by itself and ten at a time. The peak is what was resident
// of the whole process, in MiB; before is what was before.
func BenchmarkMemory(b *testing.B) {
	for _, c := range largeObjects() {
		mib := 1 << 10
		if c.name == "parquet" {
			mib = 2 << 10
		}
		file, want := c.of(b, mib)
		p := mustCompile(b, c.spec)
		for _, atOnce := range []int{1, 10} {
			b.Run(c.name+"/"+strconv.Itoa(atOnce), func(b *testing.B) {
				debug.FreeOSMemory()
				forgetPeak(b)
				before := peak(b)
				b.SetBytes(int64(mib) << 20 * int64(atOnce))
				for b.Loop() {
					var all sync.WaitGroup
					for range atOnce {
						all.Go(func() {
							if n := file.count(b, p); n != want {
								b.Errorf("%d records, want %d", n, want)
							}
						})
					}
					all.Wait()
				}
				b.ReportMetric(before, "before-MiB")
				b.ReportMetric(peak(b), "peak-MiB")
			})
		}
	}
}

// forgetPeak makes peak count from now on.
// https://docs.kernel.org/filesystems/proc.html
func forgetPeak(b *testing.B) {
	if err := os.WriteFile("/proc/self/clear_refs", []byte("5"), 0); err != nil {
		b.Fatal(err)
	}
}

// peak is the most resident memory that the process had, in MiB.
func peak(b *testing.B) float64 {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	_, line, _ := strings.Cut(string(status), "VmHWM:")
	kib, err := strconv.ParseFloat(strings.Fields(line)[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kib / 1024
}
