package local

import (
	"cmp"
	"encoding/xml"
	"net/http"
)

// configure sets what CreateBucket of S3's API does not.
func (s *s3Store) configure(name string, o BucketOptions) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.buckets[name].ownership, s.buckets[name].kmsKey = cmp.Or(o.Ownership, "BucketOwnerEnforced"), o.KMSKey
}

// writeOwnership answers GetBucketOwnershipControls.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketOwnershipControls.html
func (s *s3Service) writeOwnership(w http.ResponseWriter, r *http.Request, bucket string) {
	ownership := cmp.Or(s.store.bucket(bucket).ownership, "BucketOwnerEnforced")
	if ownership == "none" {
		refused := &refusal{
			status: http.StatusNotFound, code: "OwnershipControlsNotFoundError", message: "The bucket ownership controls were not found",
			elements: []element{{"BucketName", bucket}},
		}
		refused.writeS3(w, r)
		return
	}
	writeQuery(w, http.StatusOK, struct {
		XMLName   xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ OwnershipControls"`
		Ownership string   `xml:"Rule>ObjectOwnership"`
	}{Ownership: ownership})
}

// writeEncryption answers GetBucketEncryption.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketEncryption.html
func (s *s3Service) writeEncryption(w http.ResponseWriter, bucket string) {
	type byDefault struct {
		Algorithm string `xml:"SSEAlgorithm"`
		Key       string `xml:"KMSMasterKeyID,omitempty"`
	}
	rule := byDefault{Algorithm: "AES256"}
	if key := s.store.bucket(bucket).kmsKey; key != "" {
		rule = byDefault{"aws:kms", key}
	}
	writeQuery(w, http.StatusOK, struct {
		XMLName   xml.Name  `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ServerSideEncryptionConfiguration"`
		Rule      byDefault `xml:"Rule>ApplyServerSideEncryptionByDefault"`
		BucketKey bool      `xml:"Rule>BucketKeyEnabled"`
	}{Rule: rule})
}
