package config

import (
	"errors"
	"testing"
)

// TestASecondDocumentHasItsPlace: where it begins, though it may lack its --- or have
// nothing behind it.
func TestASecondDocumentHasItsPlace(t *testing.T) {
	for text, want := range map[string]int{
		"customer: acme\n---\ncustomer: other\n": 2,
		"customer: acme\n---\n":                  2,
		"customer: acme\n...\nid: x\n":           3,
	} {
		_, err := Parse("acme.yaml", []byte(text))
		var all Mistakes
		if !errors.As(err, &all) {
			t.Fatalf("%q: %v", text, err)
		}
		at := 0
		for _, m := range all {
			if m.Problem == "a second document begins" {
				at = m.Line
			}
		}
		if at != want {
			t.Errorf("%q: begins on line %d, want %d", text, at, want)
		}
	}
}
