package sources

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	globToken = regexp.MustCompile(`\*\*/|\*\*|\*|\{[^{}]*\}|[{}]|[^*{}]+`)
	captured  = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

// patterns are those of one list.
type patterns []*regexp.Regexp

// match tells whether one of them matches key.
func (p patterns) match(key string) bool {
	return slices.ContainsFunc(p, func(e *regexp.Regexp) bool { return e.MatchString(key) })
}

// compilePattern is the expression for a key pattern as Definition.Keys
// describes it.
func compilePattern(pattern string) (*regexp.Regexp, error) {
	expression, err := expressionOf(pattern)
	if err != nil {
		return nil, err
	}
	return regexp.Compile(`(?:^|/)(?:` + expression + `)$`)
}

// expressionMark begins a pattern that is an RE2 expression.
const expressionMark = "regexp:"

// expressionOf is a pattern in RE2's syntax, without its boundaries.
func expressionOf(pattern string) (string, error) {
	expression, ok := strings.CutPrefix(pattern, expressionMark)
	if !ok {
		return globExpression(pattern)
	}
	_, err := regexp.Compile(expression) // alone, so that it cannot close our brackets
	return expression, err
}

func globExpression(glob string) (string, error) {
	if glob == "" {
		return "", errors.New("is empty; ** matches every key")
	}
	if glob[0] == '/' {
		return "", errors.New("begins with /, which no boundary is followed by; leave it out")
	}
	var b strings.Builder
	b.WriteString(`(?s)`) // a key may contain line breaks
	names := make(map[string]bool)
	for _, at := range globToken.FindAllStringIndex(glob, -1) {
		token := glob[at[0]:at[1]]
		switch {
		case token == "**/" && (at[0] == 0 || glob[at[0]-1] == '/'):
			b.WriteString(`(?:.*/)?`)
		case token == "**/":
			b.WriteString(`.*/`)
		case token == "**":
			b.WriteString(`.*`)
		case token == "*":
			b.WriteString(`[^/]*`)
		case token == "{" || token == "}":
			return "", fmt.Errorf("has a %s without its pair; captures are written {name}", token)
		case token[0] == '{':
			name := token[1 : len(token)-1]
			if !captured.MatchString(name) {
				return "", fmt.Errorf("has the capture %s; its name must be letters, digits and _", token)
			}
			if names[name] {
				return "", fmt.Errorf("captures %s twice; write * for one of them", name)
			}
			names[name] = true
			b.WriteString(`(?P<` + name + `>[^/]+?)`)
		default:
			b.WriteString(regexp.QuoteMeta(token))
		}
	}
	return b.String(), nil
}

// mustCompileAny is one expression for patterns of our own.
func mustCompileAny(texts []string) *regexp.Regexp {
	var all []string
	for _, text := range texts {
		expression, err := expressionOf(text)
		if err != nil {
			panic(err)
		}
		all = append(all, expression)
	}
	return regexp.MustCompile(`(?:^|/)(?:` + strings.Join(all, "|") + `)$`)
}
