package account

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/devo-s3/collector/delivery"
)

// claimTries is how often a claim is tried again after somebody else's write
// came first. Who comes first holds it, so the second time tells.
const claimTries = 3

// LedgerOptions of a Ledger.
type LedgerOptions struct {
	// Table is a DynamoDB table with the hash key "id", a string, and
	// "expiry" as its time to live.
	Table string
	// Keep is how long an entry lasts after it was claimed or done; it must be
	// more than a message can spend in the queue and its DLQ together.
	Keep time.Duration
}

type ledger struct {
	LedgerOptions
	db    *dynamodb.Client
	clock *clock
}

// Ledger is the ledger in a DynamoDB table. Each write is one conditional call,
// and repeating a call whose answer got lost changes nothing.
func (a *Account) Ledger(o LedgerOptions) delivery.Ledger {
	return &ledger{o, a.dynamodb(), a.clock}
}

// dynamodb is a client whose answers set the account's clock.
func (a *Account) dynamodb() *dynamodb.Client {
	return dynamodb.NewFromConfig(a.config, func(d *dynamodb.Options) {
		d.HTTPClient = listener{d.HTTPClient, a.clock}
	})
}

// Sync implements delivery.Ledger: it asks for an entry that is never there.
func (l *ledger) Sync(ctx context.Context) error {
	_, err := l.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &l.Table, Key: attributes{"id": text("clock")}, ConsistentRead: aws.Bool(true),
	})
	if err == nil && !l.clock.isSet() {
		err = errors.New("the answer has no date")
	}
	if err != nil {
		return delivery.Fail(delivery.LedgerFailed, "ask table %s for its time: %w", l.Table, err)
	}
	return nil
}

// Now implements delivery.Ledger. Before the first answer it is the machine's
// time.
func (l *ledger) Now() time.Time { return l.clock.now() }

// Claim implements delivery.Ledger. A new object takes one call; one that was
// given up by its last owner takes two. The owner of a live lease may claim
// again.
func (l *ledger) Claim(ctx context.Context, id delivery.Identity, owner string, lease time.Duration) (delivery.Claim, error) {
	if !l.clock.isSet() {
		if err := l.Sync(ctx); err != nil {
			return delivery.Claim{}, err
		}
	}
	until := l.Now().Add(lease).Truncate(time.Millisecond)
	now, err := l.create(ctx, id, owner, until)
	for range claimTries {
		switch {
		case err != nil:
			return delivery.Claim{}, l.failed("claim", id, err)
		case now.done:
			return delivery.Claim{ID: id, Done: true, Position: now.pos}, nil
		case now.owner == owner && now.lease.Equal(until):
			return delivery.Claim{ID: id, Owner: owner, Position: now.pos}, nil
		case now.owner != owner && now.lease.After(l.Now()):
			e := delivery.Fail(delivery.Claimed, "%s is held by %s until %s",
				name(id.Bucket, id.Key, id.Version), now.owner, now.lease.UTC().Format(time.RFC3339))
			e.Until = now.lease
			return delivery.Claim{}, e
		}
		now, _, err = l.write(ctx, id,
			"SET #owner = :owner, #lease = :lease, #expiry = :expiry",
			"#state = :claimed AND #owner = :before AND #lease = :ended",
			attributes{
				":claimed": text(stateClaimed), ":owner": text(owner), ":before": text(now.owner),
				":lease": number(until.UnixMilli()), ":ended": number(now.lease.UnixMilli()), ":expiry": l.expiry(),
			})
	}
	return delivery.Claim{}, l.failed("claim", id, fmt.Errorf("others came first %d times", claimTries))
}

// create puts a new entry where there is none, or one that has expired: the
// table may take days to delete it. It gives the entry as it then stands.
func (l *ledger) create(ctx context.Context, id delivery.Identity, owner string, until time.Time) (entry, error) {
	_, err := l.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &l.Table,
		Item: attributes{
			"id": text(entryID(id)), "state": text(stateClaimed), "owner": text(owner),
			"lease": number(until.UnixMilli()), "expiry": l.expiry(),
			"bucket": text(id.Bucket), "key": shown(id.Key), "version": text(id.Version),
		},
		ConditionExpression:                 aws.String("attribute_not_exists(id) OR expiry <= :now"),
		ExpressionAttributeValues:           attributes{":now": number(l.Now().Unix())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var taken *types.ConditionalCheckFailedException
	if errors.As(err, &taken) {
		return readEntry(taken.Item), nil
	}
	return entry{owner: owner, lease: until}, err
}

// Advance implements delivery.Ledger. A lease that ran out is still held until
// somebody else claims, and is not made longer.
func (l *ledger) Advance(ctx context.Context, c delivery.Claim, p delivery.Position) error {
	return l.writeHeld(ctx, "advance", c, setPosition, "#state = :claimed AND #owner = :owner", positionValues(p))
}

// Done implements delivery.Ledger.
func (l *ledger) Done(ctx context.Context, c delivery.Claim, p delivery.Position) error {
	values := positionValues(p)
	values[":done"], values[":expiry"] = text(stateDone), l.expiry()
	return l.writeHeld(ctx, "finish", c, setPosition+", #state = :done, #expiry = :expiry",
		"#state IN (:claimed, :done) AND #owner = :owner", values)
}

// Release implements delivery.Ledger.
func (l *ledger) Release(ctx context.Context, c delivery.Claim) error {
	return l.writeHeld(ctx, "release", c, "SET #lease = :never", "#state = :claimed AND #owner = :owner",
		attributes{":never": number(0)})
}

// writeHeld writes to an entry that c's owner must still hold.
func (l *ledger) writeHeld(ctx context.Context, verb string, c delivery.Claim, update, condition string, values attributes) error {
	values[":claimed"], values[":owner"] = text(stateClaimed), text(c.Owner)
	now, written, err := l.write(ctx, c.ID, update, condition, values)
	switch {
	case err != nil:
		return l.failed(verb, c.ID, err)
	case !written && now.owner == "":
		return l.failed(verb, c.ID, errors.New("lost the lease: the entry is gone"))
	case !written:
		return l.failed(verb, c.ID, fmt.Errorf("lost the lease to %s", now.owner))
	}
	return nil
}

// attribute is an attribute's name in an expression. All are written so,
// because DynamoDB reserves several.
var attribute = regexp.MustCompile(`#[a-z]+`)

// write updates an entry if the condition holds, tells whether it did, and
// gives the entry as it then stands.
func (l *ledger) write(ctx context.Context, id delivery.Identity, update, condition string, values attributes) (entry, bool, error) {
	names := make(map[string]string)
	for _, n := range attribute.FindAllString(update+condition, -1) {
		names[n] = n[1:]
	}
	out, err := l.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:                           &l.Table,
		Key:                                 attributes{"id": text(entryID(id))},
		UpdateExpression:                    &update,
		ConditionExpression:                 &condition,
		ExpressionAttributeNames:            names,
		ExpressionAttributeValues:           values,
		ReturnValues:                        types.ReturnValueAllNew,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var refused *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &refused):
		return readEntry(refused.Item), false, nil
	case err != nil:
		return entry{}, false, err
	}
	return readEntry(out.Attributes), true, nil
}

func (l *ledger) expiry() types.AttributeValue { return number(l.Now().Add(l.Keep).Unix()) }

func (l *ledger) failed(verb string, id delivery.Identity, err error) error {
	return delivery.Fail(delivery.LedgerFailed, "%s %s in table %s: %w", verb, name(id.Bucket, id.Key, id.Version), l.Table, err)
}
