package local

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// oddKeys are keys that URLs, paths and queries like to change.
var oddKeys = []string{
	"a b", "a+b", "a%2Bb", "ü/€", "q?x=1&y=2", "#hash", "dup//slash", "dot/./x", "up/../x", "tab\there", "/leading", "trailing/", `quote"'<&>`,
}

func TestOddKeysGoInAndOutUnchanged(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	client := s3Client(t, a, a.Root())
	for _, key := range oddKeys {
		if _, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("mine"), Key: &key, Body: strings.NewReader(key)}); err != nil {
			t.Errorf("put %q: %v", key, err)
			continue
		}
		if body, _, err := get(t, client, &s3.GetObjectInput{Bucket: aws.String("mine"), Key: &key}); err != nil || body != key {
			t.Errorf("get %q: %q, %v", key, body, err)
		}
	}
	out, err := client.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("mine")})
	if err != nil {
		t.Fatal(err)
	}
	var listed []string
	for _, o := range out.Contents {
		listed = append(listed, *o.Key)
	}
	if want := slices.Sorted(slices.Values(oddKeys)); !slices.Equal(listed, want) {
		t.Errorf("listed %q, want %q", listed, want)
	}
}

func TestWritingNeedsThePermission(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	put(t, a, "mine", "logs/a", "text")
	a.CreateRole(readerRole("mine"))
	client := s3Client(t, a, a.CreateKey(reader))
	for name, call := range map[string]func() error{
		"put": func() error {
			_, err := client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("mine"), Key: aws.String("logs/b")})
			return err
		},
		"delete": func() error {
			_, err := client.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: aws.String("mine"), Key: aws.String("logs/a")})
			return err
		},
		"delete many": func() error {
			_, err := client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{
				Bucket: aws.String("mine"), Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("logs/a")}}},
			})
			return err
		},
		"copy": func() error {
			_, err := client.CopyObject(t.Context(), &s3.CopyObjectInput{Bucket: aws.String("mine"), Key: aws.String("logs/b"), CopySource: aws.String("mine/logs/a")})
			return err
		},
		"multipart": func() error {
			_, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: aws.String("mine"), Key: aws.String("logs/b")})
			return err
		},
		"list versions": func() error {
			_, err := client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("mine")})
			return err
		},
		"list buckets": func() error {
			_, err := client.ListBuckets(t.Context(), nil)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { wantFailure(t, call(), 403, "AccessDenied") })
	}
	if _, _, err := get(t, client, &s3.GetObjectInput{Bucket: aws.String("mine"), Key: aws.String("logs/a")}); err != nil {
		t.Errorf("after the refusals: %v", err)
	}
}

func TestCopyNeedsTheSourceToo(t *testing.T) {
	const writer = "arn:aws:iam::" + customer + ":role/writer"
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	put(t, a, "mine", "in/a b", "text")
	for _, tt := range []struct {
		name     string
		readable string
		ok       bool
	}{{"both", "*", true}, {"target only", "mine/out/*", false}} {
		a.CreateRole(Role{ARN: writer, Allow: []Statement{
			{[]string{"s3:PutObject"}, []string{"arn:aws:s3:::mine/out/*"}}, {[]string{"s3:GetObject"}, []string{"arn:aws:s3:::" + tt.readable}},
		}})
		_, err := s3Client(t, a, a.CreateKey(writer)).CopyObject(t.Context(), &s3.CopyObjectInput{
			Bucket: aws.String("mine"), Key: aws.String("out/a"), CopySource: aws.String("mine/in/a%20b"),
		})
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	if body, _, err := get(t, s3Client(t, a, a.Root()), &s3.GetObjectInput{Bucket: aws.String("mine"), Key: aws.String("out/a")}); err != nil || body != "text" {
		t.Errorf("the copy is %q, %v", body, err)
	}
}

func TestMultipartUpload(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	client := s3Client(t, a, a.Root())
	at := func() (bucket, key *string) { return aws.String("mine"), aws.String("big") }
	b, k := at()
	upload, err := client.CreateMultipartUpload(t.Context(), &s3.CreateMultipartUploadInput{Bucket: b, Key: k})
	if err != nil {
		t.Fatal(err)
	}
	first := bytes.Repeat([]byte("x"), 5<<20)
	var parts []types.CompletedPart
	for i, body := range [][]byte{first, []byte("end")} {
		n := aws.Int32(int32(i + 1))
		part, err := client.UploadPart(t.Context(), &s3.UploadPartInput{Bucket: b, Key: k, UploadId: upload.UploadId, PartNumber: n, Body: bytes.NewReader(body)})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, types.CompletedPart{ETag: part.ETag, PartNumber: n})
	}
	done, err := client.CompleteMultipartUpload(t.Context(), &s3.CompleteMultipartUploadInput{
		Bucket: b, Key: k, UploadId: upload.UploadId, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	})
	if err != nil {
		t.Fatal(err)
	}
	body, out, err := get(t, client, &s3.GetObjectInput{Bucket: b, Key: k, IfMatch: done.ETag})
	if err != nil || body != string(first)+"end" || *out.ETag != *done.ETag {
		t.Errorf("got %d bytes with another eTag or %v", len(body), err)
	}
}

func TestEncryptionAskedForIsAnsweredAndKept(t *testing.T) {
	const key = "arn:aws:kms:us-east-1:" + customer + ":key/1"
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	client := s3Client(t, a, a.Root())
	out, err := client.PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String("mine"), Key: aws.String("k"), ServerSideEncryption: types.ServerSideEncryptionAwsKms, SSEKMSKeyId: aws.String(key),
	})
	if err != nil || out.ServerSideEncryption != types.ServerSideEncryptionAwsKms {
		t.Fatalf("put: %+v, %v", out, err)
	}
	head, err := client.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String("mine"), Key: aws.String("k")})
	if err != nil || aws.ToString(head.SSEKMSKeyId) != key {
		t.Errorf("head: %+v, %v", head, err)
	}
}

func TestPutIfNoneMatchKeepsWhatIsThere(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	client := s3Client(t, a, a.Root())
	in := &s3.PutObjectInput{Bucket: aws.String("mine"), Key: aws.String("k"), IfNoneMatch: aws.String("*")}
	if _, err := client.PutObject(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	_, err := client.PutObject(t.Context(), in)
	wantFailure(t, err, 412, "PreconditionFailed")
}

func TestDeleteManyAndThenTheBucket(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	client := s3Client(t, a, a.Root())
	var many types.Delete
	for _, key := range []string{"a", "b", "c"} {
		put(t, a, "mine", key, "text")
		many.Objects = append(many.Objects, types.ObjectIdentifier{Key: aws.String(key)})
	}
	_, err := client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String("mine")})
	wantFailure(t, err, 409, "BucketNotEmpty")
	out, err := client.DeleteObjects(t.Context(), &s3.DeleteObjectsInput{Bucket: aws.String("mine"), Delete: &many})
	if err != nil || len(out.Deleted) != 3 || len(out.Errors) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
	if _, err := client.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String("mine")}); err != nil {
		t.Error(err)
	}
}

func TestSuspendedVersioningKeepsOldVersionsAndOneNull(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{Versioned: true})
	client := s3Client(t, a, a.Root())
	put(t, a, "mine", "k", "kept")
	if _, err := client.PutBucketVersioning(t.Context(), &s3.PutBucketVersioningInput{
		Bucket: aws.String("mine"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusSuspended},
	}); err != nil {
		t.Fatal(err)
	}
	if out, err := client.GetBucketVersioning(t.Context(), &s3.GetBucketVersioningInput{Bucket: aws.String("mine")}); err != nil || out.Status != types.BucketVersioningStatusSuspended {
		t.Errorf("%+v, %v", out, err)
	}
	put(t, a, "mine", "k", "overwritten")
	put(t, a, "mine", "k", "current")
	if body, _, err := get(t, client, &s3.GetObjectInput{Bucket: aws.String("mine"), Key: aws.String("k")}); err != nil || body != "current" {
		t.Errorf("current is %q, %v", body, err)
	}
	if err := a.Delete("mine", "k"); err != nil {
		t.Fatal(err)
	}
	out, err := client.ListObjectVersions(t.Context(), &s3.ListObjectVersionsInput{Bucket: aws.String("mine")})
	if err != nil || len(out.Versions) != 1 || len(out.DeleteMarkers) != 1 || *out.DeleteMarkers[0].VersionId != "null" {
		t.Errorf("%d versions, %d markers, %v; want the kept one and a null marker", len(out.Versions), len(out.DeleteMarkers), err)
	}
}

func TestTagsChangeAndTheObjectDoesNot(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{Versioned: true})
	client := s3Client(t, a, a.Root())
	put(t, a, "mine", "k", "text")
	set := types.Tagging{TagSet: []types.Tag{{Key: aws.String("team"), Value: aws.String("red")}}}
	if _, err := client.PutObjectTagging(t.Context(), &s3.PutObjectTaggingInput{Bucket: aws.String("mine"), Key: aws.String("k"), Tagging: &set}); err != nil {
		t.Fatal(err)
	}
	tags, err := client.GetObjectTagging(t.Context(), &s3.GetObjectTaggingInput{Bucket: aws.String("mine"), Key: aws.String("k")})
	if err != nil || len(tags.TagSet) != 1 || *tags.TagSet[0].Value != "red" {
		t.Errorf("%+v, %v", tags, err)
	}
	if body, _, err := get(t, client, &s3.GetObjectInput{Bucket: aws.String("mine"), Key: aws.String("k")}); err != nil || body != "text" {
		t.Errorf("%q, %v", body, err)
	}
}

func TestBucketsBelongToWhoMakesThem(t *testing.T) {
	a := startAccount(t)
	owner := s3Client(t, a, a.CreateKey("arn:aws:iam::"+customer+":user/admin"))
	if _, err := owner.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("mine")}); err != nil {
		t.Fatal(err)
	}
	if _, err := owner.HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("mine")}); err != nil {
		t.Errorf("its maker: %v", err)
	}
	_, err := s3Client(t, a, a.CreateKey(function)).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String("mine")})
	wantFailure(t, err, 403, "AccessDenied")
	if _, err := owner.DeleteBucket(t.Context(), &s3.DeleteBucketInput{Bucket: aws.String("mine")}); err != nil {
		t.Error(err)
	}
}

func TestBucketLocation(t *testing.T) {
	for region, want := range map[string]string{"us-east-1": "", "eu-west-1": "eu-west-1"} {
		a, err := Start(Options{Region: region})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = a.Close() })
		bucket(t, a, "mine", BucketOptions{})
		out, err := s3Client(t, a, a.Root()).GetBucketLocation(t.Context(), &s3.GetBucketLocationInput{Bucket: aws.String("mine")})
		if err != nil || string(out.LocationConstraint) != want {
			t.Errorf("%s: %+v, %v", region, out, err)
		}
	}
}
