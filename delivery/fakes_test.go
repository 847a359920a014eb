package delivery

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/devo-s3/collector/events"
)

// memStore is a bucket in memory. reading, if set, is called before each Read
// with the object's key and the offset.
type memStore struct {
	mu      sync.Mutex
	objects map[string]memObject
	opens   map[string]int
	puts    int
	coding  string // Content-Encoding of every object
	reading func(ctx context.Context, key string, off int64) error
}

type memObject struct {
	body []byte
	etag string
}

func (s *memStore) put(key, body string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects == nil {
		s.objects, s.opens = make(map[string]memObject), make(map[string]int)
	}
	s.puts++
	s.objects[key] = memObject{[]byte(body), fmt.Sprintf("%x-%d", len(body), s.puts)}
}

func (s *memStore) Open(ctx context.Context, o events.Object, off, length int64) (*Body, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	m, ok := s.objects[o.Key]
	switch {
	case !ok:
		return nil, Fail(NotFound, "get %s: no such key", o.Key)
	case o.ETag != "" && o.ETag != m.etag:
		return nil, ErrSuperseded
	}
	s.opens[o.Key]++
	end := int64(len(m.body))
	if length >= 0 {
		end = off + length
	}
	ctx, cancel := context.WithCancel(ctx)
	r := &memReader{ctx: ctx, cancel: cancel, s: s, key: o.Key, off: off, r: bytes.NewReader(m.body[off:end])}
	return &Body{ReadCloser: r, ETag: m.etag, Size: int64(len(m.body)), ContentEncoding: s.coding}, nil
}

type memReader struct {
	ctx    context.Context
	cancel context.CancelFunc
	s      *memStore
	key    string
	off    int64
	r      *bytes.Reader
}

func (r *memReader) Read(p []byte) (int, error) {
	if r.s.reading != nil {
		if err := r.s.reading(r.ctx, r.key, r.off); err != nil {
			return 0, err
		}
	}
	n, err := r.r.Read(p[:min(len(p), 1<<10)])
	r.off += int64(n)
	return n, err
}

func (r *memReader) Close() error {
	r.cancel()
	return nil
}

// memLedger is a ledger in memory. fail, if set, is asked before each call.
type memLedger struct {
	mu    sync.Mutex
	items map[Identity]*memItem
	fail  func(call string, id Identity) error
	log   []string

	volatile bool // as with no ledger at all
}

type memItem struct {
	owner    string
	revision int64
	until    time.Time
	pos      Position
	done     bool
}

func (l *memLedger) ask(call string, id Identity) error {
	l.log = append(l.log, call+" "+id.Key)
	if l.fail != nil {
		return l.fail(call, id)
	}
	return nil
}

func (l *memLedger) Sync(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ask("sync", Identity{})
}

func (l *memLedger) Now() time.Time { return time.Now() }

func (l *memLedger) Claim(_ context.Context, id Identity, owner string, lease time.Duration) (Claim, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ask("claim", id); err != nil {
		return Claim{}, err
	}
	if l.items == nil {
		l.items = make(map[Identity]*memItem)
	}
	it := l.items[id]
	switch {
	case l.volatile:
		return Claim{ID: id, Owner: owner, Volatile: true}, nil
	case it == nil:
		it = &memItem{}
		l.items[id] = it
	case it.done:
		return Claim{ID: id, Done: true, Position: it.pos}, nil
	case it.until.After(time.Now()):
		e := Fail(Claimed, "held by %s", it.owner)
		e.Until = it.until
		return Claim{}, e
	}
	abandoned := ""
	if it.owner != owner && !it.until.IsZero() {
		abandoned = it.owner
	}
	it.owner, it.until = owner, time.Now().Add(lease)
	it.revision++
	return Claim{ID: id, Owner: owner, Revision: it.revision, Position: it.pos, Abandoned: abandoned}, nil
}

func (l *memLedger) held(call string, c Claim, f func(*memItem)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.ask(call, c.ID); err != nil {
		return err
	}
	it := l.items[c.ID]
	if l.volatile {
		return nil
	}
	// A revision that is behind is that of a write whose answer was lost.
	if it == nil || it.owner != c.Owner || c.Revision > it.revision {
		return Fail(LedgerFailed, "lost the lease")
	}
	f(it)
	it.revision++
	return nil
}

func (l *memLedger) Advance(_ context.Context, c Claim, p Position) (Claim, error) {
	err := l.held("advance", c, func(it *memItem) {
		it.pos = p
		c.Revision = it.revision + 1
	})
	return c, err
}

func (l *memLedger) Done(_ context.Context, c Claim, p Position) error {
	return l.held("done", c, func(it *memItem) { it.pos, it.done = p, true })
}

func (l *memLedger) Release(_ context.Context, c Claim) error {
	return l.held("release", c, func(it *memItem) { it.until = time.Time{} })
}

// memSink believes what it is told to. confirmed holds the records of
// confirmed connections only, as tag + " " + record.
type memSink struct {
	mu        sync.Mutex
	conns     int
	open      int
	written   []string
	confirmed []string
	dial      func(n int) error
	write     func(n int, record string) error
	confirm   func(ctx context.Context, n int, records []string) error
	full      func(tag string) bool
}

func (s *memSink) Dial(_, life context.Context) (Conn, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns++
	if s.dial != nil {
		if err := s.dial(s.conns); err != nil {
			return nil, err
		}
	}
	s.open++
	return &memConn{s: s, n: s.conns, life: life}, nil
}

type memConn struct {
	s       *memSink
	n       int
	life    context.Context
	bytes   int64
	records []string
}

func (c *memConn) Header(_, tag string) []byte { return fmt.Appendf(nil, "%d %s", c.n, tag) }

func (c *memConn) Full(header []byte) bool {
	_, tag, _ := strings.Cut(string(header), " ")
	return c.s.full != nil && c.s.full(tag)
}

func (c *memConn) Write(header, record []byte) error {
	n, tag, _ := strings.Cut(string(header), " ")
	if n != fmt.Sprint(c.n) {
		return Fail(Internal, "a header of connection %s on %d", n, c.n)
	}
	if c.s.write != nil {
		if err := c.s.write(c.n, string(record)); errors.Is(err, errHangs) {
			<-c.life.Done()
			return Fail(Unconfirmable, "write: %w", context.Cause(c.life))
		} else if err != nil {
			return err
		}
	}
	c.bytes += int64(len(header) + len(record))
	r := tag + " " + string(record)
	c.records = append(c.records, r)
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.written = append(c.s.written, r)
	return nil
}

func (c *memConn) Written() int64 { return c.bytes }

func (c *memConn) Confirm(ctx context.Context) error {
	var err error
	if c.s.confirm != nil {
		err = c.s.confirm(ctx, c.n, c.records)
	}
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.open--
	if err == nil {
		c.s.confirmed = append(c.s.confirmed, c.records...)
	}
	return err
}

func (c *memConn) Abort() {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.s.open--
}

// memQueue remembers what it was asked.
type memQueue struct {
	mu        sync.Mutex
	delays    map[string]time.Duration
	continued []string
	deleted   []string
	refuse    error
}

func (q *memQueue) Delay(_ context.Context, _, receipt string, d time.Duration) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.delays == nil {
		q.delays = make(map[string]time.Duration)
	}
	q.delays[receipt] = d
	return nil
}

func (q *memQueue) Delete(_ context.Context, _ string, receipts []string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.deleted = append(q.deleted, receipts...)
	return nil
}

func (q *memQueue) Continue(_ context.Context, bodies []string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.refuse != nil {
		return q.refuse
	}
	q.continued = append(q.continued, bodies...)
	return nil
}

// memReport keeps the outcomes by message id.
type memReport struct {
	mu  sync.Mutex
	all map[string]Outcome

	flights []Flight
}

func (r *memReport) InFlight(f Flight) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flights = append(r.flights, f)
}

func (r *memReport) Message(o Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = make(map[string]Outcome)
	}
	r.all[o.Message.ID] = o
}

// errHangs makes a write wait for the end of its connection's life.
var errHangs = errors.New("hangs")

var errBroken = errors.New("reset by peer")

var (
	_ Store     = (*memStore)(nil)
	_ Ledger    = (*memLedger)(nil)
	_ Sink      = (*memSink)(nil)
	_ Conn      = (*memConn)(nil)
	_ Queue     = (*memQueue)(nil)
	_ Reporter  = (*memReport)(nil)
	_ io.Reader = (*memReader)(nil)
)
