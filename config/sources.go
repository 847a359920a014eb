package config

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/goccy/go-yaml/ast"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// An entry is one of a queue's sources: a service's name alone; a service with
// some of its settings changed; or one of the customer's own.
type entry struct {
	Service            string `yaml:"service"`
	sources.Definition `yaml:",inline"`
}

func (r *reader) readSources(n ast.Node, set *sources.Set, path string) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.unreadable(path, n, "this must be a list of sources; write each on a line of its own, after a hyphen")
		return
	}
	names := make(map[string]bool)
	for i, node := range list.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		d, ok := r.readSource(node, at)
		if !ok {
			r.unread[path] = true
			continue
		}
		if names[d.Name] {
			r.wrong(position(node), fmt.Errorf("source %s is listed twice in this queue; give one of them another name", d.Name))
		}
		names[d.Name] = true
		source, err := sources.Compile(d)
		if err != nil {
			r.unread[path] = true
			r.wrongSource(at, err)
			continue
		}
		*set = append(*set, source)
	}
}

// readSource is the definition at path; not ok if it is not worth compiling.
func (r *reader) readSource(n ast.Node, path string) (d sources.Definition, ok bool) {
	r.nodes[path] = n
	if service, ok := n.(*ast.StringNode); ok {
		d, err := sources.Service(service.Value)
		if err != nil {
			r.wrong(position(n), err)
		}
		return d, err == nil
	}
	var e entry
	known, unread := true, len(r.unread)
	if service, ok := child(n, "service").(*ast.StringNode); ok {
		base, err := sources.Service(service.Value)
		if err != nil {
			r.wrong(position(service), err)
		}
		e.Definition, known = base, err == nil
	}
	if format := child(n, "format"); format != nil {
		e.Options, _ = parsers.NewOptions(format.GetToken().Value) // Compile says what is wrong with it
	}
	r.read(n, reflect.ValueOf(&e).Elem(), path)
	if child(n, "routing") != nil && child(n, "tag") != nil {
		r.wrong(position(child(n, "tag")), errors.New("tag and routing exclude each other; leave one out"))
	}
	return e.Definition, known && len(r.unread) == unread
}

// child is the value of a mapping's key, or nil.
func child(n ast.Node, key string) ast.Node {
	pairs, _ := mapping(n)
	for _, pair := range pairs {
		if pair.Key.GetToken().Value == key {
			return pair.Value
		}
	}
	return nil
}

// wrongSource shows what Compile found: at the field, where the file has it,
// else at what the file has around it.
func (r *reader) wrongSource(path string, err error) {
	var mistakes sources.Mistakes
	if !errors.As(err, &mistakes) {
		r.wrong(position(r.nodes[path]), err)
	}
	for _, m := range mistakes {
		at := join(path, m.Field)
		if r.has(at) {
			r.wrong(position(r.nodes[at]), m.Err)
			continue
		}
		r.wrong(position(r.nodes[r.around(at)]), m)
	}
}
