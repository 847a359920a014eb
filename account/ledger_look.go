package account

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/devo-s3/collector/delivery"
)

// lookEntries is how many entries one call reads.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
const lookEntries = 100

// A Standing is what the ledger says of an object.
type Standing string

// The standings of an object that the ledger knows; it has no others.
const (
	Finished   Standing = "finished"   // every record was confirmed
	UnderWay   Standing = "under way"  // an invocation has it
	Unfinished Standing = "unfinished" // begun, and nobody has it
)

// Entries are the ledger's, to be looked at.
type Entries struct{ ledger *ledger }

// Entries are those of a table.
func (a *Account) Entries(table string) *Entries {
	return &Entries{&ledger{LedgerOptions{Table: table}, a.dynamodb(), a.clock}}
}

// Now asks the ledger for its time.
func (e *Entries) Now(ctx context.Context) (time.Time, error) {
	err := e.ledger.Sync(ctx)
	return e.ledger.Now(), err
}

// Look gives the standings of those of the objects that the ledger knows. ids
// must differ from one another. It reads without strong consistency: what was
// written in the last second may be missing.
func (e *Entries) Look(ctx context.Context, ids []delivery.Identity) (map[delivery.Identity]Standing, error) {
	var keys []string
	for _, id := range ids {
		keys = append(keys, entryID(id))
		if id.Queue != "" {
			keys = append(keys, entryID(olderIdentity(id)))
		}
	}
	slices.Sort(keys) // several queues have one older entry
	entries := make(map[string]Standing)
	for chunk := range slices.Chunk(slices.Compact(keys), lookEntries) {
		if err := e.look(ctx, chunk, entries); err != nil {
			return nil, delivery.Fail(delivery.LedgerFailed, "read %d entries of table %s: %w", len(ids), e.ledger.Table, err)
		}
	}
	known := make(map[delivery.Identity]Standing)
	for _, id := range ids {
		if s := cmp.Or(entries[entryID(id)], entries[entryID(olderIdentity(id))]); s != "" {
			known[id] = s
		}
	}
	return known, nil
}

// look adds the standings of entries, by their keys.
func (e *Entries) look(ctx context.Context, ids []string, known map[string]Standing) error {
	var keys []attributes
	for _, id := range ids {
		keys = append(keys, attributes{"id": text(id)})
	}
	left := map[string]types.KeysAndAttributes{e.ledger.Table: {
		Keys: keys, ProjectionExpression: aws.String("id, #state, #lease, #expiry"),
		ExpressionAttributeNames: map[string]string{"#state": "state", "#lease": "lease", "#expiry": "expiry"},
	}}
	for round := 0; len(left) > 0; round++ {
		if err := pause(ctx, time.Duration(round)*sendPause); err != nil {
			return err
		}
		out, err := e.ledger.db.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: left})
		if err != nil {
			return err
		}
		for _, item := range out.Responses[e.ledger.Table] {
			if standing := standingOf(item, e.ledger.Now()); standing != "" {
				known[readText(item["id"])] = standing
			}
		}
		left = out.UnprocessedKeys
	}
	return nil
}

// standingOf is "" for an entry that has expired: the table may take days to
// delete it.
func standingOf(item attributes, now time.Time) Standing {
	en := readEntry(item)
	switch {
	case readNumber(item["expiry"]) <= now.Unix():
		return ""
	case en.done:
		return Finished
	case en.lease.After(now):
		return UnderWay
	}
	return Unfinished
}
