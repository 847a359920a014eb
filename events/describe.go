package events

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"
)

const (
	maxNames = 16 // names that Describe gives
	maxName  = 64 // bytes of each
)

// Describe says of a body that Decode refused what a log may know of it: its
// length in bytes, its SHA-256 in hexadecimal, and the names, never the values,
// of the members of its outermost JSON object: at most 16 in their order, 64
// bytes of each. Names stand as far as the JSON holds, so a body that was cut
// has some; one that is no object has none.
func Describe(body string) string {
	return fmt.Sprintf("%d bytes, sha256 %x, top-level keys %q", len(body), sha256.Sum256([]byte(body)), topLevelNames(body))
}

func topLevelNames(body string) []string {
	d := json.NewDecoder(strings.NewReader(body))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	var names []string
	for d.More() && len(names) < maxNames {
		t, err := d.Token()
		name, ok := t.(string)
		if err != nil || !ok {
			break
		}
		names = append(names, cut(name, maxName))
		var value json.RawMessage
		if d.Decode(&value) != nil {
			break
		}
	}
	return names
}
