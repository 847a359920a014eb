package customer

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdk"
)

// titles are the construct ids in a plain template, and behind the role's name
// in outputs.
var titles = map[string]string{"reader": "Reader", "operator": "Operator"}

// roles makes the readers and the operators.
func (b *build) roles() {
	for _, r := range b.config.Roles() {
		if !r.Made() {
			continue
		}
		path, name := roleName(r.ARN)
		var scope constructs.Construct = b.stack
		if !b.plain {
			scope = constructs.NewConstruct(b.stack, jsii.String(name))
		}
		title := titles[r.Is]
		made := awsiam.NewCfnRole(scope, jsii.String(title), &awsiam.CfnRoleProps{
			Path: path, RoleName: jsii.String(name),
			Description:              jsii.String(description(r)),
			AssumeRolePolicyDocument: cdk.Policy(r.Trust(b.config)),
			Policies:                 inline(r.Is, r.Allows()...),
		})
		output(scope, title+"Arn", made.AttrArn(), "The "+r.Is+"'s ARN, for Devo")
		if r.ExternalID != "" {
			output(scope, title+"ExternalId", jsii.String(r.ExternalID), "What Devo must name to assume the role")
		}
	}
}

// roleName is the role's, and its path; nil if that is /.
func roleName(arn string) (path *string, name string) {
	_, resource, _ := strings.Cut(arn, ":role/")
	if i := strings.LastIndexByte(resource, '/'); i >= 0 {
		return jsii.String("/" + resource[:i+1]), resource[i+1:]
	}
	return nil, resource
}

func description(r config.Role) string {
	if r.Is == "operator" {
		return "People of Devo look into the queues, redrive and delete"
	}
	return "Devo's collector reads objects"
}
