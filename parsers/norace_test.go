//go:build !race

package parsers

import "testing"

// exhaustive marks a test that is skipped under the race detector.
func exhaustive(*testing.T) {}
