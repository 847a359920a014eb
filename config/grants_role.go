package config

import (
	"cmp"
	"slices"
	"strings"

	"github.com/devo-s3/collector/config/iam"
)

// A Role is one of the customer's that Devo assumes, for one or several queues.
type Role struct {
	Is         string // reader or operator
	ARN        string
	ExternalID string // "" if there is none
	Queues     []Queue
}

// Roles are the readers and the operators of the file, in its order.
func (c *Config) Roles() (roles []Role) {
	for _, is := range []string{"reader", "operator"} {
		for _, q := range c.Polled() {
			arn := q.RoleARN
			if is == "operator" {
				arn = q.OperatorARN
			}
			if arn == "" {
				continue
			}
			i := slices.IndexFunc(roles, func(r Role) bool { return r.ARN == arn })
			if i < 0 {
				i = len(roles)
				roles = append(roles, Role{Is: is, ARN: arn, ExternalID: q.ExternalID})
			}
			roles[i].Queues = append(roles[i].Queues, q)
		}
	}
	return roles
}

// Name is the role's, without its path.
func (r Role) Name() string { return arn(r.ARN).Name() }

// Made reports whether the stack makes the role, for one of its queues at least.
func (r Role) Made() bool {
	return slices.ContainsFunc(r.Queues, func(q Queue) bool { return q.Makes(r.Is) })
}

// Trust is who may assume the role: the reader the function alone; the operator
// people, as the policies of Devo's account say, and never the function.
func (r Role) Trust(c *Config) iam.Statement {
	s := iam.AllowRole("Devo", c.ExecutionRoleARN(), "", "sts:AssumeRole")
	s.Resource = nil
	if r.Is == "operator" {
		s.Condition = iam.Condition{"ArnNotEquals": {"aws:PrincipalArn": c.ExecutionRoleARN()}}
	}
	if r.ExternalID != "" {
		s.Condition["StringEquals"] = iam.Key{"sts:ExternalId": r.ExternalID}
	}
	return s
}

// Allows is what the role may do.
func (r Role) Allows() []iam.Statement {
	if r.Is == "operator" {
		return r.operates()
	}
	return r.reads()
}

// reads is the reader's: the objects under the prefixes, and to list there, or
// S3 does not tell an object that is gone from one that is denied.
func (r Role) reads() []iam.Statement {
	var objects []string
	var keys []iam.Statement
	for _, b := range r.Buckets() {
		for _, below := range under(b) {
			objects = append(objects, b.ARN()+"/"+below)
		}
		if b.KMSKey != "" {
			decrypt := iam.Allow("", []string{b.KMSKey}, "kms:Decrypt")
			decrypt.Condition = iam.Condition{"StringEquals": {"kms:ViaService": ViaService("s3", b.Region)}}
			keys = append(keys, decrypt)
		}
	}
	all := []iam.Statement{iam.Allow("Read", objects, "s3:GetObject", "s3:GetObjectVersion")}
	return slices.Concat(all, r.lists("s3:ListBucket"), keys)
}

// under are the keys that the role is about, as policies have them.
func under(b Bucket) (all []string) {
	for _, prefix := range orAll(b.Prefixes) {
		all = append(all, literal.Replace(prefix)+"*")
	}
	return all
}

// lists are for listing the role's buckets, as far as their prefixes go.
func (r Role) lists(actions ...string) []iam.Statement {
	var whole []string
	var parts []iam.Statement
	for _, b := range r.Buckets() {
		if len(b.Prefixes) == 0 {
			whole = append(whole, b.ARN())
			continue
		}
		list := iam.Allow("", []string{b.ARN()}, actions...)
		list.Condition = iam.Condition{"StringLike": {"s3:prefix": under(b)}}
		parts = append(parts, list)
	}
	if len(whole) > 0 {
		parts = slices.Insert(parts, 0, iam.Allow("List", whole, actions...))
	}
	return parts
}

// literal writes what would be a wildcard or a variable of a policy.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
var literal = strings.NewReplacer("*", "${*}", "?", "${?}", "$", "${$}")

// Buckets are those of all the role's queues, each once with all its prefixes.
func (r Role) Buckets() (buckets []Bucket) {
	for _, q := range r.Queues {
		for _, b := range q.Buckets {
			i := slices.IndexFunc(buckets, func(have Bucket) bool { return have.Name == b.Name })
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
// delete; to see what the buckets hold, whom they notify and how they
// are set up, but no object.
func (r Role) operates() []iam.Statement {
	var queues, dlqs []string
	var keys []iam.Statement
	for _, q := range r.Queues {
		queues, dlqs = append(queues, q.ARN), append(dlqs, q.DLQ)
		if q.Encryption != "sqs" {
			keys = append(keys, useKey(q))
		}
	}
	var buckets []string
	for _, b := range r.Buckets() {
		buckets = append(buckets, b.ARN())
	}
	all := []iam.Statement{
		iam.Allow("Look", slices.Concat(queues, dlqs), "sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
			"sqs:GetQueueUrl", "sqs:ListDeadLetterSourceQueues", "sqs:ReceiveMessage"),
		iam.Allow("SendBack", queues, "sqs:SendMessage"),
		iam.Allow("Redrive", dlqs, "sqs:CancelMessageMoveTask", "sqs:ListMessageMoveTasks", "sqs:StartMessageMoveTask"),
	}
	if len(buckets) > 0 {
		all = append(all, iam.Allow("Buckets", buckets, "s3:GetBucketNotification", "s3:GetBucketOwnershipControls", "s3:GetEncryptionConfiguration"))
	}
	return slices.Concat(all, r.lists("s3:ListBucket", "s3:ListBucketVersions"), keys)
}

// useKey lets the operator read and send the messages of a queue with a key.
// The id of one that the stack makes is not known before, but its alias is.
func useKey(q Queue) iam.Statement {
	s := iam.Allow("", []string{q.OwnKey()}, "kms:Decrypt", "kms:GenerateDataKey")
	s.Condition = iam.Condition{"StringEquals": {"kms:ViaService": ViaService("sqs", q.Region())}}
	if q.OwnKey() == "" {
		s.Resource = []string{ARN{
			Partition: Partition(q.Region()), Service: "kms", Region: q.Region(), Account: q.Account(), Resource: "key/*",
		}.String()}
		s.Condition["ForAnyValue:StringEquals"] = iam.Key{"kms:ResourceAliases": "alias/" + q.Name()}
	}
	return s
}
