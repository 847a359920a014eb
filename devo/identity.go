package devo

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"time"
)

// A KeyPair is what a Devo domain's credentials page gives: the certificate
// that selects the domain, its key, and the chain that the endpoints'
// certificates are issued under, all PEM. Intermediates of the certificate itself
// may be behind it in Cert, or anywhere in Chain. Line ends may be LF, CRLF or the
// two characters \n, as they are in a secret that was pasted. Chain may be empty.
// For the HTTP endpoint there is the Token in place of Cert and Key.
type KeyPair struct {
	Cert, Key, Chain []byte
	Token            string
}

// ParseKeyPair reads a secret: a JSON object with the strings cert and key, or
// else token, and chain. Its errors show nothing of the secret.
func ParseKeyPair(secretJSON []byte) (KeyPair, error) {
	var secret struct{ Cert, Key, Chain, Token string }
	// encoding/json's own errors quote what they stumble on.
	if json.Unmarshal(secretJSON, &secret) != nil {
		return KeyPair{}, errors.New("the secret is not a JSON object with the strings cert, key and chain, or token")
	}
	pair := KeyPair{[]byte(secret.Cert), []byte(secret.Key), []byte(secret.Chain), secret.Token}
	sink := "syslog"
	if pair.Token != "" {
		sink = "http"
	}
	if _, err := pair.parse(sink, "full"); err != nil {
		return KeyPair{}, fmt.Errorf("the secret: %w", err)
	}
	return pair, nil
}

// ReadKeyPair reads a key pair from PEM files, for a run outside AWS. chain may
// be "".
func ReadKeyPair(cert, key, chain string) (pair KeyPair, err error) {
	for _, f := range []struct {
		path string
		pem  *[]byte
	}{{cert, &pair.Cert}, {key, &pair.Key}, {chain, &pair.Chain}} {
		if f.path == "" {
			continue
		}
		var failed error
		*f.pem, failed = os.ReadFile(f.path)
		err = errors.Join(err, failed)
	}
	return pair, err
}

// A pass is a key pair as a connection shows it.
type pass struct {
	tls   *tls.Config
	token string
	ends  time.Time // zero without a certificate
}

var tokenPattern = regexp.MustCompile(`\A[A-Za-z0-9]+\z`)

// isToken tells whether text may stand in a URL's path as it is. A pattern with
// the length in it would be 256 times as long to compile, at each start.
func isToken(text string) bool { return len(text) <= 256 && tokenPattern.MatchString(text) }

// parse gives the pass for a sink. Believed are the system's roots with the
// chain's added.
func (k KeyPair) parse(sink, verify string) (*pass, error) {
	if sink == "relay" {
		return &pass{}, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("the system's certificates: %w", err)
	}
	chain := certificates(unfold(k.Chain))
	if len(k.Chain) > 0 && len(chain) == 0 {
		return nil, errors.New("chain has no PEM certificate")
	}
	for _, c := range chain {
		roots.AddCert(c)
	}
	config := newTLSConfig(roots, verify)
	switch {
	case sink == "http" && k.Token == "":
		return nil, errors.New("token is missing")
	case sink == "http" && !isToken(k.Token):
		return nil, errors.New("token is not of letters and digits alone")
	case sink == "http":
		return &pass{tls: config, token: k.Token}, nil
	case len(k.Cert) == 0:
		return nil, errors.New("cert is missing")
	case len(k.Key) == 0:
		return nil, errors.New("key is missing")
	}
	cert, err := tls.X509KeyPair(unfold(k.Cert), unfold(k.Key))
	if err != nil {
		return nil, fmt.Errorf("cert and key: %w", err)
	}
	cert.Certificate = append(cert.Certificate, intermediates(cert, chain)...)
	// Not Certificates: those are left out, silently, when the far end's list of
	// authorities does not name their issuer.
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil }
	return &pass{tls: config, ends: cert.Leaf.NotAfter}, nil
}

// certificates are those of a PEM text. What is none, or cannot be read, is left
// out, as x509.CertPool does.
func certificates(text []byte) (all []*x509.Certificate) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil && block.Type == "CERTIFICATE" {
			all = append(all, c)
		}
	}
	return all
}

// intermediates are those that a far end needs behind a certificate and that
// chain has, in their order, DER: each issued the one before. A root is not sent:
// whoever does not have it would not believe it.
func intermediates(cert tls.Certificate, chain []*x509.Certificate) (all [][]byte) {
	last, err := x509.ParseCertificate(cert.Certificate[len(cert.Certificate)-1])
	if err != nil {
		return nil // the far end says what it makes of that
	}
	for range chain { // a circle has no end
		i := slices.IndexFunc(chain, func(c *x509.Certificate) bool { return issued(c, last) && !issued(c, c) })
		if i < 0 {
			break
		}
		last = chain[i]
		all = append(all, last.Raw)
	}
	return all
}

// issued reports whether a certificate was issued by an authority's.
func issued(authority, c *x509.Certificate) bool {
	return bytes.Equal(authority.RawSubject, c.RawIssuer) && c.CheckSignatureFrom(authority) == nil
}

// unfold turns the two characters \n into a line end. PEM has no other
// backslash.
func unfold(text []byte) []byte {
	text = bytes.ReplaceAll(text, []byte(`\r`), nil)
	return bytes.ReplaceAll(text, []byte(`\n`), []byte("\n"))
}

// identify gives the pass. It reads the key pair for the first connection and,
// at most once a minute, for the first one after a refusal.
func (s *Sink) identify(ctx context.Context) (*pass, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := s.refused && s.now().Sub(s.reread) >= time.Minute
	if s.pass != nil && !again {
		return s.pass, nil
	}
	if again {
		s.reread = s.now()
		s.Log.Info("devo: the key pair was refused, reading it again")
	}
	var pair KeyPair
	if s.Sink != "relay" {
		var err error
		if pair, err = s.Identity(ctx, again); err != nil {
			return nil, err
		}
	}
	pass, err := pair.parse(s.Sink, s.Verify)
	if err != nil {
		return nil, err
	}
	s.pass, s.refused = pass, false
	return pass, nil
}

// CertificateEnd is when the certificate in use ends, zero where the sink needs
// none. It reads the key pair if no connection has needed it yet.
func (s *Sink) CertificateEnd(ctx context.Context) (time.Time, error) {
	pass, err := s.identify(ctx)
	if err != nil {
		return time.Time{}, err
	}
	return pass.ends, nil
}

// doubt notes that the far end refused the key pair.
func (s *Sink) doubt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = true
}

func newTLSConfig(roots *x509.CertPool, verify string) *tls.Config {
	config := &tls.Config{
		MinVersion:         tls.VersionTLS12,
		RootCAs:            roots,
		ClientSessionCache: tls.NewLRUClientSessionCache(0),
		// Small first records serve a browser that waits for the first byte.
		DynamicRecordSizingDisabled: true,
	}
	if verify == "chain" {
		config.InsecureSkipVerify = true // of the name: VerifyConnection checks the rest
		config.VerifyConnection = func(far tls.ConnectionState) error {
			between := x509.NewCertPool()
			for _, c := range far.PeerCertificates[1:] {
				between.AddCert(c)
			}
			_, err := far.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
			return err
		}
	}
	return config
}

// refusals are the alerts of a far end that does not accept the certificate:
// those of RFC 8446 section 6.2 that name it, access_denied, decrypt_error (its
// signature), and handshake_failure, which OpenSSL sends when an application's
// own check said no.
var refusals = []tls.AlertError{40, 42, 43, 44, 45, 46, 48, 49, 51, 116}

// errRefused is the HTTP endpoint's refusal of the token.
var errRefused = errors.New("the token was refused")

// refuses tells whether err is such an alert, or errRefused. crypto/tls has no
// exported type for an alert it received, but the text is the same.
func refuses(err error) bool {
	var op *net.OpError
	return errors.Is(err, errRefused) || errors.As(err, &op) && op.Op == "remote error" &&
		slices.ContainsFunc(refusals, func(a tls.AlertError) bool { return a.Error() == op.Err.Error() })
}
