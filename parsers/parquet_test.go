package parsers

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding/thrift"
)

// parquetOf is rows as the library writes them.
func parquetOf[T any](t testing.TB, rows []T, options ...parquet.WriterOption) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[T](&out, options...)
	if _, err := w.Write(rows); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func ptr[T any](v T) *T { return &v }

type deep struct {
	ID    int64             `parquet:"id"`
	Name  *string           `parquet:"na\"me,optional"`
	Raw   []byte            `parquet:"raw"`
	Doc   string            `parquet:"doc,json"`
	Group *deepGroup        `parquet:"group,optional"`
	Tags  map[string]string `parquet:"tags"`
	Each  []deepItem        `parquet:"each"`
}

type deepGroup struct {
	A *int32 `parquet:"a,optional"`
	B string `parquet:"b"`
}

type deepItem struct {
	X *int64   `parquet:"x,optional"`
	Y []string `parquet:"y,list"`
}

var deepRows = []deep{
	{ID: 1, Name: ptr("n"), Raw: []byte("text"), Doc: "{\"a\":\n1}", Group: &deepGroup{A: ptr(int32(5)), B: "b\n"}, Tags: map[string]string{"k": "v\""}, Each: []deepItem{{X: ptr(int64(1)), Y: []string{"p", "q"}}, {}}},
	{ID: 2, Raw: []byte{0xFF, 'x'}, Doc: "{not", Tags: map[string]string{}},
	{ID: 3, Doc: "", Group: &deepGroup{}},
}

func TestOptionsOfParquet(t *testing.T) {
	data := parquetOf(t, deepRows)
	for _, c := range []struct {
		name string
		opts ParquetOptions
		want []string
	}{
		{"defaults", ParquetOptions{}, []string{
			`{"id":1,"na\"me":"n","raw":"dGV4dA==","doc":{"a": 1},"group":{"a":5,"b":"b\n"},"tags":{"k":"v\""},"each":[{"x":1,"y":["p","q"]},{"y":[]}]}`,
			`{"id":2,"raw":"/3g=","doc":"{not","tags":{},"each":[]}`,
			`{"id":3,"raw":"","doc":"","group":{"b":""},"tags":{},"each":[]}`,
		}},
		{"nulls kept, bytes as text", ParquetOptions{Nulls: "keep", Bytes: "utf-8"}, []string{
			`{"id":1,"na\"me":"n","raw":"text","doc":{"a": 1},"group":{"a":5,"b":"b\n"},"tags":{"k":"v\""},"each":[{"x":1,"y":["p","q"]},{"x":null,"y":[]}]}`,
			`{"id":2,"na\"me":null,"raw":"` + "\uFFFD" + `x","doc":"{not","group":null,"tags":{},"each":[]}`,
			`{"id":3,"na\"me":null,"raw":"","doc":"","group":{"a":null,"b":""},"tags":{},"each":[]}`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := read(mustCompile(t, Spec{Format: "parquet", Options: &c.opts}), object(data))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, raws(all)); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFieldsOfParquetAreReadFromTheRow(t *testing.T) {
	fields := []string{"id", "group.a", "group.b", "group", "tags.k", "tags.x", "each", "each.x", "doc", "doc.a", "raw", "none"}
	p := mustCompile(t, Spec{Format: "parquet", Fields: fields})
	all, err := read(p, object(parquetOf(t, deepRows)))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"1", "5", "b\n", `{"a":5,"b":"b\n"}`, `v"`, absent, `[{"x":1,"y":["p","q"]},{"y":[]}]`, absent, `{"a": 1}`, absent, "dGV4dA==", absent},
		{"2", absent, absent, absent, absent, absent, "[]", absent, "{not", absent, "/3g=", absent},
		{"3", absent, "", `{"b":""}`, absent, absent, "[]", absent, "", absent, "", absent},
	}
	for i, g := range all {
		if diff := cmp.Diff(want[i], g.Fields); diff != "" {
			t.Errorf("row %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestRowsOfParquetAreCutAndCounted(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	data := parquetOf(t, []deepGroup{{B: "short"}, {A: ptr(int32(1)), B: long}, {B: long[:40]}})
	for max, fields := range map[int][]string{64: {"1", absent}, 1 << 20: {"1", long}} {
		all, err := read(mustCompile(t, Spec{Format: "parquet", Fields: []string{"a", "b"}, MaxRecord: max}), object(data))
		if err != nil || len(all) != 3 {
			t.Fatalf("%d records, %v", len(all), err)
		}
		whole := `{"a":1,"b":"` + long + `"}`
		if g := all[1]; !strings.HasPrefix(whole, g.Raw) || int(g.Lost) != len(whole)-len(g.Raw) || len(g.Raw) > max {
			t.Errorf("max %d: %d bytes, %d lost of %d", max, len(g.Raw), g.Lost, len(whole))
		}
		if diff := cmp.Diff(fields, all[1].Fields); diff != "" {
			t.Errorf("max %d (-want +got):\n%s", max, diff)
		}
		if all[2].Raw != `{"b":"`+long[:40]+`"}` || all[2].Lost != 0 {
			t.Errorf("max %d: the row behind it is %q", max, all[2].Raw)
		}
	}
	_, err := read(mustCompile(t, Spec{Format: "parquet", MaxRecord: 64, Oversize: "fail"}), object(data))
	var oversize *OversizeError
	if !errors.As(err, &oversize) || oversize.Index != 1 {
		t.Error(err)
	}
}

// TestParquetOfTheLibrary compares rows with what encoding/json makes of them.
func TestParquetOfTheLibrary(t *testing.T) {
	next := flows()
	rows := make([]flow, 3000)
	var want []string
	for i := range rows {
		rows[i] = next()
	}
	var file bytes.Buffer
	parquetFlows(t, &file, len(rows), 700, parquet.Compression(&parquet.Zstd), parquet.PageBufferSize(3000))
	for _, f := range rows {
		want = append(want, f.json())
	}
	p := mustCompile(t, Spec{Format: "parquet"})
	for name, data := range map[string][]byte{"plain": file.Bytes(), "gzip": pack(file.Bytes())} {
		all, err := read(p, object(data))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, raws(all)); diff != "" {
			t.Fatalf("%s (-want +got):\n%s", name, diff)
		}
		restarts := 0
		for _, g := range all {
			if g.Restart != nil {
				restarts++
			}
		}
		if restarts != 5 {
			t.Errorf("%s: %d restarts for 5 row groups", name, restarts)
		}
		sameFromEveryRestart(t, p, data, all)
	}
}

// json is the row.
func (f flow) json() string {
	text, _ := json.Marshal(f)
	start := strconv.FormatInt(f.Start, 10)
	at := time.UnixMilli(f.Start).UTC().Format(`"2006-01-02T15:04:05.000Z"`)
	return strings.Replace(string(text), `"start":`+start, `"start":`+at, 1)
}

func TestParquetThatCannotBeReadIsCorrupt(t *testing.T) {
	good := parquetOf(t, deepRows)
	footer := func(b ...byte) []byte {
		return append(append([]byte("PAR1"), b...), byte(len(b)), 0, 0, 0, 'P', 'A', 'R', '1')
	}
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"no parquet", "no footer", []byte(strings.Repeat("one line of a log\n", 10))},
		{"a few bytes", "3 bytes are no file", []byte("PAR")},
		{"only the magic number", "are no file", []byte("PAR1PAR1")},
		{"encrypted", "encrypted", append(bytes.Clone(good[:len(good)-4]), "PARE"...)},
		{"a footer longer than the file", "a footer of", append(bytes.Clone(good[:len(good)-8]), 0xFF, 0xFF, 0xFF, 0x7F, 'P', 'A', 'R', '1')},
		{"an empty footer", "footer", footer()},
		{"text in front of a file without rows", "in front", append([]byte("a line of a log\n"), parquetOf(t, deepRows[:0])...)},
		{"a footer of a list of two billion items", "footer", footer(0x19, 0xFC, 0xFF, 0xFF, 0xFF, 0xFF, 0x07, 0)},
		{"a footer of structs in structs", "footer", footer(bytes.Repeat([]byte{0x1C}, 100)...)},
		{"a footer without a schema", "no schema", footer(0x29, 0x0C, 0x16, 0x00, 0x19, 0x0C, 0)},
		{"a footer without a number of rows", "no metadata", footer(0x29, 0x0C, 0x29, 0x0C, 0)},
	} {
		t.Run(c.name, func(t *testing.T) {
			all, err := read(mustCompile(t, Spec{Format: "parquet"}), object(c.data))
			if !isCorrupt(err) || !strings.Contains(err.Error(), c.want) || len(all) > 0 {
				t.Fatalf("%d records, %v; want %q", len(all), err, c.want)
			}
		})
	}
}

// A damaged list of row groups may end early, or have other numbers of rows.
func TestRowsOfParquetThatNoGroupHasAreCorrupt(t *testing.T) {
	data := parquetOf(t, deepRows)
	f, err := parquet.OpenFile(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	end := len(data) - 8 - int(binary.LittleEndian.Uint32(data[len(data)-8:]))
	for _, more := range []int64{-f.NumRows(), -1, 0, 1, math.MaxInt64 - f.NumRows()} {
		meta := *f.Metadata()
		meta.NumRows += more
		footer, err := thrift.Marshal(new(thrift.CompactProtocol), &meta)
		if err != nil {
			t.Fatal(err)
		}
		size := binary.LittleEndian.AppendUint32(nil, uint32(len(footer)))
		all, err := read(mustCompile(t, Spec{Format: "parquet"}), object(slices.Concat(data[:end], footer, size, []byte("PAR1"))))
		switch {
		case more == 0 && (err != nil || len(all) != len(deepRows)):
			t.Errorf("%d of %d rows, %v", len(all), len(deepRows), err)
		case more != 0 && (!isCorrupt(err) || len(all) > 0):
			t.Errorf("%+d rows: %d records, %v", more, len(all), err)
		}
	}
}

func TestTruncatedParquetIsCorruptAtEveryByte(t *testing.T) {
	data := parquetOf(t, deepRows)
	p := mustCompile(t, Spec{Format: "parquet"})
	for n := 1; n < len(data); n++ {
		if all, err := read(p, object(data[:n])); !isCorrupt(err) || len(all) > 0 {
			t.Fatalf("%d of %d bytes: %d records, %v", n, len(data), len(all), err)
		}
	}
	if all, err := read(p, object(nil)); err != nil || len(all) > 0 {
		t.Fatalf("no bytes: %d records, %v", len(all), err)
	}
}

// TestADamagedPageOfParquetIsCorrupt flips a bit of every third byte between the magic
// number and the footer: a checksum, or a header that makes no sense, must show
// it, or it must make no difference.
func TestADamagedPageOfParquetIsCorrupt(t *testing.T) {
	exhaustive(t)
	for _, file := range []string{"testdata/nested_snappy_v1_dictionary.parquet", "testdata/nested_none_v2_plain.parquet"} {
		data, want := golden(t, file)
		p := mustCompile(t, Spec{Format: "parquet"})
		same := 0
		footer := len(data) - 8 - int(data[len(data)-8]) - int(data[len(data)-7])<<8
		for i := 4; i < footer; i += 3 {
			data[i] ^= 1 << (i % 8)
			all, err := read(p, object(data))
			switch {
			case err != nil && !isCorrupt(err):
				t.Fatalf("byte %d: %v", i, err)
			case err == nil && !cmp.Equal(want, raws(all)):
				t.Fatalf("byte %d: other rows and no error: %s", i, cmp.Diff(want, raws(all)))
			case err == nil:
				same++
			}
			data[i] ^= 1 << (i % 8)
		}
		if same > footer/2 {
			t.Errorf("%s: %d of %d flipped bits made no difference", file, same, footer)
		}
	}
}

func TestAPanicWhileReadingParquetIsThisObjectsFault(t *testing.T) {
	p := &parquetRun{}
	err := p.guard(func() error { panic("boom") })
	if !isCorrupt(err) || !strings.Contains(err.Error(), "boom") {
		t.Fatal(err)
	}
}

func TestAPanicInTheLoopOverParquetIsItsOwn(t *testing.T) {
	stream := &closing{Reader: bytes.NewReader(parquetOf(t, deepRows))}
	defer func() {
		if v := recover(); v != "the loop's own" || stream.closed != 1 {
			t.Errorf("recovered %v, closed %d times", v, stream.closed)
		}
	}()
	for range mustCompile(t, Spec{Format: "parquet"}).Records(t.Context(), Input{Stream: stream}) {
		panic("the loop's own")
	}
}

func TestParquetTellsHowMuchMemoryItWouldTake(t *testing.T) {
	file, _ := largeParquet(t, 1, 20, 2)
	for mib, fits := range map[int]bool{8: false, 64: true} {
		p := mustCompile(t, Spec{Format: "parquet", Options: &ParquetOptions{MemoryMiB: mib}})
		_, err := read(p, file.input())
		if fits != (err == nil) || !fits && (!isCorrupt(err) || !strings.Contains(err.Error(), "memory_mib allows, 8 MiB")) {
			t.Errorf("%d MiB: %v", mib, err)
		}
	}
}

func TestARestartThatIsNoRowGroupsFirstIsAnError(t *testing.T) {
	data := parquetOf(t, deepRows)
	for _, index := range []int64{1, 4} {
		in := object(data)
		in.Restart = Restart{Index: index, State: "plain"}
		_, err := read(mustCompile(t, Spec{Format: "parquet"}), in)
		if err == nil || isCorrupt(err) || !strings.Contains(err.Error(), "no place to begin at") {
			t.Errorf("record %d: %v", index, err)
		}
	}
}

// TestNothingOfParquetIsAllocatedPerRecord compares a file with one of twice its
// rows.
func TestNothingOfParquetIsAllocatedPerRecord(t *testing.T) {
	exhaustive(t)
	p := mustCompile(t, Spec{Format: "parquet", Fields: []string{"account_id", "subnet_id"}})
	var allocs [2]float64
	for i := range allocs {
		var file bytes.Buffer
		parquetFlows(t, &file, 10_000*(i+1), 100_000)
		allocs[i] = testing.AllocsPerRun(3, func() {
			for _, err := range p.Records(t.Context(), object(file.Bytes())) {
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if allocs[1] > allocs[0]+400 { // a few for each page of 20 columns
		t.Fatalf("%.0f allocations, %.0f for twice the records", allocs[0], allocs[1])
	}
}
