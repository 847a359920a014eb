package local

import (
	"cmp"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

const (
	devo     = "123456789012" // the account that runs the collector
	customer = "210987654321"
	function = "arn:aws:iam::" + devo + ":role/collector"
	reader   = "arn:aws:iam::" + customer + ":role/reader"
)

func startAccount(t testing.TB) *Account {
	t.Helper()
	a, err := Start(Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return a
}

// config is the SDK's, with those keys and without second attempts.
func config(t testing.TB, a *Account, c Credentials) aws.Config {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	t.Cleanup(transport.CloseIdleConnections)
	return aws.Config{
		Region:           a.Region(),
		BaseEndpoint:     aws.String(a.Endpoint()),
		Credentials:      credentials.NewStaticCredentialsProvider(c.AccessKeyID, c.SecretAccessKey, c.SessionToken),
		HTTPClient:       plainBody{&http.Client{Transport: transport}},
		RetryMaxAttempts: 1,
	}
}

func s3Client(t testing.TB, a *Account, c Credentials) *s3.Client {
	return s3.NewFromConfig(config(t, a, c), func(o *s3.Options) { o.DisableLogOutputChecksumValidationSkipped = true })
}

func sqsClient(t testing.TB, a *Account, c Credentials) *sqs.Client {
	return sqs.NewFromConfig(config(t, a, c))
}

func stsClient(t testing.TB, a *Account, c Credentials) *sts.Client {
	return sts.NewFromConfig(config(t, a, c))
}

func dynamoClient(t testing.TB, a *Account, c Credentials) *dynamodb.Client {
	return dynamodb.NewFromConfig(config(t, a, c))
}

func secretsClient(t testing.TB, a *Account, c Credentials) *secretsmanager.Client {
	return secretsmanager.NewFromConfig(config(t, a, c))
}

// answered is what an SDK's error says: HTTP status, AWS's code and message.
func answered(err error) (status int, code, message string) {
	var response *awshttp.ResponseError
	if errors.As(err, &response) {
		status = response.HTTPStatusCode()
	}
	var api smithy.APIError
	if errors.As(err, &api) {
		code, message = api.ErrorCode(), api.ErrorMessage()
	}
	return status, code, message
}

// wantFailure fails the test unless err is that answer of AWS.
func wantFailure(t testing.TB, err error, status int, code string) {
	t.Helper()
	if gotStatus, gotCode, _ := answered(err); gotStatus != status || gotCode != code {
		t.Errorf("got %d %q (%v), want %d %q", gotStatus, gotCode, err, status, code)
	}
}

// bucket makes a customer's bucket.
func bucket(t testing.TB, a *Account, name string, o BucketOptions) string {
	t.Helper()
	o.Owner = cmp.Or(o.Owner, customer)
	if err := a.CreateBucket(name, o); err != nil {
		t.Fatal(err)
	}
	return name
}

func put(t testing.TB, a *Account, bucket, key, body string, o ...PutOption) {
	t.Helper()
	if err := a.Put(bucket, key, []byte(body), o...); err != nil {
		t.Fatal(err)
	}
}

func TestUnsignedRequestIsRefused(t *testing.T) {
	a := startAccount(t)
	response, err := http.Get(a.Endpoint() + "/bucket/key")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("status %d, want 403", response.StatusCode)
	}
}

func TestAnswersShowRealTimeWhateverTheClock(t *testing.T) {
	a := startAccount(t)
	a.Clock().Advance(48 * time.Hour)
	response, err := http.Get(a.Endpoint())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	date, err := http.ParseTime(response.Header.Get("Date"))
	if err != nil || time.Since(date).Abs() > time.Minute {
		t.Errorf("Date %q (%v), want the real time", response.Header.Get("Date"), err)
	}
}

func TestClosedAccountCanStartAgainElsewhere(t *testing.T) {
	first, err := Start(Options{Region: "eu-west-1", ID: "111122223333"})
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if response, err := http.Get(first.Endpoint()); err == nil {
		_ = response.Body.Close()
		t.Error("a closed account still answers")
	}
	second := startAccount(t)
	if second.Region() != "us-east-1" || second.ID() != devo {
		t.Errorf("defaults are %s and %s", second.Region(), second.ID())
	}
}
