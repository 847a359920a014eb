package sources

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/devo-s3/collector/parsers"
)

// A Rule is a gate that records pass or not. It has either Include or
// Exclude.
type Rule struct {
	// Name is what dropped records are counted by: a lower-case letter, then up
	// to 63 of a-z, 0-9 and _; filters[0] and so on unless set.
	Name string `yaml:"name"`
	// Include holds for the records that pass.
	Include *Condition `yaml:"include"`
	// Exclude holds for the records that do not.
	Exclude *Condition `yaml:"exclude"`
}

// A Route gives tags to some of the records: one template to those for which a
// condition holds, or by the rows of a table.
type Route struct {
	// When holds for the records whose template is Tag.
	When *Condition `yaml:"when"`
	// Tag is their template.
	Tag string `yaml:"tag"`

	// By is the value that is looked up in Table, like Condition.Value; an
	// absent one is "".
	By string `yaml:"by"`
	// Table has a template for each value of By.
	Table map[string]string `yaml:"table"`
	// Else is the template for values without a row, or tag, the source's own, or
	// badtag (the default): the deployment's tag for impossible tags.
	Else string `yaml:"else"`
}

// Redact says what of a JSON record is not sent. Both are paths such as
// record.user.email; an array on the way stands for each of its elements.
type Redact struct {
	// Drop are members to leave out.
	Drop []string `yaml:"drop"`
	// Mask are members whose value, whatever it is, becomes "***".
	Mask []string `yaml:"mask"`
}

// redactRule counts the records that could not be redacted.
const redactRule = "redact"

// A rule is a compiled Rule.
type rule struct {
	name    string
	when    condition
	include bool // the records for which when holds pass; else the others
}

func (c *compiler) rules() []rule {
	var rules []rule
	for i := range c.Filters {
		d, field := &c.Filters[i], fmt.Sprintf("filters[%d]", i)
		r := rule{name: cmp.Or(d.Name, field), include: d.Include != nil}
		switch same := func(r rule) bool { return r.name == d.Name }; {
		case d.Name != "" && !isName(d.Name):
			c.wrongf(field+".name", "%q is no filter's name; write a lower-case letter, then up to 63 of a-z, 0-9 and _", d.Name)
		case d.Name == redactRule || slices.ContainsFunc(rules, same):
			c.wrongf(field+".name", "records are counted as %s by something else; write another name", d.Name)
		}
		switch {
		case (d.Include == nil) == (d.Exclude == nil):
			c.wrongf(field, "a filter is either include or exclude; write one of them")
		case d.Include != nil:
			r.when = c.condition(field+".include", d.Include)
		default:
			r.when = c.condition(field+".exclude", d.Exclude)
		}
		rules = append(rules, r)
	}
	return rules
}

// A route gives the place of a record's template, or badTag, if it decides.
type route func(*subject) (template int, decides bool)

// The places of the source's own template, and of none.
const (
	ownTag = 0
	badTag = -1
)

func (c *compiler) routes() []route {
	var routes []route
	for i := range c.Routes {
		d, field := &c.Routes[i], fmt.Sprintf("routes[%d]", i)
		switch {
		case (d.When == nil) == (d.By == ""):
			c.wrongf(field, "a route is either when and tag, or by and table; write one of them")
		case d.When != nil && (d.Table != nil || d.Else != ""):
			c.wrongf(field, "table and else belong to by; leave them out")
		case d.When != nil:
			routes = append(routes, onlyWhen(c.condition(field+".when", d.When), c.template(field+".tag", d.Tag)))
		case d.Tag != "":
			c.wrongf(field+".tag", "tag belongs to when; write else for values that have no row")
		case i < len(c.Routes)-1:
			c.wrongf(field, "a table decides about every record, so that no route behind it is asked; put it last")
		default:
			routes = append(routes, c.table(field, d))
		}
	}
	return routes
}

func onlyWhen(holds condition, template int) route {
	return func(s *subject) (int, bool) { return template, holds(s) }
}

func (c *compiler) table(field string, d *Route) route {
	if len(d.Table) == 0 {
		c.wrongf(field+".table", "the table has no rows; write VALUE: TAG")
	}
	by, otherwise, rows := c.value(field+".by", d.By), badTag, make(map[string]int, len(d.Table))
	for _, value := range slices.Sorted(maps.Keys(d.Table)) {
		rows[value] = c.template(field+".table."+value, d.Table[value])
	}
	switch d.Else {
	case "", "badtag":
	case "tag":
		otherwise = ownTag
	default:
		otherwise = c.template(field+".else", d.Else)
	}
	return func(s *subject) (int, bool) {
		if template, ok := rows[string(s.value(by))]; ok {
			return template, true
		}
		return otherwise, true
	}
}

// value is the place that a condition or table at field reads.
func (c *compiler) value(field, text string) origin {
	if text == "text" {
		return origin{kind: text}
	}
	o, err := c.origin(field, text)
	if err != nil {
		c.wrong(field, err)
	}
	return o
}

func (c *compiler) redaction() *parsers.Redaction {
	if len(c.Redact.Drop)+len(c.Redact.Mask) == 0 {
		return nil
	}
	options := c.Options
	if options == nil {
		options, _ = parsers.NewOptions(c.Format) // parser says what is wrong with it
	}
	if options != nil && !parsers.GivesJSON(options) {
		c.wrongf("redact", "the records of format %s with these options are not JSON, and only JSON can be redacted", c.Format)
	}
	redaction, err := parsers.NewRedaction(c.redacted("redact.drop", c.Redact.Drop), c.redacted("redact.mask", c.Redact.Mask))
	if err != nil {
		return nil // redacted said so
	}
	return redaction
}

// redacted are the paths of the list at field.
func (c *compiler) redacted(field string, texts []string) []string {
	paths := make([]string, len(texts))
	for i, text := range texts {
		at := fmt.Sprintf("%s[%d]", field, i)
		path, ok := strings.CutPrefix(text, "record.")
		if !ok {
			c.wrongf(at, "%q is no place in a record; write record.PATH", text)
		} else if _, err := parsers.NewRedaction([]string{path}, nil); err != nil {
			c.wrong(at, err)
		}
		for _, t := range c.templates {
			if shown := c.shows(t, path); shown != "" {
				c.wrongf(at, "%s would show it: {record.%s}; take it out there", t.field, shown)
			}
		}
		paths[i] = path
	}
	return paths
}

// shows is the path of a field in the template that has what is at path in it,
// or is in it; "" if there is none.
func (c *compiler) shows(t template, path string) string {
	for _, p := range t.parts {
		for _, o := range p.origins {
			if o.kind == "record" && (strings.HasPrefix(path+".", o.name+".") || strings.HasPrefix(o.name+".", path+".")) {
				return o.name
			}
		}
	}
	return ""
}
