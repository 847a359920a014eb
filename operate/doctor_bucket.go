package operate

import (
	"context"
	"fmt"
	"strings"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/operate/checkup"
	"github.com/devo-s3/collector/sources"
)

// A condition is what a publisher may need of a bucket, and how that is looked at.
type condition struct {
	need, wants string
	// met reports whether the bucket has it, and what it has.
	met        func(context.Context, *account.Bucket) (ok bool, has string, err error)
	look, mend string // the customer's commands, of the bucket %s
}

var conditions = []condition{
	{
		sources.NeedsACLs, "ACLs",
		func(ctx context.Context, b *account.Bucket) (bool, string, error) {
			ok, err := b.HasACLs(ctx)
			return ok, map[bool]string{true: "has ACLs", false: "has no ACLs (BucketOwnerEnforced)"}[ok], err
		},
		"aws s3api get-bucket-ownership-controls --bucket %s must not show BucketOwnerEnforced",
		"aws s3api put-bucket-ownership-controls --bucket %s --ownership-controls 'Rules=[{ObjectOwnership=BucketOwnerPreferred}]'",
	},
	{
		sources.NeedsSSES3, "SSE-S3 as default encryption",
		func(ctx context.Context, b *account.Bucket) (bool, string, error) {
			algorithm, err := b.DefaultEncryption(ctx)
			return algorithm == "AES256", "encrypts by default with " + algorithm, err
		},
		"aws s3api get-bucket-encryption --bucket %s must show AES256",
		`aws s3api put-bucket-encryption --bucket %s --server-side-encryption-configuration '{"Rules":[{"ApplyServerSideEncryptionByDefault":{"SSEAlgorithm":"AES256"}}]}'`,
	},
}

// publishers looks whether the publishers of a queue's sources can write into its
// buckets. One bucket that suits is enough: which publisher writes where, the file
// does not say.
func (d *Doctor) publishers(ctx context.Context, q *config.Queue) (checks []checkup.Check) {
	for _, c := range conditions {
		var names []string
		for _, s := range q.Sources {
			if s.Needs(c.need) {
				names = append(names, s.Name())
			}
		}
		if len(names) == 0 {
			continue
		}
		var suits, others []checkup.Check
		for _, b := range q.Buckets {
			made := c.check(ctx, d.Account.Bucket(b.Name, access(q, b)), b.Name, strings.Join(names, ", "))
			if made.Status == checkup.OK {
				suits = append(suits, made)
			} else {
				others = append(others, made)
			}
		}
		if len(suits) == 0 {
			suits = others
		}
		checks = append(checks, suits...)
	}
	return checks
}

func (c condition) check(ctx context.Context, b *account.Bucket, name, publishers string) checkup.Check {
	ok, has, err := c.met(ctx, b)
	switch {
	case err != nil:
		return checkup.Failed(checkup.Bucket, name, err, "the customer: "+fmt.Sprintf(c.look, name)+", or nothing of "+publishers+" is written")
	case !ok:
		return checkup.Check{
			Name: checkup.Bucket, Of: name, Status: checkup.Wrong,
			Says: fmt.Sprintf("%s, and the publisher of %s writes only where it finds %s", has, publishers, c.wants),
			Mend: "the customer: " + fmt.Sprintf(c.mend, name) + ", or another bucket",
		}
	}
	return checkup.Check{Name: checkup.Bucket, Of: name, Status: checkup.OK, Says: has + ", as the publisher of " + publishers + " needs it"}
}
