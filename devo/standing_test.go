package devo

import (
	"crypto/tls"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

func TestFailedEndpointsAreAskedLast(t *testing.T) {
	var s Standing
	all, now := []string{"a", "b", "c"}, time.Unix(1e9, 0)
	want := func(order ...string) {
		t.Helper()
		if got := s.order(all, now); !slices.Equal(got, order) {
			t.Errorf("got %v, want %v", got, order)
		}
	}
	want("a", "b", "c")
	s.failed("a", now)
	want("b", "c", "a")
	now = now.Add(time.Second)
	s.failed("b", now)
	want("c", "a", "b")
	now = now.Add(time.Second)
	s.failed("c", now)
	want("a", "b", "c") // each gets its turn
	s.failed("a", now.Add(time.Second))
	want("b", "c", "a")
	s.worked("c")
	want("c", "b", "a")
	now = now.Add(shunFor)
	want("b", "c", "a") // a is still shunned, b no more
	now = now.Add(time.Hour)
	want("a", "b", "c")
	if !slices.Equal(all, []string{"a", "b", "c"}) {
		t.Errorf("the list itself was changed: %v", all)
	}
}

// An endpoint that completes the handshake and then does not do its part is
// asked once; the next connection goes to the next endpoint.
func TestFailoverAfterTheHandshake(t *testing.T) {
	for name, test := range map[string]struct {
		config *tls.Config
		does   func(*peer)
		change func(*Config)
		kind   delivery.Kind
	}{
		"resets":                  {far(tls.VersionTLS13), func(p *peer) { p.reset() }, nil, delivery.DevoUnavailable},
		"refuses the certificate": {refusing(), func(*peer) {}, nil, delivery.DevoRefused},
		"takes everything and never answers": {
			far(tls.VersionTLS13), func(p *peer) { p.readOn(); p.wait() },
			func(c *Config) { c.ConfirmTimeout = 50 * time.Millisecond }, delivery.Unconfirmable,
		},
		"reads nothing": {
			far(tls.VersionTLS13), (*peer).wait,
			func(c *Config) { c.StallTimeout = 50 * time.Millisecond }, delivery.DevoUnavailable,
		},
	} {
		t.Run(name, func(t *testing.T) {
			bad := serve(t, test.config, test.does)
			good := serve(t, far(tls.VersionTLS13), func(p *peer) { readAll(p) })
			s := newSink(t, test.change, bad, good)
			send := func() error {
				c := dial(t, s)
				err := c.Write(c.Header("source", "my.app.t.x"), make([]byte, 16<<20))
				if err == nil {
					err = c.Confirm(t.Context())
				}
				c.drop()
				return err
			}
			wantKind(t, send(), test.kind)
			s.ConfirmTimeout, s.StallTimeout = time.Hour, time.Hour // what is good is not hurried
			for range 3 {
				if err := send(); err != nil {
					t.Fatalf("the second endpoint was not asked: %v", err)
				}
			}
		})
	}
}

// refusing refuses every client's certificate, after it has told the client that
// the handshake is complete.
func refusing() *tls.Config {
	config := far(tls.VersionTLS13)
	config.VerifyConnection = func(tls.ConnectionState) error { return errors.New("refused") }
	return config
}

// That one attempt was given up says nothing about the endpoint.
func TestAnAbortBlamesNoEndpoint(t *testing.T) {
	s := newSink(t, nil, serve(t, far(tls.VersionTLS13), (*peer).wait))
	c := dial(t, s)
	write(t, c, "record")
	c.Abort()
	if len(s.standing.failedAt) != 0 {
		t.Error("the endpoint is blamed")
	}
}
