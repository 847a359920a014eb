package main

import (
	"strings"
	"testing"
)

// A page is one object of 10 records in the books. Numbers of connections stand
// for time.
type page struct {
	*books
	*object
	at int64
}

func newPage() *page {
	p := &page{object: &object{bucket: "b", key: "k", format: formats[0], records: 10}}
	p.books = newBooks(func() int64 { return p.at })
	p.enter(p.object)
	return p
}

// brings has the next connection bring records from lo to hi.
func (p *page) brings(lo, hi int) *page {
	p.at++
	return p.goesOn(p.at, lo, hi)
}

// goesOn has an earlier connection bring more.
func (p *page) goesOn(conn int64, lo, hi int) *page {
	for i := lo; i <= hi; i++ {
		p.take(conn, []byte(p.format.tag), p.format.record(nil, p.number, i))
	}
	return p
}

// says is a write to the ledger.
func (p *page) says(owner, state string, next int64) *page {
	p.ledger(map[string]any{"id": "e", "bucket": "b", "key": "k", "owner": owner, "state": state, "next": next})
	return p
}

func (p *page) dies(owner string) *page {
	p.over(owner, 0, true)
	return p
}

func (p *page) doubles(owner string, until func(*page) *page) *page {
	p.doubled(map[string]bool{owner: true})
	p = until(p)
	p.over(owner, 0, false)
	return p
}

// What may come again, and what is not explained.
func TestBound(t *testing.T) {
	for _, c := range []struct {
		name              string
		does              func(*page) *page
		broken            []int64
		lost, dups, bound int64
		wrong             string
	}{
		{name: "all is well", does: func(p *page) *page {
			return p.says("a", "claimed", 0).brings(0, 4).says("a", "claimed", 5).brings(5, 9).says("a", "done", 10)
		}},
		{name: "lost", does: func(p *page) *page { return p.says("a", "claimed", 0).brings(0, 7) }, lost: 2},
		{name: "a connection broke", broken: []int64{1}, dups: 5, bound: 5, does: func(p *page) *page {
			return p.says("a", "claimed", 0).brings(0, 4).brings(0, 9)
		}},
		{name: "what is confirmed does not come again", broken: []int64{2}, dups: 2, bound: 2, does: func(p *page) *page {
			return p.says("a", "claimed", 0).brings(0, 4).says("a", "claimed", 5).brings(5, 6).brings(5, 9)
		}},
		{name: "though the ledger had more", broken: []int64{2}, dups: 7, bound: 0, wrong: "though the ledger had 5", does: func(p *page) *page {
			return p.says("a", "claimed", 0).brings(0, 4).says("a", "claimed", 5).brings(5, 6).brings(0, 9)
		}},
		{name: "no fault", dups: 5, bound: 0, wrong: "without a fault", does: func(p *page) *page {
			return p.says("a", "claimed", 0).brings(0, 4).brings(0, 9)
		}},
		{name: "the fault was of an attempt before", broken: []int64{1}, dups: 15, bound: 5, wrong: "without a fault", does: func(p *page) *page {
			return p.says("a", "claimed", 0).brings(0, 4).brings(0, 9).brings(0, 9)
		}},
		{name: "killed", dups: 5, bound: 5, does: func(p *page) *page {
			return p.says("a", "claimed", 0).brings(0, 4).dies("a").says("b", "claimed", 0).brings(0, 9)
		}},
		{name: "another was killed", dups: 5, wrong: "without a fault", does: func(p *page) *page {
			return p.says("a", "claimed", 0).brings(0, 4).dies("c").says("b", "claimed", 0).brings(0, 9)
		}},
		{name: "the ledger refused", dups: 5, bound: 5, does: func(p *page) *page {
			p.says("a", "claimed", 0).brings(0, 4)
			p.refused(map[string]any{"id": "e"}, nil)
			return p.says("b", "claimed", 0).brings(0, 9)
		}},
		{name: "one in the midst never read", dups: 2, bound: 5, does: func(p *page) *page {
			return p.says("a", "claimed", 0).brings(0, 2).brings(6, 7).brings(3, 9)
		}},
		{name: "one in front never read", dups: 2, bound: 4, does: func(p *page) *page {
			return p.says("a", "claimed", 0).brings(8, 9).brings(8, 9).brings(0, 7)
		}},
		{name: "two at once", dups: 5, bound: 5, does: func(p *page) *page {
			p.says("a", "claimed", 0).brings(0, 2)
			return p.doubles("a", func(p *page) *page {
				return p.says("b", "claimed", 0).brings(0, 1).says("b", "claimed", 2).goesOn(1, 3, 4).brings(2, 9)
			})
		}},
		{name: "without a claim", wrong: "without a claim", does: func(p *page) *page { return p.brings(0, 9) }},
		{name: "without a claim, as the ledger refused", does: func(p *page) *page {
			p.refused(map[string]any{"id": "clock"}, map[string]bool{"a": true})
			return p.brings(0, 9)
		}},
		{name: "what had no claim is sent again", dups: 10, bound: 10, does: func(p *page) *page {
			p.refused(map[string]any{"id": "clock"}, map[string]bool{"a": true})
			p.brings(0, 9).over("a", 0, false)
			return p.says("b", "claimed", 0).brings(0, 9)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			broken := make(map[int64]bool)
			for _, conn := range c.broken {
				broken[conn] = true
			}
			b := c.does(newPage()).balance(broken)
			said := strings.Join(b.samples, "\n")
			if b.lost != c.lost || b.duplicated != c.dups || b.bound != c.bound || !strings.Contains(said, c.wrong) {
				t.Errorf("%d lost, %d came again, bound %d, want %d, %d, %d; %s", b.lost, b.duplicated, b.bound, c.lost, c.dups, c.bound, said)
			}
			if c.wrong == "" && c.lost == 0 && said != "" {
				t.Error(said)
			}
		})
	}
}

func TestBooksKnowWhatWasNotPut(t *testing.T) {
	p := newPage()
	for _, raw := range []string{"no id", "id=9.1;", "id=0.10;", string(p.format.record(nil, 0, 1)) + "x"} {
		p.take(1, []byte(p.format.tag), []byte(raw))
	}
	p.take(1, []byte("another.tag"), p.format.record(nil, 0, 1))
	if b := p.balance(nil); b.strange != 5 || b.received != 0 {
		t.Errorf("%+v", b)
	}
}
