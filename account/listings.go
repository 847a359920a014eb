package account

import (
	"context"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// A listings client lists buckets with keys URL-encoded on the wire, and
// returns them decoded. A key may hold any character, and XML 1.0 cannot carry
// most control characters: without the encoding, one such key makes the whole
// page unreadable.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html#API_ListObjectsV2_RequestSyntax
type listings struct{ s3 *s3.Client }

// ListObjectsV2 implements s3.ListObjectsV2APIClient.
func (l listings) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, options ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	encoded := *in
	encoded.EncodingType = types.EncodingTypeUrl
	out, err := l.s3.ListObjectsV2(ctx, &encoded, options...)
	if err != nil || out.EncodingType != types.EncodingTypeUrl {
		return out, err
	}
	keys := prefixKeys(out.CommonPrefixes)
	for i := range out.Contents {
		keys = append(keys, out.Contents[i].Key)
	}
	return out, decodeKeys(keys)
}

// ListObjectVersions implements s3.ListObjectVersionsAPIClient. The marker of
// the next page is a key too.
func (l listings) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput, options ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	encoded := *in
	encoded.EncodingType = types.EncodingTypeUrl
	out, err := l.s3.ListObjectVersions(ctx, &encoded, options...)
	if err != nil || out.EncodingType != types.EncodingTypeUrl {
		return out, err
	}
	keys := append(prefixKeys(out.CommonPrefixes), out.NextKeyMarker)
	for i := range out.Versions {
		keys = append(keys, out.Versions[i].Key)
	}
	return out, decodeKeys(keys)
}

func prefixKeys(prefixes []types.CommonPrefix) (keys []*string) {
	for i := range prefixes {
		keys = append(keys, prefixes[i].Prefix)
	}
	return keys
}

// decodeKeys decodes each key in place. S3 writes a space as +, and a plus as
// %2B.
func decodeKeys(keys []*string) error {
	for _, key := range keys {
		if key == nil {
			continue
		}
		decoded, err := url.QueryUnescape(aws.ToString(key))
		if err != nil {
			return fmt.Errorf("decode key %q of the listing: %w", *key, err)
		}
		*key = decoded
	}
	return nil
}
