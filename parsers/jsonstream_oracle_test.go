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
			o.topLevel(doc)
		} else if o.walk(doc, strings.Split(path, "."), o.paths()); !o.found || o.wrong {
			if v == invalid && doc[0] != '{' {
				return nil, v // it may belong to a line of text
			}
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
	inside       bool // below the top of the document
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

// topLevel takes a document, of an array its elements.
func (o *aroundOracle) topLevel(doc json.RawMessage) {
	if doc[0] != '[' {
		o.record(doc)
		return
	}
	var elements []json.RawMessage
	if err := json.Unmarshal(doc, &elements); err != nil {
		panic(err)
	}
	for _, e := range elements {
		o.record(e)
	}
}

func (o *aroundOracle) walk(v json.RawMessage, path []string, around [][]string) {
	if o.inside && string(v) == "null" {
		o.found = true
		return
	}
	o.inside = true
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

// jsonLinesOracle reads a document a line, of an array its elements. Where it cannot
// tell whether a line is to be Unparsed, it takes got's word. Of an object with an
// array that is damaged it knows nothing.
func jsonLinesOracle(data []byte, fields []string, all []got) (want []got, v verdict) {
	o := aroundOracle{fields: fields, outer: make([]string, len(fields))}
	for len(data) > 0 {
		l, rest, _ := bytes.Cut(data, []byte("\n"))
		l = bytes.Trim(l, " \t\r")
		if n, v := arrayOracle(data, &o); v != accepted {
			return nil, v
		} else if n > 0 {
			data = data[n:]
			continue
		}
		word := got{}
		if len(o.all) < len(all) {
			word = all[len(o.all)]
		}
		o.all = append(o.all, o.line(l, word))
		data = rest
	}
	for i := range o.all {
		o.all[i].Index = int64(i)
	}
	return o.all, accepted
}

// line is what a line is that is no array.
func (o *aroundOracle) line(l []byte, word got) got {
	var v verdict
	docs := documentsOracle(append([]byte(" "), l...), &v) // no byte order mark here
	g := got{Raw: joined(l), Fields: word.Fields, Unparsed: word.Unparsed}
	switch {
	case len(l) == 0:
		g.Unparsed, g.Fields = "", nil
		for range o.fields {
			g.Fields = append(g.Fields, absent)
		}
	case v == accepted && len(docs) == 1 && l[0] != '[':
		one := aroundOracle{fields: o.fields, outer: o.outer}
		one.record(l)
		g = one.all[0]
	case v == accepted && len(docs) != 1 || v == truncated && len(docs) == 0 || isScalar(l[0]) || l[0] == '[':
		if g.Unparsed == "" {
			g.Unparsed = "a fault"
		}
	}
	return g
}

// arrayOracle takes the array that data's first line begins, if it is one: n bytes
// with what follows it on its last line, if that is white space.
func arrayOracle(data []byte, o *aroundOracle) (n int, v verdict) {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	begin := bytes.TrimLeft(line, " \t\r")
	if len(begin) == 0 || begin[0] != '[' {
		return 0, accepted
	}
	at := len(line) - len(begin)
	var doc json.RawMessage
	d := json.NewDecoder(bytes.NewReader(data[at:]))
	switch err := d.Decode(&doc); {
	case err == io.ErrUnexpectedEOF:
		return 0, truncated
	case err != nil:
		return 0, invalid
	}
	end := at + int(d.InputOffset())
	first := at + 1 + len(data[at+1:]) - len(bytes.TrimLeft(data[at+1:], " \t\r\n"))
	behind, _, ended := bytes.Cut(data[end:], []byte("\n"))
	blank := len(bytes.Trim(behind, " \t\r")) == 0
	if bytes.IndexByte(data[first:end], '\n') < 0 && !blank {
		return 0, accepted // no array, because of what is behind it
	}
	o.topLevel(doc)
	switch {
	case !blank:
		return end, accepted
	case ended:
		return end + len(behind) + 1, accepted
	default:
		return len(data), accepted
	}
}

// autoOracle finds the shape out by looking at the whole.
func autoOracle(data []byte, fields []string, all []got) (want []got, v verdict) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(trimmed) == 0:
		return nil, accepted
	case trimmed[0] == '[':
		return streamOracle(append([]byte(" "), data...), "", fields)
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
		lines, v := jsonLinesOracle(data[lf+1:], fields, rest)
		for _, g := range lines {
			g.Index++
			o.all = append(o.all, g)
		}
		return o.all, v
	}
	return streamOracle(append([]byte(" "), data...), "", fields)
}
