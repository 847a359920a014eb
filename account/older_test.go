package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// What commit a908ca6 writes: testdata/a908ca6.json was made by its own code, by
// a test that recorded the ledger's requests to an emulated table and read the
// items back. It is what is in the tables of deployments that are updated from
// there, and what their functions send while both versions run.
type older struct {
	Body         string // of each of the objects
	Continuation string
	Fingerprints map[string]string
	Items        map[string]map[string]value
	Requests     map[string]struct {
		Target string
		Body   map[string]any
	}
}

// A value is an attribute's in DynamoDB's JSON.
type value struct {
	S *string          `json:",omitempty"`
	N *string          `json:",omitempty"`
	B []byte           `json:",omitempty"`
	M map[string]value `json:",omitempty"`
	L []value          `json:",omitempty"`
}

func (v value) attribute() types.AttributeValue {
	switch {
	case v.S != nil:
		return text(*v.S)
	case v.N != nil:
		return &types.AttributeValueMemberN{Value: *v.N}
	case v.B != nil:
		return &types.AttributeValueMemberB{Value: v.B}
	case v.L != nil:
		list := &types.AttributeValueMemberL{}
		for _, e := range v.L {
			list.Value = append(list.Value, e.attribute())
		}
		return list
	}
	m := attributes{}
	for name, e := range v.M {
		m[name] = e.attribute()
	}
	return &types.AttributeValueMemberM{Value: m}
}

func readOlder(t *testing.T) (o older) {
	t.Helper()
	if err := json.Unmarshal(must(os.ReadFile("testdata/a908ca6.json")), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

// writeItem puts an older version's item into the table; what its time decides
// is moved to the present.
func (b *bench) writeItem(o older, name string, until time.Time) {
	b.Helper()
	item := attributes{}
	for attribute, v := range o.Items[name] {
		item[attribute] = v.attribute()
	}
	if item["lease"] != nil && readNumber(item["lease"]) > 0 {
		item["lease"] = number(until.UnixMilli())
	}
	if item["expiry"] != nil {
		item["expiry"] = number(until.Add(keep).Unix())
	}
	must(b.dynamodb().PutItem(b.Context(), &dynamodb.PutItemInput{TableName: aws.String(table), Item: item}))
}

// identity is that of the object with this name in an older version's items.
func (o older) identity(name string) delivery.Identity {
	item := o.Items[name]
	return delivery.Identity{Bucket: *item["bucket"].S, Key: *item["key"].S, Version: *item["version"].S}
}

// send replays an older version's request for an object, with some values of its
// expressions replaced, and reports whether its condition held.
func (b *bench) send(o older, name string, id delivery.Identity, values attributes) bool {
	b.Helper()
	return b.sendTo(o, name, entryID(id), values)
}

// sendAsIs is send for the item that the request itself names.
func (b *bench) sendAsIs(o older, name string, values attributes) bool {
	b.Helper()
	return b.sendTo(o, name, "", values)
}

func (b *bench) sendTo(o older, name, itemID string, values attributes) bool {
	b.Helper()
	var in struct {
		Item, ExpressionAttributeValues       map[string]value
		UpdateExpression, ConditionExpression string
		ExpressionAttributeNames              map[string]string
	}
	request := o.Requests[name]
	b.check(json.Unmarshal(must(json.Marshal(request.Body)), &in))
	with := func(from map[string]value) attributes {
		all := attributes{}
		for name, v := range from {
			all[name] = v.attribute()
		}
		for name, v := range values {
			if all[name] != nil {
				all[name] = v
			}
		}
		return all
	}
	var err error
	switch request.Target {
	case "DynamoDB_20120810.PutItem":
		item := with(in.Item)
		if itemID != "" {
			item["id"], item["expiry"] = text(itemID), number(b.aws.Clock().Now().Add(keep).Unix())
		}
		_, err = b.dynamodb().PutItem(b.Context(), &dynamodb.PutItemInput{
			TableName: aws.String(table), Item: item,
			ConditionExpression: &in.ConditionExpression, ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: with(in.ExpressionAttributeValues),
		})
	default:
		_, err = b.dynamodb().UpdateItem(b.Context(), &dynamodb.UpdateItemInput{
			TableName: aws.String(table), Key: attributes{"id": text(itemID)}, UpdateExpression: &in.UpdateExpression,
			ConditionExpression: &in.ConditionExpression, ExpressionAttributeNames: in.ExpressionAttributeNames, ExpressionAttributeValues: with(in.ExpressionAttributeValues),
		})
	}
	var refused *types.ConditionalCheckFailedException
	if err != nil && !errors.As(err, &refused) {
		b.Fatal(err)
	}
	return err == nil
}

// source is the source that the older version read with.
func olderSource() sources.Set {
	return sources.Set{must(sources.Compile(sources.Definition{Name: "app", Keys: []string{"logs/**"}, Format: "json", Options: &parsers.JSONOptions{Path: parsers.Paths{"Records"}}, Tag: "my.app.{record.region}.x"}))}
}

// TestUpgradeInTheMiddleOfAnObject: an object that the older version left half
// delivered goes on where it stopped, and what it finished is not sent again;
// whether a notification or the older version's continuation names it.
func TestUpgradeInTheMiddleOfAnObject(t *testing.T) {
	o := readOlder(t)
	var object struct{ Records []json.RawMessage }
	if err := json.Unmarshal([]byte(o.Body), &object); err != nil {
		t.Fatal(err)
	}
	var rest []string // the older version confirmed three
	for _, record := range object.Records[3:] {
		rest = append(rest, string(record))
	}
	for name, want := range map[string]struct {
		state delivery.State
		sent  []string
	}{
		"released": {delivery.Delivered, rest},
		"live":     {delivery.Delivered, rest},
		"done":     {delivery.Already, nil},
	} {
		for n := range 4 {
			continued, shared := n&1 > 0, n&2 > 0
			t.Run(fmt.Sprintf("%s, continued %v, shared %v", name, continued, shared), func(t *testing.T) {
				b := newBench(t)
				b.put("logs/"+name, o.Body)
				b.writeItem(o, name, b.aws.Clock().Now().Add(lease))
				r := b.rig()
				r.Entries[0].Sources, r.Continuation = olderSource(), "arn:aws:sqs:us-east-1:123456789012:continuation"
				if shared { // the older version did not tell queues apart
					r.Entries = append(r.Entries, r.Entries[0])
					r.Entries[1].ARN += "-2"
				}
				m := delivery.Message{ID: "m", Receipt: "m", Queue: entryQueue, Received: 2, Body: s3Event(bucket, "logs/"+name)}
				if continued {
					m.Queue, m.Body = r.Continuation, strings.ReplaceAll(o.Continuation, "logs/released", "logs/"+name)
				}
				collector := must(delivery.New(r.Options))
				if name == "live" {
					collector.Deliver(t.Context(), "new", []delivery.Message{m})
					wantOutcome(t, r.outcomes["m"], delivery.Claimed, delivery.Failed)
					b.pass(r.Ledger, lease+time.Second)
				}
				collector.Deliver(t.Context(), "new", []delivery.Message{m})
				wantOutcome(t, r.outcomes["m"], "", want.state)
				if shared {
					other := delivery.Message{ID: "other", Receipt: "other", Queue: entryQueue + "-2", Received: 1, Body: s3Event(bucket, "logs/"+name)}
					collector.Deliver(t.Context(), "newer", []delivery.Message{other})
					wantOutcome(t, r.outcomes["other"], "", delivery.Already)
				}
				if !slices.Equal(r.sent, want.sent) || r.outcomes["m"].Objects[0].Reset {
					t.Errorf("sent %q, want %q", r.sent, want.sent)
				}
			})
		}
	}
}

// TestOlderVersionsRequestsOnNewEntries: what the older version asks for holds
// on entries that this one wrote exactly when it is entitled to it, and each
// goes on where the other stopped.
func TestOlderVersionsRequestsOnNewEntries(t *testing.T) {
	o := readOlder(t)
	b := newBench(t)
	l := b.ledger()
	id := o.identity("released")
	claim := func(owner string) delivery.Claim { return must(l.Claim(t.Context(), id, owner, lease)) }
	leaseOf := func() types.AttributeValue {
		item := must(b.dynamodb().GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(table), Key: attributes{"id": text(entryID(id))}})).Item
		return number(readNumber(item["lease"]))
	}
	taking := func(from string) attributes {
		return attributes{":before": text(from), ":ended": leaseOf(), ":lease": number(b.aws.Clock().Now().Add(lease).UnixMilli())}
	}
	want := func(name string, values attributes, held bool) {
		t.Helper()
		if got := b.send(o, name, id, values); got != held {
			t.Errorf("%s: held %v, want %v", name, got, held)
		}
	}
	pos := delivery.Position{Next: 2, Fingerprint: o.Fingerprints["of no fields"], Older: o.Fingerprints["of the fields that a tag reads"]}

	// A new entry is no other's, and the older version reads the position by the
	// fingerprint that it computes itself.
	c := must(l.Advance(t.Context(), claim("new"), pos))
	want("create", nil, false)
	want("advance", nil, false)
	want("done", nil, false)
	want("release", nil, false)
	if got := b.aws.Items(table)[0]["fingerprint"]; got != pos.Older {
		t.Errorf("the older version reads the fingerprint %v, want %s", got, pos.Older)
	}

	// It takes over what was released, advances it to record 3, and is entitled to.
	b.check(l.Release(t.Context(), c))
	want("take", taking("new"), true)
	want("advance", nil, true)
	wantKind(t, advanceError(l, c, pos), delivery.LedgerFailed, "lost the lease to old")
	wantKind(t, l.Release(t.Context(), c), delivery.LedgerFailed, "lost the lease to old")

	// This version goes on from there; what the older one sends late is refused.
	b.pass(l, lease+time.Second)
	c = claim("newer")
	if c.Position.Next != 3 || !c.Position.SameParser(pos) || c.Revision <= 3 {
		t.Errorf("claim %+v", c)
	}
	want("advance", nil, false)
	want("done", nil, false)
	want("release", nil, false)
	pos.Next = 5
	c = must(l.Advance(t.Context(), c, pos))
	want("advance", nil, false)
	if b.next(id) != 5 {
		t.Errorf("the position is %d, want 5", b.next(id))
	}
	b.check(l.Done(t.Context(), c, pos))
	want("create", nil, false)
	want("take", taking("newer"), false)

	// Where the older version finds nothing, it creates; this one takes over.
	id.Key += "2"
	want("create", attributes{"lease": number(b.aws.Clock().Now().Add(lease).UnixMilli())}, true)
	_, err := l.Claim(t.Context(), id, "new", lease)
	wantKind(t, err, delivery.Claimed, "held by old")
	b.pass(l, lease+time.Second)
	wantClaim(t, claim("new"), delivery.Claim{ID: id, Owner: "new", Revision: 1, Abandoned: "old"})

	// It counts with another parser than this version did: that count stands.
	id.Key += "3"
	b.check(l.Release(t.Context(), must(l.Advance(t.Context(), claim("new"), pos))))
	want("take", taking("new"), true)
	want("advance", attributes{":fingerprint": text("of another parser")}, true)
	b.pass(l, lease+time.Second)
	if c := claim("newer"); c.Position.Next != 3 || c.Position.SameParser(pos) {
		t.Errorf("claim %+v", c)
	}
}
