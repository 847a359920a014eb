package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
)

// Access is how the buckets of one queue are read.
type Access struct {
	RoleARN    string // "" to read with the Account's own credentials
	ExternalID string // "" if the role's trust asks for none
	// Keys is the name or ARN of the secret with the keys of a vendor who owns
	// the buckets; then there is no role. "" if there is none.
	Keys string
	// Regions are those of buckets elsewhere than the deployment.
	Regions map[string]string
	// Owners are the account ids that the buckets must belong to, so that a
	// bucket deleted and made again by somebody else is refused.
	Owners map[string]string
}

func (x Access) roleID() roleID { return roleID{x.RoleARN, x.ExternalID, x.Keys} }

type store struct {
	Access
	role   *role
	stream func(*s3.Options)
}

// Store opens objects under the role of x. Stores of the same role and external
// id share one session, which is asked for at the first Open.
func (a *Account) Store(x Access) delivery.Store {
	return &store{Access: x, role: a.role(x.roleID()), stream: func(o *s3.Options) { o.HTTPClient = a.stream }}
}

// Open implements delivery.Store. The body lives until ctx ends or it is
// closed, whichever is first.
func (s *store) Open(ctx context.Context, o events.Object, offset, length int64) (*delivery.Body, error) {
	b, err := s.open(ctx, o, offset, length)
	if err == nil {
		return b, nil
	}
	what, kind := "get "+name(o.Bucket, o.Key, o.VersionID), kindOf(err)
	switch status := statusOf(err); {
	case status == http.StatusRequestedRangeNotSatisfiable && offset == o.Size:
		return &delivery.Body{ReadCloser: http.NoBody, VersionID: o.VersionID, ETag: o.ETag, Size: o.Size}, nil
	case status == http.StatusPreconditionFailed:
		return nil, fmt.Errorf("%s: %w", what, delivery.ErrSuperseded)
	case kind == delivery.WrongRegion && regionNamed(err) != "":
		what += ": the bucket is in " + regionNamed(err)
	}
	return nil, delivery.Fail(kind, "%s: %w", what, err)
}

func (s *store) open(ctx context.Context, o events.Object, offset, length int64) (*delivery.Body, error) {
	in := &s3.GetObjectInput{Bucket: &o.Bucket, Key: &o.Key}
	if o.VersionID != "" {
		in.VersionId = &o.VersionID
	} else if o.ETag != "" {
		in.IfMatch = aws.String(`"` + o.ETag + `"`)
	}
	switch {
	case length >= 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1))
	case offset > 0:
		in.Range = aws.String(fmt.Sprintf("bytes=%d-", offset))
	}
	if owner := s.Owners[o.Bucket]; owner != "" {
		in.ExpectedBucketOwner = &owner
	}
	out, err := s.get(ctx, in)
	if err != nil {
		return nil, err
	}
	size, err := sizeOf(out, offset, in.Range != nil)
	if err != nil {
		// Nothing of the answer is of use.
		_ = out.Body.Close()
		return nil, err
	}
	return &delivery.Body{
		ReadCloser: out.Body,
		VersionID:  aws.ToString(out.VersionId),
		ETag:       strings.Trim(aws.ToString(out.ETag), `"`),
		Size:       size,

		ContentEncoding: aws.ToString(out.ContentEncoding),
	}, nil
}

// get calls S3, and once more with a new session if it calls ours expired: one
// can be revoked, and the machine's clock can be wrong. If S3 calls the new one
// expired too, to ask for more would not help now.
func (s *store) get(ctx context.Context, in *s3.GetObjectInput) (*s3.GetObjectOutput, error) {
	client := s.role.client(s.Regions[*in.Bucket])
	session, err := s.role.sessions.Retrieve(ctx)
	if err != nil {
		return nil, err
	}
	out, err := client.GetObject(ctx, in, s.stream)
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ExpiredToken" {
		s.role.renew(ctx, session)
		out, err = client.GetObject(ctx, in, s.stream)
	}
	return out, err
}

// sizeOf is the size of the whole object, from an answer that must begin at
// offset.
func sizeOf(out *s3.GetObjectOutput, offset int64, ranged bool) (int64, error) {
	if !ranged {
		if out.ContentLength == nil {
			return 0, errors.New("the answer has no length")
		}
		return *out.ContentLength, nil
	}
	var first, last, size int64
	if _, err := fmt.Sscanf(aws.ToString(out.ContentRange), "bytes %d-%d/%d", &first, &last, &size); err != nil || first != offset {
		return 0, fmt.Errorf("asked from byte %d on, got the range %q", offset, aws.ToString(out.ContentRange))
	}
	return size, nil
}

func name(bucket, key, version string) string {
	if version == "" {
		return fmt.Sprintf("s3://%s/%s", bucket, key)
	}
	return fmt.Sprintf("s3://%s/%s (version %s)", bucket, key, version)
}

// regionNamed is where S3 says that the bucket is, "" if it does not.
func regionNamed(err error) string {
	var answer *smithyhttp.ResponseError
	if !errors.As(err, &answer) || answer.Response == nil {
		return ""
	}
	return answer.Response.Header.Get("X-Amz-Bucket-Region")
}
