package operate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// A jsonReader walks over the JSON around records by its strings, brackets and commas
// alone, as trustingly as the parsers: what is between them may be anything.
type jsonReader struct {
	text []byte
	at   int
	left []kept // records that were not met yet
	err  error
}

func (j *jsonReader) fail(what string) {
	if j.err == nil {
		j.err = fmt.Errorf("at byte %d there is no %s", j.at, what)
	}
	j.at = len(j.text)
}

func (j *jsonReader) space() {
	for j.at < len(j.text) && strings.IndexByte(" \t\r\n", j.text[j.at]) >= 0 {
		j.at++
	}
}

// next passes over white space and returns the byte behind it; 0 at the end.
func (j *jsonReader) next() byte {
	if j.space(); j.at < len(j.text) {
		return j.text[j.at]
	}
	return 0
}

// take passes over c, if that is next.
func (j *jsonReader) take(c byte) bool {
	if j.next() != c {
		return false
	}
	j.at++
	return true
}

// value passes over a value.
func (j *jsonReader) value() {
	j.space()
	from, depth := j.at, 0
	for j.at < len(j.text) {
		switch c := j.text[j.at]; {
		case c == '"':
			j.string()
		case depth == 0 && strings.IndexByte(",]}: \t\r\n", c) >= 0:
			if from == j.at {
				j.fail("value")
			}
			return
		default:
			depth += strings.Count("{[", string(c)) - strings.Count("}]", string(c))
			if j.at++; strings.IndexByte("}]", c) < 0 {
				continue
			}
		}
		if depth == 0 {
			return
		}
	}
	if depth > 0 || from == j.at {
		j.fail("whole value")
	}
}

// string passes over a string.
func (j *jsonReader) string() {
	for j.at++; j.at < len(j.text); j.at++ {
		switch j.text[j.at] {
		case '\\':
			j.at++
		case '"':
			j.at++
			return
		}
	}
	j.fail("end of a string")
}

// members calls do with each key of an object, to pass over its value.
func (j *jsonReader) members(do func(key string)) {
	if !j.take('{') {
		j.fail("object")
	}
	for !j.take('}') && j.err == nil {
		if j.next() != '"' {
			j.fail("key")
			return
		}
		from, key := j.at, ""
		j.string()
		_ = json.Unmarshal(j.text[from:j.at], &key)
		if !j.take(':') {
			j.fail("colon")
			return
		}
		if do(key); !j.take(',') && j.next() != '}' {
			j.fail("end of an object")
		}
	}
}

// record passes over the next record, which must stand here.
func (j *jsonReader) record() {
	j.space()
	if len(j.left) == 0 {
		j.fail("record, and something is there")
		return
	}
	r := j.left[0]
	rest := string(j.text[j.at:min(len(j.text), j.at+len(r.raw))])
	if j.left = j.left[1:]; oneLine.Replace(rest) != oneLine.Replace(r.raw) {
		j.fail(fmt.Sprintf("record %.80q", r.raw))
	}
	j.at = min(len(j.text), j.at+len(r.raw)+int(r.lost))
}

// elements passes over those of the arrays that a path leads to, which are the
// records, and returns how many arrays there are; a null is an empty one.
func (j *jsonReader) elements(path [][]string) (arrays int) {
	if j.next() == 'n' {
		j.value()
		return 1
	}
	if len(path) > 0 {
		j.members(func(key string) {
			if slices.Contains(path[0], key) {
				arrays += j.elements(path[1:])
			} else {
				j.value()
			}
		})
		return arrays
	}
	if !j.take('[') {
		j.fail("array")
	}
	for !j.take(']') && j.err == nil {
		if j.record(); !j.take(',') && j.next() != ']' {
			j.fail("end of an array")
		}
	}
	return 1
}

// levels are the keys of a source's paths, which differ in the last one alone.
func levels(paths []string) (all [][]string) {
	for i, path := range paths {
		for n, key := range strings.Split(path, ".") {
			if i == 0 {
				all = append(all, nil)
			}
			if !slices.Contains(all[n], key) {
				all[n] = append(all[n], key)
			}
		}
	}
	return all
}

// accountPath is accountFor for JSON with paths: each document has an array, each
// element of which is the next record, byte by byte. Text between documents is a
// record that could not be understood.
func accountPath(paths []string, content []byte, all []kept) error {
	j := &jsonReader{text: bytes.TrimPrefix(content, []byte("\xef\xbb\xbf")), left: all}
	for j.space(); j.at < len(j.text) && j.err == nil; j.space() {
		if j.text[j.at] != '{' {
			if len(j.left) > 0 && j.left[0].unparsed == "" {
				j.fail("text that is said to be none")
			}
			j.record()
		} else if j.elements(levels(paths)) == 0 {
			j.fail("array in the document before it")
		}
	}
	if j.err == nil && len(j.left) > 0 {
		return fmt.Errorf("%d records more than there are", len(j.left))
	}
	return j.err
}

// accountCloudWatch is accountFor for CloudWatch Logs. That the log events are all
// there shows where the records are whole events; where they are messages, each is
// that of the event with its number.
func accountCloudWatch(s *sources.Source, content []byte, all []kept) error {
	spec := parsers.Spec{Format: "cloudwatch", Options: &parsers.CloudWatchOptions{Record: "event"}}
	p, err := parsers.Compile(spec)
	if err != nil {
		return err
	}
	var events []kept
	for rec, err := range p.Records(context.Background(), parsers.Input{Stream: io.NopCloser(bytes.NewReader(content))}) {
		if err != nil {
			return err
		}
		events = append(events, keep(rec))
	}
	if err := accountPath([]string{"logEvents"}, content, events); err != nil {
		return err
	}
	texts := make([]string, len(events))
	for i, e := range events {
		texts[i] = e.raw
		switch {
		case i >= len(all) || all[i].unparsed != "":
		case all[i].dropped == "control":
			if !bytes.Contains(content, []byte("CONTROL_MESSAGE")) {
				return fmt.Errorf("event %d is left out as a control message's", i)
			}
		case all[i].dropped != "":
			return fmt.Errorf("event %d is left out as %s", i, all[i].dropped)
		case !givesJSON(s.Definition().Options):
			texts[i] = message(e.raw, all[i].raw)
		}
	}
	return same(texts, all)
}

// message is an event's, the last one if there are several. In an event that is
// damaged itself it is the string that the record is, if it has that.
func message(event, record string) string {
	if json.Valid([]byte(event)) && utf8.ValidString(event) {
		var e struct{ Message json.RawMessage }
		_ = json.Unmarshal([]byte(event), &e)
		return unquoted(string(e.Message))
	}
	j := &jsonReader{text: []byte(event)}
	for j.at < len(j.text) {
		if j.text[j.at] != '"' {
			j.at++
			continue
		}
		from := j.at
		j.string()
		if unquoted(event[from:j.at]) == record {
			return record
		}
	}
	return event
}

// escapes are those of JSON, for strings that have others, too, or line breaks.
var escapes = strings.NewReplacer(`\"`, `"`, `\\`, `\`, `\/`, `/`, `\b`, "\b", `\f`, "\f", `\n`, "\n", `\r`, "\r", `\t`, "\t", "\n", " ", "\r", " ")

// unquoted is what a string says; any other value stands for itself.
func unquoted(value string) (text string) {
	if utf8.ValidString(value) && json.Unmarshal([]byte(value), &text) == nil {
		return text
	}
	if inner, ok := strings.CutPrefix(value, `"`); ok {
		return escapes.Replace(strings.TrimSuffix(inner, `"`))
	}
	return value
}
