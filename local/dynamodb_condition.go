package local

import "strings"

// A condition is a parsed ConditionExpression, FilterExpression or
// KeyConditionExpression
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html),
// without contains and attribute_type.
type condition func(item) bool

func (e *expression) condition() condition {
	left := e.conjunction()
	for e.accept("OR") {
		a, b := left, e.conjunction()
		left = func(it item) bool { return a(it) || b(it) }
	}
	return left
}

func (e *expression) conjunction() condition {
	left := e.negation()
	for e.accept("AND") {
		a, b := left, e.negation()
		left = func(it item) bool { return a(it) && b(it) }
	}
	return left
}

func (e *expression) negation() condition {
	if e.accept("NOT") {
		c := e.negation()
		return func(it item) bool { return !c(it) }
	}
	if e.accept("(") {
		c := e.condition()
		e.expect(")")
		return c
	}
	if e.peek(1) == "(" && e.peek(0) != "size" {
		return e.function()
	}
	return e.comparison()
}

func (e *expression) function() condition {
	name := e.next()
	e.expect("(")
	defer e.expect(")")
	switch name {
	case "attribute_exists":
		p := e.path()
		return func(it item) bool { _, found := p.get(it); return found }
	case "attribute_not_exists":
		p := e.path()
		return func(it item) bool { _, found := p.get(it); return !found }
	case "begins_with":
		whole := e.operand()
		e.expect(",")
		start := e.operand()
		return func(it item) bool {
			w, _ := whole(it)
			s, _ := start(it)
			return w.S != nil && s.S != nil && strings.HasPrefix(*w.S, *s.S)
		}
	}
	e.fail("Invalid function name; function: %s", name)
	return nil
}

// comparisons tell from the order of two values. Equality needs no order.
var comparisons = map[string]func(order int) bool{
	"<":  func(order int) bool { return order < 0 },
	"<=": func(order int) bool { return order <= 0 },
	">":  func(order int) bool { return order > 0 },
	">=": func(order int) bool { return order >= 0 },
}

func (e *expression) comparison() condition {
	left := e.operand()
	switch operator := strings.ToUpper(e.next()); operator {
	case "=":
		return equal(left, e.operand())
	case "<>":
		same := equal(left, e.operand())
		return func(it item) bool { return !same(it) }
	case "<", "<=", ">", ">=":
		return ordered(left, e.operand(), comparisons[operator])
	case "BETWEEN":
		low := ordered(left, e.operand(), comparisons[">="])
		e.expect("AND")
		high := ordered(left, e.operand(), comparisons["<="])
		return func(it item) bool { return low(it) && high(it) }
	case "IN":
		e.expect("(")
		found := equal(left, e.operand())
		for e.accept(",") {
			before, this := found, equal(left, e.operand())
			found = func(it item) bool { return before(it) || this(it) }
		}
		e.expect(")")
		return found
	}
	e.unexpected()
	return nil
}

// equal is false where a side is absent, hence <> true: as AWS has it.
func equal(left, right operand) condition {
	return func(it item) bool {
		l, haveLeft := left(it)
		r, haveRight := right(it)
		return haveLeft && haveRight && l.equal(r)
	}
}

func ordered(left, right operand, holds func(order int) bool) condition {
	return func(it item) bool {
		l, _ := left(it)
		r, _ := right(it)
		order, comparable := l.compare(r)
		return comparable && holds(order)
	}
}
