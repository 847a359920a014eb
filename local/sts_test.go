package local

import (
	"cmp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func TestAssumeRole(t *testing.T) {
	const (
		otherRole = "arn:aws:iam::" + devo + ":role/other"
		denyAll   = "nothing:Allowed"
	)
	byRoot := Trust{Principals: []string{"arn:aws:iam::" + devo + ":root"}, ExternalID: "ext-1", PrincipalARN: function}
	for _, tt := range []struct {
		name    string
		trust   Trust
		by      string
		allow   []Statement // the caller's own
		role    string
		ext     string
		session string
		seconds int32
		status  int
		code    string
	}{
		{name: "trusted by role", trust: Trust{Principals: []string{function}}, by: function},
		{name: "trusted by account", trust: byRoot, by: function, ext: "ext-1"},
		{name: "trusted by pattern", trust: Trust{Principals: []string{"*"}, PrincipalARN: "arn:aws:iam::*:role/coll*"}, by: function},
		{name: "own policy allows", trust: byRoot, by: function, ext: "ext-1", allow: []Statement{{[]string{"sts:*"}, []string{reader}}}},
		{name: "own policy does not", trust: byRoot, by: function, ext: "ext-1", allow: []Statement{{[]string{denyAll}, []string{"*"}}}, status: 403, code: "AccessDenied"},
		{name: "wrong external id", trust: byRoot, by: function, ext: "ext-2", status: 403, code: "AccessDenied"},
		{name: "no external id", trust: byRoot, by: function, status: 403, code: "AccessDenied"},
		{name: "another role of the account", trust: byRoot, by: otherRole, ext: "ext-1", status: 403, code: "AccessDenied"},
		{name: "another principal", trust: Trust{Principals: []string{function}}, by: otherRole, status: 403, code: "AccessDenied"},
		{name: "unknown role", by: function, role: reader + "-2", status: 403, code: "AccessDenied"},
		{name: "session of one letter", by: function, session: "x", status: 400, code: "ValidationError"},
		{name: "too short", by: function, seconds: 899, status: 400, code: "ValidationError"},
		{name: "too long", by: function, seconds: 3601, status: 400, code: "ValidationError"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := startAccount(t)
			a.CreateRole(Role{ARN: reader, Trust: tt.trust})
			a.CreateRole(Role{ARN: tt.by, Allow: tt.allow})
			in := &sts.AssumeRoleInput{
				RoleArn: aws.String(cmp.Or(tt.role, reader)), RoleSessionName: aws.String(cmp.Or(tt.session, "devo-s3")),
			}
			if tt.ext != "" {
				in.ExternalId = aws.String(tt.ext)
			}
			if tt.seconds != 0 {
				in.DurationSeconds = aws.Int32(tt.seconds)
			}
			out, err := stsClient(t, a, a.CreateKey(tt.by)).AssumeRole(t.Context(), in)
			if tt.code != "" {
				wantFailure(t, err, tt.status, tt.code)
				want := "User: " + tt.by + " is not authorized to perform: sts:AssumeRole on resource: " + *in.RoleArn
				if _, _, message := answered(err); tt.code == "AccessDenied" && message != want {
					t.Errorf("message %q, want %q", message, want)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if left := time.Until(*out.Credentials.Expiration); left < 59*time.Minute || left > time.Hour {
				t.Errorf("session lasts %v, want an hour", left)
			}
			session := Credentials{*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken}
			me, err := stsClient(t, a, session).GetCallerIdentity(t.Context(), nil)
			if err != nil {
				t.Fatal(err)
			}
			if want := "arn:aws:sts::" + customer + ":assumed-role/reader/devo-s3"; *me.Arn != want || *me.Account != customer {
				t.Errorf("session is %s of %s, want %s", *me.Arn, *me.Account, want)
			}
			if !strings.HasPrefix(*me.UserId, "AROA") || !strings.HasSuffix(*me.UserId, ":devo-s3") {
				t.Errorf("user id %s", *me.UserId)
			}
		})
	}
}

func TestSessionsDoNotFollowTheAccountClock(t *testing.T) {
	a := startAccount(t)
	a.CreateRole(Role{ARN: reader, Trust: Trust{Principals: []string{function}}})
	out, err := stsClient(t, a, a.CreateKey(function)).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(reader), RoleSessionName: aws.String("test"), DurationSeconds: aws.Int32(900),
	})
	if err != nil {
		t.Fatal(err)
	}
	a.Clock().Advance(24 * time.Hour)
	session := Credentials{*out.Credentials.AccessKeyId, *out.Credentials.SecretAccessKey, *out.Credentials.SessionToken}
	if _, err := stsClient(t, a, session).GetCallerIdentity(t.Context(), nil); err != nil {
		t.Errorf("a session of real time ended with the account's: %v", err)
	}
}
