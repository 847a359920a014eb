package local

import (
	"cmp"
	"context"
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/rclone/gofakes3"
)

// s3Service answers what S3 decides before it looks into an object: whose
// bucket it is and where, who may do what, what became of the object. The
// rest of the protocol is gofakes3's.
type s3Service struct {
	account  *Account
	store    *s3Store
	protocol http.Handler
}

func newS3(a *Account) *s3Service {
	s := &s3Service{account: a}
	s.store = &s3Store{clock: a.clock, buckets: map[string]*s3Bucket{}, announce: s.announce}
	// Request dates were checked with the signature.
	s.protocol = gofakes3.New(s.store, gofakes3.WithTimeSkewLimit(0)).Server()
	return s
}

// BucketOptions of CreateBucket.
type BucketOptions struct {
	Owner     string // account id; the Account's own when empty
	Region    string // the Account's own when empty
	Versioned bool
	// Ownership is BucketOwnerEnforced when empty; "none" is a bucket that has no
	// ownership controls, as those of before April 2023.
	Ownership string
	KMSKey    string // ARN of the key of its default encryption; SSE-S3 when empty
}

// CreateBucket makes an empty bucket; its name must be new.
func (a *Account) CreateBucket(name string, o BucketOptions) error {
	if err := gofakes3.ValidateBucketName(name); err != nil {
		return fmt.Errorf("create bucket %s: %w", name, err)
	}
	if err := a.s3.store.create(name, cmp.Or(o.Owner, a.id), cmp.Or(o.Region, a.region)); err != nil {
		return fmt.Errorf("create bucket %s: %w", name, err)
	}
	a.s3.store.configure(name, o)
	if !o.Versioned {
		return nil
	}
	return a.s3.store.SetVersioningConfiguration(name, gofakes3.VersioningConfiguration{Status: gofakes3.VersioningEnabled})
}

// Headers of an object, in the form in which its metadata has them.
const (
	storageClass       = "X-Amz-Storage-Class"
	encryptionPrefix   = "X-Amz-Server-Side-Encryption"
	kmsKey             = encryptionPrefix + "-Aws-Kms-Key-Id"
	customerAlgorithm  = encryptionPrefix + "-Customer-Algorithm"
	customerKey        = encryptionPrefix + "-Customer-Key"
	customerKeyMD5     = encryptionPrefix + "-Customer-Key-Md5"
	bucketRegionHeader = "X-Amz-Bucket-Region"
)

// A PutOption is how an object is stored.
type PutOption func(meta map[string]string)

// WithStorageClass stores the object in that class. GLACIER and DEEP_ARCHIVE
// cannot be read.
func WithStorageClass(class string) PutOption {
	return func(meta map[string]string) { meta[storageClass] = class }
}

// WithKMSKey encrypts the object with SSE-KMS: reading takes kms:Decrypt on
// the key with that ARN.
func WithKMSKey(arn string) PutOption {
	return func(meta map[string]string) { meta[encryptionPrefix], meta[kmsKey] = "aws:kms", arn }
}

// WithCustomerKey encrypts the object with SSE-C: reading takes the same
// 32 bytes in the request.
func WithCustomerKey(key [32]byte) PutOption {
	sum := md5.Sum(key[:])
	return func(meta map[string]string) {
		meta[customerAlgorithm], meta[customerKeyMD5] = "AES256", base64.StdEncoding.EncodeToString(sum[:])
	}
}

// Put stores body under key and notifies, as a PutObject by the bucket's
// owner does. The body is kept, not copied.
func (a *Account) Put(bucket, key string, body []byte, options ...PutOption) error {
	meta := map[string]string{}
	for _, option := range options {
		option(meta)
	}
	if _, err := a.s3.store.put(context.Background(), bucket, key, meta, body); err != nil {
		return fmt.Errorf("put s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

// Stored is the version id of the current object, "" in a bucket without
// versions, and its eTag without quotes; both are "" if there is none.
func (a *Account) Stored(bucket, key string) (version, eTag string) {
	o := a.s3.store.look(bucket, key, "")
	if o == nil {
		return "", ""
	}
	return o.version, o.eTag()
}

// Delete removes the object, or covers it with a delete marker, and notifies.
func (a *Account) Delete(bucket, key string) error {
	if _, err := a.s3.store.DeleteObject(context.Background(), bucket, key); err != nil {
		return fmt.Errorf("delete s3://%s/%s: %w", bucket, key, err)
	}
	return nil
}

func (s *s3Service) serve(w http.ResponseWriter, r *http.Request, _ []byte, who caller) {
	c := s3Call(r)
	if refused := s.check(w.Header(), r, who, c); refused != nil {
		refused.writeS3(w, r)
		return
	}
	from := origin{who: who}
	from.address, _, _ = net.SplitHostPort(r.RemoteAddr)
	r = r.WithContext(context.WithValue(r.Context(), originKey{}, &from))
	switch c.name {
	case "GetBucketLocation":
		s.writeLocation(w, c.bucket)
		return
	case "GetBucketNotificationConfiguration":
		s.getNotifications(w, c.bucket)
		return
	case "GetBucketOwnershipControls":
		s.writeOwnership(w, r, c.bucket)
		return
	case "GetBucketEncryption":
		s.writeEncryption(w, c.bucket)
		return
	case "PutBucketNotificationConfiguration":
		s.putNotifications(w, r, c.bucket)
		return
	case "ListObjectsV2":
		if r.Header.Get("X-Amz-Optional-Object-Attributes") == "RestoreStatus" {
			s.listRestored(w, r, c.bucket)
			return
		}
	case "ListObjectVersions":
		if query := r.URL.Query(); query.Get("encoding-type") == "url" {
			s.writeVersions(w, query, c.bucket)
			return
		}
	case "CompleteMultipartUpload":
		from.event = "ObjectCreated:CompleteMultipartUpload"
	case "PostObject":
		from.event = "ObjectCreated:Post"
	case "PutObject", "CopyObject":
		from.encryption = takeEncryption(r, w.Header())
	case "HeadObject":
		// gofakes3's HEAD knows neither versions nor ranges. net/http keeps
		// the body back, by the method of its own request.
		r.Method = http.MethodGet
	}
	s.protocol.ServeHTTP(w, r)
}

// writeLocation answers GetBucketLocation, where us-east-1 has no name
// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html).
func (s *s3Service) writeLocation(w http.ResponseWriter, bucket string) {
	region := s.store.bucket(bucket).region
	if region == "us-east-1" {
		region = ""
	}
	w.Header().Set("Content-Type", "application/xml")
	_, _ = fmt.Fprintf(w, `%s<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/">%s</LocationConstraint>`, xml.Header, region)
}

// check refuses what must not reach the protocol, in S3's order: bucket,
// region, owner, permission, state of the object.
func (s *s3Service) check(h http.Header, r *http.Request, who caller, c s3Request) *refusal {
	if c.bucket == "" {
		return s.permit(who, who.Account, "s3:ListAllMyBuckets", "*")
	}
	arn := "arn:aws:s3:::" + c.bucket
	if c.name == "CreateBucket" {
		return s.permit(who, who.Account, c.action, arn)
	}
	b := s.store.bucket(c.bucket)
	if b == nil {
		return &refusal{status: http.StatusNotFound, code: "NoSuchBucket", message: "The specified bucket does not exist"}
	}
	h.Set(bucketRegionHeader, b.region)
	if who.Region != b.region {
		return &refusal{
			status: http.StatusMovedPermanently, code: "PermanentRedirect",
			message:  "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.",
			elements: []element{{"Endpoint", c.bucket + ".s3." + b.region + ".amazonaws.com"}, {"Bucket", c.bucket}},
		}
	}
	if owner := r.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != b.owner {
		return deny("s3", denied, "Access Denied")
	}
	resource := arn
	if c.key != "" {
		resource = arn + "/" + c.key
	} else if c.name == "DeleteObjects" || c.name == "PostObject" {
		resource = arn + "/*"
	}
	if refused := s.permit(who, b.owner, c.action, resource); refused != nil {
		return refused
	}
	if source := r.Header.Get("X-Amz-Copy-Source"); source != "" {
		return s.permitSource(who, source)
	}
	if c.name == "GetObject" || c.name == "HeadObject" {
		return s.checkObject(h, r, who, b, c)
	}
	return nil
}

// permit asks the caller's role, and whether the bucket is its account's:
// there are no bucket policies that would let another account in.
func (s *s3Service) permit(who caller, owner, action, resource string) *refusal {
	switch {
	case who.Root:
		return nil
	case who.Account != owner:
		return deny("s3", denied, "Access Denied")
	case !s.account.allows(who, action, resource):
		return deny("s3", denied, notAuthorized(who, action, `"`+resource+`"`))
	}
	return nil
}

func (s *s3Service) permitSource(who caller, source string) *refusal {
	bucket, key, err := copySource(source)
	b := s.store.bucket(bucket)
	if err != nil || b == nil {
		return nil // gofakes3 says what is wrong with it
	}
	return s.permit(who, b.owner, "s3:GetObject", "arn:aws:s3:::"+bucket+"/"+key)
}

// checkObject refuses to read what is gone, changed, archived, or encrypted
// with a key that the caller lacks.
func (s *s3Service) checkObject(h http.Header, r *http.Request, who caller, b *s3Bucket, c s3Request) *refusal {
	o := s.store.look(c.bucket, c.key, c.version)
	if o == nil {
		return s.missing(who, b, c)
	}
	if o.marker {
		h.Set("X-Amz-Delete-Marker", "true")
		h.Set("X-Amz-Version-Id", o.id())
		if c.version == "" {
			return s.missing(who, b, c)
		}
		h.Set("Allow", "DELETE")
		return &refusal{status: http.StatusMethodNotAllowed, code: "MethodNotAllowed", message: "The specified method is not allowed against this resource."}
	}
	if match := r.Header.Get("If-Match"); match != "" && match != "*" && strings.Trim(match, `"`) != o.eTag() {
		return &refusal{
			status: http.StatusPreconditionFailed, code: "PreconditionFailed",
			message:  "At least one of the pre-conditions you specified did not hold",
			elements: []element{{"Condition", "If-Match"}},
		}
	}
	if sum := o.meta[customerKeyMD5]; sum != "" && r.Header.Get(customerKeyMD5) == "" {
		return badRequest("InvalidRequest", "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.")
	} else if sum != r.Header.Get(customerKeyMD5) {
		return deny("s3", denied, "Access Denied")
	}
	if key := o.meta[kmsKey]; key != "" && c.name == "GetObject" && !s.account.allows(who, "kms:Decrypt", key) {
		return deny("s3", denied, notAuthorized(who, "kms:Decrypt", key))
	}
	if class := o.meta[storageClass]; c.name == "GetObject" && (class == "GLACIER" || class == "DEEP_ARCHIVE") && o.restored.IsZero() {
		return &refusal{
			status: http.StatusForbidden, code: "InvalidObjectState",
			message:  "The operation is not valid for the object's storage class",
			elements: []element{{"StorageClass", class}},
		}
	}
	h.Set(encryptionPrefix, "AES256") // S3's default since 2023
	for name, value := range o.meta {
		if strings.HasPrefix(name, encryptionPrefix) {
			h.Set(name, value)
		}
	}
	if o.meta[customerAlgorithm] != "" {
		h.Del(encryptionPrefix)
	}
	return nil
}

// missing tells only who may list the bucket that a key is not there.
func (s *s3Service) missing(who caller, b *s3Bucket, c s3Request) *refusal {
	if refused := s.permit(who, b.owner, "s3:ListBucket", "arn:aws:s3:::"+b.name); refused != nil {
		return refused
	}
	if c.version != "" {
		return &refusal{
			status: http.StatusNotFound, code: "NoSuchVersion", message: "The specified version does not exist.",
			elements: []element{{"Key", c.key}, {"VersionId", c.version}},
		}
	}
	return &refusal{
		status: http.StatusNotFound, code: "NoSuchKey", message: "The specified key does not exist.",
		elements: []element{{"Key", c.key}},
	}
}

// takeEncryption takes the headers that ask for encryption out of a request,
// since gofakes3 refuses them, and answers with them. An SSE-C key itself is
// forgotten at once.
func takeEncryption(r *http.Request, answer http.Header) map[string]string {
	taken := map[string]string{}
	for name := range r.Header {
		if !strings.HasPrefix(name, encryptionPrefix) {
			continue
		}
		if name != customerKey {
			taken[name] = r.Header.Get(name)
			answer.Set(name, taken[name])
		}
		r.Header.Del(name)
	}
	return taken
}
