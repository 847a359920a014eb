// Package schema writes the JSON Schema of a deployment's file from the Go types
// that it is read into, for editors: customers/schema.json. What depends on more
// than one key is not in it; `collector validate` knows all.
package schema

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/invopop/jsonschema"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// Generate gives the schema, JSON Schema 2020-12 with descriptions from the
// comments in the checkout's Go files.
func Generate(checkout string) ([]byte, error) {
	s := &schema{Reflector: jsonschema.Reflector{
		Anonymous:                  true,
		ExpandedStruct:             true,
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true, // requirements have their own list
	}, texts: make(map[string]string)}
	s.Mapper, s.LookupComment = s.custom, s.describe
	for _, pkg := range []string{"config", "sources", "parsers"} {
		if err := s.comments(checkout, pkg); err != nil {
			return nil, fmt.Errorf("read comments of package %s: %w", pkg, err)
		}
	}
	s.root = s.Reflect(&config.Config{})
	s.root.Title = "A deployment of Devo S3 Collector"
	s.source()
	if err := s.rules(); err != nil {
		return nil, err
	}
	out, err := json.MarshalIndent(s.root, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write schema: %w", err)
	}
	return append(out, '\n'), nil
}

type schema struct {
	jsonschema.Reflector
	root  *jsonschema.Schema
	texts map[string]string // comments, by package.Type and package.Type.Field
}

// comments reads those of a package, as one line each.
func (s *schema) comments(checkout, pkg string) error {
	found := jsonschema.Reflector{CommentMap: make(map[string]string)}
	if err := found.AddGoComments("", filepath.Join(checkout, pkg), jsonschema.WithFullComment()); err != nil {
		return err
	}
	for name, text := range found.CommentMap {
		name = name[strings.LastIndexByte(name, '/')+1:] // what is before it depends on the checkout
		s.texts[name] = strings.Join(strings.Fields(text), " ")
	}
	return nil
}

// describe is the comment of a type or field, which it calls as the file does.
func (s *schema) describe(t reflect.Type, field string) string {
	if field == "" {
		return s.texts[t.String()]
	}
	text := s.texts[t.String()+"."+field]
	if f, ok := t.FieldByName(field); ok {
		if rest, ok := strings.CutPrefix(text, field+" "); ok {
			return f.Tag.Get("yaml") + " " + rest
		}
	}
	return text
}

// custom is the schema of types that are written otherwise than Go has them.
func (s *schema) custom(t reflect.Type) *jsonschema.Schema {
	switch t {
	case reflect.TypeFor[time.Duration]():
		return text(`\d+d|(?:\d+(?:\.\d+)?(?:ns|us|µs|ms|s|m|h))+`)
	case reflect.TypeFor[sources.Bytes]():
		return text(`\d+(?:B|KiB|MiB|GiB)`)
	case reflect.TypeFor[parsers.Paths]():
		one := &jsonschema.Schema{Type: "string"}
		return &jsonschema.Schema{OneOf: []*jsonschema.Schema{one, {Type: "array", Items: one}}}
	case reflect.TypeFor[sources.Set]():
		return &jsonschema.Schema{Type: "array", Items: &jsonschema.Schema{
			OneOf: []*jsonschema.Schema{{Enum: choices(sources.Names())}, {Ref: "#/$defs/Entry"}},
		}}
	case reflect.TypeFor[parsers.Options]():
		return &jsonschema.Schema{Type: "object"} // source says more, by format
	}
	return nil
}

// source adds the definition of a source, in which the format decides about the
// options.
func (s *schema) source() {
	entry := s.Reflect(&config.Entry{})
	for _, format := range parsers.Formats() {
		options, _ := parsers.NewOptions(format) // the format is known
		o := s.Reflect(options)
		o.Version = ""
		name := reflect.TypeOf(options).Elem().Name()
		s.root.Definitions[name] = o
		entry.AllOf = append(entry.AllOf, &jsonschema.Schema{
			If:   with("format", &jsonschema.Schema{Const: format}),
			Then: with("options", &jsonschema.Schema{Ref: "#/$defs/" + name}),
		})
		entry.AllOf[len(entry.AllOf)-1].If.Required = []string{"format"}
	}
	for name, d := range entry.Definitions {
		s.root.Definitions[name] = d
	}
	entry.Version, entry.Definitions = "", nil
	s.root.Definitions["Entry"] = entry
}

// required are the keys without which there is nothing to check.
var required = map[string][]string{
	"":                   {"customer", "id", "account", "region", "devo", "queues"},
	"devo":               {"endpoints"},
	"queues[]":           {"sources"}, // a listing has no arn
	"queues[].buckets[]": {"name"},
}

// more are rules for what other packages check.
var more = map[string]config.Rule{
	"devo.endpoints[]":                  {Expression: `[^\s]+:\d{1,5}`},
	"devo.tags.unparsed":                {Expression: tag},
	"devo.tags.bad_tag":                 {Expression: tag},
	"queues[].sources[].service":        {Choices: sources.Names()},
	"queues[].sources[].name":           {Expression: name},
	"queues[].sources[].table":          {Choices: []string{"confirmed", "inferred", "unknown"}},
	"queues[].sources[].format":         {Choices: parsers.Formats()},
	"queues[].sources[].oversize":       {Choices: []string{"cut", "fail"}},
	"queues[].sources[].filters[].name": {Expression: name},
}

const (
	tag  = `[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+`
	name = `[a-z][a-z0-9_]{0,63}`
)

// rules puts what is known of single values where they are.
func (s *schema) rules() error {
	for path, keys := range required {
		at, err := s.at(path)
		if err != nil {
			return err
		}
		at.Required = keys
	}
	all := config.Rules()
	for path, rule := range more {
		all[path] = rule
	}
	for path, rule := range all {
		at, err := s.at(path)
		if err != nil {
			return err
		}
		switch {
		case rule.Expression != "":
			at.Pattern = text(rule.Expression).Pattern
		case rule.Choices != nil:
			at.Type, at.Enum = "", choices(rule.Choices)
		default:
			at.Minimum, at.Maximum = number(rule.Least), number(rule.Most)
		}
	}
	devo, err := s.at("devo")
	if err == nil {
		keys := []*jsonschema.Schema{{Required: []string{"secret"}}, {Required: []string{"files"}}}
		devo.If = with("sink", &jsonschema.Schema{Const: "relay"})
		devo.If.Required = []string{"sink"}
		devo.Then = &jsonschema.Schema{Not: &jsonschema.Schema{AnyOf: keys}}
		devo.Else = &jsonschema.Schema{OneOf: keys}
	}
	return err
}

// at is the schema of the value at a path.
func (s *schema) at(path string) (*jsonschema.Schema, error) {
	here := s.root
	for step := range strings.SplitSeq(strings.ReplaceAll(path, "[]", ".[]"), ".") {
		switch step {
		case "":
		case "[]":
			here = here.Items
		default:
			here, _ = here.Properties.Get(step)
		}
		if here != nil && len(here.OneOf) == 2 { // a source: a name or an Entry
			here = here.OneOf[1]
		}
		if here != nil && here.Ref != "" {
			here = s.root.Definitions[strings.TrimPrefix(here.Ref, "#/$defs/")]
		}
		if here == nil {
			return nil, fmt.Errorf("there is a rule for %s, which no deployment has", path)
		}
	}
	return here, nil
}

func text(expression string) *jsonschema.Schema {
	return &jsonschema.Schema{Type: "string", Pattern: "^(?:" + expression + ")$"}
}

func with(key string, value *jsonschema.Schema) *jsonschema.Schema {
	properties := jsonschema.NewProperties()
	properties.Set(key, value)
	return &jsonschema.Schema{Properties: properties}
}

func choices(texts []string) []any {
	all := make([]any, len(texts))
	for i, t := range texts {
		all[i] = t
	}
	return all
}

func number(n int) json.Number { return json.Number(fmt.Sprint(n)) }
