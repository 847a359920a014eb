package parsers

import (
	"bytes"
	"context"
	"io"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/text/encoding/unicode"
)

// textParser is a way of reading text, and an invented object for it.
type textParser struct {
	name string
	spec Spec
	data func(size int) []byte
}

// textParsers are the ways of reading text that differ in what they do to a
// record.
func textParsers() []textParser {
	rows := func(row string) func(int) []byte {
		return func(size int) []byte { return bytes.Repeat([]byte(row), size/len(row)+1) }
	}
	headed := func(header, row string) func(int) []byte {
		return func(size int) []byte { return append([]byte(header), rows(row)(size)...) }
	}
	wide := func(of func(int) []byte) func(int) []byte {
		return func(size int) []byte {
			b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(of(size / 2))
			if err != nil {
				panic(err)
			}
			return b
		}
	}
	csv := headed("time,user,action,detail\n", "2026-05-01T10:00:00Z,jane,login,from the office\n2026-05-01T10:00:01Z,\"doe, john\",\"say \"\"hello\"\"\",\"two\nlines\"\n")
	w3c := headed("#Version: 1.0\n#Fields: date time x-edge-location sc-bytes c-ip cs-method cs(Host)\n", "2026-05-01\t10:00:00\tDUB2-C1\t2048\t10.0.0.1\tGET\td111111abcdef8.example.net\n")
	cef := rows(`<13>May  1 10:00:00 gw CEF:0|Acme|Wall|1.0|100|blocked|5|src=10.0.0.1 dst=10.0.0.2 spt=1234 request=http://a.example/?x\=1 msg=a policy \| rule` + "\n")
	syslog := rows("<165>1 2026-05-01T10:00:00.003Z host.example.net app 1234 ID47 [a@1 x=\"1\"] a message that is not long\n<34>May  1 10:00:00 gw sshd[99]: a message\n")
	return []textParser{
		{"lines", Spec{Format: "lines", Options: &LinesOptions{Header: "drop", Comment: "#"}}, vpcFlow},
		{"lines_fields", Spec{Format: "lines", Options: &LinesOptions{Header: "drop", Separator: "space"}, Fields: []string{"account-id", "13"}}, vpcFlow},
		{"lines_json", Spec{Format: "lines", Options: &LinesOptions{Header: "json", Separator: "space"}}, vpcFlow},
		{"lines_start", Spec{Format: "lines", Options: &LinesOptions{Start: `^\d{4}-\d\d`}}, rows("2026-05-01 an error\n  at one.place\n  at another\n")},
		{"lines_utf16", Spec{Format: "lines", Options: &LinesOptions{Encoding: "utf-16"}}, wide(vpcFlow)},
		{"lines_latin1", Spec{Format: "lines", Options: &LinesOptions{Encoding: "latin-1"}}, vpcFlow},
		{"csv", Spec{Format: "csv"}, csv},
		{"csv_fields", Spec{Format: "csv", Options: &CSVOptions{Header: "keep"}, Fields: []string{"user", "action"}}, csv},
		{"csv_json", Spec{Format: "csv", Options: &CSVOptions{Header: "json"}}, csv},
		{"w3c", Spec{Format: "w3c", Fields: []string{"cs(Host)"}}, w3c},
		{"w3c_json", Spec{Format: "w3c", Options: &W3COptions{Record: "json"}}, w3c},
		{"cef", Spec{Format: "cef", Fields: []string{"deviceVendor", "msg"}}, cef},
		{"syslog", Spec{Format: "syslog", Fields: []string{"facility", "app"}}, syslog},
		{"syslog_octets", Spec{Format: "syslog", Options: &SyslogOptions{Framing: "octets"}}, rows("28 <13>1 - gw app 1 - - message")},
	}
}

// TestNothingIsAllocatedPerRecordOfText compares an object with one of twice its
// length.
func TestNothingIsAllocatedPerRecordOfText(t *testing.T) {
	exhaustive(t)
	for _, c := range textParsers() {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, c.spec)
			var allocs [2]float64
			for i := range allocs {
				data := c.data((i + 1) << 18)
				allocs[i] = testing.AllocsPerRun(3, func() {
					for r, err := range p.Records(context.Background(), object(data)) {
						if err != nil || r.Unparsed != "" {
							t.Fatalf("%q: %s, %v", r.Raw, r.Unparsed, err)
						}
					}
				})
			}
			if allocs[1] > allocs[0]+100 { // half of the records are more
				t.Fatalf("%.0f allocations, %.0f for twice the records", allocs[0], allocs[1])
			}
		})
	}
}

// TestMemoryIsFlatInText reads one record ten times as long as one may be, of
// what is hard to pass over.
func TestMemoryIsFlatInText(t *testing.T) {
	exhaustive(t)
	const size = 10 * DefaultMaxRecord
	for _, c := range []struct {
		name         string
		spec         Spec
		front, after string
		x            string
	}{
		{"lines", Spec{Format: "lines", Options: &LinesOptions{Header: "drop", Separator: "space"}, Fields: []string{"b"}}, "a b\n", "\n", "x"},
		{"lines of many separators", Spec{Format: "lines", Options: &LinesOptions{Header: "json", Separator: "x"}}, "axb\n", "\n", "x"},
		{"a group of many lines", Spec{Format: "lines", Options: &LinesOptions{Start: "^a"}}, "a\n", "\na", strings.Repeat("x", 1000) + "\n"},
		{"a value in quotes", Spec{Format: "csv", Options: &CSVOptions{Header: "drop"}}, "a\n\"", "\"\n", "x"},
		{"a value of quotes", Spec{Format: "csv", Fields: []string{"1"}}, "\"", "\"\n", `""`},
		{"w3c", Spec{Format: "w3c", Options: &W3COptions{Record: "json"}}, "#Fields: a\n", "\n", "x "},
		{"cef", Spec{Format: "cef", Fields: []string{"x"}}, "CEF:0|a|b|c|d|e|f|", "\n", "x= "},
		{"pipes", Spec{Format: "cef", Options: &CEFOptions{Others: "drop"}}, "", "\n", " CEF:"},
		{"syslog", Spec{Format: "syslog", Fields: []string{"message"}}, "<13>1 - - - - - ", "\n", "[x]"},
		{"UTF-16", Spec{Format: "lines", Options: &LinesOptions{Encoding: "utf-16le"}}, "", "\n\x00", "\x01\x20"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, c.spec)
			stream := io.MultiReader(strings.NewReader(c.front), io.LimitReader(&repeated{text: c.x}, size/int64(len(c.x))*int64(len(c.x))), strings.NewReader(c.after))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			lost := int64(0)
			for r, err := range p.Records(t.Context(), Input{Stream: io.NopCloser(stream)}) {
				if err != nil {
					t.Fatal(err)
				}
				if len(r.Raw) > DefaultMaxRecord {
					t.Errorf("%d bytes", len(r.Raw))
				}
				lost += r.Lost
			}
			runtime.ReadMemStats(&after)
			if lost < size-size/100-DefaultMaxRecord {
				t.Errorf("%d bytes lost", lost)
			}
			// A table of a record's columns takes 24 bytes for each.
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
				t.Errorf("%d MiB allocated in all", grown>>20)
			}
		})
	}
}

// A repeated text is endless.
type repeated struct {
	text string
	at   int
}

func (r *repeated) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = r.text[r.at]
		r.at = (r.at + 1) % len(r.text)
	}
	return len(p), nil
}

// TestMemoryIsFlatInColumns reads rows of millions of columns, in the header's
// place as well.
func TestMemoryIsFlatInColumns(t *testing.T) {
	exhaustive(t)
	for _, c := range []struct {
		spec           Spec
		head, x, after string
	}{
		{Spec{Format: "lines", Options: &LinesOptions{Header: "json", Separator: "comma"}}, "", ",", "a,b\n"},
		{Spec{Format: "csv", Options: &CSVOptions{Header: "drop"}, Fields: []string{"10000", "b"}}, "", ",", "a,b\n"},
		{Spec{Format: "w3c"}, "#Fields: ", "x ", "a b\n"},
	} {
		t.Run(c.spec.Format, func(t *testing.T) {
			p := mustCompile(t, c.spec)
			many := strings.Repeat(c.x, DefaultMaxRecord/len(c.x)-100)
			data := []byte(c.head + c.after + many + "\n")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for r, err := range p.Records(t.Context(), object(data)) {
				if err != nil || r.Index == 1 && r.Unparsed != wrongColumns {
					t.Fatalf("record %d: %s, %v", r.Index, r.Unparsed, err)
				}
			}
			_, err := read(p, object([]byte(c.head+many+c.after)))
			runtime.ReadMemStats(&after)
			if !isCorrupt(err) || !strings.Contains(err.Error(), "more than 10000 columns") {
				t.Errorf("a header of as many columns: %v", err)
			}
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 80<<20 {
				t.Errorf("%d MiB allocated in all", grown>>20)
			}
		})
	}
}

func TestTextOptionsThatCannotWorkAreRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		spec Spec
		want []string // in the error
	}{
		{"an unknown encoding", Spec{Format: "lines", Options: &LinesOptions{Encoding: "ebcdic"}}, []string{`encoding is "ebcdic"`, "latin-1, utf-16, utf-16be, utf-16le, utf-8"}},
		{"no separator for objects", Spec{Format: "lines", Options: &LinesOptions{Header: "json"}}, []string{"no separator"}},
		{"a separator of two characters", Spec{Format: "lines", Options: &LinesOptions{Separator: "::"}}, []string{`separator is "::"`, "comma, pipe, semicolon, space, tab"}},
		{"a name without a header", Spec{Format: "lines", Options: &LinesOptions{Separator: "space"}, Fields: []string{"1", "0"}}, []string{`"0"`, "1 to 10000"}},
		{"a long comment", Spec{Format: "lines", Options: &LinesOptions{Comment: strings.Repeat("#", 65)}}, []string{"comment has 65 bytes"}},
		{"an expected name of no letters", Spec{Format: "lines", Options: &LinesOptions{Header: "drop", Separator: "space", Expect: []string{"a", "*"}}}, []string{`expect has "*"`}},
		{"a name that is none", Spec{Format: "csv", Options: &CSVOptions{Names: []string{"a", ""}}}, []string{"names has an empty one"}},
		{"a separator of six characters", Spec{Format: "w3c", Options: &W3COptions{Separator: "||||||"}}, []string{"up to 5 ASCII characters or one of comma"}},
		{"a separator that ends lines", Spec{Format: "w3c", Options: &W3COptions{Separator: "\n"}}, []string{"separator"}},
		{"no name and no expected one in w3c", Spec{Format: "w3c", Options: &W3COptions{Expect: []string{""}, Names: []string{""}}}, []string{"expect has", "names has"}},
		{"start and continue", Spec{Format: "lines", Options: &LinesOptions{Start: "a", Continue: "b"}}, []string{"exclude each other"}},
		{"continue that is no expression", Spec{Format: "lines", Options: &LinesOptions{Continue: "("}}, []string{"continue: "}},
		{"start and end", Spec{Format: "lines", Options: &LinesOptions{Start: "a", End: "b", Header: "drop"}, Fields: []string{"x"}}, []string{"exclude each other", "header, expect", "no fields"}},
		{"a pattern that is none", Spec{Format: "lines", Options: &LinesOptions{Start: "("}}, []string{"start: error parsing"}},
		{"names and a header that names", Spec{Format: "csv", Options: &CSVOptions{Header: "json", Names: []string{"a"}}}, []string{"leave one out"}},
		{"an unknown header", Spec{Format: "csv", Options: &CSVOptions{Header: "x"}, Fields: []string{"1"}}, []string{`header is "x"`}},
		{"a quote that separates", Spec{Format: "csv", Options: &CSVOptions{Quote: ","}}, []string{"the same"}},
		{"a name without names", Spec{Format: "csv", Fields: []string{"user"}}, []string{`"user"`}},
		{"an unknown record", Spec{Format: "w3c", Options: &W3COptions{Record: "xml"}}, []string{`record is "xml"`}},
		{"a key that is none", Spec{Format: "cef", Fields: []string{"a b"}, Options: &CEFOptions{Others: "keep"}}, []string{`"a b"`, `others is "keep"`}},
		{"a part that is none", Spec{Format: "syslog", Fields: []string{"tag"}, Options: &SyslogOptions{Framing: "x"}}, []string{`"tag"`, "app, pid", `framing is "x"`}},
		{"another format's options", Spec{Format: "w3c", Options: &CSVOptions{}}, []string{"another format"}},
	} {
		t.Run(c.name, func(t *testing.T) { refuses(t, c.spec, c.want...) })
	}
}
