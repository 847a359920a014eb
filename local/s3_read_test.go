package local

import (
	"bytes"
	"crypto/md5"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// readerRole lets the customer's reader do what a deployment asks for.
func readerRole(buckets ...string) Role {
	r := Role{ARN: reader}
	for _, b := range buckets {
		r.Allow = append(r.Allow,
			Statement{[]string{"s3:GetObject", "s3:GetObjectVersion"}, []string{"arn:aws:s3:::" + b + "/logs/*"}},
			Statement{[]string{"s3:ListBucket"}, []string{"arn:aws:s3:::" + b}})
	}
	return r
}

func get(t testing.TB, c *s3.Client, in *s3.GetObjectInput) (string, *s3.GetObjectOutput, error) {
	t.Helper()
	out, err := c.GetObject(t.Context(), in)
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = out.Body.Close() }()
	body, err := io.ReadAll(out.Body)
	return string(body), out, err
}

func TestReadingIsRefusedAsS3Does(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	bucket(t, a, "unlisted", BucketOptions{})
	bucket(t, a, "devos", BucketOptions{Owner: devo})
	bucket(t, a, "far", BucketOptions{Region: "eu-west-1"})
	for _, b := range []string{"mine", "unlisted", "devos", "far"} {
		put(t, a, b, "logs/a", "text")
		put(t, a, b, "other/a", "text")
	}
	put(t, a, "mine", "logs/cold", "text", WithStorageClass("GLACIER"))
	put(t, a, "mine", "logs/colder", "text", WithStorageClass("DEEP_ARCHIVE"))
	put(t, a, "mine", "logs/cool", "text", WithStorageClass("GLACIER_IR"))
	put(t, a, "mine", "logs/kms", "text", WithKMSKey("arn:aws:kms:us-east-1:"+customer+":key/1"))
	put(t, a, "mine", "logs/customer", "text", WithCustomerKey([32]byte{1}))
	role := readerRole("mine", "devos", "far")
	role.Allow = append(role.Allow, Statement{[]string{"S3:Get*"}, []string{"arn:aws:s3:::unlisted/logs/?"}})
	a.CreateRole(role)
	client := s3Client(t, a, a.CreateKey(reader))

	for _, tt := range []struct {
		name, bucket, key string
		owner, match      string
		status            int
		code              string
	}{
		{name: "allowed", bucket: "mine", key: "logs/a", status: 200},
		{name: "allowed by wildcards", bucket: "unlisted", key: "logs/a", status: 200},
		{name: "instant archive", bucket: "mine", key: "logs/cool", status: 200},
		{name: "expected owner", bucket: "mine", key: "logs/a", owner: customer, status: 200},
		{name: "not the expected owner", bucket: "mine", key: "logs/a", owner: devo, status: 403, code: "AccessDenied"},
		{name: "no such bucket", bucket: "none", key: "logs/a", status: 404, code: "NoSuchBucket"},
		{name: "another region", bucket: "far", key: "logs/a", status: 301, code: "PermanentRedirect"},
		{name: "another account's", bucket: "devos", key: "logs/a", status: 403, code: "AccessDenied"},
		{name: "outside the prefix", bucket: "mine", key: "other/a", status: 403, code: "AccessDenied"},
		{name: "missing, may list", bucket: "mine", key: "logs/none", status: 404, code: "NoSuchKey"},
		{name: "missing, may not list", bucket: "unlisted", key: "logs/n", status: 403, code: "AccessDenied"},
		{name: "archived", bucket: "mine", key: "logs/cold", status: 403, code: "InvalidObjectState"},
		{name: "deeply archived", bucket: "mine", key: "logs/colder", status: 403, code: "InvalidObjectState"},
		{name: "no kms:Decrypt", bucket: "mine", key: "logs/kms", status: 403, code: "AccessDenied"},
		{name: "SSE-C without key", bucket: "mine", key: "logs/customer", status: 400, code: "InvalidRequest"},
		{name: "eTag of another", bucket: "mine", key: "logs/a", match: `"0123"`, status: 412, code: "PreconditionFailed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := &s3.GetObjectInput{Bucket: &tt.bucket, Key: &tt.key}
			if tt.owner != "" {
				in.ExpectedBucketOwner = &tt.owner
			}
			if tt.match != "" {
				in.IfMatch = &tt.match
			}
			body, _, err := get(t, client, in)
			if tt.status == 200 {
				if err != nil || body != "text" {
					t.Errorf("got %q, %v", body, err)
				}
				return
			}
			wantFailure(t, err, tt.status, tt.code)
			if _, _, message := answered(err); tt.key == "logs/kms" && !strings.Contains(message, "kms:Decrypt") {
				t.Errorf("message %q does not say that the key is the trouble", message)
			}
			var response *awshttp.ResponseError
			if errors.As(err, &response) && tt.status == 301 && response.Response.Header.Get("x-amz-bucket-region") != "eu-west-1" {
				t.Error("the redirect does not say where the bucket is")
			}
		})
	}
}

func TestKMSObjectIsReadByWhoMayDecrypt(t *testing.T) {
	const key = "arn:aws:kms:us-east-1:" + customer + ":key/1"
	a := startAccount(t)
	put(t, a, bucket(t, a, "mine", BucketOptions{}), "logs/kms", "text", WithKMSKey(key))
	role := readerRole("mine")
	role.Allow = append(role.Allow, Statement{[]string{"kms:Decrypt"}, []string{key}})
	a.CreateRole(role)
	body, out, err := get(t, s3Client(t, a, a.CreateKey(reader)), &s3.GetObjectInput{Bucket: aws.String("mine"), Key: aws.String("logs/kms")})
	if err != nil || body != "text" || out.ServerSideEncryption != types.ServerSideEncryptionAwsKms || *out.SSEKMSKeyId != key {
		t.Errorf("got %q with %+v, %v", body, out, err)
	}
}

func TestSSECObjectIsReadWithItsKeyOnly(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	put(t, a, "mine", "k", "text", WithCustomerKey([32]byte{1}))
	for first, status := range map[byte]int{1: 200, 2: 403} {
		secret := append([]byte{first}, make([]byte, 31)...)
		sum := md5.Sum(secret)
		in := &s3.GetObjectInput{
			Bucket: aws.String("mine"), Key: aws.String("k"), SSECustomerAlgorithm: aws.String("AES256"),
			SSECustomerKey: aws.String(base64.StdEncoding.EncodeToString(secret)), SSECustomerKeyMD5: aws.String(base64.StdEncoding.EncodeToString(sum[:])),
		}
		// The SDK keeps such a key from plain HTTP; S3's protocol does not know how it came.
		body, _, err := get(t, s3.NewFromConfig(config(t, a, a.Root()), asIfTLS), in)
		if status == 200 {
			if err != nil || body != "text" {
				t.Errorf("with its key: got %q, %v", body, err)
			}
			continue
		}
		wantFailure(t, err, status, "AccessDenied")
	}
}

func TestRangesAndConditions(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	put(t, a, "mine", "k", "0123456789")
	put(t, a, "mine", "empty", "")
	client := s3Client(t, a, a.Root())
	head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("mine"), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	tag := *head.ETag
	for _, tt := range []struct {
		name, key, part, match string
		body, content          string
		status                 int
		code                   string
	}{
		{name: "open end", key: "k", part: "bytes=4-", body: "456789", content: "bytes 4-9/10"},
		{name: "closed", key: "k", part: "bytes=0-0", body: "0", content: "bytes 0-0/10"},
		{name: "beyond the end", key: "k", part: "bytes=8-99", body: "89", content: "bytes 8-9/10"},
		{name: "last bytes", key: "k", part: "bytes=-3", body: "789", content: "bytes 7-9/10"},
		{name: "same eTag", key: "k", part: "bytes=4-", match: tag, body: "456789", content: "bytes 4-9/10"},
		{name: "same eTag, unquoted", key: "k", match: strings.Trim(tag, `"`), body: "0123456789"},
		{name: "any eTag", key: "k", match: "*", body: "0123456789"},
		{name: "at the end", key: "k", part: "bytes=10-", status: 416, code: "InvalidRange"},
		{name: "of nothing", key: "empty", part: "bytes=0-", status: 416, code: "InvalidRange"},
		{name: "changed, and the range with it", key: "k", part: "bytes=99-", match: `"0123"`, status: 412, code: "PreconditionFailed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			in := &s3.GetObjectInput{Bucket: aws.String("mine"), Key: &tt.key}
			if tt.part != "" {
				in.Range = &tt.part
			}
			if tt.match != "" {
				in.IfMatch = &tt.match
			}
			body, out, err := get(t, client, in)
			if tt.code != "" {
				wantFailure(t, err, tt.status, tt.code)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if body != tt.body || aws.ToString(out.ContentRange) != tt.content || *out.ContentLength != int64(len(tt.body)) || *out.ETag != tag {
				t.Errorf("got %q, range %q, %d bytes, %s", body, aws.ToString(out.ContentRange), *out.ContentLength, *out.ETag)
			}
		})
	}
}

func TestVersionsAndDeleteMarkers(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{Versioned: true})
	client := s3Client(t, a, a.Root())
	key := aws.String("k")
	var ids []string
	for _, text := range []string{"one", "three"} {
		out, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("mine"), Key: key, Body: strings.NewReader(text)})
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, *out.VersionId)
	}
	gone, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("mine"), Key: key})
	if err != nil || !*gone.DeleteMarker {
		t.Fatalf("no delete marker: %+v, %v", gone, err)
	}

	for i, text := range []string{"one", "three"} {
		body, out, err := get(t, client, &s3.GetObjectInput{Bucket: aws.String("mine"), Key: key, VersionId: &ids[i]})
		if err != nil || body != text || *out.VersionId != ids[i] {
			t.Errorf("version %d: got %q, %v", i, body, err)
		}
		head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("mine"), Key: key, VersionId: &ids[i]})
		if err != nil || *head.ContentLength != int64(len(text)) || *head.VersionId != ids[i] {
			t.Errorf("head of version %d: %+v, %v", i, head, err)
		}
	}
	for _, tt := range []struct {
		name, version string
		status        int
		code          string
		marker        string
	}{
		{"current", "", 404, "NoSuchKey", "true"},
		{"the marker itself", *gone.VersionId, 405, "MethodNotAllowed", "true"},
		{"unknown version", "0123", 404, "NoSuchVersion", ""},
	} {
		in := &s3.GetObjectInput{Bucket: aws.String("mine"), Key: key}
		if tt.version != "" {
			in.VersionId = &tt.version
		}
		_, _, err := get(t, client, in)
		wantFailure(t, err, tt.status, tt.code)
		var response *awshttp.ResponseError
		if errors.As(err, &response) && response.Response.Header.Get("x-amz-delete-marker") != tt.marker {
			t.Errorf("%s: x-amz-delete-marker is %q", tt.name, response.Response.Header.Get("x-amz-delete-marker"))
		}
	}

	// With the marker and then the newest version gone, the older ones are current again.
	for i, id := range []string{*gone.VersionId, ids[1]} {
		if _, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("mine"), Key: key, VersionId: &id}); err != nil {
			t.Fatal(err)
		}
		want := []string{"three", "one"}[i]
		if body, _, err := get(t, client, &s3.GetObjectInput{Bucket: aws.String("mine"), Key: key}); err != nil || body != want {
			t.Errorf("current is %q, %v; want %q", body, err, want)
		}
	}
}

func TestHeadHasNoBodyAndTellsTheStatus(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	put(t, a, "mine", "cold", "text", WithStorageClass("GLACIER"))
	a.CreateRole(readerRole("mine"))
	for _, tt := range []struct {
		key    string
		who    Credentials
		status int
	}{
		{"cold", a.Root(), 200}, {"none", a.Root(), 404}, {"other/none", a.CreateKey(reader), 403},
	} {
		out, err := s3Client(t, a, tt.who).HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("mine"), Key: &tt.key})
		if tt.status != 200 {
			if status, _, _ := answered(err); status != tt.status {
				t.Errorf("%s: %v, want %d", tt.key, err, tt.status)
			}
			continue
		}
		if err != nil || *out.ContentLength != 4 || out.StorageClass != types.StorageClassGlacier {
			t.Errorf("%s: %+v, %v", tt.key, out, err)
		}
	}
}

func BenchmarkGetObject100MB(b *testing.B) {
	a := startAccount(b)
	bucket(b, a, "mine", BucketOptions{})
	if err := a.Put("mine", "big", bytes.Repeat([]byte("0123456789"), 10<<20)); err != nil {
		b.Fatal(err)
	}
	client := s3Client(b, a, a.Root())
	b.SetBytes(100 << 20)
	for b.Loop() {
		out, err := client.GetObject(b.Context(), &s3.GetObjectInput{Bucket: aws.String("mine"), Key: aws.String("big")})
		if err != nil {
			b.Fatal(err)
		}
		if n, err := io.Copy(io.Discard, out.Body); err != nil || n != 100<<20 {
			b.Fatal(n, err)
		}
		_ = out.Body.Close()
	}
}

// asIfTLS takes away the SDK's refusal to send an SSE-C key over plain HTTP.
func asIfTLS(o *s3.Options) {
	o.BaseEndpoint = aws.String(strings.Replace(*o.BaseEndpoint, "http:", "https:", 1))
	o.HTTPClient = changed{o.HTTPClient, func(r *http.Request) { r.URL.Scheme = "http" }}
}
