package config

import (
	"cmp"
	"slices"
	"strings"

	"github.com/devo-s3/collector/sources"
)

// What follows from a deployment's file is said here once: the stacks of both
// accounts, the function and watch have it from here. All of it holds for a
// Config that Parse gave.

// dlqSuffix is behind a queue's name in its DLQ's.
const dlqSuffix = "-dlq"

// FunctionName is the function's, devo-s3-collector-CUSTOMER, and its execution
// role's.
func (c *Config) FunctionName() string { return "devo-s3-collector-" + c.Customer }

// WatchName is watch's, and its execution role's.
func (c *Config) WatchName() string { return c.FunctionName() + "-watch" }

// ExecutionRoleARN is of the role that polls the queues and assumes the readers.
func (c *Config) ExecutionRoleARN() string { return c.roleARN(c.FunctionName()) }

// WatchRoleARN is of the role that looks at the depths of the queues.
func (c *Config) WatchRoleARN() string { return c.roleARN(c.WatchName()) }

func (c *Config) roleARN(name string) string {
	return ARN{c.Partition(), "iam", "", c.Account, "role/" + name}.String()
}

// FunctionARN is the function's, without version or alias.
func (c *Config) FunctionARN() string {
	return ARN{c.Partition(), "lambda", c.Region, c.Account, "function:" + c.FunctionName()}.String()
}

// ContinuationName is the name of the continuation queue.
func (c *Config) ContinuationName() string { return arn(c.Continuation).Resource }

// ContinuationDLQ is the ARN of the continuation queue's DLQ.
func (c *Config) ContinuationDLQ() string { return c.Continuation + dlqSuffix }

// ContinuationDLQName is the name of the continuation queue's DLQ.
func (c *Config) ContinuationDLQName() string { return c.ContinuationName() + dlqSuffix }

// AllSources are the sources of every queue, in the order of the file, each
// before those that it stands for. One that is listed under several queues comes
// as often.
func (c *Config) AllSources() (all []*sources.Source) {
	for _, q := range c.Queues {
		for _, s := range q.Sources {
			all = append(append(all, s), s.Members()...)
		}
	}
	return all
}

// Partition is the part of AWS that the deployment is in.
func (c *Config) Partition() string { return Partition(c.Region) }

// URLSuffix is what the host names of AWS in the deployment's region end with.
func (c *Config) URLSuffix() string { return URLSuffix(c.Region) }

// Remembers reports whether there is a ledger, and with it a breaker.
func (c *Config) Remembers() bool { return c.Ledger.Kind == "dynamodb" }

// Vendors reports whether watch polls anything of a vendor's.
func (c *Config) Vendors() bool { return slices.ContainsFunc(c.Queues, Queue.Vendor) }

// All are the file's queues, each with those before it whose place it takes: they
// are as it is, but for their names.
func (c *Config) All() (all []Queue) {
	for _, q := range c.Queues {
		all = append(all, q)
		for _, f := range q.Was {
			former := q
			former.ARN, former.DLQ, former.Was = f.ARN, f.DLQ, nil
			all = append(all, former)
		}
	}
	return all
}

// Polled are those of All that Lambda polls.
func (c *Config) Polled() []Queue { return slices.DeleteFunc(c.All(), Queue.Vendor) }

// Former reports whether another queue takes the place of q, one of All.
func (c *Config) Former(q Queue) bool {
	return !slices.ContainsFunc(c.Queues, func(now Queue) bool { return now.ARN == q.ARN })
}

// CollectorStack is the name of the stack in Devo's account.
func (c *Config) CollectorStack() string { return c.Customer + "-collector" }

// CustomerStack is the name of the stack in the customer's account, in the
// deployment's region.
func (c *Config) CustomerStack() string { return c.Customer + "-customer" }

// RegionStack is the name of the stack in the customer's account in another
// region, one of BucketRegions.
func (c *Config) RegionStack(region string) string { return c.CustomerStack() + "-" + region }

// CustomerAccount is the account that the customer's stacks are in: of whatever
// they make, or else of the first queue's reader.
func (c *Config) CustomerAccount() string {
	for i := range c.Queues {
		if c.Queues[i].filledByStack(c) {
			return c.Queues[i].CustomerAccount()
		}
	}
	return c.Queues[0].CustomerAccount()
}

// BucketRegions are the regions other than the deployment's in which there are
// buckets of the customer's, sorted.
func (c *Config) BucketRegions() []string {
	var regions []string
	for _, q := range c.Queues {
		for _, b := range q.Buckets {
			if b.Region != c.Region && !q.Vendor() {
				regions = append(regions, b.Region)
			}
		}
	}
	slices.Sort(regions)
	return slices.Compact(regions)
}

// arn is an ARN that was checked.
func arn(text string) ARN {
	a, _ := ParseARN(text)
	return a
}

// Name is the queue's.
func (q Queue) Name() string { return arn(q.ARN).Resource }

// Account is the one that the queue is in.
func (q Queue) Account() string { return arn(q.ARN).Account }

// Region is the one that the queue is in, the deployment's.
func (q Queue) Region() string { return arn(q.ARN).Region }

// URL is what callers of SQS name the queue by.
func (q Queue) URL() string {
	a := arn(q.ARN)
	return "https://sqs." + a.Region + "." + URLSuffix(a.Region) + "/" + a.Account + "/" + a.Resource
}

// RestoredBuckets are the names of those whose restored objects are taken.
func (q Queue) RestoredBuckets() (names []string) {
	for _, b := range q.Buckets {
		if b.Restored {
			names = append(names, b.Name)
		}
	}
	return names
}

// DLQName is the name of the queue's DLQ.
func (q Queue) DLQName() string { return arn(q.DLQ).Resource }

// InDevo tells whether the queue lives in Devo's account: then the collector's
// stack makes it, and the customer's only what fills it.
func (q Queue) InDevo(c *Config) bool { return q.Account() == c.Account }

// Direct tells whether the queue's messages are records themselves.
func (q Queue) Direct() bool { return q.Kind == direct }

// CustomerAccount is the one of the queue's reader; the queue's own too, unless
// that is InDevo. It is the queue's own where there is nothing to read.
func (q Queue) CustomerAccount() string { return cmp.Or(arn(q.RoleARN).Account, q.Account()) }

// ReaderName is the name of the role that reads the buckets, without its path.
func (q Queue) ReaderName() string { return arn(q.RoleARN).Name() }

// OperatorName is the name of the role for Devo's people, without its path; ""
// if there is none.
func (q Queue) OperatorName() string { return arn(q.OperatorARN).Name() }

// Makes tells whether a stack makes it: queue, reader or operator.
func (q Queue) Makes(what string) bool { return slices.Contains(q.Make, what) }

// OwnKey is the ARN of the key that encrypts the queue and is there already; ""
// if there is none.
func (q Queue) OwnKey() string {
	if strings.HasPrefix(q.Encryption, "arn:") {
		return q.Encryption
	}
	return ""
}

// ARN is the bucket's.
func (b Bucket) ARN() string {
	return ARN{Partition: Partition(b.Region), Service: "s3", Resource: b.Name}.String()
}

// Events are those that S3 has to tell of, in the names of its notifications.
func (b Bucket) Events() []string {
	if b.Restored {
		return []string{"s3:ObjectCreated:*", "s3:ObjectRestore:Completed"}
	}
	return []string{"s3:ObjectCreated:*"}
}

// DetailTypes are Events in the names of EventBridge.
func (b Bucket) DetailTypes() []string {
	if b.Restored {
		return []string{"Object Created", "Object Restore Completed"}
	}
	return []string{"Object Created"}
}

// Makes tells whether the customer's stack makes it: bucket or trail.
func (b Bucket) Makes(what string) bool { return slices.Contains(b.Make, what) }
