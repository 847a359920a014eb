package customer

import (
	"fmt"
	"strings"

	"github.com/devo-s3/collector/config"
)

// A notification is what a bucket tells about new objects, and whom.
type notification struct {
	to      string // Queue, Topic or EventBridge
	arn     string
	events  []string
	filters []filter // none: all keys; EventBridge has them in its rules
}

// A filter is a key's beginning and end. A bucket cannot have two that overlap,
// nor several in one entry.
type filter struct{ prefix, suffix string }

func newNotification(c *config.Config, q *config.Queue, b config.Bucket) notification {
	switch delivery(q) {
	case "sns":
		return notification{"Topic", q.TopicARN(c, b.Region), b.Events(), filters(b)}
	case "eventbridge":
		return notification{to: "EventBridge"}
	}
	return notification{"Queue", q.ARN, b.Events(), filters(b)}
}

func filters(b config.Bucket) (all []filter) {
	for _, prefix := range orEmpty(b.Prefixes) {
		for _, suffix := range orEmpty(b.Suffixes) {
			all = append(all, filter{prefix, suffix})
		}
	}
	return all
}

func orEmpty(list []string) []string {
	if len(list) == 0 {
		return []string{""}
	}
	return list
}

// rules are a filter's in CloudFormation (name, value) and in S3's API, where
// they have capitals.
func (f filter) rules(name, value string) (rules []any) {
	for _, r := range [][2]string{{"prefix", f.prefix}, {"suffix", f.suffix}} {
		if r[1] != "" {
			rules = append(rules, map[string]any{name: r[0], value: config.NotificationFilter(r[1])})
		}
	}
	return rules
}

// configuration is the notifications as CloudFormation has them.
func configuration(all []notification) any {
	entries := make(map[string][]any)
	for _, n := range all {
		for _, f := range n.filters {
			for _, event := range n.events { // an entry has one
				entry := map[string]any{"event": event, strings.ToLower(n.to): n.arn}
				if rules := f.rules("name", "value"); rules != nil {
					entry["filter"] = map[string]any{"s3Key": map[string]any{"rules": rules}}
				}
				entries[n.to] = append(entries[n.to], entry)
			}
		}
		if n.to == "EventBridge" {
			entries[n.to] = []any{}
		}
	}
	made := make(map[string]any)
	for to, list := range entries {
		switch to {
		case "EventBridge":
			made["eventBridgeConfiguration"] = map[string]any{"eventBridgeEnabled": true}
		default:
			made[strings.ToLower(to)+"Configurations"] = list
		}
	}
	return made
}

// addition is the notification as `aws s3api put-bucket-notification-configuration`
// wants it, to be merged into what the bucket has: its entries by their ids.
func (n notification) addition(id string) any {
	if n.to == "EventBridge" {
		return map[string]any{"EventBridgeConfiguration": map[string]any{}}
	}
	var entries []any
	for i, f := range n.filters {
		entry := map[string]any{"Id": fmt.Sprintf("%s-%d", id, i+1), n.to + "Arn": n.arn, "Events": n.events}
		if rules := f.rules("Name", "Value"); rules != nil {
			entry["Filter"] = map[string]any{"Key": map[string]any{"FilterRules": rules}}
		}
		entries = append(entries, entry)
	}
	return map[string]any{n.to + "Configurations": entries}
}
