package collector

import (
	"time"

	"github.com/devo-s3/collector/config"
)

const (
	// late is how much longer than its visibility timeout a message may wait: one
	// whose invocation died comes back at that time, and is no fault yet.
	late = 10 * time.Minute
	// ending is what delivery keeps at an invocation's end beyond the longest
	// confirmation. An invocation that reaches into it does not end by plan.
	ending = 15 * time.Second
	// sideBySide is how many messages of a batch delivery works on at once.
	sideBySide = 10
)

// Lambda's bounds of /tmp, in MiB.
const (
	leastStorage = 512
	mostStorage  = 10 << 10
)

// lateAfter is the age at which the oldest message shows that the deployment is
// behind.
func lateAfter(c *config.Config) time.Duration {
	longest := time.Duration(0)
	for _, q := range c.Queues {
		if !q.Vendor() { // whose messages come by the continuation queue
			longest = max(longest, q.Visibility)
		}
	}
	return longest + late
}

// continuationVisibility is long enough for Lambda's own retries within one
// receive, as it is for the customer's queues.
func continuationVisibility(c *config.Config) time.Duration { return 6 * c.Timeout }

// memoryLimit is Go's soft limit in MiB. What is left is for what Go does not
// count: the binary, the kernel's buffers of sockets.
func memoryLimit(memoryMiB int) int { return memoryMiB - max(memoryMiB/10, 48) }

// storage is the function's /tmp in MiB: enough for all messages of a batch to
// spool at once, where a source says how much that is.
func storage(c *config.Config) int {
	most := leastStorage
	for _, q := range c.Queues {
		batch := q.BatchSize
		if q.Vendor() {
			batch = continuationBatch
		}
		most = max(most, q.SpoolMiB()*min(batch, sideBySide))
	}
	return min(most, mostStorage)
}
