package local

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

const (
	// keptMalformed is how many malformed frames are kept, each up to
	// keptBytes of it.
	keptMalformed = 10
	keptBytes     = 512
)

// ReceiverOptions say how a Receiver is to be. Only Authority is needed.
type ReceiverOptions struct {
	// Authority issued the certificates of both ends; clients of another are refused.
	Authority *Authority
	// MaxVersion is the newest TLS version spoken (tls.VersionTLS12 …); 0 = 1.3.
	MaxVersion uint16
	// OnRecord gets each event, in the order of its connection; it is called
	// by all connections at once.
	OnRecord func(Record)
	// Behave says how the nth connection, from 1, is served; nil = all well.
	Behave func(conn int64) Behaviour
	// Refuse tells of an event that must not be taken: its connection is reset
	// before it counts. nil = none.
	Refuse func(Record) bool
	// OnEnd is told how each connection ended.
	OnEnd func(ConnState)
}

// Counts are what connections brought.
type Counts struct {
	Bytes     int64 // inside TLS
	Records   int64
	Malformed int64 // frames that are no event
	Truncated int64 // bytes of last frames that never ended; no record
}

// A ConnState is one connection as the receiver saw it.
type ConnState struct {
	ID     int64
	Client string // the common name of its certificate: the Devo domain
	Remote string // the client's address
	// End is how it ended, "" while it is open: "close_notify" (which was
	// answered), "fin" (without close_notify), "reset", "refused: …" (in the
	// handshake), "broken: …", "record refused", the name of an Act, or "closed"
	// with the receiver. One that is stalled or silent stays open all the same.
	End     string
	Resumed bool // of an earlier connection's TLS session
	Counts
}

// A Receiver takes events over mutual TLS as Devo's does: it reads all there
// is, and answers the client's close by closing.
type Receiver struct {
	opt      ReceiverOptions
	tls      *tls.Config
	expired  tls.Certificate // what the end of one's time looks like
	listener *net.TCPListener
	done     chan struct{}
	closing  sync.Once
	serving  sync.WaitGroup

	mu        sync.Mutex
	conns     []*ConnState
	ended     chan struct{} // closed and renewed whenever a connection ends
	open      map[*net.TCPConn]struct{}
	malformed [][]byte
	paused    chan struct{} // nil, or closed by Resume
	admitted  []byte        // the one client certificate that is taken, DER; nil = all
}

// StartReceiver listens on a free port of 127.0.0.1.
func StartReceiver(opt ReceiverOptions) (*Receiver, error) {
	certificate, err := opt.Authority.server(time.Now().Add(validity))
	if err != nil {
		return nil, fmt.Errorf("receiver: %w", err)
	}
	expired, err := opt.Authority.server(time.Now().Add(-time.Minute))
	if err != nil {
		return nil, fmt.Errorf("receiver: %w", err)
	}
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, fmt.Errorf("receiver: %w", err)
	}
	r := &Receiver{
		opt: opt,
		tls: &tls.Config{
			Certificates: []tls.Certificate{certificate},
			ClientAuth:   tls.RequireAndVerifyClientCert,
			ClientCAs:    opt.Authority.pool(),
			MinVersion:   tls.VersionTLS12,
			MaxVersion:   opt.MaxVersion,
		},
		expired:  expired,
		listener: listener,
		done:     make(chan struct{}),
		ended:    make(chan struct{}),
		open:     make(map[*net.TCPConn]struct{}),
	}
	r.tls.VerifyConnection = r.admits
	r.serving.Go(r.accept)
	return r, nil
}

// Addr is the receiver's host:port.
func (r *Receiver) Addr() string { return r.listener.Addr().String() }

// Conns is every connection so far, in the order of their numbers.
func (r *Receiver) Conns() []ConnState {
	r.mu.Lock()
	defer r.mu.Unlock()
	states := make([]ConnState, len(r.conns))
	for i, c := range r.conns {
		states[i] = *c
	}
	return states
}

// Opened is how many connections there were so far.
func (r *Receiver) Opened() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return int64(len(r.conns))
}

// Counts is the sum over all connections.
func (r *Receiver) Counts() Counts {
	var sum Counts
	for _, c := range r.Conns() {
		sum.Bytes += c.Bytes
		sum.Records += c.Records
		sum.Malformed += c.Malformed
		sum.Truncated += c.Truncated
	}
	return sum
}

// Malformed is the beginnings of the first frames that were no event.
func (r *Receiver) Malformed() [][]byte {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.malformed[:len(r.malformed):len(r.malformed)]
}

// Pause stops all reading, and all handshakes, until Resume: an endpoint that hangs.
func (r *Receiver) Pause() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.paused == nil {
		r.paused = make(chan struct{})
	}
}

// Resume ends a Pause.
func (r *Receiver) Resume() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.paused != nil {
		close(r.paused)
		r.paused = nil
	}
}

// Settle waits until every connection whose client is gone, closed or killed
// at the time of the call, has been read to its end.
func (r *Receiver) Settle(ctx context.Context) error {
	left, err := r.orphans()
	if err != nil {
		return fmt.Errorf("settle: %w", err)
	}
	for {
		r.mu.Lock()
		ended := r.ended
		for id := range left {
			if r.conns[id-1].End != "" {
				delete(left, id)
			}
		}
		r.mu.Unlock()
		if len(left) == 0 {
			return nil
		}
		select {
		case <-ended:
		case <-ctx.Done():
			return fmt.Errorf("settle: %d connections not read to their end: %w", len(left), context.Cause(ctx))
		}
	}
}

// Close stops listening and ends what is open, by a reset where bytes are unread.
func (r *Receiver) Close() error {
	var err error
	r.closing.Do(func() {
		close(r.done)
		err = r.listener.Close()
		r.mu.Lock()
		defer r.mu.Unlock()
		for c := range r.open {
			_ = c.Close()
		}
	})
	r.serving.Wait()
	return err
}

func (r *Receiver) accept() {
	for {
		c, err := r.listener.AcceptTCP()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// Out of descriptors, most likely: some are given back soon.
			r.wait(100 * time.Millisecond)
			continue
		}
		r.mu.Lock()
		state := &ConnState{ID: int64(len(r.conns)) + 1, Remote: c.RemoteAddr().String()}
		r.conns = append(r.conns, state)
		r.open[c] = struct{}{}
		r.mu.Unlock()
		if r.closed() {
			_ = c.Close() // Close has passed over it
		}
		r.serving.Go(func() { r.serve(c, state) })
	}
}

// serve is one connection's life.
func (r *Receiver) serve(client *net.TCPConn, state *ConnState) {
	behaviour := Behaviour{}
	if r.opt.Behave != nil {
		behaviour = r.opt.Behave(state.ID)
	}
	var hangs bool
	var end string
	tcp, err := r.front(client, behaviour.Front)
	if err != nil {
		tcp, end = client, "broken: "+err.Error()
	} else {
		session := newSession(r, tcp, state, behaviour)
		end = session.run()
		hangs = session.hangs
	}

	r.mu.Lock()
	state.End = end
	close(r.ended)
	r.ended = make(chan struct{})
	ended := *state
	r.mu.Unlock()
	if r.opt.OnEnd != nil {
		r.opt.OnEnd(ended)
	}
	if hangs {
		<-r.done
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.open, client)
	_ = tcp.Close()
}

// wait ends early when the receiver is closed.
func (r *Receiver) wait(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.done:
	}
}

func (r *Receiver) closed() bool {
	select {
	case <-r.done:
		return true
	default:
		return false
	}
}

// resumed waits for the end of a Pause.
func (r *Receiver) resumed() {
	r.mu.Lock()
	paused := r.paused
	r.mu.Unlock()
	if paused == nil {
		return
	}
	select {
	case <-paused:
	case <-r.done:
	}
}
