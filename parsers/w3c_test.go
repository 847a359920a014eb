package parsers

import (
	"strings"
	"testing"
)

func TestW3C(t *testing.T) {
	spec := func(record string, fields ...string) Spec {
		return Spec{Format: "w3c", Options: &W3COptions{Record: record}, Fields: fields, MaxRecord: 64}
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
		{"directives alone", spec("json"), "#Fields: a b", []got{{Raw: "#Fields: a b", Dropped: "directive"}}},
		{
			"too long", spec("", "a", "b"), "#Fields: a b\nx " + strings.Repeat("y", 70) + "\n",
			[]got{{Raw: "#Fields: a b", Dropped: "directive"}, {Raw: "x " + strings.Repeat("y", 62), Lost: 8, Fields: []string{"x", absent}}},
		},
	})
}
