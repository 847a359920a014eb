package parsers

import (
	"slices"
	"strings"
	"testing"
)

func TestLines(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       []string
	}{
		{"no bytes", "", nil},
		{"one", "a\n", []string{"a"}},
		{"no end of the last", "a\nb", []string{"a", "b"}},
		{"CR LF", "a\r\nb\r\n", []string{"a", "b"}},
		{"mixed", "a\r\nb\nc\r\n", []string{"a", "b", "c"}},
		{"blank ones", "\n\r\n a \n\n", []string{"", "", " a ", ""}},
		{"CR alone", "a\rb\n\r\r\nc\r", []string{"a\rb", "\r", "c\r"}},
		{"nothing else ends a line", "a\vb\fc\x85d\u2028e\u0085f\x1eg\n", []string{"a\vb\fc\x85d\u2028e\u0085f\x1eg"}},
		{"NULs and no UTF-8", "a\x00b\xff\n\xc3\n", []string{"a\x00b\xff", "\xc3"}},
		{"longer than a block", strings.Repeat("x", 300<<10) + "\nb\n", []string{strings.Repeat("x", 300<<10), "b"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, Spec{Format: "lines"})
			all, err := sameInEveryChunking(t, p, []byte(c.data))
			if err != nil {
				t.Fatal(err)
			}
			wantRaws(t, all, c.want...)
			all, err = read(p, object(pack([]byte(c.data))))
			if err != nil {
				t.Fatal(err)
			}
			wantRaws(t, all, c.want...)
		})
	}
}

func TestHeaderIsGivenAsDropped(t *testing.T) {
	p := mustCompile(t, Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}})
	all, err := sameInEveryChunking(t, p, []byte("version account\n2 1\nversion account\n"))
	if err != nil {
		t.Fatal(err)
	}
	wantRaws(t, all, "version account", "2 1", "version account")
	for i, g := range all {
		if want := map[int]string{0: "header", 2: "header"}[i]; g.Dropped != want || g.Index != int64(i) {
			t.Errorf("record %d: %+v", i, g)
		}
	}
}

// textCase is an object and the records it must give.
type textCase struct {
	name string
	spec Spec
	data string
	want []got
}

// checkCases reads each object plain, packed, in every chunking and from every
// restart. Index and, where a case gives none, Fields need not be written down.
func checkCases(t *testing.T, cases []textCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for i := range c.want {
				c.want[i].Index = int64(i)
				if c.want[i].Fields == nil {
					c.want[i].Fields = slices.Repeat([]string{absent}, len(c.spec.Fields))
				}
				if len(c.spec.Fields) == 0 {
					c.want[i].Fields = nil
				}
			}
			checkText(t, mustCompile(t, c.spec), []byte(c.data), 7, c.want)
		})
	}
}

func TestLinesWithAHeader(t *testing.T) {
	spec := func(o LinesOptions, fields ...string) Spec {
		return Spec{Format: "lines", Options: &o, Fields: fields, MaxRecord: 64}
	}
	checkCases(t, []textCase{
		{
			"kept, and its names are fields", spec(LinesOptions{Header: "keep", Separator: "tab"}, "b", "1", "c"), "a\tb\n1\t2\n3\n",
			[]got{{Raw: "a\tb"}, {Raw: "1\t2", Fields: []string{"2", "1", absent}}, {Raw: "3", Fields: []string{absent, "3", absent}}},
		},
		{
			"behind blank lines and comments", spec(LinesOptions{Header: "drop", Separator: "comma", Comment: "//"}, "b"), "\r\n// x\r\na,b\r\n// 1,2\r\n1,2\r\n",
			[]got{{}, {Raw: "// x", Dropped: "comment"}, {Raw: "a,b", Dropped: "header"}, {Raw: "// 1,2", Dropped: "comment"}, {Raw: "1,2", Fields: []string{"2"}}},
		},
		{"the only line", spec(LinesOptions{Header: "json", Separator: "space"}), "a b", []got{{Raw: "a b", Dropped: "header"}}},
		{
			"into objects", spec(LinesOptions{Header: "json", Separator: "space"}, "n"), "n t\n1 \"\\\xff\x00\t\n\n1 2 3\n1\n",
			[]got{
				{Raw: "n t", Dropped: "header"},
				{Raw: `{"n":"1","t":"\"\\` + "\uFFFD" + `\u0000\t"}`, Fields: []string{"1"}},
				{},
				{Raw: "1 2 3", Unparsed: wrongColumns},
				{Raw: "1", Unparsed: wrongColumns},
			},
		},
		{
			"names that are none, twice there, or not UTF-8", spec(LinesOptions{Header: "json", Separator: "comma"}, "a", "a_3", "2"), "a,,a,a_3,\xff\n1,2,3,4,5\n",
			[]got{{Raw: "a,,a,a_3,\xff", Dropped: "header"}, {Raw: `{"a":"1","2":"2","a_3":"3","a_3_4":"4","` + "\uFFFD" + `":"5"}`, Fields: []string{"1", "4", "2"}}},
		},
		{
			"a line too long for an object, and an object too long", spec(LinesOptions{Header: "json", Separator: "space"}), "a b\n" + strings.Repeat("x", 65) + " 2\n" + strings.Repeat("\x01", 12) + " 2\n1 2\n",
			[]got{
				{Raw: "a b", Dropped: "header"},
				{Raw: strings.Repeat("x", 64), Lost: 3, Unparsed: tooLong},
				{Raw: strings.Repeat("\x01", 12) + " 2", Unparsed: tooLongJSON},
				{Raw: `{"a":"1","b":"2"}`},
			},
		},
		{
			"as expected", spec(LinesOptions{Header: "drop", Separator: "space", Expect: []string{"a", "b"}}), "a b\n1 2\n",
			[]got{{Raw: "a b", Dropped: "header"}, {Raw: "1 2"}},
		},
		{
			"half of it expected", spec(LinesOptions{Header: "json", Separator: "space", Expect: []string{"a", "b"}}), "c b a d\n1 2 3 4\n",
			[]got{{Raw: "c b a d", Dropped: "header"}, {Raw: `{"c":"1","b":"2","a":"3","d":"4"}`}},
		},
		{
			"less than half of it expected", spec(LinesOptions{Header: "drop", Separator: "space", Expect: []string{"a", "b"}}), "b c a d e\n1 2 3\n",
			[]got{{Raw: "b c a d e"}, {Raw: "1 2 3"}},
		},
		{
			"one of two is chance", spec(LinesOptions{Header: "drop", Separator: "space", Expect: []string{"a", "b"}}), "b 1\nb a\n",
			[]got{{Raw: "b 1"}, {Raw: "b a", Dropped: "header"}},
		},
		{
			"expected by how names begin", spec(LinesOptions{Header: "drop", Separator: "space", Expect: []string{"x-*"}}), "x-a x-b\n1 2\n",
			[]got{{Raw: "x-a x-b", Dropped: "header"}, {Raw: "1 2"}},
		},
		{
			"expected and not there", spec(LinesOptions{Header: "drop", Separator: "space", Expect: []string{"a", "b"}}, "1"), "1 2\n3 4\n",
			[]got{{Raw: "1 2", Fields: []string{"1"}}, {Raw: "3 4", Fields: []string{"3"}}},
		},
		{
			"expected, not there, and there later", spec(LinesOptions{Header: "json", Separator: "space", Expect: []string{"a", "b"}}), "1 2\nb a\n3 4\n",
			[]got{{Raw: "1 2", Unparsed: noHeader}, {Raw: "b a", Dropped: "header"}, {Raw: `{"b":"3","a":"4"}`}},
		},
		{
			"again, of files that were joined", spec(LinesOptions{Header: "json", Separator: "space"}), "a b\n1 2\na b\n3 4\n",
			[]got{{Raw: "a b", Dropped: "header"}, {Raw: `{"a":"1","b":"2"}`}, {Raw: "a b", Dropped: "header"}, {Raw: `{"a":"3","b":"4"}`}},
		},
		{
			"again, but for one column", spec(LinesOptions{Header: "json", Separator: "space"}), "a\na\n",
			[]got{{Raw: "a", Dropped: "header"}, {Raw: `{"a":"a"}`}},
		},
		{"again, but for one word", spec(LinesOptions{Header: "drop"}), "a\na\n", []got{{Raw: "a", Dropped: "header"}, {Raw: "a"}}},
		{
			"again, kept", spec(LinesOptions{Header: "keep"}), "a b\n1 2\na b\n3\n",
			[]got{{Raw: "a b"}, {Raw: "1 2"}, {Raw: "a b"}, {Raw: "3"}},
		},
		{
			"again, dropped and of no use", spec(LinesOptions{Header: "drop"}), "a b\n1 2\na b\n3\n",
			[]got{{Raw: "a b", Dropped: "header"}, {Raw: "1 2"}, {Raw: "a b", Dropped: "header"}, {Raw: "3"}},
		},
		{
			"of other columns behind it", spec(LinesOptions{Header: "json", Separator: "space", Expect: []string{"a", "b", "c"}}), "a b\n1 2\nc a b\n3 4 5\na\n6\n",
			[]got{
				{Raw: "a b", Dropped: "header"},
				{Raw: `{"a":"1","b":"2"}`},
				{Raw: "c a b", Dropped: "header"},
				{Raw: `{"c":"3","a":"4","b":"5"}`},
				{Raw: "a", Dropped: "header"},
				{Raw: `{"a":"6"}`},
			},
		},
	})
}

func TestLinesTogetherAreARecord(t *testing.T) {
	spec := func(o LinesOptions) Spec { return Spec{Format: "lines", Options: &o, MaxRecord: 64} }
	start, end := spec(LinesOptions{Start: `^\d{4}-`}), spec(LinesOptions{End: `(?i)^go$`})
	more := spec(LinesOptions{Continue: `^\s+\S|^Caused by: `})
	checkCases(t, []textCase{
		{"from one start to the next", start, "2026- a\n  at b\r\n\n2027- c\n2028- d", []got{{Raw: "2026- a\n  at b\r\n"}, {Raw: "2027- c"}, {Raw: "2028- d"}}},
		{"lines before the first start", start, "b\nc\n2026- a\n", []got{{Raw: "b\nc", Unparsed: noStart}, {Raw: "2026- a"}}},
		{"no start at all", start, "b\r\nc\r\n", []got{{Raw: "b\r\nc", Unparsed: noStart}}},
		{"up to an end", end, "a\nb\nGO\n\nc\ngo\r\n", []got{{Raw: "a\nb\nGO"}, {Raw: "\nc\ngo"}}},
		{"lines behind the last end", end, "go\nc\n", []got{{Raw: "go"}, {Raw: "c", Unparsed: noEnd}}},
		{"lines that continue", more, "a\n  b\r\nCaused by: c\n\nd\n\te", []got{{Raw: "a\n  b\r\nCaused by: c"}, {}, {Raw: "d\n\te"}}},
		{"the first line continues nothing", more, "  a\n  b\nc\n", []got{{Raw: "  a\n  b"}, {Raw: "c"}}},
		{
			"a continuation that is too long begins another", more, "a" + strings.Repeat("\n xxxxxxxx", 10) + "\nb",
			[]got{{Raw: "a" + strings.Repeat("\n xxxxxxxx", 6)}, {Raw: strings.Repeat("\n xxxxxxxx", 4)[1:]}, {Raw: "b"}},
		},
		{"one line that is too long", more, "a\n " + strings.Repeat("x", 70) + "\n b\nc", []got{{Raw: "a"}, {Raw: " " + strings.Repeat("x", 63), Lost: 7}, {Raw: " b"}, {Raw: "c"}}},
		{
			"longer than may be", start, "2026-" + strings.Repeat("\nxxxxxxxxx", 7) + "\n2027-\n",
			[]got{{Raw: "2026-" + strings.Repeat("\nxxxxxxxxx", 7)[:59], Lost: 11}, {Raw: "2027-"}},
		},
	})
}

func TestAHeaderLongerThanMaxRecordIsCorruptWhereItMatters(t *testing.T) {
	data := strings.Repeat("column ", 20) + "\n1\n"
	p := mustCompile(t, Spec{Format: "lines", Options: &LinesOptions{Header: "json", Separator: "space"}, MaxRecord: 64})
	if all, err := sameInEveryChunking(t, p, []byte(data)); !isCorrupt(err) || len(all) > 0 {
		t.Errorf("%d records, %v", len(all), err)
	}
	p = mustCompile(t, Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}, MaxRecord: 64})
	if all, err := sameInEveryChunking(t, p, []byte(data)); err != nil || len(all) != 2 || all[0].Dropped != "header" {
		t.Errorf("%+v, %v", all, err)
	}
}
