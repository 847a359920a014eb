package config

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// A shape takes what its expression takes, whatever it is compiled to.
func TestAShapeIsItsExpression(t *testing.T) {
	for path, s := range shapes {
		exact := regexp.MustCompile(`\A(?:` + s.expression + `)\z`)
		rapid.Check(t, func(t *rapid.T) {
			right := rapid.StringMatching(s.expression).Draw(t, "right")
			if !s.MatchString(right) {
				t.Fatalf("%s: %q is not taken", path, right)
			}
			// Something of it again and again, for the limits.
			from := rapid.IntRange(0, max(0, len(right)-1)).Draw(t, "from")
			to := rapid.IntRange(from, min(len(right), from+2)).Draw(t, "to")
			n := rapid.SampledFrom([]int{0, 2, 31, 32, 63, 64, 80, 81, 254, 256, 575, 577, 1000, 1224, 1225}).Draw(t, "times")
			text := right[:from] + strings.Repeat(right[from:to], n) + right[to:]
			if got, want := s.MatchString(text), exact.MatchString(text); got != want {
				t.Fatalf("%s: %q: %t, want %t", path, text, got, want)
			}
		})
	}
}

func TestLimitsOfShapes(t *testing.T) {
	for _, c := range []struct {
		shape shape
		most  int // of letters
	}{{customerName, 32}, {deploymentID, 32}, {bucketName, 255}, {tableName, 255}, {externalID, 1224}, {secretName, 512}, {domainName, 128}} {
		for n, want := range map[int]bool{c.most - 1: true, c.most: true, c.most + 1: false} {
			if got := c.shape.MatchString(strings.Repeat("a", n)); got != want {
				t.Errorf("a %s of %d: %t", c.shape.is, n, got)
			}
		}
	}
}
