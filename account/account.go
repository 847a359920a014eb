// Package account is the function's side of AWS: the customer's objects through
// assumed roles, the ledger in DynamoDB, the queues and the secret. It is the
// only package of the function that imports the AWS SDK. Every error of AWS
// leaves it as a delivery.Kind.
package account

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
)

// attempts is how often a call is tried. The SDK's pauses between them never
// outlast the call's context, and add up to 15 s at most.
const attempts = 5

// The patience of a connection. A request may begin on a connection that was
// idle for idleTimeout, and readTimeout has run since then: the difference is
// what headerTimeout needs.
const (
	dialTimeout   = 5 * time.Second
	headerTimeout = 10 * time.Second // until the first byte of an answer
	readTimeout   = 30 * time.Second // from one byte to the next, while somebody reads
	idleTimeout   = 20 * time.Second
)

// connections is how many are kept open to one host. Each object being read
// has one of its own.
const connections = 128

// Options of an Account.
type Options struct {
	// Region is the deployment's. Empty: as the SDK's own variables say.
	Region string
	// Customer is the deployment's name. It is part of the session's name that
	// the customer's CloudTrail shows.
	Customer string
	// Log takes the SDK's own warnings; nil is slog.Default().
	Log *slog.Logger
}

// An Account is the function in AWS, under its execution role. It is safe for
// concurrent use and meant to live as long as the process: sessions and
// connections are kept from one invocation to the next.
type Account struct {
	config  aws.Config
	stream  aws.HTTPClient // for the bodies of objects
	session string
	clock   *clock // DynamoDB's

	mu    sync.Mutex
	roles map[roleID]*role
}

// New reads the SDK's own environment: credentials, AWS_ENDPOINT_URL,
// AWS_MAX_ATTEMPTS, AWS_CA_BUNDLE and so on. It makes no call.
func New(ctx context.Context, o Options) (*Account, error) {
	log := cmp.Or(o.Log, slog.Default())
	c, err := config.LoadDefaultConfig(ctx,
		config.WithRegion(o.Region),
		config.WithHTTPClient(newHTTPClient()),
		config.WithLogger(logging.LoggerFunc(func(_ logging.Classification, format string, v ...any) {
			log.Warn("aws sdk", "says", fmt.Sprintf(format, v...))
		})),
	)
	if err != nil {
		return nil, fmt.Errorf("read the AWS environment: %w", err)
	}
	stream := plainBody{c.HTTPClient}
	c.HTTPClient = wholeAnswers{stream}
	c.RetryMaxAttempts = cmp.Or(c.RetryMaxAttempts, attempts)
	return &Account{
		config:  c,
		stream:  streamed{stream},
		session: "devo-s3-" + cmp.Or(o.Customer, "collector"),
		clock:   newClock(),
		roles:   make(map[roleID]*role),
	}, nil
}

// Config is what the SDK's clients are made of, under the Account's own
// credentials. It is for services that the function never calls: their clients
// are in packages below this one, so that the function's binary is without them.
func (a *Account) Config() aws.Config { return a.config }

// ConfigOf is the SDK's, for calls under a role; "" is the Account's own
// credentials.
func (a *Account) ConfigOf(roleARN, externalID string) aws.Config {
	return a.role(roleID{arn: roleARN, externalID: externalID}).config
}

// newHTTPClient is of the SDK's own type, because AWS_CA_BUNDLE works with no
// other.
func newHTTPClient() *awshttp.BuildableClient {
	return awshttp.NewBuildableClient().
		WithDialerOptions(func(d *net.Dialer) { d.Timeout = dialTimeout }).
		WithTransportOptions(func(t *http.Transport) {
			t.MaxIdleConns = 2 * connections
			t.MaxIdleConnsPerHost = connections
			t.IdleConnTimeout = idleTimeout
			t.ResponseHeaderTimeout = headerTimeout
			t.ReadBufferSize = 64 << 10
		}).
		WithReadTimeout(readTimeout)
}

// plainBody hides everything of a request's body but Read and Close. The SDK
// closes a body as soon as the answer's header is there; net/http, if it then
// is still inside the body's WriteTo, takes that for a broken connection and
// cuts the answer off (https://github.com/aws/aws-sdk-go-v2/issues/1825). All
// clients share it, and so one pool of connections.
type plainBody struct{ aws.HTTPClient }

func (c plainBody) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = struct {
			io.Reader
			io.Closer
		}{r.Body, r.Body}
	}
	return c.HTTPClient.Do(r)
}
