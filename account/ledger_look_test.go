package account

import (
	"fmt"
	"testing"
	"time"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/local"
)

func TestLook(t *testing.T) {
	b := newBench(t)
	l := b.ledger()
	e := b.Entries(table)
	ids := make([]delivery.Identity, 205)
	for i := range ids {
		ids[i] = object
		ids[i].Key = fmt.Sprint("logs/", i)
	}
	claim := func(i int) delivery.Claim {
		c, err := l.Claim(t.Context(), ids[i], "owner", lease)
		b.check(err)
		return c
	}
	b.check(l.Done(t.Context(), claim(0), halfway))
	claim(101)
	b.check(l.Release(t.Context(), claim(204)))
	again := ids[0]
	again.Generation = 1

	want := map[delivery.Identity]Standing{ids[0]: Finished, ids[101]: UnderWay, ids[204]: Unfinished}
	look := func(what string) {
		t.Helper()
		got, err := e.Look(t.Context(), append(ids, again))
		b.check(err)
		if len(got) != len(want) {
			t.Errorf("%s: %d known, want %d", what, len(got), len(want))
		}
		for id, standing := range want {
			if got[id] != standing {
				t.Errorf("%s: %s is %q, want %q", what, id.Key, got[id], standing)
			}
		}
	}
	look("at first")
	b.pass(l, lease+time.Minute)
	want[ids[101]] = Unfinished
	look("after the lease")
	b.pass(l, keep)
	clear(want)
	look("when the ledger has forgotten")
	if now, err := e.Now(t.Context()); err != nil || time.Until(now) < keep-time.Hour {
		t.Errorf("%v, %v", now, err)
	}
	b.once()
	b.fail("BatchGetItem", &local.FaultResponse{Status: 400, Code: "AccessDeniedException"})
	if _, err := b.Entries(table).Look(t.Context(), ids); delivery.KindOf(err) != delivery.LedgerFailed {
		t.Errorf("refused: %v", err)
	}
}
