package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestInvoke: every sample is answered, and what it names arrives.
func TestInvoke(t *testing.T) {
	nothing := []string{"malformed", "s3-removed", "s3-test-event", "sns-subscription"}
	handedBack := []string{"malformed", "s3-bad-escape"}
	samples, err := filepath.Glob("../../events/samples/*.json")
	if err != nil || len(samples) < 15 {
		t.Fatalf("%d samples, %v", len(samples), err)
	}
	for _, sample := range samples {
		name := strings.TrimSuffix(filepath.Base(sample), ".json")
		t.Run(name, func(t *testing.T) {
			out, said, code := command(t, nil, "invoke", "--bootstrap", bootstrap, "--testdata", "../../testdata", sample)
			if code != 0 || strings.Contains(out, "records received: 0\n") != slices.Contains(nothing, name) ||
				strings.Contains(out, `"itemIdentifier"`) != slices.Contains(handedBack, name) {
				t.Errorf("exit %d\n%s%s", code, out, said)
			}
		})
	}
}
