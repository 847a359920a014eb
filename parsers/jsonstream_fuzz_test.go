package parsers

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

var streamSeeds = []string{
	`{"a":1}{"a":2}`, "{\"a\":1}\n{\"a\":2}\n", "{\"a\":1}\r\n\r\n{\"a\":2", "{\n\"a\":1\n}\n{\"a\":2}", " \n{\"a\":1} \t\r\n[]\n", "{}[]\"x\"\"y\" 1 2 null\ttrue",
	"{\"a\":1}\n{\"a\":\n{\"a\":3}\n}\n{\"a\":4} {\"a\":5}\nx\n\"", "[{\"a\":1},{\"a\":2}]\n", "[1]\n[2]\n", "\uFEFF{\"a\":1}\n\uFEFF{\"a\":2}\n", "1\n2\n", "{\"a\":\"}\\\"{\"}\n{\"b\":{\"c\":{\"d\":2}}}\n",
	`{"x":"o1","Records":[{"a":1},{"a":2}]}{"x":{"y":2},"Records":[{"a":3}],"x":"late"}` + "\n" + `{"Records":[]}{"Records":[{"a":4}]}`,
	`{"x":null,"a":{"c":"\u0041\n","b":[{"a":"1"}],"c":"late"},"x":"y"}{"a":{"b":[1]}}`, `{"x":1}{"Records":[]}`, `{"x":"a","x":null,"Records":[0]}`,
	`{"x":"` + strings.Repeat("é", 50) + `","Records":["` + strings.Repeat("x", 100) + `",{"a":2}]}`, `{"Records":[1]}}`, `{"Records":[1]}{"Records":[2`,
	`{"a":{"e":[{"a":1},2],"x":0,"b":[3],"c":"late"}}{"a":{"c":7,"\u0065":[],"e":[4]}}`,
}

var (
	streamPaths  = []string{"", "Records", "a.b", "a.b,e"}
	aroundFields = map[string][]string{"": nil, "Records": {"^x", "^x.y"}, "a.b": {"^x", "^a.c"}, "a.b,e": {"^", "^a.c"}}
)

// FuzzJSONStream is for the shapes concatenated, lines and auto.
func FuzzJSONStream(f *testing.F) {
	for i, s := range slices.Concat(streamSeeds, jsonSeeds) {
		for shape := range 3 {
			f.Add([]byte(s), uint8(shape), uint8(i), uint16(len(s)/2))
		}
		f.Add([]byte(s), uint8(0), uint8(1), uint16(3))
		f.Add([]byte(s), uint8(0), uint8(2), uint16(0))
		f.Add([]byte(s), uint8(0), uint8(3), uint16(5))
	}
	f.Fuzz(func(t *testing.T, data []byte, shape, which uint8, split uint16) {
		if looksPacked(data) {
			return // unpack's
		}
		o := &JSONOptions{Shape: []string{shapeConcatenated, shapeLines, shapeAuto}[shape%3]}
		path, fields := "", slices.Clone(fuzzFields)
		if o.Shape == shapeConcatenated {
			path = streamPaths[int(which)%len(streamPaths)]
			o.Path = pathsOf(path)
			fields = append(fields, aroundFields[path]...)
		}
		s := Spec{Format: "json", Options: o, Fields: fields}
		all, err := sameInEveryChunking(t, mustCompile(t, s), data)
		var want []got
		v := accepted
		switch o.Shape {
		case shapeConcatenated:
			want, v = streamOracle(data, path, fields)
		case shapeLines:
			want, v = jsonLinesOracle([]byte(strings.TrimPrefix(string(data), "\uFEFF")), fields, all)
		case shapeAuto:
			want, v = autoOracle(data, fields, all)
		}
		if path == "" {
			conservesJSON(t, data, all, err)
		}
		checkStream(t, s, data, int(split), all, err, want, v)
	})
}

// checkStream compares what was made of data with what should be, then reads it
// from every Restart, packed in members of split bytes, and with short records.
func checkStream(t *testing.T, s Spec, data []byte, split int, all []got, err error, want []got, v verdict) {
	t.Helper()
	p := mustCompile(t, s)
	agrees(t, v, want, all, err)
	if err != nil {
		return
	}
	sameFromEveryRestart(t, p, data, all)
	samePacked(t, p, data, split, all)
	s.MaxRecord = 64
	short, err := sameInEveryChunking(t, mustCompile(t, s), data)
	if isCorrupt(err) && slices.ContainsFunc(all, func(g got) bool { return g.Unparsed != "" && len(g.Raw) > 64 }) {
		return // text that is too long to be one record
	}
	if err != nil || len(short) != len(all) {
		t.Fatalf("%d records when cut, %d whole, %v", len(short), len(all), err)
	}
	for i, g := range short {
		w := all[i].Raw
		if g.Unparsed == "" && g.Dropped == "" && s.Format != "cloudwatch" && (int(g.Lost) != len(w)-len(g.Raw) && !strings.HasPrefix(w, strings.TrimLeft(g.Raw, " \t"))) {
			t.Fatalf("record %q, of %q", g.Raw, w)
		}
		if len(g.Raw) > 64 || g.Lost < 0 {
			t.Fatalf("record %q, %d bytes lost", g.Raw, g.Lost)
		}
	}
}

// conservesJSON checks that the records are all of the object, but for white space
// and the brackets and commas of arrays, and that what passes for a value is one.
func conservesJSON(t *testing.T, data []byte, all []got, err error) {
	t.Helper()
	bare := strings.NewReplacer(" ", "", "\t", "", "\r", "", "\n", "", "[", "", "]", "", ",", "")
	var records strings.Builder
	for _, g := range all {
		records.WriteString(g.Raw)
		if g.Unparsed == "" && g.Raw != "" && strings.IndexByte("{[\"", g.Raw[0]) < 0 && !json.Valid([]byte(g.Raw)) {
			t.Fatalf("%q passes for a value", g.Raw)
		}
	}
	want, have := bare.Replace(strings.TrimPrefix(string(data), "\uFEFF")), bare.Replace(records.String())
	if err == nil && have != want || !strings.HasPrefix(want, have) {
		t.Fatalf("of %q only %q, error %v", want, have, err)
	}
}
