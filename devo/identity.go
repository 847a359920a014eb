package devo

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"time"
)

// A KeyPair is what a Devo domain's credentials page gives: the certificate
// that selects the domain, its key, and the chain that the endpoints'
// certificates are issued under, all PEM. Line ends may be LF, CRLF or the two
// characters \n, as they are in a secret that was pasted. Chain may be empty.
type KeyPair struct {
	Cert, Key, Chain []byte
}

// ParseKeyPair reads a secret: a JSON object with the strings cert, key and
// chain. Its errors show nothing of the secret.
func ParseKeyPair(secretJSON []byte) (KeyPair, error) {
	var secret struct{ Cert, Key, Chain string }
	// encoding/json's own errors quote what they stumble on.
	if json.Unmarshal(secretJSON, &secret) != nil {
		return KeyPair{}, errors.New("the secret is not a JSON object with the strings cert, key and chain")
	}
	pair := KeyPair{[]byte(secret.Cert), []byte(secret.Key), []byte(secret.Chain)}
	if _, _, err := pair.parse(); err != nil {
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

// parse gives the client's certificate, and the system's roots with the
// chain's added.
func (k KeyPair) parse() (tls.Certificate, *x509.CertPool, error) {
	var none tls.Certificate
	if len(k.Cert) == 0 {
		return none, nil, errors.New("cert is missing")
	}
	if len(k.Key) == 0 {
		return none, nil, errors.New("key is missing")
	}
	cert, err := tls.X509KeyPair(unfold(k.Cert), unfold(k.Key))
	if err != nil {
		return none, nil, fmt.Errorf("cert and key: %w", err)
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return none, nil, fmt.Errorf("the system's certificates: %w", err)
	}
	if len(k.Chain) > 0 && !roots.AppendCertsFromPEM(unfold(k.Chain)) {
		return none, nil, errors.New("chain has no PEM certificate")
	}
	return cert, roots, nil
}

// unfold turns the two characters \n into a line end. PEM has no other
// backslash.
func unfold(pem []byte) []byte {
	pem = bytes.ReplaceAll(pem, []byte(`\r`), nil)
	return bytes.ReplaceAll(pem, []byte(`\n`), []byte("\n"))
}

// tlsConfig is the TLS side of the key pair, which it reads for the first
// connection and, at most once a minute, for the first one after a refusal.
func (s *Sink) tlsConfig(ctx context.Context) (*tls.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	again := s.refused && s.now().Sub(s.reread) >= time.Minute
	if s.tls != nil && !again {
		return s.tls, nil
	}
	if again {
		s.reread = s.now()
		s.Log.Info("devo: the key pair was refused, reading it again")
	}
	pair, err := s.Identity(ctx, again)
	if err != nil {
		return nil, err
	}
	cert, roots, err := pair.parse()
	if err != nil {
		return nil, err
	}
	s.tls, s.refused = newTLSConfig(cert, roots, s.Verify), false
	return s.tls, nil
}

// doubt notes that the far end refused the key pair.
func (s *Sink) doubt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = true
}

func newTLSConfig(cert tls.Certificate, roots *x509.CertPool, verify string) *tls.Config {
	config := &tls.Config{
		MinVersion: tls.VersionTLS12,
		RootCAs:    roots,
		// Not Certificates: those are left out, silently, when the far end's
		// list of authorities does not name their issuer.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &cert, nil },
		ClientSessionCache:   tls.NewLRUClientSessionCache(0),
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

// refuses tells whether err is such an alert. crypto/tls has no exported type
// for an alert it received, but the text is the same.
func refuses(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error" &&
		slices.ContainsFunc(refusals, func(a tls.AlertError) bool { return a.Error() == op.Err.Error() })
}
