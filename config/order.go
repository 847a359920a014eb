package config

import "fmt"

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
