package sources

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"

	"github.com/devo-s3/collector/parsers"
)

// A Condition holds or does not hold for a record. It is either all, any or not
// of others, or a value and one test of it.
type Condition struct {
	// All are conditions that must all hold.
	All []Condition `yaml:"all"`
	// Any are conditions one of which must hold.
	Any []Condition `yaml:"any"`
	// Not is a condition that must not hold.
	Not *Condition `yaml:"not"`

	// Value is what is tested: record.PATH, a field of the record; text, the
	// whole of it; key.NAME, a capture that every pattern of Keys makes; or
	// object.bucket, .key, .region or .version. No test holds for a value that
	// is absent or null.
	Value string `yaml:"value"`
	// Equals are texts one of which is the whole value.
	Equals []string `yaml:"equals"`
	// Contains are texts one of which is somewhere in it.
	Contains []string `yaml:"contains"`
	// Regexp is an RE2 expression (https://github.com/google/re2/wiki/Syntax)
	// that matches somewhere in it.
	Regexp string `yaml:"regexp"`
	// CIDR are networks one of which the value, an address, is in.
	CIDR []string `yaml:"cidr"`
	// Compare is <, <=, > or >= and a number; it holds for a value that is a
	// number, in quotes or not, with that relation. Numbers are compared exactly.
	Compare string `yaml:"compare"`
}

// A subject is what conditions are asked about.
type subject struct {
	record    *parsers.Record
	constants [][]byte // those of compiler.constants for the object; nil = absent
}

func (s *subject) value(o origin) []byte {
	switch o.kind {
	case "record":
		return s.record.Fields[o.index]
	case "text":
		return s.record.Raw
	}
	return s.constants[o.index]
}

type (
	// A condition is a compiled Condition. It allocates nothing.
	condition func(*subject) bool
	// A test is a condition's last part, about a value that is there.
	test func(value []byte) bool
)

func never(*subject) bool { return false }

// condition compiles the condition at field.
func (c *compiler) condition(field string, d *Condition) condition {
	tests := c.tests(field, d)
	forms := len(tests)
	for _, given := range []bool{len(d.All) > 0, len(d.Any) > 0, d.Not != nil} {
		if given {
			forms++
		}
	}
	switch {
	case forms != 1:
		c.wrongf(field, "a condition has one of all, any, not, equals, contains, regexp, cidr and compare, and here are %d; write one", forms)
	case len(tests) == 0 && d.Value != "":
		c.wrongf(field+".value", "a value belongs to equals, contains, regexp, cidr or compare; leave it out")
	case len(d.All) > 0:
		return allOf(c.conditions(field+".all", d.All))
	case len(d.Any) > 0:
		return anyOf(c.conditions(field+".any", d.Any))
	case d.Not != nil:
		negated := c.condition(field+".not", d.Not)
		return func(s *subject) bool { return !negated(s) }
	default:
		from, holds := c.value(field+".value", d.Value), tests[0]
		return func(s *subject) bool {
			value := s.value(from)
			return value != nil && holds(value)
		}
	}
	return never
}

func (c *compiler) conditions(field string, all []Condition) []condition {
	compiled := make([]condition, len(all))
	for i := range all {
		compiled[i] = c.condition(fmt.Sprintf("%s[%d]", field, i), &all[i])
	}
	return compiled
}

func allOf(conditions []condition) condition {
	return func(s *subject) bool {
		for _, holds := range conditions {
			if !holds(s) {
				return false
			}
		}
		return true
	}
}

func anyOf(conditions []condition) condition {
	return func(s *subject) bool {
		for _, holds := range conditions {
			if holds(s) {
				return true
			}
		}
		return false
	}
}

// tests are those that the condition at field has, whatever is wrong with them.
func (c *compiler) tests(field string, d *Condition) (tests []test) {
	if len(d.Equals) > 0 {
		tests = append(tests, equals(d.Equals))
	}
	if len(d.Contains) > 0 {
		tests = append(tests, contains(d.Contains))
	}
	if d.Regexp != "" {
		tests = append(tests, c.expression(field+".regexp", d.Regexp).Match)
	}
	if len(d.CIDR) > 0 {
		tests = append(tests, c.cidr(field+".cidr", d.CIDR))
	}
	if d.Compare != "" {
		holds, err := compare(d.Compare)
		if err != nil {
			c.wrong(field+".compare", err)
		}
		tests = append(tests, holds)
	}
	return tests
}

func equals(texts []string) test {
	set := make(map[string]bool, len(texts))
	for _, t := range texts {
		set[t] = true
	}
	return func(value []byte) bool { return set[string(value)] }
}

func contains(texts []string) test {
	parts := make([][]byte, len(texts))
	for i, t := range texts {
		parts[i] = []byte(t)
	}
	return func(value []byte) bool {
		for _, p := range parts {
			if bytes.Contains(value, p) {
				return true
			}
		}
		return false
	}
}

func (c *compiler) cidr(field string, texts []string) test {
	networks := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		var err error
		if networks[i], err = parseNetwork(t); err != nil {
			c.wrong(fmt.Sprintf("%s[%d]", field, i), err)
		}
	}
	return func(value []byte) bool {
		address, ok := parseAddress(value)
		if !ok {
			return false
		}
		for _, n := range networks {
			if n.Contains(address) {
				return true
			}
		}
		return false
	}
}

// parseNetwork reads a network, or an address, which is one of its own.
func parseNetwork(text string) (netip.Prefix, error) {
	network, err := netip.ParsePrefix(text)
	if address, e := netip.ParseAddr(text); e == nil && address.Zone() == "" {
		network, err = netip.PrefixFrom(address, address.BitLen()), nil
	}
	if err != nil || network.Addr().Is4In6() {
		return network, fmt.Errorf("%q is no network; write it like 10.0.0.0/8, 2001:db8::/32 or 192.0.2.1", text)
	}
	return network, nil
}

// relations are the operators of Compare; one that another begins with comes
// behind that.
var relations = []struct {
	operator string
	holds    func(order int) bool
}{
	{"<=", func(order int) bool { return order <= 0 }},
	{">=", func(order int) bool { return order >= 0 }},
	{"<", func(order int) bool { return order < 0 }},
	{">", func(order int) bool { return order > 0 }},
}

func compare(text string) (test, error) {
	for _, r := range relations {
		number, ok := strings.CutPrefix(text, r.operator)
		if !ok {
			continue
		}
		if bound, ok := parseDecimal([]byte(strings.TrimSpace(number))); ok {
			return func(value []byte) bool {
				number, ok := parseDecimal(value)
				return ok && r.holds(number.compare(&bound))
			}, nil
		}
	}
	return nil, fmt.Errorf("%q compares nothing; write <, <=, > or >= and a number, such as >= 400", text)
}
