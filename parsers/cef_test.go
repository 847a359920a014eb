package parsers

import "testing"

func TestCEF(t *testing.T) {
	spec := func(others string, fields ...string) Spec {
		return Spec{Format: "cef", Options: &CEFOptions{Others: others}, Fields: fields, MaxRecord: 128}
	}
	const line = `CEF:0|Acme|Wall|1.0|100|stopped a \| worm|10|src=10.0.0.1 msg=two words \= more\nlines \\ end  request=http://a/?x=1&y=2 cs1= act=`
	checkCases(t, []textCase{
		{"no bytes", spec(""), "", nil},
		{
			"the header's values", spec("", "cefVersion", "deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "severity"), line + "\r\n",
			[]got{{Raw: line[:128], Lost: int64(len(line) - 128), Fields: []string{"0", "Acme", "Wall", "1.0", "100", "stopped a | worm", "10"}}},
		},
		{
			"the extension's values",
			Spec{Format: "cef", Fields: []string{"src", "msg", "request", "cs1", "act", "x", "dst"}},
			line,
			[]got{{Raw: line, Fields: []string{"10.0.0.1", "two words = more\nlines \\ end ", "http://a/?x=1&y=2", "", "", absent, absent}}},
		},
		{
			"behind a syslog header", spec("", "deviceVendor", "src"), "<13>Jan  1 00:00:00 host CEF:0|A|b|c|d|e|f|src=1 src=2\n<13>1 - - - - - - \uFEFFCEF:1|B|b|c|d|e|f|\n",
			[]got{
				{Raw: "<13>Jan  1 00:00:00 host CEF:0|A|b|c|d|e|f|src=1 src=2", Fields: []string{"A", "2"}},
				{Raw: "<13>1 - - - - - - \uFEFFCEF:1|B|b|c|d|e|f|", Fields: []string{"B", absent}},
			},
		},
		{"without an extension", spec("", "severity"), "CEF:0|a|b|c|d|e|f", []got{{Raw: "CEF:0|a|b|c|d|e|f", Fields: []string{"f"}}}},
		{
			"what is none", spec("", "name"), "text\n\nCEF:0|a|b|c|d|e\nCEF:x|a|b|c|d|e|f|\nxCEF:0|a|b|c|d|e|f|\n",
			[]got{{Raw: "text", Unparsed: notCEF}, {}, {Raw: "CEF:0|a|b|c|d|e", Unparsed: notCEF}, {Raw: "CEF:x|a|b|c|d|e|f|", Unparsed: notCEF}, {Raw: "xCEF:0|a|b|c|d|e|f|", Unparsed: notCEF}},
		},
		{
			"a block in front that is dropped", spec("drop"), "accountId:1\n|==|\nCEF:0|a|b|c|d|e|f|\n",
			[]got{{Raw: "accountId:1", Dropped: notCEF}, {Raw: "|==|", Dropped: notCEF}, {Raw: "CEF:0|a|b|c|d|e|f|"}},
		},
	})
}
