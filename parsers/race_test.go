//go:build race

package parsers

import "testing"

// exhaustive skips a test that counts what is allocated, or reads millions of
// records, under the race detector: it takes ten times as long, a sync.Pool drops
// some of what it is given, and no race is found that other tests do not find.
// `make test-go` runs the package once more without the detector.
func exhaustive(t *testing.T) {
	t.Helper()
	t.Skip("runs without the race detector")
}
