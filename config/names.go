package config

import (
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
)

// A shape is what a value must look like.
type shape struct {
	*regexp.Regexp
	is   string // what a value of this shape is
	mend string // what would be right
}

func newShape(is, expression, mend string) shape {
	return shape{regexp.MustCompile(`\A(?:` + expression + `)\z`), is, mend}
}

const partitions = `aws|aws-cn|aws-us-gov`

var (
	customerName = newShape("customer's name", `[a-z][a-z0-9-]{0,31}`, "write a lower-case letter, then up to 31 of a-z, 0-9 and -")
	deploymentID = newShape("id", `[A-Za-z0-9]{1,32}`, "write 1 to 32 letters and digits, no hyphen: queries on hostchain split there")
	accountID    = newShape("account id", `\d{12}`, `write 12 digits, in quotes`)
	regionName   = newShape("region", `[a-z]{2}(?:-[a-z]+)+-\d`, "write a region such as eu-west-1")
	roleARN      = newShape("role's ARN", `arn:(?:`+partitions+`):iam::\d{12}:role/[\w+=,.@/-]{1,576}`, "write arn:aws:iam::ACCOUNT:role/NAME")
	// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
	externalID = newShape("external id", `[\w+=,.@:/-]{2,1000}[\w+=,.@:/-]{0,224}`, "write 2 to 1,224 letters, digits and _ + = , . @ : / -")
	// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
	bucketName = newShape("bucket's name", `[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]`, "write 3 to 63 of a-z, 0-9, - and .")
	keyARN     = newShape("KMS key's ARN", `arn:(?:`+partitions+`):kms:[a-z0-9-]+:\d{12}:key/[A-Za-z0-9-]+`, "write arn:aws:kms:REGION:ACCOUNT:key/ID, not an alias")
	// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
	tableName = newShape("table's name", `[A-Za-z0-9_.-]{3,255}`, "write 3 to 255 letters, digits and _ . -")
	// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
	secretName = newShape("secret's name or ARN", `[A-Za-z0-9/_+=.@-]{1,512}|arn:(?:`+partitions+`):secretsmanager:[a-z0-9-]+:\d{12}:secret:[A-Za-z0-9/_+=.@-]{1,519}`,
		"write its name, or arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME")
	keyPrefix = newShape("prefix of keys", `(?s)[^/].*`, "write it as keys have it, without a slash in front")
	filePath  = newShape("path", `(?s).+`, "write the path of a PEM file")
)

var (
	queueARN = regexp.MustCompile(`\Aarn:(` + partitions + `):sqs:([a-z0-9-]+):(\d{12}):([A-Za-z0-9_-]{1,80}(?:\.fifo)?)\z`)
	queueURL = regexp.MustCompile(`\Ahttps://sqs\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(\d{12})/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)\z`)
)

// A queueName is what a queue's ARN says.
type queueName struct {
	partition, region, account, name string
}

// parseQueue reads a queue's ARN or URL.
func parseQueue(text string) (queueName, error) {
	var q queueName
	if m := queueARN.FindStringSubmatch(text); m != nil {
		q = queueName{m[1], m[2], m[3], m[4]}
	} else if m := queueURL.FindStringSubmatch(text); m != nil {
		q = queueName{partition(m[1]), m[1], m[2], m[3]}
	} else {
		return q, fmt.Errorf("%q is no queue's ARN or URL; write arn:aws:sqs:REGION:ACCOUNT:NAME", text)
	}
	if strings.HasSuffix(q.name, ".fifo") {
		return q, fmt.Errorf("%q is a FIFO queue, which S3 does not send to; use a standard queue", q.name)
	}
	return q, nil
}

func (q queueName) arn() string {
	return "arn:" + q.partition + ":sqs:" + q.region + ":" + q.account + ":" + q.name
}

// partition is the part of AWS that a region is in.
func partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}

func checkEndpoint(text string) error {
	host, port, err := net.SplitHostPort(text)
	if n, badPort := strconv.ParseUint(port, 10, 16); err != nil || badPort != nil || n == 0 || host == "" {
		return fmt.Errorf("%q is no endpoint; write HOST:PORT, such as collector-eu.devo.io:443", text)
	}
	return nil
}
