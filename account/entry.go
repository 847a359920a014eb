package account

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/devo-s3/collector/delivery"
)

// The attributes of an entry are: id; state, "claimed" or "done"; owner; lease,
// when it ends in ms; expiry in s, for the table's time to live; next, restart
// and fingerprint: the position; bucket, key and version, for people only.
const (
	stateClaimed = "claimed"
	stateDone    = "done"
)

// shownKey is how much of an object's key an entry shows, in bytes.
const shownKey = 256

// An attributes value is an item of the table, or the values of an expression.
type attributes = map[string]types.AttributeValue

// An entry is what the ledger says of one object.
type entry struct {
	done  bool
	owner string
	lease time.Time
	pos   delivery.Position
}

// entryID is the table's hash key: of one length, whatever the names are.
func entryID(id delivery.Identity) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %d", id.Bucket, id.Key, id.Version, id.Generation))
	return hex.EncodeToString(sum[:])
}

func readEntry(item attributes) entry {
	return entry{
		done:  readText(item["state"]) == stateDone,
		owner: readText(item["owner"]),
		lease: time.UnixMilli(readNumber(item["lease"])),
		pos:   readPosition(item),
	}
}

func readPosition(item attributes) delivery.Position {
	p := delivery.Position{Next: readNumber(item["next"]), Fingerprint: readText(item["fingerprint"])}
	restart, ok := item["restart"].(*types.AttributeValueMemberM)
	if !ok {
		return p
	}
	p.Restart.Offset = readNumber(restart.Value["offset"])
	p.Restart.Skip = readNumber(restart.Value["skip"])
	p.Restart.Index = readNumber(restart.Value["index"])
	if state, ok := restart.Value["state"].(*types.AttributeValueMemberB); ok {
		p.Restart.State = string(state.Value)
	}
	return p
}

// positionValues are the values of setPosition.
func positionValues(p delivery.Position) attributes {
	restart := attributes{
		"offset": number(p.Restart.Offset),
		"skip":   number(p.Restart.Skip),
		"index":  number(p.Restart.Index),
	}
	if p.Restart.State != "" {
		// A parser may keep any bytes; a string of DynamoDB is UTF-8.
		restart["state"] = &types.AttributeValueMemberB{Value: []byte(p.Restart.State)}
	}
	return attributes{
		":next":        number(p.Next),
		":fingerprint": text(p.Fingerprint),
		":restart":     &types.AttributeValueMemberM{Value: restart},
	}
}

const setPosition = "SET #next = :next, #fingerprint = :fingerprint, #restart = :restart"

// shown is s as the ledger shows it to people.
func shown(s string) types.AttributeValue {
	return text(strings.ToValidUTF8(s[:min(len(s), shownKey)], ""))
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func readText(v types.AttributeValue) string {
	if s, ok := v.(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

func readNumber(v types.AttributeValue) int64 {
	if n, ok := v.(*types.AttributeValueMemberN); ok {
		i, _ := strconv.ParseInt(n.Value, 10, 64)
		return i
	}
	return 0
}
