// Package iam is the statements of IAM policies. The stacks, what synth prints to
// be added by hand, the checks of a deployment's file and the tests have them
// alike.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
package iam

import (
	"bytes"
	"encoding/json"
	"strings"
)

// A Statement is one of a policy.
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

// A Document is a whole policy.
type Document struct {
	Version   string
	Statement []Statement
}

// Policy is the document of the statements.
func Policy(statements ...Statement) Document { return Document{"2012-10-17", statements} }

// Size is the number of characters that AWS counts in a policy: those of its
// JSON without white space.
func Size(v any) int {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(err) // v is written in this program
	}
	return len([]rune(strings.TrimSpace(text.String())))
}

// Allow allows whoever the policy belongs to the actions.
func Allow(sid string, resources []string, actions ...string) Statement {
	return Statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}
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

// TLSOnly denies every use of a service's resources that is not encrypted on
// its way.
func TLSOnly(service string, resources ...string) Statement {
	return Statement{
		Sid: "TLSOnly", Effect: "Deny", Principal: Key{"AWS": "*"}, Action: []string{service + ":*"}, Resource: resources,
		Condition: Condition{"Bool": {"aws:SecureTransport": "false"}},
	}
}

// Account is the principal that stands for all that the policies of an account
// admit, the one of the ARN.
func Account(arn string) Key {
	parts := strings.SplitN(arn, ":", 6)
	return Key{"AWS": "arn:" + parts[1] + ":iam::" + parts[4] + ":root"}
}

// Service is the principal of an AWS service, by its short name.
func Service(name string) Key { return Key{"Service": name + ".amazonaws.com"} }
