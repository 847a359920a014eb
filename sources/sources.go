// Package sources says which object is what: which keys belong to a source,
// which parser reads them, which of its records are sent, what of them and under
// which tag.
//
// Every predefined source is data: catalog/<service>.yaml. A source of a
// customer's own is the same entry in the deployment's file.
//
// The way of the data: a Definition is an entry as written down (definition.go,
// catalog.go); Compile checks it (compile.go) and makes a Source of its key
// patterns (pattern.go), its filters, routes and redaction (shape.go,
// condition.go) and its tags' templates (template.go, filter.go); a Set finds the
// Source of a key; the Match gives a Shaper for one object (shaper.go, tagger.go).
package sources

import (
	"slices"

	"github.com/devo-s3/collector/parsers"
)

// A Source is a checked Definition. It is safe for concurrent use.
type Source struct {
	name         string
	definition   Definition
	parser       *parsers.Parser
	members      Set // of Definition.Services; then all that follows is empty
	keys, ignore patterns
	except       patterns
	refuse       []patterns // those of each Refusal
	look         look
	constants    []origin
	rules        []rule
	redaction    *parsers.Redaction // nil if nothing is
	routes       []route
	templates    []template // the source's own first
}

// Name is unique within a Set.
func (s *Source) Name() string { return s.name }

// Definition is what the source was compiled from.
func (s *Source) Definition() Definition { return s.definition }

// Members are the sources that this one stands for, or nil. It has no parser
// then, and no Match names it: they do.
func (s *Source) Members() Set { return s.members }

// Needs reports whether the source's publisher, or one of those that it stands for,
// needs that of its bucket.
func (s *Source) Needs(what string) bool {
	return slices.Contains(s.definition.Needs, what) || slices.ContainsFunc(s.members, func(m *Source) bool { return m.Needs(what) })
}

// Parser cuts the source's objects into records. The fields of its records are
// those that tags, filters and routes read.
func (s *Source) Parser() *parsers.Parser { return s.parser }

// ObjectValues are the values of an object and its key that tags, filters and
// routes read, such as key.region and object.bucket.
func (s *Source) ObjectValues() []string {
	var names []string
	for _, o := range s.constants {
		names = append(names, o.kind+"."+o.name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// match tells whether key is the source's; the Match names the source even
// if it is not.
func (s *Source) match(key string) (Match, bool) {
	if s.members != nil {
		return s.members.find(key)
	}
	m := Match{Source: s}
	if s.except.match(key) {
		return m, false
	}
	if s.ignore.match(key) {
		m.Ignored = true
		return m, true
	}
	for i, r := range s.refuse {
		if r.match(key) {
			m.Refused = s.definition.Refuse[i].Reason
			return m, true
		}
	}
	for _, p := range s.keys {
		found := p.FindStringSubmatch(key)
		if found == nil {
			continue
		}
		m.captures = make(map[string]string, len(found))
		for i, name := range p.SubexpNames() {
			m.captures[name] = found[i]
		}
		if m.Ignored = sharedRules().ignore.match(key); !m.Ignored {
			m.Refused = sharedRules().refused(s.definition, key)
		}
		return m, true
	}
	return m, false
}

// A Set is the active sources of a queue, in order.
type Set []*Source

// Match is the first source whose key or ignore patterns match; false means
// that there is none. What every source ignores needs no source's pattern, and is
// the first source's then.
func (s Set) Match(key string) (Match, bool) {
	if m, ok := s.find(key); ok || len(s) == 0 || !sharedRules().ignore.match(key) {
		return m, ok
	}
	first := s[0]
	for first.members != nil {
		first = first.members[0]
	}
	return Match{Source: first, Ignored: true}, true
}

// find is Match by the sources' own patterns.
func (s Set) find(key string) (Match, bool) {
	for _, source := range s {
		if m, ok := source.match(key); ok {
			return m, true
		}
	}
	return Match{}, false
}

// Named is the source of that name, for a message that says whose the key is;
// false means that there is none. Captures come from the key only where it
// matches. One that stands for others is theirs, whose keys must match.
func (s Set) Named(name, key string) (Match, bool) {
	for _, source := range s {
		if source.members != nil {
			if m, ok := source.members.Named(name, key); ok {
				return m, true
			}
		}
		if source.name == name {
			m, ok := source.match(key)
			m.Ignored = m.Ignored || source.members == nil && sharedRules().ignore.match(key)
			return m, ok || source.members == nil
		}
	}
	return Match{}, false
}

// A Match says whose object a key names.
type Match struct {
	Source *Source
	// Ignored tells that one of the source's ignore patterns, or of those that
	// hold for every source, took the key: there is nothing to collect, which
	// is a success.
	Ignored bool
	// Refused says why the source cannot read the object, and what mends that;
	// "" = it can.
	Refused  string
	captures map[string]string
}
