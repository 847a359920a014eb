package local

import (
	"errors"
	"fmt"
	"io"
	"net"
)

// A Front is a proxy that passes TCP on between clients and the program behind it, and
// knows nothing of TLS: haproxy in mode tcp, socat, nginx stream, a balancer with a TCP
// listener.
type Front int

// The fronts.
const (
	// FrontNone is a client that is connected to the program itself.
	FrontNone Front = iota
	// FrontPass passes on how the program ends too.
	FrontPass
	// FrontLie keeps it to itself when the program dies: it takes what the client still
	// sends, drops it, and answers the client's FIN by its own.
	FrontLie
)

// front gives what the program accepts in place of a client: the connection itself, or
// the far end of another, with a proxy between the two. The proxy ends both.
func (r *Receiver) front(client *net.TCPConn, how Front) (program *net.TCPConn, err error) {
	if how == FrontNone {
		return client, nil
	}
	near, program, err := connected()
	if err != nil {
		return nil, fmt.Errorf("proxy: %w", err)
	}
	p := &proxy{client: client, near: near, lies: how == FrontLie}
	r.serving.Go(p.pass)
	return program, nil
}

// connected are the two ends of a connection.
func connected() (near, far *net.TCPConn, err error) {
	l, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = l.Close() }()
	if near, err = net.DialTCP("tcp4", nil, l.Addr().(*net.TCPAddr)); err != nil {
		return nil, nil, err
	}
	for {
		if far, err = l.AcceptTCP(); err != nil || far.RemoteAddr().String() == near.LocalAddr().String() {
			return near, far, errors.Join(err)
		}
		_ = far.Close() // somebody else's
	}
}

// A proxy is between two connections.
type proxy struct {
	client, near *net.TCPConn // near is connected to the program
	lies         bool
}

// pass ends when both directions have.
func (p *proxy) pass() {
	down := make(chan struct{})
	go func() {
		defer close(down)
		_, err := io.Copy(p.client, p.near)
		if err == nil && !p.lies {
			err = p.client.CloseWrite()
		}
		if err != nil && !p.lies {
			p.broken()
		}
	}()
	_, err := io.Copy(p.near, p.client)
	switch {
	case err == nil:
		err = p.near.CloseWrite()
	case p.lies:
		_, _ = io.Copy(io.Discard, p.client)
		_ = p.near.Close()
	}
	if err != nil && !p.lies {
		p.broken()
	}
	<-down
	_ = errors.Join(p.client.Close(), p.near.Close())
}

// broken breaks one connection as the other broke.
func (p *proxy) broken() {
	for _, c := range []*net.TCPConn{p.client, p.near} {
		_ = errors.Join(c.SetLinger(0), c.Close())
	}
}
