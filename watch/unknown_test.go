package watch_test

import (
	"testing"

	"github.com/devo-s3/collector/telemetry"
)

// TestWhoDisabledAMappingIsNotKnown: while the state or the mappings cannot be read,
// nothing is said of how many a person disabled: neither none, nor watch's own.
func TestWhoDisabledAMappingIsNotKnown(t *testing.T) {
	for _, action := range []string{"GetItem", "ListEventSourceMappings"} {
		t.Run(action, func(t *testing.T) {
			r := newRig(t)
			unknown := func(when string) {
				t.Helper()
				r.fail(action, true)
				if n, ok := r.minute()[telemetry.MappingsDisabled]; ok {
					t.Errorf("%s: %v are said to be disabled", when, n)
				}
				r.fail(action, false)
				if n := r.minute()[telemetry.MappingsDisabled]; n != 1 {
					t.Errorf("%s, and known again: %v are said to be disabled", when, n)
				}
			}
			r.mappings[0].Disable()
			unknown("a person disabled one")
			r.devo(false)
			r.tried(1, 0)
			r.minute()
			r.want("---", "two of watch's, one of a person's")
			unknown("watch disabled the others")
		})
	}
}
