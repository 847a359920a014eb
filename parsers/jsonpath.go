package parsers

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Paths are one dotted path, or several. One is written without a list.
type Paths []string

// UnmarshalYAML reads one path, or a list.
func (p *Paths) UnmarshalYAML(read func(any) error) error {
	var one string
	if read(&one) == nil {
		*p = Paths{one}
		return nil
	}
	return read((*[]string)(p))
}

// MarshalYAML writes one path without a list.
func (p Paths) MarshalYAML() (any, error) { return p.written(), nil }

// MarshalJSON writes one path without a list, and none as "".
func (p Paths) MarshalJSON() ([]byte, error) { return json.Marshal(p.written()) }

func (p Paths) written() any {
	switch len(p) {
	case 0:
		return ""
	case 1:
		return p[0]
	}
	return []string(p)
}

// given tells whether there is a path at all.
func (p Paths) given() bool { return len(p) > 1 || len(p) == 1 && p[0] != "" }

// find is where the arrays at the paths are. All are members of one object, so
// that a Restart in one of them need not say in which.
func (l *jsonLayout) find(paths Paths) error {
	for i, path := range paths {
		segments, err := splitPath(path)
		if err != nil {
			return err
		}
		if i == 0 {
			for _, s := range segments {
				l.path = append(l.path, []string{s})
			}
			continue
		}
		last := len(segments) - 1
		switch {
		case len(segments) != len(l.path) || !l.leads(segments[:last]):
			return fmt.Errorf("path %q and %q differ in more than their last key", paths[0], path)
		case slices.Contains(l.path[last], segments[last]):
			return fmt.Errorf("path %q comes twice", path)
		}
		l.path[last] = append(l.path[last], segments[last])
	}
	return nil
}

// leads tells whether an array is at the end of the segments, or deeper.
func (l *jsonLayout) leads(segments []string) bool {
	for i, s := range segments {
		if i == len(l.path) || !slices.Contains(l.path[i], s) {
			return false
		}
	}
	return true
}

// holds tells whether an array is at a dotted path, or deeper.
func (l *jsonLayout) holds(path string) bool {
	segments, err := splitPath(path)
	return err == nil && l.leads(segments)
}
