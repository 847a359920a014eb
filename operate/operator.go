package operate

import (
	"context"
	"strings"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
)

// An Operator is a person at work on a deployment: in Devo's account with their
// own credentials, in the customer's under the role for Devo's people, where the
// deployment's file names one.
type Operator struct {
	*config.Config
	Account *account.Account
}

// queueRole is who may touch a queue and its DLQ; "" is the person.
func (o *Operator) queueRole(q *config.Queue) (roleARN, externalID string) {
	if q == nil || q.InDevo(o.Config) {
		return "", ""
	}
	return q.OperatorARN, q.ExternalID
}

// access is how a person comes to a bucket of a queue.
func access(q *config.Queue, b config.Bucket) account.Access {
	return account.Access{
		RoleARN: q.OperatorARN, ExternalID: q.ExternalID, Keys: q.Keys,
		Regions: map[string]string{b.Name: b.Region}, Owners: map[string]string{b.Name: b.Owner},
	}
}

// Now is the time by the ledger, or by this machine if there is none.
func (o *Operator) Now(ctx context.Context) (time.Time, error) {
	if o.Ledger.Table == "" {
		return time.Now(), nil
	}
	return o.Account.Entries(o.Ledger.Table).Now(ctx)
}

// lastOf is the last part of an ARN: a queue's name.
func lastOf(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }
