package customer

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdk"
)

// A role is one that Devo assumes, for one or several queues.
type role struct {
	is, arn, externalID string // is: reader or operator
	queues              []config.Queue
}

// rolesOf are the readers and the operators of the file, in its order.
func rolesOf(c *config.Config) (roles []role) {
	for _, is := range []string{"reader", "operator"} {
		for _, q := range c.Queues {
			arn := q.RoleARN
			if is == "operator" {
				arn = q.OperatorARN
			}
			if arn == "" {
				continue
			}
			i := slices.IndexFunc(roles, func(r role) bool { return r.arn == arn })
			if i < 0 {
				i = len(roles)
				roles = append(roles, role{is: is, arn: arn, externalID: q.ExternalID})
			}
			roles[i].queues = append(roles[i].queues, q)
		}
	}
	return roles
}

// made tells whether the stack makes the role, for one of its queues at least.
func (r role) made() bool {
	return slices.ContainsFunc(r.queues, func(q config.Queue) bool { return q.Makes(r.is) })
}

// trust is who may assume the role: the reader the function alone; the operator
// people, as the policies of Devo's account say, and never the function.
func (r role) trust(c *config.Config) cdk.Statement {
	s := cdk.AllowRole("Devo", c.ExecutionRoleARN(), "", "sts:AssumeRole")
	s.Resource = nil
	if r.is == "operator" {
		s.Condition = cdk.Condition{"ArnNotEquals": {"aws:PrincipalArn": c.ExecutionRoleARN()}}
	}
	if r.externalID != "" {
		s.Condition["StringEquals"] = cdk.Key{"sts:ExternalId": r.externalID}
	}
	return s
}

// allows is what the role may do.
func (r role) allows() []cdk.Statement {
	if r.is == "operator" {
		return r.operates()
	}
	return r.reads()
}

// reads is the reader's: the objects under the prefixes, and to list there, or
// S3 does not tell an object that is gone from one that is denied.
func (r role) reads() []cdk.Statement {
	var objects []string
	var keys []cdk.Statement
	for _, b := range r.buckets() {
		for _, below := range under(b) {
			objects = append(objects, b.ARN()+"/"+below)
		}
		if b.KMSKey != "" {
			decrypt := cdk.Allow("", []string{b.KMSKey}, "kms:Decrypt")
			decrypt.Condition = cdk.Condition{"StringEquals": {"kms:ViaService": cdk.ViaService("s3", b.Region)}}
			keys = append(keys, decrypt)
		}
	}
	all := []cdk.Statement{cdk.Allow("Read", objects, "s3:GetObject", "s3:GetObjectVersion")}
	return slices.Concat(all, r.lists("s3:ListBucket"), keys)
}

// under are the keys that the role is about, as policies have them.
func under(b config.Bucket) (all []string) {
	for _, prefix := range orEmpty(b.Prefixes) {
		all = append(all, literal.Replace(prefix)+"*")
	}
	return all
}

// lists are for listing the role's buckets, as far as their prefixes go.
func (r role) lists(actions ...string) []cdk.Statement {
	var whole []string
	var parts []cdk.Statement
	for _, b := range r.buckets() {
		if len(b.Prefixes) == 0 {
			whole = append(whole, b.ARN())
			continue
		}
		list := cdk.Allow("", []string{b.ARN()}, actions...)
		list.Condition = cdk.Condition{"StringLike": {"s3:prefix": under(b)}}
		parts = append(parts, list)
	}
	if len(whole) > 0 {
		parts = slices.Insert(parts, 0, cdk.Allow("List", whole, actions...))
	}
	return parts
}

// literal writes what would be a wildcard or a variable of a policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
var literal = strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}")

// buckets are those of all the role's queues, each once with all its prefixes.
func (r role) buckets() (buckets []config.Bucket) {
	for _, q := range r.queues {
		for _, b := range q.Buckets {
			i := slices.IndexFunc(buckets, func(have config.Bucket) bool { return have.Name == b.Name })
			if i < 0 {
				buckets = append(buckets, b)
				continue
			}
			have := &buckets[i]
			have.KMSKey = cmp.Or(have.KMSKey, b.KMSKey)
			if len(have.Prefixes) == 0 || len(b.Prefixes) == 0 {
				have.Prefixes = nil // all keys
				continue
			}
			have.Prefixes = slices.Concat(have.Prefixes, b.Prefixes)
			slices.Sort(have.Prefixes)
			have.Prefixes = slices.Compact(have.Prefixes)
		}
	}
	return buckets
}

// operates is the operator's: to look into the queues, to redrive and to
// delete; and to see what the buckets hold and whom they notify, but no object.
func (r role) operates() []cdk.Statement {
	var queues, dlqs []string
	var keys []cdk.Statement
	for _, q := range r.queues {
		queues, dlqs = append(queues, q.ARN), append(dlqs, q.DLQ)
		if q.Encryption != "sqs" {
			keys = append(keys, useKey(q))
		}
	}
	var buckets []string
	for _, b := range r.buckets() {
		buckets = append(buckets, b.ARN())
	}
	all := []cdk.Statement{
		cdk.Allow("Look", slices.Concat(queues, dlqs), "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
			"sqs:GetQueueUrl", "sqs:ListDeadLetterSourceQueues", "sqs:ReceiveMessage"),
		cdk.Allow("SendBack", queues, "sqs:SendMessage"),
		cdk.Allow("Redrive", dlqs, "sqs:CancelMessageMoveTask", "sqs:ListMessageMoveTasks", "sqs:StartMessageMoveTask"),
	}
	if len(buckets) > 0 {
		all = append(all, cdk.Allow("Notifications", buckets, "s3:GetBucketNotification"))
	}
	return slices.Concat(all, r.lists("s3:ListBucket", "s3:ListBucketVersions"), keys)
}

// useKey lets the operator read and send the messages of a queue with a key.
// The id of one that the stack makes is not known before, but its alias is.
func useKey(q config.Queue) cdk.Statement {
	s := cdk.Allow("", []string{q.OwnKey()}, "kms:Decrypt", "kms:GenerateDataKey")
	s.Condition = cdk.Condition{"StringEquals": {"kms:ViaService": cdk.ViaService("sqs", q.Region())}}
	if q.OwnKey() == "" {
		s.Resource = []string{config.ARN{
			Partition: config.Partition(q.Region()), Service: "kms", Region: q.Region(), Account: q.Account(), Resource: "key/*",
		}.String()}
		s.Condition["ForAnyValue:StringEquals"] = cdk.Key{"kms:ResourceAliases": "alias/" + q.Name()}
	}
	return s
}

// titles are the construct ids in a plain template, and behind the role's name
// in outputs.
var titles = map[string]string{"reader": "Reader", "operator": "Operator"}

// roles makes the readers and the operators.
func (b *build) roles() {
	for _, r := range rolesOf(b.config) {
		if !r.made() {
			continue
		}
		path, name := r.name()
		var scope constructs.Construct = b.stack
		if !b.plain {
			scope = constructs.NewConstruct(b.stack, jsii.String(name))
		}
		title := titles[r.is]
		made := awsiam.NewCfnRole(scope, jsii.String(title), &awsiam.CfnRoleProps{
			Path: path, RoleName: jsii.String(name),
			Description:              jsii.String(r.description()),
			AssumeRolePolicyDocument: cdk.Policy(r.trust(b.config)),
			Policies:                 inline(r.is, r.allows()...),
		})
		output(scope, title+"Arn", made.AttrArn(), "The "+r.is+"'s ARN, for Devo")
		if r.externalID != "" {
			output(scope, title+"ExternalId", jsii.String(r.externalID), "What Devo must name to assume the role")
		}
	}
}

// name is the role's, and its path; nil if that is /.
func (r role) name() (path *string, name string) {
	_, resource, _ := strings.Cut(r.arn, ":role/")
	if i := strings.LastIndexByte(resource, '/'); i >= 0 {
		return jsii.String("/" + resource[:i+1]), resource[i+1:]
	}
	return nil, resource
}

func (r role) description() string {
	if r.is == "operator" {
		return "People of Devo look into the queues, redrive and delete"
	}
	return "Devo's collector reads objects"
}
