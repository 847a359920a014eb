package local

import (
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// ranged makes a table r of hash key h and range key r, with items of h a and
// b and r 1 to 10.
func (b dynamoBench) ranged() {
	b.Helper()
	_, err := b.client.CreateTable(b.Context(), &dynamodb.CreateTableInput{
		TableName:            aws.String("r"),
		BillingMode:          types.BillingModePayPerRequest,
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("h"), KeyType: "HASH"}, {AttributeName: aws.String("r"), KeyType: "RANGE"}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("r"), AttributeType: "N"}, {AttributeName: aws.String("h"), AttributeType: "S"}},
	})
	if err != nil {
		b.Fatal(err)
	}
	for _, h := range []string{"b", "a"} {
		for r := 10; r > 0; r-- {
			it := attributes{"h": str(h), "r": num(r), "odd": &types.AttributeValueMemberBOOL{Value: r%2 == 1}}
			if _, err := b.client.PutItem(b.Context(), &dynamodb.PutItemInput{TableName: aws.String("r"), Item: it}); err != nil {
				b.Fatal(err)
			}
		}
	}
}

func rangedKeys(items []attributes) (all []string) {
	for _, it := range items {
		all = append(all, it["h"].(*types.AttributeValueMemberS).Value+it["r"].(*types.AttributeValueMemberN).Value)
	}
	return all
}

func TestTableIsDescribedAsItWasMade(t *testing.T) {
	b := newDynamoBench(t)
	b.ranged()
	out, err := b.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("r")})
	if err != nil {
		t.Fatal(err)
	}
	if d := out.Table; *d.TableName != "r" || d.TableStatus != "ACTIVE" || *d.ItemCount != 20 || len(d.KeySchema) != 2 ||
		*d.KeySchema[0].AttributeName != "h" || d.KeySchema[1].KeyType != "RANGE" || d.AttributeDefinitions[1].AttributeType != "N" {
		t.Errorf("%+v", d)
	}
	_, err = b.client.DescribeTable(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String("none")})
	wantCode(t, err, "ResourceNotFoundException")
	_, err = b.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("t"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: "HASH"}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("id"), AttributeType: "S"}},
	})
	wantCode(t, err, "ResourceInUseException")
	_, err = b.client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("new"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("id"), KeyType: "HASH"}},
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("other"), AttributeType: "S"}},
	})
	wantCode(t, err, "ValidationException")
}

func TestTimeToLiveIsKept(t *testing.T) {
	b := newDynamoBench(t)
	status := func() types.TimeToLiveStatus {
		t.Helper()
		out, err := b.client.DescribeTimeToLive(t.Context(), &dynamodb.DescribeTimeToLiveInput{TableName: aws.String("t")})
		if err != nil {
			t.Fatal(err)
		}
		return out.TimeToLiveDescription.TimeToLiveStatus
	}
	if got := status(); got != "DISABLED" {
		t.Errorf("at first %s", got)
	}
	_, err := b.client.UpdateTimeToLive(t.Context(), &dynamodb.UpdateTimeToLiveInput{
		TableName: aws.String("t"), TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expiry"), Enabled: aws.Bool(true)},
	})
	if got := status(); err != nil || got != "ENABLED" {
		t.Errorf("then %s, %v", got, err)
	}
}

func TestQueryFindsByKeyInOrder(t *testing.T) {
	b := newDynamoBench(t)
	b.ranged()
	values := attributes{":h": str("a"), ":low": num(2), ":high": num(10), ":odd": &types.AttributeValueMemberBOOL{Value: true}}
	for name, c := range map[string]struct {
		condition string
		filter    *string
		backward  bool
		want      []string
	}{
		"between":           {"h = :h AND r BETWEEN :low AND :high", aws.String("odd = :odd"), false, []string{"a3", "a5", "a7", "a9"}},
		"backward":          {"h = :h AND r BETWEEN :low AND :high", aws.String("odd = :odd"), true, []string{"a9", "a7", "a5", "a3"}},
		"above, as numbers": {"h = :h AND r >= :high", aws.String("odd <> :odd OR r = :low"), false, []string{"a10"}},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := b.client.Query(t.Context(), &dynamodb.QueryInput{
				TableName: aws.String("r"), KeyConditionExpression: &c.condition, FilterExpression: c.filter,
				ExpressionAttributeValues: values, ScanIndexForward: aws.Bool(!c.backward),
			})
			if err != nil || !slices.Equal(rangedKeys(out.Items), c.want) || int(out.Count) != len(c.want) {
				t.Errorf("%q, count %d, %v; want %q", rangedKeys(out.Items), out.Count, err, c.want)
			}
		})
	}
	_, err := b.client.Query(t.Context(), &dynamodb.QueryInput{TableName: aws.String("r")})
	wantCode(t, err, "ValidationException")
}

func TestScanGoesPageByPage(t *testing.T) {
	b := newDynamoBench(t)
	b.ranged()
	pages := dynamodb.NewScanPaginator(b.client, &dynamodb.ScanInput{TableName: aws.String("r"), Limit: aws.Int32(7), ProjectionExpression: aws.String("h, r")})
	var all []attributes
	count := 0
	for pages.HasMorePages() {
		out, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		count++
		all = append(all, out.Items...)
	}
	if count != 3 || len(all) != 20 || rangedKeys(all)[0] != "a1" || rangedKeys(all)[19] != "b10" || len(all[0]) != 2 {
		t.Errorf("%d pages, %d items %q", count, len(all), rangedKeys(all))
	}
	out, err := b.client.Scan(t.Context(), &dynamodb.ScanInput{TableName: aws.String("r"), Select: types.SelectCount})
	if err != nil || out.Count != 20 || len(out.Items) != 0 {
		t.Errorf("counted %d with %d items, %v", out.Count, len(out.Items), err)
	}
}

func TestOnWriteSeesWhatIsWritten(t *testing.T) {
	b := newDynamoBench(t)
	var seen []map[string]any
	b.OnWrite("t", func(item map[string]any) { seen = append(seen, item) })
	b.put(attributes{"id": str("x"), "n": num(1)})
	if _, err := b.update("SET n = :n", attributes{":n": num(2)}); err != nil {
		t.Fatal(err)
	}
	want := []map[string]any{{"id": "x", "n": int64(1)}, {"id": "x", "n": int64(2)}}
	if !reflect.DeepEqual(seen, want) {
		t.Errorf("%v, want %v", seen, want)
	}
}
