package config

import (
	"fmt"
	"slices"
	"time"
)

const (
	maxQueueName  = 80
	maxRoleName   = 64
	maxWindow     = 5 * time.Minute
	maxVisibility = 12 * time.Hour
	maxPosted     = 15 << 20
)

func (r *reader) checkQueues(c *Config) {
	r.atLeastOne("queues", len(c.Queues), "write at least one queue")
	listed := map[string]string{c.Continuation: "is the continuation queue"}
	for i := range c.Queues {
		q, path := &c.Queues[i], fmt.Sprintf("queues[%d]", i)
		if r.unread[path] {
			continue
		}
		r.checkQueue(q, path, c)
		if how, ok := listed[q.ARN]; ok && q.ARN != "" {
			r.wrongAt(path+".arn", "%s %s; list each queue once", q.ARN, how)
		}
		listed[q.ARN] = "is listed already"
	}
	r.checkFormers(c)
	r.checkSharing(c)
	r.checkOverlaps(c.Queues)
}

func (r *reader) checkQueue(q *Queue, path string, c *Config) {
	switch at := path + ".silence_after"; {
	case !r.has(at):
		q.SilenceAfter = c.Alarms.SilenceAfter
	case q.SilenceAfter != 0:
		r.checkSilence(at, q.SilenceAfter)
	}
	if r.has(path+".keys") || q.Listing() {
		r.checkVendor(q, path, c)
		return
	}
	name, ok := r.checkARN(&q.ARN, path)
	if ok {
		r.sameRegion(path+".arn", name, c)
		r.checkDLQ(&q.DLQ, path, name)
	}
	r.checkMake(path, q.Make)
	r.fill(q, path, c)
	r.oneOf(path+".kind", q.Kind)
	r.checkRoles(q, path, c)
	r.checkPolling(q, path, c)
	r.checkEncryption(q, path, name)
	if q.Direct() {
		r.checkDirect(q, path)
	} else {
		r.required(path+".role_arn", q.RoleARN)
		r.oneOf(path+".delivery", q.Delivery)
		r.checkBuckets(q, path, c)
	}
	r.atLeastOne(path+".sources", len(q.Sources), "write at least one service or source of the customer's own")
	for i, s := range q.Sources {
		if c.Devo.Sink == "http" && s.Definition().MaxRecord > maxPosted {
			r.wrongAt(fmt.Sprintf("%s.sources[%d].max_record", path, i), "the HTTP endpoint takes 32 MB in a request, and escapes may double a record; write at most 15MiB")
		}
	}
}

// checkARN reads the queue's ARN or URL; ok if it is one.
func (r *reader) checkARN(written *string, path string) (name ARN, ok bool) {
	at := path + ".arn"
	if !r.has(at) {
		r.missing(at, "write arn:aws:sqs:REGION:ACCOUNT:NAME")
		return ARN{}, false
	}
	name, err := parseQueue(*written)
	if err != nil {
		r.valid(at, err)
		return name, false
	}
	*written = name.String()
	return name, true
}

// fill sets what the file leaves out.
func (r *reader) fill(q *Queue, path string, c *Config) {
	set := func(key string, set func()) {
		if !r.has(path + "." + key) {
			set()
		}
	}
	set("kind", func() { q.Kind = "notifications" })
	if q.Direct() {
		set("make", func() { q.Make = []string{"queue"} })
	} else {
		set("make", func() { q.Make = []string{"queue", "reader"} })
		set("delivery", func() { q.Delivery = "s3" })
	}
	set("encryption", func() { q.Encryption = "sqs" })
	set("batch_size", func() { q.BatchSize = 5 })
	set("concurrency", func() { q.Concurrency = 10 })
	set("visibility", func() { q.Visibility = leastVisibility(q, c) })
	set("dlq", func() { q.DLQ = q.ARN + dlqSuffix })
	for i := range q.Buckets {
		b := &q.Buckets[i]
		set(fmt.Sprintf("buckets[%d].owner", i), func() { b.Owner = q.CustomerAccount() })
		set(fmt.Sprintf("buckets[%d].region", i), func() { b.Region = c.Region })
	}
}

// leastVisibility is what AWS advises, so that a message which waits for a
// throttled function is not received twice.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func leastVisibility(q *Queue, c *Config) time.Duration { return 6*c.Timeout + q.BatchWindow }

// checkDLQ checks the DLQ of a queue, if the file has one.
func (r *reader) checkDLQ(written *string, path string, queue ARN) {
	at := path + ".dlq"
	if !r.has(at) {
		if most := maxQueueName - len(dlqSuffix); len(queue.Resource) > most {
			r.wrongAt(path+".arn", "the queue's name leaves no room for its DLQ's, NAME%s; write at most %d characters, or set dlq", dlqSuffix, most)
		}
		return
	}
	dlq, err := parseQueue(*written)
	if err != nil {
		r.valid(at, err)
		return
	}
	*written = dlq.String()
	if dlq == queue {
		r.wrongAt(at, "this is the queue itself; write another queue's ARN")
	}
	if dlq.Account != queue.Account || dlq.Region != queue.Region {
		r.wrongAt(at, "SQS wants a DLQ in its queue's account and region; write arn:%s:sqs:%s:%s:NAME", queue.Partition, queue.Region, queue.Account)
	}
}

// checkMake checks what is to be made.
func (r *reader) checkMake(path string, list []string) {
	for i, what := range list {
		at := fmt.Sprintf("%s.make[%d]", path, i)
		r.oneOf(at, what)
		if slices.Contains(list[:i], what) {
			r.wrongAt(at, "%s is listed twice; leave one out", what)
		}
	}
}

func (r *reader) checkRoles(q *Queue, path string, c *Config) {
	r.optional(path+".external_id", q.ExternalID)
	r.optional(path+".operator_arn", q.OperatorARN)
	if q.Makes("operator") && !r.has(path+".operator_arn") {
		r.missing(path+".operator_arn", roleARN.mend)
	}
	if q.OperatorARN != "" && q.OperatorARN == q.RoleARN {
		r.wrongAt(path+".operator_arn", "people and the function need roles of their own; write another role")
	}
	r.checkRole(path+".role_arn", q.RoleARN, q, c)
	r.checkRole(path+".operator_arn", q.OperatorARN, q, c)
}

// checkRole checks a role that looks like one.
func (r *reader) checkRole(path, text string, q *Queue, c *Config) {
	if !roleARN.MatchString(text) {
		return
	}
	role, queue := arn(text), arn(q.ARN)
	switch {
	case len(role.Name()) > maxRoleName:
		r.wrongAt(path, "a role's name has %d characters at most; write a shorter one", maxRoleName)
	case regionName.MatchString(c.Region) && role.Partition != c.Partition():
		r.wrongAt(path, "the ARN has the partition %s; write arn:%s:…", role.Partition, c.Partition())
	case queue.Account == "" || !accountID.MatchString(c.Account) || q.InDevo(c):
	case role.Account != queue.Account:
		r.wrongAt(path, "the role is in account %s, its queue in %s; write a role of the queue's account", role.Account, queue.Account)
	}
}

// checkPolling checks how Lambda takes messages from the queue.
func (r *reader) checkPolling(q *Queue, path string, c *Config) {
	r.number(path+".batch_size", q.BatchSize)
	r.number(path+".concurrency", q.Concurrency)
	windowed := r.seconds(path+".batch_window", q.BatchWindow, 0, maxWindow)
	if q.BatchSize > 10 && q.BatchWindow < time.Second && windowed {
		r.wrongAt(path+".batch_size", "Lambda gives more than 10 messages at once only with a batch_window; write at least batch_window: 1s")
	}
	if least := leastVisibility(q, c); windowed && !r.unread["timeout"] && c.Timeout <= maxTimeout && q.Visibility < least {
		r.wrongAt(path+".visibility", "%s is too short for timeout %s and batch_window %s; write at least %s, or leave it out",
			written(q.Visibility), written(c.Timeout), written(q.BatchWindow), written(least))
		return
	}
	r.seconds(path+".visibility", q.Visibility, time.Second, maxVisibility)
}

func (r *reader) checkEncryption(q *Queue, path string, queue ARN) {
	at := path + ".encryption"
	r.optional(at, q.Encryption)
	if q.Encryption == "kms" && !q.Makes("queue") {
		r.wrongAt(at, "kms is a new key for a queue that the stack makes, and make has no queue; write the key's ARN, or sqs")
	}
	key := arn(q.Encryption)
	if keyARN.MatchString(q.Encryption) && queue.Account != "" && (key.Region != queue.Region || key.Account != queue.Account) {
		r.wrongAt(at, "the key is in %s of account %s; write one of the queue's, arn:%s:kms:%s:%s:key/ID",
			key.Region, key.Account, queue.Partition, queue.Region, queue.Account)
	}
}

// checkSharing checks what the queues have in common.
func (r *reader) checkSharing(c *Config) {
	first := make(map[string]string) // by role, its external id
	dlqs := make(map[string]string)  // by ARN, the queue's
	account := ""
	for i := range c.Queues {
		q, path := &c.Queues[i], fmt.Sprintf("queues[%d]", i)
		if r.unread[path] || q.Vendor() {
			continue
		}
		if id, ok := first[q.RoleARN]; ok && id != q.ExternalID && q.RoleARN != "" && !q.Direct() {
			r.wrongAt(path+".external_id", "the same role has another external id above; a role's trust policy asks for one")
		} else if !ok {
			first[q.RoleARN] = q.ExternalID
		}
		if other, ok := dlqs[q.DLQ]; ok && q.Makes("queue") && other != q.ARN {
			r.wrongAt(path+".dlq", "%s is another queue's DLQ; a stack makes one for each queue", q.DLQ)
		}
		dlqs[q.DLQ] = q.ARN
		own := q.CustomerAccount()
		switch {
		case !q.filledByStack(c) || own != q.Account() && !q.InDevo(c): // the latter is wrong by itself
		case account == "":
			account = own
		case own != account:
			r.wrongAt(path+".role_arn", "the stacks make things in account %s already; in account %s all must be there: write make: [], and no make for its buckets", account, own)
		}
	}
}

// filledByStack tells whether the customer's stack makes anything for the queue.
func (q *Queue) filledByStack(c *Config) bool {
	return q.Makes("reader") || q.Makes("operator") || q.Makes("queue") && !q.InDevo(c) ||
		slices.ContainsFunc(q.Buckets, func(b Bucket) bool { return len(b.Make) > 0 })
}
