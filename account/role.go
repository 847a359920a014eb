package account

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

const (
	// sessionLength is all that AWS gives to a role that assumes a role.
	sessionLength = time.Hour
	// renewal is how long before its end a session is renewed, less up to half
	// of it so that functions started together do not ask together.
	renewal = 10 * time.Minute
)

// A roleID without an arn stands for the account's own credentials, or for a
// vendor's keys, in the secret of that name.
type roleID struct{ arn, externalID, keys string }

// A role is one role of a customer: its session, renewed in time by whoever
// needs it first while the others wait, and one S3 client a region. A vendor's
// keys are one too.
type role struct {
	config   aws.Config
	sessions *aws.CredentialsCache

	mu      sync.Mutex
	clients map[string]*s3.Client
}

// role is the one of that id; each is made once.
func (a *Account) role(id roleID) *role {
	a.mu.Lock()
	defer a.mu.Unlock()
	if r := a.roles[id]; r != nil {
		return r
	}
	sessions := a.config.Credentials
	switch {
	case id.keys != "":
		sessions = a.vendorKeys(id.keys)
	case id.arn != "":
		sessions = a.assume(id)
	}
	r := &role{
		config: a.config,
		sessions: aws.NewCredentialsCache(sessions, func(o *aws.CredentialsCacheOptions) {
			o.ExpiryWindow = renewal
			o.ExpiryWindowJitterFrac = 0.5
		}),
		clients: make(map[string]*s3.Client),
	}
	r.config.Credentials = r.sessions
	a.roles[id] = r
	return r
}

func (a *Account) assume(id roleID) aws.CredentialsProvider {
	return stscreds.NewAssumeRoleProvider(sts.NewFromConfig(a.config), id.arn, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName = a.session
		o.Duration = sessionLength
		if id.externalID != "" {
			o.ExternalID = &id.externalID
		}
	})
}

// client is the role's S3 client for a region; "" is the deployment's.
func (r *role) client(region string) *s3.Client {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.clients[region]; c != nil {
		return c
	}
	c := s3.NewFromConfig(r.config, func(o *s3.Options) {
		if region != "" {
			o.Region = region
		}
		// BUCKET.localhost has no address: an endpoint from the environment gets
		// the bucket in the path, which every S3 understands.
		o.UsePathStyle = o.BaseEndpoint != nil
		// An object's checksum says nothing about a part of it, and a whole
		// object has TLS, its length and its own format to vouch for it.
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
	})
	r.clients[region] = c
	return c
}

// renew drops the session that S3 called expired, unless somebody else did.
func (r *role) renew(ctx context.Context, expired aws.Credentials) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if now, err := r.sessions.Retrieve(ctx); err == nil && now.AccessKeyID == expired.AccessKeyID {
		r.sessions.Invalidate()
	}
}
