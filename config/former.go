package config

import "fmt"

// checkFormers checks the queues whose places others take.
func (r *reader) checkFormers(c *Config) {
	taken := map[string]string{c.Continuation: "is the continuation queue", c.ContinuationDLQ(): "is the continuation queue's DLQ"}
	for _, q := range c.Queues {
		taken[q.ARN], taken[q.DLQ] = "is a queue of this file", "is a DLQ of this file"
	}
	for i := range c.Queues {
		q := &c.Queues[i]
		if q.Vendor() {
			continue
		}
		for j := range q.Was {
			former, path := &q.Was[j], fmt.Sprintf("queues[%d].was[%d]", i, j)
			if r.unread[path] {
				continue
			}
			name, ok := r.checkARN(&former.ARN, path)
			if !ok {
				continue
			}
			now := arn(q.ARN)
			if now.Account != "" && (name.Account != now.Account || name.Region != now.Region || name.Partition != now.Partition) {
				r.wrongAt(path+".arn", "the queue was in %s of account %s, and what takes its place is not; leave it where it is as a queue of its own, until it is empty", name.Region, name.Account)
			}
			if !r.has(path + ".dlq") {
				former.DLQ = former.ARN + dlqSuffix
			}
			r.checkDLQ(&former.DLQ, path, name)
			r.once(taken, path+".arn", former.ARN, "is listed already")
			r.once(taken, path+".dlq", former.DLQ, "is listed already")
		}
	}
}

// once checks that a queue is not taken, and takes it.
func (r *reader) once(taken map[string]string, path, queue, how string) {
	if is, ok := taken[queue]; ok {
		r.wrongAt(path, "%s %s; write the name that the queue had before, and each once", queue, is)
	}
	taken[queue] = how
}
