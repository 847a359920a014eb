package customer

import (
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudtrail"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/infra/cdk"
)

// buckets makes the new buckets. One may notify several queues.
func (b *build) buckets() {
	made := make(map[string]bool)
	for _, q := range b.config.Queues {
		for _, bucket := range q.Buckets {
			if bucket.Makes("bucket") && !made[bucket.Name] {
				made[bucket.Name] = true
				b.bucket(bucket)
			}
		}
	}
}

// bucket makes a bucket and says whom it notifies. It does so through L1: the
// property of L2 brings a Lambda function along.
func (b *build) bucket(is config.Bucket) {
	var scope constructs.Construct = b.stack
	if !b.plain {
		there, ok := b.stack.Node().TryFindChild(&is.Name).(constructs.Construct)
		if !ok { // else it is of a queue with the same name
			there = constructs.NewConstruct(b.stack, &is.Name)
		}
		scope = there
	}
	notify, before := b.notifications(is)
	bucket := awss3.NewCfnBucket(scope, jsii.String("Bucket"), &awss3.CfnBucketProps{
		BucketName:                jsii.String(is.Name),
		BucketEncryption:          encryption(is),
		NotificationConfiguration: configuration(notify),
		OwnershipControls:         map[string]any{"rules": []any{map[string]any{"objectOwnership": "BucketOwnerEnforced"}}},
		VersioningConfiguration:   map[string]any{"status": "Enabled"},
		PublicAccessBlockConfiguration: map[string]any{
			"blockPublicAcls": true, "blockPublicPolicy": true, "ignorePublicAcls": true, "restrictPublicBuckets": true,
		},
		// What was overwritten or half written goes. How long logs are kept is the customer's to say.
		LifecycleConfiguration: map[string]any{"rules": []any{map[string]any{
			"id": "leftovers", "status": "Enabled",
			"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 7},
			"noncurrentVersionExpiration":    map[string]any{"noncurrentDays": 30},
			"expiredObjectDeleteMarker":      true,
		}}},
	})
	bucket.ApplyRemovalPolicy(cdk.Keep, nil)

	for _, dependency := range before {
		bucket.Node().AddDependency(dependency)
	}

	statements := bucketPolicy(is, *b.stack.Account())
	if is.Makes("trail") {
		statements = append(statements, trailPolicy(is, *b.stack.Account())...)
	}
	policy := awss3.NewCfnBucketPolicy(scope, jsii.String("BucketPolicy"), &awss3.CfnBucketPolicyProps{
		Bucket: jsii.String(is.Name), PolicyDocument: cdk.Policy(statements...),
	})
	policy.AddResourceDependency(bucket, nil)
	if is.Makes("trail") {
		trail(scope, is, bucket, policy)
	}
	output(scope, "BucketName", bucket.Ref(), "The bucket for the logs")
}

// notifications are the bucket's, to each queue that lists it, and what has to
// be there before S3 takes them.
func (b *build) notifications(is config.Bucket) (notify []notification, before []constructs.IDependable) {
	for i := range b.config.Queues {
		q := &b.config.Queues[i]
		for _, listed := range q.Buckets {
			if listed.Name != is.Name {
				continue
			}
			notify = append(notify, newNotification(b.config, q, listed))
			if policy := b.before[q.ARN]; policy != nil && delivery(q) != "eventbridge" {
				before = append(before, policy)
			}
		}
	}
	return notify, before
}

// encryption is with the customer's key if there is one.
func encryption(is config.Bucket) any {
	rule := map[string]any{"serverSideEncryptionByDefault": map[string]any{"sseAlgorithm": "AES256"}}
	if is.KMSKey != "" {
		rule = map[string]any{
			"bucketKeyEnabled":              true,
			"serverSideEncryptionByDefault": map[string]any{"sseAlgorithm": "aws:kms", "kmsMasterKeyId": is.KMSKey},
		}
	}
	return map[string]any{"serverSideEncryptionConfiguration": []any{rule}}
}

// bucketPolicy lets AWS's log services write what they log in the bucket's
// account, and nobody read or write without TLS.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
func bucketPolicy(is config.Bucket, account string) []iam.Statement {
	delivery := iam.Key{"Service": []string{"delivery.logs.amazonaws.com", "logging.s3.amazonaws.com"}}
	balancers := config.ARN{Partition: config.Partition(is.Region), Service: "elasticloadbalancing", Region: "*", Account: account, Resource: "loadbalancer/*"}
	return []iam.Statement{
		iam.TLSOnly("s3", is.ARN(), is.ARN()+"/*"),
		{
			Sid: "LogDelivery", Effect: "Allow", Principal: delivery, Action: []string{"s3:PutObject"}, Resource: []string{is.ARN() + "/*"},
			Condition: iam.Condition{"StringEquals": {"aws:SourceAccount": account}},
		},
		{
			Sid: "LogDeliveryLooks", Effect: "Allow", Principal: iam.Service("delivery.logs"),
			Action: []string{"s3:GetBucketAcl", "s3:ListBucket"}, Resource: []string{is.ARN()},
			Condition: iam.Condition{"StringEquals": {"aws:SourceAccount": account}},
		},
		{
			Sid: "LoadBalancers", Effect: "Allow", Principal: iam.Service("logdelivery.elasticloadbalancing"),
			Action: []string{"s3:PutObject"}, Resource: []string{is.ARN() + "/*"},
			Condition: iam.Condition{"ArnLike": {"aws:SourceArn": balancers.String()}},
		},
	}
}

// trailPolicy lets the trail write.
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html
func trailPolicy(is config.Bucket, account string) []iam.Statement {
	trail := config.ARN{Partition: config.Partition(is.Region), Service: "cloudtrail", Region: is.Region, Account: account, Resource: "trail/" + is.Name}.String()
	return []iam.Statement{
		{
			Sid: "TrailLooks", Effect: "Allow", Principal: iam.Service("cloudtrail"),
			Action: []string{"s3:GetBucketAcl"}, Resource: []string{is.ARN()},
			Condition: iam.Condition{"StringEquals": {"aws:SourceArn": trail}},
		},
		{
			Sid: "TrailWrites", Effect: "Allow", Principal: iam.Service("cloudtrail"),
			Action: []string{"s3:PutObject"}, Resource: []string{is.ARN() + "/AWSLogs/" + account + "/*"},
			Condition: iam.Condition{"StringEquals": {"aws:SourceArn": trail, "s3:x-amz-acl": "bucket-owner-full-control"}},
		},
	}
}

// trail makes a trail of all regions' management events into the bucket.
func trail(scope constructs.Construct, is config.Bucket, bucket awss3.CfnBucket, policy awss3.CfnBucketPolicy) {
	made := awscloudtrail.NewCfnTrail(scope, jsii.String("Trail"), &awscloudtrail.CfnTrailProps{
		TrailName:                  jsii.String(is.Name),
		S3BucketName:               bucket.Ref(),
		IsLogging:                  true,
		IsMultiRegionTrail:         true,
		IncludeGlobalServiceEvents: true,
		EnableLogFileValidation:    true,
	})
	if is.KMSKey != "" {
		made.SetKmsKeyId(jsii.String(is.KMSKey))
	}
	made.AddResourceDependency(policy, nil)
}
