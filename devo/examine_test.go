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
					x, err := newSink(t, nil, addr).Examine(t.Context(), addr, write)
					if !c.want(err) {
						t.Errorf("error %v", err)
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
	addr := serve(t, far(versions[1].id), func(p *peer) { readAll(p) })
	refused := stranger.issue("domain.test")
	refused.Chain = trusted.pem
	for name, c := range map[string]struct {
		pair      KeyPair
		kind      delivery.Kind
		untrusted bool
	}{
		"a chain that is not trusted":   {KeyPair{Cert: domain.Cert, Key: domain.Key, Chain: stranger.pem}, delivery.DevoUnavailable, true},
		"a certificate that is refused": {refused, delivery.DevoRefused, false},
	} {
		t.Run(name, func(t *testing.T) {
			sink := newSink(t, func(config *Config) {
				config.Identity = func(context.Context, bool) (KeyPair, error) { return c.pair, nil }
			}, addr)
			_, err := sink.Examine(t.Context(), addr, nil)
			wantKind(t, err, c.kind)
			var untrusted *tls.CertificateVerificationError
			if errors.As(err, &untrusted) != c.untrusted {
				t.Error(err)
			}
		})
	}
}
