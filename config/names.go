package config

import (
	"fmt"
	"math"
	"net"
	"regexp"
	"strconv"
	"sync"
)

// A shape is what a value must look like.
type shape struct {
	expression string // that the whole value matches, as ECMA-262 has it too
	is         string // what a value of this shape is
	mend       string // what would be right
	pattern    func() pattern
}

func newShape(is, expression, mend string) shape {
	return shape{expression, is, mend, sync.OnceValue(func() pattern { return newPattern(expression) })}
}

// MatchString tells whether the whole text has the shape.
func (s shape) MatchString(text string) bool { return s.pattern().matches(text) }

// A pattern is an expression that is cheap to compile. RE2 writes out what is
// repeated as often as it may be: thousands of times in all, which would be half
// of a cold start. So a text that is no longer than the least of the limits, and
// can exceed none, is matched without them.
type pattern struct {
	exact func() *regexp.Regexp
	loose *regexp.Regexp // without limits
	least int            // of the limits
}

// limited is a repetition with two digits or more for its limit.
var limited = regexp.MustCompile(`\{(\d+),(\d\d+)\}`)

func newPattern(expression string) pattern {
	whole := func(expression string) *regexp.Regexp { return regexp.MustCompile(`\A(?:` + expression + `)\z`) }
	p := pattern{
		exact: sync.OnceValue(func() *regexp.Regexp { return whole(expression) }),
		loose: whole(limited.ReplaceAllString(expression, "{$1,}")), least: math.MaxInt,
	}
	for _, found := range limited.FindAllStringSubmatch(expression, -1) {
		limit, _ := strconv.Atoi(found[2]) // digits alone
		p.least = min(p.least, limit)
	}
	return p
}

func (p pattern) matches(text string) bool {
	if len(text) <= p.least {
		return p.loose.MatchString(text)
	}
	return p.exact().MatchString(text)
}

const (
	partitions    = `aws|aws-cn|aws-us-gov`
	keyExpression = `arn:(?:` + partitions + `):kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+`
	queueName     = `[A-Za-z0-9_-]{1,80}(?:\.fifo)?`
)

var (
	customerName = newShape("customer's name", `[a-z][a-z0-9-]{0,31}`, "write a lower-case letter, then up to 31 of a-z, 0-9 and -")
	deploymentID = newShape("id", `[A-Za-z0-9]{1,32}`, "write 1 to 32 letters and digits, no hyphen: queries on hostchain split there")
	accountID    = newShape("account id", `\d{12}`, `write 12 digits, in quotes`)
	regionName   = newShape("region", `[a-z]{2}(?:-[a-z]+)+-\d`, "write a region such as eu-west-1")
	roleARN      = newShape("role's ARN", `arn:(?:`+partitions+`):iam::\d{12}:role/[\w+=,.@/-]{1,576}`, "write arn:aws:iam::ACCOUNT:role/NAME")
	// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
	externalID = newShape("external id", `[\w+=,.@:/-]{2,1000}[\w+=,.@:/-]{0,224}`, "write 2 to 1,224 letters, digits and _ + = , . @ : / -")
	// The widest form that S3 ever allowed; checkBucketName knows the rest.
	bucketName = newShape("bucket name", `[A-Za-z0-9._-]{3,255}`, "write 3 to 63 of a-z, 0-9, - and .")
	keyARN     = newShape("KMS key's ARN", keyExpression, "write arn:aws:kms:REGION:ACCOUNT:key/ID, not an alias")
	encryption = newShape("encryption", `sqs|kms|`+keyExpression, "write sqs, kms or the key's ARN, arn:aws:kms:REGION:ACCOUNT:key/ID")
	queueID    = newShape("queue's ARN or URL", `arn:(?:`+partitions+`):sqs:[a-z0-9-]+:\d{12}:`+queueName+`|https://sqs\.[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/\d{12}/`+queueName,
		"write arn:aws:sqs:REGION:ACCOUNT:NAME")
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
	tableName = newShape("table's name", `[A-Za-z0-9_.-]{3,255}`, "write 3 to 255 letters, digits and _ . -")
	// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
	secretName = newShape("secret's name or ARN", `[A-Za-z0-9/_+=.@-]{1,512}|arn:(?:`+partitions+`):secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}`,
		"write its name, or arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME")
	domainName = newShape("domain", `[A-Za-z0-9][A-Za-z0-9_.@-]{0,127}`, "write the Devo domain's name")
	keyPrefix  = newShape("prefix of keys", `[^/][\s\S]*`, "write it as keys have it, without a slash in front")
	keySuffix  = newShape("suffix of keys", `[\s\S]*[^/]`, "write it as keys have it, without a slash behind")
	topicARN   = newShape("topic's ARN", `arn:(?:`+partitions+`):sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}`, "write arn:aws:sns:REGION:ACCOUNT:NAME, of a standard topic")
	email      = newShape("e-mail address", `[^\s@,]{1,64}@[^\s@,]{1,250}\.[A-Za-z]{2,}`, "write NAME@HOST")
	filePath   = newShape("path", `[\s\S]+`, "write the path of a PEM file")
)

func checkEndpoint(text string) error {
	host, port, err := net.SplitHostPort(text)
	if n, badPort := strconv.ParseUint(port, 10, 16); err != nil || badPort != nil || n == 0 || host == "" {
		return fmt.Errorf("%q is no endpoint; write HOST:PORT, such as collector-eu.devo.io:443", text)
	}
	return nil
}
