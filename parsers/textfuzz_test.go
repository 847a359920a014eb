package parsers

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

var rowSeeds = []string{
	"", "\n", "a b\n1 2\n3 4\r\n", "a b\n1 2 3\n\n4\n", "\uFEFFa b\n1 2", "\xEF\xBBa b\n", "# x\n\r\na a \n1 2 3\n#1 2\n", "x y\n1 2\n", "a b\n1 2\na b\nb c\n3 4\n", "1 2\na b\n3 4\n", "a b c d\nb 1\nb1\n", "q bb\n1 2\nq bb\nbb q\n1 2\n",
	"a\tb\n1\t\"\x00\\\xff\xc3\"\n", "b c\n" + strings.Repeat("x", fuzzMax) + " y\n" + strings.Repeat("\x01", 20) + " y\n1 2\n", "a b\r\n1 2\r",
}

// rowCases are the options that FuzzRows chooses from.
var rowCases = []struct {
	options LinesOptions
	fields  []string
}{
	{LinesOptions{Header: "json", Separator: "space"}, []string{"a", "2"}},
	{LinesOptions{Header: "json", Separator: "tab", Comment: "#"}, nil},
	{LinesOptions{Header: "drop", Separator: " ", Expect: []string{"a", "b*"}, Comment: "# "}, []string{"b", "3"}},
	{LinesOptions{Header: "keep", Separator: "space", Expect: []string{"a", "b*"}}, []string{"b"}},
	{LinesOptions{Header: "json", Separator: "space", Expect: []string{"a", "b*"}}, nil},
	{LinesOptions{Separator: "comma", Comment: "#"}, []string{"1", "2"}},
	{LinesOptions{Header: "drop", Comment: "#"}, nil},
}

func FuzzRows(f *testing.F) {
	for i := range rowCases {
		for _, s := range rowSeeds {
			f.Add([]byte(s), uint8(i), uint16(len(s)/2))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, which uint8, split uint16) {
		c := rowCases[int(which)%len(rowCases)]
		if looksPacked(data) {
			return // FuzzUnpack's
		}
		p := mustCompile(t, Spec{Format: "lines", Options: &c.options, Fields: c.fields, MaxRecord: fuzzMax})
		want, ok := rowsOracle(data, c.options, c.fields)
		if !ok {
			if _, err := sameInEveryChunking(t, p, data); !isCorrupt(err) {
				t.Fatalf("a header longer than max_record: %v", err)
			}
			return
		}
		checkText(t, p, data, int(split), want)
		if c.options.Header != "json" {
			conserves(t, data, want)
		}
	})
}

// rowsOracle is not ok when the header is too long.
func rowsOracle(data []byte, opts LinesOptions, fields []string) (all []got, ok bool) {
	separator := map[string]string{"space": " ", "tab": "\t", "comma": ",", "": "\n"}[opts.Separator]
	if separator == "" {
		separator = opts.Separator
	}
	o := rowOracle{json: opts.Header == "json", strict: opts.Header == "json", fields: fields}
	split := func(s string) []string { return strings.Split(s, separator) }
	known := func(cell string) bool {
		return slices.ContainsFunc(opts.Expect, func(name string) bool {
			prefix, open := strings.CutSuffix(name, "*")
			return cell == name || open && strings.HasPrefix(cell, prefix)
		})
	}
	expected := func(cells []string) bool {
		n := len(slices.DeleteFunc(slices.Clone(cells), func(c string) bool { return !known(c) }))
		return n >= 2 && 2*n >= len(cells) || n == 1 && len(cells) == 1
	}
	first, header := true, "\n"
	for i, text := range oracleLines(data) {
		g := oracleCut(text, i, len(fields))
		cells := split(text[:min(len(text), fuzzMax)])
		switch {
		case opts.Comment != "" && strings.HasPrefix(text, opts.Comment):
			g.Dropped = "comment"
		case opts.Header != "" && text != "" && (first && opts.Expect == nil || first && expected(cells) || !first && known(cells[0]) && expected(cells) || !first && text == header && (len(cells) > 1 || opts.Separator == "" && strings.ContainsAny(text, " \t,;|"))):
			first = false
			if header = text; o.json || len(fields) > 0 {
				if len(text) > fuzzMax {
					return nil, false
				}
				o.names = cells
			} else if len(text) > fuzzMax || !utf8.ValidString(text) {
				header = "\n"
			}
			if opts.Header != "keep" {
				g.Dropped = "header"
			}
		default:
			first = first && text == ""
			if g.Lost > 0 {
				cells = cells[:len(cells)-1]
			}
			g = o.row(text, i, cells)
		}
		all = append(all, g)
	}
	return all, true
}

func FuzzMultiline(f *testing.F) {
	for _, s := range []string{
		"", "\n", "[a\nb\n[c\n", "b\r\n[a\r\nc\r\n\r\n[d", "[\n[\n\n[x\r", "a;\nb\nc;\n;\nd", "\uFEFF[a\n", strings.Repeat("x", 200) + "\n[a\n" + strings.Repeat("y\n", 60) + "[b",
	} {
		f.Add([]byte(s), false, uint16(len(s)/2))
		f.Add([]byte(s), true, uint16(3))
	}
	f.Fuzz(func(t *testing.T, data []byte, ends bool, split uint16) {
		if looksPacked(data) {
			return // FuzzUnpack's
		}
		o, pattern, reason := &LinesOptions{Start: `^\[`}, `^\[`, noStart
		if ends {
			o, pattern, reason = &LinesOptions{End: `;$`}, `;$`, noEnd
		}
		p := mustCompile(t, Spec{Format: "lines", Options: o, MaxRecord: fuzzMax})
		want := groupsOracle(data, regexp.MustCompile(pattern), ends, reason)
		checkText(t, p, data, int(split), want)
		conserves(t, data, want)
	})
}

// groupsOracle puts lines together with their ends, and takes the last end off.
func groupsOracle(data []byte, pattern *regexp.Regexp, ends bool, reason string) []got {
	var groups []string
	var known []bool // the pattern was in it
	next := true     // a line begins a group
	for line := range bytes.Lines(bytes.TrimPrefix(data, []byte(byteOrderMark))) {
		text := string(line)
		if bare, ok := strings.CutSuffix(text, "\n"); ok {
			text = strings.TrimSuffix(bare, "\r")
		}
		match := pattern.MatchString(text[:min(len(text), fuzzMax+1)])
		if next || match && !ends {
			groups, known = append(groups, ""), append(known, false)
		}
		last := len(groups) - 1
		groups[last] += string(line)
		known[last] = known[last] || match
		next = match && ends
	}
	var all []got
	for i, text := range groups {
		if bare, ok := strings.CutSuffix(text, "\n"); ok {
			text = strings.TrimSuffix(bare, "\r")
		}
		g := oracleCut(text, i, 0)
		if !known[i] {
			g.Unparsed = reason
		}
		all = append(all, g)
	}
	return all
}

func FuzzW3C(f *testing.F) {
	for _, s := range []string{
		"", "a b\n#Fields: x y\na b\n", "#Version: 1.0\r\n#Fields: date cs(User-Agent)\r\n1 -\r\n\r\n- \"a \"\"b\"\" c\"\r\n", "#Fields: x y z\na\t\t-\na\tb\n\"a\tb\" c\td\n",
		"#Fields: x x\n1 2\n#Fields: x\n1\n1 2\n#Fields:\n1\n#Fields: y x\n1 2\n", "\uFEFF#Fields: x y\n\"a b\n\"a\"b c\n  a   b  \n", "#Fields: x y\n" + strings.Repeat("x ", 60) + "\na b\n",
	} {
		f.Add([]byte(s), false, uint16(len(s)/2))
		f.Add([]byte(s), true, uint16(7))
	}
	for _, s := range []string{
		"#separator \\x09\n#fields\tx\ty\n1\t-\na b\n#close\n#fields\tx\n\"a b\n#Fields: x\n\"a b\"\n", "#fields\n1\n#fields\t\n1 2\n\t\n#fields\tx\n1\n#Fields:\tx\n1 2\n",
		"{\"x\":\"1\",\"2\":[1,\r2]} \r\n{\"x\":1}}\n [1]\n{\n{\"cs(User-Agent)\":null}\n#Fields: x\n{}\n", "{\"x\":\"" + strings.Repeat("é", 50) + "\",\"2\":1}\n{\"2\":1}",
	} {
		f.Add([]byte(s), true, uint16(5))
		f.Add([]byte(s), false, uint16(0))
	}
	f.Fuzz(func(t *testing.T, data []byte, json bool, split uint16) {
		if looksPacked(data) || showsSeparator(data) {
			return // FuzzUnpack's, FuzzSeparatorOfW3C's
		}
		o := &W3COptions{}
		if json {
			o.Record, o.Others = "json", "json"
		}
		fields := []string{"x", "cs(User-Agent)", "2"}
		p := mustCompile(t, Spec{Format: "w3c", Options: o, Fields: fields, MaxRecord: fuzzMax})
		all, _ := sameInEveryChunking(t, p, data)
		want, ok := w3cOracle(data, json, fields, all)
		if !ok {
			if _, err := sameInEveryChunking(t, p, data); !isCorrupt(err) {
				t.Fatalf("a directive longer than max_record: %v", err)
			}
			return
		}
		checkText(t, p, data, int(split), want)
		if !json {
			conserves(t, data, want)
		}
	})
}

// showsSeparator reports whether a directive may show another separator than tabs
// and spaces.
func showsSeparator(data []byte) bool {
	for _, text := range oracleLines(data) {
		names, ok := strings.CutPrefix(text, "#Fields:")
		other := func(c rune) bool { return !inIdentifier(c) && !unicode.IsSpace(c) }
		if ok && strings.ContainsFunc(names, other) || strings.HasPrefix(text, "#separator ") && text != `#separator \x09` {
			return true
		}
	}
	return false
}

// FuzzSeparatorOfW3C writes rows between other separators than tabs, named by a
// directive, by a header or by the options: the objects must be the same.
func FuzzSeparatorOfW3C(f *testing.F) {
	for _, s := range []string{"date\tx-a\n2026\t-\n", "date\tcs(Host)\ttime\n1\t2 3\t\n\n4\n", "time\tdate\n{\t{\ndate\ttime\n1\t2"} {
		for _, separator := range []string{",", "|", ", ", "<->;;", " | ", "||"} {
			f.Add([]byte(s), separator, uint8(len(s)))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, separator string, how uint8) {
		odd := func(c rune) bool { return c >= 0x80 || c < ' ' || c == '"' || c == '#' || c == '{' }
		head, rest, _ := strings.Cut(string(data), "\n")
		names := strings.Split(head, "\t")
		named := bytes.Split([]byte(head), []byte("\t"))
		switch {
		case separator == "" || len(separator) > maxDelimiter || strings.ContainsFunc(separator, odd) || strings.ContainsFunc(separator, inIdentifier) || strings.Trim(separator, " ") == "":
			return
		case strings.ContainsAny(string(data), separator+"\"#\r\ufeff") || !isIdentifiers(named) || len(data) > fuzzMax || looksPacked(data) || strings.HasPrefix(rest, "{"):
			return
		case slices.ContainsFunc(strings.Split(rest, "\n"), func(line string) bool { return slices.Contains(names, line) }):
			return // a header of one column shows no separator
		}
		o := W3COptions{Record: "json"}
		before := "#Fields: "
		switch how % 3 {
		case 1:
			before, o.Expect = "", names
		case 2:
			o.Names, o.Separator = names, separator
		}
		texts := func(o W3COptions, text string) []string {
			all, err := sameInEveryChunking(t, mustCompile(t, Spec{Format: "w3c", Options: &o, MaxRecord: 1 << 16}), []byte(text))
			if err != nil {
				t.Fatal(err)
			}
			sameFromEveryRestart(t, mustCompile(t, Spec{Format: "w3c", Options: &o, MaxRecord: 1 << 16}), []byte(text), all)
			var out []string
			for _, g := range all {
				out = append(out, strings.ReplaceAll(g.Raw, separator, "\t")+"; "+g.Unparsed+g.Dropped)
			}
			return out
		}
		want := texts(W3COptions{Record: "json", Expect: o.Expect}, before+head+"\n"+rest)
		written := before + string(data)
		if how%3 == 2 {
			written, want = rest, want[1:]
		}
		got := texts(o, strings.ReplaceAll(written, "\t", separator))
		if !slices.Equal(got, want) {
			t.Fatalf("between %q: %q, want %q", separator, got, want)
		}
	})
}

// w3cToken is a value between spaces: in quotes, if such end with a space or the
// line.
var w3cToken = regexp.MustCompile(`^ *(?s:"((?:[^"]|"")*)"( |$)|([^ ]+))`)

// w3cOracle takes the word of what was made of data where jsonLinesOracle does,
// and for the fields of a document that is cut.
func w3cOracle(data []byte, json bool, fields []string, made []got) (all []got, ok bool) {
	o := rowOracle{json: json, strict: true, absent: "-", fields: fields}
	zeek := false
	for i, text := range oracleLines(data) {
		g := oracleCut(text, i, len(fields))
		switch {
		case strings.HasPrefix(text, "#"):
			g.Dropped = "directive"
			names, ok := strings.CutPrefix(text, "#Fields:")
			names = string(bytes.TrimSpace([]byte(names)))
			if ok && len(text) > fuzzMax {
				return nil, false
			}
			if ok {
				zeek = false
				if o.names = w3cCells(names); names == "" {
					o.names = nil
				}
			}
			if rest, ok := strings.CutPrefix(text, "#fields\t"); ok {
				if len(text) > fuzzMax {
					return nil, false
				}
				zeek, o.names = true, strings.Split(rest, "\t")
			}
		case json && o.names == nil && strings.HasPrefix(text, "{") && i < len(made):
			if made[i].Lost > 0 {
				g.Raw, g.Fields = joined([]byte(g.Raw)), made[i].Fields
				break
			}
			o := aroundOracle{fields: fields, outer: make([]string, len(fields))}
			g = o.line(bytes.Trim([]byte(text), " \t\r"), made[i])
			g.Index = int64(i)
		case text != "" && o.names == nil:
			g.Unparsed = noFields
		default:
			cells := w3cCells(text[:min(len(text), fuzzMax)])
			if zeek {
				cells = strings.Split(text[:min(len(text), fuzzMax)], "\t")
			}
			if g.Lost > 0 && len(cells) > 0 {
				cells = cells[:len(cells)-1]
			}
			g = o.row(text, i, cells)
		}
		all = append(all, g)
	}
	return all, true
}

func w3cCells(text string) (cells []string) {
	if strings.Contains(text, "\t") {
		return strings.Split(text, "\t")
	}
	for {
		m := w3cToken.FindStringSubmatch(text)
		if m == nil {
			return cells
		}
		text = text[len(m[0]):]
		if m[3] != "" {
			cells = append(cells, m[3])
		} else {
			cells = append(cells, strings.ReplaceAll(m[1], `""`, `"`))
		}
	}
}
