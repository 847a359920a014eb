package devo

import (
	"context"
	"crypto/tls"
	"errors"
	"syscall"
	"testing"

	"github.com/devo-s3/collector/delivery"
)

// TestExamine: what an endpoint shows of itself, and what it does with the end
// of a connection, with a record and without.
func TestExamine(t *testing.T) {
	records := map[string]func(delivery.Conn) error{
		"without a record": nil,
		"with a record":    func(c delivery.Conn) error { return c.Write(c.Header("doctor", "test.keep.free"), []byte("a record")) },
	}
	for _, version := range versions {
		for with, write := range records {
			for _, c := range []struct {
				name string
				end  func(*peer)
				want func(error) bool
			}{
				{"EOF", func(p *peer) { readAll(p) }, func(err error) bool { return err == nil }},
				{"a reset", func(p *peer) { p.readToFIN(); p.reset() }, func(err error) bool {
					return errors.Is(err, syscall.ECONNRESET)
				}},
			} {
				t.Run(version.name+"/"+with+"/"+c.name, func(t *testing.T) {
					addr := serve(t, far(version.id), c.end)
					s := newSink(t, nil, addr)
					s.notify = delays[1]
					x, err := s.Examine(t.Context(), addr, write)
					if !c.want(err) {
						t.Errorf("error %v", err)
					}
					if x.Notified != (err == nil) {
						t.Errorf("notified is %t", x.Notified)
					}
					if x.TLS != version.name || x.Issuer != "trusted" || x.Ends.Unix() != 1<<33 {
						t.Errorf("%+v", x)
					}
				})
			}
		}
	}
}

func TestExamineSaysWhyItDoesNotConnect(t *testing.T) {
	refused := stranger.issue("domain.test")
	refused.Chain = trusted.pem
	for _, version := range versions {
		addr := serve(t, far(version.id), func(p *peer) { readAll(p) })
		for name, c := range map[string]struct {
			endpoint  string
			sink      string
			pair      KeyPair
			kind      delivery.Kind
			untrusted bool
		}{
			"a chain that is not trusted":   {addr, "syslog", KeyPair{Cert: domain.Cert, Key: domain.Key, Chain: stranger.pem}, delivery.DevoUnavailable, true},
			"a certificate that is refused": {addr, "syslog", refused, delivery.DevoRefused, false},
			"a port where nobody listens":   {closedPort(), "syslog", domain, delivery.DevoUnavailable, false},
			"a relay that does not listen":  {closedPort(), "relay", domain, delivery.DevoUnavailable, false},
		} {
			t.Run(version.name+"/"+name, func(t *testing.T) {
				sink := newSink(t, func(config *Config) {
					config.Sink = c.sink
					config.Identity = func(context.Context, bool) (KeyPair, error) { return c.pair, nil }
				}, c.endpoint)
				_, err := sink.Examine(t.Context(), c.endpoint, nil)
				wantKind(t, err, c.kind)
				var untrusted *tls.CertificateVerificationError
				if errors.As(err, &untrusted) != c.untrusted {
					t.Error(err)
				}
			})
		}
	}
}
