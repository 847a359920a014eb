package local

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

type (
	patternIn  struct{ Event, EventPattern string }
	patternOut struct{ Result bool }
)

// testEventPattern is EventBridge's own answer to whether an event matches.
// https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_TestEventPattern.html
func testEventPattern(_ call, in patternIn) (out patternOut, _ error) {
	matches, err := patternMatches(in.EventPattern, in.Event)
	if err != nil {
		return out, &fault{kind: "com.amazonaws.events#InvalidEventPatternException", message: err.Error()}
	}
	return patternOut{matches}, nil
}

// patternMatches knows values, prefix, suffix, wildcard and anything-but; any other
// operator is an error.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func patternMatches(pattern, event string) (bool, error) {
	var p, e map[string]any
	if err := json.Unmarshal([]byte(pattern), &p); err != nil {
		return false, fmt.Errorf("event pattern is not valid: %w", err)
	}
	if err := json.Unmarshal([]byte(event), &e); err != nil {
		return false, fmt.Errorf("event is not valid: %w", err)
	}
	return fieldsMatch(p, e)
}

func fieldsMatch(pattern, event map[string]any) (bool, error) {
	for name, want := range pattern {
		var ok bool
		var err error
		switch want := want.(type) {
		case map[string]any:
			below, _ := event[name].(map[string]any)
			ok, err = fieldsMatch(want, below)
		case []any:
			ok, err = valueMatches(want, event[name])
		default:
			err = fmt.Errorf("event pattern is not valid: %q must be an object or an array", name)
		}
		if !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// valueMatches reports whether one of the choices takes the value.
func valueMatches(choices []any, value any) (bool, error) {
	for _, choice := range choices {
		operator, is := choice.(map[string]any)
		if !is {
			if value != nil && reflect.DeepEqual(choice, value) {
				return true, nil
			}
			continue
		}
		for name, operand := range operator {
			if ok, err := operates(name, operand, value); ok || err != nil {
				return ok, err
			}
		}
	}
	return false, nil
}

func operates(name string, operand, value any) (bool, error) {
	text, _ := value.(string)
	want, isText := operand.(string)
	switch {
	case name == "anything-but" && value != nil:
		all, isList := operand.([]any)
		return !isList && !reflect.DeepEqual(operand, value) || isList && !slices.Contains(all, value), nil
	case name == "prefix" && isText:
		return strings.HasPrefix(text, want), nil
	case name == "suffix" && isText:
		return strings.HasSuffix(text, want), nil
	case name == "wildcard" && isText:
		return wildcardMatches(want, text), nil
	}
	return false, fmt.Errorf("event pattern is not valid: the operator %q is not emulated", name)
}

// wildcardMatches takes * for anything, and \* and \\ for themselves.
func wildcardMatches(pattern, text string) bool {
	quoted := regexp.MustCompile(`\\(.)|(\*)|([^\\*]+)`).ReplaceAllStringFunc(pattern, func(part string) string {
		switch {
		case part == "*":
			return ".*"
		case part[0] == '\\':
			return regexp.QuoteMeta(part[1:])
		}
		return regexp.QuoteMeta(part)
	})
	return regexp.MustCompile(`(?s)\A` + quoted + `\z`).MatchString(text)
}
