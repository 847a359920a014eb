package cdk

import (
	"strings"
	"unicode"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// Readable gives every element of a stack the logical id that its path says,
// without a hash: devo-logs/Queue is DevoLogsQueue. A customer reads it, and it
// does not change while the names in the path do not. It is the last thing to
// do with a stack.
func Readable(stack awscdk.Stack) {
	prefix := len(*stack.Node().Path())
	for _, node := range *stack.Node().FindAll("") {
		if *awscdk.CfnElement_IsCfnElement(node) {
			node.(awscdk.CfnElement).OverrideLogicalId(jsii.String(readable((*node.Node().Path())[prefix:])))
		}
	}
}

// readable is a path in letters and digits, a capital where a part begins.
func readable(path string) string {
	var id strings.Builder
	capital := true
	for _, r := range path {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			capital = true
		case capital:
			id.WriteRune(unicode.ToUpper(r))
			capital = false
		default:
			id.WriteRune(r)
		}
	}
	return id.String()
}
