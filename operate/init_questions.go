package operate

import (
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/sources"
)

// name is the first question: it decides about the file.
func (i *Interview) name(dir string) []question {
	return []question{{
		name: "customer", text: "The customer's name, which will be in the names of all that is made",
		check: func(_ answers, name string) error {
			if err := config.Check("customer", name); err != nil {
				return err
			}
			if _, err := os.Stat(fileOf(dir, name)); err == nil {
				return fmt.Errorf("%s is there already; write another name, or edit that file", fileOf(dir, name))
			}
			return nil
		},
	}}
}

// questions are the others, in order; later ones build upon earlier answers.
var questions = []question{
	{name: "id", text: "The deployment's id in Devo: letters and digits, found in the host of every event", check: rule("id")},
	{name: "account", text: "Devo's AWS account, where the function runs", fallback: always(devoAccount), check: rule("account")},
	{name: "region", text: "The AWS region of the function and the queue", check: rule("region")},
	{name: "endpoint", text: "Devo's endpoint", fallback: endpoint, check: rule("devo.endpoints[]")},
	{name: "email", text: "Whom alarms tell: e-mail addresses, commas between; empty for nobody", list: true, optional: true, check: rule("alarms.emails[]")},
	{name: "customer-account", text: "The customer's AWS account", check: rule("account")},
	{name: "bucket", text: "The buckets, commas between", list: true, check: rule("queues[].buckets[].name")},
	{name: "service", text: "What is in them: services of the catalog (docs/services.md), commas between", list: true, check: func(_ answers, name string) error {
		_, err := sources.Service(name)
		return err
	}},
	{
		name: "make", text: "What the stacks make: of queue, reader, operator, bucket and trail (into the first bucket); - for nothing", fallback: always("queue,reader"), list: true,
		check: func(a answers, what string) error {
			switch {
			case what == "-" && a["make"] == "-":
				return nil
			case what == "trail" && !a.makes("bucket"):
				return fmt.Errorf("a trail needs a bucket that is made with it; add bucket, or leave trail out")
			case config.Check("queues[].make[]", what) != nil && config.Check("queues[].buckets[].make[]", what) != nil:
				return fmt.Errorf("%q is not known; write queue, reader, operator, bucket, trail", what)
			}
			return nil
		},
	},
	{name: "delivery", text: "How S3 tells the queue: s3 (straight), sns or eventbridge", fallback: always("s3"), check: rule("queues[].delivery")},
	{
		name: "queue", text: "The queue: a name in the customer's account, or an ARN or URL", fallback: func(a answers) string { return "devo-s3-" + a["customer"] },
		check: func(a answers, _ string) error { return a.placed(config.Check("queues[].arn", a.queue())) },
	},
	{
		name: "role", text: "The role that reads the buckets: a name or an ARN", fallback: always("devo-xs-collector-role"),
		check: func(a answers, _ string) error { return a.placed(config.Check("queues[].role_arn", a.role("role"))) },
	},
	{name: "external-id", text: "The external id that the role asks for", fallback: func(answers) string { return rand.Text() }, check: rule("queues[].external_id")},
	{
		name: "operator", text: "The role for Devo's people: a name or an ARN; empty for none", optional: true,
		fallback: func(a answers) string {
			if a.makes("operator") {
				return "devo-xs-operator-role"
			}
			return ""
		},
		check: func(a answers, _ string) error {
			return a.placed(config.Check("queues[].operator_arn", a.role("operator")))
		},
	},
}

func always(text string) func(answers) string { return func(answers) string { return text } }

func rule(path string) func(answers, string) error {
	return func(_ answers, text string) error { return config.Check(path, text) }
}

// endpoint is the one that is nearest to the region.
func endpoint(a answers) string {
	place, _, _ := strings.Cut(a["region"], "-")
	if !slices.Contains([]string{"us", "eu", "ca", "ap"}, place) {
		return ""
	}
	return "collector-" + place + ".devo.io:443"
}

// placed is err, unless the answers do not even say where: that was said
// already.
func (a answers) placed(err error) error {
	if a["region"] == "" || a["customer-account"] == "" {
		return nil
	}
	return err
}

func (a answers) queue() string {
	if strings.Contains(a["queue"], ":") {
		return a["queue"]
	}
	return config.ARN{
		Partition: config.Partition(a["region"]), Service: "sqs", Region: a["region"], Account: a["customer-account"], Resource: a["queue"],
	}.String()
}

func (a answers) role(name string) string {
	if a[name] == "" || strings.Contains(a[name], ":") {
		return a[name]
	}
	return config.ARN{Partition: config.Partition(a["region"]), Service: "iam", Account: a["customer-account"], Resource: "role/" + a[name]}.String()
}
