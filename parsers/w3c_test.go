package parsers

import (
	"strings"
	"testing"
)

func TestW3C(t *testing.T) {
	spec := func(record string, fields ...string) Spec {
		return Spec{Format: "w3c", Options: &W3COptions{Record: record}, Fields: fields, MaxRecord: 64}
	}
	known := func(record string) Spec {
		return Spec{Format: "w3c", Options: &W3COptions{Record: record, Others: "json", Expect: []string{"date", "c-ip", "x-*"}}, MaxRecord: 64}
	}
	checkCases(t, []textCase{
		{"no bytes", spec(""), "", nil},
		{
			"tabs, as CloudFront writes them", spec("", "cs(Host)", "x-id"), "#Version: 1.0\n#Fields: date cs(Host) x-id\n2026-01-01\ta b\t-\n",
			[]got{{Raw: "#Version: 1.0", Dropped: "directive"}, {Raw: "#Fields: date cs(Host) x-id", Dropped: "directive"}, {Raw: "2026-01-01\ta b\t-", Fields: []string{"a b", absent}}},
		},
		{
			"spaces, as IIS writes them, into objects", spec("json", "2"), "#Fields: c-ip  sc-status\r\n10.0.0.1 200\r\n\r\n10.0.0.2   -\r\n",
			[]got{
				{Raw: "#Fields: c-ip  sc-status", Dropped: "directive"},
				{Raw: `{"c-ip":"10.0.0.1","sc-status":"200"}`, Fields: []string{"200"}},
				{},
				{Raw: `{"c-ip":"10.0.0.2","sc-status":"-"}`},
			},
		},
		{
			"strings in quotes", spec("json"), "#Fields: a b\n\"x \"\"y\"\" \" \"\"\n\"x\"y z\n\"x y\n",
			[]got{{Raw: "#Fields: a b", Dropped: "directive"}, {Raw: `{"a":"x \"y\" ","b":""}`}, {Raw: `{"a":"\"x\"y","b":"z"}`}, {Raw: `{"a":"\"x","b":"y"}`}},
		},
		{
			"other columns from a directive on", spec("", "a"), "1\n#Fields: a\n2\n#Date: today\n3\n#Fields: b a\n4 5\n6\n",
			[]got{
				{Raw: "1", Unparsed: noFields},
				{Raw: "#Fields: a", Dropped: "directive"},
				{Raw: "2", Fields: []string{"2"}},
				{Raw: "#Date: today", Dropped: "directive"},
				{Raw: "3", Fields: []string{"3"}},
				{Raw: "#Fields: b a", Dropped: "directive"},
				{Raw: "4 5", Fields: []string{"5"}},
				{Raw: "6", Unparsed: wrongColumns},
			},
		},
		{
			"Zeek's tabs",
			Spec{Format: "w3c", Options: &W3COptions{Record: "json"}, Fields: []string{"id.orig_h"}},
			"#separator \\x09\n#fields\tid.orig_h\tnote\n#types\taddr\tstring\n192.0.2.1\ta  b\n-\t\"x\n#close\t2026\n#fields\tnote\n\"a b\" c\n",
			[]got{
				{Raw: "#separator \\x09", Dropped: "directive"},
				{Raw: "#fields\tid.orig_h\tnote", Dropped: "directive"},
				{Raw: "#types\taddr\tstring", Dropped: "directive"},
				{Raw: `{"id.orig_h":"192.0.2.1","note":"a  b"}`, Fields: []string{"192.0.2.1"}},
				{Raw: `{"id.orig_h":"-","note":"\"x"}`, Fields: []string{absent}},
				{Raw: "#close\t2026", Dropped: "directive"},
				{Raw: "#fields\tnote", Dropped: "directive"},
				{Raw: `{"note":"\"a b\" c"}`, Fields: []string{absent}},
			},
		},
		{
			"JSON in place of columns",
			Spec{Format: "w3c", Options: &W3COptions{Others: "json"}, Fields: []string{"id.orig_h"}},
			"{\"id.orig_h\":\"192.0.2.1\",\"id\":{\"orig_h\":\"no\"}}\r\n{\"x\nx\n\n#Fields: a b\n{ 1\n",
			[]got{
				{Raw: `{"id.orig_h":"192.0.2.1","id":{"orig_h":"no"}}`, Fields: []string{"192.0.2.1"}},
				{Raw: `{"x`, Unparsed: "truncated JSON"},
				{Raw: "x", Unparsed: noFields},
				{},
				{Raw: "#Fields: a b", Dropped: "directive"},
				{Raw: "{ 1"},
			},
		},
		{
			"commas that #Fields shows", spec("json", "c-ip"), "#Fields: date,cs(User-Agent),c-ip\n2026,\"a, b\",192.0.2.1\n2026,\"a\"b,-\n2026,x\n",
			[]got{
				{Raw: "#Fields: date,cs(User-Agent),c-ip", Dropped: "directive"},
				{Raw: `{"date":"2026","cs(User-Agent)":"a, b","c-ip":"192.0.2.1"}`, Fields: []string{"192.0.2.1"}},
				{Raw: `{"date":"2026","cs(User-Agent)":"\"a\"b","c-ip":"-"}`, Fields: []string{absent}},
				{Raw: "2026,x", Unparsed: wrongColumns},
			},
		},
		{
			"five characters, and then spaces again", spec("json"), "#Fields: a|::|-b\n1 2|::|3\n#Fields: a b\n1|::|2 3\n",
			[]got{
				{Raw: "#Fields: a|::|-b", Dropped: "directive"},
				{Raw: `{"a":"1 2","-b":"3"}`},
				{Raw: "#Fields: a b", Dropped: "directive"},
				{Raw: `{"a":"1|::|2","b":"3"}`},
			},
		},
		{"commas and spaces", spec("json"), "#Fields: a, b, c\n1, 2 3, 4\n", []got{{Raw: "#Fields: a, b, c", Dropped: "directive"}, {Raw: `{"a":"1","b":"2 3","c":"4"}`}}},
		{
			"six characters are none", spec("json"), "#Fields: a||||||b\n1||||||2\n",
			[]got{{Raw: "#Fields: a||||||b", Dropped: "directive"}, {Raw: `{"a||||||b":"1||||||2"}`}},
		},
		{
			"a header without #", known("json"), "date|c-ip\n2026 1|-\n#Fields: c-ip date\n- 2\nc-ip new date\n1 2 3\n",
			[]got{
				{Raw: "date|c-ip", Dropped: "header"},
				{Raw: `{"date":"2026 1","c-ip":"-"}`},
				{Raw: "#Fields: c-ip date", Dropped: "directive"},
				{Raw: `{"c-ip":"-","date":"2"}`},
				{Raw: "c-ip new date", Dropped: "header"},
				{Raw: `{"c-ip":"1","new":"2","date":"3"}`},
			},
		},
		{
			"letters between the names", known("json"), "datexx-edgexxc-ip\n1xx2xxx\n",
			[]got{{Raw: "datexx-edgexxc-ip", Dropped: "header"}, {Raw: `{"date":"1","-edge":"2","c-ip":"x"}`}},
		},
		{"one column, and JSON in front", known("json"), "{\"c-ip\":1}\nc-ip\n{1\n", []got{{Raw: `{"c-ip":1}`}, {Raw: "c-ip", Dropped: "header"}, {Raw: `{"c-ip":"{1"}`}}},
		{"no header where one is expected", known("json"), "date 1 2\nc-i\n", []got{{Raw: "date 1 2", Unparsed: noFields}, {Raw: "c-i", Unparsed: noFields}}},
		{
			"columns that are given",
			Spec{Format: "w3c", Options: &W3COptions{Record: "json", Names: []string{"x", "y"}, Separator: "comma"}, Fields: []string{"y"}},
			"1,2\n3\n\n#Fields: b,a,c\n4,5,6\n#Fields:\n7,8\n",
			[]got{
				{Raw: `{"x":"1","y":"2"}`, Fields: []string{"2"}},
				{Raw: "3", Unparsed: wrongColumns},
				{},
				{Raw: "#Fields: b,a,c", Dropped: "directive"},
				{Raw: `{"b":"4","a":"5","c":"6"}`},
				{Raw: "#Fields:", Dropped: "directive"},
				{Raw: `{"x":"7","y":"8"}`, Fields: []string{"8"}},
			},
		},
		{
			"a separator that is given",
			Spec{Format: "w3c", Options: &W3COptions{Record: "json", Separator: "-"}},
			"#Fields: a-b\n1-2\n",
			[]got{{Raw: "#Fields: a-b", Dropped: "directive"}, {Raw: `{"a":"1","b":"2"}`}},
		},
		{
			"Zeek's own separator",
			Spec{Format: "w3c", Options: &W3COptions{Record: "json"}, Fields: []string{"b"}},
			"#separator \\x2c\n#fields,a,b\n1 \"x,-\n#separator \\x09\n#fields,a\n2,3\n#fields\ta\n4\n#separator |\n#separator \\xzz\n#Fields: b\n5\n#fields|b\n6\n",
			[]got{
				{Raw: `#separator \x2c`, Dropped: "directive"},
				{Raw: "#fields,a,b", Dropped: "directive"},
				{Raw: `{"a":"1 \"x","b":"-"}`, Fields: []string{absent}},
				{Raw: `#separator \x09`, Dropped: "directive"},
				{Raw: "#fields,a", Dropped: "directive"},
				{Raw: "2,3", Unparsed: noFields},
				{Raw: "#fields\ta", Dropped: "directive"},
				{Raw: `{"a":"4"}`},
				{Raw: "#separator |", Dropped: "directive"},
				{Raw: `#separator \xzz`, Dropped: "directive"},
				{Raw: "#Fields: b", Dropped: "directive"},
				{Raw: `{"b":"5"}`, Fields: []string{"5"}},
				{Raw: "#fields|b", Dropped: "directive"},
				{Raw: `{"b":"6"}`, Fields: []string{"6"}},
			},
		},
		{"directives alone", spec("json"), "#Fields: a b", []got{{Raw: "#Fields: a b", Dropped: "directive"}}},
		{
			"too long", spec("", "a", "b"), "#Fields: a b\nx " + strings.Repeat("y", 70) + "\n",
			[]got{{Raw: "#Fields: a b", Dropped: "directive"}, {Raw: "x " + strings.Repeat("y", 62), Lost: 8, Fields: []string{"x", absent}}},
		},
	})
}
