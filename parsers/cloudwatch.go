package parsers

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// CloudWatchOptions are those of format "cloudwatch": the envelopes that a
// CloudWatch Logs subscription hands over, one after another with white space
// between them or without any, as Firehose writes them
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html).
// Each log event is a record; those of control messages are Dropped "control".
// What in an envelope comes behind its logEvents is not known to their records;
// CloudWatch Logs writes them last.
//
// Spec.Fields are the envelope's owner, logGroup, logStream, messageType,
// subscriptionFilters and policyLevel; the event's id, timestamp, message,
// extractedFields.PATH and whatever else it has; and message.PATH, a path into a
// message that is a JSON object.
type CloudWatchOptions struct {
	// Record is what of an event is the record: "message" (the default), the
	// text that was logged, or "event", the event as it stands. MaxRecord is of
	// the event in both cases. An event without a message, with a bare word for one,
	// or too long to have its message read, is Unparsed and given as it stands.
	Record string `yaml:"record"`
}

// Format is "cloudwatch".
func (*CloudWatchOptions) Format() string { return "cloudwatch" }

// revision is 2 since the envelopes stand one after another as concatenated JSON
// does, whose reading changed.
func (*CloudWatchOptions) revision() int { return 2 }

// GivesJSON tells whether records are whole events: see Redaction.
func (o *CloudWatchOptions) GivesJSON() bool { return o.Record == recordEvent }

// The values of CloudWatchOptions.Record.
const (
	recordMessage = "message"
	recordEvent   = "event"
)

// envelope are the members of a CloudWatch Logs envelope beside logEvents.
var envelope = []string{"messageType", "owner", "logGroup", "logStream", "subscriptionFilters", "policyLevel"}

// A cloudWatchPlan is where the fields are.
type cloudWatchPlan struct {
	jsonLayout          // the Spec's fields, then messageType and message
	within     fieldSet // paths into the message
}

func compileCloudWatch(s Spec) (func(*run) error, error) {
	o, err := optionsOf[CloudWatchOptions](s)
	if err != nil {
		return nil, err
	}
	var mistakes []error
	if o.Record != "" && o.Record != recordMessage && o.Record != recordEvent {
		mistakes = append(mistakes, fmt.Errorf("record is %q; it must be %s or %s", o.Record, recordMessage, recordEvent))
	}
	plan := &cloudWatchPlan{jsonLayout: jsonLayout{path: [][]string{{"logEvents"}}}}
	mistakes = append(mistakes, plan.compile(s.Fields))
	if err := errors.Join(mistakes...); err != nil {
		return nil, err
	}
	return func(r *run) error {
		n := len(s.Fields)
		all := make([][]byte, n+2)
		j := newJSONRun(r, &plan.jsonLayout, all)
		r.fields = all[:n]
		text := newJSONText(plan.within, s.MaxRecord)
		j.emit = func(raw []byte, length int64) error {
			kind, message := all[n], all[n+1]
			if len(plan.within.to) > 0 {
				text.read(message)
				text.give(all, plan.within.to)
			}
			switch {
			case string(kind) == "CONTROL_MESSAGE":
				r.record.Dropped = "control"
			case o.Record == recordEvent:
			case length > int64(s.MaxRecord):
				r.record.Unparsed = "event longer than max_record"
			case message == nil || !isWhole(raw, message):
				r.record.Unparsed = "no message"
			default:
				return r.give(message, int64(len(message)))
			}
			return r.give(raw, length)
		}
		return j.concatenated()
	}, nil
}

// isWhole reports whether a value of raw is one: a string, which stands there between
// quotes unless it had escapes, or another that is no bare word. Behind a bare word the
// damaged event has more than it.
func isWhole(raw, value []byte) bool {
	at := cap(raw) - cap(value)
	if len(value) == 0 || at <= 0 || at >= len(raw) || &raw[at] != &value[0] || raw[at-1] == '"' {
		return true
	}
	return value[0] == '{' || value[0] == '[' || validScalar(value)
}

// compile sorts the fields by where they are.
func (p *cloudWatchPlan) compile(fields []string) error {
	paths, within := slices.Clone(fields), make([]string, len(fields))
	for i, field := range fields {
		rest, ok := strings.CutPrefix(field, "message.")
		switch {
		case ok:
			// Into the message, which is looked for in any case.
			paths[i], within[i] = "message", rest
			if rest == "" {
				return fmt.Errorf("field %q has an empty segment", field)
			}
		case slices.Contains(envelope, field):
			paths[i] = "^" + field
		}
	}
	err := p.sort(append(paths, "^messageType", "message"))
	var inner error
	p.within, inner = newFieldSet(within)
	return errors.Join(err, inner)
}
