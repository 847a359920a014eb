package config

import (
	"encoding"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// A reader reads a syntax tree into Go values by their yaml tags, and gathers
// mistakes.
//
// A path is a place in the file: "queues[0].arn"; the root is "". The text of
// an error about a value is the problem or, in two halves, "problem; mend".
type reader struct {
	file     string
	lines    []string
	nodes    map[string]ast.Node // by path
	unread   map[string]bool     // paths of values that could not be read
	mistakes Mistakes
}

func newReader(file string, data []byte) *reader {
	text := strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(string(data)) // all three end a line of YAML
	return &reader{
		file: file, lines: strings.Split(text, "\n"),
		nodes: make(map[string]ast.Node), unread: make(map[string]bool),
	}
}

// root is the file's one document; nil if there is none that can be read.
func (r *reader) root(data []byte) ast.Node {
	start := &token.Position{Line: 1, Column: 1}
	if len(data) > maxFile {
		r.wrong(start, fmt.Errorf("the file has %d bytes; a deployment's has %d at the most", len(data), maxFile))
		return nil
	}
	file, err := parser.ParseBytes(data, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		var syntax *yaml.SyntaxError
		if errors.As(err, &syntax) && syntax.Token != nil {
			start, err = syntax.Token.Position, errors.New(syntax.Message)
		}
		r.wrong(start, fmt.Errorf("not YAML: %w", err))
		return nil
	}
	if len(file.Docs) == 0 || file.Docs[0].Body == nil {
		r.wrong(start, errors.New("the file is empty; customers/example.yaml shows what belongs here"))
		return nil
	}
	if len(file.Docs) > 1 {
		r.wrong(begins(file.Docs[1]), errors.New("a second document begins; a file has one deployment"))
	}
	return file.Docs[0].Body
}

// begins is where a document does: it may lack its --- or its body.
func begins(d *ast.DocumentNode) *token.Position {
	switch {
	case d.Start != nil:
		return d.Start.Position
	case d.Body != nil:
		return position(d.Body)
	}
	return &token.Position{Line: 1, Column: 1}
}

func (r *reader) wrong(at *token.Position, err error) {
	problem := strings.ReplaceAll(err.Error(), "\n", ", ")
	mend := ""
	if i := strings.LastIndex(problem, "; "); i >= 0 {
		problem, mend = problem[:i], problem[i+2:]
	}
	line := max(1, min(at.Line, len(r.lines))) // the parser may place what is missing behind the end
	m := Mistake{File: r.file, Line: line, Column: max(1, at.Column), Problem: problem, Mend: mend, Source: r.lines[line-1]}
	r.mistakes = append(r.mistakes, m)
}

// unreadable notes that there is no value for path, so that it is not
// checked.
func (r *reader) unreadable(path string, n ast.Node, format string, args ...any) {
	r.unread[path] = true
	r.wrong(position(n), fmt.Errorf(format, args...))
}

// position is where a node begins: a mapping with its first key.
func position(n ast.Node) *token.Position {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return position(n.Values[0].Key)
		}
	case *ast.MappingValueNode:
		return position(n.Key)
	}
	return n.GetToken().Position
}

// read reads the node at path into v.
func (r *reader) read(n ast.Node, v reflect.Value, path string) {
	r.nodes[path] = n
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode:
		r.unreadable(path, n, "anchors, aliases and tags are not read here; write the value out")
		return
	case *ast.NullNode:
		r.unreadable(path, n, "there is no value; give one, or leave the key out")
		return
	}
	switch target := v.Addr().Interface().(type) {
	case *sources.Set:
		r.readSources(n, target, path)
		return
	case *parsers.Paths:
		if _, one := n.(ast.ScalarNode); one {
			*target = parsers.Paths{r.text(n, path)}
			return
		}
	case *time.Duration:
		r.readText(n, (*duration)(target), path)
		return
	case encoding.TextUnmarshaler:
		r.readText(n, target, path)
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		r.readStruct(n, v, path)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		r.read(n, v.Elem(), path)
	case reflect.Map:
		r.readMap(n, v, path)
	case reflect.Slice:
		r.readSlice(n, v, path)
	case reflect.Interface: // holds a pointer to what is to be read, or nothing while that is not known
		if !v.IsNil() {
			r.read(n, v.Elem().Elem(), path)
		}
	case reflect.Int:
		i, err := strconv.Atoi(n.GetToken().Value)
		if _, ok := n.(*ast.IntegerNode); !ok || err != nil {
			r.unreadable(path, n, "this is no whole number; write digits, without quotes")
			return
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			r.unreadable(path, n, "this is neither yes nor no; write true or false, without quotes")
			return
		}
		v.SetBool(b.Value)
	default:
		v.SetString(r.text(n, path))
	}
}

// text is the value of a node that must be a string.
func (r *reader) text(n ast.Node, path string) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case ast.ScalarNode:
		r.unreadable(path, n, "this is not text to YAML; write it in quotes: %q", n.GetToken().Value)
	default:
		r.unreadable(path, n, "this must be text, not a list or mapping; write one value")
	}
	return ""
}

// readText reads a value that has units, and so is not always text to YAML.
func (r *reader) readText(n ast.Node, v encoding.TextUnmarshaler, path string) {
	if _, ok := n.(ast.ScalarNode); !ok {
		r.text(n, path)
		return
	}
	if err := v.UnmarshalText([]byte(n.GetToken().Value)); err != nil {
		r.unreadable(path, n, "%w", err)
	}
}

// duration is time.Duration as the file has it: with days.
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	if days, ok := strings.CutSuffix(string(text), "d"); ok {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			*d = duration(time.Duration(n) * 24 * time.Hour)
			return nil
		}
	}
	parsed, err := time.ParseDuration(string(text))
	if err != nil {
		return fmt.Errorf("%q is no duration; write it like 30s, 5m or 35d", text)
	}
	*d = duration(parsed)
	return nil
}

func (r *reader) readSlice(n ast.Node, v reflect.Value, path string) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.unreadable(path, n, "this must be a list; write each entry on a line of its own, after a hyphen")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(list.Values), len(list.Values))) // a list replaces the catalog's
	for i, entry := range list.Values {
		r.read(entry, v.Index(i), fmt.Sprintf("%s[%d]", path, i))
	}
}

func (r *reader) readMap(n ast.Node, v reflect.Value, path string) {
	if v.IsNil() {
		v.Set(reflect.MakeMap(v.Type()))
	}
	for key, pair := range r.pairs(n, path) {
		text := reflect.New(v.Type().Elem()).Elem()
		r.read(pair.Value, text, join(path, key))
		v.SetMapIndex(reflect.ValueOf(key), text)
	}
}

func (r *reader) readStruct(n ast.Node, v reflect.Value, path string) {
	fields := make(map[string]reflect.Value)
	var names []string
	for _, f := range reflect.VisibleFields(v.Type()) {
		if name := f.Tag.Get("yaml"); name != "" && !f.Anonymous {
			fields[name] = v.FieldByIndex(f.Index)
			names = append(names, name)
		}
	}
	for key, pair := range r.pairs(n, path) {
		if field, ok := fields[key]; ok {
			r.read(pair.Value, field, join(path, key))
			continue
		}
		mend := "there are " + strings.Join(names, ", ")
		if near := sources.Nearest(key, names); near != "" {
			mend = "did you mean " + near + "?"
		}
		r.wrong(position(pair), fmt.Errorf("unknown key %q; %s", key, mend))
	}
}

// pairs are the keys of the mapping at path. Of one that comes twice the first
// counts, and the second is a mistake.
func (r *reader) pairs(n ast.Node, path string) iter.Seq2[string, *ast.MappingValueNode] {
	return func(yield func(string, *ast.MappingValueNode) bool) {
		pairs, ok := mapping(n)
		if !ok {
			r.unreadable(path, n, "this must be a mapping; write keys and values: KEY: VALUE")
			return
		}
		seen := make(map[string]bool)
		for _, pair := range pairs {
			key := pair.Key.GetToken().Value
			if seen[key] {
				r.wrong(position(pair), fmt.Errorf("key %q comes twice; keep one of them", key))
				continue
			}
			seen[key] = true
			if !yield(key, pair) {
				return
			}
		}
	}
}

func mapping(n ast.Node) (pairs []*ast.MappingValueNode, ok bool) {
	switch n := n.(type) {
	case *ast.MappingNode:
		return n.Values, true
	case *ast.MappingValueNode:
		return []*ast.MappingValueNode{n}, true
	}
	return nil, false
}

// join is the path of a mapping's key.
func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
