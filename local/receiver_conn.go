package local

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"
)

// An Act is what a receiver does instead of serving a connection well.
type Act int

// The acts. All but ActSilent happen when the connection has brought
// Behaviour.After bytes; what came before is read and recorded.
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
)

func (a Act) String() string {
	return [...]string{"served", "closed early", "closed, then reset", "reset early", "stalled", "silent"}[a]
}

// A Behaviour is how one connection is served; the zero value is as Devo does.
type Behaviour struct {
	// Do is the act, After so many bytes inside TLS.
	Do    Act
	After int64
	// Delay comes before the handshake, and before every close or reset.
	Delay time.Duration
	// BytesPerSecond slows the reading down; 0 = as fast as it goes.
	BytesPerSecond int64
}

// A session is one connection being served.
type session struct {
	*Receiver
	behaviour Behaviour
	state     *ConnState // under Receiver.mu
	tcp       *rawConn
	tls       *tls.Conn
	frames    *frames
	record    Record
}

func newSession(r *Receiver, tcp *net.TCPConn, state *ConnState) *session {
	s := &session{
		Receiver: r,
		state:    state,
		tcp:      &rawConn{TCPConn: tcp},
		frames:   newFrames(),
		record:   Record{Conn: state.ID},
	}
	if r.opt.Behave != nil {
		s.behaviour = r.opt.Behave(state.ID)
	}
	s.tls = tls.Server(s.tcp, r.tls)
	return s
}

// run serves the connection and says how it ended.
func (s *session) run() string {
	s.wait(s.behaviour.Delay)
	s.resumed()
	if err := s.tls.Handshake(); err != nil {
		return "refused: " + err.Error()
	}
	s.mu.Lock()
	s.state.Client = s.tls.ConnectionState().PeerCertificates[0].Subject.CommonName
	s.mu.Unlock()

	start := time.Now()
	for total := int64(0); ; {
		s.resumed()
		room, acts := s.share(s.frames.room(), total)
		if acts {
			return s.act()
		}
		n, err := s.tls.Read(room)
		total += int64(n)
		s.frames.filled(n)
		s.take(n)
		if err == nil && s.frames.rest() > frameLimit {
			err = fmt.Errorf("frame over %d bytes", frameLimit)
		}
		if err != nil {
			return s.over(err)
		}
		if rate := s.behaviour.BytesPerSecond; rate > 0 {
			due := time.Duration(float64(total) / float64(rate) * float64(time.Second))
			s.wait(due - time.Since(start))
		}
	}
}

// share is how much of room the next read may fill; acts is true when the
// bytes to read before the behaviour's act are there.
func (s *session) share(room []byte, total int64) (share []byte, acts bool) {
	limit := int64(len(room))
	if s.behaviour.BytesPerSecond > 0 {
		limit = min(limit, max(s.behaviour.BytesPerSecond/50, 1))
	}
	if s.behaviour.Do != ActServe && s.behaviour.Do != ActSilent {
		limit = min(limit, s.behaviour.After-total)
	}
	return room[:max(limit, 0)], limit <= 0
}

// take hands on the events that the last n bytes completed.
func (s *session) take(n int) {
	s.record.At = time.Now()
	read := Counts{Bytes: int64(n)}
	for {
		event, whole, ok := s.frames.next()
		if !ok {
			break
		}
		if !whole || !s.record.parse(event) {
			read.Malformed++
			s.keep(event)
			continue
		}
		read.Records++
		if s.opt.OnRecord != nil {
			s.opt.OnRecord(s.record)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Bytes += read.Bytes
	s.state.Records += read.Records
	s.state.Malformed += read.Malformed
}

func (s *session) keep(event []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.malformed) < keptMalformed {
		s.malformed = append(s.malformed, append([]byte(nil), event[:min(len(event), keptBytes)]...))
	}
}

// over ends a connection that gave err, and says how it ended.
func (s *session) over(err error) string {
	s.mu.Lock()
	s.state.Truncated = int64(s.frames.rest())
	s.mu.Unlock()
	switch {
	case s.closed():
		return "closed"
	case errors.Is(err, syscall.ECONNRESET):
		return "reset"
	case !errors.Is(err, io.EOF):
		return "broken: " + err.Error()
	case s.behaviour.Do == ActSilent:
		<-s.done
		return ActSilent.String()
	}
	end := "close_notify"
	if s.tcp.fin {
		end = "fin"
	}
	s.wait(s.behaviour.Delay)
	_ = s.tls.Close()
	return end
}

// act does what the behaviour says and gives the act's name. That the client
// may be gone by then is all that can fail.
func (s *session) act() string {
	do := s.behaviour.Do
	if do == ActStall {
		<-s.done
		return do.String()
	}
	if do == ActCloseThenReset {
		_ = errors.Join(s.tls.CloseWrite(), s.tcp.CloseWrite())
	}
	s.wait(s.behaviour.Delay)
	if do == ActClose {
		_ = s.tls.Close()
	} else {
		_ = s.tcp.SetLinger(0) // serve's close then is a reset
	}
	return do.String()
}

// rawConn reads ahead, so that a read is not one system call for each TLS
// record, and remembers whether the client's FIN was seen.
type rawConn struct {
	*net.TCPConn
	buf        []byte
	start, end int
	fin        bool
}

func (c *rawConn) Read(p []byte) (int, error) {
	if c.start == c.end {
		if c.buf == nil {
			c.buf = make([]byte, 16*readSize)
		}
		n, err := c.TCPConn.Read(c.buf)
		c.start, c.end = 0, n
		c.fin = errors.Is(err, io.EOF)
		if n == 0 {
			return 0, err
		}
	}
	n := copy(p, c.buf[c.start:c.end])
	c.start += n
	return n, nil
}
