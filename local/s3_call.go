package local

import (
	"net/http"
	"net/url"
	"strings"
)

// An s3Request is the API call that an HTTP request to S3 makes, and the
// permission that it takes.
type s3Request struct {
	name, action         string // GetObject, s3:GetObjectVersion
	bucket, key, version string
}

// s3Call reads a path-style request.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
func s3Call(r *http.Request) s3Request {
	query := r.URL.Query()
	c := s3Request{version: query.Get("versionId")}
	c.bucket, c.key, _ = strings.Cut(strings.TrimLeft(r.URL.Path, "/"), "/")
	switch {
	case c.bucket == "":
		c.name = "ListBuckets"
	case c.key == "":
		c.name, c.action = bucketCall(r.Method, query)
	default:
		c.name, c.action = objectCall(r, query)
	}
	if c.action == "" {
		c.action = "s3:" + c.name
	}
	return c
}

// An s3Route is found by method and the first sub-resource that the query has.
type s3Route struct{ method, sub, name, action string }

var bucketRoutes = []s3Route{
	{"GET", "location", "GetBucketLocation", ""},
	{"GET", "notification", "GetBucketNotificationConfiguration", "s3:GetBucketNotification"},
	{"PUT", "notification", "PutBucketNotificationConfiguration", "s3:PutBucketNotification"},
	{"GET", "ownershipControls", "GetBucketOwnershipControls", ""},
	{"GET", "encryption", "GetBucketEncryption", "s3:GetEncryptionConfiguration"},
	{"GET", "versioning", "GetBucketVersioning", ""},
	{"PUT", "versioning", "PutBucketVersioning", ""},
	{"GET", "versions", "ListObjectVersions", "s3:ListBucketVersions"},
	{"GET", "uploads", "ListMultipartUploads", "s3:ListBucketMultipartUploads"},
	{"GET", "list-type", "ListObjectsV2", "s3:ListBucket"},
	{"GET", "", "ListObjects", "s3:ListBucket"},
	{"HEAD", "", "HeadBucket", "s3:ListBucket"},
	{"PUT", "", "CreateBucket", ""},
	{"DELETE", "", "DeleteBucket", ""},
	{"POST", "delete", "DeleteObjects", "s3:DeleteObject"},
	{"POST", "", "PostObject", "s3:PutObject"},
}

var objectRoutes = []s3Route{
	{"GET", "tagging", "GetObjectTagging", ""},
	{"PUT", "tagging", "PutObjectTagging", ""},
	{"DELETE", "tagging", "DeleteObjectTagging", ""},
	{"GET", "uploadId", "ListParts", "s3:ListMultipartUploadParts"},
	{"PUT", "uploadId", "UploadPart", "s3:PutObject"},
	{"POST", "uploadId", "CompleteMultipartUpload", "s3:PutObject"},
	{"DELETE", "uploadId", "AbortMultipartUpload", ""},
	{"POST", "uploads", "CreateMultipartUpload", "s3:PutObject"},
	{"GET", "versionId", "GetObject", "s3:GetObjectVersion"},
	{"HEAD", "versionId", "HeadObject", "s3:GetObjectVersion"},
	{"DELETE", "versionId", "DeleteObject", "s3:DeleteObjectVersion"},
	{"GET", "attributes", "GetObjectAttributes", "s3:GetObject"},
	{"GET", "", "GetObject", ""},
	{"HEAD", "", "HeadObject", "s3:GetObject"},
	{"PUT", "", "PutObject", ""},
	{"DELETE", "", "DeleteObject", ""},
}

func bucketCall(method string, query url.Values) (name, action string) {
	return route(bucketRoutes, method, query)
}

func objectCall(r *http.Request, query url.Values) (name, action string) {
	if r.Header.Get("X-Amz-Copy-Source") != "" && !query.Has("uploadId") {
		return "CopyObject", "s3:PutObject"
	}
	return route(objectRoutes, r.Method, query)
}

func route(routes []s3Route, method string, query url.Values) (name, action string) {
	for _, r := range routes {
		if r.method == method && (r.sub == "" || query.Has(r.sub)) {
			return r.name, r.action
		}
	}
	return "Unknown", ""
}

// copySource takes an x-amz-copy-source header apart.
func copySource(header string) (bucket, key string, err error) {
	path, _, _ := strings.Cut(strings.TrimPrefix(header, "/"), "?")
	path, err = url.PathUnescape(path)
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key, err
}
