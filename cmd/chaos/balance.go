package main

import (
	"fmt"
	"slices"

	"github.com/devo-s3/collector/local"
)

// A balance is what the books say in the end.
type balance struct {
	put, received, lost, duplicated, bound, strange int64
	samples                                         []string
}

// balance sums up. broken are the connections that did not end as they should.
//
// Duplicates are bounded object by object. Its connections, in the order in
// which they were opened, make attempts: one begins where a record comes again.
// That is excused by a fault that concerned the object during the attempt
// before; then as many may come twice as had been read from what the ledger
// gave as `next` when the new attempt's connection was opened, on all
// connections before. A fault is a broken connection that carried the object, or
// must have: records behind others that never came; a call to the ledger that was
// refused; the death of the invocation that held it; the account's clock stepped,
// or a process frozen, until the invocations that lived then have ended.
func (b *books) balance(broken map[int64]bool) balance {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range b.faults {
		f.book(period{f.from, b.opened()})
	}
	out := balance{put: b.put, received: b.received, strange: b.strange, samples: b.samples}
	for _, a := range b.objects {
		lost, duplicated := int64(0), int64(0)
		for _, n := range a.got {
			if n == 0 {
				lost++
			}
			duplicated += int64(max(n, 1) - 1)
		}
		if a.optional {
			out.put += int64(a.records) - lost
			lost = 0
		}
		bound, why := a.bound(broken, b.trouble)
		if lost > 0 || duplicated > bound || why != "" {
			out.samples = append(out.samples, fmt.Sprintf("object %d, %s, of %d records: %d lost, %d came again, bound %d; %s",
				a.number, a.key, a.records, lost, duplicated, bound, why))
		}
		out.lost += lost
		out.duplicated += duplicated
		out.bound += bound
	}
	return out
}

// An attempt is one way through an object.
type attempt struct {
	first  int64 // its first connection
	lo, hi int
	count  int
}

func (t *attempt) add(s *span) {
	t.hi = s.hi
	t.count += s.hi - s.lo + 1
}

// bound is how many of an object's records may have come again, and what is
// wrong with how they did.
func (a *account) bound(broken map[int64]bool, trouble []period) (n int64, wrong string) {
	slices.SortFunc(a.order, func(x, y *span) int { return int(x.conn - y.conn) })
	var now *attempt
	before := make([]bool, a.records)
	unclaimed := false // in the attempt before, or this
	for _, s := range a.order {
		loose := !a.held(s)
		if loose && !during(trouble, period{s.conn - 1, s.seen}) && !during(a.doubles, period{s.conn - 1, s.seen}) {
			wrong = fmt.Sprintf("sent without a claim on connection %d", s.conn)
		}
		switch {
		case now == nil:
			now = &attempt{first: s.conn, lo: s.lo, hi: s.lo - 1}
			unclaimed = loose
		case s.lo <= now.hi:
			since := period{now.first, s.conn - 1}
			lax := during(a.doubles, since) || during(trouble, since) || unclaimed || loose
			hole := now.count < now.hi-now.lo+1 || now.lo > a.next(now.first)
			next := a.next(s.conn)
			switch {
			case s.lo < next && !lax:
				wrong = fmt.Sprintf("began again at %d on connection %d, though the ledger had %d", s.lo, s.conn, next)
			case lax || hole || during(a.blames, since) || a.broke(broken, now.first, s.conn):
				n += after(before, min(next, s.lo))
			default:
				wrong = fmt.Sprintf("began again at %d on connection %d without a fault", s.lo, s.conn)
			}
			now = &attempt{first: s.conn, lo: s.lo, hi: s.lo - 1}
			unclaimed = loose
		}
		now.add(s)
		for i := s.lo; i <= s.hi; i++ {
			before[i] = true
		}
	}
	return n, wrong
}

// broke tells whether a connection of an attempt did.
func (a *account) broke(broken map[int64]bool, first, until int64) bool {
	return slices.ContainsFunc(a.order, func(s *span) bool { return s.conn >= first && s.conn < until && broken[s.conn] })
}

func during(all []period, p period) bool {
	return slices.ContainsFunc(all, func(q period) bool { return q.meets(p) })
}

// held tells whether the ledger had a claim on the object at some time between
// the opening of a span's connection and the arrival of its first record.
func (a *account) held(s *span) bool {
	for i, c := range a.history[:s.claims] {
		ends := int64(1<<62 - 1)
		if i+1 < len(a.history) {
			ends = a.history[i+1].at
		}
		if c.claimed && (period{c.at, ends}).meets(period{s.conn - 1, s.seen}) {
			return true
		}
	}
	return false
}

// next is what the ledger gave when a connection was opened.
func (a *account) next(conn int64) (next int) {
	for _, c := range a.history {
		if c.at < conn {
			next = c.next
		}
	}
	return next
}

// after counts the records from next on that had come.
func after(before []bool, next int) (n int64) {
	for _, came := range before[min(next, len(before)):] {
		if came {
			n++
		}
	}
	return n
}

// brokenOf are the connections that did not end as they should.
func brokenOf(conns []local.ConnState) map[int64]bool {
	broken := make(map[int64]bool)
	for _, c := range conns {
		if c.End != "close_notify" {
			broken[c.ID] = true
		}
	}
	return broken
}
