package delivery

import "time"

// smallObject is how many stored bytes an object may have to go by the common
// lane. Its records take some milliseconds of one core, of which a connection of
// its own would add half a millisecond; ten objects that wait in memory for their
// turn take 2.5 MiB.
const smallObject = 256 << 10

// A common is the one lane for the small objects of a batch: a connection of its
// own would cost each more than all the rest. Workers open, claim and read such
// objects side by side and write them in turn, out of memory: so nobody waits
// for another's S3 or ledger.
//
// It is for messages that may share a connection, and only while that works:
// once it broke, each worker has its own again, and does not wait for what
// failed already.
type common struct {
	lane   *lane
	turn   chan struct{} // holds one entry while somebody has the lane
	broke  bool          // under turn
	look   *time.Timer   // of watch
	coming int           // messages that may still use it; under run.mu
}

func newCommon(r *run) *common {
	c := &common{lane: newLane(r), turn: make(chan struct{}, 1)}
	c.look = time.AfterFunc(time.Hour, c.watch)
	c.look.Stop()
	return c
}

// turnLimit is how long an object waits for its turn. Small ones take some
// milliseconds each; more than that is a far end that is slow, or an object that
// is small only while it is packed.
const turnLimit = 2 * time.Second

// share reads a small object of m ahead and gives the common lane for it, until
// leave. If it is not ok the object goes by the worker's own: it is large or
// slow, m must not share, or the lane broke or is taken for too long.
func (r *run) share(own *lane, m *message, b *body) (l *lane, ok bool) {
	r.mu.Lock()
	coming := m.coming
	r.mu.Unlock()
	if !coming {
		return nil, false
	}
	if b.left() <= smallObject {
		// What fails here is known, or comes again, when the body is read.
		_ = own.call(b.hold)
	}
	if b.over == nil {
		r.came(m)
		return nil, false
	}
	c, wait := r.common, time.NewTimer(turnLimit)
	defer wait.Stop()
	select {
	case c.turn <- struct{}{}:
	case <-wait.C:
		return nil, false
	case <-r.stop.Done():
		return nil, false
	}
	if c.broke {
		<-c.turn
		return nil, false
	}
	return c.lane, true
}

// leave ends what share began. An error is the connection's.
func (c *common) leave(broken *Error) {
	c.broke = c.broke || broken != nil && broken != stopped
	if c.lane.conn != nil {
		c.look.Reset(time.Second)
	}
	<-c.turn
}

// watch retires the connection when that is due and nobody writes on it.
func (c *common) watch() {
	select {
	case c.turn <- struct{}{}:
	default: // whoever has the lane looks
		c.look.Reset(time.Second)
		return
	}
	if c.lane.due() {
		c.lane.rotate()
	}
	if c.lane.conn != nil {
		c.look.Reset(time.Second)
	}
	<-c.turn
}

// came takes a message off those that may still use the common lane. Behind the
// last the connection is confirmed, beside what else there is to do.
func (r *run) came(m *message) {
	r.mu.Lock()
	last := m.coming && r.common.coming == 1
	if m.coming {
		m.coming = false
		r.common.coming--
	}
	r.mu.Unlock()
	if last {
		r.common.turn <- struct{}{}
		r.common.lane.rotate()
		<-r.common.turn
	}
}

// end leaves nothing of it behind.
func (c *common) end() {
	c.turn <- struct{}{}
	c.look.Stop()
	c.lane.retire()
	<-c.turn
}
