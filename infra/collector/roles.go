package collector

import (
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdk"
)

// executionRole is the function's. Its name is what the customer's policies
// admit, and the mappings poll with it: they cannot assume a role.
func (b *build) executionRole() awsiam.Role {
	return b.role("Role", b.config.FunctionName(), functionStatements(b.config, b.secretARNs))
}

// watchRole may look at every queue, and change the mappings of this deployment
// alone.
func (b *build) watchRole() awsiam.Role {
	var mappings []string
	for _, m := range b.mappings {
		mappings = append(mappings, *m.EventSourceMappingArn())
	}
	return b.role("WatchRole", b.config.WatchName(), watchStatements(b.config, b.secretARNs, mappings))
}

func (b *build) role(id, name string, statements []cdk.Statement) awsiam.Role {
	return awsiam.NewRole(b.stack, jsii.String(id), &awsiam.RoleProps{
		RoleName:  jsii.String(name),
		AssumedBy: awsiam.NewServicePrincipal(jsii.String("lambda.amazonaws.com"), nil),
		InlinePolicies: &map[string]awsiam.PolicyDocument{
			"collector": awsiam.PolicyDocument_FromJson(cdk.Policy(statements...)),
		},
	})
}

// functionStatements are all that the function may do.
func functionStatements(c *config.Config, secrets []string) []cdk.Statement {
	queues := []string{c.Continuation}
	var readers, keys []string
	for _, q := range c.Queues {
		if q.Vendor() {
			continue // its keys are in a secret
		}
		queues = append(queues, q.ARN)
		if q.RoleARN != "" { // a queue of records has no objects to read
			readers = appendNew(readers, q.RoleARN)
		}
		keys = appendNew(keys, queueKeys(q)...)
	}
	all := []cdk.Statement{
		allow("Poll", queues,
			"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"),
		allow("Continue", []string{c.Continuation}, "sqs:SendMessage"),
		allow("Log", []string{logStreams(c, c.FunctionName())}, "logs:CreateLogStream", "logs:PutLogEvents"),
	}
	if len(readers) > 0 {
		all = append(all, allow("Read", readers, "sts:AssumeRole"))
	}
	if len(keys) > 0 {
		all = append(all, decrypt(c, keys))
	}
	if remembers(c) {
		all = append(all, allow("Remember", []string{tableARN(c)}, "dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"))
	}
	return append(all, identify(secrets)...)
}

// watchStatements are all that watch may do.
func watchStatements(c *config.Config, secrets, mappings []string) []cdk.Statement {
	queues := []string{c.Continuation, c.ContinuationDLQ()}
	for _, q := range c.Queues {
		if !q.Vendor() {
			queues = appendNew(queues, q.ARN, q.DLQ)
		}
	}
	all := []cdk.Statement{
		allow("Depths", queues, "sqs:GetQueueAttributes"),
		// AWS knows no resource for this one.
		allow("Find", []string{"*"}, "lambda:ListEventSourceMappings"),
		allow("Log", []string{logStreams(c, c.WatchName())}, "logs:CreateLogStream", "logs:PutLogEvents"),
	}
	if vendors(c) {
		all = append(all, allow("PassOn", []string{c.Continuation}, "sqs:SendMessage"))
	}
	if remembers(c) { // else there is no breaker
		all = append(all,
			allow("Pause", mappings, "lambda:UpdateEventSourceMapping"),
			allow("Remember", []string{tableARN(c)}, "dynamodb:GetItem", "dynamodb:PutItem"))
	}
	return append(all, identify(secrets)...)
}

// identify lets read what is in secrets: the key pair, the keys of vendors.
func identify(secrets []string) []cdk.Statement {
	if len(secrets) == 0 {
		return nil
	}
	return []cdk.Statement{allow("Identify", secrets, "secretsmanager:GetSecretValue")}
}

func allow(sid string, resources []string, actions ...string) cdk.Statement {
	return cdk.Statement{Sid: sid, Effect: "Allow", Action: actions, Resource: resources}
}

// decrypt lets SQS, and nothing else, use the keys for the function.
func decrypt(c *config.Config, keys []string) cdk.Statement {
	s := allow("Decrypt", keys, "kms:Decrypt")
	s.Condition = cdk.Condition{"StringEquals": {"kms:ViaService": cdk.ViaService("sqs", c.Region)}}
	return s
}

// queueKeys are the keys of a queue that has one. Of a key that the stack in
// the customer's account makes only that stack knows the id; the key's own
// policy, which must agree, has the bounds.
func queueKeys(q config.Queue) []string {
	switch {
	case q.OwnKey() != "":
		return []string{q.OwnKey()}
	case q.Encryption == "kms":
		return []string{config.ARN{
			Partition: config.Partition(q.Region()), Service: "kms", Region: q.Region(), Account: q.Account(), Resource: "key/*",
		}.String()}
	}
	return nil
}

func tableARN(c *config.Config) string {
	return config.ARN{Partition: c.Partition(), Service: "dynamodb", Region: c.Region, Account: c.Account, Resource: "table/" + c.Ledger.Table}.String()
}

// secretARNs are what a policy calls a secret that is there already: its ARN may
// have been given with or without the six characters that AWS adds to it.
func secretARNs(arn string) []string { return []string{arn, arn + "-??????"} }

// appendNew appends what is not there yet.
func appendNew(all []string, more ...string) []string {
	for _, s := range more {
		if !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}
