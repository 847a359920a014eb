package main

import (
	"fmt"
	"maps"
	"slices"
	"sync"
)

// Books hold what was put, what arrived, on which connection, and what the
// ledger's table said meanwhile. Nothing in them is the collector's word.
//
// The order of things is told by connections: the receiver numbers them as they
// are opened, and "at n" means when n had been opened.
type books struct {
	opened func() int64 // how many connections there were so far

	mu      sync.Mutex
	objects []*account
	byKey   map[string][]*account // by bucket and key
	byEntry map[string]*account   // by the id of the ledger's entry
	faults  []*fault
	trouble []period // when invocations lived that the ledger had refused something

	put, received int64
	strange       int64
	samples       []string
	scratch       []byte
}

// An account is an object's page in the books.
type account struct {
	*object
	got     []uint8 // how often each record arrived
	spans   map[int64]*span
	order   []*span
	history []claim
	blames  []period // faults that concerned it
	doubles []period // when two invocations may have had it at once
}

// A span is the records of one object that one connection brought.
type span struct {
	conn   int64
	lo, hi int   // inclusive
	seen   int64 // at which its first record was read
	claims int   // the ledger's writes until then
}

// A claim is what the ledger said of an object from then on.
type claim struct {
	at      int64
	owner   string
	claimed bool // else done
	next    int  // of the object's records
}

// A period is from one number of connections to another, inclusive.
type period struct{ from, to int64 }

func (p period) meets(q period) bool { return p.from <= q.to && q.from <= p.to }

func newBooks(opened func() int64) *books {
	return &books{opened: opened, byKey: make(map[string][]*account), byEntry: make(map[string]*account)}
}

// enter an object before it is put. Their numbers are to be in order.
func (b *books) enter(o *object) {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := &account{object: o, got: make([]uint8, o.records), spans: make(map[int64]*span)}
	b.objects = append(b.objects, a)
	b.byKey[o.bucket+"/"+o.key] = append(b.byKey[o.bucket+"/"+o.key], a)
	b.put += int64(o.records)
}

// forgive makes what an object holds no debt any more: it was overwritten, or
// Devo does not take it.
func (b *books) forgive(o *object) {
	b.mu.Lock()
	defer b.mu.Unlock()
	o.optional = true
	b.put -= int64(o.records)
	for _, n := range b.objects[o.number].got {
		b.received -= int64(min(n, 1))
	}
}

// inFlight tells whether records were put that have not arrived.
func (b *books) inFlight() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.received < b.put
}

// find is the newest object of a key.
func (b *books) find(bucket, key string) *object {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.byKey[bucket+"/"+key]
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1].object
}

// progress is how many of the records put have arrived.
func (b *books) progress() (received, put int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.received, b.put
}

// take books one record.
func (b *books) take(conn int64, tag, raw []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	number, i, ok := readID(raw)
	if !ok || number < 0 || number >= len(b.objects) || !b.objects[number].wrote(i, tag, raw, b.scratch[:0]) {
		b.strange++
		if len(b.samples) < 5 {
			b.samples = append(b.samples, fmt.Sprintf("%s: %.200q", tag, raw))
		}
		return
	}
	a := b.objects[number]
	if a.got[i] == 0 && !a.optional {
		b.received++
	}
	a.got[i] = min(a.got[i], 254) + 1
	s := a.spans[conn]
	if s == nil {
		s = &span{conn: conn, lo: i, hi: i - 1, seen: b.opened(), claims: len(a.history)}
		a.spans[conn] = s
		a.order = append(a.order, s)
	}
	if i != s.hi+1 {
		b.strange++
		b.samples = append(b.samples, fmt.Sprintf("connection %d: record %d of object %d behind %d", conn, i, number, s.hi))
	}
	s.hi = i
}

// of finds the object that an item of the ledger's table is about. Its key is
// shown whole: ours are short.
func (b *books) of(item map[string]any) *account {
	id, _ := item["id"].(string)
	if a := b.byEntry[id]; a != nil {
		return a
	}
	bucket, _ := item["bucket"].(string)
	key, _ := item["key"].(string)
	version, _ := item["version"].(string)
	all := b.byKey[bucket+"/"+key]
	for _, a := range all {
		if len(all) == 1 || a.eTag == version {
			b.byEntry[id] = a
			return a
		}
	}
	return nil
}

// ledger books a write to the ledger's table.
func (b *books) ledger(item map[string]any) {
	at := b.opened()
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.of(item)
	if a == nil {
		return
	}
	next, _ := item["next"].(int64)
	owner, _ := item["owner"].(string)
	a.history = append(a.history, claim{at, owner, item["state"] == "claimed", int(max(next-a.first, 0))})
}

// A fault lasts from a moment on until the invocations that it met have ended.
type fault struct {
	from  int64
	waits map[string]bool
	book  func(period)
}

// begin has a period booked that ends with these invocations. Under mu.
func (b *books) begin(invocations map[string]bool, book func(period)) {
	f := &fault{b.opened(), invocations, book}
	if len(invocations) == 0 {
		book(period{f.from, f.from})
		return
	}
	b.faults = append(b.faults, f)
}

// doubled books that what these invocations hold, or will, may be another's too
// as long as they live.
func (b *books) doubled(invocations map[string]bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	met := maps.Clone(invocations)
	b.begin(invocations, func(p period) {
		for _, a := range b.objects {
			if slices.ContainsFunc(a.history, func(c claim) bool { return met[c.owner] }) {
				a.doubles = append(a.doubles, p)
			}
		}
	})
}

// refused books a call to the ledger that was refused: what it was about, if
// that was an object, and that these invocations may send what they could not
// claim.
func (b *books) refused(item map[string]any, invocations map[string]bool) {
	at := b.opened()
	b.mu.Lock()
	defer b.mu.Unlock()
	if a := b.of(item); a != nil {
		a.blames = append(a.blames, period{at, at})
	}
	b.begin(invocations, func(p period) { b.trouble = append(b.trouble, p) })
}

// over books the end of an invocation: that of faults, and, if it died, one more
// for all that it held since it began.
func (b *books) over(invocation string, began int64, died bool) {
	at := b.opened()
	b.mu.Lock()
	defer b.mu.Unlock()
	if died {
		for _, a := range b.objects {
			if n := len(a.history); n > 0 && a.history[n-1].claimed && a.history[n-1].owner == invocation {
				a.blames = append(a.blames, period{began, at})
			}
		}
	}
	b.faults = slices.DeleteFunc(b.faults, func(f *fault) bool {
		delete(f.waits, invocation)
		if len(f.waits) == 0 {
			f.book(period{f.from, at})
		}
		return len(f.waits) == 0
	})
}
