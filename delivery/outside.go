package delivery

import (
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/parsers"
)

// An Identity tells one stored object from every other. It is the ledger's
// key.
type Identity struct {
	Bucket string
	Key    string
	// Version is the version id, or where the bucket has none, the eTag, both
	// from S3's response and never from the notification.
	Version string
	// Generation is 0, or that of a deliberate resend.
	Generation int
	// Queue is the ARN of the queue whose sources read the object, if several
	// queues name its bucket, so that each of them gets every object; "" for all
	// other buckets. It is the queue and not the source, because one queue gives
	// an object to one source, and sources are renamed.
	Queue string
}

// SharedBuckets are those that more than one of several queues names, each with
// the queues' own lists of buckets. Their objects' Identity has a Queue.
func SharedBuckets(queues ...[]string) map[string]bool {
	shared, named := make(map[string]bool), make(map[string]bool)
	for _, buckets := range queues {
		own := make(map[string]bool)
		for _, b := range buckets {
			if named[b] && !own[b] {
				shared[b] = true
			}
			named[b], own[b] = true, true
		}
	}
	return shared
}

// A Body is an open object.
type Body struct {
	io.ReadCloser        // the stored bytes from the offset asked for; Close unblocks Read
	VersionID     string // of the response; "" or "null" on a bucket without versions
	ETag          string // of the response, without quotes
	Size          int64  // of the whole object in bytes
	// ContentEncoding is that of the response, "" if there is none: a hint of how
	// the bytes are packed.
	ContentEncoding string
}

// ErrSuperseded says that the object in the bucket is no longer the one that
// was asked for: its key was written again since.
var ErrSuperseded = errors.New("superseded by a newer object")

// A Store opens the objects of one queue's buckets.
type Store interface {
	// Open gets length bytes of an object from offset on, or all the rest if
	// length is negative. o.VersionID is used if given, else If-Match on o.ETag
	// if given. A 412 is ErrSuperseded. Calls have been
	// retried by then; the kind of the error decides what happens next. The
	// body may break at any time: whoever reads it must open again at the byte
	// reached with the response's ETag.
	Open(ctx context.Context, o events.Object, offset, length int64) (*Body, error)
}

// A Position says how far an object is confirmed.
type Position struct {
	// Next is the Index of the first record not wholly confirmed.
	Next int64
	// Restart is the latest place at or before Next from which reading can
	// begin.
	Restart parsers.Restart
	// Fingerprint is that of the Parser that counted.
	Fingerprint string
	// Older is the fingerprint by which versions before December 2026 know the
	// same Parser; "" if it is Fingerprint.
	Older string
	// Tally is of the records before Next.
	Tally parsers.Tally
	// Uncounted says that the Tally is unknown, and zero: a version of the
	// function that keeps none moved Next.
	Uncounted bool
}

// countedBy is the Position at the start of an object that a Parser reads.
func countedBy(p *parsers.Parser) Position {
	at := Position{Fingerprint: p.Fingerprint(), Older: p.OlderFingerprint()}
	if at.Older == at.Fingerprint {
		at.Older = ""
	}
	return at
}

// SameParser reports whether one Parser counted both. An entry that an older
// version wrote has the older fingerprint alone.
func (p Position) SameParser(q Position) bool {
	return p.Fingerprint == q.Fingerprint || cmp.Or(p.Older, p.Fingerprint) == cmp.Or(q.Older, q.Fingerprint)
}

// A Claim is this invocation's hold on an object.
type Claim struct {
	ID    Identity
	Owner string
	// Revision is the ledger's: that of the entry's last write which this hold
	// knows of.
	Revision int64
	// Position is where an earlier holder got to; zero for a new object.
	Position Position
	// Abandoned is the owner of an earlier claim that ran out without having been
	// released: that invocation was killed, or timed out. "" if there is none.
	Abandoned string
	// Done tells that every record was confirmed before: nothing is held.
	Done bool
	// Volatile tells that nothing is remembered: there is no ledger. What is
	// left of an object would begin at its start, for ever.
	Volatile bool
}

// A Ledger remembers what was confirmed. Every write is conditional on the
// owner and on a revision that every write raises.
type Ledger interface {
	// Sync asks the ledger for its time. It must succeed once before the first
	// claim of an invocation, so that leases are never measured by this
	// machine's clock.
	Sync(ctx context.Context) error
	// Claim takes the object until the lease ends, at time now+lease by the
	// ledger's own clock, or tells that it is done. A live lease of somebody
	// else is an Error of kind Claimed with Until. Another error means the
	// ledger could not be asked, and nothing is held.
	Claim(ctx context.Context, id Identity, owner string, lease time.Duration) (Claim, error)
	// Advance writes the position of a held object and returns the claim that
	// the next write must be made with. It must follow the confirmation it
	// records. After an error it is unknown whether the position was written:
	// the object must be given up, but the write may be tried again.
	Advance(ctx context.Context, c Claim, p Position) (Claim, error)
	// Done marks a held object finished for good.
	Done(ctx context.Context, c Claim, p Position) error
	// Release ends the lease early. Failing is harmless: the lease runs out.
	Release(ctx context.Context, c Claim) error
	// Now is the ledger's time as of its last answer.
	Now() time.Time
}

// A Queue is what delivery asks of SQS.
type Queue interface {
	// Delay hides a message for d from now on. Its failure changes nothing
	// but the time of the next attempt.
	Delay(ctx context.Context, queueARN, receiptHandle string, d time.Duration) error
	// Delete takes messages out of their queue for good, before Lambda does at the
	// invocation's end. Its failure changes nothing.
	Delete(ctx context.Context, queueARN string, receiptHandles []string) error
	// Continue puts bodies on the continuation queue, ten a call. nil means
	// that all of them were accepted; an error, that some may have been.
	Continue(ctx context.Context, bodies []string) error
}

// A Sink makes connections to Devo.
type Sink interface {
	// Dial opens a connection; ctx bounds that alone. When life ends, whatever
	// the connection is waiting for fails at once: no Write may outlast the
	// invocation. An error has kind DevoUnavailable or DevoRefused and has been
	// tried on every endpoint.
	Dial(ctx, life context.Context) (Conn, error)
}

// A Conn carries records in order. It belongs to one goroutine at a time.
type Conn interface {
	// Header builds the frame header of a source's tag for this connection.
	Header(source, tag string) []byte
	// Full reports whether so many tags wait on the connection that a record of
	// this further one should go under BadTag. Write takes it all the same.
	Full(header []byte) bool
	// Write takes one record and copies it. It returns only at a record
	// boundary. nil says nothing about the far end: only Confirm does. After
	// an error the connection is good for Abort alone.
	Write(header, record []byte) error
	// Confirm retires the connection, and nil is the only proof there is that
	// the far end took every byte written. Any error means that nothing of
	// what was written may be believed.
	Confirm(ctx context.Context) error
	// Abort drops the connection and all it carried.
	Abort()
	// Written is the number of bytes framed so far, for rotation.
	Written() int64
}
