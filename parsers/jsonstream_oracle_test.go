package parsers

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strings"
)

// joined is text with line breaks as they are in a JSON record.
func joined(text []byte) string {
	return strings.NewReplacer("\n", " ", "\r", " ").Replace(string(text))
}

// streamOracle is what json.Decoder makes of documents one after another:
// records in the array at the path, or whole documents where that is "".
func streamOracle(data []byte, path string, fields []string) (all []got, v verdict) {
	for _, doc := range documentsOracle(data, &v) {
		o := aroundOracle{fields: fields, outer: make([]string, len(fields))}
		for i := range o.outer {
			o.outer[i] = absent
		}
		if path == "" {
			o.record(doc)
		} else if o.walk(doc, strings.Split(path, "."), o.paths()); !o.found || o.wrong {
			return nil, notThere
		}
		for _, g := range o.all {
			g.Index = int64(len(all))
			all = append(all, g)
		}
	}
	return all, v
}

// documentsOracle are the documents in data. Two scalars side by side, which
// cannot be told from one, make the whole invalid.
func documentsOracle(data []byte, v *verdict) (docs []json.RawMessage) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	d := json.NewDecoder(bytes.NewReader(data))
	*v = accepted
	for end := 0; ; {
		var doc json.RawMessage
		switch err := d.Decode(&doc); err {
		case nil:
		case io.EOF:
			return docs
		case io.ErrUnexpectedEOF:
			*v = truncated
			if rest := bytes.TrimLeft(data[end:], " \t\r\n"); isScalar(rest[0]) {
				*v = invalid // half a null is a scalar to us
			}
			return docs
		default:
			*v = invalid
			return docs
		}
		start := int(d.InputOffset()) - len(doc)
		if start > 0 && start == end && isScalar(data[end-1]) && isScalar(doc[0]) {
			*v = invalid
			return docs
		}
		end = start + len(doc)
		docs = append(docs, doc)
	}
}

// An aroundOracle follows a path through a document, and the fields around it.
type aroundOracle struct {
	fields       []string
	outer        []string
	array        string // its key
	all          []got
	found, wrong bool
}

// paths are those of the fields around the array, split.
func (o *aroundOracle) paths() [][]string {
	paths := make([][]string, len(o.fields))
	for i, f := range o.fields {
		if outer, ok := strings.CutPrefix(f, "^"); ok && outer != "" {
			paths[i] = strings.Split(outer, ".")
		}
	}
	return paths
}

func (o *aroundOracle) record(e json.RawMessage) {
	g := got{Raw: joined(e)}
	for i, f := range o.fields {
		value := o.outer[i]
		if f == "^" {
			value = o.array
		} else if !strings.HasPrefix(f, "^") {
			value = fieldOracle(e, strings.Split(f, "."))
		}
		g.Fields = append(g.Fields, value)
	}
	o.all = append(o.all, g)
}

func (o *aroundOracle) walk(v json.RawMessage, path []string, around [][]string) {
	if len(path) == 0 {
		var elements []json.RawMessage
		if v[0] != '[' || json.Unmarshal(v, &elements) != nil {
			o.wrong = true
			return
		}
		o.found = true
		for _, e := range elements {
			o.record(e)
		}
		return
	}
	keys := strings.Split(path[0], ",")
	object := eachMember(v, func(key string, v json.RawMessage) {
		follow := slices.Contains(keys, key)
		within := make([][]string, len(around))
		for i, p := range around {
			if len(p) > 0 && p[0] == key {
				within[i] = p[1:]
				if follow {
					continue
				}
				if value := fieldOracle(v, p[1:]); value != absent {
					o.outer[i] = value
				}
			}
		}
		if follow {
			o.array = key
			o.walk(v, path[1:], within)
		}
	})
	o.wrong = o.wrong || !object
}

// jsonLinesOracle reads a document a line. Where it cannot tell whether a line is to
// be Unparsed, it takes got's word.
func jsonLinesOracle(data []byte, fields []string, all []got) (want []got) {
	for i, l := range bytes.SplitAfter(data, []byte("\n")) {
		if len(l) == 0 {
			break
		}
		l = bytes.Trim(l, " \t\r\n")
		g := got{Raw: joined(l), Index: int64(i)}
		var v verdict
		docs := documentsOracle(append([]byte(" "), l...), &v) // no byte order mark here
		var word got
		if i < len(all) {
			word = all[i]
		}
		switch {
		case v == accepted && len(docs) == 1:
			o := aroundOracle{fields: fields, outer: make([]string, len(fields))}
			o.record(l)
			g.Fields = o.all[0].Fields
		case v == accepted && len(docs) > 1 || v == truncated && len(docs) == 0:
			g.Fields = word.Fields
			if g.Unparsed = word.Unparsed; g.Unparsed == "" {
				g.Unparsed = "a fault"
			}
		default:
			g.Unparsed, g.Fields = word.Unparsed, word.Fields
		}
		if len(l) == 0 {
			g.Unparsed, g.Fields = "", nil
			for range fields {
				g.Fields = append(g.Fields, absent)
			}
		}
		want = append(want, g)
	}
	return want
}

// autoOracle finds the shape out by looking at the whole.
func autoOracle(data []byte, fields []string, all []got) (want []got, v verdict) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return nil, accepted
	case trimmed[0] == '[':
		if want, v = jsonOracle(append([]byte(" "), data...), ""); v == accepted {
			for i := range want {
				want[i].Fields = nil
				e := json.RawMessage(want[i].Raw)
				o := aroundOracle{fields: fields, outer: make([]string, len(fields))}
				o.record(e)
				want[i].Fields = o.all[0].Fields
			}
		}
		return want, v
	}
	d := json.NewDecoder(bytes.NewReader(data))
	var first json.RawMessage
	if err := d.Decode(&first); err == io.ErrUnexpectedEOF && !isScalar(trimmed[0]) {
		return nil, truncated
	} else if err != nil {
		return nil, invalid
	}
	end := int(d.InputOffset())
	if end < len(data) && isScalar(first[0]) && isScalar(data[end]) {
		return nil, invalid
	}
	if lf := bytes.IndexByte(data, '\n'); lf >= end && len(bytes.TrimLeft(data[end:lf], " \t\r")) == 0 {
		o := aroundOracle{fields: fields, outer: make([]string, len(fields))}
		o.record(first)
		var rest []got
		if len(all) > 0 {
			rest = all[1:]
		}
		for _, g := range jsonLinesOracle(data[lf+1:], fields, rest) {
			g.Index++
			o.all = append(o.all, g)
		}
		return o.all, accepted
	}
	return streamOracle(append([]byte(" "), data...), "", fields)
}
