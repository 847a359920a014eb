// Package local is an AWS account, a Lambda service and a Devo receiver on
// 127.0.0.1: what `collector run` and the tests of every other package work
// against. It imports nothing of the collector and speaks to the real binary
// over the real protocols only.
package local

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// A Clock is real time plus a shift that only Advance moves. Queues, the
// ledger's table and deadlines go by it; signatures and STS sessions stay on
// real time.
type Clock struct {
	mu      sync.Mutex
	shift   time.Duration
	changed chan struct{}
}

// NewClock is a Clock that shows real time.
func NewClock() *Clock { return &Clock{changed: make(chan struct{})} }

// Now is the account's time.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.shift)
}

// Advance moves the clock, forward unless d is negative, and wakes whoever waits on Changed.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shift += d
	close(c.changed)
	c.changed = make(chan struct{})
}

// Changed is closed at the next Advance.
func (c *Clock) Changed() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.changed
}

// A service is one AWS service behind the account's single endpoint. The
// request's signature has been checked; body is the whole payload, except for
// S3, which gets nil and reads r.Body itself.
type service interface {
	serve(w http.ResponseWriter, r *http.Request, body []byte, who caller)
}

// A caller is whose credentials signed a request.
type caller struct {
	Account string // 12 digits
	ARN     string // arn:aws:iam::…:role/… or arn:aws:sts::…:assumed-role/…/…
	// Role is the ARN of the role behind a session, or ARN itself.
	Role string
	// Root callers (the person or test that set the account up) may do all.
	Root bool
	// Region is the region that the request was signed for.
	Region string
}

// Options of an Account. The zero value is usable.
type Options struct {
	Region string // "us-east-1" when empty
	ID     string // Devo's account, 12 digits; "123456789012" when empty
	Clock  *Clock // a new one when nil
	// Mark begins every secret access key and session token that is made: what
	// a test looks for where no secret may be.
	Mark string
}

// An Account is one endpoint on 127.0.0.1 that answers for S3, SQS, STS,
// Secrets Manager, DynamoDB and event-source mappings as AWS does, and for what doctor
// asks of SNS and EventBridge. Buckets, queues and roles may
// belong to other account ids than its own: whose they are decides who may
// use them, as between a customer's account and Devo's.
type Account struct {
	id, region string
	mark       string
	clock      *Clock
	root       Credentials
	signer     *v4.Signer

	services map[string]service // by the name in a signature's scope
	s3       *s3Service
	sqs      *sqsService
	dynamodb *dynamoService
	secrets  *secretsService
	lambda   *lambdaService
	logs     *logsService

	mu    sync.Mutex
	roles map[string]Role // by ARN
	keys  map[string]key  // by access key id

	fault atomic.Pointer[func(FaultRequest) *FaultResponse]

	listener net.Listener
	server   *http.Server
	served   chan error
}

// Start brings an Account up on a free port of 127.0.0.1. Close ends it.
func Start(o Options) (*Account, error) {
	a := &Account{
		id:     cmp.Or(o.ID, "123456789012"),
		region: cmp.Or(o.Region, "us-east-1"),
		mark:   o.Mark,
		clock:  o.Clock,
		signer: v4.NewSigner(),
		roles:  map[string]Role{},
		keys:   map[string]key{},
		served: make(chan error, 1),
	}
	if a.clock == nil {
		a.clock = NewClock()
	}
	root := "arn:aws:iam::" + a.id + ":root"
	a.root = a.addKey(key{who: caller{Account: a.id, ARN: root, Role: root, Root: true}})

	a.sqs = newSQS(a.clock, a.region)
	a.dynamodb = newDynamoDB(a.clock)
	a.secrets = &secretsService{secrets: map[string]secret{}}
	a.lambda = &lambdaService{clock: a.clock, prefix: "arn:aws:lambda:" + a.region + ":" + a.id + ":event-source-mapping:"}
	a.logs = newLogs(a.clock)
	a.s3 = newS3(a)
	a.services = map[string]service{
		"s3":             a.s3,
		"sqs":            a.sqs,
		"sts":            &stsService{a},
		"secretsmanager": a.secrets,
		"dynamodb":       a.dynamodb,
		"lambda":         a.lambda,
		"logs":           a.logs,
		"sns":            &snsService{a.s3.store},
		"events":         &eventsService{a.s3.store},
	}

	var err error
	if a.listener, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listen for the emulated account: %w", err)
	}
	a.server = &http.Server{
		Handler:           http.HandlerFunc(a.serve),
		ReadHeaderTimeout: time.Minute,
		// What net/http would log here are connections that a client or a
		// fault broke, which is their business.
		ErrorLog: log.New(io.Discard, "", 0),
	}
	go func() {
		defer close(a.served)
		a.served <- a.server.Serve(a.listener)
	}()
	return a, nil
}

// Endpoint is the URL for AWS_ENDPOINT_URL. Its host is an IP address, so
// that every SDK addresses buckets by path.
func (a *Account) Endpoint() string { return "http://" + a.listener.Addr().String() }

// Environment is what an SDK needs to find the account with a key, and to find
// nothing else of this machine's.
func (a *Account) Environment(key Credentials) map[string]string {
	return map[string]string{
		"AWS_ENDPOINT_URL": a.Endpoint(), "AWS_REGION": a.region, "AWS_PROFILE": "", "AWS_CONFIG_FILE": os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": key.AccessKeyID, "AWS_SECRET_ACCESS_KEY": key.SecretAccessKey, "AWS_SESSION_TOKEN": key.SessionToken,
	}
}

// Clock is the account's time.
func (a *Account) Clock() *Clock { return a.clock }

// ID is the account's own 12 digits: Devo's.
func (a *Account) ID() string { return a.id }

// Region is the account's region.
func (a *Account) Region() string { return a.region }

// Root is the key of whoever set the account up: it may do everything to
// everybody's resources.
func (a *Account) Root() Credentials { return a.root }

// Close stops the endpoint and breaks every open connection. It may be called
// again.
func (a *Account) Close() error {
	closed := a.server.Close()
	if err, first := <-a.served; first && !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(closed, err)
	}
	return closed
}

// serve does for every service what they have in common: who calls, what the
// fault hook says, whether the caller's role allows it.
func (a *Account) serve(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Amzn-Requestid", rand.Text())
	sig, err := parseSignature(r)
	if err != nil {
		deny("s3", unsigned, "Access Denied: "+err.Error()).write(w, r, "s3")
		return
	}
	to, ok := a.services[sig.service]
	if !ok {
		refused := &refusal{status: http.StatusNotImplemented, code: "NotImplemented", message: "no emulated service " + sig.service}
		refused.write(w, r, "s3")
		return
	}
	if sig.service == "dynamodb" {
		// The ledger's time is the Date of its last answer, a refusal too.
		w.Header().Set("Date", a.clock.Now().UTC().Format(http.TimeFormat))
	}
	var body []byte
	if sig.service != "s3" {
		if body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, 16<<20)); err != nil {
			refused := &refusal{status: http.StatusRequestEntityTooLarge, code: "RequestEntityTooLarge", message: err.Error()}
			refused.write(w, r, sig.service)
			return
		}
	}
	who, refused := a.authenticate(r, sig, body)
	if refused == nil {
		w, refused = a.faulty(w, r, sig.service, operation(r, sig.service, body), body, who)
	}
	if refused == nil {
		refused = a.authorize(r, sig.service, body, who)
	}
	if refused != nil {
		refused.write(w, r, sig.service)
		return
	}
	to.serve(w, r, body, who)
}
