package config

import (
	"fmt"
	"regexp"
	"strings"
)

// checkOrder finds queues that want their stacks deployed in opposite orders:
// AWS looks for what a stack names when it makes the stack.
func (r *reader) checkOrder(c *Config) {
	why := "" // the customer's stack must be first
	for _, q := range c.Queues {
		switch {
		case !q.Makes("queue"):
		case !q.InDevo(c):
			why = fmt.Sprintf("Lambda looks for the queue %s, which the customer's stack makes", q.Name())
		case q.Delivery == "sns":
			why = fmt.Sprintf("SNS looks for the topic %s, which the customer's stack makes", q.Name())
		}
	}
	made := make(map[string]bool)
	for _, q := range c.Queues {
		for _, b := range q.Buckets {
			made[b.Name] = made[b.Name] || b.Makes("bucket")
		}
	}
	for i, q := range c.Queues {
		if why == "" || !q.Makes("queue") || !q.InDevo(c) || q.Delivery != "s3" {
			continue
		}
		for j, b := range q.Buckets {
			if made[b.Name] {
				r.wrongAt(fmt.Sprintf("queues[%d].buckets[%d]", i, j), "S3 looks for the queue %s, which the collector's stack makes, when the bucket is made, and %s, when the collector's is: "+
					"neither can be deployed first; write delivery: sns, or eventbridge, for this queue", q.Name(), why)
			}
		}
	}
}

var noLetters = regexp.MustCompile(`[^A-Za-z0-9]+`)

// checkAlike finds names that differ for AWS and not for the customer's stack:
// CloudFormation's ids have letters and digits alone.
func (r *reader) checkAlike(c *Config) {
	seen := make(map[string]string) // by id, the name
	for _, q := range c.Polled() {
		if q.InDevo(c) || !q.Makes("queue") {
			continue
		}
		id := strings.ToLower(noLetters.ReplaceAllString(q.Name(), ""))
		if other, ok := seen[id]; ok {
			path := fmt.Sprintf("queues[%d].arn", c.place(q))
			if c.Former(q) {
				path = fmt.Sprintf("queues[%d].was", c.place(q))
			}
			r.wrongAt(path, "%s and %s are one name to CloudFormation, which takes letters and digits alone; choose a name that differs in these", other, q.Name())
		}
		seen[id] = q.Name()
	}
	for _, role := range c.Roles() {
		for _, q := range c.Polled() {
			if role.Made() && q.Makes("queue") && !q.InDevo(c) && role.Name() == q.Name() {
				key := map[string]string{"reader": "role_arn", "operator": "operator_arn"}[role.Is]
				r.wrongAt(fmt.Sprintf("queues[%d].%s", c.place(role.Queues[0]), key), "a queue has this name as well, and the stack makes both; give the role another")
			}
		}
	}
}
