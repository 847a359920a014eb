package parsers

import (
	"bytes"
	stdcsv "encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var csvSeeds = []string{
	"", "\n", "a,b\n1,2\n", "a,b\r\n\"1\r\n\",\"x\"\"y\"\r\n\r\n1\n", "\"a\nb\",c\n\"d\"\"\",\"\"\n", "a,b\n1\"2,3\n\"4\"5,6\n\"7\"\r8\n9,0", "\"", "a,\"b\nc", "\uFEFF\"a\",b\n1,2",
	"\"a\"\r", "\"a\"\r\n", "a\r\r\n", ",,\n\"\",\"\",\"\"\n", "\xEF\xBB\"a\"\n", "a,b\n1,2\na,b\n3,4\n", "a,a\n\x00\xff,\"\\\"\n", "a,b\n\"" + strings.Repeat("x\n", 60) + "\",y\nz,z\n", "a,b\n" + strings.Repeat(`"",`, 50) + "\n", "a,b\n" + strings.Repeat("\x01", 30) + ",\n",
}

var csvCases = []struct {
	options CSVOptions
	fields  []string
}{
	{CSVOptions{}, []string{"1", "2", "3", "4"}},
	{CSVOptions{}, nil},
	{CSVOptions{Header: "json"}, []string{"a", "2"}},
	{CSVOptions{Header: "keep", Separator: ";"}, []string{"a"}},
	{CSVOptions{Header: "drop"}, nil},
	{CSVOptions{Header: "drop", Names: []string{"x", "y"}}, []string{"x"}},
	{CSVOptions{Names: []string{"x"}, Separator: "tab"}, nil},
}

func FuzzCSV(f *testing.F) {
	for i := range csvCases {
		for _, s := range csvSeeds {
			f.Add([]byte(s), uint8(i), uint16(len(s)/2))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, which uint8, split uint16) {
		c := csvCases[int(which)%len(csvCases)]
		if looksPacked(data) {
			return // FuzzUnpack's
		}
		if bytes.Count(data, []byte("\r")) > bytes.Count(data, []byte("\r\n")) || c.options.GivesJSON() && bytes.Contains(data, []byte("\r\n")) {
			return // to encoding/csv a CR alone ends nothing, and it drops those of CR LF in quotes
		}
		if bytes.Contains(data, []byte(` "`)) {
			return // it knows no spaces in front of a quote
		}
		p := mustCompile(t, Spec{Format: "csv", Options: &c.options, Fields: c.fields, MaxRecord: fuzzMax})
		all, err := sameInEveryChunking(t, p, data)
		want, ok := csvOracle(data, c.options, c.fields)
		if !ok {
			if !isCorrupt(err) {
				t.Fatalf("error %v, but the object ends within quotes or has no header to go by", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, comparable(all)); diff != "" {
			t.Fatalf("%q (-encoding/csv +got):\n%s", data, diff)
		}
		sameFromEveryRestart(t, p, data, all)
		if !c.options.GivesJSON() {
			conserves(t, data, all)
		}
		samePacked(t, p, data, int(split), all)
	})
}

// FuzzLineEndsOfCSV ends the lines of data in other ways, each of which must come
// to the same rows.
func FuzzLineEndsOfCSV(f *testing.F) {
	for i := range csvCases {
		for _, s := range csvSeeds {
			f.Add([]byte(strings.ReplaceAll(s, "\r", "")), uint8(i), uint64(0xC3A5))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, which uint8, ends uint64) {
		c := csvCases[int(which)%len(csvCases)]
		if bytes.IndexByte(data, '\r') >= 0 || looksPacked(data) {
			return
		}
		p := mustCompile(t, Spec{Format: "csv", Options: &c.options, Fields: c.fields, MaxRecord: 1 << 20})
		want, wrong := read(p, object(data))
		var other []byte
		for i, n := 0, 0; i < len(data); i++ {
			if data[i] == '\n' && n < 64 {
				end := []string{"\n", "\r\n", "\r", "\r"}[ends>>n&3]
				if end == "\r" && i+1 < len(data) && data[i+1] == '\n' {
					end = "\n" // or the two would be one
				}
				other, n = append(other, end...), n+2
				continue
			}
			other = append(other, data[i])
		}
		all, err := sameInEveryChunking(t, p, other)
		if (err == nil) != (wrong == nil) || len(all) != len(want) {
			t.Fatalf("%d records, %v; of %q %d, %v", len(all), err, other, len(want), wrong)
		}
		same := strings.NewReplacer(`\r\n`, `\n`, `\r`, `\n`, "\r\n", "\n", "\r", "\n").Replace
		for i, g := range all {
			if same(g.Raw) != same(want[i].Raw) || g.Unparsed != want[i].Unparsed || g.Dropped != want[i].Dropped {
				t.Fatalf("%q: record %d is %+v, want %+v", other, i, g, want[i])
			}
		}
		if err == nil {
			sameFromEveryRestart(t, p, other, all)
		}
	})
}

// comparable are the records that encoding/csv can tell of: without blank ones,
// and without what it does not know of a row.
func comparable(all []got) []got {
	var out []got
	for _, g := range all {
		if g.Raw == "" && g.Lost == 0 {
			continue
		}
		g.Fields = slices.Clone(g.Fields)
		for i, f := range g.Fields {
			g.Fields[i] = strings.ReplaceAll(f, "\r\n", "\n")
		}
		g.Index, g.Restart, g.Lost = 0, nil, 0
		out = append(out, g)
	}
	return out
}

// csvOracle is what encoding/csv makes of data. It is not ok when that ends
// within quotes, or when the header is no row or too long.
func csvOracle(data []byte, opts CSVOptions, fields []string) (all []got, ok bool) {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	separator := ','
	switch opts.Separator {
	case ";":
		separator = ';'
	case "tab":
		separator = '\t'
	}
	o := rowOracle{names: opts.Names, json: opts.GivesJSON(), strict: true, fields: fields}
	header := opts.Header != ""
	first := "\n"
	sentinel := "\nX\n"
	r := stdcsv.NewReader(bytes.NewReader(slices.Concat(data, []byte(sentinel))))
	r.FieldsPerRecord, r.Comma = -1, separator
	for from := int64(0); ; from = r.InputOffset() {
		cells, err := r.Read()
		if err == io.EOF {
			return nil, false // the sentinel was in quotes
		}
		text := string(data[min(int(from), len(data)):min(int(r.InputOffset()), len(data))])
		text = csvRow(text)
		if err == nil && int(r.InputOffset()) == len(data)+len(sentinel) && slices.Equal(cells, []string{"X"}) {
			return all, true
		}
		g := oracleCut(text, 0, len(fields))
		malformed := errors.Is(err, stdcsv.ErrBareQuote) || errors.Is(err, stdcsv.ErrQuote)
		switch {
		case header || text == first && len(cells) > 1:
			if header = false; len(text) <= fuzzMax && utf8.ValidString(text) || o.names == nil {
				first = text
			}
			if o.names == nil {
				if malformed || len(text) > fuzzMax {
					return nil, false
				}
				o.names = cells
			}
			if opts.Header != "keep" {
				g.Dropped = "header"
			}
			if malformed {
				g.Unparsed = misplacedQuote
			}
		case malformed:
			g.Unparsed = misplacedQuote
		default:
			if g.Lost > 0 {
				cells = cells[:wholeCells(r, text, len(cells))]
			}
			g = o.row(text, 0, cells)
		}
		g.Lost = 0
		all = append(all, g)
	}
}

// wholeCells are how many of a row's cells have a separator behind them within
// its first fuzzMax bytes.
func wholeCells(r *stdcsv.Reader, text string, cells int) int {
	lines := strings.SplitAfter(text, "\n")
	first, _ := r.FieldPos(0)
	for i := 1; i < cells; i++ {
		line, column := r.FieldPos(i)
		if len(strings.Join(lines[:line-first], ""))+column-1 > fuzzMax {
			return i - 1
		}
	}
	return cells - 1
}

// csvRow is what was read for a row without the blank lines in front and its own
// end.
func csvRow(text string) string {
	for {
		rest := strings.TrimPrefix(strings.TrimPrefix(text, "\r"), "\n")
		if !strings.HasSuffix(text[:len(text)-len(rest)], "\n") {
			break
		}
		text = rest
	}
	if bare, ok := strings.CutSuffix(text, "\n"); ok {
		text = strings.TrimSuffix(bare, "\r")
	}
	return text
}
