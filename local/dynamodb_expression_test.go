package local

import (
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestConditions(t *testing.T) {
	b := newDynamoBench(t)
	b.put(attributes{
		"id": str("x"), "lease": num(10), "holder": str("me"), "tag": str("abc"),
		"m":  &types.AttributeValueMemberM{Value: attributes{"deep": num(3)}},
		"l":  &types.AttributeValueMemberL{Value: []types.AttributeValue{str("zero"), str("one")}},
		"ss": &types.AttributeValueMemberSS{Value: []string{"b", "a"}},
	})
	values := attributes{
		":me": str("me"), ":you": str("you"), ":a": str("a"), ":9": num(9), ":10": num(10), ":11": num(11), ":2": num(2), ":3": num(3),
		":ten": &types.AttributeValueMemberN{Value: "1e1"}, ":one": str("one"), ":set": &types.AttributeValueMemberSS{Value: []string{"a", "b"}},
	}
	names := map[string]string{"#h": "holder", "#d": "deep"}
	for expression, want := range map[string]bool{
		"attribute_exists(id)":           true,
		"attribute_exists(nothing)":      false,
		"attribute_not_exists(nothing)":  true,
		"attribute_not_exists(m.deep)":   false,
		"attribute_not_exists(m.absent)": true,
		"attribute_exists(l[1])":         true,
		"attribute_exists(l[2])":         false,
		"attribute_exists(l.x)":          false,
		"holder = :me":                   true,
		"holder = :you":                  false,
		"holder <> :you":                 true,
		"holder <> :me":                  false,
		"nothing = :me":                  false,
		"nothing <> :me":                 true,
		"nothing < :9":                   false,
		"lease = :ten":                   true,
		"lease = :me":                    false,
		"lease < :me":                    false,
		"lease < :11":                    true,
		"lease < :10":                    false,
		"lease <= :10":                   true,
		"lease > :9":                     true, // as numbers: as text it is not
		"lease > :10":                    false,
		"lease >= :10":                   true,
		":9 < lease":                     true,
		"lease BETWEEN :9 AND :10":       true,
		"lease between :10 and :11":      true,
		"lease BETWEEN :11 AND :11":      false,
		"holder IN (:you, :me)":          true,
		"holder in (:you)":               false,
		"begins_with(tag, :a)":           true,
		"begins_with(tag, :me)":          false,
		"begins_with(lease, :a)":         false,
		"size(tag) = :3":                 true,
		"size(l) = :2":                   true,
		"size(nothing) = :2":             false,
		"size(lease) >= :2":              false,
		"m.deep = :3":                    true,
		"l[1] = :one":                    true,
		"ss = :set":                      true,
		"#h = :me":                       true,
		"m.#d = :3":                      true,
		"NOT holder = :me":               false,
		"NOT NOT holder = :me":           true,
		"holder = :you OR lease = :10":   true,
		"holder = :you AND lease = :10":  false,
		"holder = :me OR holder = :you AND lease = :9":               true, // AND binds closer
		"lease = :9 AND holder = :you OR holder = :me":               true,
		"(holder = :me OR holder = :you) AND lease = :9":             false,
		"NOT holder = :you AND lease = :10":                          true, // NOT closer still
		"NOT (holder = :you AND lease = :10)":                        true,
		"attribute_not_exists(id) OR (lease < :11 AND holder = :me)": true,
	} {
		t.Run(expression, func(t *testing.T) {
			in := &dynamodb.ScanInput{TableName: aws.String("t"), FilterExpression: &expression}
			for _, name := range regexp.MustCompile(`[:#]\w+`).FindAllString(expression, -1) {
				if name[0] == '#' {
					in.ExpressionAttributeNames = map[string]string{name: names[name]}
					continue
				}
				if in.ExpressionAttributeValues == nil {
					in.ExpressionAttributeValues = attributes{}
				}
				in.ExpressionAttributeValues[name] = values[name]
			}
			out, err := b.client.Scan(t.Context(), in)
			if err != nil || (out.Count == 1) != want {
				t.Errorf("%v, want %v; %v", !want, want, err)
			}
		})
	}
}

func TestExpressionsAreRefused(t *testing.T) {
	b := newDynamoBench(t)
	b.put(attributes{"id": str("x"), "a": str("text"), "l": &types.AttributeValueMemberL{Value: []types.AttributeValue{}}})
	for name, c := range map[string]struct{ condition, update, message string }{
		"empty":                    {" ", "", "can not be empty"},
		"a reserved word":          {"owner = :v", "", "reserved keyword: owner"},
		"a reserved word in a SET": {"", "SET state = :v", "reserved keyword: state"},
		"a reserved word deeper":   {"a.Next = :v", "", "reserved keyword: Next"},
		"an undefined value":       {"a = :nope OR a = :v", "", "attribute value: :nope"},
		"an undefined name":        {"#nope = :v", "", "attribute name: #nope"},
		"an unused value":          {"attribute_exists(a)", "", "unused in expressions: keys: {:v}"},
		"no operator":              {"a :v", "", "Syntax error"},
		"no right side":            {"a =", "", "Syntax error"},
		"something left over":      {"a = :v b", "", "Syntax error"},
		"an open parenthesis":      {"(a = :v", "", "Syntax error"},
		"a stray character":        {"a = :v;", "", "Syntax error"},
		"no index":                 {"l[:v] = :v", "", "Syntax error"},
		"an unknown function":      {"exists(a) OR a = :v", "", "Invalid function name"},
		"a value where a path is":  {"attribute_exists(:v)", "", "Syntax error"},
		"too much of it":           {"a = :v" + strings.Repeat(" OR a = :v", 500), "", "exceeded the maximum"},
		"an unknown clause":        {"", "PUT a = :v", "Syntax error"},
		"a clause twice":           {"", "SET a = :v SET b = :v", "Syntax error"},
		"two paths that overlap":   {"", "SET a.b = :v, a = :v", "overlap"},
		"an update of the key":     {"", "SET id = :v", "part of the key"},
		"a copy of nothing":        {"", "SET b = nothing, c = :v", "does not exist"},
		"a sum with text":          {"", "SET b = a + :v", "incorrect data type"},
		"ADD to text":              {"", "ADD a :v", "incorrect data type"},
		"a path to nowhere":        {"", "SET nothing.deep = :v", "invalid for update"},
		"a name in a list":         {"", "SET l.deep = :v", "invalid for update"},
	} {
		t.Run(name, func(t *testing.T) {
			in := &dynamodb.UpdateItemInput{
				TableName: aws.String("t"), Key: attributes{"id": str("x")},
				ExpressionAttributeValues: attributes{":v": num(1)},
			}
			if c.condition != "" {
				in.ConditionExpression = &c.condition
			}
			if c.update != "" {
				in.UpdateExpression = &c.update
			}
			_, err := b.client.UpdateItem(t.Context(), in)
			wantCode(t, err, "ValidationException")
			if err != nil && !strings.Contains(err.Error(), c.message) {
				t.Errorf("%v does not say %q", err, c.message)
			}
		})
	}
	if got := b.Items("t")[0]; len(got) != 3 || got["a"] != "text" {
		t.Errorf("the item became %v", got)
	}
}

func TestUpdates(t *testing.T) {
	set := func(members ...string) types.AttributeValue { return &types.AttributeValueMemberSS{Value: members} }
	list := func(members ...types.AttributeValue) types.AttributeValue {
		return &types.AttributeValueMemberL{Value: members}
	}
	deep := func(it attributes) types.AttributeValue { return &types.AttributeValueMemberM{Value: it} }
	for _, c := range []struct {
		name   string
		old    attributes // nil = no item; without its key
		update string
		values attributes
		want   attributes
	}{
		{"SET makes the item", nil, "SET a = :v", attributes{":v": num(1)}, attributes{"a": num(1)}},
		{"SET replaces", attributes{"a": str("old"), "b": num(2)}, "SET a = :v", attributes{":v": num(1)}, attributes{"a": num(1), "b": num(2)}},
		{"SET sees the item as it was", attributes{"a": num(1), "b": num(2)}, "SET a = b, b = a", nil, attributes{"a": num(2), "b": num(1)}},
		{"SET adds", attributes{"a": num(1)}, "SET a = a + :v", attributes{":v": num(5)}, attributes{"a": num(6)}},
		{"SET subtracts", attributes{"a": num(1)}, "set a = a-:v", attributes{":v": num(5)}, attributes{"a": num(-4)}},
		{"if_not_exists gives what is there", attributes{"a": num(1)}, "SET a = if_not_exists(a, :v)", attributes{":v": num(5)}, attributes{"a": num(1)}},
		{"if_not_exists gives the other", nil, "SET a = if_not_exists(a, :v) + :v", attributes{":v": num(5)}, attributes{"a": num(10)}},
		{"REMOVE removes", attributes{"a": num(1), "b": num(2)}, "REMOVE a, nothing", nil, attributes{"b": num(2)}},
		{"REMOVE and SET go together", attributes{"a": num(1)}, "REMOVE a SET b = a", nil, attributes{"b": num(1)}},
		{"ADD makes a number", nil, "ADD a :v", attributes{":v": num(5)}, attributes{"a": num(5)}},
		{"ADD adds", attributes{"a": num(1)}, "ADD a :v", attributes{":v": num(5)}, attributes{"a": num(6)}},
		{"ADD joins sets", attributes{"a": set("x", "y")}, "ADD a :v", attributes{":v": set("w", "y")}, attributes{"a": set("w", "x", "y")}},
		{"DELETE takes out of a set", attributes{"a": set("x", "y")}, "DELETE a :v", attributes{":v": set("w", "y")}, attributes{"a": set("x")}},
		{"DELETE leaves no empty set", attributes{"a": set("x")}, "DELETE a :v", attributes{":v": set("x")}, attributes{}},
		{"a path into a map", attributes{"m": deep(attributes{"a": num(1), "b": num(2)})}, "SET m.a = :v REMOVE m.b", attributes{":v": num(5)}, attributes{"m": deep(attributes{"a": num(5)})}},
		{"a path into a list", attributes{"l": list(num(1), num(2))}, "SET l[0] = :v", attributes{":v": num(5)}, attributes{"l": list(num(5), num(2))}},
		{"past the end of a list", attributes{"l": list(num(1))}, "SET l[9] = :v", attributes{":v": num(5)}, attributes{"l": list(num(1), num(5))}},
		{"out of a list", attributes{"l": list(num(1), num(2))}, "REMOVE l[0]", nil, attributes{"l": list(num(2))}},
		{"a map in a list", attributes{"l": list(deep(attributes{}))}, "SET l[0].a = :v", attributes{":v": num(5)}, attributes{"l": list(deep(attributes{"a": num(5)}))}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newDynamoBench(t)
			if c.old != nil {
				c.old["id"] = str("x")
				b.put(c.old)
			}
			got, err := b.update(c.update, c.values)
			if err != nil {
				t.Fatal(err)
			}
			c.want["id"] = str("x")
			wantItem(t, got, c.want)
		})
	}
}

// FuzzExpressions holds that no expression is more than an error, that a
// condition in parentheses is the same one, and that NOT makes it the other.
func FuzzExpressions(f *testing.F) {
	for _, seed := range []string{
		"SET a = if_not_exists(b, :v) + :v, m.c[2] = :v REMOVE d ADD e :v DELETE g :v",
		"NOT (a = :v AND size(b) <> :v) OR begins_with(c, :v) AND d BETWEEN :v AND :v OR e IN (:v, :v)", "((((", "#n[", "",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		seven := "7"
		it := item{"a": {N: &seven}, "m": {M: item{"c": {L: []value{{S: &seven}}}}}, "g": {SS: []string{"7"}}}
		p := &placeholders{ExpressionAttributeNames: map[string]string{"#n": "a"}, ExpressionAttributeValues: item{":v": {N: &seven}}}
		_ = p.resolve()
		condition := func(text string) (bool, error) {
			holds, err := parse(p, "ConditionExpression", text, (*expression).condition)
			return err == nil && holds(it), err
		}
		plain, err := condition(text)
		inside, insideErr := condition("(" + text + ")")
		not, notErr := condition("NOT (" + text + ")")
		if err == nil && (insideErr != nil || notErr != nil || inside != plain || not == plain) {
			t.Errorf("%q: %v, in parentheses %v %v, negated %v %v", text, plain, inside, insideErr, not, notErr)
		}
		if changes, err := parse(p, "UpdateExpression", text, (*expression).changes); err == nil {
			_, _ = apply(changes, it)
		}
	})
}
