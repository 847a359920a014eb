// Package cdk is what the stacks of both accounts have in common.
package cdk

import (
	"encoding/json"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config/iam"
)

// Policy is a policy document for a property of an L1 construct.
func Policy(statements ...iam.Statement) any { return JSON(iam.Policy(statements...)) }

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

// Keep is for what holds data, or has a value that a person put: CloudFormation
// deletes it only if the very deployment that made it fails, so that it can be
// repeated, and otherwise leaves it where it is.
const Keep = awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE

// Seconds is a duration as CloudFormation has it.
func Seconds(d time.Duration) *float64 { return jsii.Number(d.Seconds()) }
