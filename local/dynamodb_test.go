package local

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// A dynamoBench is an account with a table t of hash key id, and an ordinary
// client.
type dynamoBench struct {
	*testing.T
	*Account
	client *dynamodb.Client
}

func newDynamoBench(t *testing.T) dynamoBench {
	t.Helper()
	a := startAccount(t)
	a.CreateTable("t", "id")
	return dynamoBench{t, a, dynamoClient(t, a, a.Root())}
}

type attributes = map[string]types.AttributeValue

func str(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }

func num(v int) types.AttributeValue { return &types.AttributeValueMemberN{Value: strconv.Itoa(v)} }

func (b dynamoBench) put(it attributes) {
	b.Helper()
	if _, err := b.client.PutItem(b.Context(), &dynamodb.PutItemInput{TableName: aws.String("t"), Item: it}); err != nil {
		b.Fatal(err)
	}
}

// update runs an expression on the item x.
func (b dynamoBench) update(expression string, values attributes) (attributes, error) {
	b.Helper()
	out, err := b.client.UpdateItem(b.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String("t"), Key: attributes{"id": str("x")},
		UpdateExpression: &expression, ExpressionAttributeValues: values, ReturnValues: types.ReturnValueAllNew,
	})
	if err != nil {
		return nil, err
	}
	return out.Attributes, nil
}

func wantItem(t *testing.T, got, want attributes) {
	t.Helper()
	if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
		t.Errorf("item %s, want %s", show(got), show(want))
	}
}

func show(it attributes) string {
	text, _ := json.Marshal(it)
	return string(text)
}

func TestItemOfEveryTypeComesBackAsItWas(t *testing.T) {
	b := newDynamoBench(t)
	it := attributes{
		"id": str("x"), "n": num(-7), "b": &types.AttributeValueMemberB{Value: []byte{0, 255}},
		"t": &types.AttributeValueMemberBOOL{Value: false}, "null": &types.AttributeValueMemberNULL{Value: true},
		"ss": &types.AttributeValueMemberSS{Value: []string{"a", "b"}}, "ns": &types.AttributeValueMemberNS{Value: []string{"1", "2"}},
		"bs": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2}}}, "empty": str(""),
		"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{str("in"), num(1)}}, "l0": &types.AttributeValueMemberL{Value: []types.AttributeValue{}},
		"m": &types.AttributeValueMemberM{Value: attributes{"deep": str("er")}}, "m0": &types.AttributeValueMemberM{Value: attributes{}},
	}
	b.put(it)
	got, err := b.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("t"), Key: attributes{"id": str("x")}, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	wantItem(t, got.Item, it)

	want := []map[string]any{{
		"id": "x", "n": int64(-7), "b": []byte{0, 255}, "t": false, "null": nil,
		"ss": []string{"a", "b"}, "ns": []string{"1", "2"}, "bs": [][]byte{{1}, {2}}, "empty": "",
		"l": []any{"in", int64(1)}, "l0": []any{}, "m": map[string]any{"deep": "er"}, "m0": map[string]any{},
	}}
	if got := b.Items("t"); !reflect.DeepEqual(got, want) {
		t.Errorf("for Go %v, want %v", got, want)
	}
	if got := b.Items("none"); got != nil {
		t.Errorf("of no table %v", got)
	}
}

func TestMissingItemIsEmpty(t *testing.T) {
	b := newDynamoBench(t)
	got, err := b.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("t"), Key: attributes{"id": str("x")}})
	if err != nil || got.Item != nil {
		t.Errorf("%v, %v", got.Item, err)
	}
}

func TestEqualNumbersAreEqualHoweverWritten(t *testing.T) {
	for given, want := range map[string]string{
		"007": "7", "1.50": "1.5", "-0": "0", "+3": "3", "1e3": "1000", "12E-1": "1.2", ".5": "0.5", "5.": "5",
		"12345678901234567890123456789012345678": "12345678901234567890123456789012345678",
	} {
		if got, err := normalNumber(given); got != want || err != nil {
			t.Errorf("%s is %s, %v; want %s", given, got, err, want)
		}
	}
	for _, given := range []string{"", "x", "1e", "0x10", "1_000", "Inf", "1/2", "1e126", "1e999", "123456789012345678901234567890123456789"} {
		if got, err := normalNumber(given); err == nil {
			t.Errorf("%q is %s", given, got)
		}
	}
}

func TestConditionFailureShowsTheOldItem(t *testing.T) {
	b := newDynamoBench(t)
	old := attributes{"id": str("x"), "holder": str("me")}
	b.put(old)
	in := &dynamodb.PutItemInput{
		TableName: aws.String("t"), Item: attributes{"id": str("x"), "holder": str("you")},
		ConditionExpression: aws.String("attribute_not_exists(id)"),
	}
	for ask, want := range map[types.ReturnValuesOnConditionCheckFailure]attributes{"": nil, "NONE": nil, "ALL_OLD": old} {
		in.ReturnValuesOnConditionCheckFailure = ask
		_, err := b.client.PutItem(t.Context(), in)
		var failed *types.ConditionalCheckFailedException
		if !errors.As(err, &failed) {
			t.Fatalf("%q: %v", ask, err)
		}
		wantItem(t, failed.Item, want)
	}
	if got := b.Items("t"); got[0]["holder"] != "me" {
		t.Errorf("it was written all the same: %v", got)
	}
}

func TestReturnValues(t *testing.T) {
	b := newDynamoBench(t)
	key := attributes{"id": str("x")}
	for ask, want := range map[types.ReturnValue]attributes{
		"":            nil,
		"NONE":        nil,
		"ALL_OLD":     {"id": str("x"), "a": num(1), "b": num(1)},
		"ALL_NEW":     {"id": str("x"), "a": num(2), "b": num(1), "c": num(2)},
		"UPDATED_OLD": {"a": num(1)},
		"UPDATED_NEW": {"a": num(2), "c": num(2)},
	} {
		b.put(attributes{"id": str("x"), "a": num(1), "b": num(1)})
		out, err := b.client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String("t"), Key: key, ReturnValues: ask,
			UpdateExpression: aws.String("SET a = :two, c = :two"), ExpressionAttributeValues: attributes{":two": num(2)},
		})
		if err != nil {
			t.Fatal(ask, err)
		}
		wantItem(t, out.Attributes, want)
	}
	put, err := b.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("t"), Item: key, ReturnValues: "ALL_OLD"})
	if err != nil || len(put.Attributes) != 4 {
		t.Errorf("put gave %s, %v", show(put.Attributes), err)
	}
	del, err := b.client.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: aws.String("t"), Key: key, ReturnValues: "ALL_OLD"})
	if err != nil {
		t.Fatal(err)
	}
	wantItem(t, del.Attributes, key)
	_, err = b.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("t"), Item: key, ReturnValues: "ALL_NEW"})
	wantCode(t, err, "ValidationException")
	if got := b.Items("t"); len(got) != 0 {
		t.Errorf("left %v", got)
	}
}

func TestItemIsRefused(t *testing.T) {
	b := newDynamoBench(t)
	for name, it := range map[string]attributes{
		"no key":               {"other": str("x")},
		"key of another type":  {"id": num(1)},
		"empty key":            {"id": str("")},
		"key over 2 KiB":       {"id": str(strings.Repeat("x", 2049))},
		"over 400 KiB":         {"id": str("x"), "a": str(strings.Repeat("x", maxItem))},
		"empty set":            {"id": str("x"), "a": &types.AttributeValueMemberSS{Value: []string{}}},
		"set with a duplicate": {"id": str("x"), "a": &types.AttributeValueMemberNS{Value: []string{"1", "1.0"}}},
		"no number":            {"id": str("x"), "a": &types.AttributeValueMemberN{Value: "one"}},
	} {
		_, err := b.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("t"), Item: it})
		t.Run(name, func(t *testing.T) { wantCode(t, err, "ValidationException") })
	}
	_, err := b.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("t"), Key: attributes{"id": str("x"), "more": str("x")}})
	wantCode(t, err, "ValidationException")
	_, err = b.client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("none"), Item: attributes{"id": str("x")}})
	wantCode(t, err, "ResourceNotFoundException")
	if got := b.Items("t"); len(got) != 0 {
		t.Errorf("written %v", got)
	}
}

func TestAnswersCarryTheAccountsTime(t *testing.T) {
	b := newDynamoBench(t)
	b.clock.Advance(1000 * time.Hour)
	for name, table := range map[string]string{"a success": "t", "an error": "none"} {
		var date string
		_, _ = b.client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: &table, Key: attributes{"id": str("x")}}, func(o *dynamodb.Options) {
			o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
				return stack.Deserialize.Add(dateReader{&date}, middleware.After)
			})
		})
		at, err := http.ParseTime(date)
		if ahead := time.Until(at); err != nil || ahead < 999*time.Hour || ahead > 1000*time.Hour {
			t.Errorf("%s is dated %q: %v ahead, %v", name, date, ahead, err)
		}
	}
}

type dateReader struct{ date *string }

func (dateReader) ID() string { return "dateReader" }

func (d dateReader) HandleDeserialize(ctx context.Context, in middleware.DeserializeInput, next middleware.DeserializeHandler) (out middleware.DeserializeOutput, meta middleware.Metadata, err error) {
	out, meta, err = next.HandleDeserialize(ctx, in)
	if response, ok := out.RawResponse.(*smithyhttp.Response); ok {
		*d.date = response.Header.Get("Date")
	}
	return out, meta, err
}

func TestOneOfManyClaimsWins(t *testing.T) {
	b := newDynamoBench(t)
	var won sync.Map
	var claiming sync.WaitGroup
	for i := range 50 {
		claiming.Go(func() {
			_, err := b.client.PutItem(t.Context(), &dynamodb.PutItemInput{
				TableName: aws.String("t"), Item: attributes{"id": str("x"), "holder": num(i)},
				ConditionExpression: aws.String("attribute_not_exists(id)"),
			})
			var failed *types.ConditionalCheckFailedException
			switch {
			case err == nil:
				won.Store(int64(i), true)
			case !errors.As(err, &failed):
				t.Error(err)
			}
		})
	}
	claiming.Wait()
	winners := 0
	won.Range(func(key, _ any) bool {
		winners++
		if got := b.Items("t")[0]["holder"]; got != key {
			t.Errorf("%v won, but %v holds it", key, got)
		}
		return true
	})
	if winners != 1 {
		t.Errorf("%d won", winners)
	}
}

func TestNoUpdateIsLost(t *testing.T) {
	b := newDynamoBench(t)
	var adding sync.WaitGroup
	for range 8 {
		adding.Go(func() {
			for range 25 {
				if _, err := b.update("ADD attempts :one", attributes{":one": num(1)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	adding.Wait()
	if got := b.Items("t")[0]["attempts"]; got != int64(200) {
		t.Errorf("%v attempts, want 200", got)
	}
}
