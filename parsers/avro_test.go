package parsers

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ulikunitz/xz"
)

const personSchema = `{"type":"record","name":"Person","fields":[
	{"name":"name","type":"string"},
	{"name":"age","type":["null","long"]},
	{"name":"raw","type":"bytes"},
	{"name":"tags","type":{"type":"map","values":["null","string",{"type":"record","name":"Tag","fields":[{"name":"v","type":"int"}]}]}},
	{"name":"friends","type":{"type":"array","items":"Person"}},
	{"name":"best","type":["null","Person"]},
	{"name":"seen","type":{"type":"long","logicalType":"timestamp-nanos"}}]}`

func sizedText(s string) []byte { return append(avroLong(int64(len(s))), s...) }

// person is one encoded: tags and best are encoded already.
func person(name string, age int64, tags, best []byte) []byte {
	b := sizedText(name)
	if age < 0 {
		b = append(b, 0)
	} else {
		b = append(append(b, 2), avroLong(age)...)
	}
	b = append(b, sizedText("\xFF")...)
	b = append(append(b, tags...), 0)
	b = append(b, 0) // no friends
	if best == nil {
		b = append(b, 0)
	} else {
		b = append(append(b, 2), best...)
	}
	return append(b, avroLong(1_500_000_001)...)
}

// tags is a map of three, the last in a block of its own that says its length.
func someTags() []byte {
	b := append(avroLong(2), append(sizedText("k"), append([]byte{2}, sizedText("v\"")...)...)...)
	b = append(append(b, sizedText("none")...), 0)
	last := append(sizedText("t"), 4, 10)
	return append(append(append(b, avroLong(-1)...), avroLong(int64(len(last)))...), last...)
}

func people() []byte {
	first := person("a\n", 7, someTags(), person("b", -1, nil, nil))
	return avroFile("null", personSchema, 1, first, person("c", -1, nil, nil))
}

const seen = `"seen":"1970-01-01T00:00:01.500000001Z"`

func TestOptionsOfAvro(t *testing.T) {
	for _, c := range []struct {
		name string
		opts AvroOptions
		want []string
	}{
		{"defaults", AvroOptions{}, []string{
			`{"name":"a\n","age":7,"raw":"/w==","tags":{"k":"v\"","none":null,"t":{"v":5}},"friends":[],"best":{"name":"b","raw":"/w==","tags":{},"friends":[],` + seen + `},` + seen + `}`,
			`{"name":"c","raw":"/w==","tags":{},"friends":[],` + seen + `}`,
		}},
		{"nulls kept, bytes as text", AvroOptions{Nulls: "keep", Bytes: "utf-8"}, []string{
			`{"name":"a\n","age":7,"raw":"` + "\uFFFD" + `","tags":{"k":"v\"","none":null,"t":{"v":5}},"friends":[],"best":{"name":"b","age":null,"raw":"` + "\uFFFD" + `","tags":{},"friends":[],"best":null,` + seen + `},` + seen + `}`,
			`{"name":"c","age":null,"raw":"` + "\uFFFD" + `","tags":{},"friends":[],"best":null,` + seen + `}`,
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, Spec{Format: "avro", Options: &c.opts})
			all, err := sameInEveryChunking(t, p, people())
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, raws(all)); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
			if all[1].Restart == nil {
				t.Fatal("no restart at the second block")
			}
			sameFromEveryRestart(t, p, people(), all)
			packed := members(people(), 50)
			again, err := sameInEveryChunking(t, p, packed)
			if err != nil || !cmp.Equal(raws(all), raws(again)) {
				t.Fatalf("gzip: %v", err)
			}
			sameFromEveryRestart(t, p, packed, again)
		})
	}
}

func TestFieldsOfAvro(t *testing.T) {
	p := mustCompile(t, Spec{Format: "avro", Fields: []string{"name", "age", "best.name", "best.best", "tags.k", "tags.t.v", "tags.t", "tags.none", "friends", "none"}})
	all, err := read(p, object(people()))
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"a\n", "7", "b", absent, `v"`, "5", `{"v":5}`, absent, "[]", absent},
		{"c", absent, absent, absent, absent, absent, absent, absent, "[]", absent},
	}
	for i, g := range all {
		if diff := cmp.Diff(want[i], g.Fields); diff != "" {
			t.Errorf("record %d (-want +got):\n%s", i, diff)
		}
	}
}

func TestRecordsOfAvroAreCutAndCounted(t *testing.T) {
	long := strings.Repeat("é", 100_000)
	data := avroFile("null", `"string"`, 3, append(append(sizedText("a"), sizedText(long)...), sizedText("b")...))
	all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "avro", MaxRecord: 64}), data)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	if g := all[1]; g.Raw != `"`+long[:62] || g.Lost != 200_002-63 {
		t.Errorf("%q, %d lost", g.Raw, g.Lost)
	}
	if all[2].Raw != `"b"` || all[2].Lost != 0 {
		t.Errorf("behind it: %+v", all[2])
	}
}

func xzOf(t *testing.T, data []byte) []byte {
	var out bytes.Buffer
	w, err := xz.NewWriter(&out)
	if err != nil {
		t.Fatal(err)
	}
	w.Write(data)
	w.Close()
	return out.Bytes()
}

func TestAvroThatCannotBeReadIsCorrupt(t *testing.T) {
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"no avro", "no avro container file", []byte("one line of a log\n")},
		{"an unknown codec", "a codec that is none of", avroFile("lzma", `"int"`, 1, []byte{2})},
		{"a schema that is none", "schema", avroFile("null", `{"type":"recor"}`, 1, []byte{2})},
		{"another sync marker", "no sync marker", bytes.Replace(avroFile("null", `"int"`, 1, []byte{2}), []byte{2, 2, 2, '0'}, []byte{2, 2, 2, '1'}, 1)},
		{"more records than there are", "truncated", avroFile("null", `"int"`, 2, []byte{2})},
		{"fewer records than there are", "behind its last record", avroFile("null", `"int"`, 1, []byte{2, 2})},
		{"a union's member that is not there", "no such member", avroFile("null", `["null","int"]`, 1, []byte{4})},
		{"a symbol that is not there", "no such symbol", avroFile("null", `{"type":"enum","name":"E","symbols":["A"]}`, 1, []byte{2})},
		{"a string of any length", "bytes, of which there are", avroFile("null", `"string"`, 1, avroLong(1<<40))},
		{"a string of less than no length", "bytes, of which there are", avroFile("null", `"string"`, 1, []byte{1})},
		{"a number that does not end", "more than 10 bytes", avroFile("null", `"long"`, 1, bytes.Repeat([]byte{0xFF}, 11))},
		{"nested without end", "nested more than", avroFile("null", `{"type":"record","name":"L","fields":[{"name":"n","type":["null","L"]}]}`, 1, bytes.Repeat([]byte{2}, 100_000))},
		{"deflate that is none", "block at", avroFile("deflate", `"int"`, 1, []byte{0xFF, 0xFF})},
		{"snappy with another checksum", "checksum", avroFile("snappy", `"int"`, 1, []byte{1, 0, 2, 0, 0, 0, 0})},
		{"bzip2 that ends early", "block at", avroFile("bzip2", `"int"`, 1, []byte("BZh9\x31\x41\x59"))},
		{"bytes behind bzip2", "block at", avroFile("bzip2", `"int"`, 0, []byte("BZh9\x17\x72\x45\x38\x50\x90\x00\x00\x00\x00x"))},
		{"xz that is none", "block at", avroFile("xz", `"int"`, 1, []byte("not xz at all"))},
		{"bytes behind xz", "block at", avroFile("xz", `"int"`, 1, append(xzOf(t, []byte{2}), 'x'))},
		{"an empty xz block", "block at", avroFile("xz", `"int"`, 1, nil)},
		{"snappy too short for one", "block at", avroFile("snappy", `"int"`, 1, []byte{1})},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(blocksOf(mustCompile(t, Spec{Format: "avro"}), 7), object(c.data))
			if !isCorrupt(err) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("%v; want %q", err, c.want)
			}
		})
	}
}

// TestAnyNumberOfNullsIsCorrupt: they take no bytes, and have a bound all the same.
func TestAnyNumberOfNullsIsCorrupt(t *testing.T) {
	exhaustive(t)
	p := mustCompile(t, Spec{Format: "avro"})
	for want, data := range map[string][]byte{
		"bytes and values":       avroFile("null", `"null"`, 1<<40, nil),
		"longer than max_record": avroFile("null", `{"type":"array","items":"null"}`, 1, append(avroLong(1<<50), 0)),
	} {
		if _, err := read(p, object(data)); !isCorrupt(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// TestTruncatedAvroIsCorrupt but between two blocks, where the format does not
// tell.
func TestTruncatedAvroIsCorrupt(t *testing.T) {
	data := people()
	sync := []byte("0123456789abcdef")
	p := mustCompile(t, Spec{Format: "avro"})
	for n := 1; n < len(data); n++ {
		_, err := read(p, object(data[:n]))
		if whole := bytes.HasSuffix(data[:n], sync); whole != (err == nil) || err != nil && !isCorrupt(err) {
			t.Errorf("%d of %d bytes: %v", n, len(data), err)
		}
	}
	if all, err := read(p, object(nil)); err != nil || len(all) > 0 {
		t.Errorf("no bytes: %d records, %v", len(all), err)
	}
}

func TestABlockOfAvroThatIsTooLongSaysSo(t *testing.T) {
	long := sizedText(strings.Repeat("x", 2<<20))
	bomb := pack(long)
	bomb = bomb[10 : len(bomb)-8] // what gzip has around it
	p := mustCompile(t, Spec{Format: "avro", Options: &AvroOptions{BlockMiB: 1}})
	for name, data := range map[string][]byte{
		"stored":   avroFile("null", `"string"`, 1, long),
		"unpacked": avroFile("deflate", `"string"`, 1, bomb),
	} {
		if _, err := read(p, object(data)); !isCorrupt(err) || !strings.Contains(err.Error(), "more") {
			t.Errorf("%s: %v", name, err)
		}
		if all, err := read(mustCompile(t, Spec{Format: "avro"}), object(data)); err != nil || len(all) != 1 {
			t.Errorf("%s, within the default: %d records, %v", name, len(all), err)
		}
	}
}

func TestAPlaceInAvroThatIsNoneIsAnError(t *testing.T) {
	for _, state := range []string{"plain", "plain\nx", "plain\n1", "plain\n99999"} {
		in := object(people())
		in.Restart = Restart{Index: 1, State: state}
		if all, err := read(mustCompile(t, Spec{Format: "avro"}), in); err == nil || len(all) > 0 {
			t.Errorf("%q: %d records, %v", state, len(all), err)
		}
	}
}

// TestNothingOfAvroIsAllocatedPerRecord compares a file with one of twice its
// records.
func TestNothingOfAvroIsAllocatedPerRecord(t *testing.T) {
	exhaustive(t)
	p := mustCompile(t, Spec{Format: "avro", Fields: []string{"account_id", "subnet_id"}})
	var allocs [2]float64
	for i := range allocs {
		data, _ := avroFlows(t, 10_000*(i+1))
		allocs[i] = testing.AllocsPerRun(3, func() {
			for _, err := range p.Records(t.Context(), object(data)) {
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
	if allocs[1] > allocs[0]+100 {
		t.Fatalf("%.0f allocations, %.0f for twice the records", allocs[0], allocs[1])
	}
}

// TestAvroNamesOfAnyText reads schemas whose names the specification does not
// allow: JSON keys and paths take any text.
func TestAvroNamesOfAnyText(t *testing.T) {
	schema := `{"type":"record","name":"Outer$Inner","namespace":"com.acme-corp","fields":[
		{"name":"x-y","type":"int"},
		{"name":"$set","type":{"type":"enum","name":"E$1","symbols":["a-b","\u00e9 \"q\""]}},
		{"name":"a \"b\"\n","type":"int"},
		{"name":"2nd","type":["null","com.acme-corp.Outer$Inner"]}]}`
	p := mustCompile(t, Spec{Format: "avro", Fields: []string{"x-y", "$set", "2nd.x-y"}})
	data := avroFile("null", schema, 1, []byte{2, 2, 4, 2, 6, 0, 8, 0})
	all, err := sameInEveryChunking(t, p, data)
	if err != nil || len(all) != 1 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	want := `{"x-y":1,"$set":"é \"q\"","a \"b\"\n":2,"2nd":{"x-y":3,"$set":"a-b","a \"b\"\n":4}}`
	if all[0].Raw != want {
		t.Errorf("%s, want %s", all[0].Raw, want)
	}
	if diff := cmp.Diff([]string{"1", `é "q"`, "3"}, all[0].Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
}

// TestAWindowOfXZInAvroIsBounded: max_window is the bound there, too.
func TestAWindowOfXZInAvroIsBounded(t *testing.T) {
	data, want := golden(t, "testdata/event_xz.avro")
	all, err := read(mustCompile(t, Spec{Format: "avro"}), object(data))
	if err != nil || !cmp.Equal(raws(all), want) {
		t.Fatalf("%d records, %v", len(all), err)
	}
	_, err = read(mustCompile(t, Spec{Format: "avro", MaxWindow: 1 << 20}), object(data))
	if !isCorrupt(err) || !strings.Contains(err.Error(), "window") {
		t.Errorf("a window of 8 MiB where 1 MiB may be: %v", err)
	}
}
