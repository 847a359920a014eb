package operate

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// In the old collector a list of rules is a list of groups: a group holds where
// all of its rules do, and what one of the groups holds for is left out.

// ignored converts filename_filter_rules: a group of one rule becomes a pattern
// of keys to ignore, any other a filter, which is asked for each record. known
// are the catalog's patterns.
func (s *converted) ignored(known []string) {
	var patterns []string
	for i, group := range s.groups("filename_filter_rules") {
		if len(group) == 1 && group[0].members["type"] == "match" {
			delete(group[0].members, "type")
			patterns = append(patterns, "regexp:(?s).*(?:"+pattern(group[0])+").*")
			group[0].done()
			continue
		}
		s.drop(fmt.Sprintf("filename_rule_%d", i), all(group, func(r *settings) yaml.MapSlice {
			return negated(r, yaml.MapSlice{option("value", "object.key"), option("regexp", pattern(r))})
		}))
	}
	if patterns != nil {
		s.set("ignore", slices.Concat(known, patterns))
	}
}

// drop leaves out the records for which a condition holds.
func (s *converted) drop(name string, condition yaml.MapSlice) {
	s.rules = append(s.rules, yaml.MapSlice{option("name", name), option("exclude", condition)})
}

// filters converts line_filter_rules, and writes them with what was left of
// filename_filter_rules.
func (s *converted) filters() {
	const unknown = "send_filtered_out_to_unknown"
	toUnknown := s.flag(unknown)
	var routes []yaml.MapSlice
	for i, group := range s.groups("line_filter_rules") {
		condition := all(group, func(r *settings) yaml.MapSlice {
			value, err := s.subject(r.text("source"), r.text("key"))
			if err != nil {
				r.wrongf("key", "%w", err)
			}
			return negated(r, yaml.MapSlice{option("value", value), option("equals", []string{r.text("value")})})
		})
		if toUnknown {
			routes = append(routes, yaml.MapSlice{option("when", condition), option("tag", filteredTag)})
			continue
		}
		s.drop(fmt.Sprintf("line_rule_%d", i), condition)
	}
	if len(s.rules) > 0 {
		s.set("filters", s.rules)
	}
	if len(routes) > 0 {
		s.set("routes", routes)
	}
}

// subject is what a rule looks at, as a condition's value.
func (s *converted) subject(source, key string) (string, error) {
	from := s.records
	if source == "file" {
		from = s.files
	} else if source != "record" {
		return "", fmt.Errorf("source %q is not known: record or file", source)
	}
	value := from[key]
	switch {
	case value == "":
		return "", fmt.Errorf("%q is defined nowhere", key)
	case strings.Contains(value, "|"):
		return "", errors.New("it is a value with operations; here a condition tests values as they stand")
	}
	return value, nil
}

func (s *converted) groups(key string) (all [][]*settings) {
	for i, group := range s.list(key) {
		at := fmt.Sprintf("%s[%d]", key, i)
		rules, ok := group.([]any)
		if !ok {
			s.wrongf(at, "this must be a list")
		}
		all = append(all, s.each(at, rules))
	}
	return all
}

// all is the condition that a group stands for.
func all(group []*settings, one func(*settings) yaml.MapSlice) yaml.MapSlice {
	conditions := make([]yaml.MapSlice, len(group))
	for i, r := range group {
		conditions[i] = one(r)
		r.done()
	}
	if len(conditions) == 1 {
		return conditions[0]
	}
	return yaml.MapSlice{option("all", conditions)}
}

func negated(r *settings, condition yaml.MapSlice) yaml.MapSlice {
	switch kind := r.text("type"); kind {
	case "match":
	case "doesnotmatch":
		return yaml.MapSlice{option("not", condition)}
	default:
		r.wrongf("type", "unknown type %q: match or doesnotmatch", kind)
	}
	return condition
}

// pattern is a rule's expression, which must be one of RE2.
func pattern(r *settings) string {
	text := r.text("pattern")
	if _, err := regexp.Compile(text); err != nil {
		r.wrongf("pattern", "%w", err)
	}
	return text
}
