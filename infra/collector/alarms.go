package collector

import (
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"

	"github.com/devo-s3/collector/infra/queue"
	"github.com/devo-s3/collector/telemetry"
)

// A tells says whom an alarm tells when it begins and when it ends, besides the
// notices, whom all tell.
type tells int

const (
	// page: the logs do not arrive. It is part of the one composite alarm that
	// pages, so that a fault that shows in five places pages once.
	page tells = iota
	// alone: the logs arrive, and something needs a person, some of these days. It
	// tells those who are paged by itself: within the composite it would keep that
	// in alarm, and hide what comes next.
	alone
)

// An alarm is a metric out of bounds for so many of the last so many periods.
type alarm struct {
	name    string // in the runbook it is the section's
	queue   string // in the alarm's name too, where each queue has one, or each source
	says    string
	metric  awscloudwatch.IMetric
	is      awscloudwatch.ComparisonOperator
	bound   float64
	count   int // periods out of bounds
	of      int // the last so many; 0 is count
	missing awscloudwatch.TreatMissingData
	tells   tells
}

const (
	over    = awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD
	reaches = awscloudwatch.ComparisonOperator_GREATER_THAN_OR_EQUAL_TO_THRESHOLD
	under   = awscloudwatch.ComparisonOperator_LESS_THAN_THRESHOLD
)

// What a period without data says.
const (
	fine   = awscloudwatch.TreatMissingData_NOT_BREACHING // the default
	bad    = awscloudwatch.TreatMissingData_BREACHING
	asWas  = awscloudwatch.TreatMissingData_IGNORE // nothing: who measures is silent, and has an alarm of its own
	minute = time.Minute
	day    = 24 * time.Hour
)

const (
	// longestDelay is more than delivery hides a message for, jitter included.
	longestDelay = 2 * time.Hour
	// deadLetterLife is the least that a dead letter has: SQS counts its time from
	// when it was first sent, and its age from when it came to the DLQ.
	deadLetterLife = queue.DLQRetention - queue.Retention
)

// list is every alarm of the deployment.
func (b *build) list() []alarm {
	all := append(b.stopped(), b.broken()...)
	all = append(all, b.wanting()...)
	return append(all, b.waiting()...)
}

// stopped are for logs that do not move.
func (b *build) stopped() []alarm {
	c, f := b.config, b.config.FunctionName()
	all := []alarm{
		{
			name: "watch-silent", says: "watch has not run for 5 minutes: nothing pauses the queues when Devo cannot be reached, and no depth is measured.",
			metric: b.own(telemetry.WatchRuns, sum, minute), is: under, bound: 1, count: 5, missing: bad,
		},
		{
			name: "lag", says: "Messages are received later than a retry explains: the collector is behind.",
			metric: b.own(telemetry.OldestMessage, maximum, minute), is: reaches, bound: lateAfter(c).Seconds(), count: 3, of: 5,
		},
		{
			name: "not-polled", says: "Messages wait, and for two hours none was received: Lambda does not poll.",
			metric: expression("messages wait, none received", longestDelay/8, "IF(FILL(waiting, 0) > 0 AND FILL(invocations, 0) == 0, 1, 0)",
				map[string]awscloudwatch.IMetric{
					"waiting":     b.own(telemetry.QueueDepth, minimum, longestDelay/8),
					"invocations": lambda(f, "Invocations", sum, longestDelay/8),
				}), is: reaches, bound: 1, count: 8,
		},
		{
			name: "delivered-nothing", says: "For 15 minutes messages came, and none was delivered.",
			metric: expression("invoked, nothing delivered", grain,
				"IF(FILL(invocations, 0) > 0 AND FILL(messages, 0) - FILL(failed, 0) + FILL(records, 0) <= 0, 1, 0)",
				map[string]awscloudwatch.IMetric{
					"invocations": lambda(f, "Invocations", sum, grain),
					"messages":    b.own(telemetry.Messages, sum, grain),
					"failed":      b.own(telemetry.MessagesFailed, sum, grain),
					"records":     b.own(telemetry.Records, sum, grain),
				}), is: reaches, bound: 1, count: 3,
		},
	}
	if c.Remembers() { // else watch has no memory, and no breaker
		all = append(all, alarm{
			name: "breaker-open", says: "Devo has not been reached for over 10 minutes; the queues are paused and keep everything.",
			metric: b.own(telemetry.BreakerOpen, maximum, minute), is: reaches, bound: 1, count: 11, missing: asWas,
		})
	}
	return all
}

// broken are for a function that does not do what it should.
func (b *build) broken() []alarm {
	c, f := b.config, b.config.FunctionName()
	return []alarm{
		{
			name: "errors", says: "Invocations end in an error of the function itself: it does not start, is killed, or runs out of memory or time.",
			metric: lambda(f, "Errors", sum, minute), is: over, count: 3, of: 5,
		},
		{
			name: "throttles", says: "Lambda refuses to run the function: the account's concurrency is used up.",
			metric: lambda(f, "Throttles", sum, minute), is: over, count: 3, of: 5,
		},
		{
			name: "unconfirmable", says: "Devo takes records and does not end connections as it should, so that none of them counts as delivered.",
			metric: b.failures("unconfirmable", grain), is: over, count: 2, of: 3,
		},
		{
			name: "unnotified", says: "Devo's end no longer ends TLS before it ends a connection, as it did: what it takes does not count as delivered, and the queues are paused.",
			metric: b.own(telemetry.DevoUnnotified, sum, grain), is: over, count: 1,
		},
		{
			name: "near-timeout", says: "Invocations end within 15 seconds of their timeout, where a kill would send records again.",
			metric: lambda(f, "Duration", maximum, minute), is: reaches, bound: float64((c.Timeout - ending).Milliseconds()), count: 3, of: 5, tells: alone,
		},
		{
			name: "memory", says: "Less than a tenth of the function's memory is left.",
			metric: b.own(telemetry.MemoryHeadroom, minimum, grain), is: under, bound: float64(c.MemoryMiB) / 10, count: 3, tells: alone,
		},
		{
			name: "emf", says: "CloudWatch cannot read some of the metrics that the functions write: other alarms may be blind.",
			metric: expression("unreadable metrics", grain, "FILL(parsing, 0) + FILL(validation, 0) + FILL(watchParsing, 0) + FILL(watchValidation, 0)",
				map[string]awscloudwatch.IMetric{
					"parsing":         logs(f, "EMFParsingErrors"),
					"validation":      logs(f, "EMFValidationErrors"),
					"watchParsing":    logs(c.WatchName(), "EMFParsingErrors"),
					"watchValidation": logs(c.WatchName(), "EMFValidationErrors"),
				}), is: over, count: 1, tells: alone,
		},
	}
}

// wanting are for what is delivered, but not as it should be.
func (b *build) wanting() []alarm {
	c := b.config
	all := append(b.filtering(), []alarm{
		{
			name: "failing", says: "For 15 minutes some messages have failed while others are delivered.",
			metric: b.own(telemetry.MessagesFailed, sum, grain), is: over, count: 3, tells: alone,
		},
		{
			name: "unparsed", says: "Over a tenth of the records go to the tables for what cannot be understood or tagged.",
			metric: expression("percent unparsed or with a bad tag", grain, "100 * (unparsed + tags) / records", map[string]awscloudwatch.IMetric{
				"unparsed": b.own(telemetry.Unparsed, sum, grain),
				"tags":     b.own(telemetry.BadTags, sum, grain),
				"records":  b.own(telemetry.Records, sum, grain),
			}), is: over, bound: 10, count: 3, tells: alone,
		},
		{
			name: "certificate", says: "The client certificate for Devo ends soon; without it nothing is delivered.",
			metric: b.own(telemetry.CertificateDays, minimum, time.Hour), is: under, bound: float64(c.Alarms.CertificateDays), count: 1, missing: asWas, tells: alone,
		},
		{
			name: "mapping-disabled", says: "For an hour a mapping has been disabled by a person: its queue waits, and forgets after 7 days.",
			metric: b.own(telemetry.MappingsDisabled, minimum, grain), is: over, count: 12, missing: asWas, tells: alone,
		},
		{
			name: "mapping-problem", says: "For 15 minutes Lambda has said that it cannot poll one of the queues, or not invoke the function for it.",
			metric: b.own(telemetry.MappingProblems, minimum, grain), is: over, count: 3, missing: asWas, tells: alone,
		},
		{
			name: "blind", says: "The depth of some queue cannot be read, so its dead letters are not seen.",
			metric: b.own(telemetry.QueueAttributesDenied, minimum, grain), is: over, count: 3, missing: asWas, tells: alone,
		},
		{
			name: "dlq", says: "Messages of the customer failed ten times and are in a dead-letter queue, which keeps them a week at least.",
			metric: b.own(telemetry.DLQDepth, maximum, minute), is: over, count: 1, missing: asWas, tells: alone,
		},
		{
			name: "continuation-dlq", says: "What an invocation left over failed ten times and is in the continuation's dead-letter queue.",
			metric: b.own(telemetry.ContinuationDLQDepth, maximum, minute), is: over, count: 1, missing: asWas, tells: alone,
		},
		{
			name: "truncated", says: "Within an hour records were cut because they are longer than max_record: what was cut off is not delivered.",
			metric: b.own(telemetry.Truncated, sum, time.Hour), is: over, count: 1, tells: alone,
		},
		{
			name: "foreign", says: "Within an hour over half of some object was left out because it is not of its source's format; the rest was delivered.",
			metric: b.own(telemetry.MostlyForeign, sum, time.Hour), is: over, count: 1, tells: alone,
		},
	}...)
	for _, q := range c.Queues {
		if q.SilenceAfter > 0 {
			all = append(all, alarm{
				name: "idle", queue: q.Name(), says: "Nothing has arrived by this queue for longer than it is ever silent.",
				metric: b.arrivals(q.Name(), q.SilenceAfter), is: under, bound: 1, count: 1, missing: bad, tells: alone,
			})
		}
	}
	if c.Vendors() {
		all = append(all, alarm{
			name: "vendor", says: "In each of three hours a vendor's queue or bucket could not be read to its end; vendors keep things for some days.",
			metric: b.own(telemetry.VendorFailures, sum, time.Hour), is: over, count: 3, missing: asWas, tells: alone,
		}, alarm{
			name: "vendor-behind", says: "For two hours a vendor's queue or bucket has had more than watch takes in its runs; vendors keep things for some days.",
			metric: b.own(telemetry.VendorsBehind, minimum, grain), is: over, count: 24, missing: asWas, tells: alone,
		})
	}
	if c.Remembers() {
		all = append(all, alarm{
			name: "queue-stuck", says: "For two hours the messages that wait in one of the queues have not become fewer: it is not polled, or more comes than is delivered.",
			metric: b.own(telemetry.QueuesStuck, minimum, grain), is: over, count: 2, of: 3, missing: asWas, tells: alone,
		}, alarm{
			name: "unclaimed", says: "The ledger does not answer: objects are sent without it, and may be sent twice.",
			metric: b.own(telemetry.Unclaimed, sum, grain), is: over, count: 2, of: 3, tells: alone,
		})
	}
	return all
}

// filtering are for filters that leave nothing of a source, for each source that
// has any. A filter may well leave nothing of one object, or of most; for half a
// day it rarely should.
func (b *build) filtering() (all []alarm) {
	const period = 6 * time.Hour
	seen := make(map[string]bool)
	for _, s := range b.config.AllSources() {
		name := s.Name()
		if seen[name] || len(seen) == telemetry.MaxSources { // beyond them none has metrics of its own
			continue
		}
		seen[name] = true
		if len(s.Definition().Filters) == 0 {
			continue
		}
		all = append(all, alarm{
			name: "all-filtered", queue: name, says: "For 12 hours objects of a source came, and its filters left nothing of them.",
			metric: expression("filters leave nothing", period, "IF(FILL(filtered, 0) > 0 AND FILL(records, 0) == 0, 1, 0)",
				map[string]awscloudwatch.IMetric{
					"filtered": b.bySource(telemetry.AllFiltered, name, period),
					"records":  b.bySource(telemetry.Records, name, period),
				}), is: reaches, bound: 1, count: 2, tells: alone,
		})
	}
	return all
}

// waiting are for the queues in this account, which AWS measures here.
func (b *build) waiting() []alarm {
	c := b.config
	all := []alarm{}
	add := func(name, dlq string, visibility time.Duration) {
		all = append(all, alarm{
			name: "queue-age", queue: name, says: "The oldest message waits longer than a retry explains.",
			metric: oldest(name, minute), is: reaches, bound: (visibility + late).Seconds(), count: 5,
		}, alarm{
			name: "queue-expiring", queue: name, says: "In two days SQS deletes the oldest message.",
			metric: oldest(name, grain), is: reaches, bound: (queue.Retention - 2*day).Seconds(), count: 1,
		}, alarm{
			name: "dlq-expiring", queue: dlq, says: "In two days SQS may delete the oldest dead letter.",
			metric: oldest(dlq, grain), is: reaches, bound: (deadLetterLife - 2*day).Seconds(), count: 1, tells: alone,
		})
	}
	add(c.ContinuationName(), c.ContinuationDLQName(), continuationVisibility(c))
	for _, q := range c.Polled() {
		if q.InDevo(c) {
			add(q.Name(), q.DLQName(), q.Visibility)
		}
	}
	return all
}
