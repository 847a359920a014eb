package devo

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

const token = "a5370c9e8f7d7edf9d00112233445566"

// An httpFar is an HTTP endpoint that keeps what it is sent, by path.
type httpFar struct {
	mu     sync.Mutex
	bodies map[string]string
	posts  int
}

// serveHTTP answers requests as answer says, or with 200.
func serveHTTP(t *testing.T, answer http.HandlerFunc) (*httpFar, string) {
	t.Helper()
	f := &httpFar{bodies: make(map[string]string)}
	config := far(tls.VersionTLS13)
	config.ClientAuth = tls.NoClientCert
	l := must(tls.Listen("tcp", "127.0.0.1:0", config))
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if answer != nil {
			answer(w, r)
			return
		}
		f.keep(r)
	})}
	done := make(chan bool)
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() { server.Close(); <-done })
	return f, l.Addr().String()
}

func (f *httpFar) keep(r *http.Request) {
	var in io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		in = must(gzip.NewReader(r.Body))
	}
	body := must(io.ReadAll(in))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.posts++
	f.bodies[r.Method+" "+r.URL.Path] += string(body)
}

func toHTTP(c *Config) {
	c.Sink, c.Domain = "http", "acme"
	c.Identity = func(context.Context, bool) (KeyPair, error) { return KeyPair{Token: token, Chain: trusted.pem}, nil }
}

func dialHTTP(t *testing.T, s *Sink) delivery.Conn {
	t.Helper()
	c, err := s.Dial(t.Context(), t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// Each tag has its own requests, of lines; what breaks a line is escaped, so
// that no record can begin another.
func TestHTTPPostsEachTagsLines(t *testing.T) {
	for _, zips := range []bool{false, true} {
		t.Run(fmt.Sprintf("gzip %t", zips), func(t *testing.T) {
			f, addr := serveHTTP(t, nil)
			s := newSink(t, func(c *Config) { toHTTP(c); c.Gzip = zips }, addr)
			c := dialHTTP(t, s)
			want := make(map[string]*strings.Builder)
			for i := range 40_000 {
				tag := []string{"my.app.a", "my.app.b", "../x?y#z%2f"}[i%3]
				record := fmt.Sprintf("%d %s", i, strings.Repeat("x", i%100))
				if i%1000 == 0 {
					record += "\n<14>forged\r\x00"
				}
				if err := c.Write(c.Header("source", tag), []byte(record)); err != nil {
					t.Fatal(err)
				}
				path := "POST /stream/acme/token!" + token + "/collector-acme-source/" + []string{"my.app.a", "my.app.b", ".._x_y_z_2f"}[i%3]
				if want[path] == nil {
					want[path] = new(strings.Builder)
				}
				want[path].WriteString(strings.NewReplacer("\n", `\n`, "\r", `\r`, "\x00", `\0`).Replace(record) + "\n")
			}
			if err := c.Confirm(t.Context()); err != nil {
				t.Fatal(err)
			}
			size := 0
			for path, body := range want {
				size += body.Len()
				if f.bodies[path] != body.String() {
					t.Errorf("%s has %d bytes, want %d", path, len(f.bodies[path]), body.Len())
				}
			}
			if len(f.bodies) != len(want) || f.posts < size/gatherLimit || f.posts > 2*size/gatherLimit+3 {
				t.Errorf("%d requests to %d paths for %d bytes", f.posts, len(f.bodies), size)
			}
			if c.Written() != int64(size) {
				t.Errorf("counted %d bytes of %d", c.Written(), size)
			}
			if end, err := s.CertificateEnd(t.Context()); err != nil || !end.IsZero() {
				t.Errorf("a certificate that ends at %s, %v", end, err)
			}
		})
	}
}

func TestHTTPConfirmsNothingButAnAnswerOf2xx(t *testing.T) {
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Location", "https://"+r.Host+"/elsewhere") // never to be followed
			w.WriteHeader(code)
			fmt.Fprint(w, r.URL.Path) // an answer may quote the request
		}
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		kind   delivery.Kind // "" = confirmed
		says   string
	}{
		"200":                           {status(200), "", ""},
		"204":                           {status(204), "", ""},
		"301":                           {status(301), delivery.DevoUnavailable, "301 Moved Permanently"},
		"307":                           {status(307), delivery.DevoUnavailable, "307 Temporary Redirect"},
		"400":                           {status(400), delivery.DevoUnavailable, "400 Bad Request"},
		"401":                           {status(401), delivery.DevoRefused, "token was refused"},
		"403":                           {status(403), delivery.DevoRefused, "token was refused"},
		"413 before the body":           {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusRequestEntityTooLarge) }, delivery.DevoUnavailable, ""},
		"429":                           {status(429), delivery.DevoUnavailable, "429"},
		"503":                           {status(503), delivery.DevoUnavailable, "503"},
		"no answer":                     {silent, delivery.Unconfirmable, "no answer in time"},
		"closes":                        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, delivery.DevoUnavailable, ""},
		"an answer that is cut":         {hijacked("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"), delivery.DevoUnavailable, ""},
		"no HTTP, quoting what it read": {hijacked("/token!" + token + "\r\n\r\n"), delivery.DevoUnavailable, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, addr := serveHTTP(t, test.answer)
			s := newSink(t, func(c *Config) { toHTTP(c); c.ConfirmTimeout = 300 * time.Millisecond }, addr)
			for where, send := range map[string]func(delivery.Conn) error{
				"confirm": func(c delivery.Conn) error {
					return errors.Join(c.Write(c.Header("s", "my.app.x"), []byte("record")), c.Confirm(t.Context()))
				},
				"write": func(c delivery.Conn) error {
					if err := c.Write(c.Header("s", "my.app.x"), make([]byte, gatherLimit)); err != nil {
						if again := c.Confirm(t.Context()); again == nil {
							t.Error("confirmed after a write that failed")
						}
						return err
					}
					return c.Confirm(t.Context())
				},
			} {
				err := send(dialHTTP(t, s))
				if test.kind == "" {
					if err != nil {
						t.Errorf("%s: %v", where, err)
					}
					continue
				}
				wantKind(t, err, test.kind)
				if strings.Contains(err.Error(), token) || !strings.Contains(err.Error(), test.says) {
					t.Errorf("%s: %v", where, err)
				}
			}
		})
	}
}

// silent reads and says nothing, not even that it is done when the client goes:
// that may still be read, and would be an answer.
func silent(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

// hijacked answers with these bytes and closes.
func hijacked(answer string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			panic(err)
		}
		_, _ = c.Write([]byte(answer))
		c.Close()
	}
}

// A token that was refused is asked for again, as a key pair is.
func TestHTTPReadsARefusedTokenAgain(t *testing.T) {
	_, refusing := serveHTTP(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "token!old/") {
			w.WriteHeader(http.StatusUnauthorized)
		}
	})
	present, refreshed := "old", []bool(nil)
	s := newSink(t, func(c *Config) {
		toHTTP(c)
		c.Identity = func(_ context.Context, refresh bool) (KeyPair, error) {
			refreshed = append(refreshed, refresh)
			return KeyPair{Token: present, Chain: trusted.pem}, nil
		}
	}, refusing)
	send := func() error {
		c := dialHTTP(t, s)
		return errors.Join(c.Write(c.Header("s", "my.app.x"), []byte("record")), c.Confirm(t.Context()))
	}
	wantKind(t, send(), delivery.DevoRefused)
	present = "new"
	if err := send(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(refreshed, []bool{false, true}) {
		t.Errorf("asked %v", refreshed)
	}
}

func TestHTTPEndsWithItsContext(t *testing.T) {
	_, addr := serveHTTP(t, silent)
	c := dialHTTP(t, newSink(t, toHTTP, addr))
	if err := c.Write(c.Header("s", "my.app.x"), []byte("record")); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	wantKind(t, c.Confirm(ctx), delivery.Unconfirmable)
}

func TestHTTPAbortSendsNothing(t *testing.T) {
	f, addr := serveHTTP(t, nil)
	c := dialHTTP(t, newSink(t, toHTTP, addr))
	if err := c.Write(c.Header("s", "my.app.x"), []byte("record")); err != nil {
		t.Fatal(err)
	}
	c.Abort()
	if f.posts != 0 {
		t.Errorf("%d requests", f.posts)
	}
}

// The far end is verified as by syslog.
func TestHTTPVerifiesTheEndpoint(t *testing.T) {
	for name, pair := range map[string]KeyPair{
		"an unknown authority": stranger.issue("127.0.0.1"), "another name": trusted.issue("other.test"),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := newSink(t, toHTTP, serveAs(t, pair)).Dial(t.Context(), t.Context())
			wantKind(t, err, delivery.DevoUnavailable)
		})
	}
	if _, err := newSink(t, toHTTP, serveTCP(t, func(c net.Conn) { _, _ = c.Write([]byte("HTTP/1.1 200 OK\r\n\r\n")) })).Dial(t.Context(), t.Context()); err == nil {
		t.Error("connected without TLS")
	}
}

func TestTokenOfTheSecret(t *testing.T) {
	for secret, want := range map[string]string{
		`{"token":"` + token + `"}`:                    "",
		`{"token":"` + token + `","chain":"x"}`:        "chain has no PEM certificate",
		`{"token":"` + token + `/../x"}`:               "not of letters and digits",
		`{"token":"` + strings.Repeat("a", 257) + `"}`: "not of letters and digits",
		`{"token":7}`:  "not a JSON object",
		`{"cert":"x"}`: "key is missing",
		`{}`:           "cert is missing",
	} {
		pair, err := ParseKeyPair([]byte(secret))
		if want == "" && (err != nil || pair.Token != token) || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", secret, err, want)
		}
		if err != nil && strings.Contains(err.Error(), token) {
			t.Errorf("the error shows the token: %v", err)
		}
	}
	s := newSink(t, func(c *Config) {
		toHTTP(c)
		c.Identity = func(context.Context, bool) (KeyPair, error) { return domain, nil }
	}, closedPort())
	_, err := s.Dial(t.Context(), t.Context())
	wantKind(t, err, delivery.DevoUnavailable)
	if !strings.Contains(err.Error(), "token is missing") {
		t.Error(err)
	}
}

func TestSinksThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		change func(*Config)
		want   string // "" = can
	}{
		{func(c *Config) { c.Sink = "udp" }, `sink is "udp", not syslog or http or relay`},
		{func(c *Config) { c.Sink = "http" }, "no domain"},
		{func(c *Config) { c.Gzip, c.Multiline = true, "octet" }, "octet with gzip"},
		{func(c *Config) { toHTTP(c); c.Multiline = "octet" }, "octet with gzip or the HTTP endpoint"},
		{func(c *Config) { toHTTP(c); c.Confirm = "drained" }, "answers each request"},
		{func(c *Config) { toRelay(c); c.Gzip = true }, "gzip to a relay"},
		{func(c *Config) { toRelay(c); c.Multiline = "octet" }, ""},
		{func(c *Config) { toHTTP(c); c.Gzip = true }, ""},
		{func(c *Config) { c.Gzip = true }, ""},
	} {
		c := Config{Endpoints: []string{"h:1"}, ID: "x", Log: slog.New(slog.DiscardHandler), Identity: func(context.Context, bool) (KeyPair, error) { return domain, nil }}
		test.change(&c)
		_, err := New(c)
		if test.want == "" && err != nil || test.want != "" && !strings.Contains(fmt.Sprint(err), test.want) {
			t.Errorf("%v, want %q", err, test.want)
		}
	}
}

// More tags than requests at once: each request gives back its slot.
func TestHTTPConfirmsMoreTagsThanRequestsAtOnce(t *testing.T) {
	var posts atomic.Int64
	_, addr := serveHTTP(t, func(http.ResponseWriter, *http.Request) { posts.Add(1) })
	s := newSink(t, toHTTP, addr)
	c, err := s.Dial(t.Context(), t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const tags = 3*postLimit + 1
	for i := range tags {
		if err := c.Write(c.Header("source", fmt.Sprint("my.app.t.n", i)), []byte("record")); err != nil {
			t.Fatal(err)
		}
	}
	if err := c.Confirm(t.Context()); err != nil || posts.Load() != tags {
		t.Errorf("%d posts for %d tags, %v", posts.Load(), tags, err)
	}
}
