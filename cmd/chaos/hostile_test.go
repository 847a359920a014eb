package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/devo-s3/collector/config"
)

// What hostile objects bring is booked by kind, and held against what they may cost.
func TestHostileObjectsAreHeldToTheirBounds(t *testing.T) {
	h := newHostiles(1)
	key, data := h.next()
	var i int
	if _, err := fmt.Sscanf(key, "h%d/", &i); err != nil {
		t.Fatal(err)
	}
	if !h.named(`{"key":"`+key+`"}`) || h.named(`{"key":"h0/another"}`) {
		t.Error("the object is not found in its message")
	}
	tag := []byte(fmt.Sprint(hostileTag, i, ".field"))
	most := freeUnits + slackUnits + unitsRatio*int64(len(data))
	h.kinds[i].units[1] = most - recordUnits - 1
	if !h.take(1, tag, []byte("x")) || h.judge(nil) != nil {
		t.Errorf("what it may cost is too much: %q", h.judge(nil))
	}
	if h.take(1, tag, nil); len(h.judge(nil)) != 1 {
		t.Error("more than it may cost is not seen")
	}
	if h.judge(map[int64]bool{1: true}) != nil {
		t.Error("a connection that broke is not allowed for")
	}
	good := formats[0].record(nil, 3, 4)
	for name, c := range map[string]struct {
		tag, raw string
		want     bool
	}{
		"of no kind": {hostileTag + "9999", "x", false}, "good": {formats[0].tag, string(good), false},
		"without its tag": {config.DefaultTags.BadTag, "x", true}, "good without its tag": {config.DefaultTags.BadTag, string(good), false},
	} {
		if got := h.take(1, []byte(c.tag), []byte(c.raw)); got != c.want {
			t.Errorf("a record %s: %t", name, got)
		}
	}
}

// Another seed begins with other objects, and all of them come in turn.
func TestEveryHostileObjectComesInTurn(t *testing.T) {
	h := newHostiles(7)
	seen := make(map[int]bool)
	for _, i := range h.order {
		seen[i] = true
	}
	if len(seen) != len(h.kinds) || len(h.sources()) != len(h.kinds) || fmt.Sprint(h.order) == fmt.Sprint(newHostiles(8).order) {
		t.Errorf("%d of %d kinds, %v", len(seen), len(h.kinds), h.order)
	}
}

// CONTRIBUTING lists what can break.
func TestKindsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range kinds {
		if strings.Count(string(text), "`"+string(k)+"`") != 1 {
			t.Errorf("%s is not in CONTRIBUTING.md, or twice", k)
		}
	}
	if want := fmt.Sprintf("each of %d kinds", len(kinds)); !strings.Contains(string(text), want) {
		t.Errorf("CONTRIBUTING.md does not say %q", want)
	}
}
