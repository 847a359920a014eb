package parsers

import (
	"context"
	"errors"
	"testing"

	"github.com/devo-s3/collector/internal/adversary"
)

// TestALongRecordOfAvroEndsWithTime, and not only when it has cost too much.
func TestALongRecordOfAvroEndsWithTime(t *testing.T) {
	for _, a := range adversary.Objects() {
		if a.Name != "avro of 2^44 values without bytes" {
			continue
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		looks := &countingContext{Context: ctx, most: 20, cancel: cancel}
		for _, err := range mustCompile(t, specOf(t, a)).Records(looks, object(a.Data())) {
			if !errors.Is(err, context.Canceled) {
				t.Errorf("after %d looks: %v", looks.looks, err)
			}
		}
		return
	}
	t.Fatal("there is no such object any more")
}
