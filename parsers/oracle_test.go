package parsers

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

type verdict string

const (
	accepted  verdict = "accepted"
	truncated verdict = "truncated"
	notThere  verdict = "not at the path"
	invalid   verdict = "invalid"
)

// jsonOracle is what encoding/json makes of data.
func jsonOracle(data []byte, path string) ([]got, verdict) {
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		if err.Error() == "unexpected end of JSON input" {
			return nil, truncated
		}
		return nil, invalid
	}
	var segments []string
	if path != "" {
		segments = strings.Split(path, ".")
	}
	var all []got
	found, wrong := false, false
	var walk func(json.RawMessage, []string)
	walk = func(v json.RawMessage, path []string) {
		if string(v) == "null" && (len(path) < len(segments) || path == nil) {
			found = true
			return
		}
		if len(path) > 0 {
			object := eachMember(v, func(key string, v json.RawMessage) {
				if slices.Contains(strings.Split(path[0], ","), key) {
					walk(v, path[1:])
				}
			})
			wrong = wrong || !object
			return
		}
		var elements []json.RawMessage
		if v[0] != '[' || json.Unmarshal(v, &elements) != nil {
			wrong = true
			return
		}
		found = true
		for _, e := range elements {
			g := got{Raw: strings.NewReplacer("\n", " ", "\r", " ").Replace(string(e)), Index: int64(len(all))}
			for _, field := range fuzzFields {
				g.Fields = append(g.Fields, fieldOracle(e, strings.Split(field, ".")))
			}
			all = append(all, g)
		}
	}
	walk(whole, segments)
	if !found || wrong {
		return nil, notThere
	}
	return all, accepted
}

// fieldOracle is the last value at the path, as encoding/json gives it.
func fieldOracle(v json.RawMessage, path []string) string {
	if len(path) == 0 {
		if v[0] == '"' {
			var s string
			if json.Unmarshal(v, &s) != nil {
				panic("a valid string is not")
			}
			return s
		}
		if string(v) == "null" {
			return absent
		}
		return strings.NewReplacer("\n", " ", "\r", " ").Replace(string(v))
	}
	value := absent
	eachMember(v, func(key string, v json.RawMessage) {
		if key != path[0] {
			return
		}
		if len(path) == 1 || v[0] == '{' && leads(v, path[1:]) {
			value = fieldOracle(v, path[1:])
		}
	})
	return value
}

// leads tells whether path exists in v.
func leads(v json.RawMessage, path []string) (there bool) {
	eachMember(v, func(key string, v json.RawMessage) {
		if key == path[0] && (len(path) == 1 || leads(v, path[1:])) {
			there = true
		}
	})
	return there
}

// eachMember calls f for every key and value of an object, if v is one.
func eachMember(v json.RawMessage, f func(string, json.RawMessage)) bool {
	if v[0] != '{' {
		return false
	}
	d := json.NewDecoder(bytes.NewReader(v))
	d.Token()
	for d.More() {
		key, _ := d.Token()
		var value json.RawMessage
		if d.Decode(&value) != nil {
			panic("a valid object is not")
		}
		f(key.(string), value)
	}
	return true
}
