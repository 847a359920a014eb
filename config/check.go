package config

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/devo-s3/collector/sources"
)

const (
	day        = 24 * time.Hour
	maxTimeout = 15 * time.Minute // Lambda's
)

// check fills in the defaults that follow from the rest, and checks all.
func (r *reader) check(c *Config) {
	r.required("customer", c.Customer, customerName)
	r.required("id", c.ID, deploymentID)
	r.required("account", c.Account, accountID)
	r.required("region", c.Region, regionName)
	r.checkTimes(c)
	if c.MemoryMiB < 128 || c.MemoryMiB > 10240 {
		r.wrongAt("memory_mib", "%d is no size of a function; write 128 to 10240", c.MemoryMiB)
	}
	r.checkDevo(&c.Devo)
	r.checkLedger(c)
	r.checkContinuation(c)
	r.checkQueues(c)
}

// checkTimes checks all durations, and that an invocation is not mostly
// margin: four times what delivery.Margin keeps at its end.
func (r *reader) checkTimes(c *Config) {
	r.within("devo.confirm_every.time", c.Devo.ConfirmEvery.Time, time.Second, 5*time.Minute)
	r.within("ledger.keep", c.Ledger.Keep, 28*day, 365*day)
	bounded := r.within("timeout", c.Timeout, time.Minute, maxTimeout)
	bounded = r.within("devo.confirm_timeout", c.Devo.ConfirmTimeout, time.Second, 5*time.Minute) && bounded
	least := 4 * max(45*time.Second, c.Devo.ConfirmTimeout+15*time.Second)
	switch {
	case !bounded || c.Timeout >= least:
	case least > maxTimeout:
		r.wrongAt("devo.confirm_timeout", "confirm_timeout %s needs a timeout of %s, and Lambda allows %s; write at most %s",
			written(c.Devo.ConfirmTimeout), written(least), written(maxTimeout), written(maxTimeout/4-15*time.Second))
	default:
		r.wrongAt("timeout", "timeout %s is too short for confirm_timeout %s; write at least %s",
			written(c.Timeout), written(c.Devo.ConfirmTimeout), written(least))
	}
}

func (r *reader) checkDevo(d *DevoConfig) {
	r.atLeastOne("devo.endpoints", len(d.Endpoints), "write HOST:PORT, such as collector-eu.devo.io:443")
	for i, e := range d.Endpoints {
		path := fmt.Sprintf("devo.endpoints[%d]", i)
		r.valid(path, checkEndpoint(e))
		if slices.Contains(d.Endpoints[:i], e) {
			r.wrongAt(path, "endpoint %s is listed twice; leave one out", e)
		}
	}
	switch {
	case r.has("devo.secret") && r.has("devo.files"):
		r.wrongAt("devo.files", "secret and files exclude each other; leave one out")
	case r.has("devo.files"):
		r.required("devo.files.cert", d.Files.Cert, filePath)
		r.required("devo.files.key", d.Files.Key, filePath)
	default:
		r.required("devo.secret", d.Secret, secretName)
	}
	r.oneOf("devo.verify", d.Verify, "full", "chain")
	r.oneOf("devo.multiline", d.Multiline, "octet", "escape")
	r.oneOf("devo.confirm", d.Confirm, "closed", "drained")
	if b := d.ConfirmEvery.Bytes; b < 64<<10 || b > 1<<30 {
		r.wrongAt("devo.confirm_every.bytes", "%d bytes are out of bounds; write 64KiB to 1GiB", b)
	}
	r.valid("devo.tags.unparsed", sources.CheckTag(d.Tags.Unparsed))
	r.valid("devo.tags.bad_tag", sources.CheckTag(d.Tags.BadTag))
}

func (r *reader) checkLedger(c *Config) {
	r.oneOf("ledger.kind", c.Ledger.Kind, "dynamodb", "none")
	r.oneOf("ledger.down", c.Ledger.Down, "continue", "stop")
	switch {
	case c.Ledger.Kind == "none" && r.has("ledger.table"):
		r.wrongAt("ledger.table", "kind none has no table; leave it out")
	case r.has("ledger.table"):
		r.required("ledger.table", c.Ledger.Table, tableName)
	case c.Ledger.Kind == "dynamodb":
		c.Ledger.Table = "devo-s3-collector-" + c.Customer
	}
}

func (r *reader) checkContinuation(c *Config) {
	if !r.has("continuation") {
		c.Continuation = queueName{partition(c.Region), c.Region, c.Account, "devo-s3-collector-" + c.Customer + "-continuation"}.arn()
		return
	}
	q, err := parseQueue(c.Continuation)
	if err != nil {
		r.valid("continuation", err)
		return
	}
	c.Continuation = q.arn()
	r.sameRegion("continuation", q, c)
	if q.account != c.Account && !r.unread["account"] {
		r.wrongAt("continuation", "the continuation queue is in account %s; it must be in the function's, %s", q.account, c.Account)
	}
}

// sameRegion checks that Lambda can poll the queue at path.
func (r *reader) sameRegion(path string, q queueName, c *Config) {
	switch {
	case !r.has("region") || r.unread["region"]:
	case q.region != c.Region:
		r.wrongAt(path, "the queue is in %s; Lambda polls only in the deployment's own region, %s", q.region, c.Region)
	case q.partition != partition(c.Region):
		r.wrongAt(path, "the ARN has the partition %s; write arn:%s:…", q.partition, partition(c.Region))
	}
}

// has tells whether the file has a value at path.
func (r *reader) has(path string) bool { return r.nodes[path] != nil }

// around is path, or the nearest mapping around it that the file has.
func (r *reader) around(path string) string {
	for path != "" && !r.has(path) {
		path = path[:max(0, strings.LastIndex(path, "."))]
	}
	return path
}

// wrongAt is a mistake in the value at path. One that could not be read has
// its mistake already.
func (r *reader) wrongAt(path, format string, args ...any) {
	if path = r.around(path); !r.unread[path] {
		r.wrong(position(r.nodes[path]), fmt.Errorf(format, args...))
	}
}

func (r *reader) valid(path string, err error) {
	if err != nil {
		r.wrongAt(path, "%w", err)
	}
}

// required checks a value that must be there.
func (r *reader) required(path, value string, s shape) {
	if !r.has(path) {
		r.missing(path, s.mend)
		return
	}
	if !s.MatchString(value) {
		r.wrongAt(path, "%q is no %s; %s", value, s.is, s.mend)
	}
}

// optional checks a value that may be left out.
func (r *reader) optional(path, value string, s shape) {
	if r.has(path) {
		r.required(path, value, s)
	}
}

func (r *reader) missing(path, mend string) {
	around := r.around(path)
	r.wrongAt(around, "%s is missing; %s", strings.TrimPrefix(path[len(around):], "."), mend)
}

func (r *reader) atLeastOne(path string, n int, mend string) {
	switch {
	case !r.has(path):
		r.missing(path, mend)
	case n == 0:
		r.valid(path, errors.New("the list is empty; "+mend))
	}
}

func (r *reader) oneOf(path, value string, choices ...string) {
	if !slices.Contains(choices, value) {
		r.wrongAt(path, "%q is not known; write %s", value, strings.Join(choices, " or "))
	}
}

func (r *reader) within(path string, d, least, most time.Duration) bool {
	inside := least <= d && d <= most
	if !inside {
		r.wrongAt(path, "%s is out of bounds; write %s to %s", written(d), written(least), written(most))
	}
	return inside
}

// written is a duration as the file has it.
func written(d time.Duration) string {
	switch {
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}
