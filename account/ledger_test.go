package account

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/parsers"
)

const (
	keep  = 35 * 24 * time.Hour
	lease = 15 * time.Minute
)

var (
	object  = delivery.Identity{Bucket: bucket, Key: "logs/a", Version: "781e5e245d69b566979b86e28d23f2c7"}
	halfway = delivery.Position{
		Next: 4711, Fingerprint: "json 1",
		Restart: parsers.Restart{Offset: 1 << 33, Skip: 12, Index: 4700, State: "any\x00\xff bytes", Spent: 1 << 40},
		Tally:   parsers.Tally{Sent: 4000, Filtered: 600, Foreign: 7},
	}
)

func (b *bench) ledger() delivery.Ledger {
	b.Helper()
	l := b.Ledger(LedgerOptions{Table: table, Keep: keep})
	b.check(l.Sync(b.Context()))
	return l
}

func (b *bench) claim(l delivery.Ledger, owner string) delivery.Claim {
	b.Helper()
	c, err := l.Claim(b.Context(), object, owner, lease)
	b.check(err)
	return c
}

// pass moves the ledger's time on, and tells l.
func (b *bench) pass(l delivery.Ledger, d time.Duration) {
	b.Helper()
	b.aws.Clock().Advance(d)
	b.check(l.Sync(b.Context()))
}

// advance fails the test unless the position is written.
func (b *bench) advance(l delivery.Ledger, c delivery.Claim, p delivery.Position) delivery.Claim {
	b.Helper()
	after, err := l.Advance(b.Context(), c, p)
	b.check(err)
	return after
}

// advanceError is what Advance says.
func advanceError(l delivery.Ledger, c delivery.Claim, p delivery.Position) error {
	_, err := l.Advance(context.Background(), c, p)
	return err
}

func wantClaim(t *testing.T, got, want delivery.Claim) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("claim differs (-want +got):\n%s", diff)
	}
}

func TestClaimGoesOnWhereTheLastOwnerGotTo(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	first := b.claim(l, "a")
	wantClaim(t, first, delivery.Claim{ID: object, Owner: "a", Revision: 1})
	first = b.advance(l, first, halfway)
	b.check(l.Release(t.Context(), first))

	second := b.claim(l, "b")
	wantClaim(t, second, delivery.Claim{ID: object, Owner: "b", Revision: 4, Position: halfway})
	end := delivery.Position{Next: 9000, Fingerprint: "json 1"}
	b.check(l.Done(t.Context(), second, end))
	for _, owner := range []string{"b", "c"} {
		wantClaim(t, b.claim(l, owner), delivery.Claim{ID: object, Done: true, Position: end})
	}
}

func TestClaimsOfNewObjectsTakeOneCall(t *testing.T) {
	b := newBench(t)
	b.claim(b.ledger(), "a")
	if b.called("PutItem") != 1 || b.called("UpdateItem") != 0 {
		t.Errorf("calls: %v", b.calls)
	}
}

func TestLiveLeaseIsRespected(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	b.claim(l, "a")
	until := b.aws.Clock().Now().Add(lease)
	b.pass(l, lease-time.Minute)
	_, err := l.Claim(t.Context(), object, "b", lease)
	wantKind(t, err, delivery.Claimed, "s3://acme-logs/logs/a", "held by a until")
	var e *delivery.Error
	if !errors.As(err, &e) || e.Until.Sub(until).Abs() > 2*time.Second {
		t.Errorf("until %s, want about %s", e.Until, until)
	}
}

func TestLapsedLeaseIsTakenOver(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	first := b.claim(l, "a")
	first = b.advance(l, first, halfway)
	b.pass(l, lease+time.Second)
	// Nobody else has claimed yet: it is still a's.
	more := halfway
	more.Next += 100
	first = b.advance(l, first, more)
	wantClaim(t, b.claim(l, "b"), delivery.Claim{ID: object, Owner: "b", Revision: 4, Position: more, Abandoned: "a"})

	for name, write := range map[string]func() error{
		"advance": func() error { return advanceError(l, first, halfway) },
		"finish":  func() error { return l.Done(t.Context(), first, halfway) },
		"release": func() error { return l.Release(t.Context(), first) },
	} {
		wantKind(t, write(), delivery.LedgerFailed, name, "s3://acme-logs/logs/a", "lost the lease to b")
	}
	_, err := l.Claim(t.Context(), object, "a", lease)
	wantKind(t, err, delivery.Claimed, "held by b")
}

func TestEntryThatIsGoneIsNotWritten(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	err := advanceError(l, delivery.Claim{ID: object, Owner: "a"}, halfway)
	wantKind(t, err, delivery.LedgerFailed, "the entry is gone")
	if items := b.aws.Items(table); len(items) != 0 {
		t.Errorf("the table holds %v", items)
	}
}

func TestDoneIsForGood(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	c := b.claim(l, "a")
	b.check(l.Done(t.Context(), c, halfway))
	b.check(l.Done(t.Context(), c, halfway))
	wantKind(t, advanceError(l, c, delivery.Position{}), delivery.LedgerFailed)
	wantKind(t, l.Release(t.Context(), c), delivery.LedgerFailed)
	b.pass(l, keep-time.Hour)
	wantClaim(t, b.claim(l, "b"), delivery.Claim{ID: object, Done: true, Position: halfway})
}

func TestExpiredEntryCountsAsAbsent(t *testing.T) {
	for name, end := range map[string]func(l delivery.Ledger, c delivery.Claim) error{
		"done": func(l delivery.Ledger, c delivery.Claim) error { return l.Done(context.Background(), c, halfway) },
		"given up": func(l delivery.Ledger, c delivery.Claim) error {
			c, err := l.Advance(context.Background(), c, halfway)
			return errors.Join(err, l.Release(context.Background(), c))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			l := b.ledger()
			b.check(end(l, b.claim(l, "a")))
			b.pass(l, keep+2*time.Second)
			c := b.claim(l, "b")
			wantClaim(t, c, delivery.Claim{ID: object, Owner: "b", Revision: 1})
			b.check(l.Release(t.Context(), c))
			wantClaim(t, b.claim(l, "c"), delivery.Claim{ID: object, Owner: "c", Revision: 3})
		})
	}
}

func TestEveryPartOfTheIdentityCounts(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	for _, id := range []delivery.Identity{
		object,
		{Bucket: object.Bucket, Key: object.Key, Version: object.Version, Generation: 1},
		{Bucket: object.Bucket, Key: object.Key, Version: "another"},
		{Bucket: object.Bucket, Key: object.Key, Version: "a third", Queue: "a queue"},
		{Bucket: object.Bucket, Key: object.Key, Version: object.Version, Generation: 2, Queue: "a queue"},
		{Bucket: object.Bucket, Key: object.Key + " " + object.Version},
		{Bucket: object.Bucket, Key: "logs/\xff", Version: object.Version},
		{Bucket: object.Bucket, Key: "logs/\xfe", Version: object.Version},
		{Bucket: "another", Key: object.Key, Version: object.Version},
		{Bucket: object.Bucket, Key: strings.Repeat("ü", 512), Version: object.Version},
	} {
		c, err := l.Claim(t.Context(), id, "a", lease)
		b.check(err)
		b.check(l.Done(t.Context(), c, halfway))
		wantClaim(t, c, delivery.Claim{ID: id, Owner: "a", Revision: 1})
	}
}

func TestEntryShowsPeopleWhatItIsAbout(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	id := object
	id.Key = "logs/" + strings.Repeat("ü", 400)
	c, err := l.Claim(t.Context(), id, "a", lease)
	b.check(err)
	b.check(l.Done(t.Context(), c, delivery.Position{Next: 7, Fingerprint: "json 1"}))
	items := b.aws.Items(table)
	if len(items) != 1 {
		t.Fatalf("the table holds %d items", len(items))
	}
	got := fmt.Sprint(items[0])
	for _, want := range []string{
		"bucket:acme-logs", "key:logs/" + strings.Repeat("ü", 125) + " ", "version:" + id.Version,
		"state:done", "owner:a", "next:7", "fingerprint:json 1", "lease:", "expiry:", "restart:map[",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the entry does not show %q: %s", want, got)
		}
	}
}

// A forgetful client loses one answer: the call was carried out, and the SDK
// repeats it.
type forgetful struct {
	aws.HTTPClient
	lose string // the action; "" for none
	lost int
}

func (c *forgetful) Do(r *http.Request) (*http.Response, error) {
	answer, err := c.HTTPClient.Do(r)
	if err != nil || c.lose == "" || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "."+c.lose) {
		return answer, err
	}
	c.lose = ""
	c.lost++
	answer.Body.Close()
	return nil, syscall.ECONNRESET
}

func TestLostAnswersChangeNothing(t *testing.T) {
	b := newBench(t)
	client := &forgetful{HTTPClient: b.config.HTTPClient}
	b.config.HTTPClient = client
	l := b.ledger()
	client.lose = "PutItem"
	c := b.claim(l, "a")
	wantClaim(t, c, delivery.Claim{ID: object, Owner: "a", Revision: 1})
	client.lose = "UpdateItem"
	c = b.advance(l, c, halfway)
	client.lose = "UpdateItem"
	b.check(l.Release(t.Context(), c))
	client.lose = "UpdateItem"
	c = b.claim(l, "b")
	wantClaim(t, c, delivery.Claim{ID: object, Owner: "b", Revision: 4, Position: halfway})
	client.lose = "UpdateItem"
	b.check(l.Done(t.Context(), c, halfway))
	wantClaim(t, b.claim(l, "c"), delivery.Claim{ID: object, Done: true, Position: halfway})
	if client.lost != 5 {
		t.Errorf("%d answers were lost, want 5", client.lost)
	}
}

func TestOwnerMayClaimAgain(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	b.advance(l, b.claim(l, "a"), halfway)
	b.pass(l, time.Minute)
	wantClaim(t, b.claim(l, "a"), delivery.Claim{ID: object, Owner: "a", Revision: 3, Position: halfway})
	b.pass(l, lease-30*time.Second)
	_, err := l.Claim(t.Context(), object, "b", lease)
	wantKind(t, err, delivery.Claimed)
}

func TestOneOfFiftyClaimantsWins(t *testing.T) {
	for name, before := range map[string]func(b *bench, l delivery.Ledger){
		"new": func(*bench, delivery.Ledger) {},
		"given up": func(b *bench, l delivery.Ledger) {
			b.check(l.Release(b.Context(), b.claim(l, "before")))
		},
		"lapsed": func(b *bench, l delivery.Ledger) {
			b.claim(l, "before")
			b.pass(l, lease+time.Second)
		},
		"expired": func(b *bench, l delivery.Ledger) {
			b.check(l.Done(b.Context(), b.claim(l, "before"), halfway))
			b.pass(l, keep+2*time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			l := b.ledger()
			before(b, l)
			var won atomic.Int32
			side(50, func(i int) {
				owner := fmt.Sprint("owner ", i)
				c, err := l.Claim(t.Context(), object, owner, lease)
				switch {
				case err == nil && c.Owner == owner && !c.Done:
					won.Add(1)
				case delivery.KindOf(err) != delivery.Claimed:
					t.Errorf("%s: %+v, %v", owner, c, err)
				}
			})
			if won.Load() != 1 {
				t.Errorf("%d won", won.Load())
			}
		})
	}
}

func TestErrorsOfTheTable(t *testing.T) {
	b := newBench(t)
	b.once()
	l := b.ledger()
	c := b.claim(l, "a")
	calls := map[string]func() error{
		"time":    func() error { return l.Sync(t.Context()) },
		"claim":   func() error { _, err := l.Claim(t.Context(), object, "b", lease); return err },
		"advance": func() error { return advanceError(l, c, halfway) },
		"finish":  func() error { return l.Done(t.Context(), c, halfway) },
		"release": func() error { return l.Release(t.Context(), c) },
	}
	for code, status := range map[string]int{
		"ProvisionedThroughputExceededException": 400,
		"ThrottlingException":                    400,
		"AccessDeniedException":                  400,
		"ResourceNotFoundException":              400,
		"InternalServerError":                    500,
	} {
		b.mu.Lock()
		b.fault = func(local.FaultRequest) *local.FaultResponse { return &local.FaultResponse{Status: status, Code: code} }
		b.mu.Unlock()
		for verb, call := range calls {
			wantKind(t, call(), delivery.LedgerFailed, verb, "table "+table, code)
		}
	}
}

func TestNoLedgerRemembersNothing(t *testing.T) {
	l := NoLedger()
	for range 2 {
		if err := l.Sync(t.Context()); err != nil {
			t.Fatal(err)
		}
		c, err := l.Claim(t.Context(), object, "a", lease)
		if err != nil {
			t.Fatal(err)
		}
		wantClaim(t, c, delivery.Claim{ID: object, Owner: "a", Volatile: true})
		err = errors.Join(advanceError(l, c, halfway), l.Done(t.Context(), c, halfway), l.Release(t.Context(), c))
		if err != nil {
			t.Error(err)
		}
	}
	if d := time.Since(l.Now()); d < 0 || d > time.Minute {
		t.Errorf("its time is %s ago", d)
	}
}
