package local

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// insights is a query of Logs Insights; lines are in the order of their time.
type insights struct {
	fields     []string
	filters    []insightsFilter
	descending bool
	limit      int
}

// An insightsFilter lets lines pass whose field has one of the values, or with
// not, none of them.
type insightsFilter struct {
	field  string
	not    bool
	values []string
}

func (f insightsFilter) passes(value string, found bool) bool {
	return (found && slices.Contains(f.values, value)) != f.not
}

var insightsTerm = regexp.MustCompile(`\A\s*([\w.@]+)\s*(=|!=|in)\s*(.+?)\s*\z`)

func parseInsights(text string) (*insights, error) {
	q := &insights{limit: 1000}
	for _, command := range strings.Split(text, "|") {
		name, rest, _ := strings.Cut(strings.TrimSpace(command), " ")
		if err := q.command(name, strings.TrimSpace(rest)); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return q, nil
}

func (q *insights) command(name, rest string) (err error) {
	switch name {
	case "fields":
		for _, f := range strings.Split(rest, ",") {
			q.fields = append(q.fields, strings.TrimSpace(f))
		}
	case "filter":
		for _, term := range strings.Split(rest, " and ") {
			f, err := parseInsightsTerm(term)
			if err != nil {
				return err
			}
			q.filters = append(q.filters, f)
		}
	case "sort":
		field, order, _ := strings.Cut(rest, " ")
		if q.descending = order != "asc"; field != "@timestamp" {
			err = fmt.Errorf("by %s is not emulated", field)
		}
	case "limit":
		q.limit, err = strconv.Atoi(rest)
	default:
		err = fmt.Errorf("the command is not emulated")
	}
	return err
}

func parseInsightsTerm(term string) (insightsFilter, error) {
	m := insightsTerm.FindStringSubmatch(term)
	if m == nil {
		return insightsFilter{}, fmt.Errorf("%q is not emulated", term)
	}
	list := m[3]
	if m[2] != "in" {
		list = "[" + list + "]"
	}
	var values []string
	if err := json.Unmarshal([]byte(list), &values); err != nil {
		return insightsFilter{}, fmt.Errorf("values of %q: %w", term, err)
	}
	return insightsFilter{m[1], m[2] == "!=", values}, nil
}
