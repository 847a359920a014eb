package account

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/devo-s3/collector/devo"
)

// Endpoints is what the ledger's table knows of Devo's endpoints: an item for each,
// with no expiry. Its attributes are notified, when the endpoint was first seen to
// send a close_notify since it was last forgotten, and changed, both in s since
// 1970; notified is 0 once it was forgotten. Versions of the function that know no
// such items read none: their ids are no entry's.
type Endpoints struct{ health *Health }

var _ devo.Memory = (*Endpoints)(nil)

// Endpoints is in the ledger's table of that name.
func (a *Account) Endpoints(table string) *Endpoints { return &Endpoints{a.Health(table)} }

func endpointID(endpoint string) string { return "endpoint#" + endpoint }

// Notified implements devo.Memory.
func (e *Endpoints) Notified(ctx context.Context, endpoint string) (since time.Time, err error) {
	item, err := e.health.get(ctx, endpointID(endpoint))
	if at := readNumber(item["notified"]); at > 0 {
		since = time.Unix(at, 0)
	}
	return since, err
}

// Learn implements devo.Memory.
func (e *Endpoints) Learn(ctx context.Context, endpoint string) (isNew bool, err error) {
	since, err := e.Notified(ctx, endpoint) // which also tells the table's time
	if err != nil || !since.IsZero() {
		return false, err
	}
	return e.write(ctx, endpoint, e.health.Now().Unix(), "attribute_not_exists(id) OR #notified = :never")
}

// Forget implements devo.Memory.
func (e *Endpoints) Forget(ctx context.Context, endpoint string) (known bool, err error) {
	return e.write(ctx, endpoint, 0, "#notified > :never")
}

// write puts the item if the condition holds, and reports whether it did.
func (e *Endpoints) write(ctx context.Context, endpoint string, notified int64, condition string) (bool, error) {
	id := endpointID(endpoint)
	_, err := e.health.db.PutItem(ctx, &dynamodb.PutItemInput{
		TableName:                 &e.health.table,
		Item:                      attributes{"id": text(id), "notified": number(notified), "changed": number(e.health.Now().Unix())},
		ConditionExpression:       aws.String(condition),
		ExpressionAttributeNames:  map[string]string{"#notified": "notified"},
		ExpressionAttributeValues: attributes{":never": number(0)},
	})
	var refused *types.ConditionalCheckFailedException
	switch {
	case errors.As(err, &refused):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("write %s in table %s: %w", id, e.health.table, err)
	}
	return true, nil
}
