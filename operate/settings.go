package operate

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// settings are the members of a JSON object that is read strictly: what nobody
// asks for is a mistake. No mistake shows a value: it may be a secret.
type settings struct {
	path     string
	members  map[string]any
	mistakes *[]error
}

func readSettings(data []byte) (*settings, error) {
	var members map[string]any
	if err := json.Unmarshal(data, &members); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return nil, fmt.Errorf("not JSON: %w, at byte %d", err, syntax.Offset)
		}
		return nil, errors.New("the file is no JSON object")
	}
	return &settings{members: members, mistakes: new([]error)}, nil
}

func (s *settings) wrongf(key, format string, args ...any) {
	*s.mistakes = append(*s.mistakes, fmt.Errorf("%s: %w", s.at(key), fmt.Errorf(format, args...)))
}

// at is where a member stands.
func (s *settings) at(key string) string { return strings.Trim(s.path+"."+key, ".") }

func (s *settings) has(key string) bool { return s.members[key] != nil }

// take is a member's value, which then counts as known.
func take[T any](s *settings, key, what string) (value T) {
	member, there := s.members[key]
	delete(s.members, key)
	if !there || member == nil {
		return value
	}
	value, ok := member.(T)
	if !ok {
		s.wrongf(key, "this must be %s", what)
	}
	return value
}

// text is a string, or a number as it is written.
func (s *settings) text(key string) string {
	if n, ok := s.members[key].(float64); ok {
		s.members[key] = fmt.Sprint(n)
		if n == float64(int64(n)) {
			s.members[key] = fmt.Sprint(int64(n))
		}
	}
	return take[string](s, key, "text")
}

func (s *settings) flag(key string) bool { return take[bool](s, key, "true or false") }

func (s *settings) list(key string) []any { return take[[]any](s, key, "a list") }

// texts is a list of strings, or one string.
func (s *settings) texts(key string) (all []string) {
	if one, ok := s.members[key].(string); ok {
		delete(s.members, key)
		return []string{one}
	}
	for i, v := range s.list(key) {
		text, ok := v.(string)
		if !ok {
			s.wrongf(fmt.Sprintf("%s[%d]", key, i), "this must be text")
		}
		all = append(all, text)
	}
	return all
}

// object is a member that is an object; an absent one has no members.
func (s *settings) object(key string) *settings {
	return s.within(key, take[map[string]any](s, key, "an object"))
}

// objects is a list of objects.
func (s *settings) objects(key string) []*settings { return s.each(key, s.list(key)) }

func (s *settings) each(key string, list []any) (all []*settings) {
	for i, v := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		members, ok := v.(map[string]any)
		if !ok {
			s.wrongf(at, "this must be an object")
		}
		all = append(all, s.within(at, members))
	}
	return all
}

func (s *settings) within(key string, members map[string]any) *settings {
	if members == nil {
		members = make(map[string]any)
	}
	return &settings{s.at(key), members, s.mistakes}
}

// keys are those of the members not taken yet, in order of name.
func (s *settings) keys() []string { return slices.Sorted(maps.Keys(s.members)) }

// done makes mistakes of what nobody took.
func (s *settings) done() {
	for _, key := range s.keys() {
		s.wrongf(key, "unknown setting")
	}
}
