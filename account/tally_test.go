package account

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/delivery"
)

// olderAdvance moves a position as versions of the function did that knew of no
// tally, nor of revisions.
func olderAdvance(b *bench, c delivery.Claim, p delivery.Position) {
	b.Helper()
	values := positionValues(p)
	delete(values, ":tally")
	delete(values, ":parser")
	values[":claimed"], values[":owner"] = text(stateClaimed), text(c.Owner)
	_, err := b.dynamodb().UpdateItem(b.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(table), Key: attributes{"id": text(entryID(c.ID))},
		UpdateExpression:          aws.String("SET #next = :next, #fingerprint = :fingerprint, #restart = :restart"),
		ConditionExpression:       aws.String("#state = :claimed AND #owner = :owner"),
		ExpressionAttributeValues: values,
		ExpressionAttributeNames: map[string]string{
			"#next": "next", "#fingerprint": "fingerprint", "#restart": "restart", "#state": "state", "#owner": "owner",
		},
	})
	b.check(err)
}

func wantPosition(t *testing.T, c delivery.Claim, want delivery.Position) {
	t.Helper()
	if diff := cmp.Diff(want, c.Position); diff != "" {
		t.Errorf("the position differs (-want +got):\n%s", diff)
	}
}

// A tally counts only if it was written with the position that the entry has:
// versions that keep none run beside this one at every release.
func TestTallyOfAnotherPositionIsUnknown(t *testing.T) {
	further, otherParser := halfway, halfway
	further.Next++
	otherParser.Fingerprint = "json 2"
	uncounted := func(p delivery.Position) delivery.Position {
		p.Tally, p.Uncounted = delivery.Position{}.Tally, true
		return p
	}
	for name, c := range map[string]struct {
		before *delivery.Position // written with a tally
		older  delivery.Position  // then written without one
		want   delivery.Position
	}{
		"never counted":                                {nil, halfway, uncounted(halfway)},
		"counted, then moved on":                       {&halfway, further, uncounted(further)},
		"counted, then started over by another parser": {&halfway, otherParser, uncounted(otherParser)},
		"not moved":                                    {&halfway, halfway, halfway},
		"at the start":                                 {nil, delivery.Position{Fingerprint: "json 1"}, delivery.Position{Fingerprint: "json 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			l := b.ledger()
			first := b.claim(l, "a")
			if c.before != nil {
				var err error
				first, err = l.Advance(t.Context(), first, *c.before)
				b.check(err)
			}
			olderAdvance(b, first, c.older)
			b.check(l.Release(t.Context(), first))
			second := b.claim(l, "b")
			wantPosition(t, second, c.want)
			if !c.want.Uncounted {
				return
			}
			// What was unknown stays unknown, however often it is written.
			more := second.Position
			more.Next += 10
			more.Tally.Foreign = 3
			second, err := l.Advance(t.Context(), second, more)
			b.check(err)
			b.check(l.Release(t.Context(), second))
			wantPosition(t, b.claim(l, "c"), uncounted(more))
		})
	}
}
