package operate

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/devo-s3/collector/config"
)

// devoAccount is where Devo's own collectors run, as the trust policy in the
// documentation of its SQS collector has it.
const devoAccount = "837131528613"

// An Import is what a configuration of Devo's SQS collector does not say.
type Import struct {
	// Customer is the deployment's name; "" to be asked for in the file.
	Customer string
	// Endpoint is Devo's, host:port; "" to be asked for in the file.
	Endpoint string
	// Buckets are those that the queue's messages name; none to be asked for in
	// the file.
	Buckets []string
}

// Convert turns the JSON of Devo's SQS collector into a deployment's file. What
// must be decided is marked CHANGE there, and what has no equivalent is listed
// at its end with the reason. The error has every setting that is unknown, or
// what is wrong with the file that was made, which is given all the same.
func (im Import) Convert(data []byte) ([]byte, error) {
	root, err := readSettings(data)
	if err != nil {
		return nil, err
	}
	c := &converter{Import: im, comments: make(yaml.CommentMap)}
	document := c.deployment(root)
	if err := errors.Join(*root.mistakes...); err != nil {
		return nil, err
	}
	out, err := c.write(document)
	if err != nil {
		return nil, err
	}
	if _, err := config.Parse("imported.yaml", out); err != nil {
		return out, fmt.Errorf("the file that was made is not right yet:\n%w", err)
	}
	return out, nil
}

// A converter is one conversion on its way.
type converter struct {
	Import
	comments yaml.CommentMap
	notes    []string
	direct   bool // messages hold the records
}

// change marks the value at a YAML path as one to be decided by a person.
func (c *converter) change(path, format string, args ...any) {
	c.comments[path] = append(c.comments[path], yaml.HeadComment(" CHANGE: "+fmt.Sprintf(format, args...)))
}

// note says why a setting has no equivalent.
func (c *converter) note(s *settings, key, why string) {
	c.notes = append(c.notes, s.at(key)+": "+why)
}

// unneeded are settings of every input that have no equivalent.
var unneeded = map[string]string{
	"enabled":                "a deployment that is there is enabled; to stop it, disable its event-source mapping",
	"ack_messages":           "a message leaves the queue when every record that it stands for is confirmed, and never before",
	"do_not_send":            "`collector try` shows what would be sent, and sends nothing",
	"compressed_events":      "frames are sent as they are",
	"sqs_visibility_timeout": "an attribute of the queue: six times the function's timeout",
	"sqs_wait_timeout":       "Lambda polls the queue",
	"sqs_max_messages":       "Lambda takes up to ten messages at once",
	"debug_md5":              "the log names each object with its eTag",
	"run_for_n_seconds":      "the function runs while there are messages",
}

// pass takes those of the settings that are there, with a note for each.
func (c *converter) pass(s *settings, why map[string]string) {
	for _, key := range s.keys() {
		if why, ok := why[key]; ok {
			switch v := s.members[key].(type) {
			case bool, float64: // which no secret is
				why = fmt.Sprintf("%v there; %s", v, why)
			}
			delete(s.members, key)
			c.note(s, key, why)
		}
	}
}

func (c *converter) deployment(root *settings) yaml.MapSlice {
	c.pass(root, map[string]string{"outputs": "the endpoint is under devo.endpoints here, and the key pair in devo.secret: it was not read"})
	for _, key := range []string{"global_overrides", "globals"} {
		if !root.has(key) {
			continue
		}
		globals := root.object(key)
		c.pass(globals, map[string]string{
			"debug": "the log has one level; `collector try` shows an object in detail",
			"id":    "the deployment's id is the input's", "name": "the deployment's name is customer",
			"persistence": "the ledger is a table of DynamoDB",
		})
		globals.done()
	}
	inputs := root
	if root.has("inputs") {
		inputs = root.object("inputs")
	}
	if !inputs.has("sqs_collector") {
		inputs.wrongf("sqs_collector", "there is none: this is no configuration of the SQS collector")
	}
	document := c.input(inputs.object("sqs_collector"))
	inputs.done()
	root.done()
	return document
}

// input is the deployment that stands for an sqs_collector.
func (c *converter) input(s *settings) yaml.MapSlice {
	customer := cmp.Or(c.Customer, "imported")
	if c.Customer == "" {
		c.change("$.customer", "the customer's name")
	}
	region, url := s.text("region"), s.text("base_url")
	credentials := s.object("credentials")
	document := yaml.MapSlice{
		{Key: "customer", Value: customer},
		{Key: "id", Value: c.id(s)},
		{Key: "account", Value: c.account(credentials)},
		{Key: "region", Value: region},
		{Key: "devo", Value: yaml.MapSlice{
			{Key: "endpoints", Value: []string{c.endpoint()}},
			{Key: "secret", Value: "devo-s3-collector/" + customer},
		}},
	}
	c.comments["$.devo.secret"] = []*yaml.Comment{yaml.HeadComment(" The domain's certificate, key and chain go into this secret, and nowhere else.")}
	queue := yaml.MapSlice{{Key: "arn", Value: url}}
	if url == "" {
		s.wrongf("base_url", "there is none: which queue?")
	}
	c.pass(credentials, map[string]string{
		"aws_access_key_id":     "not copied: the function has a role, and reads the buckets through role_arn",
		"aws_secret_access_key": "a secret, not copied: the function has a role, and reads the buckets through role_arn",
	})
	if c.direct = s.flag("direct_mode"); c.direct {
		queue = append(queue, yaml.MapItem{Key: "kind", Value: "direct"})
		c.pass(credentials, map[string]string{"aws_cross_account_role": unread, "aws_external_id": unread})
	} else {
		queue = append(queue, c.role(credentials, region, url)...)
		queue = append(queue, yaml.MapItem{Key: "buckets", Value: c.buckets()})
	}
	credentials.done()
	queue = append(queue, yaml.MapItem{Key: "sources", Value: c.sources(s.object("services"))})
	c.pass(s, unneeded)
	s.done()
	return append(document, yaml.MapItem{Key: "queues", Value: []yaml.MapSlice{queue}})
}

var notInID = regexp.MustCompile(`[^A-Za-z0-9]`)

func (c *converter) id(s *settings) string {
	old := s.text("id")
	id := notInID.ReplaceAllString(old, "")
	if id != old || id == "" {
		c.change("$.id", "the old id %q; letters and digits", old)
	}
	return cmp.Or(id, "1")
}

func (c *converter) endpoint() string {
	if c.Endpoint == "" {
		c.change("$.devo.endpoints", "the domain's endpoint: collector-us, -eu, -ca or -ap")
	}
	return cmp.Or(c.Endpoint, "collector-us.devo.io:443")
}

// account is Devo's, from the role that the old collector ran with.
func (c *converter) account(credentials *settings) string {
	role := strings.Split(credentials.text("aws_base_account_role"), ":")
	if len(role) == 6 && role[4] != "" {
		c.note(credentials, "aws_base_account_role", "its account is account here; the function's own role takes its place")
		return role[4]
	}
	c.change("$.account", "Devo's AWS account, where the function will run")
	return devoAccount
}

// unread is why a direct queue has no role of the customer's.
const unread = "there are no objects to read; the queue's own policy lets the function poll it"

var accountInURL = regexp.MustCompile(`\d{12}`)

func (c *converter) role(credentials *settings, region, url string) (items yaml.MapSlice) {
	role, externalID := credentials.text("aws_cross_account_role"), credentials.text("aws_external_id")
	if role == "" {
		c.change("$.queues[0].role_arn", "the customer's role that may read the buckets; the old collector used an access key")
		role = config.ARN{
			Partition: config.Partition(region), Service: "iam", Account: accountInURL.FindString(url), Resource: "role/devo-xs-collector-role",
		}.String()
	}
	items = yaml.MapSlice{{Key: "role_arn", Value: role}}
	if externalID != "" {
		items = append(items, yaml.MapItem{Key: "external_id", Value: externalID})
	}
	return items
}

func (c *converter) buckets() (all []yaml.MapSlice) {
	names := c.Buckets
	if len(names) == 0 {
		c.change("$.queues[0].buckets", "the buckets that the queue's messages name; the old file does not say")
		names = []string{"change-me"}
	}
	for _, name := range names {
		all = append(all, yaml.MapSlice{{Key: "name", Value: name}})
	}
	return all
}

// write is the file.
func (c *converter) write(document yaml.MapSlice) ([]byte, error) {
	text, err := yaml.MarshalWithOptions(document, yaml.WithComment(c.comments), yaml.IndentSequence(true))
	if err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	var b strings.Builder
	b.WriteString("# Made of a configuration of Devo's SQS collector. Each CHANGE needs a decision; then: collector validate FILE.\n\n")
	b.Write(text)
	if len(c.notes) > 0 {
		b.WriteString("\n# Settings of the old file that have no equivalent here, and why:\n#\n")
	}
	slices.Sort(c.notes)
	for _, note := range c.notes {
		b.WriteString("# - " + note + "\n")
	}
	return []byte(b.String()), nil
}
