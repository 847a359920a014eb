package account

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/devo-s3/collector/telemetry"
	"github.com/devo-s3/collector/watch"
)

// keepHealth is how long a minute's health is kept; watch looks back three.
const keepHealth = time.Hour

// breakerID is the key of watch's State. It has no expiry.
const breakerID = "breaker"

// A Health is what the ledger's table knows of the way to Devo: an item for
// each minute in which the function tried it, and watch's State; and the
// Bookmarks of vendors' buckets.
type Health struct {
	db    *dynamodb.Client
	table string
	clock *clock
}

var _ watch.Memory = (*Health)(nil)

// Health is in the ledger's table of that name.
func (a *Account) Health(table string) *Health {
	return &Health{a.dynamodb(), table, a.clock}
}

// Now implements watch.Memory. Before the first answer it is the machine's
// time.
func (h *Health) Now() time.Time { return h.clock.now() }

func healthID(minute int64) string { return "health#" + strconv.FormatInt(minute, 10) }

// Add adds how an invocation went with Devo to the present minute, which watch
// reads. Its failure changes nothing else; repeated, it may count twice.
func (h *Health) Add(ctx context.Context, t telemetry.Health) error {
	minute := h.Now().Unix() / 60
	_, err := h.db.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName:        &h.table,
		Key:              attributes{"id": text(healthID(minute))},
		UpdateExpression: aws.String("ADD #attempts :attempts, #confirmed :confirmed, #unnotified :unnotified SET #expiry = :expiry"),
		ExpressionAttributeNames: map[string]string{
			"#attempts": "attempts", "#confirmed": "confirmed", "#unnotified": "unnotified", "#expiry": "expiry",
		},
		ExpressionAttributeValues: attributes{
			":attempts": number(t.Attempts), ":confirmed": number(t.Confirmed), ":unnotified": number(t.Unnotified),
			":expiry": number(h.Now().Add(keepHealth).Unix()),
		},
	})
	if err != nil {
		return fmt.Errorf("add to %s in table %s: %w", healthID(minute), h.table, err)
	}
	return nil
}

// Health implements watch.Memory.
func (h *Health) Health(ctx context.Context, minute int64) (telemetry.Health, error) {
	item, err := h.get(ctx, healthID(minute))
	return telemetry.Health{
		Attempts: readNumber(item["attempts"]), Confirmed: readNumber(item["confirmed"]), Unnotified: readNumber(item["unnotified"]),
	}, err
}

func (h *Health) get(ctx context.Context, id string) (attributes, error) {
	out, err := h.db.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: &h.table, Key: attributes{"id": text(id)}, ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, fmt.Errorf("read %s in table %s: %w", id, h.table, err)
	}
	return out.Item, nil
}

// State implements watch.Memory.
func (h *Health) State(ctx context.Context) (watch.State, error) {
	item, err := h.get(ctx, breakerID)
	if err != nil {
		return watch.State{}, err
	}
	s := watch.State{
		Version: readNumber(item["version"]), Successes: int(readNumber(item["successes"])), Since: readNumber(item["since"]),
		Held: make(map[string]watch.Hold), Missing: make(map[string]int64),
	}
	if open, ok := item["open"].(*types.AttributeValueMemberBOOL); ok {
		s.Open = open.Value
	}
	for id, hold := range readMap(item["held"]) {
		s.Held[id] = watch.Hold(readText(hold))
	}
	for id, since := range readMap(item["missing"]) {
		s.Missing[id] = readNumber(since)
	}
	return s, nil
}

// Save implements watch.Memory.
func (h *Health) Save(ctx context.Context, s watch.State) error {
	held, missing := make(attributes), make(attributes)
	for id, hold := range s.Held {
		held[id] = text(string(hold))
	}
	for id, since := range s.Missing {
		missing[id] = number(since)
	}
	return h.put(ctx, breakerID, s.Version, attributes{
		"open": &types.AttributeValueMemberBOOL{Value: s.Open}, "successes": number(int64(s.Successes)), "since": number(s.Since),
		"held": &types.AttributeValueMemberM{Value: held}, "missing": &types.AttributeValueMemberM{Value: missing},
	})
}

// put writes an item that follows the one of that version.
func (h *Health) put(ctx context.Context, id string, version int64, item attributes) error {
	item["id"], item["version"] = text(id), number(version+1)
	_, err := h.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: &h.table, Item: item,
		ConditionExpression:       aws.String("attribute_not_exists(id) OR #version = :version"),
		ExpressionAttributeNames:  map[string]string{"#version": "version"},
		ExpressionAttributeValues: attributes{":version": number(version)},
	})
	var taken *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &taken):
		return watch.ErrTaken
	case err != nil:
		return fmt.Errorf("write %s in table %s: %w", id, h.table, err)
	}
	return nil
}
