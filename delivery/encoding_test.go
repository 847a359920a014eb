package delivery

import (
	"bytes"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// TestContentEncodingIsCarriedIntoEveryAttempt has an object whose connection
// breaks: the second attempt, and a second message, must unpack it as well.
func TestContentEncodingIsCarriedIntoEveryAttempt(t *testing.T) {
	b := newBench(t)
	b.opts.ConfirmBytes = 1
	text, records := lines("a", 2000)
	var packed bytes.Buffer
	w := brotli.NewWriter(&packed)
	w.Write([]byte(text))
	w.Close()
	b.store.put("prod/a.log", packed.String())
	b.store.coding = "br"
	broken := 0
	b.sink.write = func(_ int, record string) error {
		if record == "a-1500" && broken < 3 {
			broken++
			return Fail(DevoUnavailable, "%w", errBroken)
		}
		return nil
	}
	m := announce("m", "prod/a.log")
	for received := 1; ; received++ {
		if failed := b.deliver(t, t.Context(), m.again(received)); failed == nil {
			break
		}
		if received > 5 {
			t.Fatal("it never ends")
		}
	}
	wantConfirmed(t, b, records...)
	if broken < 3 {
		t.Errorf("broke %d times", broken)
	}
}

func TestBrotliWithoutContentEncodingIsCorrupt(t *testing.T) {
	b := newBench(t)
	text, _ := lines("a", 2000)
	var packed bytes.Buffer
	w := brotli.NewWriter(&packed)
	w.Write([]byte(text))
	w.Close()
	b.store.put("prod/a.log", packed.String())
	b.deliver(t, t.Context(), announce("m", "prod/a.log"))
	wantKind(t, b, "m", Corrupt)
	if err := b.report.all["m"].Err.Error(); !strings.Contains(err, "is not text") {
		t.Error(err)
	}
}
