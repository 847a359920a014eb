package main

import (
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/devo-s3/collector/cmd/collector/stack"
)

// An injector does the schedule's faults to a stack, and counts those that had
// their effect while records were in flight.
type injector struct {
	*stack.Stack
	books *books
	keys  func(cert, key []byte) // is told of each new key pair

	itself  bool            // balancers answer the end themselves
	replace func(o *object) // overwrites an object
	find    func(bucket, key string) *object

	mu      sync.Mutex
	off     bool
	deaths  int // of such balancers
	rand    *rand.Rand
	waiting map[kind][]*strike
	met     map[kind]int
	conns   map[int64]met      // by connection
	learned bool               // the ledger's table has it that the endpoint sends close_notify
	objects map[string]*strike // by S3 object
	failing map[kind]*failing  // calls
	dying   map[string]*strike // by invocation
	full    map[string]*strike // by invocation that cannot write files
	grown   int                // processes that took more memory than they have
	alive   map[string]birth   // invocations
	thaws   []func()
}

func newInjector(seed uint64) *injector {
	return &injector{
		rand: rand.New(rand.NewPCG(seed, 0x1)), waiting: make(map[kind][]*strike), met: make(map[kind]int),
		conns: make(map[int64]met), objects: make(map[string]*strike), failing: make(map[kind]*failing),
		dying: make(map[string]*strike), full: make(map[string]*strike), alive: make(map[string]birth),
	}
}

// A met is a strike that a connection met, and when.
type met struct {
	*strike
	at time.Time
}

// arm has a strike wait for what it can meet, or does it.
func (in *injector) arm(s *strike) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.off {
		return
	}
	in.waiting[s.Kind] = append(in.waiting[s.Kind], s)
}

// end ends all faults.
func (in *injector) end() {
	in.mu.Lock()
	in.off = true
	clear(in.waiting)
	clear(in.objects)
	clear(in.failing)
	thaws := in.thaws
	in.mu.Unlock()
	for _, thaw := range thaws {
		thaw()
	}
}

// next takes the first strike that waits of some kinds, if records are in
// flight. Under mu.
func (in *injector) next(of ...kind) *strike {
	if !in.books.inFlight() {
		return nil
	}
	for _, k := range of {
		if w := in.waiting[k]; len(w) > 0 && !in.off {
			in.waiting[k] = w[1:]
			return w[0]
		}
	}
	return nil
}

// meet counts a strike that had its effect, if records were in flight; else it
// waits again. Under mu.
func (in *injector) meet(s *strike, effect bool) {
	if effect && in.books.inFlight() {
		in.met[s.Kind]++
		return
	}
	if !in.off {
		in.waiting[s.Kind] = append(in.waiting[s.Kind], s)
	}
}

// take is next for others.
func (in *injector) take(k kind) *strike {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.next(k)
}

// hit is meet for others.
func (in *injector) hit(s *strike) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.meet(s, true)
}

// tick does what waits for nothing but its time.
func (in *injector) tick() {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, k := range []kind{sqsDuplicate, sqsReordered, clockStepped, tlsRotated} {
		if s := in.next(k); s != nil {
			in.meet(s, in.timed(s))
		}
	}
	for _, k := range []kind{sqsExpired, stsThrottled, ledgerThrottled} {
		if f := in.failing[k]; f != nil && f.over() {
			delete(in.failing, k)
			if !f.met {
				in.meet(f.strike, false)
			}
		}
		if in.failing[k] != nil {
			continue
		}
		if s := in.next(k); s != nil {
			in.fail(s)
		}
	}
}

// failing calls are those of one kind that a strike makes fail.
type failing struct {
	*strike
	left int
	end  time.Time
	met  bool // one has failed while records were in flight
}

func (f *failing) over() bool { return f.left == 0 || time.Now().After(f.end) }

// fail has calls fail: some, or for some seconds all.
func (in *injector) fail(s *strike) {
	f := &failing{strike: s, left: s.Count, end: time.Now().Add(time.Minute)}
	switch s.Kind {
	case ledgerThrottled: // longer than some calls are tried again
		f.left, f.end = math.MaxInt, time.Now().Add(time.Duration(s.Count)*time.Second)
	case stsThrottled:
		in.Account.ExpireSessions() // or nobody would ask for an hour
	}
	in.failing[s.Kind] = f
}

// timed does a strike, and tells whether it met anything.
func (in *injector) timed(s *strike) (effect bool) {
	switch s.Kind {
	case sqsDuplicate:
		for _, f := range in.Feeds {
			effect = in.Account.Redeliver(f.ARN, s.Count) > 0 || effect
		}
	case sqsReordered:
		for _, f := range in.Feeds {
			effect = in.Account.Shuffle(f.ARN, in.rand) > 1 || effect
		}
	case clockStepped:
		in.step(s)
		effect = true
	case tlsRotated:
		effect = in.rotate()
	}
	return effect
}

// step moves the account's clock, most often forward: leases end while their
// owners are at work, receipts and messages' hiding too.
func (in *injector) step(s *strike) {
	in.books.doubled(in.living(time.Hour))
	if s.Count == 1 {
		in.Account.Clock().Advance(-time.Duration(s.Size%20+1) * time.Second)
		return
	}
	in.Account.Clock().Advance(time.Duration(s.Count) * 5 * time.Minute)
}

// rotate makes a new key pair the deployment's; the old one is not taken any
// more.
func (in *injector) rotate() bool {
	cert, key, err := in.Authority.Client("acme")
	if err != nil {
		return false
	}
	in.keys(cert, key)
	if _, err := in.PutKeyPair(cert, key); err != nil {
		return false
	}
	in.Receiver.Admit(cert)
	return true
}

// allMet reports whether each kind has been met as often as it has to be.
func (in *injector) allMet(minutes int) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return len(unmet(in.met, minutes)) == 0
}

// count is how many strikes have had their effect.
func (in *injector) count() (n int) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for _, m := range in.met {
		n += m
	}
	return n
}
