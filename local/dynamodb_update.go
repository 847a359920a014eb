package local

import (
	"bytes"
	"maps"
	"math/big"
	"slices"
	"strings"
)

// A change is one action of an UpdateExpression
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html),
// without list_append. All of them see the item as it was before.
type change struct {
	path path
	to   func(old item) (*value, error) // nil = the attribute goes
}

func (e *expression) changes() (list []change) {
	clauses := map[string]func() change{"SET": e.set, "REMOVE": e.remove, "ADD": e.add, "DELETE": e.deleteFrom}
	for len(e.tokens) > 0 {
		keyword := strings.ToUpper(e.peek(0))
		clause := clauses[keyword]
		if clause == nil {
			e.unexpected()
			return nil
		}
		delete(clauses, keyword) // each once
		e.next()
		list = append(list, clause())
		for e.accept(",") {
			list = append(list, clause())
		}
	}
	for i, a := range list {
		for _, b := range list[:i] {
			if n := min(len(a.path), len(b.path)); slices.Equal(a.path[:n], b.path[:n]) {
				e.fail("Two document paths overlap with each other; must remove or rewrite one of these paths;")
			}
		}
	}
	return list
}

// A source gives the value that SET assigns.
type source func(old item) (value, error)

func (e *expression) set() change {
	p := e.path()
	e.expect("=")
	from := e.source()
	if sign := e.peek(0); sign == "+" || sign == "-" {
		e.next()
		left, right := from, e.source()
		from = func(old item) (value, error) {
			l, err := left(old)
			if err != nil {
				return value{}, err
			}
			r, err := right(old)
			if err != nil {
				return value{}, err
			}
			return sum(l, r, sign)
		}
	}
	return change{p, func(old item) (*value, error) {
		v, err := from(old)
		return &v, err
	}}
}

func (e *expression) source() source {
	if e.peek(0) == "if_not_exists" && e.peek(1) == "(" {
		e.next()
		e.next()
		p := e.path()
		e.expect(",")
		otherwise := e.source()
		e.expect(")")
		return func(old item) (value, error) {
			if v, found := p.get(old); found {
				return v, nil
			}
			return otherwise(old)
		}
	}
	from := e.operand()
	return func(old item) (value, error) {
		v, found := from(old)
		if !found {
			return v, invalid("The provided expression refers to an attribute that does not exist in the item")
		}
		return v, nil
	}
}

func (e *expression) remove() change {
	return change{e.path(), func(item) (*value, error) { return nil, nil }}
}

func (e *expression) add() change {
	p, v := e.path(), e.value()
	return change{p, func(old item) (*value, error) {
		was, found := p.get(old)
		switch {
		case !found && (v.N != nil || sameSet(v, v)):
			return &v, nil
		case was.N != nil && v.N != nil:
			total, err := sum(was, v, "+")
			return &total, err
		case sameSet(was, v):
			union := value{
				SS: union(was.SS, v.SS, strings.Compare),
				NS: union(was.NS, v.NS, strings.Compare),
				BS: union(was.BS, v.BS, bytes.Compare),
			}
			return &union, nil
		}
		return nil, errOperand
	}}
}

func (e *expression) deleteFrom() change {
	p, v := e.path(), e.value()
	return change{p, func(old item) (*value, error) {
		was, found := p.get(old)
		if !found {
			return nil, nil
		}
		if !sameSet(was, v) {
			return nil, errOperand
		}
		left := value{
			SS: without(was.SS, v.SS, strings.Compare),
			NS: without(was.NS, v.NS, strings.Compare),
			BS: without(was.BS, v.BS, bytes.Compare),
		}
		if len(left.kinds()) == 0 { // a set is never empty
			return nil, nil
		}
		return &left, nil
	}}
}

var errOperand = invalid("An operand in the update expression has an incorrect data type")

func sum(l, r value, sign string) (value, error) {
	if l.N == nil || r.N == nil {
		return value{}, errOperand
	}
	total := new(big.Rat)
	if sign == "+" {
		total.Add(l.rat(), r.rat())
	} else {
		total.Sub(l.rat(), r.rat())
	}
	n, err := formatNumber(total)
	return value{N: &n}, err
}

func sameSet(a, b value) bool {
	return a.SS != nil && b.SS != nil || a.NS != nil && b.NS != nil || a.BS != nil && b.BS != nil
}

// union and without keep nil nil, and sets in order.
func union[T any](a, b []T, compare func(a, b T) int) []T {
	all := slices.Concat(a, b)
	slices.SortFunc(all, compare)
	return slices.CompactFunc(all, func(x, y T) bool { return compare(x, y) == 0 })
}

func without[T any](a, b []T, compare func(a, b T) int) (left []T) {
	for _, x := range a {
		if !slices.ContainsFunc(b, func(y T) bool { return compare(x, y) == 0 }) {
			left = append(left, x)
		}
	}
	return left
}

// apply makes the new item of the old one, which it leaves alone.
func apply(changes []change, old item) (item, error) {
	at := value{M: old}
	for _, c := range changes {
		to, err := c.to(old)
		if err != nil {
			return nil, err
		}
		var ok bool
		if at, ok = at.with(c.path, to); !ok {
			return nil, invalid("The document path provided in the update expression is invalid for update")
		}
	}
	return at.M, nil
}

// with is v with the value at the path replaced, or removed by nil; false if
// the path's parent is not there.
func (v value) with(p path, to *value) (value, bool) {
	if len(p) == 0 {
		return *to, true
	}
	at, rest := p[0], p[1:]
	removes := to == nil && len(rest) == 0
	switch {
	case at.name != "" && v.M != nil:
		m := maps.Clone(v.M)
		child, found := m[at.name]
		switch {
		case removes:
			delete(m, at.name)
			return value{M: m}, true
		case !found && len(rest) > 0:
			return v, false
		}
		child, ok := child.with(rest, to)
		m[at.name] = child
		return value{M: m}, ok
	case at.name == "" && v.L != nil:
		l := slices.Clone(v.L)
		found := at.index < len(l)
		switch {
		case removes && found:
			return value{L: slices.Delete(l, at.index, at.index+1)}, true
		case removes:
			return v, true
		case !found && len(rest) > 0:
			return v, false
		case !found: // past the end = at the end
			return value{L: append(l, *to)}, true
		}
		child, ok := l[at.index].with(rest, to)
		l[at.index] = child
		return value{L: l}, ok
	}
	return v, false
}
