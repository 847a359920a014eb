package delivery

import (
	"sync"
	"time"

	"github.com/devo-s3/collector/parsers"
)

const (
	// idleLimit retires a connection before Devo's own limit of 30 s could cut
	// it with records on it.
	idleLimit = 15 * time.Second
	// connLimit is how many of a lane's connections may be unsettled, the one
	// written to included; it bounds what is unconfirmed.
	connLimit = 3
	// headerLimit bounds the headers kept for one connection.
	headerLimit = 4096
)

// A span is a run of one object's records on one connection. It belongs to the
// writing goroutine until the connection is retired, then to settle.
type span struct {
	o       *object
	to      int64           // Index after the last record
	restart parsers.Restart // the latest place at or before to
	counts  Counts

	settled, confirmed bool // under o.mu
}

// A lane is one worker's connection, or the batch's, with what it carries.
// Retired connections are confirmed beside the one in use.
type lane struct {
	*run
	conn      Conn
	connected bool // the last Dial worked
	spans     []*span
	opened    time.Time
	written   int64     // when last looked at
	touched   time.Time // when written was last seen to grow

	source  string // of headers
	headers map[string][]byte

	slots   chan struct{} // holds one entry for each connection not settled
	closing sync.WaitGroup
}

func newLane(r *run) *lane { return &lane{run: r, slots: make(chan struct{}, connLimit)} }

// begin opens a span of o on the lane's connection, dialling if there is none.
func (l *lane) begin(o *object) (*span, *Error) {
	if l.due() {
		l.rotate()
	}
	if l.conn == nil {
		if err := l.dial(); err != nil {
			return nil, err
		}
	}
	s := &span{o: o}
	l.spans = append(l.spans, s)
	o.mu.Lock()
	o.spans = append(o.spans, s)
	o.unsettled++
	o.mu.Unlock()
	return s, nil
}

// dial waits until few enough connections are unsettled, and opens another.
func (l *lane) dial() *Error {
	if Expired(l.stop) { // of two ready cases select takes either
		return stopped
	}
	select {
	case l.slots <- struct{}{}:
	case <-l.stop.Done():
		return stopped
	}
	var conn Conn
	err := guarded(func() (err error) {
		conn, err = l.Sink.Dial(l.stop, l.confirm)
		return err
	})
	l.connected = err == nil
	if err != nil {
		<-l.slots
		return l.cause(err)
	}
	l.conn, l.spans, l.opened = conn, nil, time.Now()
	l.written, l.touched = 0, l.opened
	clear(l.headers)
	return nil
}

// header is the frame header of a tag on this connection.
func (l *lane) header(source string, tag []byte) []byte {
	if l.source != source || len(l.headers) >= headerLimit {
		l.source, l.headers = source, make(map[string][]byte)
	}
	if h, ok := l.headers[string(tag)]; ok {
		return h
	}
	h := l.conn.Header(source, string(tag))
	l.headers[string(tag)] = h
	return h
}

// due tells whether the connection should be confirmed: it has carried enough,
// or is old, or idle. Whoever makes the lane wait must ask now and then.
func (l *lane) due() bool {
	if l.conn == nil {
		return false
	}
	now, written := time.Now(), l.conn.Written()
	if written != l.written {
		l.written, l.touched = written, now
	}
	return written >= l.ConfirmBytes || now.Sub(l.opened) >= l.ConfirmTime || now.Sub(l.touched) >= idleLimit
}

// call waits for f, which may take long, and retires the connection meanwhile
// when that is due. A panic of f is an error.
func (l *lane) call(f func() error) error {
	if l.conn == nil { // nor will there be one: only this goroutine dials
		return guarded(f)
	}
	done := make(chan error, 1)
	go func() { done <- guarded(f) }()
	look := time.NewTicker(time.Second)
	defer look.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-look.C:
			if l.due() {
				l.rotate()
			}
		}
	}
}

// rotate retires the connection at a record boundary and confirms it beside;
// the next record opens another.
func (l *lane) rotate() {
	if l.conn == nil {
		return
	}
	conn, spans := l.conn, l.spans
	l.conn, l.spans = nil, nil
	l.closing.Go(func() {
		l.settle(spans, guarded(func() error { return conn.Confirm(l.confirm) }))
		<-l.slots
	})
}

// fail drops the connection: nothing it carried may be believed.
func (l *lane) fail(err *Error) {
	if l.conn == nil {
		return
	}
	conn, spans := l.conn, l.spans
	l.conn, l.spans = nil, nil
	// A panic of Abort makes nothing worse: the connection is given up.
	_ = guarded(func() error { conn.Abort(); return nil })
	l.settle(spans, err)
	<-l.slots
}

// busy tells whether anything written is not settled yet.
func (l *lane) busy() bool { return len(l.slots) > 0 }

// retire confirms everything written and waits for it.
func (l *lane) retire() {
	l.rotate()
	l.closing.Wait()
}
