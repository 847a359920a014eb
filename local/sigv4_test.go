package local

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// callers are one harmless call to each service.
var callers = map[string]func(context.Context, aws.Config) error{
	"s3": func(ctx context.Context, c aws.Config) error {
		_, err := s3.NewFromConfig(c).ListBuckets(ctx, nil)
		return err
	},
	"sqs": func(ctx context.Context, c aws.Config) error {
		_, err := sqs.NewFromConfig(c).ListQueues(ctx, nil)
		return err
	},
	"sts": func(ctx context.Context, c aws.Config) error {
		_, err := sts.NewFromConfig(c).GetCallerIdentity(ctx, nil)
		return err
	},
	"secretsmanager": func(ctx context.Context, c aws.Config) error {
		_, err := secretsmanager.NewFromConfig(c).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("devo")})
		return err
	},
	"dynamodb": func(ctx context.Context, c aws.Config) error {
		_, err := dynamodb.NewFromConfig(c).DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("ledger")})
		return err
	},
	"lambda": func(ctx context.Context, c aws.Config) error {
		_, err := lambda.NewFromConfig(c).ListEventSourceMappings(ctx, nil)
		return err
	},
}

// served says whether the call came through to its service.
func served(err error) bool {
	_, code, _ := answered(err)
	return err == nil || code == "ResourceNotFoundException"
}

func TestEveryServiceNamesARefusedKeyInItsOwnWords(t *testing.T) {
	a := startAccount(t)
	a.CreateRole(Role{ARN: reader, Trust: Trust{Principals: []string{function}}})
	assumed, err := stsClient(t, a, a.CreateKey(function)).AssumeRole(t.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(reader), RoleSessionName: aws.String("test"),
	})
	if err != nil {
		t.Fatal(err)
	}
	session := Credentials{*assumed.Credentials.AccessKeyId, *assumed.Credentials.SecretAccessKey, *assumed.Credentials.SessionToken}
	for name, call := range callers {
		if err := call(t.Context(), config(t, a, session)); !served(err) {
			t.Errorf("%s refused a good session: %v", name, err)
		}
	}
	a.ExpireSessions()

	good := a.Root()
	unknown, wrongSecret, wrongToken := good, good, session
	unknown.AccessKeyID = "AKIAUNKNOWN"
	wrongSecret.SecretAccessKey += "x"
	wrongToken.SessionToken = "another"
	for _, tt := range []struct {
		what    string
		keys    Credentials
		service string
		status  int
		code    string
	}{
		{"unknown key", unknown, "s3", 403, "InvalidAccessKeyId"},
		{"unknown key", unknown, "sqs", 403, "InvalidClientTokenId"},
		{"unknown key", unknown, "sts", 403, "InvalidClientTokenId"},
		{"unknown key", unknown, "secretsmanager", 400, "UnrecognizedClientException"},
		{"unknown key", unknown, "dynamodb", 400, "UnrecognizedClientException"},
		{"wrong secret", wrongSecret, "s3", 403, "SignatureDoesNotMatch"},
		{"wrong secret", wrongSecret, "sqs", 403, "SignatureDoesNotMatch"},
		{"wrong secret", wrongSecret, "sts", 403, "SignatureDoesNotMatch"},
		{"wrong secret", wrongSecret, "secretsmanager", 400, "InvalidSignatureException"},
		{"wrong secret", wrongSecret, "dynamodb", 400, "InvalidSignatureException"},
		{"wrong token", wrongToken, "s3", 400, "InvalidToken"},
		{"wrong token", wrongToken, "sqs", 403, "InvalidClientTokenId"},
		{"wrong token", wrongToken, "sts", 403, "InvalidClientTokenId"},
		{"wrong token", wrongToken, "secretsmanager", 400, "UnrecognizedClientException"},
		{"wrong token", wrongToken, "dynamodb", 400, "UnrecognizedClientException"},
		{"expired session", session, "s3", 400, "ExpiredToken"},
		{"expired session", session, "sqs", 403, "ExpiredToken"},
		{"expired session", session, "sts", 403, "ExpiredToken"},
		{"expired session", session, "secretsmanager", 400, "ExpiredTokenException"},
		{"expired session", session, "dynamodb", 400, "ExpiredTokenException"},
	} {
		t.Run(tt.what+" at "+tt.service, func(t *testing.T) {
			wantFailure(t, callers[tt.service](t.Context(), config(t, a, tt.keys)), tt.status, tt.code)
		})
	}
}

func TestSignatureCoversMethodQueryHeadersAndBody(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "signed", BucketOptions{})
	for what, change := range map[string]func(*http.Request){
		"nothing":              func(*http.Request) {},
		"method":               func(r *http.Request) { r.Method = http.MethodDelete },
		"path":                 func(r *http.Request) { r.URL.Path, r.URL.RawPath = "/signed/other", "" },
		"query":                func(r *http.Request) { r.URL.RawQuery += "&versionId=1" },
		"signed header":        func(r *http.Request) { r.Header.Set("X-Amz-Meta-Owner", "other") },
		"hash of the body":     func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") },
		"unsigned header only": func(r *http.Request) { r.Header.Set("User-Agent", "other") },
	} {
		t.Run(what, func(t *testing.T) {
			c := config(t, a, a.Root())
			c.HTTPClient = changed{c.HTTPClient, change}
			_, err := s3.NewFromConfig(c).PutObject(t.Context(), &s3.PutObjectInput{
				Bucket: aws.String("signed"), Key: aws.String("k"), Metadata: map[string]string{"owner": "me"},
			})
			if what == "nothing" || what == "unsigned header only" {
				if err != nil {
					t.Errorf("refused: %v", err)
				}
				return
			}
			wantFailure(t, err, 403, "SignatureDoesNotMatch")
		})
	}
}

// changed alters requests after they were signed.
type changed struct {
	aws.HTTPClient
	change func(*http.Request)
}

func (c changed) Do(r *http.Request) (*http.Response, error) {
	c.change(r)
	return c.HTTPClient.Do(r)
}

func TestSignatureDateMayBeAnywhereBetweenRealAndAccountTime(t *testing.T) {
	const shift = 6 * time.Hour
	for _, tt := range []struct {
		ahead time.Duration
		ok    bool
	}{
		{-20 * time.Minute, false},
		{-10 * time.Minute, true},
		{0, true},
		{shift / 2, true}, // a skew learnt from an earlier answer of the ledger
		{shift + 10*time.Minute, true},
		{shift + 20*time.Minute, false},
	} {
		t.Run(tt.ahead.String(), func(t *testing.T) {
			a := startAccount(t)
			a.Clock().Advance(shift)
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.Endpoint(), nil)
			if err != nil {
				t.Fatal(err)
			}
			const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
			r.Header.Set("X-Amz-Content-Sha256", empty)
			root := a.Root()
			keys := aws.Credentials{AccessKeyID: root.AccessKeyID, SecretAccessKey: root.SecretAccessKey}
			if err := a.signer.SignHTTP(t.Context(), keys, r, empty, "s3", a.Region(), time.Now().Add(tt.ahead)); err != nil {
				t.Fatal(err)
			}
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if got := response.StatusCode == http.StatusOK; got != tt.ok {
				t.Errorf("status %d, want accepted = %v", response.StatusCode, tt.ok)
			}
		})
	}
}
