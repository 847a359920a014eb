package delivery

import (
	"errors"
	"fmt"
	"time"
)

// A Kind is why a message was not delivered. It decides how long the message
// stays hidden, and it is what the log, the metrics and the DLQ are sorted by.
type Kind string

// The kinds, most hopeful first within each group.
const (
	Claimed Kind = "claimed" // another invocation has the object

	DevoUnavailable Kind = "devo_unavailable" // no connection, or one that broke
	DevoRefused     Kind = "devo_refused"     // the client certificate was refused
	Unconfirmable   Kind = "unconfirmable"    // the far end did not close as it should
	Unnotified      Kind = "unnotified"       // the far end closed without the close_notify that it owes
	LedgerFailed    Kind = "ledger"           // the ledger could not be read or written
	Unreachable     Kind = "unreachable"      // no connection to an endpoint of AWS

	Throttled Kind = "throttled" // AWS said slow down, a session ended, or the time did not suffice
	Internal  Kind = "internal"  // our own fault, a panic included

	Corrupt     Kind = "corrupt"      // the object's bytes are not what its source says
	NotFound    Kind = "not_found"    // no such object, version or bucket
	Denied      Kind = "denied"       // S3 or STS refused the role
	KMS         Kind = "kms"          // the object's key refused, is disabled or throttled
	WrongRegion Kind = "wrong_region" // the bucket is in another region than the entry says

	Malformed             Kind = "malformed"              // the body is no notification
	NoSource              Kind = "no_source"              // no source of the entry matches the key, or the one that does refuses it
	NotAllowed            Kind = "not_allowed"            // the entry does not name the bucket
	Archived              Kind = "archived"               // Glacier, not restored
	UnsupportedEncryption Kind = "unsupported_encryption" // SSE-C: only its owner has the key
	TooLarge              Kind = "too_large"              // skipping alone would fill the invocation
)

// An Error is a failure with its kind. Every error that a Store, Ledger, Queue
// or Sink returns is one, or is taken as Internal.
type Error struct {
	Kind Kind
	Err  error
	// Until is when it is worth trying again, by the ledger's time; zero if
	// the kind alone decides. Claimed sets it to the end of the lease.
	Until time.Time
}

func (e *Error) Error() string { return string(e.Kind) + ": " + e.Err.Error() }

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// Fail is an Error of the given kind; format and args as in fmt.Errorf.
func Fail(k Kind, format string, args ...any) *Error {
	return &Error{Kind: k, Err: fmt.Errorf(format, args...)}
}

// KindOf is the kind of err: that of the first Error it wraps, else Internal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}
