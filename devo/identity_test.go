package devo

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

func TestParseKeyPair(t *testing.T) {
	secret := func(lineEnd string, change func(map[string]string)) string {
		fields := map[string]string{"cert": string(domain.Cert), "key": string(domain.Key), "chain": string(domain.Chain)}
		for k, v := range fields {
			fields[k] = strings.ReplaceAll(v, "\n", lineEnd)
		}
		if change != nil {
			change(fields)
		}
		return string(must(json.Marshal(fields)))
	}
	inside := strings.Split(string(domain.Key), "\n")[1]
	for _, test := range []struct{ name, secret, want string }{
		{"LF", secret("\n", nil), ""},
		{"CRLF", secret("\r\n", nil), ""},
		{`literal \n`, secret(`\n`, nil), ""},
		{`literal \r\n`, secret(`\r\n`, nil), ""},
		{"no chain", secret("\n", func(f map[string]string) { delete(f, "chain") }), ""},
		{"other keys too", secret("\n", func(f map[string]string) { f["domain"] = "acme" }), ""},
		{"no cert", secret("\n", func(f map[string]string) { delete(f, "cert") }), "cert is missing"},
		{"no key", secret("\n", func(f map[string]string) { delete(f, "key") }), "key is missing"},
		{"cert is no PEM", secret("\n", func(f map[string]string) { f["cert"] = inside }), "certificate"},
		{"key is no PEM", secret("\n", func(f map[string]string) { f["key"] = inside }), "key"},
		{"chain is no PEM", secret("\n", func(f map[string]string) { f["chain"] = inside }), "chain has no PEM certificate"},
		{"key of another", secret("\n", func(f map[string]string) { f["key"] = string(endpoint.Key) }), "does not match"},
		{"PEM, not JSON", string(domain.Key), "not a JSON object"},
		{"a JSON string", string(must(json.Marshal(string(domain.Key)))), "not a JSON object"},
		{"key is an object", `{"cert":"","key":{"` + inside + `":1}}`, "not a JSON object"},
		{"empty", "", "not a JSON object"},
	} {
		t.Run(test.name, func(t *testing.T) {
			pair, err := ParseKeyPair([]byte(test.secret))
			if test.want != "" {
				if err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("got %v, want %q", err, test.want)
				}
				if strings.Contains(fmt.Sprint(err), inside) {
					t.Errorf("the error shows the secret: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			pass, err := pair.parse("syslog", "full")
			if err != nil {
				t.Fatal(err)
			}
			cert := must(pass.tls.GetClientCertificate(nil))
			if want := must(tls.X509KeyPair(domain.Cert, domain.Key)); !slices.Equal(cert.Certificate[0], want.Certificate[0]) {
				t.Error("another certificate")
			}
		})
	}
}

// A far end that knows the root alone needs the intermediates of a client's
// certificate, wherever the secret has them.
func TestIntermediatesOfTheClientsCertificateAreSent(t *testing.T) {
	upper := trusted.newAuthority("upper")
	lower := upper.newAuthority("lower")
	pair := lower.issue("domain.test")
	for name, test := range map[string]struct {
		cert, chain [][]byte
		sent        int
		refused     bool
	}{
		"in chain":                {[][]byte{pair.Cert}, [][]byte{lower.pem, upper.pem, trusted.pem}, 3, false},
		"in chain, root first":    {[][]byte{pair.Cert}, [][]byte{trusted.pem, upper.pem, lower.pem}, 3, false},
		"in cert":                 {[][]byte{pair.Cert, lower.pem, upper.pem}, [][]byte{trusted.pem}, 3, false},
		"in cert and chain":       {[][]byte{pair.Cert, lower.pem, upper.pem}, [][]byte{lower.pem, upper.pem, trusted.pem}, 3, false},
		"one in cert, one not":    {[][]byte{pair.Cert, lower.pem}, [][]byte{upper.pem, trusted.pem}, 3, false},
		"of others beside":        {[][]byte{pair.Cert}, [][]byte{stranger.pem, stranger.newAuthority("lower").pem, lower.pem, upper.pem, trusted.pem}, 3, false},
		"nowhere":                 {[][]byte{pair.Cert}, [][]byte{trusted.pem}, 1, true},
		"the upper one is absent": {[][]byte{pair.Cert}, [][]byte{lower.pem, trusted.pem}, 2, true},
	} {
		t.Run(name, func(t *testing.T) {
			shown := make(chan int, 1)
			config := far(tls.VersionTLS12)
			config.VerifyPeerCertificate = func(certs [][]byte, _ [][]*x509.Certificate) error { shown <- len(certs); return nil }
			s := newSink(t, func(c *Config) {
				c.Identity = func(context.Context, bool) (KeyPair, error) {
					return KeyPair{Cert: bytes.Join(test.cert, nil), Key: pair.Key, Chain: bytes.Join(test.chain, nil)}, nil
				}
			}, serve(t, config, func(p *peer) { p.readOn() }))
			c, err := s.Dial(t.Context(), t.Context())
			if test.refused {
				wantKind(t, err, delivery.DevoRefused)
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(c.Abort)
			if got := <-shown; got != test.sent {
				t.Errorf("%d certificates were sent, want %d", got, test.sent)
			}
		})
	}
}

// A far end that refuses shows it in the handshake with TLS 1.2, and only when
// it is read from with TLS 1.3; what was written meanwhile may even have broken
// the connection. It is a refusal all the same.
func TestRefusedKeyPair(t *testing.T) {
	for _, version := range versions {
		for _, delay := range delays {
			for _, size := range []int{0, 100, 4 << 20} {
				t.Run(fmt.Sprint(version.name, "/", delay, "/", size), func(t *testing.T) {
					config := far(version.id)
					config.ClientAuth = tls.RequireAnyClientCert
					config.VerifyPeerCertificate = func([][]byte, [][]*x509.Certificate) error {
						after(delay)
						return errors.New("refused")
					}
					s := newSink(t, nil, serve(t, config, func(*peer) {}))
					c, err := s.Dial(t.Context(), t.Context())
					if version.id == tls.VersionTLS12 {
						wantKind(t, err, delivery.DevoRefused)
						return
					}
					if err != nil {
						t.Fatal(err)
					}
					if err = c.Write(c.Header("source", "my.app.t.x"), make([]byte, size)); err == nil {
						err = c.Confirm(t.Context())
					} else {
						c.Abort()
					}
					wantKind(t, err, delivery.DevoRefused)
				})
			}
		}
	}
}

// The far end stops accepting one key pair; its secret has another by then.
func TestRefusedKeyPairIsReadAgainOnceAMinute(t *testing.T) {
	for _, version := range versions {
		t.Run(version.name, func(t *testing.T) {
			addr := serve(t, far(version.id), func(p *peer) { readAll(p) })
			old := stranger.issue("domain.test")
			old.Chain = trusted.pem
			present, calls, clock := old, []bool(nil), noon
			s := newSink(t, func(c *Config) {
				c.Identity = func(_ context.Context, refresh bool) (KeyPair, error) {
					calls = append(calls, refresh)
					return present, nil
				}
			}, addr)
			s.now = func() time.Time { return clock }
			attempt := func() error {
				c, err := s.Dial(t.Context(), t.Context())
				if err != nil {
					return err
				}
				return c.Confirm(t.Context())
			}
			for _, step := range []struct {
				wait  time.Duration
				pair  KeyPair
				kind  delivery.Kind // "" = confirmed
				calls []bool
			}{
				{0, old, delivery.DevoRefused, []bool{false}},
				{0, old, delivery.DevoRefused, []bool{false, true}},
				{59 * time.Second, domain, delivery.DevoRefused, []bool{false, true}},
				{time.Second, domain, "", []bool{false, true, true}},
				{time.Hour, domain, "", []bool{false, true, true}},
			} {
				clock, present = clock.Add(step.wait), step.pair
				err := attempt()
				if step.kind != "" {
					wantKind(t, err, step.kind)
				} else if err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(calls, step.calls) {
					t.Fatalf("the key pair was asked for %v times, want %v", calls, step.calls)
				}
			}
		})
	}
}

func TestUnreadableKeyPairIsUnavailable(t *testing.T) {
	for name, identity := range map[string]func() (KeyPair, error){
		"not to be had": func() (KeyPair, error) { return KeyPair{}, errors.New("throttled") },
		"garbage":       func() (KeyPair, error) { return KeyPair{Cert: []byte("x"), Key: []byte("y")}, nil },
	} {
		t.Run(name, func(t *testing.T) {
			s := newSink(t, func(c *Config) {
				c.Identity = func(context.Context, bool) (KeyPair, error) { return identity() }
			}, "127.0.0.1:1")
			_, err := s.Dial(t.Context(), t.Context())
			wantKind(t, err, delivery.DevoUnavailable)
			if !strings.Contains(err.Error(), "reading the key pair") {
				t.Error(err)
			}
		})
	}
}
