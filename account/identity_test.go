package account

import (
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// of is the object of the tests as a queue reads it.
func of(queue string) delivery.Identity {
	id := object
	id.Queue = queue
	return id
}

// TestObjectsOfASharedBucket: each queue has an entry of its own.
func TestObjectsOfASharedBucket(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	first := must(l.Claim(t.Context(), of("first"), "a", lease))
	second := must(l.Claim(t.Context(), of("second"), "b", lease))
	wantClaim(t, first, delivery.Claim{ID: of("first"), Owner: "a", Revision: 1})
	wantClaim(t, second, delivery.Claim{ID: of("second"), Owner: "b", Revision: 1})
	b.check(l.Done(t.Context(), first, at(9)))
	b.advance(l, second, at(3))
	wantClaim(t, must(l.Claim(t.Context(), of("first"), "c", lease)), delivery.Claim{ID: of("first"), Done: true, Position: at(9)})
	_, err := l.Claim(t.Context(), of("second"), "c", lease)
	wantKind(t, err, delivery.Claimed)

	known, err := b.Entries(table).Look(t.Context(), []delivery.Identity{of("first"), of("second"), of("third"), object})
	b.check(err)
	if len(known) != 2 || known[of("first")] != Finished || known[of("second")] != UnderWay {
		t.Errorf("known %v", known)
	}
}

// TestOlderEntryOfASharedBucket: an entry without a queue, of an older version,
// holds for every queue until it expires.
func TestOlderEntryOfASharedBucket(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	look := func(want Standing) {
		t.Helper()
		known, err := b.Entries(table).Look(t.Context(), []delivery.Identity{of("first"), of("second")})
		b.check(err)
		if known[of("first")] != want || known[of("second")] != want {
			t.Errorf("known %v, want %s", known, want)
		}
	}
	older := b.advance(l, b.claim(l, "old"), at(3))
	look(UnderWay)
	_, err := l.Claim(t.Context(), of("first"), "a", lease)
	wantKind(t, err, delivery.Claimed, "held by old")

	b.check(l.Release(t.Context(), older))
	look(Unfinished)
	c := must(l.Claim(t.Context(), of("first"), "a", lease))
	wantClaim(t, c, delivery.Claim{ID: object, Owner: "a", Revision: 4, Position: at(3)})
	b.check(l.Done(t.Context(), c, at(9)))
	look(Finished)
	for _, queue := range []string{"first", "second"} {
		wantClaim(t, must(l.Claim(t.Context(), of(queue), "b", lease)), delivery.Claim{ID: object, Done: true, Position: at(9)})
	}

	b.pass(l, keep+2*time.Second)
	look("")
	wantClaim(t, must(l.Claim(t.Context(), of("second"), "c", lease)), delivery.Claim{ID: of("second"), Owner: "c", Revision: 1})
}

// TestOwnEntryBeforeTheOlder: an older version that runs beside this one, or
// again after a roll back, makes entries without a queue; what a queue has begun
// by itself goes on.
func TestOwnEntryBeforeTheOlder(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	own := b.advance(l, must(l.Claim(t.Context(), of("first"), "a", lease)), at(5))
	b.check(l.Release(t.Context(), own))
	b.check(l.Release(t.Context(), b.advance(l, b.claim(l, "old"), at(2))))
	wantClaim(t, must(l.Claim(t.Context(), of("first"), "b", lease)), delivery.Claim{ID: of("first"), Owner: "b", Revision: 4, Position: at(5)})
}
