package cdktest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdklabs/cdk-nag-go/cdknag/v2"
)

// An Accepted finding of cdk-nag, and why it is right as it is.
type Accepted struct {
	Path   string // the construct's: /acme-collector/Role/Resource
	Rule   string // with the finding, if the rule has several: AwsSolutions-IAM5[Resource::*]
	Reason string
}

var finding = regexp.MustCompile(`^AwsSolutions-\w+(\[.*?\])?: `)

// Nag fails for each finding of cdk-nag's AwsSolutions that is not accepted,
// and for each that is and is not found. The stack is of no use after it.
func Nag(t *testing.T, stack awscdk.Stack, accepted ...Accepted) {
	t.Helper()
	awscdk.Aspects_Of(stack).Add(cdknag.NewAwsSolutionsChecks(nil), nil)
	found := make(map[string]string)
	annotations, all := assertions.Annotations_FromStack(stack), assertions.Match_AnyValue()
	for _, m := range slices.Concat(*annotations.FindError(jsii.String("*"), all), *annotations.FindWarning(jsii.String("*"), all)) {
		text, path := fmt.Sprint(m.Entry.Data), *m.Id //nolint:staticcheck // what Find gives has no other type in Go
		if rule := finding.FindString(text); rule != "" {
			found[path+" "+strings.TrimSuffix(rule, ": ")] = text
		}
	}
	for _, a := range accepted {
		at := a.Path + " " + a.Rule
		if _, ok := found[at]; !ok {
			t.Errorf("%s is accepted and not found", at)
		}
		delete(found, at)
	}
	for _, at := range slices.Sorted(maps.Keys(found)) {
		t.Errorf("%s is not accepted: %s", at, found[at])
	}
}
