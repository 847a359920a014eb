package config

import (
	"slices"

	"github.com/devo-s3/collector/config/iam"
)

// FunctionStatements are all that the function may do.
func (c *Config) FunctionStatements(secrets []string) []iam.Statement {
	queues := []string{c.Continuation}
	var readers, keys []string
	for _, q := range c.Polled() { // a vendor's keys are in a secret
		queues = append(queues, q.ARN)
		if q.RoleARN != "" { // a queue of records has no objects to read
			readers = appendNew(readers, q.RoleARN)
		}
		keys = appendNew(keys, queueKeys(q)...)
	}
	all := []iam.Statement{
		iam.Allow("Poll", queues,
			"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"),
		iam.Allow("Continue", []string{c.Continuation}, "sqs:SendMessage"),
		iam.Allow("Log", []string{c.logStreams(c.FunctionName())}, "logs:CreateLogStream", "logs:PutLogEvents"),
	}
	if len(readers) > 0 {
		all = append(all, iam.Allow("Read", readers, "sts:AssumeRole"))
	}
	if len(keys) > 0 {
		all = append(all, decrypt(c, keys))
	}
	if c.Remembers() {
		all = append(all, iam.Allow("Remember", []string{c.tableARN()}, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"))
	}
	return append(all, identify(secrets)...)
}

// WatchStatements are all that watch may do.
func (c *Config) WatchStatements(secrets, mappings []string) []iam.Statement {
	queues := []string{c.Continuation, c.ContinuationDLQ()}
	for _, q := range c.Polled() {
		queues = appendNew(queues, q.ARN, q.DLQ)
	}
	all := []iam.Statement{
		iam.Allow("Depths", queues, "sqs:GetQueueAttributes"),
		// AWS knows no resource for this one.
		iam.Allow("Find", []string{"*"}, "lambda:ListEventSourceMappings"),
		iam.Allow("Log", []string{c.logStreams(c.WatchName())}, "logs:CreateLogStream", "logs:PutLogEvents"),
	}
	if c.Vendors() {
		all = append(all, iam.Allow("PassOn", []string{c.Continuation}, "sqs:SendMessage"))
	}
	if c.Remembers() { // else there is no breaker
		all = append(all,
			iam.Allow("Pause", mappings, "lambda:UpdateEventSourceMapping"),
			iam.Allow("Remember", []string{c.tableARN()}, "dynamodb:GetItem", "dynamodb:PutItem"))
	}
	return append(all, identify(secrets)...)
}

// identify lets read what is in secrets: the key pair, the keys of vendors.
func identify(secrets []string) []iam.Statement {
	if len(secrets) == 0 {
		return nil
	}
	return []iam.Statement{iam.Allow("Identify", secrets, "secretsmanager:GetSecretValue")}
}

// decrypt lets SQS, and nothing else, use the keys for the function.
func decrypt(c *Config, keys []string) iam.Statement {
	s := iam.Allow("Decrypt", keys, "kms:Decrypt")
	s.Condition = iam.Condition{"StringEquals": {"kms:ViaService": ViaService("sqs", c.Region)}}
	return s
}

// queueKeys are the keys of a queue that has one. Of a key that the stack in
// the customer's account makes only that stack knows the id; the key's own
// policy, which must agree, has the bounds.
func queueKeys(q Queue) []string {
	switch {
	case q.OwnKey() != "":
		return []string{q.OwnKey()}
	case q.Encryption == "kms":
		return []string{ARN{
			Partition: Partition(q.Region()), Service: "kms", Region: q.Region(), Account: q.Account(), Resource: "key/*",
		}.String()}
	}
	return nil
}

func (c *Config) tableARN() string {
	return ARN{Partition: c.Partition(), Service: "dynamodb", Region: c.Region, Account: c.Account, Resource: "table/" + c.Ledger.Table}.String()
}

// SecretARNs are what a policy calls a secret that is there already: its ARN may
// have been given with or without the six characters that AWS adds to it.
func SecretARNs(arn string) []string { return []string{arn, arn + "-??????"} }

// appendNew appends what is not there yet.
func appendNew(all []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// LogGroup is the name of a function's log group.
func LogGroup(function string) string { return "/aws/lambda/" + function }

// logStreams is the ARN of all that a function's log group holds.
func (c *Config) logStreams(function string) string {
	return ARN{c.Partition(), "logs", c.Region, c.Account, "log-group:" + LogGroup(function) + ":*"}.String()
}
