package events

import (
	"strings"
	"testing"
)

// TestDecodeReadsAsMuchAsMayBe: a body of exactly the limit, and as many objects.
func TestDecodeReadsAsMuchAsMayBe(t *testing.T) {
	body := `{"Records":[` + strings.Repeat(`{},`, maxObjects-1) + `{}]}`
	body += strings.Repeat(" ", MaxBody-len(body))
	n, err := Decode(body)
	if err != nil || len(body) != MaxBody || len(n.Objects) != maxObjects {
		t.Errorf("%d objects of %d bytes, %v", len(n.Objects), len(body), err)
	}
}
