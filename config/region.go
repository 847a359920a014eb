package config

import (
	"slices"
	"strings"
)

// Partition is the part of AWS that a region is in: aws, aws-cn or aws-us-gov.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

// URLSuffix is what the host names of AWS in a region end with.
func URLSuffix(region string) string {
	if Partition(region) == "aws-cn" {
		return "amazonaws.com.cn"
	}
	return "amazonaws.com"
}

// ViaService is what kms:ViaService is when a service uses a key for somebody.
func ViaService(name, region string) string { return name + "." + region + "." + URLSuffix(region) }

// enabled are the regions of the partition aws that SNS does not take for opt-in
// regions. Osaka, ap-northeast-3, is one to SNS although every account has it.
// https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
var enabled = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1", "eu-central-1",
	"eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

func optIn(region string) bool {
	return Partition(region) == "aws" && !slices.Contains(enabled, region)
}

// SNSDelivers reports whether a topic of one region delivers to a queue of
// another of the same partition: from an opt-in region it does to no other such.
// https://docs.aws.amazon.com/sns/latest/dg/lambda-prereq.html
func SNSDelivers(topic, queue string) bool { return topic == queue || !optIn(topic) || !optIn(queue) }

// SNSPrincipal is the service that the policies of a queue and of its key must
// let send, so that a topic of the region can deliver.
// https://docs.aws.amazon.com/sns/latest/dg/sns-cross-region-delivery.html
func SNSPrincipal(topic, queue string) string {
	switch {
	case topic == queue:
	case optIn(queue):
		return "sns." + queue + ".amazonaws.com"
	case optIn(topic):
		return "sns." + topic + ".amazonaws.com"
	}
	return "sns.amazonaws.com"
}
