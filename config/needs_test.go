package config

import (
	"strings"
	"testing"
)

// A bucket that the stack makes is not what every publisher can write into. One
// that exists already may be.
func TestBucketsThatAPublisherCannotWriteInto(t *testing.T) {
	const key = "kms_key: arn:aws:kms:eu-west-1:111122223333:key/11112222-3333-4444-5555-666677778888"
	file := func(buckets, source string) string {
		return strings.Replace(strings.Replace(in("eu-west-1", "aws"), "name: logs", buckets, 1), "aws_sqs_vpc", source, 1)
	}
	for _, c := range []struct{ name, buckets, source, want string }{
		{"no ACLs", "name: logs, make: [bucket]", "aws_cloudfront", "with ACLs alone"},
		{"existing", "name: logs", "aws_cloudfront", ""},
		{"one of two exists", "name: logs, make: [bucket]}, {name: others", "aws_cloudfront", ""},
		{"version 2 needs none", "name: logs, make: [bucket]", "aws_cloudfront_v2", ""},
		{"the customer knows better", "name: logs, make: [bucket]", "{service: aws_cloudfront, needs: []}", ""},
		{"a key", "name: logs, make: [bucket], " + key, "aws_sqs_alb", "SSE-S3"},
		{"a key, existing", "name: logs, " + key, "aws_sqs_alb", ""},
		{"no key", "name: logs, make: [bucket]", "aws_sqs_alb", ""},
		{"a key, classic balancers", "name: logs, make: [bucket], " + key, "aws_sqs_elb", "SSE-S3"},
		{"a key, server access", "name: logs, make: [bucket], " + key, "aws_sqs_s3_access", "SSE-S3"},
		{"a key, network balancers", "name: logs, make: [bucket], " + key, "aws_nlb", ""},
		{"an own source", "name: logs, make: [bucket]", "{name: own, keys: ['**'], format: lines, tag: my.app.a.b, needs: [acls]}", "with ACLs alone"},
		{"an unknown need", "name: logs", "{name: own, keys: ['**'], format: lines, tag: my.app.a.b, needs: [acl]}", `"acl" is not known`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse("acme.yaml", []byte(file(c.buckets, c.source)))

			switch {
			case c.want == "" && err != nil:
				t.Error(err)
			case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "acme.yaml:12:")):
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}
