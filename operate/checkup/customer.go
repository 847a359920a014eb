package checkup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/internal/deployment"
)

const (
	// listings bound the search for an object, firstBytes what is read of it.
	listings   = 50
	firstBytes = 16
	callLimit  = 20 * time.Second
)

// roles tries the readers, each once.
func (p *Path) roles(ctx context.Context) []Check {
	var parts []func() []Check
	seen := make(map[string]bool)
	for _, q := range p.Queues {
		if q.RoleARN != "" && !seen[q.RoleARN] {
			seen[q.RoleARN] = true
			parts = append(parts, func() []Check { return []Check{p.role(ctx, q)} })
		}
	}
	return together(parts...)
}

func (p *Path) role(ctx context.Context, q config.Queue) Check {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	c := Check{Name: Role, Of: q.RoleARN, Status: OK, Says: "can be assumed with the external id, and not without"}
	switch err := p.Account.TryRole(ctx, q.RoleARN, q.ExternalID); {
	case account.IsDenied(err):
		c.Status, c.Says, c.Mend = Wrong, "the function may not assume it: "+err.Error(), "the customer: "+p.trust(q)
		return c
	case err != nil:
		c.Status, c.Says = Wrong, err.Error()
		return c
	case q.ExternalID == "":
		c.Says = "can be assumed; the file has no external_id"
		return c
	}
	switch err := p.Account.TryRole(ctx, q.RoleARN, ""); {
	case err == nil:
		c.Status, c.Says, c.Mend = Wrong, "can be assumed WITHOUT the external id, too", "the customer: "+p.trust(q)
	case !account.IsDenied(err):
		c.Status, c.Says = Unseen, "can be assumed with the external id; cannot see whether also without: "+err.Error()
	}
	return c
}

// trust is how the customer lets the function assume a role.
func (p *Path) trust(q config.Queue) string {
	condition := map[string]any{"ArnEquals": map[string]string{"aws:PrincipalArn": p.ExecutionRoleARN()}}
	if q.ExternalID != "" {
		condition["StringEquals"] = map[string]string{"sts:ExternalId": q.ExternalID}
	}
	policy, _ := json.Marshal(map[string]any{ // strings can be marshalled
		"Version": "2012-10-17",
		"Statement": []any{map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Condition": condition,
			"Principal": map[string]string{"AWS": "arn:" + p.Partition() + ":iam::" + p.Config.Account + ":root"},
		}},
	})
	return fmt.Sprintf("aws iam update-assume-role-policy --role-name %s --policy-document '%s'", q.ReaderName(), policy)
}

// objects reads the latest object under each prefix of each bucket.
func (p *Path) objects(ctx context.Context) []Check {
	var parts []func() []Check
	for _, q := range p.Queues {
		for _, b := range q.Buckets {
			prefixes := b.Prefixes
			if len(prefixes) == 0 {
				prefixes = []string{""}
			}
			for _, prefix := range prefixes {
				parts = append(parts, func() []Check { return p.object(ctx, q, b, prefix) })
			}
		}
	}
	return together(parts...)
}

func (p *Path) object(ctx context.Context, q config.Queue, b config.Bucket, prefix string) []Check {
	ctx, cancel := context.WithTimeout(ctx, callLimit)
	defer cancel()
	access := deployment.Access(q)
	of := "s3://" + b.Name + "/" + prefix
	source := ""
	o, found, err := p.Account.Bucket(b.Name, access).Newest(ctx, prefix, listings, func(key string) bool {
		match, taken := q.Sources.Match(key)
		return taken && !match.Ignored && match.Refused == ""
	})
	if match, taken := q.Sources.Match(o.Key); taken {
		source = match.Source.Name()
	}
	var head []byte
	if found {
		head, err = read(ctx, p.Account.Store(access), events.Object{Bucket: b.Name, Key: o.Key, ETag: o.ETag, Size: o.Size})
	}
	switch kind := delivery.KindOf(err); {
	case err == nil && !found:
		return []Check{{Name: Object, Of: of, Status: Unseen, Says: "cannot see: no object that a source takes was found there"}}
	case err == nil:
		says := fmt.Sprintf("%d of %d bytes read of %s, which is for %s", len(head), o.Size, o.Key, source)
		checks := []Check{{Name: Object, Of: of, Status: OK, Says: says}}
		if b.KMSKey != "" {
			checks = append(checks, Check{Name: KMS, Of: b.KMSKey, Status: OK, Says: "decrypts it"})
		}
		return checks
	case kind == delivery.KMS:
		return []Check{{Name: KMS, Of: of, Status: Wrong, Says: err.Error(), Mend: "the customer: " + decrypt(q, b)}}
	default:
		return []Check{{Name: Object, Of: of, Status: Wrong, Says: err.Error(), Mend: mendObject(kind, q, b, prefix)}}
	}
}

func read(ctx context.Context, store delivery.Store, o events.Object) ([]byte, error) {
	body, err := store.Open(ctx, o, 0, firstBytes)
	switch {
	case errors.Is(err, delivery.ErrSuperseded): // while we looked; it could be read
		return nil, nil
	case err != nil:
		return nil, err
	}
	defer body.Close()
	return io.ReadAll(io.LimitReader(body, firstBytes))
}

// decrypt is how the customer lets the reader use a bucket's key.
func decrypt(q config.Queue, b config.Bucket) string {
	key := b.KMSKey
	if key == "" {
		key = "THE-KEY'S-ARN"
	}
	return allow(q, "devo-decrypt", key, "kms:Decrypt") + "; and the key's own policy must let the role's account use it"
}

func mendObject(kind delivery.Kind, q config.Queue, b config.Bucket, prefix string) string {
	switch {
	case kind == delivery.WrongRegion:
		return "write the bucket's region into the file, and deploy"
	case kind == delivery.Denied && q.Vendor():
		return "docs/operations.md#vendor"
	case kind == delivery.Denied:
		return "if role above is wrong, mend that first; else the customer: " +
			allow(q, "devo-list", b.ARN(), "s3:ListBucket") + " && " +
			allow(q, "devo-read", b.ARN()+"/"+prefix+"*", "s3:GetObject", "s3:GetObjectVersion") + "; and the bucket's policy must not deny it"
	}
	return ""
}

func allow(q config.Queue, name, resource string, actions ...string) string {
	return fmt.Sprintf(`aws iam put-role-policy --role-name %s --policy-name %s --policy-document '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["%s"],"Resource":"%s"}]}'`,
		q.ReaderName(), name, strings.Join(actions, `","`), resource)
}
