package delivery

import (
	"context"
	"io"
	"strings"

	"github.com/devo-s3/collector/events"
)

// direct makes the body the message's one object: its records are in it. The
// queue's ARN, which no bucket's name can be, and the message's id identify it.
//
// Such a message is never continued: what is left when time runs out stays in
// the queue, and the ledger says where to go on.
func (m *message) direct(entry *Entry) {
	own := *entry
	own.Store = held(m.Body)
	m.targets = []*target{{
		want:  events.Object{Bucket: m.Queue, Key: m.ID, Size: int64(len(m.Body)), EventTime: m.Sent},
		entry: &own,
	}}
}

// held is a Store of one object, which is in memory.
type held string

// Open implements Store.
func (h held) Open(_ context.Context, _ events.Object, offset, length int64) (*Body, error) {
	rest := string(h)[offset:]
	if length >= 0 {
		rest = rest[:length]
	}
	return &Body{ReadCloser: io.NopCloser(strings.NewReader(rest)), Size: int64(len(h))}, nil
}
