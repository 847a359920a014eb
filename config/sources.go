package config

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// An Entry is one of a queue's sources as written down, unless it is a service's
// name alone: a service with some of its settings changed, or one of the
// customer's own.
type Entry struct {
	// Service is the name of a service of the catalog.
	Service            string `yaml:"service"`
	sources.Definition `yaml:",inline"`
}

func (r *reader) readSources(n ast.Node, set *sources.Set, path string) {
	list, ok := n.(*ast.SequenceNode)
	if !ok {
		r.unreadable(path, n, "this must be a list of sources; write each on a line of its own, after a hyphen")
		return
	}
	queue := r.nodes[strings.TrimSuffix(path, ".sources")]
	kind, _ := child(queue, "kind").(*ast.StringNode)
	keyless := kind != nil && kind.Value == direct
	names := make(map[string]bool)
	for i, node := range list.Values {
		at := fmt.Sprintf("%s[%d]", path, i)
		d, ok := r.readSource(node, at)
		if !ok {
			r.unread[path] = true
			continue
		}
		twice := names[d.Name]
		if twice {
			r.wrong(position(node), fmt.Errorf("source %s is listed twice in this queue; give one of them another name", d.Name))
		}
		names[d.Name] = true
		if keyless && len(d.Keys) == 0 && d.Services == nil {
			d.Keys = []string{"**"} // there are no keys to choose by
		}
		source, err := sources.Compile(d)
		if err != nil {
			r.unread[path] = true
			r.wrongSource(at, err)
			continue
		}
		if taker := takes(*set, d.Keys); taker != "" && !twice && !keyless {
			r.wrongAt(join(at, "keys"), "no key reaches source %s, since %s above has them all; put it above that one, or give it other keys", d.Name, taker)
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
	var e Entry
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

// takes names the sources that have every key which the patterns match, as far
// as that is certain: by ** or by the same patterns. "" if none have.
func takes(set sources.Set, patterns []string) string {
	var takers []string
	for _, p := range patterns {
		i := slices.IndexFunc(set, func(s *sources.Source) bool { return has(s, "**") || has(s, p) })
		if i < 0 {
			return ""
		}
		takers = append(takers, set[i].Name())
	}
	slices.Sort(takers)
	return strings.Join(slices.Compact(takers), " and ")
}

// has tells whether a source, or one of those that it stands for, takes a
// pattern's keys, be it to ignore them.
func has(s *sources.Source, pattern string) bool {
	d := s.Definition()
	return len(d.Except) == 0 && (slices.Contains(d.Keys, pattern) || slices.Contains(d.Ignore, pattern)) ||
		slices.ContainsFunc(s.Members(), func(m *sources.Source) bool { return has(m, pattern) })
}
