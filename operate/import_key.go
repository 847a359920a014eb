package operate

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A keyPattern is a pattern of keys that captures what the old collector got by
// splitting a key, and splitting the parts of it.
type keyPattern struct{ whole *part }

// A part of a key is split, or it is captured, or neither.
type part struct {
	on       string        // what it is split on: one character
	elements map[int]*part // from 0 on; from the end, -1 and below
	name     string        // of the capture
}

var captureName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func newKeyPattern() *keyPattern { return &keyPattern{new(part)} }

func (k *keyPattern) empty() bool { return k.whole.on == "" && k.whole.name == "" }

// add captures the outcome of the operations under a name, and gives the
// placeholder for it: {key.NAME} with filters, without the braces.
func (k *keyPattern) add(name string, operations []*settings) (placeholder string, err error) {
	if !captureName.MatchString(name) {
		return "", errors.New("the name must be letters, digits and _")
	}
	at := k.whole
	for len(operations) > 0 && operations[0].members["operator"] == "split" {
		if at, err = at.split(operations[0]); err != nil {
			return "", err
		}
		operations = operations[1:]
	}
	if at.on != "" {
		return "", errors.New("what it holds is split further for another name; here one part has one use")
	}
	if at.name == "" {
		at.name = name
	}
	filters, err := replacements(operations)
	return "key." + at.name + filters, err
}

func (p *part) split(operation *settings) (*part, error) {
	_, on, element := operation.text("operator"), operation.text("on"), int(take[float64](operation, "element", "a number"))
	operation.done()
	switch {
	case len(on) != 1:
		return nil, fmt.Errorf("it is split on %q; here only one character can be split on", on)
	case p.name != "" || p.on != "" && p.on != on:
		return nil, errors.New("the same part is split in two ways; here one part has one use")
	case p.elements == nil:
		p.on, p.elements = on, make(map[int]*part)
	}
	if p.elements[element] == nil {
		p.elements[element] = new(part)
	}
	return p.elements[element], nil
}

// replacements are operations as filters of a placeholder.
func replacements(operations []*settings) (filters string, err error) {
	for _, o := range operations {
		operator, from, to := o.text("operator"), o.text("to_replace"), o.text("replace_with")
		o.done()
		if operator != "replace" {
			return "", fmt.Errorf("operator %q is not known here: split, then replace", operator)
		}
		if from == "" || strings.ContainsAny(from+to, ":|{},") {
			return "", fmt.Errorf("%q cannot be replaced by %q in a tag's template", from, to)
		}
		filters += "|replace:" + from + ":" + to
	}
	return filters, nil
}

// String is the pattern, from a key's very start to its end.
func (k *keyPattern) String() string { return `regexp:\A` + k.whole.expression("") }

// expression matches a part, which has none of the characters in without.
func (p *part) expression(without string) string {
	if p.on == "" {
		if p.name == "" {
			return anything(without)
		}
		return "(?P<" + p.name + ">" + anything(without) + ")"
	}
	on, places := regexp.QuoteMeta(p.on), slices.Sorted(maps.Keys(p.elements))
	last := places[len(places)-1]
	var front, back []string
	for i := 0; i <= last; i++ {
		front = append(front, p.element(i).expression(without+p.on))
	}
	for i := places[0]; i < 0; i++ {
		back = append(back, p.element(i).expression(without+p.on))
	}
	switch {
	case len(back) == 0:
		return strings.Join(front, on) + "(?:" + on + anything(without) + ")?"
	case len(front) == 0:
		return "(?:" + anything(without) + on + ")?" + strings.Join(back, on)
	}
	return strings.Join(front, on) + on + "(?:" + anything(without) + on + ")?" + strings.Join(back, on)
}

func (p *part) element(i int) *part {
	if e := p.elements[i]; e != nil {
		return e
	}
	return new(part)
}

func anything(without string) string {
	if without == "" {
		return `(?s:.*)`
	}
	return "[^" + regexp.QuoteMeta(without) + "]*"
}
