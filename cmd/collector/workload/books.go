// Package workload is the other side of `collector run`: it invents objects of
// every service in the catalog and keeps books of the records that must come
// out of them. It is made without the collector's parsers, sources or wire, so
// that it can tell whether they are right.
package workload

import (
	"crypto/sha256"
	"sync"
)

// An id is the start of the SHA-256 of a tag and a record.
type id [16]byte

func idOf(tag, record []byte) id {
	h := sha256.New()
	h.Write(tag)
	h.Write([]byte{0})
	h.Write(record)
	return id(h.Sum(nil)[:16])
}

// Books hold which records were put and which arrived. They are safe for
// concurrent use.
type Books struct {
	mu      sync.Mutex
	place   map[id]int // index into want and got
	want    []uint16   // how often a record was put: two objects may hold the same
	got     []uint16   // how often it arrived
	order   []int      // the places of all records as they were put
	objects map[string]entry
	// strangers are records that nobody put, or under another tag; the first
	// few are kept.
	strangers int64
	samples   []string
	received  int64
	bytes     int64
}

// entry is where an object's records stand in Books.order.
type entry struct {
	begin, end int
	first      int64 // the Index of its first record in the object
}

// NewBooks are empty books.
func NewBooks() *Books {
	return &Books{place: make(map[id]int), objects: make(map[string]entry)}
}

// Put enters an object's records before it is uploaded.
func (b *Books) Put(o *Object) {
	b.mu.Lock()
	defer b.mu.Unlock()
	e := entry{begin: len(b.order), first: o.First}
	for _, r := range o.records {
		i, ok := b.place[r]
		if !ok {
			i = len(b.got)
			b.place[r] = i
			b.want, b.got = append(b.want, 0), append(b.got, 0)
		}
		b.want[i]++
		b.order = append(b.order, i)
	}
	e.end = len(b.order)
	b.objects[o.Bucket+"/"+o.Key] = e
}

// Received enters one record that the receiver took. The slices are not kept.
func (b *Books) Received(tag, record []byte) {
	k := idOf(tag, record)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.received++
	b.bytes += int64(len(record))
	i, ok := b.place[k]
	if !ok {
		b.strangers++
		if len(b.samples) < 5 {
			b.samples = append(b.samples, string(tag)+": "+string(record[:min(len(record), 200)]))
		}
		return
	}
	b.got[i]++
}

// From is how many of an object's records with an Index of next or above have
// arrived: what a fault at this moment may cause to be sent again.
func (b *Books) From(bucket, key string, next int64) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	e, ok := b.objects[bucket+"/"+key]
	if !ok {
		return 0
	}
	n := int64(0)
	for i := e.begin + int(max(next-e.first, 0)); i < e.end; i++ {
		if b.got[b.order[i]] > 0 {
			n++
		}
	}
	return n
}

// A Balance is what the books say in the end.
type Balance struct {
	Put        int64    // records put
	Received   int64    // records received, each time counted
	Lost       int64    // put and not received as often
	Duplicated int64    // received more often than put
	Strangers  int64    // received and never put, or under another tag
	Samples    []string // the first few strangers
	Bytes      int64    // received, without framing
}

// Balance sums the books up.
func (b *Books) Balance() Balance {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := Balance{
		Put: int64(len(b.order)), Received: b.received, Strangers: b.strangers, Samples: b.samples, Bytes: b.bytes,
	}
	for i, n := range b.got {
		s.Lost += int64(max(b.want[i], n) - n)
		s.Duplicated += int64(n - min(b.want[i], n))
	}
	return s
}

// Progress is how many records have arrived and how many were put so far.
func (b *Books) Progress() (received, put int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.received, int64(len(b.order))
}
