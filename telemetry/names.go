package telemetry

// Namespace is of all metrics.
const Namespace = "DevoS3Collector"

// The dimensions. Each metric has one of exactly four sets: deployment;
// deployment and source; deployment and kind; deployment and queue.
const (
	Deployment = "deployment" // the customer's name in the configuration
	Source     = "source"     // a source's name, or other beyond the first 20
	Kind       = "kind"       // delivery.Kind
	Queue      = "queue"      // a queue's name, if it may not be silent
)

// The metrics of the function, by deployment alone unless said otherwise.
const (
	Messages            = "Messages"            // messages received; count; also by queue
	MessagesFailed      = "MessagesFailed"      // messages handed back; count
	Objects             = "Objects"             // objects of which every record is confirmed; count
	Records             = "Records"             // records confirmed; count; also by source
	BytesIn             = "BytesIn"             // read of stored objects; bytes; also by source
	BytesOut            = "BytesOut"            // framed and confirmed; bytes
	Lag                 = "Lag"                 // from an object's creation to its confirmation; seconds; also by source
	OldestMessage       = "OldestMessage"       // the age of the oldest message of a batch; seconds
	ConfirmTime         = "ConfirmTime"         // what a confirmation takes; milliseconds
	Retries             = "Retries"             // messages received before; count
	Resumed             = "Resumed"             // objects begun behind what was confirmed before; count
	DuplicatesPrevented = "DuplicatesPrevented" // second messages about a finished object; count
	Superseded          = "Superseded"          // objects overwritten before their end was read, which what followed took the place of; count
	Unclaimed           = "Unclaimed"           // objects sent while the ledger was down; count
	Abandoned           = "Abandoned"           // objects that an invocation ended on without a word: killed, timed out, given up; count
	Unparsed            = "Unparsed"            // records that could not be understood; count
	Dropped             = "Dropped"             // records left out by filters; count
	Truncated           = "Truncated"           // records cut at the longest allowed; count
	AllFiltered         = "AllFiltered"         // delivered objects of which filters left nothing; count; also by source
	MostlyForeign       = "MostlyForeign"       // delivered objects of which over half was not of their source's format; count
	EventsIgnored       = "EventsIgnored"       // events known to create no object, such as removals; count
	BadTags             = "BadTags"             // records whose own tag is impossible, or too many for the HTTP sink; count
	CertificateDays     = "CertificateDays"     // until the client certificate ends, by watch too; days
	MemoryHeadroom      = "MemoryHeadroom"      // memory that the process never used; MiB
	DevoAttempts        = "DevoAttempts"        // connections begun, watch's heartbeats too; count
	DevoConfirmed       = "DevoConfirmed"       // connections confirmed, watch's heartbeats too; count
	DevoUnnotified      = "DevoUnnotified"      // connections that ended without the close_notify that is owed, watch's too; count
	Failures            = "Failures"            // messages handed back; count; by kind alone
)

// The metrics of watch, by deployment alone.
const (
	WatchRuns             = "WatchRuns"             // runs of watch; count
	BreakerOpen           = "BreakerOpen"           // 1 while the mappings are paused, else 0
	MappingsDisabled      = "MappingsDisabled"      // mappings that a person has disabled; count
	QueueDepth            = "QueueDepth"            // messages of all the customer's queues, visible and in flight; count
	DLQDepth              = "DLQDepth"              // messages of all their DLQs; count
	ContinuationDepth     = "ContinuationDepth"     // messages of the continuation queue; count
	ContinuationDLQDepth  = "ContinuationDLQDepth"  // messages of its DLQ; count
	QueueAttributesDenied = "QueueAttributesDenied" // queues whose depth could not be read; count
	MappingProblems       = "MappingProblems"       // mappings with which Lambda cannot poll or invoke; count
	QueuesStuck           = "QueuesStuck"           // queues whose waiting messages have not become fewer for two hours; count
	VendorPassed          = "VendorPassed"          // messages of vendors' queues, and objects of their buckets, passed on; count
	VendorFailures        = "VendorFailures"        // vendors' queues and buckets that were not read to their end; count
	VendorsBehind         = "VendorsBehind"         // vendors' queues, and folders of their buckets, that have more than a run takes; count
)

// Names are all the metrics.
var Names = []string{
	Messages, MessagesFailed, Objects, Records, BytesIn, BytesOut, Lag, OldestMessage, ConfirmTime, Retries, Resumed,
	DuplicatesPrevented, Superseded, Unclaimed, Abandoned, Unparsed, Dropped, Truncated, AllFiltered, MostlyForeign, EventsIgnored, BadTags, CertificateDays, MemoryHeadroom, DevoAttempts,
	DevoConfirmed, DevoUnnotified, Failures, WatchRuns, BreakerOpen, MappingsDisabled, QueueDepth, DLQDepth, ContinuationDepth,
	ContinuationDLQDepth, QueueAttributesDenied, MappingProblems, QueuesStuck, VendorPassed, VendorFailures, VendorsBehind,
}
