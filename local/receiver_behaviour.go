package local

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"time"
)

// An Act is what a receiver does instead of serving a connection well.
type Act int

// The acts. All but ActSilent, ActForget and ActBare happen when the connection has
// brought Behaviour.After bytes; what came before is read and recorded, but for
// what a balancer holds.
const (
	// ActServe reads all and answers the end by closing.
	ActServe Act = iota
	// ActClose closes: close_notify, FIN, and a reset for what is or comes unread.
	ActClose
	// ActCloseThenReset sends close_notify and FIN, then, Delay later, a reset.
	ActCloseThenReset
	// ActReset is a TCP reset.
	ActReset
	// ActStall never reads again and keeps the connection open.
	ActStall
	// ActSilent reads all and never answers the end.
	ActSilent
	// ActForget is a balancer's that answers the end itself, whatever the
	// application has read, and Delay later dies with the rest; 0 = it does not.
	ActForget
	// ActBare reads all and answers the end by closing TCP alone: no close_notify.
	ActBare
)

func (a Act) String() string {
	return [...]string{"served", "closed early", "closed, then reset", "reset early", "stalled", "silent", "forgot", "closed without close_notify"}[a]
}

// A Handshake is how the receiver takes part in TLS's.
type Handshake int

// The handshakes.
const (
	// TLSServe is as Devo's.
	TLSServe Handshake = iota
	// TLSRefuse does not know the authority of the client's certificate.
	TLSRefuse
	// TLSExpired presents a certificate whose time has ended.
	TLSExpired
)

// A Behaviour is how one connection is served; the zero value is as Devo does.
type Behaviour struct {
	TLS Handshake
	// Do is the act, After so many bytes inside TLS.
	Do    Act
	After int64
	// Delay comes before the handshake, and before every close or reset.
	Delay time.Duration
	// BytesPerSecond slows the reading down; 0 = as fast as it goes. What was not
	// read is in the kernels' buffers, or with a load balancer.
	BytesPerSecond int64
	// Front puts a proxy that passes TCP on before all else.
	Front Front
	// Hold puts a load balancer before the application: it reads at once, holds
	// up to so many bytes that the application, at BytesPerSecond, has not read
	// yet, and answers the end when that has read everything. An early end drops
	// what it holds. 0 = none.
	Hold int
}

// handshake is the TLS side of a connection.
func (r *Receiver) handshake(how Handshake) *tls.Config {
	switch config := r.tls.Clone(); how {
	case TLSRefuse:
		config.ClientCAs = x509.NewCertPool()
		return config
	case TLSExpired:
		config.Certificates = []tls.Certificate{r.expired}
		return config
	}
	return r.tls
}

// Admit makes a client certificate, PEM, the only one that is taken from now
// on, for handshakes that resume a session too. nil admits all of the
// Authority's.
func (r *Receiver) Admit(cert []byte) {
	block, _ := pem.Decode(cert)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.admitted = nil
	if block != nil {
		r.admitted = block.Bytes
	}
}

func (r *Receiver) admits(state tls.ConnectionState) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.admitted != nil && !bytes.Equal(r.admitted, state.PeerCertificates[0].Raw) {
		return errors.New("this certificate is not admitted any more")
	}
	return nil
}
