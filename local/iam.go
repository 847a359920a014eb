package local

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
)

// A Role is an IAM role of any account: who may assume it, and what its
// sessions and keys may do.
type Role struct {
	ARN   string // arn:aws:iam::111122223333:role/name
	Trust Trust
	// Allow is the identity policy. Without any statement the role may do
	// everything within its own account, as an administrator.
	Allow []Statement
}

// Trust is a role's trust policy: one of Principals, and every condition
// that is not empty.
type Trust struct {
	Principals   []string // role ARNs, or arn:aws:iam::111122223333:root for a whole account
	ExternalID   string   // StringEquals sts:ExternalId
	PrincipalARN string   // ArnLike aws:PrincipalArn
}

// A Statement allows actions on resources; both may hold the wildcards * and
// ?. Actions are compared without regard to case.
type Statement struct {
	Actions   []string // s3:GetObject, sqs:*
	Resources []string // ARNs
}

// CreateRole adds the role, or replaces the one of the same ARN.
func (a *Account) CreateRole(r Role) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.roles[r.ARN] = r
}

// Role is the role of that ARN; the zero Role if there is none.
func (a *Account) Role(arn string) Role {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.roles[arn]
}

// CreateKey makes a permanent access key of the role or user with that ARN.
// A user, and a role not yet created, may do everything within its account.
func (a *Account) CreateKey(arn string) Credentials {
	return a.addKey(key{who: caller{Account: accountOf(arn), ARN: arn, Role: arn}})
}

// allows says whether the caller's identity policy allows action on resource.
// Whose the resource is, is for the service to ask.
func (a *Account) allows(who caller, action, resource string) bool {
	if who.Root {
		return true
	}
	a.mu.Lock()
	allow := a.roles[who.Role].Allow
	a.mu.Unlock()
	if len(allow) == 0 {
		return true
	}
	for _, s := range allow {
		if anyLike(s.Actions, strings.ToLower(action), strings.ToLower) && anyLike(s.Resources, resource, strings.Clone) {
			return true
		}
	}
	return false
}

// trusts says whether the role's trust policy lets the caller in.
func (t Trust) trusts(who caller, externalID string) bool {
	root := "arn:aws:iam::" + who.Account + ":root"
	for _, p := range t.Principals {
		if p == root || p == who.Role || p == who.ARN || p == "*" {
			return (t.ExternalID == "" || t.ExternalID == externalID) && (t.PrincipalARN == "" || like(t.PrincipalARN, who.Role))
		}
	}
	return false
}

// authorize refuses what the caller's role does not allow of a JSON service.
// S3 and STS ask for themselves: they must know the bucket, or the role, first.
func (a *Account) authorize(r *http.Request, service string, body []byte, who caller) *refusal {
	if service == "s3" || service == "sts" {
		return nil
	}
	// A batch needs the permission of its single action.
	action := service + ":" + strings.TrimSuffix(operation(r, service, body), "Batch")
	resource := a.resource(service, body, who)
	if service == "lambda" {
		resource = a.lambda.arn(r)
		if action == "lambda:Invoke" {
			action = "lambda:InvokeFunction"
		}
	}
	if a.allows(who, action, resource) {
		return nil
	}
	return deny(service, denied, notAuthorized(who, action, resource))
}

// notAuthorized is IAM's sentence.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
func notAuthorized(who caller, action, resource string) string {
	return "User: " + who.ARN + " is not authorized to perform: " + action + " on resource: " + resource +
		" because no identity-based policy allows the " + action + " action"
}

// resource is the ARN of what a JSON request is about, "*" for none.
func (a *Account) resource(service string, body []byte, who caller) string {
	var in struct {
		QueueURL, QueueName, SourceArn, TableName, SecretID, LogGroupName string
		RequestItems                                                      map[string]json.RawMessage // of one table
	}
	// encoding/json matches names without regard to case. What cannot be
	// decoded names nothing, and the service will say so.
	_ = json.Unmarshal(body, &in)
	arn := "arn:aws:" + service + ":" + a.region + ":"
	for table := range in.RequestItems {
		in.TableName = table
	}
	switch {
	case in.SourceArn != "":
		return in.SourceArn
	case in.QueueURL != "":
		u, err := url.Parse(in.QueueURL)
		if err != nil {
			return "*"
		}
		return arn + strings.ReplaceAll(strings.Trim(u.Path, "/"), "/", ":")
	case in.QueueName != "":
		return arn + who.Account + ":" + in.QueueName
	case in.TableName != "":
		return arn + a.id + ":table/" + in.TableName
	case in.SecretID != "":
		return a.secrets.arn(in.SecretID)
	case in.LogGroupName != "":
		return arn + a.id + ":log-group:" + in.LogGroupName
	default:
		return "*"
	}
}

// operation is the name of the API call that r makes.
func operation(r *http.Request, service string, body []byte) string {
	switch service {
	case "s3":
		return s3Call(r).name
	case "lambda":
		return lambdaCall(r)
	case "sts", "sns":
		form, _ := url.ParseQuery(string(body))
		return form.Get("Action")
	default:
		_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		return name
	}
}

// accountOf is the account id in an ARN, "" if it holds none.
func accountOf(arn string) string {
	part := strings.SplitN(arn, ":", 6)
	if len(part) < 6 {
		return ""
	}
	return part[4]
}

func anyLike(patterns []string, s string, fold func(string) string) bool {
	for _, p := range patterns {
		if like(fold(p), s) {
			return true
		}
	}
	return false
}

// like matches IAM's wildcards: * is any number of characters, ? is one.
func like(pattern, s string) bool {
	star, mark := -1, 0
	p, i := 0, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, i
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == s[i]):
			p++
			i++
		case star >= 0: // let the last * take one more
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
