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
	r.required("customer", c.Customer)
	r.required("id", c.ID)
	r.required("account", c.Account)
	r.required("region", c.Region)
	r.checkTimes(c)
	r.number("memory_mib", c.MemoryMiB)
	r.oneOf("architecture", c.Architecture)
	r.checkDevo(&c.Devo)
	r.checkAlarms(&c.Alarms, c)
	r.checkLedger(c)
	r.checkContinuation(c)
	r.checkQueues(c)
}

// checkTimes checks all durations, and that an invocation is not mostly
// margin: four times what delivery.Margin keeps at its end.
func (r *reader) checkTimes(c *Config) {
	r.within("devo.confirm_every.time", c.Devo.ConfirmEvery.Time, time.Second, 5*time.Minute)
	if d := c.Devo.Heartbeat; d != 0 && r.within("devo.heartbeat", d, time.Minute, time.Hour) && d%time.Minute != 0 {
		r.wrongAt("devo.heartbeat", "watch runs once a minute; write %s", written(d.Truncate(time.Minute)))
	}
	r.within("ledger.keep", c.Ledger.Keep, 28*day, 365*day)
	r.checkRetention(c.LogRetention)
	bounded := r.seconds("timeout", c.Timeout, time.Minute, maxTimeout)
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
	r.checkSink(d)
	r.oneOf("devo.verify", d.Verify)
	r.oneOf("devo.multiline", d.Multiline)
	if r.has("devo.confirm") {
		r.oneOf("devo.confirm", d.Confirm)
	}
	if b := d.ConfirmEvery.Bytes; b < 64<<10 || b > 1<<30 {
		r.wrongAt("devo.confirm_every.bytes", "%d bytes are out of bounds; write 64KiB to 1GiB", b)
	}
	r.valid("devo.tags.unparsed", sources.CheckTag(d.Tags.Unparsed))
	r.valid("devo.tags.bad_tag", sources.CheckTag(d.Tags.BadTag))
}

// checkSink checks what one sink wants and another does not have.
func (r *reader) checkSink(d *DevoConfig) {
	r.oneOf("devo.sink", d.Sink)
	switch {
	case d.Sink == "relay":
		for _, key := range []string{"secret", "files", "verify"} {
			if r.has("devo." + key) {
				r.wrongAt("devo."+key, "a relay speaks no TLS and has no %s; leave it out", key)
			}
		}
		if d.Confirm == "notified" {
			r.wrongAt("devo.confirm", "a relay speaks no TLS and sends no close_notify; leave it out")
		}
	case d.Sink == "http" && r.has("devo.files"):
		r.wrongAt("devo.files", "the HTTP endpoint's token is only in a secret; leave files out, and write secret")
	case r.has("devo.secret") && r.has("devo.files"):
		r.wrongAt("devo.files", "secret and files exclude each other; leave one out")
	case r.has("devo.files"):
		r.required("devo.files.cert", d.Files.Cert)
		r.required("devo.files.key", d.Files.Key)
	default:
		r.required("devo.secret", d.Secret)
	}
	switch {
	case d.Sink == "http":
		r.required("devo.domain", d.Domain)
		if d.Confirm == "drained" || d.Confirm == "notified" {
			r.wrongAt("devo.confirm", "the HTTP endpoint answers each request; leave it out")
		}
	case r.has("devo.domain"):
		r.wrongAt("devo.domain", "only the HTTP endpoint is told the domain; leave it out, or write sink: http")
	}
	if d.Gzip && d.Sink == "relay" {
		r.wrongAt("devo.gzip", "a relay is not known to take gzip; leave it out")
	}
	lines := d.Gzip || d.Sink == "http"
	switch {
	case !r.has("devo.multiline") && (lines || d.Sink == "relay"):
		d.Multiline = "escape"
	case !r.has("devo.multiline"):
		d.Multiline = "octet"
	case lines && d.Multiline == "octet":
		r.wrongAt("devo.multiline", "octet is neither for gzip nor for sink http; write escape, or leave it out")
	}
}

// retentions are the numbers of days for which CloudWatch keeps logs.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var retentions = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

func (r *reader) checkRetention(d time.Duration) {
	days := int(d / day)
	if d%day == 0 && slices.Contains(retentions, days) {
		return
	}
	next := retentions[len(retentions)-1]
	if i := slices.IndexFunc(retentions, func(n int) bool { return time.Duration(n)*day > d }); i >= 0 {
		next = retentions[i]
	}
	r.wrongAt("log_retention", "CloudWatch does not keep logs for just %s; write %dd", written(d), next)
}

func (r *reader) checkAlarms(a *Alarms, c *Config) {
	r.number("alarms.certificate_days", a.CertificateDays)
	if r.has("alarms.silence_after") {
		r.checkSilence("alarms.silence_after", a.SilenceAfter)
	}
	r.optional("alarms.topic", a.Topic)
	if topic := arn(a.Topic); topicARN.MatchString(a.Topic) && regionName.MatchString(c.Region) && topic.Region != c.Region {
		r.wrongAt("alarms.topic", "the topic is in %s; alarms tell only topics of their own region, %s", topic.Region, c.Region)
	}
	if !r.has("alarms.emails") {
		return
	}
	if r.has("alarms.topic") {
		r.wrongAt("alarms.emails", "topic and emails exclude each other; subscribe them to that topic, and leave them out here")
	}
	r.atLeastOne("alarms.emails", len(a.Emails), "leave it out for none")
	for i, e := range a.Emails {
		path := fmt.Sprintf("alarms.emails[%d]", i)
		r.required(path, e)
		if slices.Contains(a.Emails[:i], e) {
			r.wrongAt(path, "%s is listed twice; leave one out", e)
		}
	}
}

func (r *reader) checkSilence(path string, d time.Duration) {
	if r.within(path, d, 5*time.Minute, day) && d%time.Minute != 0 {
		r.wrongAt(path, "CloudWatch counts whole minutes; write %s", written(d.Truncate(time.Minute)))
	}
}

func (r *reader) checkLedger(c *Config) {
	r.oneOf("ledger.kind", c.Ledger.Kind)
	r.oneOf("ledger.down", c.Ledger.Down)
	switch {
	case c.Ledger.Kind == "none" && r.has("ledger.table"):
		r.wrongAt("ledger.table", "kind none has no table; leave it out")
	case r.has("ledger.table"):
		r.required("ledger.table", c.Ledger.Table)
	case c.Ledger.Kind == "dynamodb":
		c.Ledger.Table = c.FunctionName()
	}
}

func (r *reader) checkContinuation(c *Config) {
	if !r.has("continuation") {
		c.Continuation = ARN{c.Partition(), "sqs", c.Region, c.Account, c.FunctionName() + "-continuation"}.String()
		return
	}
	q, err := parseQueue(c.Continuation)
	if err != nil {
		r.valid("continuation", err)
		return
	}
	c.Continuation = q.String()
	if most := maxQueueName - len(dlqSuffix); len(q.Resource) > most {
		r.wrongAt("continuation", "the queue's name leaves no room for its DLQ's, NAME%s; write at most %d characters", dlqSuffix, most)
	}
	r.sameRegion("continuation", q, c)
	if q.Account != c.Account && !r.unread["account"] {
		r.wrongAt("continuation", "the continuation queue is in account %s; it must be in the function's, %s", q.Account, c.Account)
	}
}

// sameRegion checks that Lambda can poll the queue at path.
func (r *reader) sameRegion(path string, q ARN, c *Config) {
	switch {
	case !regionName.MatchString(c.Region):
	case q.Region != c.Region:
		r.wrongAt(path, "the queue is in %s; Lambda polls only in the deployment's own region, %s", q.Region, c.Region)
	case q.Partition != c.Partition():
		r.wrongAt(path, "the ARN has the partition %s; write arn:%s:…", q.Partition, c.Partition())
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

// required checks a text that must be there.
func (r *reader) required(path, value string) {
	if !r.has(path) {
		r.missing(path, shapes[rulePath(path)].mend)
		return
	}
	r.valid(path, shapes[rulePath(path)].check(value))
}

// optional checks a text that may be left out.
func (r *reader) optional(path, value string) {
	if r.has(path) {
		r.required(path, value)
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

func (r *reader) oneOf(path, value string) {
	r.valid(path, plain[rulePath(path)].check(value))
}

func (r *reader) number(path string, n int) {
	if rule := plain[rulePath(path)]; n < rule.Least || n > rule.Most {
		r.wrongAt(path, "%d is out of bounds; write %d to %d", n, rule.Least, rule.Most)
	}
}

// seconds checks a duration of which AWS takes whole seconds.
func (r *reader) seconds(path string, d, least, most time.Duration) bool {
	if !r.within(path, d, least, most) {
		return false
	}
	if d%time.Second != 0 {
		r.wrongAt(path, "AWS counts whole seconds; write %s", written(d.Truncate(time.Second)))
		return false
	}
	return true
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
	case d == 0:
		return "0s"
	case d%day == 0:
		return fmt.Sprintf("%dd", d/day)
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}
