package operate

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/devo-s3/collector/config"
)

// A policy is a resource's, as far as it has to be understood: it asks whether
// one request would be allowed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
type policy struct {
	Statement statements
	whole     map[string]any
}

// UnmarshalJSON keeps what is not understood, too.
func (p *policy) UnmarshalJSON(text []byte) error {
	var known struct{ Statement statements }
	if err := json.Unmarshal(text, &known); err != nil {
		return err
	}
	p.Statement = known.Statement
	return json.Unmarshal(text, &p.whole)
}

// with is the policy, as JSON, with more statements.
func (p policy) with(more []any) string {
	whole := map[string]any{"Version": "2012-10-17"}
	for name, value := range p.whole {
		whole[name] = value
	}
	switch have := whole["Statement"].(type) {
	case nil:
		whole["Statement"] = more
	case []any:
		whole["Statement"] = slices.Concat(have, more)
	default:
		whole["Statement"] = append([]any{have}, more...)
	}
	return encoded(whole)
}

// statements are one, or a list.
type statements []statement

func (s *statements) UnmarshalJSON(text []byte) error {
	if strings.HasPrefix(strings.TrimSpace(string(text)), "[") {
		return json.Unmarshal(text, (*[]statement)(s))
	}
	*s = make(statements, 1)
	return json.Unmarshal(text, &(*s)[0])
}

type statement struct {
	Effect                      string
	Principal, NotPrincipal     principals
	Action, NotAction, Resource values
	Condition                   map[string]map[string]values
}

// values are one, or a list.
type values []string

func (t *values) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*t = values{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(t))
}

// principals are by kind, AWS or Service; "*" stands for anybody.
type principals map[string]values

func (p *principals) UnmarshalJSON(text []byte) error {
	if string(text) == `"*"` {
		*p = principals{"AWS": {"*"}, "Service": {"*"}}
		return nil
	}
	return json.Unmarshal(text, (*map[string]values)(p))
}

// A requester is who asks: one of its names must be a principal's, and the
// context is what conditions compare.
type requester struct {
	kind    string // AWS or Service
	names   []string
	context map[string]string // keys in lower case
}

func byRole(arn string) requester {
	return requester{"AWS", []string{arn, rootOf(arn), accountIn(arn)}, map[string]string{
		"aws:principalarn": arn, "aws:principalaccount": accountIn(arn), "aws:principaltype": "AssumedRole", "aws:securetransport": "true",
	}}
}

func byService(service, sourceARN, sourceAccount string) requester {
	return requester{"Service", []string{service}, map[string]string{
		"aws:sourcearn": sourceARN, "aws:sourceaccount": sourceAccount, "aws:securetransport": "true", "aws:principalisawsservice": "true",
	}}
}

func accountIn(arn string) string {
	a, _ := config.ParseARN(arn) // one that was checked
	return a.Account
}

// rootOf stands for all of an ARN's account.
func rootOf(arn string) string {
	a, _ := config.ParseARN(arn)
	return config.ARN{Partition: a.Partition, Service: "iam", Account: a.Account, Resource: "root"}.String()
}

// allows tells whether some statement allows the request, and none denies it.
func (p policy) allows(who requester, action, resource string) bool {
	allowed := false
	for _, s := range p.Statement {
		if !s.concerns(who, action, resource) {
			continue
		}
		if s.Effect == "Deny" {
			return false
		}
		allowed = true
	}
	return allowed
}

// lets tells whether a service is allowed the action, for whichever source.
func (p policy) lets(service, action, resource string) bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		who := byService(service, "", "")
		for _, keys := range s.Condition {
			for key, wants := range keys {
				if lower := strings.ToLower(key); (lower == "aws:sourcearn" || lower == "aws:sourceaccount") && len(wants) > 0 {
					who.context[lower] = wants[0]
				}
			}
		}
		return s.Effect == "Allow" && s.concerns(who, action, resource)
	})
}

// deniesPlain tells whether everybody is denied everything without TLS.
func (p policy) deniesPlain() bool {
	return slices.ContainsFunc(p.Statement, func(s statement) bool {
		return s.Effect == "Deny" && anyLike(s.Principal["AWS"], "anybody") && anyLike(s.Action, "sqs:receivemessage") && anyLike(s.Action, "sqs:sendmessage") &&
			len(s.Condition) == 1 && s.Condition["Bool"] != nil && slices.Equal(s.Condition["Bool"]["aws:SecureTransport"], values{"false"})
	})
}

func (s statement) concerns(who requester, action, resource string) bool {
	named := slices.ContainsFunc(who.names, func(name string) bool { return anyLike(s.Principal[who.kind], name) })
	if len(s.NotPrincipal) > 0 {
		named = !slices.ContainsFunc(who.names, func(name string) bool { return anyLike(s.NotPrincipal[who.kind], name) })
	}
	acts := anyLike(s.Action, action)
	if len(s.NotAction) > 0 {
		acts = !anyLike(s.NotAction, action)
	}
	return named && acts && anyLike(s.Resource, resource) && s.conditions(who.context)
}

// conditions tells whether all hold. One that is not known here does not: what
// it allows is then not counted on, and what it denies not feared.
func (s statement) conditions(context map[string]string) bool {
	for operator, keys := range s.Condition {
		base, ifExists := strings.CutSuffix(operator, "IfExists")
		for key, wants := range keys {
			has, known := context[strings.ToLower(key)]
			holds := known && anyLike(wants, has)
			switch base {
			case "ArnEquals", "ArnLike", "StringEquals", "StringLike", "StringEqualsIgnoreCase", "Bool":
			case "ArnNotEquals", "ArnNotLike", "StringNotEquals", "StringNotLike":
				holds = !holds
			default:
				return false
			}
			if !holds && (known || !ifExists) {
				return false
			}
		}
	}
	return true
}

// anyLike matches IAM's wildcards, without regard to case.
func anyLike(patterns values, s string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		expression := strings.NewReplacer(`\*`, ".*", `\?`, ".").Replace(regexp.QuoteMeta(pattern))
		return regexp.MustCompile(`(?is)\A` + expression + `\z`).MatchString(s)
	})
}
