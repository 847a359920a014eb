package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/devo-s3/collector/customers"
	"github.com/devo-s3/collector/operate"
)

type initCommand struct {
	Customer        string            `help:"The deployment's name."`
	ID              string            `name:"id" help:"The deployment's id in Devo: letters and digits."`
	Account         string            `help:"Devo's AWS account."`
	Region          string            `help:"Of the function and the queue."`
	Endpoint        string            `placeholder:"HOST:PORT" help:"Devo's."`
	Email           []string          `help:"Whom alarms tell; may be given again."`
	CustomerAccount string            `help:"The customer's AWS account."`
	Bucket          []string          `help:"A bucket; may be given again."`
	Service         []string          `help:"A service of the catalog; may be given again."`
	Make            []string          `help:"What the stacks make, of queue, reader, operator, bucket, trail; - for nothing."`
	Delivery        string            `help:"How S3 tells the queue: s3, sns or eventbridge."`
	Queue           string            `help:"Its name, ARN or URL."`
	Role            string            `help:"The name or ARN of the role that reads the buckets."`
	ExternalID      string            `name:"external-id" help:"What that role's trust policy asks for; random unless given."`
	Operator        string            `help:"The name or ARN of the role for Devo's people."`
	Set             map[string]string `placeholder:"SERVICE.KEY=VALUE" mapsep:"none" help:"A setting of a service, such as aws_sqs_cloudtrail.routing=by_event_source; may be given again."`
	Dir             string            `default:"customers" help:"Where the file goes."`
	Yes             bool              `help:"Ask nothing: take the defaults."`
}

// Run asks for a deployment and writes its file.
func (c initCommand) Run() error {
	given := make(map[string]string)
	for name, text := range map[string]string{
		"customer": c.Customer, "id": c.ID, "account": c.Account, "region": c.Region, "endpoint": c.Endpoint, "email": strings.Join(c.Email, ","),
		"customer-account": c.CustomerAccount, "bucket": strings.Join(c.Bucket, ","), "service": strings.Join(c.Service, ","),
		"make": strings.Join(c.Make, ","), "delivery": c.Delivery, "queue": c.Queue, "role": c.Role, "external-id": c.ExternalID, "operator": c.Operator,
	} {
		if text != "" {
			given[name] = text
		}
	}
	for name, text := range c.Set {
		given[name] = text
	}
	interview := operate.Interview{Given: given, Yes: c.Yes, In: os.Stdin, Out: os.Stdout}
	file, err := interview.Write(c.Dir, customers.Schema)
	if err != nil && file != "" {
		return fmt.Errorf("%s is written; what is still wrong:\n%w", file, err)
	}
	if err != nil {
		return err
	}
	interview.Next(file)
	return nil
}

type schemaCommand struct{}

// Run prints the schema.
func (schemaCommand) Run() error {
	_, err := os.Stdout.Write(customers.Schema)
	return err
}
