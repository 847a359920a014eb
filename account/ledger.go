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

const (
	// claimTries is how often a claim is tried again after another write came
	// first. Whoever came first holds it, so the second try normally decides.
	claimTries = 3
	// writeTries is how often a write is tried behind earlier ones of the same
	// invocation that took place although they seemed to fail.
	writeTries = 3
)

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

// Ledger is the ledger in a DynamoDB table. Each write is one conditional call.
// Its condition includes the entry's revision, which it raises, so that a call
// that is carried out late or twice changes nothing.
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
// given up by its last owner takes two, and one of a shared bucket one more. The
// owner of a live lease may claim again.
func (l *ledger) Claim(ctx context.Context, id delivery.Identity, owner string, lease time.Duration) (delivery.Claim, error) {
	if !l.clock.isSet() {
		if err := l.Sync(ctx); err != nil {
			return delivery.Claim{}, err
		}
	}
	id, err := l.identity(ctx, id)
	if err != nil {
		return delivery.Claim{}, l.failed("claim", id, err)
	}
	until := l.Now().Add(lease).Truncate(time.Millisecond)
	now, taken, err := l.create(ctx, id, owner, until)
	abandoned := ""
	for range claimTries {
		if err != nil || taken || now.done || now.owner != owner && now.lease.After(l.Now()) {
			break
		}
		abandoned = now.abandonedBy(owner)
		now, taken, err = l.take(ctx, id, now, owner, until)
	}
	switch {
	case err != nil:
		return delivery.Claim{}, l.failed("claim", id, err)
	case now.done:
		return delivery.Claim{ID: id, Done: true, Position: now.pos}, nil
	case taken:
		return delivery.Claim{ID: id, Owner: owner, Revision: now.revision, Position: now.pos, Abandoned: abandoned}, nil
	}
	e := delivery.Fail(delivery.Claimed, "%s is held by %s until %s",
		name(id.Bucket, id.Key, id.Version), now.owner, now.lease.UTC().Format(time.RFC3339))
	e.Until = now.lease
	return delivery.Claim{}, e
}

// identity is the one that an object's entry has: its own or, if there is none
// and an older version of the function made one, the older.
func (l *ledger) identity(ctx context.Context, id delivery.Identity) (delivery.Identity, error) {
	if id.Queue == "" {
		return id, nil
	}
	older, err := l.exists(ctx, olderIdentity(id))
	if err != nil || !older {
		return id, err
	}
	own, err := l.exists(ctx, id)
	if err != nil || own {
		return id, err
	}
	return olderIdentity(id), nil
}

// exists reports whether there is an entry that has not expired.
func (l *ledger) exists(ctx context.Context, id delivery.Identity) (bool, error) {
	out, err := l.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &l.Table, Key: attributes{"id": text(entryID(id))}, ConsistentRead: aws.Bool(true),
		ProjectionExpression: aws.String("expiry"),
	})
	if err != nil {
		return false, err
	}
	return readNumber(out.Item["expiry"]) > l.Now().Unix(), nil
}

// create puts a new entry where there is none, or one that has expired: the
// table may take days to delete it. It returns the entry as it then stands, and
// whether owner has it.
func (l *ledger) create(ctx context.Context, id delivery.Identity, owner string, until time.Time) (now entry, taken bool, err error) {
	_, err = l.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &l.Table,
		Item: attributes{
			"id": text(entryID(id)), "state": text(stateClaimed), "owner": text(owner),
			"lease": number(until.UnixMilli()), "revision": number(1), "expiry": l.expiry(),
			"bucket": text(id.Bucket), "key": shown(id.Key), "version": text(id.Version), "queue": text(id.Queue),
		},
		ConditionExpression:                 aws.String("attribute_not_exists(id) OR expiry <= :now"),
		ExpressionAttributeValues:           attributes{":now": number(l.Now().Unix())},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	var refused *types.ConditionalCheckFailedException
	if errors.As(err, &refused) {
		now = readEntry(refused.Item)
		return now, decide(now, change{owner: owner, lease: until}) == carriedOut, nil
	}
	return entry{owner: owner, lease: until, revision: 1}, err == nil, err
}

// take makes owner the holder of an entry that reads as before says, and
// returns what create does.
func (l *ledger) take(ctx context.Context, id delivery.Identity, before entry, owner string, until time.Time) (now entry, taken bool, err error) {
	if before.owner == "" { // deleted since
		return l.create(ctx, id, owner, until)
	}
	c := change{revision: before.revision, owner: owner, lease: until}
	now, taken, err = l.write(ctx, id, c,
		"SET #owner = :owner, #lease = :lease, #expiry = :expiry",
		"#state = :claimed AND #owner = :held AND #lease = :ended",
		attributes{
			":claimed": text(stateClaimed), ":owner": text(owner), ":held": text(before.owner),
			":lease": number(until.UnixMilli()), ":ended": number(before.lease.UnixMilli()), ":expiry": l.expiry(),
		})
	return now, taken || err == nil && decide(now, c) == carriedOut, err
}

// Advance implements delivery.Ledger. A lease that ran out is still held until
// somebody else claims, and is not made longer.
func (l *ledger) Advance(ctx context.Context, c delivery.Claim, p delivery.Position) (delivery.Claim, error) {
	return l.writeHeld(ctx, "advance", c, change{pos: &p}, setPosition, positionValues(p))
}

// Done implements delivery.Ledger.
func (l *ledger) Done(ctx context.Context, c delivery.Claim, p delivery.Position) error {
	values := positionValues(p)
	values[":done"], values[":expiry"] = text(stateDone), l.expiry()
	_, err := l.writeHeld(ctx, "finish", c, change{pos: &p, done: true}, setPosition+", #state = :done, #expiry = :expiry", values)
	return err
}

// Release implements delivery.Ledger.
func (l *ledger) Release(ctx context.Context, c delivery.Claim) error {
	_, err := l.writeHeld(ctx, "release", c, change{lease: time.UnixMilli(0)}, "SET #lease = :never", attributes{":never": number(0)})
	return err
}

// held is the condition of a write by the holder of an entry; neverBack, of one
// that writes a position. Only another parser's count may be lower.
const (
	held      = "#state = :claimed AND #owner = :owner"
	neverBack = " AND (attribute_not_exists(#next) OR #next <= :next OR #fingerprint <> :fingerprint)"
)

// writeHeld makes a change that c's owner must still be entitled to. It returns
// the claim at its new revision.
func (l *ledger) writeHeld(ctx context.Context, verb string, c delivery.Claim, to change, update string, values attributes) (delivery.Claim, error) {
	to.owner, to.revision = c.Owner, c.Revision
	values[":claimed"], values[":owner"] = text(stateClaimed), text(c.Owner)
	condition := held
	if to.pos != nil {
		condition += neverBack
	}
	var now entry
	for range writeTries {
		var written bool
		var err error
		if now, written, err = l.write(ctx, c.ID, to, update, condition, values); err != nil {
			return c, l.failed(verb, c.ID, err)
		}
		verdict := carriedOut
		if !written {
			verdict = decide(now, to)
		}
		switch verdict {
		case carriedOut:
			c.Revision = now.revision
			return c, nil
		case lost:
			return c, l.failed(verb, c.ID, now.lostBy(to))
		case overtaken:
			to.revision = now.revision
		}
	}
	return c, l.failed(verb, c.ID, fmt.Errorf("earlier writes of the same invocation came first %d times", writeTries))
}

// attribute is an attribute's name in an expression. All are written so,
// because DynamoDB reserves several.
var attribute = regexp.MustCompile(`#[a-z]+`)

// write updates an entry at the revision of c if the condition holds, reports
// whether it did, and returns the entry as it then stands.
func (l *ledger) write(ctx context.Context, id delivery.Identity, c change, update, condition string, values attributes) (entry, bool, error) {
	update += ", #revision = :raised"
	if c.revision == 0 {
		condition += " AND (attribute_not_exists(#revision) OR #revision = :revision)"
	} else {
		condition += " AND #revision = :revision"
	}
	values[":revision"], values[":raised"] = number(c.revision), number(c.revision+1)
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
