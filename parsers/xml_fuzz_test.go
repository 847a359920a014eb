package parsers

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var xmlFuzzFields = []string{"a", "a/b", "@k", "a/@k", "Event", "a[@k='v']", "a[@k='v']/b", "a/b[@k='v']", "a[@k='v']/b[@k='v']/@j"}

func FuzzXML(f *testing.F) {
	for _, s := range []string{
		"", " ", "<Event/>", "<Event>1</Event><Event>2</Event>", "<r><Event k=\"v\"><a k='&lt;w>'>t<b>x</b></a></Event>\n<x/></r>", "<r><a/></r>", "<r><Event></r>", "</Event>", "<Event", "<Event/", "x<Event/>",
		"<?xml version=\"1.0\"?>\r\n<!DOCTYPE r><r><!-- <Event> --><Event><!-- </Event> --><![CDATA[</Event>]]></Event></r>", "<Event><Event/><Event></Event></Event>", "<r><EventX/><Event >\r\n</Event\t></r>",
		"<Event><a>&#65;&amp;<![CDATA[<x>]]><!-- y -->z</a></Event>", "<Event><a><a>1</a></a><a>2</a></Event>", "<x:Event/><Event><?p </Event>?></Event>", "<r><![CDATA[]]]>]]></r>", "<r><!----></r>", "<r><!--->--></r>",
		"<Event><a>" + strings.Repeat("é", 40) + "</a></Event><Event k='1'/>", "<r a='>'><Event k='/'/></r>", "<r a=\"<Event/>\"/>", "<!DOCTYPE r [<!ELEMENT r ANY>]><r/>",
		"<Event><a k='w'>1</a><a j=\"'v'\" k = \"&#118;\">2<b>3</b><b k='v' j='4'>5</b></a><a k='v'/></Event>", "<Event><a k='v' k='w'><b k='vv'/></a><a k=''/><a k/></Event>",
	} {
		f.Add([]byte(s), uint16(len(s)/2))
	}
	f.Fuzz(func(t *testing.T, data []byte, split uint16) {
		if looksPacked(data) {
			return // unpack's
		}
		s := Spec{Format: "xml", Fields: xmlFuzzFields}
		all, err := sameInEveryChunking(t, mustCompile(t, s), data)
		for i := range all {
			for j, value := range all[i].Fields {
				all[i].Fields[j] = unixLines(value)
			}
		}
		want, v := xmlOracle(data)
		if v == accepted && err == nil {
			if diff := cmp.Diff(want, withoutRestarts(all), runes); diff != "" {
				t.Fatalf("(-want +got):\n%s", diff)
			}
		}
		all, _ = read(mustCompile(t, s), object(data))
		if v == accepted {
			want = withoutRestarts(all)
		}
		checkStream(t, s, data, int(split), all, err, want, v)
	})
}

// unixLines is text with line breaks as XML has them.
func unixLines(text string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text)
}

// xmlOracle is what the tokens of encoding/xml say that the records are.
func xmlOracle(data []byte) (all []got, v verdict) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	depth, nested, start := 0, 0, 0
	others := false
	for {
		at := int(d.InputOffset())
		token, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			var syntax *xml.SyntaxError
			if errors.As(err, &syntax) && syntax.Msg == "unexpected EOF" {
				return nil, truncated
			}
			return nil, invalid
		}
		switch token := token.(type) {
		case xml.StartElement:
			switch {
			case rawName(token.Name) == "Event":
				if nested++; nested == 1 {
					start = at
				}
			case nested == 0:
				others = others || depth > 0
				depth++
			}
		case xml.EndElement:
			switch {
			case rawName(token.Name) == "Event" && nested > 0:
				if nested--; nested == 0 {
					raw := data[start:d.InputOffset()]
					fields, ok := xmlFieldsOracle(raw)
					if !ok {
						return nil, invalid
					}
					all = append(all, got{Raw: string(raw), Fields: fields, Index: int64(len(all))})
				}
			case nested == 0:
				if depth--; depth < 0 {
					return nil, notThere
				}
			}
		case xml.CharData:
			if raw := data[at:d.InputOffset()]; depth == 0 && nested == 0 && len(bytes.Trim(raw, " \t\r\n")) > 0 {
				return nil, notThere
			}
		case xml.Directive:
			if bytes.ContainsAny(data[at+1:d.InputOffset()], "<\"'") {
				return nil, invalid // refused, or quoted in other ways
			}
		}
	}
	switch {
	case depth > 0 || nested > 0:
		return nil, truncated
	case others && len(all) == 0:
		return nil, notThere
	default:
		return all, accepted
	}
}

func rawName(n xml.Name) string {
	if n.Space != "" {
		return n.Space + ":" + n.Local
	}
	return n.Local
}

// xmlFieldsOracle are the values of xmlFuzzFields, if the record's tags match.
func xmlFieldsOracle(raw []byte) (fields []string, ok bool) {
	values := map[string]string{}
	first := func(path, value string) {
		if _, ok := values[path]; !ok {
			values[path] = value
		}
	}
	path, paths := []string{""}, [][]string{{}} // paths: as the fields may have it
	var open []string
	text := ""
	d := xml.NewDecoder(bytes.NewReader(raw))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		token, err := d.RawToken()
		if err != nil {
			break
		}
		switch token := token.(type) {
		case xml.StartElement:
			for _, p := range open {
				first(p, text)
			}
			name := rawName(token.Name)
			text, open = "", []string{""}
			if len(path) > 1 {
				open = nil
				for _, p := range paths[len(paths)-1] {
					open = append(open, strings.TrimPrefix(p+"/"+name, "/"))
					if i := slices.IndexFunc(token.Attr, func(a xml.Attr) bool { return rawName(a.Name) == "k" }); i >= 0 && token.Attr[i].Value == "v" {
						open = append(open, strings.TrimPrefix(p+"/"+name+"[@k='v']", "/"))
					}
				}
			}
			path, paths = append(path, name), append(paths, open)
			for _, a := range token.Attr {
				for _, p := range open {
					first(strings.TrimPrefix(p+"/@"+rawName(a.Name), "/"), unixLines(a.Value))
				}
			}
		case xml.EndElement:
			for _, p := range open {
				first(p, text)
			}
			if path[len(path)-1] != rawName(token.Name) {
				return nil, false
			}
			open, path, paths = nil, path[:len(path)-1], paths[:len(paths)-1]
		case xml.CharData:
			text += string(token)
		}
	}
	for _, f := range xmlFuzzFields {
		if value, ok := values[f]; ok {
			fields = append(fields, value)
		} else {
			fields = append(fields, absent)
		}
	}
	return fields, true
}
