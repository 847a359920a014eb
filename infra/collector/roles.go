package collector

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/infra/cdk"
)

// executionRole is the function's. Its name is what the customer's policies
// admit, and the mappings poll with it: they cannot assume a role.
func (b *build) executionRole() awsiam.Role {
	return b.role("Role", b.config.FunctionName(), b.config.FunctionStatements(b.secretARNs))
}

// watchRole may look at every queue, and change the mappings of this deployment
// alone.
func (b *build) watchRole() awsiam.Role {
	var mappings []string
	for _, m := range b.mappings {
		mappings = append(mappings, *m.EventSourceMappingArn())
	}
	return b.role("WatchRole", b.config.WatchName(), b.config.WatchStatements(b.secretARNs, mappings))
}

func (b *build) role(id, name string, statements []iam.Statement) awsiam.Role {
	return awsiam.NewRole(b.stack, jsii.String(id), &awsiam.RoleProps{
		RoleName:  jsii.String(name),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"collector": awsiam.PolicyDocument_FromJson(cdk.Policy(statements...)),
		},
	})
}
