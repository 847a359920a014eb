package account

import (
	"context"
	"time"

	"github.com/devo-s3/collector/delivery"
)

// noLedger remembers nothing.
type noLedger struct{}

// NoLedger is the ledger of a deployment that wants none: every object is new
// each time. A second notification sends an object again, and a retry begins at
// its first record.
func NoLedger() delivery.Ledger { return noLedger{} }

func (noLedger) Sync(context.Context) error { return nil }

func (noLedger) Claim(_ context.Context, id delivery.Identity, owner string, _ time.Duration) (delivery.Claim, error) {
	return delivery.Claim{ID: id, Owner: owner, Volatile: true}, nil
}

func (noLedger) Advance(_ context.Context, c delivery.Claim, _ delivery.Position) (delivery.Claim, error) {
	return c, nil
}

func (noLedger) Done(context.Context, delivery.Claim, delivery.Position) error { return nil }

func (noLedger) Release(context.Context, delivery.Claim) error { return nil }

func (noLedger) Now() time.Time { return time.Now() }
