package parsers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A topPiece is a line of an object, or several, and what it must give.
type topPiece struct {
	text     string
	records  []string // as they stand, with spaces for line breaks
	unparsed bool
}

func pieceOf(text string, records ...string) topPiece { return topPiece{text: text, records: records} }

// textPieces are lines that are not JSON, though some begin as if they were.
func textPieces() (all []topPiece) {
	for _, text := range []string{
		"2 111122223333 eni-0a1 192.0.2.1 198.51.100.1 443 50001 6 5 300 1795410000 1795410060 ACCEPT OK",
		"plain words only here", "nul", "true false maybe", "1 2 3.", "-", "01", "1e", "+1", "NaN", "a 1 b", "1,2", "1;2",
		`"a","b"`, `"a" b`, `"open`, `"bad \x escape"`, `null,`, ",", "]", "}", ":", "<Event/>", "\x00\x01", "é", "\xff\xfe",
		"[debug] started", "[2026-11-23 05:00:01,123] INFO started", "[12345] INFO started", "[1 2]", "[1,]", "[nul]", "[\"a\", b]", "[[1] x]", "[{}}]",
		`["a"] x`, `[1,2] x {"a":1}`, `2026-11-23 {"a":1}`, `1 x {"a":1}`, "\uFEFF{}", "[{\"a\":[1},{\"a\":2}]",
		`1 ` + strings.Repeat("2 ", 300) + "x", "[" + strings.Repeat("1, ", 300) + "x]",
	} {
		all = append(all, topPiece{text: text + "\n", records: []string{text}, unparsed: true})
	}
	return all
}

// arrayPieces are arrays.
func arrayPieces() []topPiece {
	many, elements := "[", []string{}
	for i := range 200 {
		elements = append(elements, fmt.Sprintf(`{"a":%d,"b":[{}]}`, i))
	}
	many += strings.Join(elements, ",") + "]\n"
	return []topPiece{
		pieceOf(`[{"a":1},{"a":"]"}]`+"\n", `{"a":1}`, `{"a":"]"}`), pieceOf("[]\n"), pieceOf(" [ ] \r\n"), pieceOf("[1]\n", "1"),
		pieceOf("[\n]\n"), pieceOf("\t[ 1 , \"x\" ,null] \n", "1", `"x"`, "null"), pieceOf("[[1,2],[]]\n", "[1,2]", "[]"),
		pieceOf("[\n  {\n    \"a\": 1\n  },\n  {\"a\":2}\n]\n", "{     \"a\": 1   }", `{"a":2}`), pieceOf("[\r\n1,\r\n[\n2]]\n", "1", "[ 2]"),
		pieceOf("[1,\n2]\n", "1", "2"), pieceOf(many, elements...), pieceOf("[\""+strings.Repeat("é", 200)+"\"]\n", `"`+strings.Repeat("é", 200)+`"`),
	}
}

// TestTheTopLevel is for the shapes that take arrays apart: any mixture of lines gives
// what each of its lines gives, in blocks and members of any size.
func TestTheTopLevel(t *testing.T) {
	document := pieceOf("{\"a\":\"x]\",\"b\":{\"c\":1}}\n", `{"a":"x]","b":{"c":1}}`)
	always := append(append(textPieces(), arrayPieces()...), document, pieceOf("{}\n", "{}"), pieceOf("\"x y\"\n", `"x y"`), pieceOf(" 1 \r\n", "1"), pieceOf("-0.5e+3\n", "-0.5e+3"))
	streams := append(slices.Clip(always), pieceOf("1 2\t\"x\"null\n", "1", "2", `"x"`, "null"), pieceOf("{\n\"a\":1\n}{} 1{}\n", `{ "a":1 }`, "{}", "1", "{}"),
		pieceOf("[1][2]{}[\n3]\n", "1", "2", "{}", "3"), pieceOf("\n \r\n"), pieceOf("{}\n\n", "{}"), pieceOf("1 [2,\n{}]\n", "1", "2", "{}"))
	lines := append(slices.Clip(always), topPiece{text: "\n", records: []string{""}}, topPiece{text: "{\"a\":\n", records: []string{`{"a":`}, unparsed: true}, topPiece{text: "[1][2]\n", records: []string{"[1][2]"}, unparsed: true},
		topPiece{text: "{} {}\n", records: []string{"{} {}"}, unparsed: true})
	rapid.Check(t, func(r *rapid.T) {
		shape := rapid.SampledFrom([]string{shapeLines, shapeConcatenated, shapeAuto}).Draw(r, "shape")
		from := streams
		if shape == shapeLines {
			from = lines
		}
		pieces := rapid.SliceOfN(rapid.SampledFrom(from), 0, 12).Draw(r, "pieces")
		if shape == shapeAuto { // which goes on with the pieces of a stream
			pieces = append([]topPiece{pieceOf("{}{}\n", "{}", "{}")}, pieces...)
		}
		var data strings.Builder
		var want []got
		for _, p := range pieces {
			data.WriteString(p.text)
			for _, record := range p.records {
				g := got{Raw: record, Index: int64(len(want)), Unparsed: "no"}
				if p.unparsed {
					g.Unparsed = "yes"
				}
				want = append(want, g)
			}
		}
		if looksPacked([]byte(data.String())) || strings.HasPrefix(data.String(), byteOrderMark) {
			return
		}
		stored := []byte(data.String())
		if rapid.Bool().Draw(r, "gzip") {
			stored = members(stored, rapid.IntRange(1, 200).Draw(r, "member"))
		}
		p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shape}})
		all, err := read(blocksOf(p, rapid.SampledFrom([]int{1, 2, 3, 7, 64, 600, 0}).Draw(r, "block")), object(stored))
		if err != nil {
			r.Fatalf("%q: %v", data.String(), err)
		}
		same, err := read(p, object(stored))
		if diff := cmp.Diff(same, all); err != nil || diff != "" {
			r.Fatalf("in blocks %v (-whole +these):\n%s", err, diff)
		}
		if diff := cmp.Diff(want, verdicts(all)); diff != "" {
			r.Fatalf("%q (-want +got):\n%s", data.String(), diff)
		}
		sameFromEveryRestart(t, p, stored, all)
	})
}

// verdicts are records of which only it counts whether they were understood.
func verdicts(all []got) (out []got) {
	for _, g := range withoutRestarts(all) {
		if g.Unparsed == "" {
			g.Unparsed = "no"
		} else {
			g.Unparsed = "yes"
		}
		g.Fields = nil
		out = append(out, g)
	}
	return out
}

// Every kind of text comes first in an object, alone and in front of a document.
func TestAutoPassesOverTextToTheFirstDocument(t *testing.T) {
	p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shapeAuto}, Fields: []string{"a"}})
	for _, piece := range textPieces() {
		for _, c := range []struct{ data, shape string }{
			{piece.text + "{\"a\":1}\n{\"a\":\n{\"a\":1}\n", shapeLines},
			{piece.text + "\n" + piece.text + "{\"a\":1}{\"a\":2}\n{\n\"a\":1}\n", shapeConcatenated},
			{piece.text + "[{\"a\":1},\n{\"a\":1}]\n" + piece.text, shapeConcatenated + " " + withinArray},
			{piece.text, ""},
		} {
			if looksPacked([]byte(c.data)) || strings.HasPrefix(c.data, byteOrderMark) {
				continue
			}
			all, err := sameInEveryChunking(t, p, []byte(c.data))
			if err != nil || len(all) == 0 || all[0].Unparsed == "" || all[0].Raw != piece.records[0] {
				t.Fatalf("%q: %+v, %v", c.data, all, err)
			}
			sameFromEveryRestart(t, p, []byte(c.data), all)
			found := ""
			for _, g := range all {
				if g.Restart != nil && g.Restart.Index > 0 && len(found) < len(g.Restart.State) {
					found = g.Restart.State
				}
			}
			if _, state, _ := strings.Cut(found, "\n"); state != c.shape {
				t.Errorf("%q: shape %q, want %q", c.data, state, c.shape)
			}
		}
	}
}

// What is ahead is looked at for 64 KiB: what goes on behind that, or ends there, must
// give the same records as a shorter line.
func TestLinesAroundTheLookaheadsEnd(t *testing.T) {
	exhaustive(t)
	for _, shape := range []string{shapeLines, shapeConcatenated, shapeAuto} {
		p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shape}})
		for _, c := range []struct {
			begin, fill, end string
			want             func(records []got, fills int) bool
		}{
			{"[", "12345678,", "9]\n{}\n", func(all []got, n int) bool { return len(all) == n+2 && all[n].Raw == "9" && all[n+1].Raw == "{}" }},
			{"[[", "{},", "1]]\n{}\n", func(all []got, n int) bool { return len(all) == 2 }},
			{`["`, "é", "\"]\n{}\n", func(all []got, n int) bool { return len(all) == 2 && len(all[0].Raw) == 2*n+2 }},
			{"\n[", " \n", "]\n{}\n", func(all []got, n int) bool { return all[len(all)-1].Raw == "{}" }},
			{"x", "y ", "z\n{}\n", func(all []got, n int) bool {
				return len(all) == 2 && all[0].Unparsed != "" && len(all[0].Raw) == 2*n+2
			}},
		} {
			for _, size := range []int{maxLookahead - 4, maxLookahead, maxLookahead + 4, 3 * maxLookahead} {
				for slack := range 3 {
					n := (size - len(c.begin) + slack) / len(c.fill)
					data := []byte(c.begin + strings.Repeat(c.fill, n) + c.end)
					for _, block := range []int{0, 1000, maxLookahead - 1} {
						all, err := read(blocksOf(p, block), object(data))
						if err != nil || !c.want(all, n) {
							t.Fatalf("%s, %q, %d bytes in blocks of %d: %d records, %v", shape, c.begin+c.fill, len(data), block, len(all), err)
						}
					}
				}
			}
		}
	}
}

// Numbers in a line of any length are records in a stream, and are looked at once.
func TestALongLineOfNumbersIsLookedAtOnce(t *testing.T) {
	exhaustive(t)
	p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shapeConcatenated}})
	all, err := read(p, object(bytes.Repeat([]byte("1 "), 500_000)))
	if err != nil || len(all) != 500_000 {
		t.Fatalf("%d records, %v", len(all), err)
	}
}

func TestTextLongerThanARecordIsCorrupt(t *testing.T) {
	for _, shape := range []string{shapeConcatenated, shapeAuto} {
		p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shape}, MaxRecord: 64})
		for n, whole := range map[int]bool{64: true, 65: false} {
			all, err := sameInEveryChunking(t, p, []byte("{}{}\n,"+strings.Repeat("x", n-1)+"\n{}"))
			if whole && (err != nil || len(all) != 4) || !whole && (!isCorrupt(err) || len(all) != 2) {
				t.Errorf("%s, %d bytes: %d records, %v", shape, n, len(all), err)
			}
		}
	}
}

// Text between the documents around arrays is unparsed, and a place to begin again
// at only where that cannot be taken for an element's.
func TestTextBetweenDocumentsWithAPath(t *testing.T) {
	const data = "text\n{\"x\":1,\"r\":[1,2]} 3 x\n<xml>\n{\"r\":[3]}"
	for _, fields := range [][]string{nil, {"^x"}} {
		p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shapeConcatenated, Path: Paths{"r"}}, Fields: fields})
		all, err := sameInEveryChunking(t, p, []byte(data))
		if err != nil {
			t.Fatal(err)
		}
		wantRaws(t, all, "text", "1", "2", "3 x", "<xml>", "3")
		for i, unparsed := range []bool{true, false, false, true, true, false} {
			if (all[i].Unparsed != "") != unparsed {
				t.Errorf("%+v", all[i])
			}
		}
		sameFromEveryRestart(t, p, []byte(data), all)
	}
}

// An array of 60,000 events in one line gives as many records, each with its fields,
// and no more memory than the blocks take.
func TestALargeArrayInOneLineIsStreamed(t *testing.T) {
	exhaustive(t)
	const events = 60_000
	var data bytes.Buffer
	for i := range events {
		fmt.Fprintf(&data, "%c{\"sourcetype\":\"zscalernss-web\",\"event\":{\"recordid\":\"%d\",\"url\":\"www.example.com/a?b=[1]\",\"user\":\"zoe@example.com\",\"action\":\"Allowed\"}}", "[,"[min(i, 1)], i)
	}
	data.WriteString("]\n")
	for _, shape := range []string{shapeLines, shapeConcatenated, shapeAuto} {
		p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shape}, Fields: []string{"sourcetype", "event.recordid"}})
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		n, restarts := 0, 0
		for r, err := range p.Records(t.Context(), object(data.Bytes())) {
			if err != nil {
				t.Fatal(err)
			}
			if string(r.Fields[0]) != "zscalernss-web" || string(r.Fields[1]) != fmt.Sprint(n) || r.Index != int64(n) || r.Unparsed != "" {
				t.Fatalf("%s: record %d is %+v", shape, n, r)
			}
			if r.Restart != nil {
				restarts++
			}
			n++
		}
		runtime.ReadMemStats(&after)
		if n != events || restarts != events {
			t.Errorf("%s: %d records, %d places to begin again at", shape, n, restarts)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
			t.Errorf("%s: %d KiB allocated", shape, grown>>10)
		}
	}
}

// An array that is cut short is never delivered, wherever that is.
func TestAnArrayThatIsCutShortIsCorrupt(t *testing.T) {
	for _, piece := range arrayPieces() {
		whole := strings.TrimRight(piece.text, " \r\n")
		for _, shape := range []string{shapeLines, shapeConcatenated, shapeAuto} {
			p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shape}})
			begin := strings.IndexByte(whole, '[') + 1
			for n := begin; n < min(len(whole), begin+200); n++ {
				if all, err := read(p, object([]byte(whole[:n]))); !isCorrupt(err) {
					t.Fatalf("%s, %q: %+v, %v", shape, whole[:n], all, err)
				}
			}
		}
	}
}

// validScalar is json.Valid for what has no quotes, braces, brackets or white space.
func TestValidScalar(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		text := []byte(rapid.StringOfN(rapid.SampledFrom([]rune("0012-+.eE")), 0, 8, -1).Draw(r, "text"))
		if got, want := validScalar(text), json.Valid(text); got != want {
			r.Fatalf("%q: %t, want %t", text, got, want)
		}
	})
	for _, text := range []string{"true", "false", "null", "True", "nul", "nulll", "NaN", "Infinity"} {
		if got, want := validScalar([]byte(text)), json.Valid([]byte(text)); got != want {
			t.Errorf("%q: %t, want %t", text, got, want)
		}
	}
}
