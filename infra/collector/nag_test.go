package collector

import (
	"slices"
	"testing"

	"github.com/devo-s3/collector/infra/cdktest"
)

// The findings that are right as they are.
var (
	always = []cdktest.Accepted{
		{
			Path: "/acme-collector/Role/Resource", Rule: "AwsSolutions-IAM5[Resource::arn:aws:logs:eu-west-1:999988887777:log-group:/aws/lambda/devo-s3-collector-acme:*]",
			Reason: "the streams of its own log group, whose names Lambda makes up",
		},
		{
			Path: "/acme-collector/WatchRole/Resource", Rule: "AwsSolutions-IAM5[Resource::arn:aws:logs:eu-west-1:999988887777:log-group:/aws/lambda/devo-s3-collector-acme-watch:*]",
			Reason: "the streams of its own log group, whose names Lambda makes up",
		},
		{
			Path: "/acme-collector/WatchRole/Resource", Rule: "AwsSolutions-IAM5[Resource::*]",
			Reason: "lambda:ListEventSourceMappings takes no resource; it reads no data and changes nothing",
		},
	}
	ownSecret = cdktest.Accepted{
		Path: "/acme-collector/Secret", Rule: "AwsSolutions-SMG4",
		Reason: "Devo issues the certificate and a person puts it; the alarm certificate says when",
	}
	vendorsKeys = cdktest.Accepted{
		Path: "/acme-collector/Keys/devo-s3-collector--acme-feed", Rule: "AwsSolutions-SMG4",
		Reason: "the vendor issues the keys and a person puts them; the alarm vendor says when they are refused",
	}
	noRecovery = cdktest.Accepted{
		Path: "/acme-collector/Ledger", Rule: "AwsSolutions-DDB3",
		Reason: "a ledger of yesterday does not know what was confirmed since, which is no better than an empty one",
	}
	tracing = []cdktest.Accepted{
		{Path: "/acme-collector/Role/DefaultPolicy/Resource", Rule: "AwsSolutions-IAM5[Resource::*]", Reason: "X-Ray takes no resource"},
		{Path: "/acme-collector/WatchRole/DefaultPolicy/Resource", Rule: "AwsSolutions-IAM5[Resource::*]", Reason: "X-Ray takes no resource"},
	}
	customersKey = cdktest.Accepted{
		Path: "/acme-collector/Role/Resource", Rule: "AwsSolutions-IAM5[Resource::arn:aws:kms:eu-west-1:111122223333:key/*]",
		Reason: "only the customer's stack knows the id of the key it makes; the key's policy and kms:ViaService have the bounds",
	}
)

func TestNag(t *testing.T) {
	for name, accepted := range map[string][]cdktest.Accepted{
		"small":    slices.Concat(always, []cdktest.Accepted{ownSecret, noRecovery}),
		"large":    slices.Concat(always, tracing, []cdktest.Accepted{vendorsKeys, noRecovery, customersKey}),
		"amnesiac": slices.Concat(always, []cdktest.Accepted{ownSecret}),
	} {
		t.Run(name, func(t *testing.T) {
			cdktest.Nag(t, newStack(t, cdktest.App(t), cdktest.Config(t, deployments[name])), accepted...)
		})
	}
}
