package parsers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// conserves walks data along its records: each must stand there as it is, then
// what was cut off it, then the end of a line or of all.
func conserves(t *testing.T, data []byte, all []got) {
	t.Helper()
	rest := strings.TrimPrefix(string(data), byteOrderMark)
	for i, g := range all {
		after, ok := strings.CutPrefix(rest, g.Raw)
		if !ok || int64(len(after)) < g.Lost || g.Index != int64(i) {
			t.Fatalf("record %d, %q and %d bytes more, is not what comes next: %.100q", g.Index, g.Raw, g.Lost, rest)
		}
		rest = after[g.Lost:]
		ended := strings.TrimPrefix(strings.TrimPrefix(rest, "\r"), "\n")
		if rest != "" && !strings.HasSuffix(rest[:len(rest)-len(ended)], "\n") {
			t.Fatalf("no line ends behind record %q: %.100q", g.Raw, rest)
		}
		rest = ended
	}
	if rest != "" {
		t.Fatalf("left over: %.100q", rest)
	}
}

// checkText compares what is made of data, plain and in members of split bytes,
// with what was wanted of it.
func checkText(t *testing.T, p *Parser, data []byte, split int, want []got) {
	t.Helper()
	for _, stored := range [][]byte{data, members(data, split)} {
		all, err := sameInEveryChunking(t, p, stored)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, withoutRestarts(all)); diff != "" {
			t.Fatalf("%s of %q (-want +got):\n%s", p.spec.Format, data, diff)
		}
		sameFromEveryRestart(t, p, stored, all)
	}
}

// oracleLines are data's lines without their ends.
func oracleLines(data []byte) []string {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if len(data) == 0 {
		return nil
	}
	lines := strings.Split(string(data), "\n")
	last := len(lines) - 1
	for i := range lines[:last] {
		lines[i] = strings.TrimSuffix(lines[i], "\r")
	}
	if lines[last] == "" {
		return lines[:last]
	}
	return lines
}

// oracleCut is the record that text becomes, with so many fields.
func oracleCut(text string, index, fields int) got {
	g := got{Raw: text, Index: int64(index), Fields: slices.Repeat([]string{absent}, fields)}
	if fields == 0 {
		g.Fields = nil
	}
	if len(text) > fuzzMax {
		g.Raw = cutOracle([]byte(text), fuzzMax)
		g.Lost = int64(len(text) - len(g.Raw))
	}
	return g
}

// A rowOracle says what becomes of rows whose cells are known.
type rowOracle struct {
	names  []string // nil = none
	json   bool
	strict bool
	absent string
	fields []string
}

// row is the record of one that fits.
func (o rowOracle) row(text string, index int, cells []string) got {
	g := oracleCut(text, index, len(o.fields))
	switch {
	case text == "":
		return g
	case o.names == nil && o.json:
		g.Unparsed = noHeader
		return g
	case o.names == nil && len(o.fields) == 0:
		return g
	case g.Lost > 0 && o.json:
		g.Unparsed = tooLong
		return g
	case g.Lost == 0 && o.strict && o.names != nil && len(cells) != len(o.names):
		g.Unparsed = wrongColumns
		return g
	}
	if o.json {
		object := o.object(cells)
		if len(object) > fuzzMax {
			g.Unparsed = tooLongJSON
			return g
		}
		g.Raw = object
	}
	for i, f := range o.fields {
		at := slices.Index(o.names, f)
		if n, err := strconv.Atoi(f); at < 0 && err == nil {
			at = n - 1
		}
		if at >= 0 && at < len(cells) && (o.absent == "" || cells[at] != o.absent) {
			g.Fields[i] = cells[at]
		}
	}
	return g
}

// object is the JSON of cells, written in the slowest way.
func (o rowOracle) object(cells []string) string {
	var members []string
	used := map[string]bool{}
	for i, name := range o.names {
		if name = strings.ToValidUTF8(name, "\uFFFD"); name == "" {
			name = fmt.Sprint(i + 1)
		}
		for used[name] {
			name = fmt.Sprintf("%s_%d", name, i+1)
		}
		used[name] = true
		members = append(members, slowString(name)+":"+slowString(cells[i]))
	}
	object := "{" + strings.Join(members, ",") + "}"
	var decoded map[string]string
	if err := json.Unmarshal([]byte(object), &decoded); err != nil || len(decoded) != len(cells) {
		panic(fmt.Sprintf("the oracle's %s: %v", object, err))
	}
	return object
}

func slowString(s string) string {
	out := `"`
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			out += `\` + string(r)
		case r == '\n':
			out += `\n`
		case r == '\r':
			out += `\r`
		case r == '\t':
			out += `\t`
		case r < ' ':
			out += fmt.Sprintf(`\u%04x`, r)
		default:
			out += string(r)
		}
	}
	return out + `"`
}
