package local

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// maxExpression is the length of an expression in bytes.
const maxExpression = 4096

// reservedWords are those an expression may not use as an attribute's name
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html).
var reservedWords = func() map[string]bool {
	words := map[string]bool{}
	for _, word := range strings.Fields(reservedList) {
		words[word] = true
	}
	return words
}()

//go:embed dynamodb_reserved.txt
var reservedList string

// placeholders are what the expressions of one request may refer to.
type placeholders struct {
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues item
	used                      map[string]bool
}

// resolve checks the values and makes ready to parse.
func (p *placeholders) resolve() (err error) {
	p.used = map[string]bool{}
	p.ExpressionAttributeValues, err = normalItem(p.ExpressionAttributeValues, 0)
	return err
}

// unused is an error if a name or a value was given for nothing.
func (p *placeholders) unused() error {
	for _, name := range slices.Sorted(maps.Keys(p.ExpressionAttributeNames)) {
		if !p.used[name] {
			return invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {" + name + "}")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(p.ExpressionAttributeValues)) {
		if !p.used[name] {
			return invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {" + name + "}")
		}
	}
	return nil
}

// An expression is the parser of one. Its first error empties the tokens, so
// that all rules come to their end by themselves.
type expression struct {
	*placeholders
	kind   string // ConditionExpression …
	tokens []string
	err    error
}

var token = regexp.MustCompile(`^\s*(<=|>=|<>|[=<>()\[\],.+-]|[#:][A-Za-z0-9_]+|[A-Za-z][A-Za-z0-9_]*|[0-9]+)`)

// parse runs a rule over the whole of text.
func parse[T any](p *placeholders, kind, text string, rule func(*expression) T) (T, error) {
	e := &expression{placeholders: p, kind: kind}
	if len(text) > maxExpression {
		e.fail("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	for rest := strings.TrimSpace(text); rest != "" && e.err == nil; {
		m := token.FindStringSubmatch(rest)
		if m == nil {
			e.fail("Syntax error; token: %q, near: %q", rest[:1], rest)
			break
		}
		e.tokens = append(e.tokens, m[1])
		rest = strings.TrimSpace(rest[len(m[0]):])
	}
	if e.err == nil && len(e.tokens) == 0 {
		e.fail("The expression can not be empty;")
	}
	result := rule(e)
	if e.err == nil && len(e.tokens) > 0 {
		e.unexpected()
	}
	return result, e.err
}

func (e *expression) fail(format string, args ...any) {
	if e.err == nil {
		e.err = invalid("Invalid " + e.kind + ": " + fmt.Sprintf(format, args...))
	}
	e.tokens = nil
}

func (e *expression) unexpected() {
	if len(e.tokens) == 0 {
		e.fail("Syntax error; token: <EOF>")
		return
	}
	e.fail("Syntax error; token: %q, near: %q", e.tokens[0], strings.Join(e.tokens[:min(3, len(e.tokens))], " "))
}

func (e *expression) peek(i int) string {
	if i < len(e.tokens) {
		return e.tokens[i]
	}
	return ""
}

func (e *expression) next() string {
	t := e.peek(0)
	if t != "" {
		e.tokens = e.tokens[1:]
	}
	return t
}

// accept takes the next token if it is this one. Keywords have no case.
func (e *expression) accept(t string) bool {
	ok := e.peek(0) != "" && strings.EqualFold(e.peek(0), t)
	if ok {
		e.tokens = e.tokens[1:]
	}
	return ok
}

func (e *expression) expect(t string) {
	if !e.accept(t) {
		e.unexpected()
	}
}

// A path leads into an item: a name, or an index into a list, at each step.
type path []step

type step struct {
	name  string // "" = an index
	index int
}

func (e *expression) path() path {
	p := path{{name: e.name()}}
	for {
		switch {
		case e.accept("."):
			p = append(p, step{name: e.name()})
		case e.accept("["):
			n, err := strconv.Atoi(e.peek(0))
			if err != nil {
				e.unexpected()
			}
			e.next()
			e.expect("]")
			p = append(p, step{index: n})
		default:
			return p
		}
	}
}

func (e *expression) name() string {
	t := e.peek(0)
	switch {
	case strings.HasPrefix(t, "#"):
		name, ok := e.ExpressionAttributeNames[t]
		if !ok {
			e.fail("An expression attribute name used in the document path is not defined; attribute name: %s", t)
		}
		e.used[t] = true
		e.next()
		return name
	case t == "" || !isLetter(t[0]):
		e.unexpected()
	case reservedWords[strings.ToUpper(t)]:
		e.fail("Attribute name is a reserved keyword; reserved keyword: %s", t)
	}
	return e.next()
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func (e *expression) value() value {
	if !strings.HasPrefix(e.peek(0), ":") {
		e.unexpected()
		return value{}
	}
	t := e.next()
	v, ok := e.ExpressionAttributeValues[t]
	if !ok {
		e.fail("An expression attribute value used in expression is not defined; attribute value: %s", t)
	}
	e.used[t] = true
	return v
}

// get follows the path; false if it leads nowhere.
func (p path) get(it item) (value, bool) {
	at := value{M: it}
	for _, s := range p {
		var ok bool
		switch {
		case s.name != "":
			at, ok = at.M[s.name]
		case s.index < len(at.L):
			at, ok = at.L[s.index], true
		}
		if !ok {
			return value{}, false
		}
	}
	return at, true
}

// An operand is what stands at a side of a comparison; false if the item has
// no such attribute.
type operand func(item) (value, bool)

func (e *expression) operand() operand {
	switch {
	case strings.HasPrefix(e.peek(0), ":"):
		v := e.value()
		return func(item) (value, bool) { return v, true }
	case e.peek(0) == "size" && e.peek(1) == "(":
		e.next()
		e.next()
		p := e.path()
		e.expect(")")
		return func(it item) (value, bool) {
			v, found := p.get(it)
			if !found {
				return value{}, false
			}
			n, sized := v.length()
			digits := strconv.Itoa(n)
			return value{N: &digits}, sized
		}
	}
	return e.path().get
}

// paths is a list of them, as of a ProjectionExpression.
func (e *expression) paths() []path {
	list := []path{e.path()}
	for e.accept(",") {
		list = append(list, e.path())
	}
	return list
}
