// Package templates is the customer's stacks as plain CloudFormation templates
// with parameters, for customers without the CDK. The code that makes the stacks
// makes them, from a deployment whose values stand for parameters.
package templates

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/goccy/go-yaml"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/customer"
)

// A Template is one that can be deployed as it is.
type Template struct {
	Name        string // of its file, without .yaml
	Description string
	deployment  string // as the file has it
	region      string // of the stack
	parameters  []parameter
}

// A parameter is asked for when the template is deployed.
type parameter struct {
	name        string
	stands      string // what stands for it in the deployment
	description string
	pattern     string
	otherwise   *string // the default; nil if it must be given
	// without are keys whose value is left out, or whose entries are, if they
	// mention the parameter and it is "".
	without []string
}

// Render is the template as YAML.
func (t Template) Render(app awscdk.App) ([]byte, error) {
	c, err := config.Parse(t.Name, []byte(t.deployment))
	if err != nil {
		return nil, err
	}
	stack := awscdk.NewStack(app, jsii.String(t.Name), &awscdk.StackProps{Synthesizer: awscdk.NewBootstraplessSynthesizer(nil)})
	customer.Plain(stack, c, t.region)
	text, err := json.Marshal(assertions.Template_FromStack(stack, nil).ToJSON())
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", t.Name, err)
	}
	var made struct{ Resources, Outputs map[string]any }
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&made); err != nil {
		return nil, fmt.Errorf("template %s: %w", t.Name, err)
	}
	r := &rendering{Template: t, used: make(map[string]bool)}
	resources, outputs := r.general(made.Resources, ""), r.general(made.Outputs, "")
	whole := yaml.MapSlice{
		{Key: "AWSTemplateFormatVersion", Value: "2010-09-09"},
		{Key: "Description", Value: t.Description},
		{Key: "Parameters", Value: t.asked()},
	}
	if conditions := r.conditions(); len(conditions) > 0 {
		whole = append(whole, yaml.MapItem{Key: "Conditions", Value: conditions})
	}
	whole = append(whole,
		yaml.MapItem{Key: "Resources", Value: resources},
		yaml.MapItem{Key: "Outputs", Value: outputs})
	out, err := yaml.MarshalWithOptions(whole, yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", t.Name, err)
	}
	return append([]byte("# Written by `make test-infra ARGS=-update`; docs/customer-guide.md says how to use it.\n"), out...), nil
}

func (t Template) asked() (all yaml.MapSlice) {
	for _, p := range t.parameters {
		asked := yaml.MapSlice{{Key: "Type", Value: "String"}, {Key: "Description", Value: p.description}}
		if p.otherwise != nil {
			asked = append(asked, yaml.MapItem{Key: "Default", Value: *p.otherwise})
		}
		if p.pattern != "" {
			asked = append(asked, yaml.MapItem{Key: "AllowedPattern", Value: p.pattern})
		}
		all = append(all, yaml.MapItem{Key: p.name, Value: asked})
	}
	return all
}

// A rendering is a template in the making.
type rendering struct {
	Template
	used map[string]bool // conditions, by their parameter
}

func (r *rendering) conditions() (all yaml.MapSlice) {
	for _, p := range r.parameters {
		if r.used[p.name] {
			all = append(all, yaml.MapItem{Key: "Has" + p.name, Value: map[string]any{
				"Fn::Not": []any{map[string]any{"Fn::Equals": []any{map[string]any{"Ref": p.name}, ""}}},
			}})
		}
	}
	return all
}

// general is a template's value with parameters for what stands for them. under
// is the key that it has.
func (r *rendering) general(v any, under string) any {
	switch v := v.(type) {
	case map[string]any:
		if text, ok := joined(v); ok {
			return r.sub(text)
		}
		return r.mapping(v)
	case []any:
		list := make([]any, len(v))
		for i, one := range v {
			list[i] = r.where(under, one, r.general(one, ""))
		}
		return list
	case string:
		return r.sub(v)
	case json.Number:
		n, _ := v.Int64() // a template has no others
		return n
	}
	return v
}

// first are the keys that stand before the others, which are sorted.
var first = []string{"Type", "DeletionPolicy", "UpdateReplacePolicy", "DependsOn", "Sid", "Effect", "Principal", "Action", "Resource", "Condition"}

func (r *rendering) mapping(v map[string]any) (all yaml.MapSlice) {
	keys := slices.SortedFunc(maps.Keys(v), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), strings.Compare(a, b))
	})
	for _, key := range keys {
		value := r.general(v[key], key)
		if _, list := v[key].([]any); !list {
			value = r.where(key, v[key], value)
		}
		all = append(all, yaml.MapItem{Key: key, Value: value})
	}
	return all
}

func rank(key string) int {
	if i := slices.Index(first, key); i >= 0 {
		return i
	}
	return len(first)
}

// where is made, or nothing where a parameter that v mentions is "" and the key
// is left out without it.
func (r *rendering) where(key string, v, made any) any {
	text, _ := json.Marshal(v) // it came from JSON
	for _, p := range r.parameters {
		if slices.Contains(p.without, key) && bytes.Contains(text, []byte(p.stands)) {
			r.used[p.name] = true
			return yaml.MapSlice{{Key: "Fn::If", Value: []any{"Has" + p.name, made, map[string]any{"Ref": "AWS::NoValue"}}}}
		}
	}
	return made
}

// joined is the text of an Fn::Join as Fn::Sub has it.
func joined(v map[string]any) (string, bool) {
	join, ok := v["Fn::Join"].([]any)
	if !ok || len(join) != 2 || join[0] != "" {
		return "", false
	}
	parts, ok := join[1].([]any)
	var text strings.Builder
	for _, part := range parts {
		switch part := part.(type) {
		case string:
			text.WriteString(part)
		case map[string]any:
			if ref, ok := part["Ref"].(string); ok {
				text.WriteString("${" + ref + "}")
			} else if at, ok := part["Fn::GetAtt"].([]any); ok {
				fmt.Fprintf(&text, "${%s.%s}", at...)
			} else {
				return "", false
			}
		}
	}
	return text.String(), ok
}

// sub is the text with parameters for what stands for them.
func (r *rendering) sub(text string) any {
	general := text
	for _, p := range r.parameters {
		general = strings.ReplaceAll(general, p.stands, "${"+p.name+"}")
	}
	general = pseudo.Replace(general)
	name, one := strings.CutPrefix(general, "${")
	name, end := strings.CutSuffix(name, "}")
	switch {
	case !strings.Contains(general, "${"):
		return general
	case one && end && !strings.ContainsAny(name, "${}."):
		return map[string]any{"Ref": name}
	}
	return map[string]any{"Fn::Sub": general}
}
