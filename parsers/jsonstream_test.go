package parsers

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
)

func TestJSONShapes(t *testing.T) {
	for _, c := range []struct {
		name, shape, path, data string
		want                    []string
	}{
		{"single: the whole document", shapeSingle, "", "\uFEFF {\n\"a\":[1,2]\n}\n", []string{`{ "a":[1,2] }`}},
		{"single: an array is one record", shapeSingle, "", `[1,2]`, []string{`[1,2]`}},
		{"single: no bytes", shapeSingle, "", "", nil},
		{"concatenated without anything between", shapeConcatenated, "", `{"a":"}{"}{"b":1}[2]"x"3`, []string{`{"a":"}{"}`, `{"b":1}`, `2`, `"x"`, `3`}},
		{"concatenated with white space between", shapeConcatenated, "", "{}\n \t\r\n{\n}\n1 2\n", []string{"{}", "{ }", "1", "2"}},
		{"concatenated: only white space", shapeConcatenated, "", " \n ", nil},
		{"an array in each of many documents", shapeConcatenated, "Records", `{"x":1,"Records":[1,2]}{"Records":[]} {"Records":[3],"y":[4]}`, []string{"1", "2", "3"}},
		{"several arrays in each of many documents", shapeConcatenated, "o.r,s", `{"o":{"s":[1,2],"r":[]}}{"o":{"r":[3],"s":[4]},"r":[5]}`, []string{"1", "2", "3", "4"}},
		{"lines", shapeLines, "", "{\"a\":1}\r\n [2] \n\n\"x\"\n4", []string{`{"a":1}`, "2", "", `"x"`, "4"}},
		{"lines: CR in white space", shapeLines, "", "{\"a\":\r1}\n", []string{`{"a": 1}`}},
		{"lines: no bytes", shapeLines, "", "", nil},
		{"auto: an array", shapeAuto, "", " \n[{\"a\":1},\n2]\n", []string{`{"a":1}`, "2"}},
		{"auto: arrays", shapeAuto, "", "[1][2]\n[3]", []string{"1", "2", "3"}},
		{"auto: one document", shapeAuto, "", `{"a":1}`, []string{`{"a":1}`}},
		{"auto: one document of many lines", shapeAuto, "", "{\n\"a\":1\n}\n", []string{`{ "a":1 }`}},
		{"auto: concatenated", shapeAuto, "", `{"a":1}{"a":2}` + "\n" + `{"a":3}`, []string{`{"a":1}`, `{"a":2}`, `{"a":3}`}},
		{"auto: concatenated, pretty-printed", shapeAuto, "", "{\n\"a\":1\n}\n{\n\"a\":2\n}\n", []string{`{ "a":1 }`, `{ "a":2 }`}},
		{"auto: lines, of which one is damaged", shapeAuto, "", "{\"a\":1} \r\n{\"a\":\n{\"a\":3}\n", []string{`{"a":1}`, `{"a":`, `{"a":3}`}},
		{"auto: a blank line in front means concatenated", shapeAuto, "", "\n{\"a\":1}\n{\"a\":\n2}", []string{`{"a":1}`, `{"a": 2}`}},
		{"auto: no bytes but white space", shapeAuto, "", " \n", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: c.shape, Path: pathsOf(c.path)}})
			all, err := sameInEveryChunking(t, p, []byte(c.data))
			if err != nil {
				t.Fatal(err)
			}
			wantRaws(t, all, c.want...)
			sameFromEveryRestart(t, p, []byte(c.data), all)
		})
	}
}

// Rows that are written as arrays are records where the source says so.
func TestArraysThatAreRecords(t *testing.T) {
	for _, c := range []struct {
		shape, data string
		want        []string
	}{
		{shapeLines, "[1,\"x\"]\n [2]\n{}\n[]\n", []string{`[1,"x"]`, "[2]", "{}", "[]"}},
		{shapeConcatenated, "[1,\n2][3] x\n[info] x\n[{}]", []string{"[1, 2]", "[3] x", "[info] x", "[{}]"}},
		{shapeAuto, "[1,2]\n[3,\n[4]\n", []string{"[1,2]", "[3,", "[4]"}},
		{shapeAuto, "[1,2][3,\n4]", []string{"[1,2]", "[3, 4]"}},
	} {
		p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: c.shape, Arrays: arraysRecord}})
		all, err := sameInEveryChunking(t, p, []byte(c.data))
		if err != nil {
			t.Fatal(err)
		}
		wantRaws(t, all, c.want...)
		sameFromEveryRestart(t, p, []byte(c.data), all)
	}
}

// What is known of one block's braces and quotes is not known of the next's,
// also where the one ends with a line and the other begins with one.
func TestLinesThatFillABlock(t *testing.T) {
	p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}, Fields: []string{"a"}})
	data := strings.Repeat("{\"a\":\"[\\\"{\"}\n"+"{\"b\":[[{}]]} \n", 50)
	for n := 14; n <= 14*4; n++ {
		all, err := read(blocksOf(p, n), object([]byte(data)))
		if err != nil || len(all) != 100 {
			t.Fatalf("blocks of %d: %d records, %v", n, len(all), err)
		}
		for _, r := range all {
			if r.Unparsed != "" {
				t.Fatalf("blocks of %d: %q is unparsed: %s", n, r.Raw, r.Unparsed)
			}
		}
	}
}

func TestADamagedLineIsUnparsedAndTheNextGoesOn(t *testing.T) {
	for line, fault := range map[string]string{
		`{"a":1`:        "truncated JSON",
		`{"a":"x`:       "truncated JSON",
		`{"a":1}}`:      "byte 0x7d behind the document",
		`{"a":1}{"a":`:  "byte 0x7b behind the document",
		`{"a":[1}`:      "unbalanced }",
		`nul`:           "byte 0x6e where a value should be",
		`01`:            "byte 0x30 where a value should be",
		`[1]2`:          "byte 0x32 behind the document",
		`[{"a":[1}]`:    "truncated JSON",
		`[{"a":1}}]`:    "unbalanced }",
		`[info] text`:   "byte 0x74 behind the document",
		`[1 2]`:         "not an array of JSON values",
		`[nul]`:         "not an array of JSON values",
		`[{},]`:         "not an array of JSON values",
		`[12] text`:     "byte 0x74 behind the document",
		`<Event/>`:      "byte 0x3c where a value should be",
		"\x00":          "byte 0x00 where a value should be",
		`plain text`:    "byte 0x70 where a value should be",
		"\xEF\xBB\xBF1": "byte 0xef where a value should be",
	} {
		p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}, Fields: []string{"a"}})
		all, err := sameInEveryChunking(t, p, []byte("{\"a\":0}\n "+line+"\r\n{\"a\":2}\n"))
		if err != nil || len(all) != 3 {
			t.Fatalf("%q: %d records, %v", line, len(all), err)
		}
		if all[1].Unparsed != fault || all[1].Raw != line {
			t.Errorf("%q: %+v, want %s", line, all[1], fault)
		}
		if all[0].Unparsed+all[2].Unparsed != "" || all[0].Fields[0] != "0" || all[2].Fields[0] != "2" {
			t.Errorf("%q: beside it %+v", line, all)
		}
	}
}

func TestALongLineIsCutAndItsFieldsReadFromWhatIsKept(t *testing.T) {
	line := ` {"a":"1","x":"` + strings.Repeat("x", 100) + `","b":2}`
	p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}, Fields: []string{"a", "b"}, MaxRecord: 64})
	all, err := sameInEveryChunking(t, p, []byte(line+"\n{\"a\":2}\n"))
	if err != nil || len(all) != 2 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	if g := all[0]; g.Raw != line[:64] || g.Lost != int64(len(line)-64) || g.Unparsed != "" || g.Fields[0] != "1" || g.Fields[1] != absent {
		t.Fatalf("%+v", g)
	}
}

func TestAStreamOfDocumentsEndsWithItsFault(t *testing.T) {
	for _, c := range []struct {
		shape, path, data string
		before            int
		reason            string
	}{
		{shapeSingle, "", `{}{}`, 1, "the document's end"},
		{shapeSingle, "", " ", 0, "truncated"},
		{shapeConcatenated, "", `{"a":1}{"a":`, 1, "truncated"},
		{shapeConcatenated, "", `{"a":1}"x`, 1, "truncated"},
		{shapeConcatenated, "", `{"a":1}[{"a":2},{"a":`, 2, "truncated"},
		{shapeConcatenated, "r", `{"r":[1]}{"x":[2]}{"r":[3]}`, 1, `no array at "r"`},
		{shapeConcatenated, "r", `{"r":[1]}[2]`, 1, "{ at the top"},
		{shapeConcatenated, "r", `{"r":[1]}{"r":[2]`, 2, "truncated"},
		{shapeAuto, "", `[1][2`, 1, "truncated"},
		{shapeAuto, "", "[1,\n2,\n:]", 2, "a value"},
		{shapeAuto, "", "x\n[", 1, "truncated"},
		{shapeAuto, "", "{\"a\":\n{\"a\":1}\n", 0, "truncated"},
		{shapeLines, "", "{}\n[{},{", 2, "truncated"},
		{shapeLines, "", "{}\n[{},\n{}\n", 3, "truncated"},
		{shapeLines, "", "{}\n[tru", 1, "truncated"},
		{shapeLines, "", "{}\n [", 1, "truncated"},
		{shapeLines, "", "[\n{},\n{]\n{}\n", 1, "unbalanced ]"},
	} {
		p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: c.shape, Path: pathsOf(c.path)}})
		all, err := sameInEveryChunking(t, p, []byte(c.data))
		if !isCorrupt(err) || len(all) != c.before || !strings.Contains(err.Error(), c.reason) {
			t.Errorf("%s, %s: %d records, then %v", c.shape, c.data, len(all), err)
		}
	}
}

func TestFieldsAroundTheArray(t *testing.T) {
	const data = `{"owner":"a\u0041","o":{"k":[1, 2],"deep":{"x":"y"}},"n":null,"a":{"m":7,"b":[{"k":1},{"k":"2"}],"m":8},"owner":"late"}`
	fields := []string{"^owner", "k", "^o.k", "^o.deep.x", "^n", "^a.m", "^a", "^absent"}
	fields = slices.Delete(fields, 6, 7)
	for _, shape := range []string{shapeArray, shapeConcatenated} {
		p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shape, Path: Paths{"a.b"}}, Fields: fields})
		object := data
		if shape == shapeConcatenated {
			object += `{"a":{"b":[{"k":3}]}}` + data
		}
		all, err := sameInEveryChunking(t, p, []byte(object))
		if err != nil {
			t.Fatal(err)
		}
		sameFromEveryRestart(t, p, []byte(object), all)
		want := [][]string{
			{"aA", "1", "[1, 2]", "y", absent, "7", absent},
			{"aA", "2", "[1, 2]", "y", absent, "7", absent},
		}
		if shape == shapeConcatenated {
			want = slices.Concat(want, [][]string{{absent, "3", absent, absent, absent, absent, absent}}, want)
		}
		for i, g := range all {
			if !slices.Equal(g.Fields, want[i]) {
				t.Errorf("%s: record %d has %q, want %q", shape, i, g.Fields, want[i])
			}
			if shape == shapeConcatenated && (g.Restart != nil) != (i == 0 || i == 2 || i == 3) {
				t.Errorf("record %d: restart %+v", i, g.Restart)
			}
		}
	}
}

func TestTheShapeFoundGoesWithTheRestart(t *testing.T) {
	for data, shape := range map[string]string{"{\"a\":1}\n{\"a\":2}\n{": shapeLines, `{"a":1}{"a":2}`: shapeConcatenated, `[1,2]`: "concatenated array"} {
		p := mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shapeAuto}})
		all, err := read(p, object([]byte(data)))
		if err != nil || len(all) < 2 || all[1].Restart.State != "plain\n"+shape {
			t.Errorf("%q: %+v, %v", data, all, err)
		}
	}
	in := object([]byte(`{"a":1}`))
	in.Restart = Restart{Offset: 3, Index: 1, State: "plain\nother"}
	if all, err := read(mustCompile(t, Spec{Format: "json", Options: &JSONOptions{Shape: shapeAuto}}), in); err == nil || isCorrupt(err) || len(all) > 0 {
		t.Errorf("a shape of another program: %v", err)
	}
}

func TestWhatTheShapesRefuse(t *testing.T) {
	for _, c := range []struct {
		options JSONOptions
		fields  []string
		want    string
	}{
		{JSONOptions{Shape: "list"}, nil, `shape is "list"`},
		{JSONOptions{Shape: shapeLines, Path: Paths{"a"}}, nil, "path is of no use with shape lines"},
		{JSONOptions{Shape: shapeSingle, Path: Paths{"a"}}, nil, "path is of no use"},
		{JSONOptions{Shape: shapeAuto, Path: Paths{"a"}}, nil, "path is of no use"},
		{JSONOptions{Shape: shapeLines, Arrays: "whole"}, nil, `arrays is "whole"; it must be elements or record`},
		{JSONOptions{Arrays: arraysElements}, nil, "arrays is of use"},
		{JSONOptions{Shape: shapeSingle, Arrays: arraysRecord}, nil, "arrays is of use"},
		{JSONOptions{Shape: shapeConcatenated, Path: Paths{"a"}, Arrays: arraysRecord}, nil, "arrays is of use"},
		{JSONOptions{}, []string{"^a"}, "nothing is around"},
		{JSONOptions{Path: Paths{"a.b"}}, []string{"^a"}, "holds the records themselves"},
		{JSONOptions{Path: Paths{"a.b"}}, []string{"^a.b"}, "holds the records themselves"},
		{JSONOptions{}, []string{"^"}, "nothing is around"},
		{JSONOptions{Path: Paths{"a.b", "a.c"}}, []string{"^a.c"}, "holds the records themselves"},
		{JSONOptions{Path: Paths{"a.b", "a.c.d"}}, nil, "differ in more than their last key"},
		{JSONOptions{Path: Paths{"a.b", "c.b"}}, nil, "differ in more than their last key"},
		{JSONOptions{Path: Paths{"a.b", "a.b"}}, nil, "comes twice"},
		{JSONOptions{Path: Paths{"a", ""}}, nil, "empty segment"},
		{JSONOptions{Path: Paths{"a.b"}}, []string{"^x..y"}, "empty segment"},
	} {
		if _, err := Compile(Spec{Format: "json", Options: &c.options, Fields: c.fields}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v, %q: %v", c.options, c.fields, err)
		}
	}
}

// jsonLines are the records of cloudTrail as documents of their own.
func jsonLines(size int, end string) []byte {
	var out bytes.Buffer
	p, err := Compile(Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}})
	if err != nil {
		panic(err)
	}
	for r, err := range p.Records(context.Background(), object(cloudTrail(size))) {
		if err != nil {
			panic(err)
		}
		out.Write(r.Raw)
		out.WriteString(end)
	}
	return out.Bytes()
}
