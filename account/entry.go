package account

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/devo-s3/collector/delivery"
	"github.com/devo-s3/collector/parsers"
)

// The attributes of an entry are: id; state, "claimed" or "done"; owner; lease,
// when it ends in ms; revision, which every write raises by one; expiry in s,
// for the table's time to live; next, restart, fingerprint and parser: the
// position; tally: the records before it, and the next and fingerprint it was
// written with; bucket, key, version and queue, for people only.
//
// Versions of the function before December 2026 work on the same entries:
//   - They neither write a revision nor raise one. Their entries have revision 0,
//     and only the owner tells their writes from ours.
//   - They read and write fingerprint alone, as they compute it
//     (Position.Older). parser holds Position.Fingerprint and the fingerprint
//     that it was written with: if the entry has another one by now, an older
//     version wrote the position since, and parser says nothing about it.
//   - They write no tally: one that is not of the entry's position says nothing.
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
	done     bool
	owner    string
	lease    time.Time
	revision int64
	pos      delivery.Position
}

// A change is what one conditional write makes of an entry. The write holds
// only while the entry has this revision, and raises it by one.
type change struct {
	revision int64
	owner    string             // the entry's after the write
	lease    time.Time          // zero: unchanged
	pos      *delivery.Position // nil: unchanged
	done     bool
}

// A verdict is what a refused write means.
type verdict int

const (
	// lost: the entry is somebody else's, finished or gone.
	lost verdict = iota
	// carriedOut: the write took place, and its answer was lost.
	carriedOut
	// overtaken: an earlier write of the same owner took place although it
	// seemed to fail. The write may be tried again at the entry's revision.
	overtaken
)

// decide says what it means that c was refused by an entry that now reads as
// given.
func decide(now entry, c change) verdict {
	switch {
	case now.owner != c.owner || now.revision <= c.revision:
		return lost
	case now.revision == c.revision+1 && c.shownBy(now):
		return carriedOut
	case now.done || c.pos != nil && goesBack(now.pos, *c.pos):
		return lost
	}
	return overtaken
}

// shownBy reports whether an entry has the values that c writes.
func (c change) shownBy(now entry) bool {
	return now.done == c.done &&
		(c.lease.IsZero() || now.lease.Equal(c.lease)) &&
		(c.pos == nil || now.pos == *c.pos)
}

// goesBack reports whether a position is behind another that the same parser
// counted.
func goesBack(from, to delivery.Position) bool {
	return to.Next < from.Next && to.SameParser(from)
}

// lostBy says why c was refused for good.
func (e entry) lostBy(c change) error {
	switch {
	case e.owner == "":
		return errors.New("lost the lease: the entry is gone")
	case e.owner != c.owner:
		return fmt.Errorf("lost the lease to %s", e.owner)
	case c.pos != nil && !e.done && goesBack(e.pos, *c.pos):
		return fmt.Errorf("record %d is confirmed: the position must not go back to %d", e.pos.Next, c.pos.Next)
	}
	return fmt.Errorf("the entry is at revision %d, not at %d as it was read", e.revision, c.revision)
}

// entryID is the table's hash key: of one length, whatever the names are.
func entryID(id delivery.Identity) string {
	names := fmt.Appendf(nil, "%q %q %q %d", id.Bucket, id.Key, id.Version, id.Generation)
	if id.Queue != "" {
		names = fmt.Appendf(names, " %q", id.Queue)
	}
	sum := sha256.Sum256(names)
	return hex.EncodeToString(sum[:])
}

// olderIdentity is the one that versions before December 2026 know an object of
// a shared bucket by: without a queue. Its entry holds for every queue until it
// expires.
func olderIdentity(id delivery.Identity) delivery.Identity {
	id.Queue = ""
	return id
}

func readEntry(item attributes) entry {
	return entry{
		done:     readText(item["state"]) == stateDone,
		owner:    readText(item["owner"]),
		lease:    time.UnixMilli(readNumber(item["lease"])),
		revision: readNumber(item["revision"]),
		pos:      readPosition(item),
	}
}

// abandonedBy is the owner of an entry whose lease ran out without having been
// released, unless that is who asks; else "".
func (e entry) abandonedBy(asking string) string {
	if e.owner == asking || e.lease.UnixMilli() == 0 {
		return ""
	}
	return e.owner
}

func readPosition(item attributes) delivery.Position {
	p := delivery.Position{Next: readNumber(item["next"]), Fingerprint: readText(item["fingerprint"])}
	if parser := readMap(item["parser"]); readText(parser["older"]) == p.Fingerprint && readText(parser["fingerprint"]) != p.Fingerprint {
		p.Fingerprint, p.Older = readText(parser["fingerprint"]), p.Fingerprint
	}
	p.Tally, p.Uncounted = readTally(item["tally"], p)
	restart, ok := item["restart"].(*types.AttributeValueMemberM)
	if !ok {
		return p
	}
	p.Restart.Offset = readNumber(restart.Value["offset"])
	p.Restart.Skip = readNumber(restart.Value["skip"])
	p.Restart.Index = readNumber(restart.Value["index"])
	p.Restart.Spent = readNumber(restart.Value["spent"])
	if state, ok := restart.Value["state"].(*types.AttributeValueMemberB); ok {
		p.Restart.State = string(state.Value)
	}
	return p
}

// readTally returns the tally of the records before p, and whether it is
// unknown. Earlier versions of the function run beside this one on the same
// table: they move next and fingerprint and leave the tally as it was, so it
// counts only if it was written together with both.
func readTally(v types.AttributeValue, p delivery.Position) (t parsers.Tally, unknown bool) {
	if p.Next == 0 {
		return t, false
	}
	tally := readMap(v)
	if readNumber(tally["next"]) != p.Next || readText(tally["fingerprint"]) != p.Fingerprint {
		return t, true
	}
	return parsers.Tally{
		Sent:     readNumber(tally["sent"]),
		Filtered: readNumber(tally["filtered"]),
		Foreign:  readNumber(tally["foreign"]),
	}, false
}

// tallyValue is p's tally as readTally reads it. An unknown one stays unknown:
// it is of no position.
func tallyValue(p delivery.Position) types.AttributeValue {
	next := p.Next
	if p.Uncounted {
		next = -1
	}
	return &types.AttributeValueMemberM{Value: attributes{
		"next":        number(next),
		"fingerprint": text(p.Fingerprint),
		"sent":        number(p.Tally.Sent),
		"filtered":    number(p.Tally.Filtered),
		"foreign":     number(p.Tally.Foreign),
	}}
}

// positionValues are the values of setPosition.
func positionValues(p delivery.Position) attributes {
	restart := attributes{
		"offset": number(p.Restart.Offset),
		"skip":   number(p.Restart.Skip),
		"index":  number(p.Restart.Index),
		"spent":  number(p.Restart.Spent),
	}
	if p.Restart.State != "" {
		// A parser may keep any bytes; a string of DynamoDB is UTF-8.
		restart["state"] = &types.AttributeValueMemberB{Value: []byte(p.Restart.State)}
	}
	older := text(cmp.Or(p.Older, p.Fingerprint))
	return attributes{
		":next":        number(p.Next),
		":fingerprint": older,
		":parser":      &types.AttributeValueMemberM{Value: attributes{"fingerprint": text(p.Fingerprint), "older": older}},
		":restart":     &types.AttributeValueMemberM{Value: restart},
		":tally":       tallyValue(p),
	}
}

const setPosition = "SET #next = :next, #fingerprint = :fingerprint, #parser = :parser, #restart = :restart, #tally = :tally"

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
