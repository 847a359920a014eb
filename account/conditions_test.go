package account

import (
	"errors"
	"testing"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
)

// TestConditionsOfABucket has S3 answer as it does, in its own words, where
// those decide: what each means is in its kind, and so is when another attempt
// helps.
func TestConditionsOfABucket(t *testing.T) {
	b := newBench(t)
	b.once()
	o := b.put("logs/a", "body")
	const user = "User: arn:aws:sts::999988887777:assumed-role/devo-xs-collector-role/devo-s3-acme is not authorized to perform: "
	for name, row := range map[string]struct {
		status     int
		code, says string
		kind       delivery.Kind
	}{
		"archived, not restored": {403, "InvalidObjectState", "The operation is not valid for the object's storage class", delivery.Archived},
		"archived by its access tier": {
			403, "InvalidObjectState", "The operation is not valid for the object's access tier", delivery.Archived,
		},
		"SSE-C": {
			400, "InvalidRequest",
			"The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.", delivery.UnsupportedEncryption,
		},
		"role without kms:Decrypt": {
			403, "AccessDenied", user + "kms:Decrypt on resource: arn:aws:kms:us-east-1:999988887777:key/0b4e because no identity-based policy allows the kms:Decrypt action",
			delivery.KMS,
		},
		"key of another account": {
			403, "AccessDenied", "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.", delivery.KMS,
		},
		"key disabled":         {400, "KMS.DisabledException", "arn:aws:kms:us-east-1:999988887777:key/0b4e is disabled.", delivery.KMS},
		"key pending deletion": {400, "KMS.KMSInvalidStateException", "arn:aws:kms:us-east-1:999988887777:key/0b4e is pending deletion.", delivery.KMS},
		"KMS throttled": {
			400, "KMS.ThrottlingException", "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.", delivery.KMS,
		},
		"role without s3:GetObject": {
			403, "AccessDenied", user + `s3:GetObject on resource: "arn:aws:s3:::acme-logs/logs/a" because no identity-based policy allows the s3:GetObject action`, delivery.Denied,
		},
		"requester pays":             {403, "AccessDenied", "Access Denied", delivery.Denied},
		"bucket of another owner":    {403, "AccessDenied", "Access Denied", delivery.Denied},
		"session that S3 revoked":    {403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", delivery.Denied},
		"session always expired":     {400, "ExpiredToken", "The provided token has expired.", delivery.Throttled},
		"clock far off":              {403, "RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", delivery.Denied},
		"delete marker by version":   {405, "MethodNotAllowed", "The specified method is not allowed against this resource.", delivery.NotFound},
		"deleted":                    {404, "NoSuchKey", "The specified key does not exist.", delivery.NotFound},
		"version deleted":            {404, "NoSuchVersion", "The specified version does not exist.", delivery.NotFound},
		"another region":             {301, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint.", delivery.WrongRegion},
		"bucket just made elsewhere": {307, "TemporaryRedirect", "Please re-send this request to the specified temporary endpoint.", delivery.WrongRegion},
		"signed for another region": {
			400, "AuthorizationHeaderMalformed", "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'", delivery.WrongRegion,
		},
		"opt-in region by another's endpoint": {
			400, "IllegalLocationConstraintException", "The me-south-1 location constraint is incompatible for the region specific endpoint this request was sent to.", delivery.WrongRegion,
		},
		"opt-in region that the account has not enabled": {400, "InvalidToken", "The provided token is malformed or otherwise invalid.", delivery.Denied},
	} {
		t.Run(name, func(t *testing.T) {
			b.fail("GetObject", &local.FaultResponse{Status: row.status, Code: row.code, Message: row.says})
			_, err := b.store().Open(t.Context(), o, 0, -1)
			wantKind(t, err, row.kind, "get s3://acme-logs/logs/a: ", row.code)
		})
	}
	b.fail("GetObject", &local.FaultResponse{Status: 412, Code: "PreconditionFailed", Message: "At least one of the pre-conditions you specified did not hold"})
	if _, err := b.store().Open(t.Context(), o, 0, -1); !errors.Is(err, delivery.ErrSuperseded) {
		t.Errorf("overwritten: %v", err)
	}
}

// The same object's life in a bucket with versions and in one without.
func TestVersionedAndUnversionedBuckets(t *testing.T) {
	b := newBench(t)
	b.check(b.aws.CreateBucket("versions", local.BucketOptions{Owner: customer, Versioned: true}))
	for _, bucket := range []string{bucket, "versions"} {
		t.Run(bucket, func(t *testing.T) {
			versioned := bucket == "versions"
			store := b.store()
			b.check(b.aws.Put(bucket, "logs/a", []byte("old")))
			o := events.Object{Bucket: bucket, Key: "logs/a", Size: -1}
			first, _ := b.readAll(store, o, 0)
			if (first.VersionID != "") != versioned {
				t.Fatalf("version %q", first.VersionID)
			}
			o.VersionID, o.ETag = first.VersionID, first.ETag
			b.check(b.aws.Put(bucket, "logs/a", []byte("overwritten")))
			_, err := store.Open(t.Context(), o, 0, -1)
			if versioned != (err == nil) || !versioned && !errors.Is(err, delivery.ErrSuperseded) {
				t.Errorf("overwritten: %v", err)
			}
			b.check(b.aws.Delete(bucket, "logs/a"))
			if versioned {
				if _, text := b.readAll(store, o, 0); text != "old" {
					t.Errorf("behind a delete marker: %q", text)
				}
			}
			// The role may list the one bucket, and not the other: S3 tells only
			// who may list that a key is not there.
			gone := delivery.NotFound
			if versioned {
				gone = delivery.Denied
			}
			_, err = store.Open(t.Context(), events.Object{Bucket: bucket, Key: "logs/a"}, 0, -1)
			wantKind(t, err, gone)
		})
	}
}
