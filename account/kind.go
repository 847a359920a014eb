package account

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/devo-s3/collector/delivery"
)

// kinds are the codes that say more than their HTTP status.
// https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
var kinds = map[string]delivery.Kind{
	"NoSuchKey":        delivery.NotFound,
	"NoSuchVersion":    delivery.NotFound,
	"NoSuchBucket":     delivery.NotFound,
	"MethodNotAllowed": delivery.NotFound, // the version is a delete marker

	// What a notification names cannot exist.
	"InvalidArgument":   delivery.NotFound,
	"InvalidBucketName": delivery.NotFound,
	"InvalidURI":        delivery.NotFound,
	"KeyTooLongError":   delivery.NotFound,

	// A region that the role's account has not enabled takes no session of it.
	"InvalidToken": delivery.Denied,

	"InvalidObjectState": delivery.Archived,

	"PermanentRedirect":                  delivery.WrongRegion,
	"TemporaryRedirect":                  delivery.WrongRegion,
	"AuthorizationHeaderMalformed":       delivery.WrongRegion,
	"IllegalLocationConstraintException": delivery.WrongRegion,
}

// kindOf is the kind of an error of S3, or of the call behind it, to STS or for
// a vendor's keys.
func kindOf(err error) delivery.Kind {
	var known *delivery.Error
	if errors.As(err, &known) {
		return known.Kind
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		code, says := api.ErrorCode(), api.ErrorMessage()
		switch {
		case strings.HasPrefix(code, "KMS."), code == "AccessDenied" && aboutKMS(says):
			return delivery.KMS
		case code == "InvalidRequest" && strings.Contains(says, "Server Side Encryption"):
			return delivery.UnsupportedEncryption
		case kinds[code] != "":
			return kinds[code]
		}
	}
	if kind, ok := passingKind(err); ok {
		return kind
	}
	switch statusOf(err) {
	case http.StatusMovedPermanently:
		return delivery.WrongRegion
	case http.StatusForbidden:
		return delivery.Denied
	case http.StatusNotFound:
		return delivery.NotFound
	}
	return delivery.Internal
}

// aboutKMS tells whether it was the key, not the object, that was refused.
func aboutKMS(says string) bool {
	return strings.Contains(says, " kms:") || strings.Contains(says, ":kms:") || strings.Contains(says, "ciphertext refers")
}

// busy are AWS's codes for "later", whatever their HTTP status. A session that
// has ended is one: the next call begins with another, and nobody can mend what
// ended this one so soon.
var busy = retry.IsErrorRetryables{
	retry.RetryableErrorCode{Codes: map[string]struct{}{"ExpiredToken": {}, "ExpiredTokenException": {}}},
	retry.RetryableErrorCode{Codes: retry.DefaultThrottleErrorCodes},
	retry.RetryableErrorCode{Codes: retry.DefaultRetryableErrorCodes},
	retry.RetryableConnectionError{},
}

// passingKind is the kind of an error that is not the call's own fault: AWS
// could not be reached, or the same call may succeed later. ok is false for any
// other error.
func passingKind(err error) (kind delivery.Kind, ok bool) {
	switch {
	case unreachable(err):
		return delivery.Unreachable, true
	case transient(err):
		return delivery.Throttled, true
	}
	return "", false
}

// unreachable reports whether there was no connection at all: the endpoint's
// name has no address, or nobody answers there. It is asked before transient,
// which takes such an error for a busy AWS.
func unreachable(err error) bool {
	var name *net.DNSError
	var connection *net.OpError
	return errors.As(err, &name) || errors.As(err, &connection) && connection.Op == "dial"
}

// transient tells whether the same call may succeed later by itself: AWS was
// busy or ill, a session ended, the connection broke, or the time did not
// suffice.
func transient(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || busy.IsErrorRetryable(err).Bool() {
		return true
	}
	if status := statusOf(err); status >= http.StatusInternalServerError || status == http.StatusTooManyRequests {
		return true
	}
	var unsent *smithyhttp.RequestSendError
	return errors.As(err, &unsent)
}

// statusOf is the HTTP status of a refusal; 0 if there was no answer.
func statusOf(err error) int {
	var answer *smithyhttp.ResponseError
	if errors.As(err, &answer) {
		return answer.HTTPStatusCode()
	}
	return 0
}

// callKind is the kind of a failed call that is about none of the customer's
// things, such as one to the continuation queue.
func callKind(err error) delivery.Kind {
	if kind, ok := passingKind(err); ok {
		return kind
	}
	return delivery.Internal
}

// secretKind is the kind of a failed call for a vendor's keys.
func secretKind(err error) delivery.Kind {
	if kind, ok := passingKind(err); ok {
		return kind
	}
	return delivery.Denied
}
