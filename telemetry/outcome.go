// Package telemetry writes what an operator sees: one log line for every
// message, and one for every object worth a line.
package telemetry

import (
	"context"
	"log/slog"
	"time"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/internal/printable"
)

// The messages of the log lines; `collector run`, queries and alarms find the
// lines by them.
const (
	MessageLine = "message" // what became of a message: INFO, or WARN if it failed
	ObjectLine  = "object"  // what became of an object: DEBUG, or WARN if it failed
	// InFlightLine is of an object that may be why an invocation ends badly: WARN.
	InFlightLine = "in flight"
)

// Log is a delivery.Reporter that writes to a logger. It shows keys, counts and
// causes, never a record's contents.
type Log struct {
	logger *slog.Logger
}

var _ delivery.Reporter = (*Log)(nil)

// NewLog is a Log on a logger.
func NewLog(l *slog.Logger) *Log { return &Log{l} }

// Message implements delivery.Reporter.
func (l *Log) Message(o delivery.Outcome) {
	ctx := context.Background()
	ids := []any{"requestId", o.RequestID, "messageId", o.Message.ID}
	var all delivery.Counts
	var sent int64
	states := make(map[delivery.State]int)
	resumed := 0
	for i := range o.Objects {
		obj := &o.Objects[i]
		all.Add(obj.Counts)
		sent += obj.Sent
		states[obj.State]++
		if obj.From > 0 && obj.State != delivery.Already {
			resumed++
		}
		level := slog.LevelDebug
		if failed(&o, obj) {
			level = slog.LevelWarn
		}
		if l.logger.Enabled(ctx, level) {
			l.logger.Log(ctx, level, ObjectLine, append(ids, object(&o, obj)...)...)
		}
	}
	level, kind := slog.LevelInfo, "ok"
	if o.Err != nil {
		level, kind = slog.LevelWarn, string(o.Err.Kind)
	}
	line := append(ids,
		"outcome", kind, "queue", o.Message.Queue, "received", o.Message.Received,
		"objects", len(o.Objects), "states", states, "continued", o.Continued, "resumed", resumed,
		"sent", sent, "ms", o.Took.Milliseconds())
	line = append(line, counts(all)...)
	if only := len(o.Objects) - states[delivery.Superseded]; only == 1 {
		line = append(line, slog.Group("object", object(&o, last(o.Objects))...))
	}
	if len(o.Ignored) > 0 {
		line = append(line, "ignored", o.Ignored)
	}
	if o.Err != nil {
		line = append(line, "cause", Cause(o.Err), "delaySeconds", int64(o.Delay/time.Second))
	}
	if o.DelayErr != nil {
		line = append(line, "delayFailed", Cause(o.DelayErr))
	}
	l.logger.Log(ctx, level, MessageLine, line...)
}

// last is the one of several objects that was not overwritten by the next.
func last(objects []delivery.ObjectOutcome) *delivery.ObjectOutcome { return &objects[len(objects)-1] }

// failed reports whether an object of m failed. One that time ran out on, of a
// message that continuations took over, did not: it simply goes on.
func failed(m *delivery.Outcome, o *delivery.ObjectOutcome) bool {
	return o.Err != nil && (m.Err != nil || o.State != delivery.Unfinished)
}

// maxCause is how much of a cause a line shows in bytes: an error may quote what
// somebody else wrote, and CloudWatch cuts an event at 256 KiB, so that it is no
// JSON any more.
const maxCause = 1 << 10

// Cause is what a log line says of an error: of limited length and on one line,
// with nothing in it that a terminal would obey.
func Cause(err error) string { return printable.Cut(printable.Line(err.Error()), maxCause) }

// InFlight implements delivery.Reporter.
func (l *Log) InFlight(f delivery.Flight) {
	line := []any{
		"requestId", f.RequestID, "messageId", f.MessageID, "plight", string(f.Plight), "queue", f.Queue,
		"bucket", f.Bucket, "key", f.Key, "version", f.Version, "source", f.Source, "since", f.Since.UTC(), "records", f.Records,
	}
	if f.Owner != "" {
		line = append(line, "earlier", f.Owner)
	}
	l.logger.Warn(InFlightLine, line...)
}

// object is what a line says of an object of m.
func object(m *delivery.Outcome, o *delivery.ObjectOutcome) []any {
	line := []any{
		"queue", o.Queue, "bucket", o.Bucket, "key", o.Key, "version", o.Version, "source", o.Source,
		"state", string(o.State), "from", o.From, "sent", o.Sent, "attempts", o.Attempts, "storedBytes", o.Bytes,
	}
	line = append(line, counts(o.Counts)...)
	if failed(m, o) {
		line = append(line, "kind", string(o.Err.Kind), "cause", Cause(o.Err))
	}
	if o.Reset {
		line = append(line, "resumeReset", true)
	}
	if o.Unclaimed {
		line = append(line, "unclaimed", true)
	}
	if !o.Created.IsZero() {
		line = append(line, "created", o.Created)
	}
	return line
}

// counts are a line's counts; those that should be 0 show only if they are not.
func counts(c delivery.Counts) []any {
	line := []any{"records", c.Records, "bytes", c.Out}
	for _, n := range []struct {
		name  string
		count int64
	}{
		{"dropped", c.Dropped},
		{"foreign", c.Foreign},
		{"blank", c.Blank},
		{"unparsed", c.Unparsed},
		{"badTag", c.BadTag},
		{"truncated", c.Truncated},
		{"lostBytes", c.Lost},
	} {
		if n.count > 0 {
			line = append(line, n.name, n.count)
		}
	}
	if len(c.Filtered) > 0 {
		line = append(line, "filtered", c.Filtered)
	}
	return line
}
