package collector

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"
)

// A query is one of Logs Insights, over the fields that telemetry.Log writes
// and Lambda's own platform lines.
type query struct {
	name  string
	watch bool // watch's log too
	lines []string
}

var queries = []query{
	{name: "failed messages by kind and cause", lines: []string{
		`filter message = "message" and outcome != "ok"`,
		`stats count(*) as failures, count_distinct(messageId) as messages, max(received) as receives, latest(cause) as latestCause, latest(messageId) as latestMessage by outcome, queue`,
		`sort failures desc`,
	}},
	{name: "failed objects by kind and cause", lines: []string{
		`filter message = "object" and ispresent(cause)`,
		`stats count(*) as failures, count_distinct(key) as differentKeys, latest(cause) as latestCause, latest(key) as latestKey, latest(messageId) as latestMessage by kind, source, bucket`,
		`sort failures desc`,
	}},
	{name: "a message's whole story", lines: []string{
		`filter messageId = "PUT-THE-MESSAGE-ID-HERE"`,
		`fields @timestamp, message, requestId, received, outcome, state, kind, cause, delaySeconds, bucket, key, from, records, sent, ms`,
		`sort @timestamp asc`,
	}},
	{name: "an object's whole story", lines: []string{
		`filter key = "PUT-THE-KEY-HERE" or object.key = "PUT-THE-KEY-HERE"`,
		`fields @timestamp, message, requestId, messageId, received, outcome, coalesce(state, object.state) as how, cause, records, sent, ms`,
		`sort @timestamp asc`,
	}},
	{name: "slowest objects", lines: []string{
		`filter message = "message" and objects = 1`,
		`fields ms / 1000 as seconds, object.source, object.bucket, object.key, object.storedBytes, records, object.attempts, outcome, messageId`,
		`sort ms desc`,
		`limit 50`,
	}},
	{name: "records by source", lines: []string{
		`filter message = "message" and objects = 1`,
		`stats sum(records) as sentRecords, sum(bytes) as sentBytes, sum(object.storedBytes) as readBytes, count(*) as objectsSeen, sum(unparsed) as unparsedRecords, sum(badTag) as badTags, sum(truncated) as truncatedRecords by object.source, object.bucket`,
		`sort sentRecords desc`,
	}},
	{name: "Devo, S3 and KMS refusals", watch: true, lines: []string{
		`fields coalesce(kind, outcome) as what`,
		`filter level = "ERROR" or (level = "WARN" and (message like /^watch/ or what in ["devo_unavailable", "devo_refused", "unconfirmable", "unnotified", "denied", "kms"]))`,
		`display @timestamp, level, what, cause, message, bucket, key, messageId, requestId`,
		`sort @timestamp desc`,
		`limit 200`,
	}},
	{name: "cold starts, memory and time", lines: []string{
		`filter type = "platform.report"`,
		`stats count(*) as invocations, count(record.metrics.initDurationMs) as coldStarts, max(record.metrics.initDurationMs) as slowestStartMs, max(record.metrics.maxMemoryUsedMB) as mostMemoryMB, max(record.metrics.memorySizeMB) as memoryMB, pct(record.metrics.durationMs, 50) as medianMs, max(record.metrics.durationMs) as longestMs by bin(1h)`,
		`sort @timestamp desc`,
	}},
}

// queryDefinitions saves the queries in the account, in a folder of the
// deployment's.
func (b *build) queryDefinitions() {
	for _, q := range queries {
		groups := []any{b.logs.LogGroupName()}
		if q.watch {
			groups = append(groups, b.watchLogs.LogGroupName())
		}
		awslogs.NewCfnQueryDefinition(b.stack, jsii.String("Query-"+q.name), &awslogs.CfnQueryDefinitionProps{
			Name:          jsii.String(b.config.FunctionName() + "/" + q.name),
			QueryString:   jsii.String(strings.Join(q.lines, "\n| ")),
			LogGroupNames: &groups,
		})
	}
}
