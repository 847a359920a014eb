package operate

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/sources"
)

// A choice is a service, and what of it the customer decides otherwise than the
// catalog.
type choice struct {
	sources.Definition
	Settings []setting
}

// A setting is a key of a source with its value as YAML.
type setting struct{ Key, Value string }

// apart are the services to be listed for one: itself, or those that it stands
// for if the customer decides something of them, since it cannot be changed.
func apart(d sources.Definition) []sources.Definition {
	var members []sources.Definition
	asks := false
	for _, name := range d.Services {
		member, err := sources.Service(name)
		if err != nil {
			return []sources.Definition{d} // Compile says what is wrong with it
		}
		members, asks = append(members, member), asks || len(member.Asks) > 0
	}
	if asks {
		return members
	}
	return []sources.Definition{d}
}

// settings asks for what each customer decides of a service.
func (i *Interview) settings(d sources.Definition) (choice, error) {
	c := choice{Definition: d}
	for _, key := range i.asks(d) {
		q := question{
			name: d.Name + "." + key, text: fmt.Sprintf("%s: %s; empty as in the catalog", d.Name, describe(d, key)), optional: true,
			check: func(a answers, value string) error {
				return tryEntry(d, append(c.Settings, setting{key, inYAML(key, value)}))
			},
		}
		if err := i.put(q); err != nil {
			return c, err
		}
		if value := i.answers[q.name]; value != "" {
			c.Settings = append(c.Settings, setting{key, inYAML(key, value)})
		}
	}
	return c, nil
}

// asks are the keys of a service that the catalog leaves to the customer, and
// those that were given.
func (i *Interview) asks(d sources.Definition) []string {
	asks := slices.Clone(d.Asks)
	if len(d.Routings) > 0 {
		asks = append(asks, "routing")
	}
	for name := range i.Given {
		if key, ok := strings.CutPrefix(name, d.Name+"."); ok {
			asks = append(asks, key)
		}
	}
	slices.Sort(asks)
	return slices.Compact(asks)
}

// describe says what a setting is, and what it is in the catalog.
func describe(d sources.Definition, key string) string {
	switch key {
	case "keys":
		return "patterns of its keys, commas between (" + strings.Join(d.Keys, ", ") + ")"
	case "tag":
		return "the tag (" + d.Tag + ")"
	case "routing":
		return "a routing, which gives other tags (" + strings.Join(slices.Sorted(maps.Keys(d.Routings)), ", ") + ")"
	}
	return key + " of the source, as {KEY: VALUE}"
}

// inYAML is an answer as the file has it.
func inYAML(key, value string) string {
	if key == "options" {
		return value
	}
	if key != "keys" {
		return quote(value)
	}
	var list []string
	for pattern := range strings.SplitSeq(value, ",") {
		list = append(list, quote(strings.TrimSpace(pattern)))
	}
	return "[" + strings.Join(list, ", ") + "]"
}

// plain texts are the same with and without quotes.
var plain = regexp.MustCompile(`^[a-z_]*_[a-z_]*$`)

func quote(text string) string {
	if plain.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", "''") + "'"
}

// tryEntry checks a service with settings in a deployment that is right but for
// them.
func tryEntry(d sources.Definition, settings []setting) error {
	a := answers{
		"customer": "x", "id": "1", "account": "000000000000", "region": "us-east-1", "endpoint": "localhost:443", "customer-account": "111111111111",
		"bucket": "xxx", "make": "-", "delivery": "s3", "queue": "x", "role": "x", "external-id": "xx",
	}
	text, err := write(a, []choice{{d, settings}})
	if err != nil {
		return err
	}
	_, err = config.Parse("", text)
	var mistakes config.Mistakes
	if errors.As(err, &mistakes) {
		return fmt.Errorf("%s; %s", mistakes[0].Problem, mistakes[0].Mend)
	}
	return err
}

// write is the file.
func write(a answers, chosen []choice) ([]byte, error) {
	var b bytes.Buffer
	err := deploymentFile.Execute(&b, map[string]any{
		"Is": a, "Queue": a.queue(), "Role": a.role("role"), "Operator": a.role("operator"), "Emails": a.list("email"), "Buckets": a.list("bucket"),
		"Make":       made(a, "queues[].make[]"),
		"BucketMake": made(a, "queues[].buckets[].make[]"),
		"Sources":    chosen,
	})
	if err != nil {
		return nil, fmt.Errorf("write deployment: %w", err)
	}
	return b.Bytes(), nil
}

// made is what of the answer make can stand at a path.
func made(a answers, path string) string {
	return strings.Join(slices.DeleteFunc(a.list("make"), func(what string) bool { return config.Check(path, what) != nil }), ", ")
}

// comment is a text as lines of YAML comment.
func comment(indent int, text string) string {
	const width = 130
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && indent+len(line)+len(word) > width {
			lines, line = append(lines, line), ""
		}
		line = strings.TrimLeft(line+" "+word, " ")
	}
	return "# " + strings.Join(append(lines, line), "\n"+strings.Repeat(" ", indent)+"# ")
}

var deploymentFile = template.Must(template.New("").Funcs(template.FuncMap{"comment": comment}).Parse(`# yaml-language-server: $schema=schema.json

# The deployment {{.Is.customer}}. customers/example.yaml shows every key and its default; ` + "`collector validate`" + ` shows all mistakes at once.

# In the names of all that is made.
customer: {{.Is.customer}}

# In every event's host, collector-ID-SOURCE.
id: "{{.Is.id}}"

# Devo's AWS account, where the function runs, and the region of the function and its queues.
account: "{{index .Is "account"}}"
region: {{.Is.region}}

devo:
  endpoints:
    - {{.Is.endpoint}}
  # The domain's key pair goes into this secret of Devo's account, and nowhere else: a JSON object with the PEM texts cert, key and chain.
  secret: devo-s3-collector/{{.Is.customer}}
{{if .Emails}}
# Whom the alarms tell. Each address must confirm once.
alarms:
  emails:
{{- range .Emails}}
    - {{.}}
{{- end}}
{{end}}
queues:
  - arn: {{.Queue}}

    # The customer's role that reads the buckets, and what its trust policy asks for: made for this customer alone.
    role_arn: {{.Role}}
    external_id: "{{index .Is "external-id"}}"
{{- if .Operator}}

    # The customer's role for Devo's people, to look into the queues and to redrive.
    operator_arn: {{.Operator}}
{{- end}}

    # What the stacks make. What is left out is there already, and synth prints the policy statements that it needs.
    make: [{{.Make}}]

    # How S3 tells the queue: s3, sns or eventbridge.
    delivery: {{.Is.delivery}}

    # The only buckets that are ever asked for. One elsewhere needs its owner (account) or region here.
    buckets:
{{- range $i, $name := .Buckets}}
      - name: {{$name}}
{{- if and $.BucketMake (eq $i 0)}}
        make: [{{$.BucketMake}}]
{{- else if $.BucketMake}}
        make: [bucket]
{{- end}}
{{- end}}

    # What is in them. The first source whose keys match an object has it; an object that none matches fails as no_source.
    sources:
{{- range .Sources}}
      {{comment 6 (print .Title ". " .Setup)}}
{{- if .Settings}}
      - service: {{.Name}}
{{- range .Settings}}
        {{.Key}}: {{.Value}}
{{- end}}
{{- else}}
      - {{.Name}}
{{- end}}
{{- end}}
`))
