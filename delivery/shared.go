package delivery

import (
	"sync/atomic"
	"time"
)

const (
	// smallObject is how many stored bytes an object may have to go by the shared
	// lane. Usually its records take some milliseconds of one core, of which a
	// connection of its own would add half a millisecond; ten objects that wait in
	// memory for their turn take 2.5 MiB.
	smallObject = 256 << 10
	// turnLimit is how long an object waits for its turn. Who takes longer is slow,
	// or small only while it is packed.
	turnLimit = 2 * time.Second
)

// A sharedLane is the one for the small objects of a batch: a connection of its
// own would cost each more than all the rest. Workers open, claim and read such
// objects side by side and write them in turn, out of memory: so nobody waits for
// another's S3 or ledger, and for its writing turnLimit at most.
//
// It is for messages that may share a connection, and until a dial or a write
// failed: then each worker has its own again, and does not wait for what failed
// already. What the price is: a fault takes what all have written since the last
// confirmation, and they write it again.
type sharedLane struct {
	lane    *lane
	turn    chan struct{} // holds one entry while somebody has the lane
	broke   bool          // under turn
	slow    atomic.Bool   // somebody has had it for long, and has it still
	look    *time.Timer   // of watch
	sharers int           // messages that may still use it; under run.mu
}

func newSharedLane(r *run) *sharedLane {
	s := &sharedLane{lane: newLane(r), turn: make(chan struct{}, 1)}
	s.look = time.AfterFunc(time.Hour, s.watch)
	s.look.Stop()
	return s
}

// laneFor is the lane that an object of m is to go by, and what must be called
// when it is written, with whether the lane failed: the shared one, or the
// worker's own. That an object is small is not enough: it must be there at once.
func (r *run) laneFor(own *lane, m *message, b *body) (l *lane, done func(failed bool)) {
	r.mu.Lock()
	shares := m.shares
	r.mu.Unlock()
	if !shares {
		return own, func(bool) {}
	}
	all := false
	if b.left() <= smallObject {
		// What fails here is known, or comes again, when the body is read.
		_ = own.call(func() error { all = b.readAhead(); return nil })
	}
	if !all {
		r.sharesNoMore(m)
		return own, func(bool) {}
	}
	if !r.shared.board() {
		return own, func(bool) {}
	}
	own.rotate() // nobody looks after it meanwhile
	return r.shared.lane, r.shared.leave
}

// board waits for the turn, until leave. It is false when that takes too long,
// or once the lane broke.
func (s *sharedLane) board() bool {
	patience := turnLimit
	if s.slow.Load() {
		patience = 0
	}
	wait := time.NewTimer(patience)
	defer wait.Stop()
	select {
	case s.turn <- struct{}{}:
	case <-wait.C:
		s.slow.Store(true)
		return false
	case <-s.lane.stop.Done():
		return false
	}
	if s.broke {
		<-s.turn
		return false
	}
	return true
}

// leave ends what board began.
func (s *sharedLane) leave(failed bool) {
	s.broke = s.broke || failed
	s.slow.Store(false)
	s.lookAfter()
	<-s.turn
}

// watch retires the connection when that is due and nobody writes on it: who
// does looks after it then.
func (s *sharedLane) watch() {
	select {
	case s.turn <- struct{}{}:
		// A panic of the connection's makes nothing worse: it is looked at again.
		_ = guarded(func() error { s.lookAfter(); return nil })
		<-s.turn
	default:
	}
}

// lookAfter retires the connection when that is due, and has it looked at again.
// Under turn.
func (s *sharedLane) lookAfter() {
	if s.lane.due() {
		s.lane.rotate()
	}
	if s.lane.conn != nil {
		s.look.Reset(time.Second)
	}
}

// sharesNoMore takes a message off those that may still use the shared lane.
// Behind the last the connection is confirmed, beside what else there is to do.
func (r *run) sharesNoMore(m *message) {
	r.mu.Lock()
	last := m.shares && r.shared.sharers == 1
	if m.shares {
		m.shares = false
		r.shared.sharers--
	}
	r.mu.Unlock()
	if last { // so nobody has the turn, but watch for a moment
		r.shared.turn <- struct{}{}
		r.shared.lane.rotate()
		<-r.shared.turn
	}
}

// end leaves nothing of it behind.
func (s *sharedLane) end() {
	s.turn <- struct{}{}
	s.lane.retire()
	s.look.Stop()
	<-s.turn
}
