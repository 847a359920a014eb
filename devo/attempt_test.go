package devo

import (
	"crypto/tls"
	"sync"
	"testing"
	"time"
)

// Each way for an attempt to end is told once.
func TestAttemptsAreTold(t *testing.T) {
	var mu sync.Mutex
	var told []Attempt
	s := newSink(t, func(c *Config) {
		c.Ended = func(a Attempt) {
			mu.Lock()
			defer mu.Unlock()
			told = append(told, a)
		}
	}, serve(t, far(tls.VersionTLS13), func(p *peer) { readAll(p) }))
	connect := func() *Conn {
		c, err := s.Dial(t.Context(), t.Context())
		if err != nil {
			t.Fatal(err)
		}
		write(t, c.(*Conn), "record")
		return c.(*Conn)
	}
	last := func(confirmed, framed bool) {
		t.Helper()
		mu.Lock()
		defer mu.Unlock()
		if len(told) != 1 || told[0].Confirmed != confirmed || told[0].Bytes > 0 != framed || told[0].Confirming > 0 != confirmed {
			t.Errorf("told %+v", told)
		}
		told = nil
	}
	c := connect()
	if err := c.Confirm(t.Context()); err != nil {
		t.Fatal(err)
	}
	last(true, true)
	connect().Abort()
	last(false, true)
	s.Endpoints = []string{closedPort(), closedPort()}
	if _, err := s.Dial(t.Context(), t.Context()); err == nil {
		t.Fatal("somebody listens")
	}
	last(false, false)
}

func TestCertificateEnd(t *testing.T) {
	s := newSink(t, nil, closedPort())
	end, err := s.CertificateEnd(t.Context())
	if want := time.Unix(1<<33, 0); err != nil || !end.Equal(want) {
		t.Errorf("%v, %v", end, err)
	}
}
