package account

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
)

// TestErrorsOfS3 has S3 answer with each status and code as documented.
func TestErrorsOfS3(t *testing.T) {
	b := newBench(t)
	b.once()
	o := b.put("logs/a", "body")
	for _, row := range []struct {
		status int
		code   string
		kind   delivery.Kind
	}{
		{403, "AccessDenied", delivery.Denied},
		{403, "AllAccessDisabled", delivery.Denied},
		{403, "AccountProblem", delivery.Denied},
		{403, "InvalidAccessKeyId", delivery.Denied},
		{403, "SignatureDoesNotMatch", delivery.Denied},
		{403, "Forbidden", delivery.Denied}, // a proxy, or an endpoint's policy

		{404, "NoSuchKey", delivery.NotFound},
		{404, "NoSuchVersion", delivery.NotFound},
		{404, "NoSuchBucket", delivery.NotFound},
		{404, "Not Found", delivery.NotFound},
		{405, "MethodNotAllowed", delivery.NotFound},
		{400, "InvalidArgument", delivery.NotFound},
		{400, "KeyTooLongError", delivery.NotFound},

		{403, "InvalidObjectState", delivery.Archived},
		{400, "KMS.DisabledException", delivery.KMS},
		{400, "KMS.NotFoundException", delivery.KMS},
		{400, "KMS.KMSInvalidStateException", delivery.KMS},
		{400, "KMS.ThrottlingException", delivery.KMS},

		{301, "PermanentRedirect", delivery.WrongRegion},
		{307, "TemporaryRedirect", delivery.WrongRegion},
		{400, "AuthorizationHeaderMalformed", delivery.WrongRegion},
		{400, "IllegalLocationConstraintException", delivery.WrongRegion},

		{503, "SlowDown", delivery.Throttled},
		{503, "ServiceUnavailable", delivery.Throttled},
		{503, "Service Unavailable", delivery.Throttled},
		{500, "InternalError", delivery.Throttled},
		{502, "Bad Gateway", delivery.Throttled},
		{400, "RequestTimeout", delivery.Throttled},
		{400, "ThrottlingException", delivery.Throttled},
		{429, "TooManyRequests", delivery.Throttled},
		{400, "RequestLimitExceeded", delivery.Throttled},

		{400, "InvalidRequest", delivery.Internal},
		{501, "NotImplemented", delivery.Throttled},
	} {
		t.Run(fmt.Sprint(row.status, row.code), func(t *testing.T) {
			b.fail("GetObject", &local.FaultResponse{Status: row.status, Code: row.code})
			_, err := b.store().Open(t.Context(), o, 0, -1)
			wantKind(t, err, row.kind, "get s3://acme-logs/logs/a: ", row.code)
		})
	}
}

func TestWhatTheAccountRefuses(t *testing.T) {
	b := newBench(t)
	b.check(b.aws.CreateBucket("far", local.BucketOptions{Owner: customer, Region: "eu-west-1"}))
	b.check(b.aws.Put("far", "logs/a", []byte("far away")))
	b.check(b.aws.CreateBucket("unlisted", local.BucketOptions{Owner: customer}))
	b.put("logs/archived", "x", local.WithStorageClass("GLACIER"))
	b.put("logs/ssec", "x", local.WithCustomerKey([32]byte{1}))
	b.put("logs/kms", "x", local.WithKMSKey("arn:aws:kms:us-east-1:999988887777:key/0b4e"))
	b.put("private/kms-logs", "x")
	b.put("logs/a", "x")
	for name, row := range map[string]struct {
		bucket, key, version string
		owner                string
		kind                 delivery.Kind
		says                 string
	}{
		"no key":                   {bucket: bucket, key: "logs/none", kind: delivery.NotFound},
		"no key, may not list":     {bucket: "unlisted", key: "logs/none", kind: delivery.Denied},
		"no version":               {bucket: bucket, key: "logs/a", version: "nope", kind: delivery.NotFound, says: "(version nope)"},
		"no bucket":                {bucket: "nowhere", key: "logs/a", kind: delivery.NotFound},
		"prefix not allowed":       {bucket: bucket, key: "private/kms-logs", kind: delivery.Denied},
		"another owner":            {bucket: bucket, key: "logs/a", owner: "111122223333", kind: delivery.Denied},
		"archived":                 {bucket: bucket, key: "logs/archived", kind: delivery.Archived},
		"a key only its owner has": {bucket: bucket, key: "logs/ssec", kind: delivery.UnsupportedEncryption},
		"a KMS key not allowed":    {bucket: bucket, key: "logs/kms", kind: delivery.KMS},
		"another region":           {bucket: "far", key: "logs/a", kind: delivery.WrongRegion, says: "the bucket is in eu-west-1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := b.Store(Access{RoleARN: reader, ExternalID: externalID, Owners: map[string]string{bucket: row.owner}})
			_, err := s.Open(t.Context(), events.Object{Bucket: row.bucket, Key: row.key, VersionID: row.version}, 0, -1)
			wantKind(t, err, row.kind, "s3://"+row.bucket+"/"+row.key, row.says)
		})
	}
	s := b.Store(Access{
		RoleARN: reader, ExternalID: externalID,
		Regions: map[string]string{"far": "eu-west-1"}, Owners: map[string]string{"far": customer},
	})
	if _, text := b.readAll(s, events.Object{Bucket: "far", Key: "logs/a"}, 0); text != "far away" {
		t.Errorf("read %q", text)
	}
}

func TestWhatNeverReachedAWS(t *testing.T) {
	b := newBench(t)
	b.once()
	o, store := b.put("logs/a", "body"), b.store()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := store.Open(ctx, o, 0, -1)
	wantKind(t, err, delivery.Throttled)
	_, err = store.Open(t.Context(), events.Object{Bucket: bucket}, 0, -1)
	wantKind(t, err, delivery.Internal)

	nobody := must(net.Listen("tcp", "127.0.0.1:0"))
	b.check(nobody.Close())
	b.Setenv("AWS_ENDPOINT_URL", "http://"+nobody.Addr().String())
	b.open()
	_, err = b.store().Open(t.Context(), o, 0, -1)
	wantKind(t, err, delivery.Unreachable, "connection refused")
	wantKind(t, b.Queue("arn:aws:sqs:us-east-1:123456789012:continuation").Continue(t.Context(), []string{"a"}), delivery.Unreachable, "connection refused")
	for _, err := range b.Bucket(bucket, Access{}).List(t.Context(), "", "") {
		wantKind(t, err, delivery.Unreachable, "connection refused")
	}
}

// An endpoint by its host name has no name for each bucket below it.
func TestAnEndpointByHostName(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", "body")
	b.Setenv("AWS_ENDPOINT_URL", strings.Replace(b.aws.Endpoint(), "127.0.0.1", "localhost", 1))
	b.once()
	if _, text := b.readAll(b.store(), o, 0); text != "body" {
		t.Errorf("read %q", text)
	}
}

func TestKindsOfErrorsThatCannotBeProvoked(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		kind delivery.Kind
	}{
		"the key of another region": {
			&smithy.GenericAPIError{Code: "AccessDenied", Message: "The ciphertext refers to a customer master key that does not exist"},
			delivery.KMS,
		},
		"no address":    {&smithyhttp.RequestSendError{Err: &net.DNSError{Err: "no such host", Name: "s3.eu-west-1.amazonaws.com", IsNotFound: true}}, delivery.Unreachable},
		"no route":      {&smithyhttp.RequestSendError{Err: &net.OpError{Op: "dial", Net: "tcp", Err: os.ErrDeadlineExceeded}}, delivery.Unreachable},
		"cut off":       {&smithyhttp.RequestSendError{Err: &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}}, delivery.Throttled},
		"reset":         {&smithyhttp.RequestSendError{Err: syscall.ECONNRESET}, delivery.Throttled},
		"cut answer":    {&smithyhttp.RequestSendError{Err: io.ErrUnexpectedEOF}, delivery.Throttled},
		"out of time":   {fmt.Errorf("waited: %w", context.DeadlineExceeded), delivery.Throttled},
		"anything else": {errors.New("what is this"), delivery.Internal},
	} {
		t.Run(name, func(t *testing.T) {
			if got := kindOf(row.err); got != row.kind {
				t.Errorf("kind %s, want %s", got, row.kind)
			}
		})
	}
}
