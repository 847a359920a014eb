package collector

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdk"
	"github.com/devo-s3/collector/infra/queue"
)

// queues makes the continuation queue, and those of the customer's that live
// in this account.
func (b *build) queues() {
	c := b.config
	b.queue("Continuation", &config.Queue{
		ARN: c.Continuation, DLQ: c.ContinuationDLQ(), Visibility: continuationVisibility(c), Encryption: "sqs",
	})
	for _, q := range c.Polled() {
		if q.InDevo(c) && q.Makes("queue") {
			b.queue("Queue-"+q.Name(), &q)
		}
	}
}

func (b *build) queue(id string, q *config.Queue) {
	scope := constructs.NewConstruct(b.stack, jsii.String(id))
	queue.New(scope, b.config, q)
	b.made[q.ARN] = scope
}

// table makes the ledger. Nothing is recovered to a point in time: a ledger of
// yesterday does not know what was confirmed since, which is no better than an
// empty one.
func (b *build) table() {
	if !b.config.Remembers() {
		return
	}
	t := awsdynamodb.NewCfnTable(b.stack, jsii.String("Ledger"), &awsdynamodb.CfnTableProps{
		TableName:                 jsii.String(b.config.Ledger.Table),
		BillingMode:               jsii.String("PAY_PER_REQUEST"),
		AttributeDefinitions:      []any{map[string]any{"attributeName": "id", "attributeType": "S"}},
		KeySchema:                 []any{map[string]any{"attributeName": "id", "keyType": "HASH"}},
		TimeToLiveSpecification:   map[string]any{"attributeName": "expiry", "enabled": true},
		DeletionProtectionEnabled: b.config.Protect,
	})
	t.ApplyRemovalPolicy(cdk.Keep, nil)
}

// secrets makes the secrets without a value, which is put by hand, so that no
// template and no state of CloudFormation ever holds a key.
func (b *build) secrets() {
	b.secret(b.stack, "Secret", b.config.Devo.Secret, "The key pair of the Devo domain: a JSON object with the PEM texts cert, key and chain.")
	keys, made := constructs.NewConstruct(b.stack, jsii.String("Keys")), make(map[string]bool)
	for _, q := range b.config.Queues {
		if !made[q.Keys] {
			made[q.Keys] = true
			b.secret(keys, q.Keys, q.Keys, "The access key of a vendor: a JSON object with access_key_id and secret_access_key.")
		}
	}
}

func (b *build) secret(scope constructs.Construct, id, name, description string) {
	switch {
	case name == "": // the key pair is in files, or the queue is no vendor's
		return
	case strings.HasPrefix(name, "arn:"): // only one that is there already has an ARN
		b.secretARNs = append(b.secretARNs, config.SecretARNs(name)...)
		return
	}
	s := awssecretsmanager.NewCfnSecret(scope, jsii.String(id), &awssecretsmanager.CfnSecretProps{
		Name: jsii.String(name), Description: jsii.String(description),
	})
	s.ApplyRemovalPolicy(cdk.Keep, nil)
	b.secretARNs = append(b.secretARNs, *s.Ref())
}

// logGroup makes the log group of a function.
func (b *build) logGroup(id, function string) awslogs.LogGroup {
	group := awslogs.NewLogGroup(b.stack, jsii.String(id), &awslogs.LogGroupProps{
		LogGroupName: jsii.String(config.LogGroup(function)), RemovalPolicy: awscdk.RemovalPolicy_DESTROY,
	})
	group.Node().DefaultChild().(awslogs.CfnLogGroup).SetRetentionInDays(jsii.Number(b.config.LogRetention / day))
	return group
}
