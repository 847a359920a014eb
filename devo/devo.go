// Package devo is the wire to Devo: syslog frames over mutual TLS, and the
// only proof of delivery that plain syslog allows, an orderly end of the
// connection (Conn.Confirm). In place of it there may be a relay of Devo's,
// which takes the same frames without TLS (plain), or Devo's HTTP endpoint
// (http.go).
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
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// A Config says where Devo is and how to speak to it. A setting left empty has
// its default.
type Config struct {
	// Sink is "syslog" (default), "http" for Devo's HTTP endpoint, or "relay"
	// for a relay of Devo's, on its port for events that have their tag.
	Sink string
	// Endpoints are host:port, tried in order for each new connection, those that
	// failed within the last five minutes after the others. The
	// host is the name that the far end's certificate must bear.
	Endpoints []string
	// Domain is Devo's; it is in the HTTP endpoint's URLs, and elsewhere not
	// needed.
	Domain string
	// ID is the deployment's, for the host field of every frame.
	ID string
	// Identity reads the client's key pair; with refresh it must ask for the
	// present one instead of giving the one it knows. It is called for the
	// first connection, and with refresh for the first one after a refusal, at
	// most once a minute; never twice at once. A relay asks for none.
	Identity func(ctx context.Context, refresh bool) (KeyPair, error)
	// Verify is "full" (default), or "chain": the far end's certificate must
	// have a trusted chain, but may bear any name.
	Verify string
	// Multiline is what becomes of a record with LF, CR or NUL: "octet" or
	// "escape". Other records are sent as they are in both. Default is octet
	// where Devo is known to read it, that is by syslog without Gzip. Gzip and
	// the HTTP endpoint have no other than escape.
	Multiline string
	// Gzip compresses: by syslog a member for every 50 KiB of frames, by HTTP
	// the body of each request. A relay is not known to take it.
	Gzip bool
	// Confirm says which end of a connection is believed, beside an empty send
	// queue:
	//   - "notified": the far end's close_notify, and then its FIN;
	//   - "closed": its FIN, which a proxy without TLS of its own can send;
	//   - "drained": none when ConfirmTimeout has passed, for an endpoint that never
	//     ends a connection. A far end that never read a byte shows the same.
	//   - "" (default): closed for an endpoint that never sent a close_notify, as
	//     far as Memory knows, and notified from the first one on.
	// A relay has no close_notify, and the HTTP endpoint answers: both have "closed"
	// or, the relay alone, "drained".
	Confirm string
	// Memory remembers which endpoints sent a close_notify; nil: this Sink alone
	// does, as long as it lives.
	Memory Memory
	// Standing is what is known of the endpoints' failures; nil: this Sink's own.
	Standing *Standing
	// ConfirmTimeout is how long the far end may take to answer the end of a
	// connection, counted from when it last took a byte, or a request; 0 is 30 s.
	ConfirmTimeout time.Duration
	// DialTimeout bounds TCP and TLS handshake of one endpoint; 0 is 10 s.
	DialTimeout time.Duration
	// StallTimeout is how long a write may make no progress; 0 is 30 s.
	StallTimeout time.Duration
	// Ended, if not nil, is told how each attempt to reach an endpoint ended, by
	// many goroutines at once. One that was given up because its context ended
	// before there was a connection is none.
	Ended func(Attempt)
	// Log gets what an operator should see; nil is slog.Default().
	Log *slog.Logger
}

// An Attempt is a connection that has ended, or that could not be had.
type Attempt struct {
	Confirmed  bool
	Unnotified bool          // it was not, for want of a close_notify
	Bytes      int64         // framed, before TLS
	Confirming time.Duration // what Confirm took; 0 if it was not asked to
}

// A Sink makes connections to the first endpoint that answers. It is safe for
// concurrent use.
type Sink struct {
	Config
	settle time.Duration // what the last acknowledgements may take after EOF
	notify time.Duration // notifyWait
	now    func() time.Time

	standing *Standing
	learned  learned

	mu      sync.Mutex
	pass    *pass     // nil until the key pair was read
	refused bool      // the key pair was, since it was read
	reread  time.Time // when it was last read again
}

var _ delivery.Sink = (*Sink)(nil)

// New checks the configuration; all mistakes come joined. Settings that make
// the Sink more trusting than the default are logged.
func New(c Config) (*Sink, error) {
	c.Sink = cmp.Or(c.Sink, "syslog")
	c.Verify = cmp.Or(c.Verify, "full")
	c.Multiline = cmp.Or(c.Multiline, multiline(c.Sink, c.Gzip))
	c.ConfirmTimeout = cmp.Or(c.ConfirmTimeout, 30*time.Second)
	c.DialTimeout = cmp.Or(c.DialTimeout, 10*time.Second)
	c.StallTimeout = cmp.Or(c.StallTimeout, 30*time.Second)
	c.Log = cmp.Or(c.Log, slog.Default())
	if c.Ended == nil {
		c.Ended = func(Attempt) {}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Verify == "chain" {
		c.Log.Warn("devo: verify is chain: any name on the endpoint's certificate is accepted")
	}
	if c.Confirm == "closed" && c.Sink == "syslog" {
		c.Log.Warn("devo: confirm is closed: a proxy that passes TLS on may end a connection for a program that read nothing")
	}
	if c.Confirm == "drained" {
		c.Log.Warn("devo: confirm is drained: records count as delivered though the endpoint did not say that it read them")
	}
	if c.Sink == "relay" {
		c.Log.Warn("devo: sink is relay: records go to it unencrypted, and to whoever answers at its address")
	}
	return &Sink{
		Config: c, settle: time.Second, notify: notifyWait, now: time.Now,
		standing: cmp.Or(c.Standing, new(Standing)),
		learned:  learned{memory: c.Memory, log: c.Log, now: time.Now},
	}, nil
}

// multiline is Config.Multiline's default.
func multiline(sink string, gzip bool) string {
	if sink == "syslog" && !gzip {
		return "octet"
	}
	return "escape"
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
	if c.Identity == nil && c.Sink != "relay" {
		errs = append(errs, errors.New("no identity given"))
	}
	for _, s := range []struct {
		name, value string
		known       []string
	}{
		{"sink", c.Sink, []string{"syslog", "http", "relay"}},
		{"verify", c.Verify, []string{"full", "chain"}},
		{"multiline", c.Multiline, []string{"octet", "escape"}},
		{"confirm", c.Confirm, []string{"", "notified", "closed", "drained"}},
	} {
		if !slices.Contains(s.known, s.value) {
			errs = append(errs, fmt.Errorf("%s is %q, not %s", s.name, s.value, strings.Join(s.known, " or ")))
		}
	}
	switch {
	case c.Sink == "http" && c.Domain == "":
		errs = append(errs, errors.New("no domain given for the HTTP endpoint"))
	case c.Sink == "http" && (c.Confirm == "drained" || c.Confirm == "notified"):
		errs = append(errs, fmt.Errorf("confirm is %s, and the HTTP endpoint answers each request", c.Confirm))
	case c.Sink == "relay" && c.Confirm == "notified":
		errs = append(errs, errors.New("confirm is notified, and a relay speaks no TLS, so that it has no close_notify to send"))
	case c.Sink == "relay" && c.Gzip:
		errs = append(errs, errors.New("gzip to a relay, which is not known to take it"))
	}
	if c.Multiline == "octet" && (c.Gzip || c.Sink == "http") {
		errs = append(errs, errors.New("multiline is octet with gzip or the HTTP endpoint, which have escape only"))
	}
	return errors.Join(errs...)
}

// Dial opens a connection to the first endpoint that takes it; those that failed
// lately are asked last. Its error has kind DevoRefused if an endpoint refused
// the key pair, else DevoUnavailable. With TLS 1.3 a refusal shows only later, on
// the Conn. The Conn is reset when life ends.
func (s *Sink) Dial(ctx, life context.Context) (delivery.Conn, error) {
	pass, err := s.identify(ctx)
	if err != nil {
		return nil, delivery.Fail(delivery.DevoUnavailable, "reading the key pair: %w", err)
	}
	kind := delivery.DevoUnavailable
	var errs []error
	for _, endpoint := range s.standing.order(s.Endpoints, s.now()) {
		c, err := s.dial(ctx, life, endpoint, pass)
		if err == nil {
			return c, nil
		}
		if refuses(err) {
			kind = delivery.DevoRefused
			s.doubt()
		}
		errs = append(errs, fmt.Errorf("dialling %s: %w", endpoint, err))
		if delivery.Expired(ctx) {
			return nil, &delivery.Error{Kind: kind, Err: errors.Join(errs...)}
		}
		s.standing.failed(endpoint, s.now())
	}
	s.Ended(Attempt{})
	return nil, &delivery.Error{Kind: kind, Err: errors.Join(errs...)}
}

func (s *Sink) dial(ctx, life context.Context, endpoint string, pass *pass) (delivery.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.DialTimeout)
	defer cancel()
	if s.Sink == "relay" {
		link, err := s.connect(ctx, endpoint)
		if err != nil {
			return nil, err
		}
		return s.newConn(life, endpoint, link, plain{link}), nil
	}
	link, secure, err := s.secure(ctx, endpoint, pass.tls)
	switch {
	case err != nil:
		return nil, err
	case s.Sink == "http":
		_ = link.Close() // it answers; until the first request it might not wait
		return s.newPoster(life, endpoint, pass), nil
	}
	return s.newConn(life, endpoint, link, secure), nil
}

func (s *Sink) connect(ctx context.Context, endpoint string) (*link, error) {
	c, err := new(net.Dialer).DialContext(ctx, "tcp", endpoint)
	if err != nil {
		return nil, err
	}
	tcp := c.(*net.TCPConn)
	limitUnsent(tcp, unsentLimit)
	return &link{TCPConn: tcp, stall: s.StallTimeout}, nil
}

// secure connects and makes the TLS handshake.
func (s *Sink) secure(ctx context.Context, endpoint string, config *tls.Config) (*link, *tls.Conn, error) {
	link, err := s.connect(ctx, endpoint)
	if err != nil {
		return nil, nil, err
	}
	config = config.Clone()
	config.ServerName, _, _ = net.SplitHostPort(endpoint)
	secure := tls.Client(link, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		link.reset()
		return nil, nil, err
	}
	return link, secure, nil
}
