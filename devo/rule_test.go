package devo

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// ends are what a far end, or something before it, does with the end of a
// connection.
var ends = map[string]func(*peer){
	"close_notify and FIN":              func(p *peer) { readAll(p) },
	"FIN alone":                         func(p *peer) { p.readOn(); p.fin(); p.wait() },
	"close_notify only after our FIN":   func(p *peer) { p.readOn(); p.readToFIN(); p.Close() },
	"a proxy's FIN, nothing decrypted":  func(p *peer) { p.readToFIN(); p.fin(); p.wait() },
	"nothing, after everything is read": func(p *peer) { p.readOn(); p.wait() },
}

// TestWhatEachSettingBelieves: the rows are all that a far end can do, the columns
// what becomes of it.
func TestWhatEachSettingBelieves(t *testing.T) {
	const ok = delivery.Kind("")
	for end, want := range map[string]map[string]delivery.Kind{
		"close_notify and FIN":              {"notified": ok, "closed": ok, "drained": ok, "": ok},
		"FIN alone":                         {"notified": delivery.Unnotified, "closed": ok, "drained": ok, "": ok},
		"close_notify only after our FIN":   {"notified": ok, "closed": ok, "drained": ok, "": ok},
		"a proxy's FIN, nothing decrypted":  {"notified": delivery.Unnotified, "closed": ok, "drained": ok, "": ok},
		"nothing, after everything is read": {"notified": delivery.Unconfirmable, "closed": delivery.Unconfirmable, "drained": ok, "": delivery.Unconfirmable},
	} {
		for setting, kind := range want {
			for _, version := range versions {
				t.Run(end+"/"+setting+"/"+version.name, func(t *testing.T) {
					s := newSink(t, func(c *Config) { c.Confirm = setting }, serve(t, far(version.id), ends[end]))
					s.notify = delays[1]
					if strings.HasPrefix(end, "nothing") {
						s.ConfirmTimeout = 2 * delays[1]
					}
					c := dial(t, s)
					write(t, c, strings.Repeat("x", 10<<10))
					if err := c.Confirm(t.Context()); kind != ok {
						wantKind(t, err, kind)
					} else if err != nil {
						t.Fatal(err)
					}
				})
			}
		}
	}
}

// The FIN waits for the far end's close_notify: a proxy that answers a FIN itself
// must not get to do so first.
func TestOurFINWaitsForTheirCloseNotify(t *testing.T) {
	s := newSink(t, func(c *Config) { c.Confirm = "notified" }, serve(t, far(tls.VersionTLS13), func(p *peer) {
		p.readOn()
		_ = p.tcp.SetReadDeadline(time.Now().Add(delays[1]))
		if _, err := p.tcp.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Error("our FIN did not wait:", err)
		}
		_ = p.tcp.SetReadDeadline(time.Time{})
		p.closeNotify()
		if _, err := p.tcp.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			t.Error("our FIN did not follow:", err)
		}
	}))
	c := dial(t, s)
	write(t, c, "record")
	if err := c.Confirm(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// endings are a far end that ends each connection in another way.
func endings(t *testing.T, all ...string) string {
	next := make(chan string, len(all))
	for _, end := range all {
		next <- end
	}
	return serve(t, far(tls.VersionTLS13), func(p *peer) { ends[<-next](p) })
}

// attempt has a record confirmed.
func attempt(t *testing.T, s *Sink) error {
	c := dial(t, s)
	write(t, c, "record")
	return c.Confirm(t.Context())
}

const (
	good = "close_notify and FIN"
	bare = "FIN alone"
)

func TestOneCloseNotifyIsOwedFromThenOn(t *testing.T) {
	s := newSink(t, nil, endings(t, bare, good, bare, good, bare))
	s.notify = delays[1]
	for i, want := range []delivery.Kind{"", "", delivery.Unnotified, "", delivery.Unnotified} {
		if err := attempt(t, s); want != "" {
			wantKind(t, err, want)
		} else if err != nil {
			t.Fatal(i, err)
		}
	}
}

func TestEachEndpointOwesItsOwn(t *testing.T) {
	s := newSink(t, nil, endings(t, good, bare))
	s.notify = delays[1]
	if err := attempt(t, s); err != nil {
		t.Fatal(err)
	}
	other := endings(t, bare)
	s.Endpoints = []string{other}
	if err := attempt(t, s); err != nil {
		t.Fatal("never seen to send one:", err)
	}
}

// memory is the table's part, for several Sinks.
type memory struct {
	mu    sync.Mutex
	known map[string]bool
	calls []string
	down  error
}

func (m *memory) call(name string) error {
	m.calls = append(m.calls, name)
	return m.down
}

func (m *memory) Notified(_ context.Context, endpoint string) (since time.Time, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known[endpoint] {
		since = time.Unix(1, 0)
	}
	return since, m.call("notified")
}

func (m *memory) Learn(_ context.Context, endpoint string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.call("learn"); err != nil {
		return false, err
	}
	isNew := !m.known[endpoint]
	m.known[endpoint] = true
	return isNew, nil
}

func (m *memory) Forget(_ context.Context, endpoint string) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.call("forget"); err != nil {
		return false, err
	}
	known := m.known[endpoint]
	delete(m.known, endpoint)
	return known, nil
}

func (m *memory) took() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() { m.calls = nil }()
	return m.calls
}

// process is a Sink of its own with the memory of all; what it logs goes to log.
func process(t *testing.T, m *memory, log *strings.Builder, addr, confirm string) *Sink {
	s := newSink(t, func(c *Config) {
		c.Memory, c.Confirm = m, confirm
		if log != nil {
			c.Log = slog.New(slog.NewTextHandler(log, nil))
		}
	}, addr)
	s.notify = delays[1]
	return s
}

func wantCalls(t *testing.T, m *memory, want ...string) {
	t.Helper()
	if got := m.took(); !slices.Equal(got, want) {
		t.Errorf("calls %q, want %q", got, want)
	}
}

// What one process saw, every other knows; what was forgotten, all forget, and learn
// again.
func TestWhatWasLearnedIsRememberedByAll(t *testing.T) {
	m, log := &memory{known: make(map[string]bool)}, &strings.Builder{}
	addr := endings(t, bare, good, good, bare, bare, bare, good, bare)
	first, second := process(t, m, log, addr, ""), process(t, m, nil, addr, "")
	ok := func(s *Sink, calls ...string) {
		t.Helper()
		if err := attempt(t, s); err != nil {
			t.Fatal(err)
		}
		wantCalls(t, m, calls...)
	}
	ok(first, "notified")
	ok(first, "learn")
	if !strings.Contains(log.String(), "from now on") {
		t.Error("it was not logged:", log)
	}
	ok(first)
	wantKind(t, attempt(t, second), delivery.Unnotified)
	wantKind(t, attempt(t, first), delivery.Unnotified)
	m.known = make(map[string]bool) // by a person
	m.took()
	ok(first, "notified")
	ok(first, "learn")
	wantKind(t, attempt(t, second), delivery.Unnotified)
}

func TestTheFileForgets(t *testing.T) {
	for _, setting := range []string{"closed", "drained"} {
		m, log := &memory{known: make(map[string]bool)}, &strings.Builder{}
		addr := endings(t, bare, bare, bare)
		m.known[addr] = true
		wantKind(t, attempt(t, process(t, m, nil, addr, "")), delivery.Unnotified)
		m.took()
		s := process(t, m, log, addr, setting)
		for range 2 {
			if err := attempt(t, s); err != nil {
				t.Fatal(err)
			}
		}
		wantCalls(t, m, "forget")
		if !strings.Contains(log.String(), "forgotten, because the file sets confirm") {
			t.Errorf("%s: it was not logged: %s", setting, log)
		}
	}
}

// Nobody knows whether a close_notify is owed: then nothing is believed. What this
// process saw itself, it knows.
func TestMemoryThatIsDown(t *testing.T) {
	m := &memory{known: make(map[string]bool), down: errors.New("no answer")}
	s := process(t, m, nil, endings(t, bare, good, good, bare, good, bare), "")
	wantKind(t, attempt(t, s), delivery.LedgerFailed)
	for range 2 {
		if err := attempt(t, s); err != nil {
			t.Fatal("needs no memory:", err)
		}
	}
	wantCalls(t, m, "notified", "learn") // the second one pauses
	wantKind(t, attempt(t, s), delivery.Unnotified)
	m.down, m.calls = nil, nil
	clock := s.learned.now().Add(memoryPause)
	s.learned.now = func() time.Time { return clock }
	if err := attempt(t, s); err != nil {
		t.Fatal(err)
	}
	wantCalls(t, m, "learn")
	wantKind(t, attempt(t, s), delivery.Unnotified)
}

func TestConfirmSettingsThatMeanNothing(t *testing.T) {
	for _, c := range []struct{ sink, confirm string }{{"relay", "notified"}, {"http", "notified"}, {"http", "drained"}, {"syslog", "always"}} {
		_, err := New(Config{
			Sink: c.sink, Confirm: c.confirm, Endpoints: []string{"devo.example:443"}, ID: "x", Domain: "d",
			Identity: func(context.Context, bool) (KeyPair, error) { return domain, nil }, Log: slog.New(slog.DiscardHandler),
		})
		if err == nil || !strings.Contains(err.Error(), "confirm is") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
