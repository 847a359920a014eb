package collector

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/telemetry"
)

// written are the fields that telemetry.Log writes, by their paths.
func written() map[string]bool {
	var out bytes.Buffer
	log := telemetry.NewLog(slog.New(slog.NewJSONHandler(&out, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { // as lambdacontext has it
			if a.Key == slog.MessageKey {
				a.Key = "message"
			}
			return a
		},
	})))
	fault := delivery.Fail(delivery.Corrupt, "broken")
	object := delivery.ObjectOutcome{
		Queue: "q", Bucket: "b", Key: "k", State: delivery.Failed, Err: fault, Created: time.Unix(1, 0), Unclaimed: true, Reset: true,
		Counts: delivery.Counts{
			Records: 1, Dropped: 1, Blank: 1, Unparsed: 1, BadTag: 1, Truncated: 1, Lost: 1, Filtered: map[string]int64{"f": 1},
		},
	}
	log.Message(delivery.Outcome{Err: fault, Objects: []delivery.ObjectOutcome{object}, Ignored: []string{"i"}, DelayErr: errors.New("late")})
	fields := make(map[string]bool)
	for line := range bytes.Lines(out.Bytes()) {
		var values map[string]any
		if err := json.Unmarshal(line, &values); err != nil {
			panic(err)
		}
		paths("", values, fields)
	}
	return fields
}

func paths(prefix string, values map[string]any, into map[string]bool) {
	for key, value := range values {
		into[prefix+key] = true
		if inner, ok := value.(map[string]any); ok {
			paths(prefix+key+".", inner, into)
		}
	}
}

// Not of telemetry.Log: of Logs Insights, and of Lambda's platform lines.
// https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html
var insights = []string{
	"@timestamp", "type", "record.metrics.initDurationMs", "record.metrics.maxMemoryUsedMB", "record.metrics.memorySizeMB", "record.metrics.durationMs",
	"filter", "fields", "display", "stats", "sort", "limit", "by", "as", "and", "or", "in", "like", "asc", "desc",
	"count", "count_distinct", "sum", "max", "pct", "latest", "coalesce", "ispresent", "bin", "h",
}

var (
	quoted = regexp.MustCompile(`"[^"]*"|/[^/]*/`)
	word   = regexp.MustCompile(`@?[A-Za-z][\w.]*`)
	alias  = regexp.MustCompile(` as (\w+)`)
)

// TestQueriesAskForWhatIsWritten: Logs Insights finds nothing for a field that
// is not there, and says nothing.
func TestQueriesAskForWhatIsWritten(t *testing.T) {
	fields := written()
	for _, q := range queries {
		all := strings.Join(q.lines, "\n")
		aliases := make(map[string]bool)
		for _, m := range alias.FindAllStringSubmatch(all, -1) {
			if fields[m[1]] {
				t.Errorf("%s: %s is a field, and cannot be an alias too", q.name, m[1])
			}
			aliases[m[1]] = true
		}
		for _, w := range word.FindAllString(quoted.ReplaceAllString(all, ""), -1) {
			if !fields[w] && !aliases[w] && !slices.Contains(insights, w) {
				t.Errorf("%s: nobody writes %s", q.name, w)
			}
		}
	}
}

func TestQueriesFindLinesByTelemetrysNames(t *testing.T) {
	for _, q := range queries {
		for _, m := range regexp.MustCompile(`filter message = "(\w+)"`).FindAllStringSubmatch(strings.Join(q.lines, "\n"), -1) {
			if m[1] != telemetry.MessageLine && m[1] != telemetry.ObjectLine {
				t.Errorf("%s: there are no lines %q", q.name, m[1])
			}
		}
	}
}

func TestQueriesNameTheKinds(t *testing.T) {
	kinds := []delivery.Kind{delivery.DevoUnavailable, delivery.DevoRefused, delivery.Unconfirmable, delivery.Unnotified, delivery.Denied, delivery.KMS}
	for _, k := range kinds {
		if !slices.ContainsFunc(queries, func(q query) bool { return strings.Contains(strings.Join(q.lines, "\n"), `"`+string(k)+`"`) }) {
			t.Errorf("no query looks for %s", k)
		}
	}
}
