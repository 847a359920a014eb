package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdktest"
	"github.com/devo-s3/collector/infra/collector"
	"github.com/devo-s3/collector/infra/customer"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// mentions are the names that stacks have of each other's queues, topics, buses
// and roles.
var mentions = regexp.MustCompile(`arn:aws:(?:sqs|sns):[a-z0-9-]+:\d{12}:[\w-]+|arn:aws:events:[a-z0-9-]+:\d{12}:event-bus/[\w-]+|arn:aws:iam::\d{12}:role/[\w/-]+`)

// The stacks refer to each other by names alone: whatever one names, another
// makes, or the file says that it is there already.
func TestEachNameIsOfSomethingThatIsMade(t *testing.T) {
	files, err := filepath.Glob("customer/testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d deployments: %v", len(files), err)
	}
	for _, file := range append(files, "../customers/example.yaml") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			c, err := config.Load(file)
			if err != nil {
				t.Fatal(err)
			}
			asset, err := stage(t.TempDir(), built(t, c.Architecture, binaryFor(t, machines[c.Architecture])), config.Deployment{File: file, Config: c})
			if err != nil {
				t.Fatal(err)
			}
			app := cdktest.App(t)
			there := alreadyThere(c)
			var templates []*cdktest.Template
			for _, stack := range append(customer.New(app, c), collector.New(app, c, asset)) {
				template := cdktest.Synth(t, stack)
				templates = append(templates, template)
				named(template, stack, there)
			}
			for _, template := range templates {
				for _, arn := range mentions.FindAllString(string(template.Text), -1) {
					if !there[arn] {
						t.Errorf("%s is named, and nothing makes it", arn)
					}
				}
			}
		})
	}
}

// alreadyThere are the ARNs of what the stacks do not make.
func alreadyThere(c *config.Config) map[string]bool {
	there := make(map[string]bool)
	for _, q := range c.Queues {
		if !q.Makes("queue") {
			there[q.ARN], there[q.DLQ] = true, true
		}
		if !q.Makes("reader") {
			there[q.RoleARN] = true
		}
	}
	if c.Alarms.Topic != "" {
		there[c.Alarms.Topic] = true
	}
	return there
}

// named adds the ARNs of what the template makes under a name of its own.
func named(template *cdktest.Template, stack awscdk.Stack, made map[string]bool) {
	for _, r := range template.Resources {
		is := func(property string) string { name, _ := r.Properties[property].(string); return name }
		service, resource, region := "", "", *stack.Region()
		switch r.Type {
		case "AWS::SQS::Queue":
			service, resource = "sqs", is("QueueName")
		case "AWS::SNS::Topic":
			service, resource = "sns", is("TopicName")
		case "AWS::Events::EventBus":
			service, resource = "events", "event-bus/"+is("Name")
		case "AWS::IAM::Role":
			service, resource, region = "iam", "role"+cmp.Or(is("Path"), "/")+is("RoleName"), ""
		}
		made[fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, region, *stack.Account(), resource)] = true
	}
}
