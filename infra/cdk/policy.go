// Package cdk is what the stacks of both accounts have in common.
package cdk

import (
	"encoding/json"
	"time"

	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
)

// A Statement is one of an IAM policy. The stacks, what synth prints to be
// added by hand, and the tests have it alike.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
type Statement struct {
	Sid       string `json:",omitempty"`
	Effect    string
	Principal any `json:",omitempty"`
	Action    []string
	Resource  []string  `json:",omitempty"`
	Condition Condition `json:",omitempty"`
}

// A Condition is a statement's: by operator, then by key.
type Condition map[string]Key

// A Key is a condition's key and what it is compared with.
type Key map[string]any

// Policy is a policy document for a property of an L1 construct.
func Policy(statements ...Statement) any {
	return JSON(map[string]any{"Version": "2012-10-17", "Statement": statements})
}

// JSON is v as maps and slices, which is all that jsii takes where anything is
// allowed.
func JSON(v any) (plain any) {
	text, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(text, &plain)
	}
	if err != nil {
		panic(err) // v is written in this program
	}
	return plain
}

// TLSOnly denies every use of a service's resources that is not encrypted on
// its way.
func TLSOnly(service string, resources ...string) Statement {
	return Statement{
		Sid: "TLSOnly", Effect: "Deny", Principal: Key{"AWS": "*"}, Action: []string{service + ":*"}, Resource: resources,
		Condition: Condition{"Bool": {"aws:SecureTransport": "false"}},
	}
}

// AllowRole allows a role of another account the actions. It names the account,
// and the role in a condition: a policy that names a role that is not there yet
// is refused, and one that was made again would be another principal.
func AllowRole(sid, role, resource string, actions ...string) Statement {
	return Statement{
		Sid: sid, Effect: "Allow", Principal: Account(role), Action: actions, Resource: []string{resource},
		Condition: Condition{"ArnEquals": {"aws:PrincipalArn": role}},
	}
}

// Account is the principal that stands for all that the policies of an account
// admit, the one of the ARN.
func Account(arn string) Key {
	a, err := config.ParseARN(arn)
	if err != nil {
		panic(err) // the ARN is derived from a checked configuration
	}
	return Key{"AWS": config.ARN{Partition: a.Partition, Service: "iam", Account: a.Account, Resource: "root"}.String()}
}

// Service is the principal of an AWS service, by its short name.
func Service(name string) Key { return Key{"Service": name + ".amazonaws.com"} }

// ViaService is what kms:ViaService is when a service uses a key for somebody.
func ViaService(name, region string) string {
	return name + "." + region + "." + config.URLSuffix(region)
}

// Seconds is a duration as CloudFormation has it.
func Seconds(d time.Duration) *float64 { return jsii.Number(d.Seconds()) }

// Allow allows whoever the policy belongs to the actions.
func Allow(sid string, resources []string, actions ...string) Statement {
	return Statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}
}
