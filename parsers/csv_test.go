package parsers

import (
	"strings"
	"testing"
)

func TestCSV(t *testing.T) {
	spec := func(o CSVOptions, fields ...string) Spec {
		return Spec{Format: "csv", Options: &o, Fields: fields, MaxRecord: 64}
	}
	shown := CSVOptions{Header: "json", Expect: []string{"x-*", "b"}}
	checkCases(t, []textCase{
		{"no bytes", spec(CSVOptions{}), "", nil},
		{"rows stay as they are", spec(CSVOptions{}), "a,\"b\r\n\"\"c\",\r\n\n1", []got{{Raw: "a,\"b\r\n\"\"c\","}, {}, {Raw: "1"}}},
		{
			"values by number, without quotes", spec(CSVOptions{}, "2", "1"), "\"a,\"\"\nb\",\"c\"\n,\n",
			[]got{{Raw: "\"a,\"\"\nb\",\"c\"", Fields: []string{"c", "a,\"\nb"}}, {Raw: ",", Fields: []string{"", ""}}},
		},
		{
			"values by the header's names", spec(CSVOptions{Header: "keep"}, "b"), "a,\"b\"\n1,2\n1\n1,2,3\n",
			[]got{{Raw: "a,\"b\""}, {Raw: "1,2", Fields: []string{"2"}}, {Raw: "1", Unparsed: wrongColumns}, {Raw: "1,2,3", Unparsed: wrongColumns}},
		},
		{
			"into objects by a header of two lines", spec(CSVOptions{Header: "json"}), "a,\"b\nc\"\n1,\"x\r\n\"\"y\"\n\n007,\n",
			[]got{{Raw: "a,\"b\nc\"", Dropped: "header"}, {Raw: `{"a":"1","b\nc":"x\r\n\"y"}`}, {}, {Raw: `{"a":"007","b\nc":""}`}},
		},
		{
			"into objects by given names", spec(CSVOptions{Names: []string{"x", "y"}}, "y"), "1,2\n3\n",
			[]got{{Raw: `{"x":"1","y":"2"}`, Fields: []string{"2"}}, {Raw: "3", Unparsed: wrongColumns}},
		},
		{
			"a quoted value that begins with a line break, behind another", spec(CSVOptions{Names: []string{"x", "y"}}), "\"a\",\"\nb\"\n\"c\",\"\r\n\"\n\"\",\"\n\"\"\"\n",
			[]got{{Raw: `{"x":"a","y":"\nb"}`}, {Raw: `{"x":"c","y":"\r\n"}`}, {Raw: `{"x":"","y":"\n\""}`}},
		},
		{
			"given names in place of the header's", spec(CSVOptions{Header: "drop", Names: []string{"x"}}), "\na\n1\n",
			[]got{{}, {Raw: "a", Dropped: "header"}, {Raw: `{"x":"1"}`}},
		},
		{
			"misplaced quotes harm their line", spec(CSVOptions{}, "1"), "a\"b,c\n\"d\"e,f\r\"g\"\rh\ni,j\n\"k\"\r",
			[]got{
				{Raw: "a\"b,c", Unparsed: misplacedQuote},
				{Raw: "\"d\"e,f", Unparsed: misplacedQuote},
				{Raw: "\"g\"", Fields: []string{"g"}},
				{Raw: "h", Fields: []string{"h"}},
				{Raw: "i,j", Fields: []string{"i"}},
				{Raw: "\"k\"", Fields: []string{"k"}},
			},
		},
		{
			"spaces in front of a quote", spec(CSVOptions{}, "2", "3"), "\"a\", \"b,\n\"\"c\",  \"d\"\n  \"a\",  b ,\n a, ,  \n\"a\" ,b\n",
			[]got{
				{Raw: "\"a\", \"b,\n\"\"c\",  \"d\"", Fields: []string{"b,\n\"c", "d"}},
				{Raw: "  \"a\",  b ,", Fields: []string{"  b ", ""}},
				{Raw: " a, ,  ", Fields: []string{" ", "  "}},
				{Raw: "\"a\" ,b", Unparsed: misplacedQuote},
			},
		},
		{
			"spaces that are separators", spec(CSVOptions{Separator: "space"}, "2"), "a  \"b c\"\n\"a\" \"b\"\n",
			[]got{{Raw: "a  \"b c\"", Fields: []string{""}}, {Raw: "\"a\" \"b\"", Fields: []string{"b"}}},
		},
		{
			"lines that end in CR alone, as on the first Macintosh", spec(CSVOptions{Header: "json"}), "a,b\r1,2\r\r3,\"x\ry\"\r",
			[]got{{Raw: "a,b", Dropped: "header"}, {Raw: `{"a":"1","b":"2"}`}, {}, {Raw: `{"a":"3","b":"x\ry"}`}},
		},
		{
			"lines that end in every way", spec(CSVOptions{Header: "json"}), "a,b\n1,2\r3,4\r\n\"\r\n\",5\r\r\n6,7",
			[]got{{Raw: "a,b", Dropped: "header"}, {Raw: `{"a":"1","b":"2"}`}, {Raw: `{"a":"3","b":"4"}`}, {Raw: `{"a":"\r\n","b":"5"}`}, {}, {Raw: `{"a":"6","b":"7"}`}},
		},
		{
			"the header again", spec(CSVOptions{Header: "json"}), "a,b\n1,2\na,b\n3,4\n",
			[]got{{Raw: "a,b", Dropped: "header"}, {Raw: `{"a":"1","b":"2"}`}, {Raw: "a,b", Dropped: "header"}, {Raw: `{"a":"3","b":"4"}`}},
		},
		{
			"the header again, where names are given", spec(CSVOptions{Header: "drop", Names: []string{"x", "y"}}), "a,b\n1,2\na,b\n3,4\n",
			[]got{{Raw: "a,b", Dropped: "header"}, {Raw: `{"x":"1","y":"2"}`}, {Raw: "a,b", Dropped: "header"}, {Raw: `{"x":"3","y":"4"}`}},
		},
		{
			"commas that the header shows", spec(shown), "x-a,\"b\"\n\"1 2\",3\n",
			[]got{{Raw: "x-a,\"b\"", Dropped: "header"}, {Raw: `{"x-a":"1 2","b":"3"}`}},
		},
		{
			"spaces that the header shows", spec(shown), "x-a \"b\" new\n\"1,2\" 3 -\nb x-a\n4 5\n",
			[]got{{Raw: "x-a \"b\" new", Dropped: "header"}, {Raw: `{"x-a":"1,2","b":"3","new":"-"}`}, {Raw: "b x-a", Dropped: "header"}, {Raw: `{"b":"4","x-a":"5"}`}},
		},
		{"pipes", spec(shown), "b|x-a\n1|2,3\n", []got{{Raw: "b|x-a", Dropped: "header"}, {Raw: `{"b":"1","x-a":"2,3"}`}}},
		{"one column shows none", spec(shown), "b\n1 2\n1,2\n", []got{{Raw: "b", Dropped: "header"}, {Raw: `{"b":"1 2"}`}, {Raw: "1,2", Unparsed: wrongColumns}}},
		{
			"no header where one is expected", spec(shown), "1,2\nx-a,b\n3,4\n",
			[]got{{Raw: "1,2", Unparsed: noHeader}, {Raw: "x-a,b", Dropped: "header"}, {Raw: `{"x-a":"3","b":"4"}`}},
		},
		{"a row that ends within quotes where the header should be", spec(shown, "1"), "1,\"2\n3\"\n", []got{{Raw: "1,\"2", Unparsed: misplacedQuote}, {Raw: "3\"", Unparsed: misplacedQuote}}},
		{
			"another separator than the one that is given", spec(CSVOptions{Header: "json", Expect: shown.Expect, Separator: "tab"}), "x-a,b\n1,2\n",
			[]got{{Raw: "x-a,b", Dropped: "header"}, {Raw: `{"x-a,b":"1,2"}`}},
		},
		{
			"own separator and quote", spec(CSVOptions{Separator: "pipe", Quote: "'"}, "1", "2"), "'a|''b'|\"c\n",
			[]got{{Raw: "'a|''b'|\"c", Fields: []string{"a|'b", "\"c"}}},
		},
		{"quotes that mean nothing", spec(CSVOptions{Quote: "none"}, "1"), "\"a,b\n\"\"\n", []got{{Raw: "\"a,b", Fields: []string{"\"a"}}, {Raw: "\"\"", Fields: []string{"\"\""}}}},
		{
			"too long within quotes", spec(CSVOptions{}, "1", "2"), "a,\"" + strings.Repeat("x\n", 50) + "\"\nb,c\n",
			[]got{{Raw: "a,\"" + strings.Repeat("x\n", 50)[:61], Lost: 40, Fields: []string{"a", absent}}, {Raw: "b,c", Fields: []string{"b", "c"}}},
		},
		{"NULs and no UTF-8", spec(CSVOptions{}, "1"), "\x00\xff,\xc3\n", []got{{Raw: "\x00\xff,\xc3", Fields: []string{"\x00\xff"}}}},
	})
}

func TestCSVThatCannotBeReadOnIsCorrupt(t *testing.T) {
	for _, c := range []struct{ name, data, want string }{
		{"it ends within quotes", "a,b\n1,2\n3,\"4\n5", "ends within quotes"},
		{"it ends behind the opening quote", "a,b\n\"", "ends within quotes"},
		{"the header has a misplaced quote", "a,b\"\n1,2\n", "misplaced quote"},
		{"the header is too long", strings.Repeat("a,", 40) + "\n", "longer than max_record"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := mustCompile(t, Spec{Format: "csv", Options: &CSVOptions{Header: "drop"}, MaxRecord: 64})
			_, err := sameInEveryChunking(t, p, []byte(c.data))
			if !isCorrupt(err) || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("error %v", err)
			}
		})
	}
}

func TestAHeaderTooLongForALedgerLeavesTheStartAlone(t *testing.T) {
	names := strings.Repeat("a_long_column_name,", 80)
	for _, c := range []struct {
		name, header string
		restarts     int
	}{{"short", "a,b", 3}, {"long", names + "b", 1}, {"not UTF-8", "a,\xff", 1}} {
		row := strings.Repeat("1,", strings.Count(c.header, ",")) + "2\n"
		p := mustCompile(t, Spec{Format: "csv", Options: &CSVOptions{Header: "drop"}})
		all, err := sameInEveryChunking(t, p, []byte(c.header+"\n"+row+row))
		if err != nil || len(all) != 3 {
			t.Fatalf("%s: %d records, %v", c.name, len(all), err)
		}
		restarts := 0
		for _, g := range all {
			if g.Restart != nil {
				restarts++
				if len(g.Restart.State) > maxState {
					t.Errorf("%s: a state of %d bytes", c.name, len(g.Restart.State))
				}
			}
		}
		if restarts != c.restarts {
			t.Errorf("%s: %d restarts, want %d", c.name, restarts, c.restarts)
		}
	}
}

func TestEachFileOfAnArchiveNamesItsOwnColumns(t *testing.T) {
	for format, c := range map[string]struct {
		options     Options
		first, next string
	}{
		"lines": {&LinesOptions{Header: "json", Separator: "comma"}, "a,b\n1,2", "\uFEFFc\n3\n"},
		"csv":   {&CSVOptions{Header: "json"}, "a,b\n1,2", "\uFEFF\"c\"\n3\n"},
		"w3c":   {&W3COptions{Record: "json"}, "#Fields: a b\n1 2", "\uFEFF#Fields: c\n3\n"},
	} {
		p := mustCompile(t, Spec{Format: format, Options: c.options})
		for _, archive := range [][]byte{zipped(t, c.first, c.next), tarred(t, c.first, c.next)} {
			all, err := sameInEveryChunking(t, p, archive)
			if err != nil || len(all) != 4 || all[1].Raw != `{"a":"1","b":"2"}` || all[2].Dropped == "" || all[3].Raw != `{"c":"3"}` {
				t.Errorf("%s: %+v, %v", format, all, err)
			}
		}
	}
	p := mustCompile(t, Spec{Format: "w3c"})
	all, err := sameInEveryChunking(t, p, zipped(t, "#Fields: a\n1\n", "2\n"))
	if err != nil || len(all) != 3 || all[2].Unparsed != noFields {
		t.Errorf("a file without a directive: %+v, %v", all, err)
	}
}
