package account

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/events"
	"github.com/devo-s3/collector/local"
)

// The accounts of the tests: Devo's is the emulated account's own.
const (
	customer   = "999988887777"
	execution  = "arn:aws:iam::123456789012:role/devo-s3-collector-acme"
	reader     = "arn:aws:iam::999988887777:role/devo-xs-collector-role"
	externalID = "acme-7f3a"
	bucket     = "acme-logs"
	table      = "devo-s3-collector-acme"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A bench is an emulated AWS in which the execution role may assume the
// customer's reader role, which may read the customer's bucket.
type bench struct {
	*testing.T
	aws *local.Account
	*Account

	mu    sync.Mutex
	calls map[string]int // by action
	fault func(local.FaultRequest) *local.FaultResponse
}

func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{T: t, aws: must(local.Start(local.Options{})), calls: map[string]int{}}
	t.Cleanup(func() { b.aws.Close() })
	b.aws.CreateRole(local.Role{ARN: execution})
	b.aws.CreateRole(local.Role{
		ARN:   reader,
		Trust: local.Trust{Principals: []string{"arn:aws:iam::123456789012:root"}, ExternalID: externalID, PrincipalARN: execution},
		Allow: []local.Statement{
			{Actions: []string{"s3:GetObject", "s3:GetObjectVersion"}, Resources: []string{"arn:aws:s3:::*/logs/*"}},
			{Actions: []string{"s3:ListBucket"}, Resources: []string{"arn:aws:s3:::" + bucket}},
		},
	})
	b.check(b.aws.CreateBucket(bucket, local.BucketOptions{Owner: customer}))
	b.aws.CreateTable(table, "id")
	b.aws.SetFault(b.hook)

	for name, value := range b.aws.Environment(b.aws.CreateKey(execution)) {
		t.Setenv(name, value)
	}
	t.Setenv("AWS_MAX_ATTEMPTS", "")
	// The SDK's newer pauses between attempts begin at 50 ms, not at 1 s.
	t.Setenv("AWS_NEW_RETRIES_2026", "true")
	b.open()
	return b
}

// open makes a new Account, as another process would.
func (b *bench) open() {
	b.Account = must(New(b.Context(), Options{Customer: "acme", Log: slog.New(slog.DiscardHandler)}))
}

// once has every call tried but once.
func (b *bench) once() {
	b.Setenv("AWS_MAX_ATTEMPTS", "1")
	b.open()
}

func (b *bench) hook(r local.FaultRequest) *local.FaultResponse {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls[r.Action]++
	if b.fault == nil {
		return nil
	}
	return b.fault(r)
}

// fail has the calls of that action answered with a fault; nil ends it.
func (b *bench) fail(action string, f *local.FaultResponse) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = func(r local.FaultRequest) *local.FaultResponse {
		if r.Action == action {
			return f
		}
		return nil
	}
}

func (b *bench) called(action string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.calls[action]
}

func (b *bench) check(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

// store opens as the customer's entry says.
func (b *bench) store() delivery.Store {
	return b.Store(Access{RoleARN: reader, ExternalID: externalID})
}

func (b *bench) put(key, body string, o ...local.PutOption) events.Object {
	b.Helper()
	b.check(b.aws.Put(bucket, key, []byte(body), o...))
	return events.Object{Bucket: bucket, Key: key, Size: -1}
}

// wantKind fails unless err has the kind and its text holds all of says.
func wantKind(t *testing.T, err error, want delivery.Kind, says ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one of kind %s", want)
	}
	if got := delivery.KindOf(err); got != want {
		t.Errorf("kind %s, want %s: %v", got, want, err)
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%q does not say %q", err, s)
		}
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func TestNewMakesNoCall(t *testing.T) {
	b := newBench(t)
	b.store()
	b.Ledger(LedgerOptions{Table: table, Keep: time.Hour})
	b.Queue("arn:aws:sqs:us-east-1:123456789012:continuation")
	if len(b.calls) != 0 {
		t.Errorf("calls were made: %v", b.calls)
	}
}

func TestNewRefusesAnEnvironmentItCannotRead(t *testing.T) {
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	must(0, os.WriteFile(bundle, []byte("no certificate"), 0o600))
	t.Setenv("AWS_CA_BUNDLE", bundle)
	if _, err := New(t.Context(), Options{}); err == nil || !strings.Contains(err.Error(), "read the AWS environment") {
		t.Errorf("error %v", err)
	}
}

func TestCallsAreTriedFiveTimes(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", "body")
	b.fail("GetObject", &local.FaultResponse{Status: 500, Code: "InternalError"})
	_, err := b.store().Open(t.Context(), o, 0, -1)
	wantKind(t, err, delivery.Throttled)
	if n := b.called("GetObject"); n != attempts {
		t.Errorf("tried %d times, want %d", n, attempts)
	}
}

func TestRetriesEndWithTheContext(t *testing.T) {
	b := newBench(t)
	o := b.put("logs/a", "body")
	ctx, cancel := context.WithCancel(t.Context())
	b.fault = func(r local.FaultRequest) *local.FaultResponse {
		if r.Action != "GetObject" {
			return nil
		}
		cancel()
		return &local.FaultResponse{Status: 503, Code: "SlowDown"}
	}
	_, err := b.store().Open(ctx, o, 0, -1)
	wantKind(t, err, delivery.Throttled)
	if n := b.called("GetObject"); n != 1 {
		t.Errorf("tried %d times, want once", n)
	}
}

// doer is a function as an HTTP client.
type doer func(*http.Request) (*http.Response, error)

func (f doer) Do(r *http.Request) (*http.Response, error) { return f(r) }

func TestBodiesAreNotWrittenByThemselves(t *testing.T) {
	for name, sent := range map[string]io.Reader{
		"none": nil, "empty": http.NoBody, "some": strings.NewReader("body"),
	} {
		t.Run(name, func(t *testing.T) {
			r := must(http.NewRequest(http.MethodPost, "http://127.0.0.1", sent))
			before := r.Body
			client := plainBody{doer(func(r *http.Request) (*http.Response, error) {
				if _, ok := r.Body.(io.WriterTo); ok && r.Body != http.NoBody {
					t.Error("the body writes itself")
				}
				if name != "some" && r.Body != before {
					t.Error("a request without a body got one")
				}
				return &http.Response{Body: http.NoBody}, nil
			})}
			answer, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
		})
	}
}
