package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// A Rule is what the value of a key must be by itself, whatever else the file
// says. What is zero is not asked for.
type Rule struct {
	// Expression must match the whole text. It is the same in RE2 and ECMA-262.
	Expression string
	// Choices are the texts of which it must be one.
	Choices []string
	// Least and Most bound a number.
	Least, Most int
}

// Rules are by the path of the key, in which [] stands for any entry of a list:
// queues[].buckets[].name.
func Rules() map[string]Rule {
	rules := maps.Clone(plain)
	for path, s := range shapes {
		rules[path] = Rule{Expression: s.expression}
	}
	return rules
}

var shapes = map[string]shape{
	"customer":                      customerName,
	"id":                            deploymentID,
	"account":                       accountID,
	"region":                        regionName,
	"devo.domain":                   domainName,
	"devo.secret":                   secretName,
	"devo.files.cert":               filePath,
	"devo.files.key":                filePath,
	"ledger.table":                  tableName,
	"continuation":                  queueID,
	"alarms.topic":                  topicARN,
	"alarms.emails[]":               email,
	"queues[].arn":                  queueID,
	"queues[].dlq":                  queueID,
	"queues[].was[].arn":            queueID,
	"queues[].was[].dlq":            queueID,
	"queues[].keys":                 secretName,
	"queues[].role_arn":             roleARN,
	"queues[].external_id":          externalID,
	"queues[].operator_arn":         roleARN,
	"queues[].encryption":           encryption,
	"queues[].buckets[].name":       bucketName,
	"queues[].buckets[].owner":      accountID,
	"queues[].buckets[].region":     regionName,
	"queues[].buckets[].kms_key":    keyARN,
	"queues[].buckets[].prefixes[]": keyPrefix,
	"queues[].buckets[].suffixes[]": keySuffix,
}

var plain = map[string]Rule{
	"memory_mib":                {Least: 128, Most: 10240},
	"architecture":              {Choices: []string{"arm64", "x86_64"}},
	"alarms.certificate_days":   {Least: 1, Most: 365},
	"devo.sink":                 {Choices: []string{"syslog", "http", "relay"}},
	"devo.verify":               {Choices: []string{"full", "chain"}},
	"devo.multiline":            {Choices: []string{"octet", "escape"}},
	"devo.confirm":              {Choices: []string{"notified", "closed", "drained"}},
	"ledger.kind":               {Choices: []string{"dynamodb", "none"}},
	"ledger.down":               {Choices: []string{"continue", "stop"}},
	"queues[].kind":             {Choices: []string{"notifications", direct, listing}},
	"queues[].make[]":           {Choices: []string{"queue", "reader", "operator"}},
	"queues[].delivery":         {Choices: []string{"s3", "sns", "eventbridge"}},
	"queues[].batch_size":       {Least: 1, Most: 10_000},
	"queues[].concurrency":      {Least: 2, Most: 1000},
	"queues[].buckets[].make[]": {Choices: []string{"bucket", "trail"}},
}

var index = regexp.MustCompile(`\[\d+\]`)

// rulePath is the path under which there may be a rule for the key at path.
func rulePath(path string) string { return index.ReplaceAllString(path, "[]") }

// Check tells what is wrong with a text as the value of a key, whatever else the
// file says. A path for which there is no rule takes any text.
func Check(path, text string) error {
	if path == "devo.endpoints[]" {
		return checkEndpoint(text)
	}
	if s, ok := shapes[path]; ok {
		return s.check(text)
	}
	return plain[path].check(text)
}

func (s shape) check(text string) error {
	if s.MatchString(text) {
		return nil
	}
	return fmt.Errorf("%q is no %s; %s", text, s.is, s.mend)
}

func (r Rule) check(text string) error {
	if r.Choices == nil || slices.Contains(r.Choices, text) {
		return nil
	}
	return fmt.Errorf("%q is not known; write %s", text, strings.Join(r.Choices, " or "))
}
