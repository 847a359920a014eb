package watch_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/devo-s3/collector/account"
	"github.com/devo-s3/collector/account/function"
	"github.com/devo-s3/collector/devo"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
	"github.com/devo-s3/collector/watch"
)

const (
	table       = "ledger"
	functionARN = "arn:aws:lambda:us-east-1:123456789012:function:collector:live"
	role        = "arn:aws:iam::123456789012:role/watch"
)

// A rig is a deployment as watch sees it: real mappings and queues, the ledger's
// table and a Devo, all over their own protocols.
type rig struct {
	*testing.T
	aws      *local.Account
	account  *account.Account
	health   *account.Health // the function's
	mappings []*local.Mapping
	options  watch.Options
	key      devo.KeyPair
	endpoint string

	mu      sync.Mutex
	down    bool
	fault   map[string]bool // actions that fail
	failed  chan struct{}   // a mapping could not poll
	records []string
	out     bytes.Buffer
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func newRig(t *testing.T) *rig {
	t.Helper()
	r := &rig{T: t, fault: make(map[string]bool), failed: make(chan struct{}, 1)}
	authority := must(local.NewAuthority())
	receiver := must(local.StartReceiver(local.ReceiverOptions{Authority: authority, OnRecord: r.record, Behave: r.behave}))
	t.Cleanup(func() { receiver.Close() })
	r.endpoint, r.key = receiver.Addr(), clientOf(authority, authority)
	r.aws = must(local.Start(local.Options{}))
	t.Cleanup(func() { r.aws.Close() })
	r.aws.CreateTable(table, "id")
	r.aws.SetFault(func(q local.FaultRequest) *local.FaultResponse {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.fault[q.Action] {
			return &local.FaultResponse{Status: 500, Code: "InternalFailure"}
		}
		return nil
	})
	key := r.aws.CreateKey(role)
	for name, value := range r.aws.Environment(key) {
		t.Setenv(name, value)
	}
	t.Setenv("AWS_MAX_ATTEMPTS", "1")
	r.account = must(account.New(t.Context(), account.Options{Log: slog.New(slog.DiscardHandler)}))
	r.health = r.account.Health(table)
	if _, err := r.health.State(t.Context()); err != nil { // its clock
		t.Fatal(err)
	}
	for _, name := range []string{"logs", "trail"} {
		r.options.DLQs = append(r.options.DLQs, r.aws.CreateQueue(name+"-dlq", local.QueueOptions{}))
		r.options.Queues = append(r.options.Queues, r.aws.CreateQueue(name, local.QueueOptions{}))
	}
	r.options.Heartbeat = 5 * time.Minute
	r.options.ContinuationDLQ = r.aws.CreateQueue("continuation-dlq", local.QueueOptions{})
	r.options.Continuation = r.aws.CreateQueue("continuation", local.QueueOptions{})
	all := slices.Concat(r.options.Queues, []string{r.options.Continuation})
	client := sqs.New(sqs.Options{
		BaseEndpoint: aws.String(r.aws.Endpoint()), Region: "us-east-1",
		Credentials: credentials.NewStaticCredentialsProvider(key.AccessKeyID, key.SecretAccessKey, ""),
	})
	for _, queue := range all {
		m := must(local.StartMapping(local.MappingOptions{
			SQS: client, QueueURL: r.aws.QueueURL(queue), QueueARN: queue, Pollers: 1, Clock: r.aws.Clock(),
			Invoke:  func(context.Context, []byte) ([]byte, string, error) { return nil, "", nil },
			OnError: r.pollFailed,
		}))
		t.Cleanup(m.Close)
		r.aws.Attach(functionARN, m)
		r.mappings = append(r.mappings, m)
	}
	r.options.Mappings = function.New(r.account, functionARN).Mappings(all)
	r.options.Depths = r.account.Depths()
	r.options.Memory = r.account.Health(table)
	r.options.Log = slog.New(slog.DiscardHandler)
	r.options.Emit = &telemetry.Emitter{Out: &r.out, Deployment: "acme", Version: "v1", Now: r.aws.Clock().Now}
	return r
}

// clientOf is a key pair of one authority that trusts another.
func clientOf(issuer, trusted *local.Authority) devo.KeyPair {
	cert, key, err := issuer.Client("acme")
	if err != nil {
		panic(err)
	}
	return devo.KeyPair{Cert: cert, Key: key, Chain: trusted.Chain}
}

func (r *rig) record(got local.Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records = append(r.records, string(got.Tag)+" "+string(got.Raw))
}

func (r *rig) behave(int64) local.Behaviour {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down {
		return local.Behaviour{Do: local.ActReset}
	}
	return local.Behaviour{}
}

// devo is up or down from now on.
func (r *rig) devo(up bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down = !up
}

// fail has an API action fail, or not any more.
func (r *rig) fail(action string, fails bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault[action] = fails
}

// pollFailed tells that some mapping could not poll.
func (r *rig) pollFailed(error) {
	select {
	case r.failed <- struct{}{}:
	default: // it is known already
	}
}

// tried is what an invocation of the function says to watch.
func (r *rig) tried(attempts, confirmed int64) {
	r.Helper()
	if err := r.health.Add(r.Context(), telemetry.Health{Attempts: attempts, Confirmed: confirmed}); err != nil {
		r.Fatal(err)
	}
}

func (r *rig) sink() *devo.Sink {
	return must(devo.New(devo.Config{
		Endpoints: []string{r.endpoint}, ID: "12345", Log: slog.New(slog.DiscardHandler),
		Identity: func(context.Context, bool) (devo.KeyPair, error) { return r.key, nil },
	}))
}

// minute moves the clock on and has a new watch run, which knows nothing of the
// one before. It gives what was emitted.
func (r *rig) minute() map[string]float64 {
	r.Helper()
	r.aws.Clock().Advance(time.Minute)
	_, _ = r.health.State(r.Context()) // for its time, if the table answers
	r.out.Reset()
	watch.New(r.options).Run(r.Context(), r.sink())
	emitted := make(map[string]float64)
	for line := range strings.Lines(r.out.String()) {
		data, err := local.ReadEMF([]byte(line))
		if err != nil {
			r.Fatal(err)
		}
		for _, d := range data {
			if len(d.Dimensions) != 1 || d.Dimensions[telemetry.Deployment] != "acme" {
				r.Errorf("%+v", d)
			}
			emitted[d.Name] = d.Values[0]
		}
	}
	return emitted
}

// unseen is a watch whose metrics nobody sees, to run beside another.
func (r *rig) unseen() *watch.Watch {
	o := r.options
	o.Emit = &telemetry.Emitter{Out: io.Discard, Now: time.Now}
	return watch.New(o)
}

// lines is a log of text.
func lines(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// keepMessages ends all polling, so that queues keep what is sent to them.
func (r *rig) keepMessages() {
	for _, m := range r.mappings {
		m.Close()
	}
}

// enabled is a letter for each mapping: + enabled, - disabled.
func (r *rig) enabled() string {
	var b strings.Builder
	for _, m := range r.mappings {
		b.WriteByte(map[bool]byte{true: '+', false: '-'}[m.Enabled()])
	}
	return b.String()
}

func (r *rig) want(enabled, why string) {
	r.Helper()
	if got := r.enabled(); got != enabled {
		r.Fatalf("mappings %s, want %s: %s", got, enabled, why)
	}
}

// beats are the records that the probes have sent.
func (r *rig) beats() (all []map[string]string) {
	r.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, record := range r.records {
		text, ok := strings.CutPrefix(record, "my.app.s3collector.heartbeat ")
		var beat map[string]string
		if err := json.Unmarshal([]byte(text), &beat); err != nil || !ok {
			r.Fatalf("%q: %v", record, err)
		}
		all = append(all, beat)
	}
	return all
}
