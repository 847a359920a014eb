package local

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// dynamoService is Amazon DynamoDB as far as a ledger goes: single-item reads
// and conditional writes, Query and Scan, no indexes, no transactions, tables
// shared by all accounts
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/). Reads are
// always consistent. Items outlive their time to live, as they may on AWS, by
// days.
type dynamoService struct {
	clock   *Clock
	actions map[string]action

	mu     sync.Mutex
	tables map[string]*table
}

// A table is guarded by the service's lock. Its items are replaced, never
// changed.
type table struct {
	name    string
	keys    []keyAttribute // hash, and perhaps range
	created time.Time
	ttl     ttlSpecification
	items   map[string]item
	onWrite func(map[string]any)
}

type keyAttribute struct {
	name, kind string // kind S, N or B
}

func newDynamoDB(clock *Clock) *dynamoService {
	d := &dynamoService{clock: clock, tables: map[string]*table{}}
	d.actions = map[string]action{
		"CreateTable":        typed(d.createTable),
		"DescribeTable":      typed(d.describeTable),
		"UpdateTimeToLive":   typed(d.updateTimeToLive),
		"DescribeTimeToLive": typed(d.describeTimeToLive),
		"GetItem":            typed(d.getItem),
		"BatchGetItem":       typed(d.batchGetItem),
		"PutItem":            typed(d.putItem),
		"UpdateItem":         typed(d.updateItem),
		"DeleteItem":         typed(d.deleteItem),
		"Query":              typed(d.query),
		"Scan":               typed(d.scan),
	}
	return d
}

// serve implements service.
func (d *dynamoService) serve(w http.ResponseWriter, r *http.Request, body []byte, who caller) {
	serveActions(w, r, d.actions, body, who)
}

func dynamoFault(shape, format string, args ...any) *fault {
	return &fault{kind: "com.amazonaws.dynamodb.v20120810#" + shape, message: fmt.Sprintf(format, args...)}
}

// invalid is DynamoDB's ValidationException.
func invalid(message string) *fault {
	return &fault{kind: "com.amazon.coral.validate#ValidationException", message: message}
}

// table finds a table. The caller holds the lock.
func (d *dynamoService) table(name string) (*table, error) {
	t := d.tables[name]
	if t == nil {
		return nil, dynamoFault("ResourceNotFoundException", "Requested resource not found: Table: %s not found", name)
	}
	return t, nil
}

type attributeDefinition struct{ AttributeName, AttributeType string }

type keySchemaElement struct{ AttributeName, KeyType string }

type createTableIn struct {
	TableName            string
	AttributeDefinitions []attributeDefinition
	KeySchema            []keySchemaElement
}

type tableDescription struct {
	TableName            string
	TableStatus          string
	CreationDateTime     float64 // s
	ItemCount            int
	AttributeDefinitions []attributeDefinition
	KeySchema            []keySchemaElement
}

func (t *table) describe() tableDescription {
	out := tableDescription{
		TableName: t.name, TableStatus: "ACTIVE", ItemCount: len(t.items),
		CreationDateTime: float64(t.created.UnixMilli()) / 1000,
	}
	for i, k := range t.keys {
		out.AttributeDefinitions = append(out.AttributeDefinitions, attributeDefinition{k.name, k.kind})
		out.KeySchema = append(out.KeySchema, keySchemaElement{k.name, []string{"HASH", "RANGE"}[i]})
	}
	return out
}

type createTableOut struct{ TableDescription tableDescription }

func (d *dynamoService) createTable(_ call, in createTableIn) (out createTableOut, err error) {
	var keys []keyAttribute
	for i, k := range in.KeySchema {
		at := slices.IndexFunc(in.AttributeDefinitions, func(a attributeDefinition) bool { return a.AttributeName == k.AttributeName })
		if at < 0 || i > 1 || k.KeyType != []string{"HASH", "RANGE"}[i] || !slices.Contains([]string{"S", "N", "B"}, in.AttributeDefinitions[at].AttributeType) {
			return out, invalid("One or more parameter values were invalid: Invalid KeySchema or AttributeDefinitions")
		}
		keys = append(keys, keyAttribute{k.AttributeName, in.AttributeDefinitions[at].AttributeType})
	}
	if len(keys) == 0 || len(keys) != len(in.AttributeDefinitions) {
		return out, invalid("One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.tables[in.TableName] != nil {
		return out, dynamoFault("ResourceInUseException", "Table already exists: %s", in.TableName)
	}
	t := d.add(in.TableName, keys)
	return createTableOut{t.describe()}, nil
}

func (d *dynamoService) add(name string, keys []keyAttribute) *table {
	t := &table{name: name, keys: keys, created: d.clock.Now(), items: map[string]item{}}
	d.tables[name] = t
	return t
}

type tableIn struct{ TableName string }

type describeTableOut struct{ Table tableDescription }

func (d *dynamoService) describeTable(_ call, in tableIn) (out describeTableOut, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.table(in.TableName)
	if err != nil {
		return out, err
	}
	return describeTableOut{t.describe()}, nil
}

type ttlSpecification struct {
	AttributeName string
	Enabled       bool
}

type ttlIn struct {
	TableName               string
	TimeToLiveSpecification ttlSpecification
}

type ttlOut struct{ TimeToLiveSpecification ttlSpecification }

func (d *dynamoService) updateTimeToLive(_ call, in ttlIn) (out ttlOut, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.table(in.TableName)
	if err != nil {
		return out, err
	}
	t.ttl = in.TimeToLiveSpecification
	return ttlOut{t.ttl}, nil
}

type ttlDescription struct {
	AttributeName    string `json:",omitempty"`
	TimeToLiveStatus string
}

type describeTTLOut struct{ TimeToLiveDescription ttlDescription }

func (d *dynamoService) describeTimeToLive(_ call, in tableIn) (out describeTTLOut, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t, err := d.table(in.TableName)
	if err != nil {
		return out, err
	}
	if !t.ttl.Enabled {
		return describeTTLOut{ttlDescription{TimeToLiveStatus: "DISABLED"}}, nil
	}
	return describeTTLOut{ttlDescription{t.ttl.AttributeName, "ENABLED"}}, nil
}

// AWS's limits, in bytes.
const (
	maxItem     = 400 << 10
	maxHashKey  = 2048
	maxRangeKey = 1024
)

// key takes the key's attributes out of an item that has them.
func (t *table) key(it item) (item, error) {
	key := item{}
	for i, k := range t.keys {
		v, found := it[k.name]
		switch {
		case !found:
			return nil, invalid("One or more parameter values were invalid: Missing the key " + k.name + " in the item")
		case v.kinds()[0] != k.kind:
			return nil, invalid("One or more parameter values were invalid: Type mismatch for key " + k.name + " expected: " + k.kind + " actual: " + v.kinds()[0])
		case k.kind != "N" && v.bytes() == 0:
			return nil, invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: " + k.name)
		case v.bytes() > []int{maxHashKey, maxRangeKey}[i]:
			return nil, invalid("One or more parameter values were invalid: Size of a key has exceeded the maximum size limit: " + k.name)
		}
		key[k.name] = v
	}
	return key, nil
}

// onlyKey is key for a request that must give nothing else.
func (t *table) onlyKey(it item) (item, error) {
	key, err := t.key(it)
	if err != nil || len(it) != len(t.keys) {
		return nil, invalid("The provided key element does not match the schema")
	}
	return key, nil
}

// place is where the item with this key is kept.
func (t *table) place(key item) string {
	var b strings.Builder
	for _, k := range t.keys {
		v := key[k.name]
		switch k.kind {
		case "S":
			fmt.Fprintf(&b, "%q", *v.S)
		case "N":
			fmt.Fprintf(&b, "%s ", *v.N)
		case "B":
			fmt.Fprintf(&b, "%x ", v.B)
		}
	}
	return b.String()
}

// order compares two items by key.
func (t *table) order(a, b item) int {
	for _, k := range t.keys {
		if o, _ := a[k.name].compare(b[k.name]); o != 0 {
			return o
		}
	}
	return 0
}

// sorted is all items by key.
func (t *table) sorted() []item {
	return slices.SortedFunc(maps.Values(t.items), t.order)
}

// CreateTable makes an empty table with a string for its key, in place of one
// of the same name.
func (a *Account) CreateTable(name, hashKey string) {
	a.dynamodb.mu.Lock()
	defer a.dynamodb.mu.Unlock()
	a.dynamodb.add(name, []keyAttribute{{hashKey, "S"}})
}

// ExpireBy has the items of a table end at the time, in s, of that attribute.
func (a *Account) ExpireBy(table, attribute string) {
	a.dynamodb.mu.Lock()
	defer a.dynamodb.mu.Unlock()
	if t := a.dynamodb.tables[table]; t != nil {
		t.ttl = ttlSpecification{AttributeName: attribute, Enabled: true}
	}
}

// Items are a table's, by key, as plain Go values: string, int64 or float64,
// []byte, bool, nil, and slices and maps of these. It is nil for a table that
// is not there.
func (a *Account) Items(table string) []map[string]any { return a.dynamodb.books(table) }

func (d *dynamoService) books(name string) []map[string]any {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.tables[name]
	if t == nil {
		return nil
	}
	all := make([]map[string]any, 0, len(t.items))
	for _, it := range t.sorted() {
		all = append(all, it.plain())
	}
	return all
}

// OnWrite has hook see each item that is put or updated in a table, as Items
// gives it, in the order of the writes and before they are answered. It must
// not call the account.
func (a *Account) OnWrite(table string, hook func(item map[string]any)) {
	a.dynamodb.mu.Lock()
	defer a.dynamodb.mu.Unlock()
	if t := a.dynamodb.tables[table]; t != nil {
		t.onWrite = hook
	}
}
