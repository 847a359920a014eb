package local

import (
	"slices"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestBatchGetItem(t *testing.T) {
	b := newDynamoBench(t)
	b.ranged()
	get := func(keys ...attributes) ([]attributes, error) {
		out, err := b.client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"r": {Keys: keys}}})
		if err != nil {
			return nil, err
		}
		if len(out.UnprocessedKeys) > 0 {
			t.Errorf("unprocessed: %v", out.UnprocessedKeys)
		}
		return out.Responses["r"], nil
	}
	key := func(h string, r int) attributes { return attributes{"h": str(h), "r": num(r)} }
	items, err := get(key("a", 1), key("b", 10), key("c", 1))
	if err != nil {
		t.Fatal(err)
	}
	if got := rangedKeys(items); !slices.Equal(got, []string{"a1", "b10"}) {
		t.Errorf("%q", got)
	}
	_, err = get(key("a", 1), key("a", 1))
	wantCode(t, err, "ValidationException")
	_, err = get(attributes{"h": str("a")})
	wantCode(t, err, "ValidationException")
	var many []attributes
	for i := range maxBatchGet + 1 {
		many = append(many, key(strconv.Itoa(i), i))
	}
	_, err = get(many...)
	wantCode(t, err, "ValidationException")
	_, err = b.client.BatchGetItem(t.Context(), &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"none": {Keys: many[:1]}}})
	wantCode(t, err, "ResourceNotFoundException")
}
