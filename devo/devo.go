// Package devo is the wire to Devo: syslog frames over mutual TLS, and the
// only proof of delivery that plain syslog allows, an orderly end of the
// connection (Conn.Confirm).
//
// It knows no objects and no ledger: delivery decides what a confirmed, or a
// broken, connection means for what it carried.
package devo

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// A Config says where Devo is and how to speak to it. A setting left empty has
// its default.
type Config struct {
	// Endpoints are host:port, tried in order for each new connection. The
	// host is the name that the far end's certificate must bear.
	Endpoints []string
	// ID is the deployment's, for the host field of every frame.
	ID string
	// Identity reads the client's key pair; with refresh it must ask for the
	// present one instead of giving the one it knows. It is called for the
	// first connection, and with refresh for the first one after a refusal, at
	// most once a minute; never twice at once.
	Identity func(ctx context.Context, refresh bool) (KeyPair, error)
	// Verify is "full" (default), or "chain": the far end's certificate must
	// have a trusted chain, but may bear any name.
	Verify string
	// Multiline is what becomes of a record with LF, CR or NUL: "octet"
	// (default) or "escape". Other records are sent as they are in both.
	Multiline string
	// Confirm is "closed" (default), or "drained" for an endpoint that never
	// answers the end of a connection: an empty send queue when ConfirmTimeout
	// has passed is believed then. It is weaker: a far end that never read a
	// byte shows the same.
	Confirm string
	// ConfirmTimeout is how long the far end may take to answer the end of a
	// connection; 0 is 30 s.
	ConfirmTimeout time.Duration
	// DialTimeout bounds TCP and TLS handshake of one endpoint; 0 is 10 s.
	DialTimeout time.Duration
	// StallTimeout is how long a write may make no progress; 0 is 30 s.
	StallTimeout time.Duration
	// Log gets what an operator should see; nil is slog.Default().
	Log *slog.Logger
}

// A Sink makes connections to the first endpoint that answers. It is safe for
// concurrent use.
type Sink struct {
	Config
	settle time.Duration // what the last acknowledgements may take after EOF
	now    func() time.Time

	mu      sync.Mutex
	tls     *tls.Config // nil until the key pair was read
	refused bool        // the key pair was, since it was read
	reread  time.Time   // when it was last read again
}

var _ delivery.Sink = (*Sink)(nil)

// New checks the configuration; all mistakes come joined. Settings that make
// the Sink more trusting than the default are logged.
func New(c Config) (*Sink, error) {
	c.Verify = cmp.Or(c.Verify, "full")
	c.Multiline = cmp.Or(c.Multiline, "octet")
	c.Confirm = cmp.Or(c.Confirm, "closed")
	c.ConfirmTimeout = cmp.Or(c.ConfirmTimeout, 30*time.Second)
	c.DialTimeout = cmp.Or(c.DialTimeout, 10*time.Second)
	c.StallTimeout = cmp.Or(c.StallTimeout, 30*time.Second)
	c.Log = cmp.Or(c.Log, slog.Default())
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Verify == "chain" {
		c.Log.Warn("devo: verify is chain: any name on the endpoint's certificate is accepted")
	}
	if c.Confirm == "drained" {
		c.Log.Warn("devo: confirm is drained: records count as delivered though the endpoint did not say that it read them")
	}
	return &Sink{Config: c, settle: time.Second, now: time.Now}, nil
}

func (c *Config) check() error {
	var errs []error
	if len(c.Endpoints) == 0 {
		errs = append(errs, errors.New("no endpoint given"))
	}
	for _, e := range c.Endpoints {
		host, port, err := net.SplitHostPort(e)
		if n, perr := strconv.ParseUint(port, 10, 16); err != nil || host == "" || perr != nil || n == 0 {
			errs = append(errs, fmt.Errorf("endpoint %q is not host:port", e))
		}
	}
	if c.ID == "" {
		errs = append(errs, errors.New("no id given"))
	}
	if c.Identity == nil {
		errs = append(errs, errors.New("no identity given"))
	}
	for _, s := range []struct{ name, value, strict, lax string }{
		{"verify", c.Verify, "full", "chain"},
		{"multiline", c.Multiline, "octet", "escape"},
		{"confirm", c.Confirm, "closed", "drained"},
	} {
		if s.value != s.strict && s.value != s.lax {
			errs = append(errs, fmt.Errorf("%s is %q, not %s or %s", s.name, s.value, s.strict, s.lax))
		}
	}
	return errors.Join(errs...)
}

// Dial opens a connection to the first endpoint that takes it. Its error has
// kind DevoRefused if an endpoint refused the key pair, else DevoUnavailable.
// With TLS 1.3 a refusal shows only later, on the Conn.
func (s *Sink) Dial(ctx context.Context) (delivery.Conn, error) {
	config, err := s.tlsConfig(ctx)
	if err != nil {
		return nil, delivery.Fail(delivery.DevoUnavailable, "reading the key pair: %w", err)
	}
	kind := delivery.DevoUnavailable
	var errs []error
	for _, endpoint := range s.Endpoints {
		c, err := s.dial(ctx, endpoint, config)
		if err == nil {
			return c, nil
		}
		if refuses(err) {
			kind = delivery.DevoRefused
			s.doubt()
		}
		errs = append(errs, fmt.Errorf("dialling %s: %w", endpoint, err))
		if ctx.Err() != nil {
			break
		}
	}
	return nil, &delivery.Error{Kind: kind, Err: errors.Join(errs...)}
}

func (s *Sink) dial(ctx context.Context, endpoint string, config *tls.Config) (*Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.DialTimeout)
	defer cancel()
	plain, err := new(net.Dialer).DialContext(ctx, "tcp", endpoint)
	if err != nil {
		return nil, err
	}
	link := &link{TCPConn: plain.(*net.TCPConn), stall: s.StallTimeout}
	config = config.Clone()
	config.ServerName, _, _ = net.SplitHostPort(endpoint)
	secure := tls.Client(link, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		link.reset()
		return nil, err
	}
	return s.newConn(endpoint, link, secure), nil
}
