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

// RecordRefused is the end of a connection that brought a refused event.
const RecordRefused = "record refused"

// A session is one connection being served.
type session struct {
	*Receiver
	behaviour Behaviour
	state     *ConnState // under Receiver.mu
	tcp       *rawConn
	tls       *tls.Conn
	frames    *frames
	record    Record
	hangs     bool // the connection stays open when all is done
}

func newSession(r *Receiver, tcp *net.TCPConn, state *ConnState, how Behaviour) *session {
	s := &session{
		Receiver:  r,
		behaviour: how,
		state:     state,
		tcp:       &rawConn{TCPConn: tcp},
		frames:    newFrames(),
		record:    Record{Conn: state.ID},
	}
	if how.Hold == 0 {
		s.tcp.rate, s.tcp.wait = how.BytesPerSecond, s.wait
	}
	s.tls = tls.Server(s.tcp, r.handshake(s.behaviour.TLS))
	return s
}

// run serves the connection and says how it ended.
func (s *session) run() string {
	s.wait(s.behaviour.Delay)
	s.resumed()
	if err := s.tls.Handshake(); err != nil {
		return "refused: " + err.Error()
	}
	shaken := s.tls.ConnectionState()
	s.mu.Lock()
	s.state.Client, s.state.Resumed = shaken.PeerCertificates[0].Subject.CommonName, shaken.DidResume
	s.mu.Unlock()

	if s.behaviour.Hold > 0 {
		return s.balanced()
	}
	for total := int64(0); ; {
		s.resumed()
		room, acts := s.share(s.frames.room(), total)
		if acts {
			return s.act()
		}
		n, err := s.tls.Read(room)
		total += int64(n)
		s.frames.filled(n)
		if !s.take(n) {
			_ = s.tcp.SetLinger(0) // serve's close then is a reset
			return RecordRefused
		}
		if err == nil && s.frames.rest() > frameLimit {
			err = fmt.Errorf("frame over %d bytes", frameLimit)
		}
		if err != nil {
			return s.over(err)
		}
	}
}

// share is how much of room the next read may fill; acts is true when the
// bytes to read before the behaviour's act are there.
func (s *session) share(room []byte, total int64) (share []byte, acts bool) {
	limit := int64(len(room))
	switch s.behaviour.Do {
	case ActServe, ActSilent, ActForget, ActBare:
	default:
		limit = min(limit, s.behaviour.After-total)
	}
	return room[:max(limit, 0)], limit <= 0
}

// take hands on the events that the last n bytes completed, until there is one
// to refuse: then it is false.
func (s *session) take(n int) (all bool) {
	s.record.At = time.Now()
	read := Counts{Bytes: int64(n)}
	for all = true; all; {
		event, whole, ok := s.frames.next()
		if !ok {
			break
		}
		if !whole || !s.record.parse(event) {
			read.Malformed++
			s.keep(event)
			continue
		}
		if s.opt.Refuse != nil && s.opt.Refuse(s.record) {
			all = false
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
	return all
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
		s.hangs = true
		return ActSilent.String()
	case s.behaviour.Do == ActBare:
		return ActBare.String()
	}
	end := "close_notify"
	if s.tcp.fin {
		end = "fin"
	}
	s.wait(s.behaviour.Delay)
	if s.tls.Close() != nil {
		return "reset" // the client did not wait for the answer
	}
	return end
}

// act does what the behaviour says and gives the act's name. That the client
// may be gone by then is all that can fail.
func (s *session) act() string {
	do := s.behaviour.Do
	if do == ActStall {
		s.hangs = true
		return do.String()
	}
	if do == ActCloseThenReset {
		_ = errors.Join(s.tls.CloseWrite(), s.tcp.CloseWrite())
	}
	s.wait(s.behaviour.Delay)
	switch {
	case do != ActClose:
		_ = s.tcp.SetLinger(0) // serve's close then is a reset
	case s.ahead():
		_ = errors.Join(s.tls.CloseWrite(), s.tcp.SetLinger(0))
	default:
		_ = s.tls.Close()
	}
	return do.String()
}

// ahead tells whether bytes were taken off the socket that nobody has read. To
// the client that must look as if they were still there: a receiver that takes
// everything and closes without looking at it cannot be told from a good one.
func (s *session) ahead() bool {
	_ = s.tcp.SetReadDeadline(time.Unix(1, 0)) // what is not here yet is the kernel's
	n, _ := s.tls.Read(make([]byte, 1))
	return n > 0
}

// rawConn reads ahead, so that a read is not one system call for each TLS
// record, and remembers whether the client's FIN was seen. A slow one takes no more off
// the socket than it is to read: the rest stays in the kernels' buffers of both ends.
type rawConn struct {
	*net.TCPConn
	buf        []byte
	start, end int
	fin        bool
	rate       int64               // bytes per second; 0 = as fast as it goes
	wait       func(time.Duration) // set with rate
}

func (c *rawConn) Read(p []byte) (int, error) {
	if c.start == c.end {
		if c.buf == nil {
			c.buf = make([]byte, 16*readSize)
		}
		room := c.buf
		if c.rate > 0 {
			room = room[:min(int64(len(room)), max(c.rate/50, 1))]
		}
		n, err := c.TCPConn.Read(room)
		if c.rate > 0 {
			c.wait(time.Duration(n) * time.Second / time.Duration(c.rate))
		}
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
