package devo

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// closedPort is an address where nobody listens.
func closedPort() string {
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	defer l.Close()
	return l.Addr().String()
}

func TestDialTakesTheFirstEndpointThatAnswers(t *testing.T) {
	good := serve(t, far(tls.VersionTLS13), func(p *peer) { readAll(p) })
	unused := serve(t, far(tls.VersionTLS13), func(*peer) { t.Error("the third endpoint was asked") })
	c := dial(t, newSink(t, nil, closedPort(), good, unused))
	write(t, c, "record")
	if err := c.Confirm(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestDialFails(t *testing.T) {
	for _, test := range []struct {
		name     string
		endpoint func(t *testing.T) string
		because  string
	}{
		{"nobody listens", func(*testing.T) string { return closedPort() }, "connection refused"},
		{"no TLS", func(t *testing.T) string {
			return serveTCP(t, func(c net.Conn) { _, _ = c.Write([]byte("220 mail\r\n")) })
		}, "tls: "},
		{"closes at once", func(t *testing.T) string { return serveTCP(t, func(net.Conn) {}) }, ""},
		{"says nothing", func(t *testing.T) string { return serveTCP(t, func(c net.Conn) { _ = drain(c) }) }, "deadline exceeded"},
		{"certificate of an unknown authority", func(t *testing.T) string { return serveAs(t, stranger.issue("127.0.0.1")) }, "unknown authority"},
		{"certificate of another name", func(t *testing.T) string { return serveAs(t, trusted.issue("other.test")) }, "127.0.0.1"},
		{"TLS 1.1", func(t *testing.T) string { return serve(t, far(tls.VersionTLS11), func(*peer) {}) }, "protocol version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSink(t, func(c *Config) { c.DialTimeout = 100 * time.Millisecond }, test.endpoint(t))
			_, err := s.Dial(t.Context(), t.Context())
			wantKind(t, err, delivery.DevoUnavailable)
			if !strings.Contains(err.Error(), test.because) {
				t.Errorf("got %v, want %q", err, test.because)
			}
		})
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	addr := serveTCP(t, func(c net.Conn) { _ = drain(c) })
	unused := serveTCP(t, func(net.Conn) { t.Error("the second endpoint was asked") })
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := newSink(t, nil, addr, unused).Dial(ctx, ctx)
	wantKind(t, err, delivery.DevoUnavailable)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestVerifyChainLooksAtEverythingButTheName(t *testing.T) {
	for _, test := range []struct {
		name string
		far  KeyPair
		kind delivery.Kind // "" = accepted
	}{
		{"another name", trusted.issue("other.test"), ""},
		{"an unknown authority", stranger.issue("127.0.0.1"), delivery.DevoUnavailable},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newSink(t, func(c *Config) { c.Verify = "chain" }, serveAs(t, test.far))
			for range 2 { // the second time with a resumed session
				c, err := s.Dial(t.Context(), t.Context())
				if c != nil {
					t.Cleanup(c.Abort)
				}
				if test.kind != "" {
					wantKind(t, err, test.kind)
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				if err := c.Confirm(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestLaxSettingsAreLoggedAtEachStart(t *testing.T) {
	var log bytes.Buffer
	logged := func(c *Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }
	newSink(t, logged, "devo.test:443")
	if log.Len() > 0 {
		t.Errorf("the default logs %s", &log)
	}
	newSink(t, func(c *Config) { logged(c); c.Verify, c.Confirm = "chain", "drained" }, "devo.test:443")
	newSink(t, func(c *Config) { logged(c); c.Confirm = "closed" }, "devo.test:443")
	for _, want := range []string{"verify is chain", "confirm is drained", "confirm is closed"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("no %q in %s", want, &log)
		}
	}
}

func TestNewNamesEveryMistake(t *testing.T) {
	_, err := New(Config{Endpoints: []string{"devo.test", ":443", "h:0", "h:65536", "[::1]:443"}, Verify: "none", Multiline: "x", Confirm: "y"})
	for _, want := range []string{
		`"devo.test" is not host:port`, `":443"`, `"h:0"`, `"h:65536"`, "no id", "no identity",
		`verify is "none", not full or chain`, `multiline is "x"`, `confirm is "y"`,
	} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("no %q in %v", want, err)
		}
	}
	if strings.Contains(fmt.Sprint(err), "::1") {
		t.Errorf("[::1]:443 is an endpoint: %v", err)
	}
	if _, err := New(Config{}); !strings.Contains(fmt.Sprint(err), "no endpoint") {
		t.Error(err)
	}
}

// serveAs is a good far end with the key pair.
func serveAs(t *testing.T, pair KeyPair) string {
	t.Helper()
	config := far(tls.VersionTLS13)
	config.Certificates = []tls.Certificate{must(tls.X509KeyPair(pair.Cert, pair.Key))}
	return serve(t, config, func(p *peer) { readAll(p) })
}

// serveTCP is a far end that knows no TLS.
func serveTCP(t *testing.T, handle func(net.Conn)) string {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	over := make(chan bool)
	go func() {
		defer close(over)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			handle(c)
			c.Close()
		}
	}()
	t.Cleanup(func() {
		l.Close()
		<-over
	})
	return l.Addr().String()
}
