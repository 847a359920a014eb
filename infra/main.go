// Command infra is the CDK app: for each deployment, a file in customers/, the
// stacks of the customer's account and of Devo's. The CDK's CLI runs it (see
// cdk.json):
//
//	npx cdk synth
//	npx cdk deploy 'acme-*' -c customer=acme
//
// Its context: customers, the directory of the deployments; customer, the only
// one to look at; bootstraps, where make puts the functions.
package main

import (
	"fmt"
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/collector"
	"github.com/devo-s3/collector/infra/customer"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	deployments, err := config.LoadAll(context(app, "customers", "customers"))
	if err != nil {
		return err
	}
	if only := context(app, "customer", ""); only != "" {
		deployments = slices.DeleteFunc(deployments, func(d config.Deployment) bool { return d.Customer != only })
		if len(deployments) == 0 {
			return fmt.Errorf("there is no deployment of customer %q", only)
		}
	}
	staging, err := os.MkdirTemp("", "devo-s3-collector-")
	if err != nil {
		return fmt.Errorf("stage: %w", err)
	}
	defer func() { _ = os.RemoveAll(staging) }() // the CDK has its own copies
	for _, d := range deployments {
		asset, err := stage(staging, context(app, "bootstraps", "dist"), d)
		if err != nil {
			return err
		}
		customer.New(app, d.Config)
		collector.New(app, d.Config, asset)
		if err := customer.Print(os.Stderr, d.Customer, customer.ByHand(d.Config)); err != nil {
			return err
		}
	}
	app.Synth(nil)
	return nil
}

// context is the value that cdk.json or -c KEY=VALUE gave.
func context(app awscdk.App, key, otherwise string) string {
	if value, ok := app.Node().TryGetContext(jsii.String(key)).(string); ok {
		return value
	}
	return otherwise
}
