package operate

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/devo-s3/collector/account/logs"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
	"github.com/devo-s3/collector/telemetry"
)

// idsInQuery is how many message ids, of 36 characters, fit into a query.
const idsInQuery = logs.MaxQuery / 50

// probeRecords is how many records a probe reads of an object, and probeForeign
// how many that are not of the source's format.
const (
	probeRecords = 10
	probeForeign = 1000
)

// readable is what a probe says of a message of which nothing is wrong any more.
const readable = "readable"

// A logLine is what the function's log says of a message, or of an object.
type logLine struct {
	Message   string `json:"message"`
	MessageID string `json:"messageId"`
	Outcome   string `json:"outcome"`
	Cause     string `json:"cause"`
	Bucket    string `json:"bucket"`
	Key       string `json:"key"`
	Kind      string `json:"kind"`
}

// Explain finds in the function's log why letters failed last.
func (d *Desk) Explain(ctx context.Context, letters []*DeadLetter) error {
	byID := make(map[string]*DeadLetter)
	var ids []string
	for _, l := range letters {
		byID[l.ID] = l
		ids = append(ids, l.ID)
	}
	for some := range slices.Chunk(ids, idsInQuery) {
		lines, err := d.find(ctx, `message = "`+telemetry.MessageLine+`" and outcome != "ok"`, some, letters[0].Sent)
		if err != nil {
			return err
		}
		for _, line := range lines { // the newest first
			if l := byID[line.MessageID]; l != nil && l.Kind == unknownKind {
				l.Kind, l.Cause = line.Outcome, strings.TrimPrefix(line.Cause, line.Outcome+": ")
			}
		}
	}
	return nil
}

// Objects finds in the log which objects of a letter failed, and why.
func (d *Desk) Objects(ctx context.Context, l *DeadLetter) error {
	lines, err := d.find(ctx, `message = "`+telemetry.ObjectLine+`"`, []string{l.ID}, l.Sent)
	if err != nil {
		return err
	}
	seen := make(map[string]bool)
	for _, line := range lines {
		if name := line.Bucket + "/" + line.Key; line.Kind != "" && !seen[name] {
			seen[name] = true
			l.Objects = append(l.Objects, ObjectFailure{line.Bucket, line.Key, line.Kind, strings.TrimPrefix(line.Cause, line.Kind+": ")})
		}
	}
	return nil
}

func (d *Desk) find(ctx context.Context, filter string, ids []string, since time.Time) (lines []logLine, err error) {
	now, err := d.Now(ctx)
	if err != nil {
		return nil, err
	}
	list, _ := json.Marshal(ids) // strings can be marshalled
	found, err := d.logs.Find(ctx, filter+" and messageId in "+string(list), since, now.Add(time.Minute))
	for _, text := range found {
		var line logLine
		if json.Unmarshal([]byte(text), &line) == nil {
			lines = append(lines, line)
		}
	}
	return lines, err
}

// Probe tries what the letters name: whether the sources take the keys, and
// whether the objects' first records can be read now. The operator's role reads
// the objects, so it says nothing about the function's.
func (d *Desk) Probe(ctx context.Context, letters []*DeadLetter) error {
	for _, l := range letters {
		l.Now = readable
		if err := d.probe(ctx, l); err != nil {
			l.Now = err.Error()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) probe(ctx context.Context, l *DeadLetter) error {
	entry := l.from.entry
	if entry != nil && entry.Direct() {
		in := parsers.Input{Stream: io.NopCloser(strings.NewReader(l.Body))}
		return firstRecords(ctx, entry.Sources[0], "message "+l.ID, in)
	}
	n, err := events.Decode(l.Body)
	if err != nil {
		return delivery.Fail(delivery.Malformed, "%w", err)
	}
	source := ""
	if c := n.Continuation; c != nil {
		source, entry = c.Source, nil
		queues := d.All()
		if i := slices.IndexFunc(queues, func(q config.Queue) bool { return q.ARN == c.Queue }); i >= 0 {
			entry = &queues[i]
		}
	}
	if entry == nil {
		return delivery.Fail(delivery.NotAllowed, "its queue is not in the deployment's file")
	}
	n = n.WithRestored(entry.RestoredBuckets())
	for _, o := range n.Objects {
		if err := d.probeObject(ctx, entry, source, o); err != nil {
			return err
		}
	}
	return nil
}

func (d *Desk) probeObject(ctx context.Context, entry *config.Queue, source string, o events.Object) error {
	b, listed := bucketOf(*entry, o.Bucket)
	match, taken := entry.Sources.Match(o.Key)
	if source != "" {
		match, taken = entry.Sources.Named(source, o.Key)
	}
	switch {
	case o.Err != nil:
		return delivery.Fail(delivery.Malformed, "%w", o.Err)
	case !listed:
		return delivery.Fail(delivery.NotAllowed, "bucket %s is not listed", o.Bucket)
	case !taken:
		return delivery.Fail(delivery.NoSource, "no source matches s3://%s/%s", o.Bucket, o.Key)
	case match.Refused != "":
		return delivery.Fail(delivery.NoSource, "source %s cannot read s3://%s/%s: %s", match.Source.Name(), o.Bucket, o.Key, match.Refused)
	case match.Ignored:
		return nil
	}
	store := d.Account.Store(access(entry, b))
	body, err := store.Open(ctx, o, 0, -1)
	if err != nil {
		return err
	}
	o.ETag, o.Size = body.ETag, body.Size
	return firstRecords(ctx, match.Source, "s3://"+o.Bucket+"/"+o.Key, parsers.Input{
		Stream: body, ContentEncoding: body.ContentEncoding,
		Ranged: func() (io.ReaderAt, int64, error) { return delivery.Ranges(ctx, store, o), body.Size, nil },
	})
}

// firstRecords reads records until enough of them would be sent, and returns
// why the object would not be delivered.
func firstRecords(ctx context.Context, s *sources.Source, object string, in parsers.Input) error {
	var t parsers.Tally
	for rec, err := range s.Parser().Records(ctx, in) {
		switch {
		case err != nil:
			return errors.New(verdict(err))
		case rec.Foreign:
			t.Foreign++
		case rec.Dropped == "":
			t.Sent++
		}
		if t.Sent == probeRecords || t.Foreign == probeForeign {
			break
		}
	}
	if err := delivery.Verdict(t, s, object); err != nil {
		return err
	}
	return nil
}
