package templates

import (
	"slices"
	"strings"

	"github.com/aws/jsii-runtime-go"
)

// common is what the deployments begin with. The customer's account and the
// region are the stack's.
const common = `
customer: deployment-name
id: "1"
account: "999999999999"
region: us-east-1
devo: {endpoints: ["collector-us.devo.io:443"], secret: none}
queues:
  - arn: arn:aws:sqs:us-east-1:111111111111:queue-name
    role_arn: arn:aws:iam::111111111111:role/role-name
    external_id: external-id
    sources: [aws_sqs_cloudtrail]
`

// existing is a bucket that is there already.
const existing = `
    buckets: [{name: bucket-name, prefixes: [key-prefix], kms_key: ` + key + `}]
`

const key = "arn:aws:kms:us-east-1:111111111111:key/00000000"

// elsewhere is a bucket whose queue is in another account, which may as well be
// Devo's, and in another region.
const elsewhere = `
customer: deployment-name
id: "1"
account: "999999999999"
region: us-west-2
devo: {endpoints: ["collector-us.devo.io:443"], secret: none}
queues:
  - arn: arn:aws:sqs:us-west-2:999999999999:queue-name
    role_arn: arn:aws:iam::111111111111:role/role-name
    delivery: eventbridge
    buckets: [{name: bucket-name, region: us-east-1, prefixes: [key-prefix]}]
    sources: [aws_sqs_cloudtrail]
`

// pseudo are the parameters that CloudFormation has of itself.
var pseudo = strings.NewReplacer(
	"arn:aws:", "arn:${AWS::Partition}:",
	".us-east-1.amazonaws.com", ".${AWS::Region}.${AWS::URLSuffix}",
	"us-east-1", "${AWS::Region}",
	"111111111111", "${AWS::AccountId}",
)

var (
	devoAccount = parameter{
		name: "DevoAccountId", stands: "999999999999", pattern: `^\d{12}$`,
		description: "Devo's AWS account, where the collector runs: Devo tells it",
	}
	deploymentName = parameter{
		name: "DeploymentName", stands: "deployment-name", pattern: `^[a-z][a-z0-9-]{0,31}$`,
		description: "The deployment's name at Devo, which is in the name of the collector's role: Devo tells it",
	}
	externalID = parameter{
		name: "ExternalId", stands: "external-id", pattern: `^[\w+=,.@:/-]{2,1224}$`,
		description: "What Devo names when it assumes the role: Devo tells it",
	}
	roleName = parameter{
		name: "RoleName", stands: "role-name", pattern: `^[\w+=,.@-]{1,64}$`, otherwise: jsii.String("devo-xs-collector-role"),
		description: "The role that reads the bucket for Devo",
	}
	operatorName = parameter{
		name: "RoleName", stands: "operator-name", pattern: `^[\w+=,.@-]{1,64}$`, otherwise: jsii.String("devo-xs-operator-role"),
		description: "The role for people of Devo",
	}
	queueName = parameter{
		name: "QueueName", stands: "queue-name", pattern: `^[A-Za-z0-9_-]{1,76}$`, otherwise: jsii.String("devo-s3"),
		description: "The queue; that of messages that could not be processed has -dlq behind it",
	}
	existingQueue = parameter{
		name: "QueueName", stands: "queue-name", pattern: queueName.pattern,
		description: "The queue that is there, in this region",
	}
	bucketName = parameter{
		name: "BucketName", stands: "bucket-name", pattern: `^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`,
		description: "The bucket that the logs are in",
	}
	prefix = parameter{
		name: "Prefix", stands: "key-prefix", pattern: `^([^/].*)?$`, otherwise: jsii.String(""),
		without:     []string{"Filter", "object"},
		description: "Only objects whose keys begin so, such as AWSLogs/, are for Devo; empty means all",
	}
	keyARN = parameter{
		name: "BucketKeyArn", stands: key, otherwise: jsii.String(""),
		pattern:     `^(arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+)?$`,
		without:     []string{"Statement"},
		description: "The KMS key that the objects are encrypted with, if it is a key of the customer's",
	}
	busName = parameter{
		name: "EventBusName", stands: "queue-name", pattern: queueName.pattern,
		description: "The event bus beside the queue; it has the queue's name",
	}
	busAccount = parameter{name: "QueueAccountId", stands: "999999999999", pattern: devoAccount.pattern, description: "The account of the queue"}
	busRegion  = parameter{
		name: "QueueRegion", stands: "us-west-2", pattern: `^[a-z]{2}(-[a-z]+)+-\d$`,
		description: "The region of the queue",
	}

	// reader are asked for wherever there is one.
	reader = []parameter{devoAccount, deploymentName, externalID, roleName}
)

// All are the templates.
var All = []Template{
	{
		Name:        "new-bucket",
		Description: "Devo S3 Collector: a new bucket, whose notifications go straight to a new queue, and the role that reads it",
		deployment:  common + "    buckets: [{name: bucket-name, make: [bucket], prefixes: [key-prefix]}]",
		region:      "us-east-1",
		parameters:  slices.Concat(reader, []parameter{queueName, bucketName, prefix}),
	},
	{
		Name:        "new-trail",
		Description: "Devo S3 Collector: a CloudTrail trail of all regions into a new bucket, a queue, and the role that reads the bucket",
		deployment:  common + "    buckets: [{name: bucket-name, make: [bucket, trail]}]",
		region:      "us-east-1",
		parameters:  slices.Concat(reader, []parameter{queueName, bucketName}),
	},
	{
		Name:        "existing-bucket",
		Description: "Devo S3 Collector: a queue for a bucket that is there, by a rule of EventBridge, and the role that reads the bucket",
		deployment:  common + "    delivery: eventbridge" + existing,
		region:      "us-east-1",
		parameters:  slices.Concat(reader, []parameter{queueName, bucketName, prefix, keyARN}),
	},
	{
		Name:        "existing-bucket-straight",
		Description: "Devo S3 Collector: a queue that a bucket which is there may notify, and the role that reads the bucket",
		deployment:  common + existing,
		region:      "us-east-1",
		parameters:  slices.Concat(reader, []parameter{queueName, bucketName, prefix, keyARN}),
	},
	{
		Name:        "existing-bucket-sns",
		Description: "Devo S3 Collector: a topic that a bucket which is there may notify, a queue, and the role that reads the bucket",
		deployment:  common + "    delivery: sns" + existing,
		region:      "us-east-1",
		parameters:  slices.Concat(reader, []parameter{queueName, bucketName, prefix, keyARN}),
	},
	{
		Name:        "existing-queue",
		Description: "Devo S3 Collector: the role that reads a bucket; bucket and queue are there",
		deployment:  common + "    make: [reader]" + existing,
		region:      "us-east-1",
		parameters:  slices.Concat(reader, []parameter{bucketName, prefix, keyARN}),
	},
	{
		Name:        "operator",
		Description: "Devo S3 Collector: a role for people of Devo, to look into a queue, redrive and delete",
		deployment:  common + "    operator_arn: arn:aws:iam::111111111111:role/operator-name\n    make: [operator]" + existing,
		region:      "us-east-1",
		parameters:  []parameter{devoAccount, deploymentName, externalID, operatorName, existingQueue},
	},
	{
		Name:        "log-archive",
		Description: "Devo S3 Collector: sends the events of a bucket to the event bus beside a queue in another account or region",
		deployment:  elsewhere,
		region:      "us-east-1",
		parameters:  []parameter{bucketName, prefix, busName, busAccount, busRegion},
	},
}
