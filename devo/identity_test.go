package devo

import (
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
