package delivery

import (
	"slices"
	"strings"
	"testing"
)

// What was restored from an archive is delivered where the bucket's restored
// objects are wanted, once; elsewhere it is ignored, and counted.
func TestRestoredObjects(t *testing.T) {
	for _, wanted := range []bool{false, true} {
		b := newBench(t)
		if wanted {
			b.opts.Entries[0].Restored = []string{"logs"}
		}
		b.store.put("prod/a.log", "x\n")
		restored := announce("m", "prod/a.log")
		restored.Body = strings.Replace(restored.Body, "ObjectCreated:Put", "ObjectRestore:Completed", 1)
		if failed := b.deliver(t, t.Context(), restored); len(failed) > 0 {
			t.Fatal(failed)
		}
		if !wanted {
			wantConfirmed(t, b)
			if got := b.report.all["m"].Ignored; !slices.Equal(got, []string{"ObjectRestore:Completed"}) {
				t.Errorf("ignored %q", got)
			}
			continue
		}
		wantConfirmed(t, b, "my.app.text.prod x")
		again := restored
		again.ID = "again"
		b.deliver(t, t.Context(), again)
		wantStates(t, b, "again", "already 0")
	}
}
