package local

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func TestInjectedErrorsSpeakTheServicesProtocol(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	put(t, a, "mine", "k", "text")
	for _, tt := range []struct {
		service string
		status  int
		code    string
	}{
		{"s3", 503, "SlowDown"},
		{"s3", 400, "ExpiredToken"},
		{"sqs", 403, "RequestThrottled"},
		{"sts", 400, "Throttling"},
		{"secretsmanager", 400, "InternalServiceError"},
		{"dynamodb", 400, "ProvisionedThroughputExceededException"},
		{"lambda", 429, "TooManyRequestsException"},
	} {
		t.Run(tt.code, func(t *testing.T) {
			a.SetFault(func(q FaultRequest) *FaultResponse {
				if q.Service != tt.service {
					return nil
				}
				return &FaultResponse{Status: tt.status, Code: tt.code}
			})
			for service, call := range callers {
				err := call(t.Context(), config(t, a, a.Root()))
				if service == tt.service {
					wantFailure(t, err, tt.status, tt.code)
				} else if !served(err) {
					t.Errorf("%s has the fault too: %v", service, err)
				}
			}
			a.SetFault(nil)
			if err := callers[tt.service](t.Context(), config(t, a, a.Root())); !served(err) {
				t.Errorf("the fault stays: %v", err)
			}
		})
	}
}

func TestFaultHookSeesTheCall(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	put(t, a, "mine", "a/b c", "text")
	a.CreateTable("ledger", "id")
	var mu sync.Mutex
	var seen []FaultRequest
	a.SetFault(func(q FaultRequest) *FaultResponse {
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, q)
		return nil
	})
	keys := a.CreateKey("arn:aws:iam::" + customer + ":user/admin")
	if _, _, err := get(t, s3Client(t, a, keys), &s3.GetObjectInput{Bucket: aws.String("mine"), Key: aws.String("a/b c"), Range: aws.String("bytes=1-")}); err != nil {
		t.Fatal(err)
	}
	if _, err := dynamoClient(t, a, a.Root()).DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("ledger")}); err != nil {
		t.Fatal(err)
	}
	if _, err := stsClient(t, a, a.Root()).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{}); err != nil {
		t.Fatal(err)
	}
	want := []FaultRequest{
		{Service: "s3", Action: "GetObject", Bucket: "mine", Key: "a/b c", Caller: "arn:aws:iam::" + customer + ":user/admin", Range: "bytes=1-"},
		{Service: "dynamodb", Action: "DescribeTable", Caller: "arn:aws:iam::" + devo + ":root", Body: `{"TableName":"ledger"}`},
		{Service: "sts", Action: "GetCallerIdentity", Caller: "arn:aws:iam::" + devo + ":root", Body: "Action=GetCallerIdentity&Version=2011-06-15"},
	}
	if !slices.Equal(seen, want) {
		t.Errorf("saw %+v, want %+v", seen, want)
	}
}

func TestBodyCutMidwayBreaksTheConnectionAfterThatManyBytes(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	put(t, a, "mine", "k", strings.Repeat("x", 1<<20))
	client := s3Client(t, a, a.Root())
	for _, cut := range []int64{1, 1000, 1<<20 - 1} {
		a.SetFault(func(FaultRequest) *FaultResponse { return &FaultResponse{CutBodyAfter: cut} })
		out, err := client.GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("mine"), Key: aws.String("k")})
		if err != nil {
			t.Fatal(err)
		}
		n, err := io.Copy(io.Discard, out.Body)
		_ = out.Body.Close()
		if n != cut || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("cut after %d: read %d, %v", cut, n, err)
		}
	}
}

// A call whose answer is lost was carried out, whatever the service.
func TestAnAnswerIsLost(t *testing.T) {
	for name, lost := range map[string]FaultResponse{"dropped": {Drop: true}, "reset": {Drop: true, Reset: true}, "cut": {CutBodyAfter: 1}} {
		t.Run(name, func(t *testing.T) {
			a := startAccount(t)
			queue := a.CreateQueue("q", QueueOptions{})
			a.SetFault(func(FaultRequest) *FaultResponse { return &lost })
			client := sqs.NewFromConfig(config(t, a, a.Root()), func(o *sqs.Options) { o.Retryer = aws.NopRetryer{} })
			_, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(a.QueueURL(queue)), MessageBody: aws.String("x")})
			if n := len(a.Messages(queue)); err == nil || n != 1 {
				t.Errorf("%v, %d messages", err, n)
			}
		})
	}
}

func TestBodyIsResetMidway(t *testing.T) {
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	put(t, a, "mine", "k", strings.Repeat("x", 1<<20))
	a.SetFault(func(FaultRequest) *FaultResponse { return &FaultResponse{CutBodyAfter: 1000, Reset: true} })
	out, err := s3Client(t, a, a.Root()).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("mine"), Key: aws.String("k")})
	if err != nil {
		t.Fatal(err)
	}
	_, err = io.Copy(io.Discard, out.Body)
	_ = out.Body.Close()
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("%v, want a reset", err)
	}
}

func TestSlowBodyComesWholeAtItsRate(t *testing.T) {
	const rate = 1 << 20
	a := startAccount(t)
	bucket(t, a, "mine", BucketOptions{})
	put(t, a, "mine", "k", strings.Repeat("x", rate/10))
	a.SetFault(func(FaultRequest) *FaultResponse { return &FaultResponse{RateBytesPerSecond: rate} })
	began := time.Now()
	body, _, err := get(t, s3Client(t, a, a.Root()), &s3.GetObjectInput{Bucket: aws.String("mine"), Key: aws.String("k")})
	if took := time.Since(began); err != nil || len(body) != rate/10 || took < 80*time.Millisecond {
		t.Errorf("%d bytes in %v, %v; want %d in 100 ms", len(body), took, err, rate/10)
	}
}

func TestDelayComesBeforeTheAnswer(t *testing.T) {
	a := startAccount(t)
	a.SetFault(func(FaultRequest) *FaultResponse { return &FaultResponse{Delay: 50 * time.Millisecond} })
	began := time.Now()
	if _, err := stsClient(t, a, a.Root()).GetCallerIdentity(t.Context(), nil); err != nil || time.Since(began) < 50*time.Millisecond {
		t.Errorf("answered after %v, %v", time.Since(began), err)
	}
}

func TestDelayEndsWithTheClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		began := time.Now()
		if wait(ctx, time.Hour); time.Since(began) != time.Second {
			t.Errorf("waited %v for a client that left after a second", time.Since(began))
		}
	})
}

// A refused answer of DynamoDB shows the account's time like any other: the
// function takes the ledger's time from its last answer.
func TestRefusedDynamoDBAnswerShowsTheClock(t *testing.T) {
	a := startAccount(t)
	a.Clock().Advance(6 * time.Hour)
	a.SetFault(func(FaultRequest) *FaultResponse {
		return &FaultResponse{Status: http.StatusBadRequest, Code: "ThrottlingException"}
	})
	client := dynamodb.NewFromConfig(config(t, a, a.Root()), func(o *dynamodb.Options) { o.RetryMaxAttempts = 1 })
	_, err := client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("ledger")})
	var refused *awshttp.ResponseError
	if !errors.As(err, &refused) {
		t.Fatalf("error %v, want a refusal", err)
	}
	date, err := http.ParseTime(refused.Response.Header.Get("Date"))
	if err != nil || date.Sub(a.Clock().Now()).Abs() > time.Minute {
		t.Errorf("Date %s (%v), want the clock's", date, err)
	}
}
