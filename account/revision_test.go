package account

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/parsers"
)

// at is a position that the tests' one parser counted.
func at(next int64) delivery.Position {
	return delivery.Position{Next: next, Fingerprint: "json 1", Restart: parsers.Restart{Index: next}}
}

// next is how far the table says that an object is confirmed.
func (b *bench) next(id delivery.Identity) int64 {
	for _, item := range b.aws.Items(table) {
		if item["id"] == entryID(id) {
			n, _ := item["next"].(int64)
			return n
		}
	}
	b.Fatalf("no entry for %s", id.Key)
	return 0
}

// A lateClient keeps requests back whose caller saw a broken connection, as the
// network may, until they are carried out by late.
type lateClient struct {
	aws.HTTPClient
	mu    sync.Mutex
	delay string // the action whose next request is kept back; "" for none
	kept  []*http.Request
}

func (c *lateClient) Do(r *http.Request) (*http.Response, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.delay == "" || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+c.delay) {
		return c.HTTPClient.Do(r)
	}
	c.delay = ""
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	kept := r.Clone(r.Context())
	kept.Body = io.NopCloser(bytes.NewReader(body))
	c.kept = append(c.kept, kept)
	return nil, syscall.ECONNRESET
}

// late carries out what was kept back, and returns the status of each.
func (c *lateClient) late(t *testing.T) (statuses []int) {
	t.Helper()
	for _, r := range c.kept {
		answer, err := c.HTTPClient.Do(r.WithContext(t.Context()))
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		statuses = append(statuses, answer.StatusCode)
	}
	c.kept = nil
	return statuses
}

// TestLateWriteIsRefused: a request that got lost and is carried out when newer
// ones have been must not undo them.
func TestLateWriteIsRefused(t *testing.T) {
	b := newBench(t)
	client := &lateClient{HTTPClient: b.config.HTTPClient}
	b.config.HTTPClient = client
	l := b.ledger()
	c := b.claim(l, "a")
	client.delay = "UpdateItem"
	c = b.advance(l, c, at(255))
	c = b.advance(l, c, at(2361))
	if got := client.late(t); len(got) != 1 || got[0] != http.StatusBadRequest || b.next(object) != 2361 {
		t.Errorf("the late write was answered %d, and the position is %d, want 2361", got, b.next(object))
	}

	client.delay = "UpdateItem"
	b.check(l.Release(t.Context(), c))
	c = b.claim(l, "a")
	if got := client.late(t); got[0] != http.StatusBadRequest {
		t.Errorf("the late release ended a newer claim: %d", got)
	}
	_, err := l.Claim(t.Context(), object, "b", lease)
	wantKind(t, err, delivery.Claimed)

	client.delay = "UpdateItem"
	b.check(l.Done(t.Context(), c, at(3000)))
	wantClaim(t, b.claim(l, "b"), delivery.Claim{ID: object, Done: true, Position: at(3000)})
}

// TestWriteThatSeemedToFail: the call failed for good, but was carried out. The
// same owner's next write goes behind it.
func TestWriteThatSeemedToFail(t *testing.T) {
	b := newBench(t)
	b.once()
	client := &forgetful{HTTPClient: b.config.HTTPClient}
	b.config.HTTPClient = client
	l := b.ledger()
	c := b.claim(l, "a")

	client.lose = "UpdateItem"
	wantKind(t, advanceError(l, c, at(100)), delivery.LedgerFailed)
	// The same again is the lost answer.
	again := b.advance(l, c, at(100))
	wantClaim(t, again, delivery.Claim{ID: object, Owner: "a", Revision: 2})

	client.lose = "UpdateItem"
	wantKind(t, advanceError(l, again, at(200)), delivery.LedgerFailed)
	c = b.advance(l, again, at(300)) // at a revision that is behind
	wantClaim(t, c, delivery.Claim{ID: object, Owner: "a", Revision: 4})
	if b.next(object) != 300 {
		t.Errorf("position %d, want 300", b.next(object))
	}

	client.lose = "UpdateItem"
	wantKind(t, advanceError(l, c, at(400)), delivery.LedgerFailed)
	b.check(l.Release(t.Context(), c))
	wantClaim(t, b.claim(l, "b"), delivery.Claim{ID: object, Owner: "b", Revision: 7, Position: at(400)})
}

func TestPositionNeverGoesBack(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	c := b.advance(l, b.claim(l, "a"), at(100))
	wantKind(t, advanceError(l, c, at(99)), delivery.LedgerFailed, "record 100 is confirmed", "must not go back to 99")
	wantKind(t, l.Done(t.Context(), c, at(99)), delivery.LedgerFailed, "must not go back")
	// Another parser counts anew, and once: its own count goes up again.
	other := at(7)
	other.Fingerprint = "json 2"
	c = b.advance(l, c, other)
	lower := other
	lower.Next = 6
	wantKind(t, advanceError(l, c, lower), delivery.LedgerFailed, "must not go back")
	b.check(l.Done(t.Context(), c, other))
}

// TestEntryOfAnotherRevision: an owner that does not know the entry's last
// write holds nothing, whoever made it.
func TestEntryOfAnotherRevision(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	c := b.claim(l, "a")
	ahead := c
	ahead.Revision = 9
	wantKind(t, advanceError(l, ahead, at(1)), delivery.LedgerFailed, "revision 1, not at 9")
	b.advance(l, c, at(1))
}

// A meddler has somebody else write before each of the first writes.
type meddler struct {
	aws.HTTPClient
	times  int
	meddle func()
}

func (c *meddler) Do(r *http.Request) (*http.Response, error) {
	if c.times > 0 && strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".UpdateItem") {
		c.times--
		c.meddle()
	}
	return c.HTTPClient.Do(r)
}

// TestOthersComeFirst: a claim that others overtake again and again ends as
// claimed, for somebody has the object or is about to; it is not the ledger's
// failure, after which the object would be sent without a claim.
func TestOthersComeFirst(t *testing.T) {
	for times, want := range map[int]delivery.Kind{claimTries - 1: "", claimTries: delivery.Claimed} {
		t.Run(fmt.Sprint(times), func(t *testing.T) {
			b := newBench(t)
			others := b.ledger()
			b.check(others.Release(t.Context(), b.claim(others, "before")))
			n := 0
			client := &meddler{HTTPClient: b.config.HTTPClient, times: times, meddle: func() {
				n++
				b.check(others.Release(t.Context(), b.claim(others, fmt.Sprint("other ", n))))
			}}
			b.config.HTTPClient = client
			c, err := b.Account.Ledger(LedgerOptions{Table: table, Keep: keep}).Claim(t.Context(), object, "a", lease)
			if want != "" {
				wantKind(t, err, want, "s3://acme-logs/logs/a")
				return
			}
			b.check(err)
			if c.Owner != "a" || c.Done {
				t.Errorf("claim %+v", c)
			}
		})
	}
}

func TestDecide(t *testing.T) {
	until := time.UnixMilli(1_800_000_000_000)
	pos, further := at(10), at(20)
	advance := change{revision: 4, owner: "a", pos: &pos}
	done := change{revision: 4, owner: "a", pos: &pos, done: true}
	claim := change{revision: 4, owner: "a", lease: until}
	for name, row := range map[string]struct {
		now  entry
		c    change
		want verdict
	}{
		"gone":                               {entry{}, advance, lost},
		"somebody else's":                    {entry{owner: "b", revision: 5, pos: pos}, advance, lost},
		"our write":                          {entry{owner: "a", revision: 5, pos: pos}, advance, carriedOut},
		"our last write":                     {entry{owner: "a", revision: 5, pos: pos, done: true}, done, carriedOut},
		"our claim":                          {entry{owner: "a", revision: 5, lease: until}, claim, carriedOut},
		"our claim of another lease":         {entry{owner: "a", revision: 5, lease: until.Add(1)}, claim, overtaken},
		"our earlier write":                  {entry{owner: "a", revision: 5, pos: at(5)}, advance, overtaken},
		"the same values by a later write":   {entry{owner: "a", revision: 6, pos: pos}, advance, overtaken},
		"our own, further on":                {entry{owner: "a", revision: 5, pos: further}, advance, lost},
		"counted by another parser":          {entry{owner: "a", revision: 5, pos: delivery.Position{Next: 99}}, advance, overtaken},
		"finished":                           {entry{owner: "a", revision: 5, pos: pos, done: true}, advance, lost},
		"finished elsewhere":                 {entry{owner: "a", revision: 5, pos: further, done: true}, done, lost},
		"revision as it was":                 {entry{owner: "a", revision: 4, pos: further}, advance, lost},
		"revision that went back":            {entry{owner: "a", revision: 0, pos: pos}, advance, lost},
		"not yet finished by our last write": {entry{owner: "a", revision: 5, pos: pos}, done, overtaken},
	} {
		if got := decide(row.now, row.c); got != row.want {
			t.Errorf("%s: %d, want %d", name, got, row.want)
		}
	}
}
