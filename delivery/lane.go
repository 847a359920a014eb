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
	// closingLimit is how many of a lane's connections may await confirmation
	// beside the one written to; it bounds what is unconfirmed.
	closingLimit = 2
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

// A lane is one worker's connection, with what it carries. Retired connections
// are confirmed beside the one in use.
type lane struct {
	*run
	conn      Conn
	connected bool // the last Dial worked
	spans     []*span
	opened    time.Time
	touched   time.Time // last known write
	idleSince time.Time // zero unless bytes are being waited for

	source  string // of headers
	headers map[string][]byte

	closing  sync.WaitGroup
	slotFree chan struct{} // holds one entry for each connection closing
}

// begin opens a span of o on the lane's connection, dialling if there is none.
func (l *lane) begin(o *object) (*span, *Error) {
	if l.conn != nil && time.Since(l.touched) > idleLimit {
		l.rotate()
	}
	if l.conn == nil {
		conn, err := l.Sink.Dial(l.stop)
		l.connected = err == nil
		if err != nil {
			return nil, asError(err)
		}
		l.conn, l.spans, l.opened = conn, nil, time.Now()
		clear(l.headers)
	}
	l.touched = time.Now()
	s := &span{o: o}
	l.spans = append(l.spans, s)
	o.mu.Lock()
	o.spans = append(o.spans, s)
	o.unsettled++
	o.mu.Unlock()
	return s, nil
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

// due tells whether the connection has carried enough to be confirmed.
func (l *lane) due() bool {
	l.touched = time.Now()
	l.idleSince = time.Time{}
	return l.conn != nil && (l.conn.Written() >= l.ConfirmBytes || time.Since(l.opened) >= l.ConfirmTime)
}

// stale tells, while bytes are being waited for, whether the connection should
// be retired: it has been idle, or what it carries waits for confirmation.
func (l *lane) stale() bool {
	if l.conn == nil {
		return false
	}
	if l.idleSince.IsZero() {
		l.idleSince = time.Now()
	}
	return time.Since(l.idleSince) >= idleLimit || time.Since(l.opened) >= l.ConfirmTime
}

// rotate retires the connection at a record boundary and confirms it beside;
// the next record opens another.
func (l *lane) rotate() {
	if l.conn == nil {
		return
	}
	conn, spans := l.conn, l.spans
	l.conn, l.spans = nil, nil
	if l.slotFree == nil {
		l.slotFree = make(chan struct{}, closingLimit)
	}
	l.slotFree <- struct{}{}
	l.closing.Go(func() {
		defer func() { <-l.slotFree }()
		if err := conn.Confirm(l.confirm); err != nil {
			l.settle(spans, asError(err))
			return
		}
		l.settle(spans, nil)
	})
}

// fail drops the connection: nothing it carried may be believed.
func (l *lane) fail(err *Error) {
	if l.conn == nil {
		return
	}
	conn, spans := l.conn, l.spans
	l.conn, l.spans = nil, nil
	conn.Abort()
	l.settle(spans, err)
}

// busy tells whether anything written is not settled yet.
func (l *lane) busy() bool { return l.conn != nil || len(l.slotFree) > 0 }

// retire confirms everything written and waits for it.
func (l *lane) retire() {
	l.rotate()
	l.closing.Wait()
}
