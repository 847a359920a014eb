package devo

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/devo-s3/collector/delivery"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An authority issues certificates.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func newAuthority(name string) *authority { return (*authority)(nil).newAuthority(name) }

// newAuthority is one that a issued; nil is itself.
func (a *authority) newAuthority(name string) *authority {
	made := &authority{key: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		IsCA: true, BasicConstraintsValid: true,
	}
	parent, key := template, made.key
	if a != nil {
		parent, key = a.cert, a.key
	}
	der := must(x509.CreateCertificate(rand.Reader, template, parent, &made.key.PublicKey, key))
	made.cert = must(x509.ParseCertificate(der))
	made.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return made
}

// issue gives a key pair whose certificate is for an IP address, or for a name.
func (a *authority) issue(name string) KeyPair {
	key := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	der := must(x509.CreateCertificate(rand.Reader, template, a.cert, &key.PublicKey, a.key))
	return KeyPair{
		Cert:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		Key:   pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(key))}),
		Chain: a.pem,
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// What every test may share: one trusted authority, one that is not.
var (
	trusted  = newAuthority("trusted")
	stranger = newAuthority("stranger")
	domain   = trusted.issue("domain.test")
	endpoint = trusted.issue("127.0.0.1")
)

// far is a far end's TLS configuration: it demands a client certificate.
func far(version uint16) *tls.Config {
	clients := x509.NewCertPool()
	clients.AddCert(trusted.cert)
	return &tls.Config{
		Certificates: []tls.Certificate{must(tls.X509KeyPair(endpoint.Cert, endpoint.Key))},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: clients,
		MinVersion: version, MaxVersion: version,
	}
}

// A peer is the far end of one connection.
type peer struct {
	*tls.Conn
	tcp  *net.TCPConn
	over <-chan struct{} // closed at the test's end
}

func (p *peer) wait() { <-p.over }

func (p *peer) reset() {
	_ = p.tcp.SetLinger(0)
	p.tcp.Close()
}

func (p *peer) closeNotify()       { _ = p.CloseWrite() }
func (p *peer) fin()               { _ = p.tcp.CloseWrite() }
func (p *peer) readOn()            { _ = drain(p.Conn) } // to close_notify
func (p *peer) readToFIN()         { _ = drain(p.tcp) }
func (p *peer) sendRaw(b ...byte)  { _, _ = p.tcp.Write(b) }
func (p *peer) takeOnly(bytes int) { _ = p.tcp.SetReadBuffer(bytes) }

// serve runs handle for each connection and gives the address. The connection
// is closed when handle returns, and all have returned when the test ends.
func serve(t testing.TB, config *tls.Config, handle func(*peer)) string {
	t.Helper()
	l := must(net.Listen("tcp", "127.0.0.1:0"))
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() {
				p := &peer{tls.Server(c, config), c.(*net.TCPConn), t.Context().Done()}
				defer p.tcp.Close()
				if p.HandshakeContext(t.Context()) == nil {
					handle(p)
				}
			})
		}
	})
	t.Cleanup(func() {
		l.Close()
		running.Wait()
	})
	return l.Addr().String()
}

// newSink gives a Sink with the domain's key pair; change may adjust its
// configuration.
func newSink(t testing.TB, change func(*Config), endpoints ...string) *Sink {
	t.Helper()
	c := Config{
		Endpoints: endpoints, ID: "acme",
		Identity:       func(context.Context, bool) (KeyPair, error) { return domain, nil },
		ConfirmTimeout: 20 * time.Second, StallTimeout: 20 * time.Second,
		Log: slog.New(slog.DiscardHandler),
	}
	if change != nil {
		change(&c)
	}
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func dial(t testing.TB, s *Sink) *Conn {
	t.Helper()
	c, err := s.Dial(t.Context(), t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Abort)
	return c.(*Conn)
}

func write(t testing.TB, c *Conn, record string) {
	t.Helper()
	if err := c.Write(c.Header("source", "my.app.t.x"), []byte(record)); err != nil {
		t.Fatal(err)
	}
}

// push sends what was written so far.
func push(t testing.TB, c *Conn) {
	t.Helper()
	if err := c.flush(); err != nil {
		t.Fatal(err)
	}
	if err := c.link.flush(); err != nil {
		t.Fatal(err)
	}
}

// wantKind fails unless err is of the kind.
func wantKind(t testing.TB, err error, kind delivery.Kind) {
	t.Helper()
	if err == nil {
		t.Fatalf("got success, want %s", kind)
	}
	if got := delivery.KindOf(err); got != kind {
		t.Fatalf("got %v, want %s", err, kind)
	}
}

// readAll reads to the end and closes as a good far end does.
func readAll(p *peer) []byte {
	b, _ := io.ReadAll(p)
	p.Close()
	return b
}
