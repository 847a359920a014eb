package config

import (
	"fmt"
	"regexp"
	"strings"
)

// An ARN is an Amazon Resource Name.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
type ARN struct {
	// Partition is aws, aws-cn or aws-us-gov.
	Partition string
	Service   string
	// Region and Account are "" where the service has none there.
	Region, Account string
	// Resource is all behind the fifth colon: a queue's name, role/NAME.
	Resource string
}

var arnPattern = regexp.MustCompile(`\Aarn:(` + partitions + `):([a-z0-9-]+):([a-z0-9-]*):(\d{12}|):(.+)\z`)

// ParseARN reads an ARN of a partition that is known here.
func ParseARN(text string) (ARN, error) {
	m := arnPattern.FindStringSubmatch(text)
	if m == nil {
		return ARN{}, fmt.Errorf("%q is no ARN; write arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE", text)
	}
	return ARN{m[1], m[2], m[3], m[4], m[5]}, nil
}

func (a ARN) String() string {
	return strings.Join([]string{"arn", a.Partition, a.Service, a.Region, a.Account, a.Resource}, ":")
}

// Name is the resource's last part: of role/path/NAME the NAME.
func (a ARN) Name() string {
	return a.Resource[strings.LastIndexByte(a.Resource, '/')+1:]
}

var queueURL = regexp.MustCompile(`\Ahttps://sqs\.([^.]+)\.[^/]+/(\d{12})/(.+)\z`)

// parseQueue reads a queue's ARN or URL.
func parseQueue(text string) (ARN, error) {
	if err := queueID.check(text); err != nil {
		return ARN{}, err
	}
	q := arn(text)
	if m := queueURL.FindStringSubmatch(text); m != nil {
		q = ARN{Partition(m[1]), "sqs", m[1], m[2], m[3]}
	}
	if strings.HasSuffix(q.Resource, ".fifo") {
		return q, fmt.Errorf("%q is a FIFO queue, which S3 does not send to; use a standard queue", q.Resource)
	}
	return q, nil
}
