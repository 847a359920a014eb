package account

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/local"
)

func TestRoleIsAssumedWithTheExternalIDAlone(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", "body")
	for name, access := range map[string]Access{
		"wrong external id": {RoleARN: reader, ExternalID: "acme-7f3b"},
		"none":              {RoleARN: reader},
		"unknown role":      {RoleARN: reader + "-2", ExternalID: externalID},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := b.Store(access).Open(t.Context(), o, 0, -1)
			wantKind(t, err, delivery.Denied, "s3://acme-logs/logs/a", "sts:AssumeRole", access.RoleARN)
		})
	}
	body, err := b.store().Open(t.Context(), o, 0, -1)
	b.check(err)
	body.Close()
}

func TestSessionNamesTheDeployment(t *testing.T) {
	b := newBench(t)
	var caller string
	b.fault = func(r local.FaultRequest) *local.FaultResponse {
		if r.Service == "s3" {
			caller = r.Caller
		}
		return nil
	}
	b.readAll(b.store(), b.put("logs/a", "body"), 0)
	if want := "arn:aws:sts::999988887777:assumed-role/devo-xs-collector-role/devo-s3-acme"; caller != want {
		t.Errorf("S3 was called by %s, want %s", caller, want)
	}
}

// side runs f n times side by side.
func side(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

func TestFiftyOpensAssumeTheRoleOnce(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", "body")
	side(50, func(int) {
		// Each queue has a Store of its own, the role may be the same.
		body, err := b.store().Open(t.Context(), o, 0, -1)
		if err != nil {
			t.Error(err)
			return
		}
		body.Close()
	})
	if n := b.called("AssumeRole"); n != 1 {
		t.Errorf("AssumeRole was called %d times, want once", n)
	}
}

func TestExternalIDsHaveSessionsOfTheirOwn(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", "body")
	b.readAll(b.store(), o, 0)
	_, err := b.Store(Access{RoleARN: reader, ExternalID: "another"}).Open(t.Context(), o, 0, -1)
	wantKind(t, err, delivery.Denied)
}

func TestSessionIsRenewedWellBeforeItsEnd(t *testing.T) {
	b := newBench(t)
	r := b.role(roleID{arn: reader, externalID: externalID})
	session, err := r.sessions.Retrieve(t.Context())
	b.check(err)
	left := time.Until(session.Expires)
	if left > sessionLength-renewal/2 || left < sessionLength-renewal-time.Minute {
		t.Errorf("a session of %s is renewed after %s", sessionLength, left)
	}
}

func TestExpiredSessionIsRenewedOnceForAll(t *testing.T) {
	b := newBench(t)
	o, store := b.put("logs/a", "body"), b.store()
	b.readAll(store, o, 0)
	b.aws.ExpireSessions()
	side(20, func(int) {
		body, err := store.Open(t.Context(), o, 0, -1)
		if err != nil {
			t.Error(err)
			return
		}
		body.Close()
	})
	if n := b.called("AssumeRole"); n != 2 {
		t.Errorf("AssumeRole was called %d times, want once more", n)
	}
}

func TestSessionThatIsAlwaysExpiredIsTriedTwice(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", "body")
	b.fail("GetObject", &local.FaultResponse{Status: 400, Code: "ExpiredToken"})
	_, err := b.store().Open(t.Context(), o, 0, -1)
	wantKind(t, err, delivery.Throttled, "ExpiredToken")
	if n := b.called("GetObject"); n != 2 {
		t.Errorf("S3 was called %d times, want twice", n)
	}
	session, err := b.role(roleID{arn: reader, externalID: externalID}).sessions.Retrieve(t.Context())
	b.check(err)
	for _, secret := range []string{session.SecretAccessKey, session.SessionToken} {
		if _, err := b.store().Open(t.Context(), o, 0, -1); strings.Contains(err.Error(), secret) {
			t.Errorf("the error shows a secret: %v", err)
		}
	}
}

// revoked ends all sessions when a call to S3 is signed and not yet sent.
type revoked struct {
	aws.HTTPClient
	revoke func()
	times  int
}

func (r *revoked) Do(q *http.Request) (*http.Response, error) {
	if q.Method == http.MethodGet && r.times > 0 {
		r.times--
		r.revoke()
	}
	return r.HTTPClient.Do(q)
}

// A session may be ended twice within one Open, by somebody who ends all: that
// is over by the next, and nobody's fault to look for.
func TestSessionThatEndsTwiceIsTriedLater(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", "body")
	for times, want := range map[int]delivery.Kind{1: "", 2: delivery.Throttled} {
		b.stream = &revoked{b.stream, b.aws.ExpireSessions, times}
		b.roles = make(map[roleID]*role)
		body, err := b.store().Open(t.Context(), o, 0, -1)
		if want == "" {
			b.check(err)
			body.Close()
			continue
		}
		wantKind(t, err, want, "get s3://acme-logs/logs/a: ", "ExpiredToken")
		b.readAll(b.store(), o, 0)
	}
}

func TestErrorsOfSTS(t *testing.T) {
	for _, row := range []struct {
		status int
		code   string
		kind   delivery.Kind
	}{
		{403, "AccessDenied", delivery.Denied},
		{403, "InvalidClientTokenId", delivery.Denied},
		{400, "Throttling", delivery.Throttled},
		{503, "ServiceUnavailable", delivery.Throttled},
		{403, "ExpiredToken", delivery.Throttled}, // the function's own
		{400, "MalformedPolicyDocument", delivery.Internal},
	} {
		t.Run(row.code, func(t *testing.T) {
			b := newBench(t)
			b.once()
			b.fail("AssumeRole", &local.FaultResponse{Status: row.status, Code: row.code})
			_, err := b.store().Open(t.Context(), b.put("logs/a", "body"), 0, -1)
			wantKind(t, err, row.kind, row.code, "AssumeRole")
		})
	}
}
