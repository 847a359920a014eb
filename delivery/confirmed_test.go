package delivery

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

// TestConfirmedIsTheTimeOfTheConfirmation, and only of what was delivered.
func TestConfirmedIsTheTimeOfTheConfirmation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		b.store.put("prod/a.log", "one\n")
		began := time.Now()
		b.sink.confirm = func(context.Context, int, []string) error {
			<-time.After(7 * time.Second)
			return nil
		}
		b.deliver(t, t.Context(), announce("1", "prod/a.log"), announce("2", "prod/none.log"))
		for id, want := range map[string]time.Time{"1": began.Add(7 * time.Second), "2": {}} {
			if got := b.report.all[id].Objects[0].Confirmed; !got.Equal(want) {
				t.Errorf("message %s: %v, want %v", id, got, want)
			}
		}
	})
}
