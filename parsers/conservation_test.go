package parsers

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/parquet-go/parquet-go"
	"pgregory.net/rapid"
)

// A conserved format is written from rows of three values, each of which is
// unlike every other.
type conserved struct {
	name  string
	spec  Spec
	write func(t *testing.T, rows [][]string) []byte
}

// each writes rows by themselves, between a beginning and an end.
func each(begin string, row func([]string) string, end string) func(*testing.T, [][]string) []byte {
	return func(_ *testing.T, rows [][]string) []byte {
		out := begin
		for _, r := range rows {
			out += row(r)
		}
		return []byte(out + end)
	}
}

type abc struct {
	A string `json:"a" parquet:"a" avro:"a"`
	B string `json:"b" parquet:"b" avro:"b"`
	C string `json:"c" parquet:"c" avro:"c"`
}

const abcSchema = `{"type":"record","name":"abc","fields":[{"name":"a","type":"string"},{"name":"b","type":"string"},{"name":"c","type":"string"}]}`

func conservedFormats() []conserved {
	line := func(between string) func([]string) string {
		return func(row []string) string { return strings.Join(row, between) + "\n" }
	}
	format := func(pattern string) func([]string) string {
		return func(r []string) string { return fmt.Sprintf(pattern, r[0], r[1], r[2]) }
	}
	object := func(row []string) string {
		b, err := json.Marshal(abc{row[0], row[1], row[2]})
		if err != nil {
			panic(err)
		}
		return string(b)
	}
	quoted := func(row []string) string {
		var out strings.Builder
		w := csv.NewWriter(&out)
		_ = w.Write([]string{row[0], row[1] + "\n\"", row[2] + ","})
		w.Flush()
		return out.String()
	}
	event := func(row []string) string {
		b, err := json.Marshal(map[string]string{"id": "1", "message": object(row)})
		if err != nil {
			panic(err)
		}
		return `{"messageType":"DATA_MESSAGE","logEvents":[` + string(b) + `]}`
	}
	return []conserved{
		{"lines", Spec{Format: "lines"}, each("", line(" "), "")},
		{"lines, header to json", Spec{Format: "lines", Options: &LinesOptions{Header: "json", Separator: "space"}}, each("a b c\r\n", line(" "), "")},
		{"lines, a start", Spec{Format: "lines", Options: &LinesOptions{Start: "^>"}}, each("", format(">%s\n%s\n%s\n"), "")},
		{"lines, an end", Spec{Format: "lines", Options: &LinesOptions{End: "<$"}}, each("", format("%s\n%s\n%s<\n"), "")},
		{"csv", Spec{Format: "csv"}, each("", quoted, "")},
		{"csv, header to json", Spec{Format: "csv", Options: &CSVOptions{Header: "json"}}, each("a,b,c\n", quoted, "")},
		{"csv, names", Spec{Format: "csv", Options: &CSVOptions{Names: []string{"a", "b", "c"}}}, each("", quoted, "")},
		{"w3c", Spec{Format: "w3c"}, each("#Fields: a b c\n", line("\t"), "")},
		{"w3c to json", Spec{Format: "w3c", Options: &W3COptions{Record: "json"}}, each("#Fields: a b c\n", line("\t"), "")},
		{"cef", Spec{Format: "cef"}, each("", format("CEF:0|v|p|1|%s|n|5|a=%s msg=%s\n"), "")},
		{"syslog", Spec{Format: "syslog"}, each("", format("<13>1 - %s app 1 - - %s %s\n"), "")},
		{"syslog, octets", Spec{Format: "syslog", Options: &SyslogOptions{Framing: "octets"}}, each("", func(r []string) string {
			text := "<13>1 - - - - - - " + strings.Join(r, "\n")
			return fmt.Sprintf("%d %s", len(text), text)
		}, "")},
		{"json, an array", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"a.b"}}}, each(`{"x":[{}],"a":{"b":[{}`, func(r []string) string { return ",\n" + object(r) }, `]},"y":1}`)},
		{"json, single", Spec{Format: "json", Options: &JSONOptions{Shape: shapeSingle}}, each(`{"x":1`, func(r []string) string { return fmt.Sprintf(`,%q:%s`, r[0], object([]string{"", r[1], r[2]})) }, `}`)},
		{"json, concatenated", Spec{Format: "json", Options: &JSONOptions{Shape: shapeConcatenated}}, each("", object, "\n")},
		{"json, lines", Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}}, each("", func(r []string) string { return object(r) + "\r\n" }, "")},
		{"json, auto", Spec{Format: "json", Options: &JSONOptions{Shape: shapeAuto}}, each("", func(r []string) string { return object(r) + "\n" }, "")},
		{"cloudwatch", Spec{Format: "cloudwatch"}, each("", event, "")},
		{"cloudwatch, events", Spec{Format: "cloudwatch", Options: &CloudWatchOptions{Record: recordEvent}}, each("", event, "")},
		{"xml", Spec{Format: "xml"}, each("<r>\n", format("<Event k='%s'><a>%s</a>%s</Event>\n"), "</r>")},
		{"parquet", Spec{Format: "parquet"}, writeParquet},
		{"avro", Spec{Format: "avro"}, writeAvro},
	}
}

func writeParquet(t *testing.T, rows [][]string) []byte {
	var out bytes.Buffer
	w := parquet.NewGenericWriter[abc](&out, parquet.MaxRowsPerRowGroup(3))
	for _, r := range rows {
		if _, err := w.Write([]abc{{r[0], r[1], r[2]}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func writeAvro(t *testing.T, rows [][]string) []byte {
	var blocks [][]byte
	for _, r := range rows {
		b, err := avro.Marshal(avro.MustParse(abcSchema), abc{r[0], r[1], r[2]})
		if err != nil {
			t.Fatal(err)
		}
		blocks = append(blocks, b)
	}
	return avroFile("null", abcSchema, 1, blocks...)
}

// token is what tells a value from every other.
var token = regexp.MustCompile(`q[0-9]+x[0-2]q`)

func drawRows(r *rapid.T) (rows [][]string) {
	pad := rapid.SampledFrom([]string{"", "é", "-", strings.Repeat("x", 30), strings.Repeat("é", 60)})
	for i := range rapid.IntRange(1, 9).Draw(r, "rows") {
		var row []string
		for j := range 3 {
			row = append(row, fmt.Sprintf("q%dx%dq", i, j)+pad.Draw(r, "pad"))
		}
		rows = append(rows, row)
	}
	return rows
}

// TestConservation writes objects of every format, packed in any way, and finds
// every value of them exactly once: in a record, in one that could not be
// understood or was dropped, or among the bytes that were counted as lost.
func TestConservation(t *testing.T) {
	for _, c := range conservedFormats() {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				rows := drawRows(r)
				s := c.spec
				s.MaxRecord = rapid.SampledFrom([]int{0, 64, 100}).Draw(r, "max record")
				var stored []byte
				switch rapid.SampledFrom([]string{"plain", "members", "zip", "tar", "gzip in zip"}).Draw(r, "packing") {
				case "plain":
					stored = c.write(t, rows)
				case "members":
					stored = members(c.write(t, rows), rapid.IntRange(1, 300).Draw(r, "member"))
				case "zip":
					at := rapid.IntRange(1, len(rows)).Draw(r, "first file")
					stored = zipped(t, string(c.write(t, rows[:at])), string(c.write(t, rows[at:])))
				case "tar":
					stored = tarred(t, string(c.write(t, rows)))
				case "gzip in zip":
					stored = zipped(t, string(pack(c.write(t, rows))))
				}
				all, err := read(mustCompile(t, s), object(stored))
				if err != nil {
					r.Fatal(err)
				}
				checkConserved(r, rows, all, s.MaxRecord == 0)
			})
		})
	}
}

func checkConserved(r *rapid.T, rows [][]string, all []got, whole bool) {
	found := make(map[string]int)
	lost, cut := int64(0), 0
	for _, g := range all {
		if whole && (g.Unparsed != "" || g.Lost > 0) {
			r.Errorf("%q: %s, %d bytes lost", g.Raw, g.Unparsed, g.Lost)
		}
		for _, v := range token.FindAllString(g.Raw, -1) {
			found[v]++
		}
		if lost += g.Lost; g.Lost > 0 {
			cut++
		}
	}
	missing := int64(0)
	for _, row := range rows {
		for _, value := range row {
			v := token.FindString(value)
			if found[v] > 1 {
				r.Errorf("%s comes %d times", v, found[v])
			}
			if found[v] == 0 {
				missing += int64(len(v))
			}
		}
	}
	if halved := int64(cut * len("q0x0")); missing > lost+halved {
		r.Errorf("values of %d bytes are missing, %d bytes are lost of %d records", missing, lost, cut)
	}
}

// TestCutObjectsAreNeverShorter cuts objects of every format anywhere: either
// that is an error, or every value in front of the cut is there.
func TestCutObjectsAreNeverShorter(t *testing.T) {
	for _, c := range conservedFormats() {
		t.Run(c.name, func(t *testing.T) {
			rapid.Check(t, func(r *rapid.T) {
				whole := c.write(t, drawRows(r))
				stored := whole[:rapid.IntRange(1, len(whole)-1).Draw(r, "cut")]
				packed := pack(whole)
				packed = packed[:rapid.IntRange(2, len(packed)-1).Draw(r, "cut when packed")]
				p := mustCompile(t, c.spec)
				if all, err := read(p, object(packed)); !isCorrupt(err) {
					r.Errorf("cut gzip: %d records, %v", len(all), err)
				}
				all, err := read(p, object(stored))
				if err != nil {
					return
				}
				text := strings.Join(raws(all), "\n")
				for _, v := range token.FindAllString(string(stored), -1) {
					if strings.Count(text, v) != 1 {
						r.Errorf("%s comes %d times in %q", v, strings.Count(text, v), text)
					}
				}
			})
		})
	}
}
