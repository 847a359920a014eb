package devo

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// An Examination is what an endpoint showed of itself; of a relay it is zero.
type Examination struct {
	TLS    string    // the version, as "TLS 1.3"
	Issuer string    // of its certificate: the common name
	Ends   time.Time // the first end of a certificate of its chain
	// Notified reports whether it ended the connection with a close_notify.
	Notified bool
}

// Examine connects to one endpoint, sends what write writes, if it is not nil,
// and has it confirmed. Chain and name are checked as for every connection. The
// error is Dial's or Confirm's.
func (s *Sink) Examine(ctx context.Context, endpoint string, write func(delivery.Conn) error) (x Examination, err error) {
	pass, err := s.identify(ctx)
	if err != nil {
		return x, delivery.Fail(delivery.DevoUnavailable, "reading the key pair: %w", err)
	}
	if s.Sink != "relay" {
		if x, err = s.look(ctx, endpoint, pass); err != nil {
			return x, undialled(err)
		}
	}
	conn, err := s.dial(ctx, ctx, endpoint, pass)
	if err != nil {
		return x, undialled(err)
	}
	if write != nil {
		if err := write(conn); err != nil {
			conn.Abort()
			return x, err
		}
	}
	err = conn.Confirm(ctx)
	if c, ok := conn.(*Conn); ok {
		x.Notified = c.ending.notified
	}
	return x, err
}

func undialled(err error) error {
	if refuses(err) {
		return delivery.Fail(delivery.DevoRefused, "%w", err)
	}
	return delivery.Fail(delivery.DevoUnavailable, "%w", err)
}

// look makes the handshake alone.
func (s *Sink) look(ctx context.Context, endpoint string, pass *pass) (x Examination, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.DialTimeout)
	defer cancel()
	link, secure, err := s.secure(ctx, endpoint, pass.tls)
	if err != nil {
		return x, err
	}
	defer link.reset()
	state := secure.ConnectionState()
	x.TLS, x.Issuer = tls.VersionName(state.Version), state.PeerCertificates[0].Issuer.CommonName
	for _, c := range state.PeerCertificates {
		if x.Ends.IsZero() || c.NotAfter.Before(x.Ends) {
			x.Ends = c.NotAfter
		}
	}
	return x, nil
}
