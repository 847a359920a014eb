package delivery

import (
	"context"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/devo-s3/collector/events"
)

func TestBodyThatBreaks(t *testing.T) {
	reset := errors.New("connection reset by peer")
	for _, c := range []struct {
		times int
		how   error
		want  Kind
	}{{1, reset, ""}, {5, reset, ""}, {6, reset, Throttled}, {1, io.EOF, ""}, {6, io.EOF, Throttled}} {
		t.Run(fmt.Sprint(c.times, " times by ", c.how), func(t *testing.T) {
			b := newBench(t)
			text, records := lines("a", 3000)
			b.store.put("prod/a.log", text)
			breaks := 0
			b.store.reading = func(_ context.Context, _ string, off int64) error {
				if off > 0 && breaks < c.times {
					breaks++
					return c.how
				}
				return nil
			}
			b.deliver(t, t.Context(), announce("m", "prod/a.log"))
			wantKind(t, b, "m", c.want)
			if c.want == "" {
				wantConfirmed(t, b, records...)
			}
		})
	}
}

// lyingStore says that objects are of another size than they are.
type lyingStore struct {
	Store
	more int64
}

func (s lyingStore) Open(ctx context.Context, o events.Object, off, length int64) (*Body, error) {
	b, err := s.Store.Open(ctx, o, off, length)
	if err == nil {
		b.Size += s.more
	}
	return b, err
}

// An object that is longer or shorter than it is said to be is never taken for
// whole.
func TestBodyOfAnotherSize(t *testing.T) {
	text, _ := lines("a", 50)
	for _, more := range []int64{-int64(len(text)), -1, 1} {
		b := newBench(t)
		b.store.put("prod/a.log", text)
		b.opts.Entries[0].Store = lyingStore{&b.store, more}
		b.deliver(t, t.Context(), announce("m", "prod/a.log"))
		if b.report.all["m"].Err == nil {
			t.Errorf("%d bytes more: delivered", more)
		}
	}
}

func TestResumedBodyMayBreakAsOften(t *testing.T) {
	b := newBench(t)
	text, _ := lines("a", 3000)
	b.store.put("prod/a.log", text)
	b.opts.ConfirmBytes = 1
	b.sink.write = func(_ int, record string) error {
		if record == "a-900" {
			return Fail(DevoUnavailable, "%w", errBroken)
		}
		return nil
	}
	b.deliver(t, t.Context(), announce("m", "prod/a.log").again(2))
	b.sink.write = nil
	breaks := 0
	b.store.reading = func(context.Context, string, int64) error {
		if breaks++; breaks <= 2*reopenLimit && breaks%2 == 0 {
			return errors.New("connection reset by peer")
		}
		return nil
	}
	b.deliver(t, t.Context(), announce("m", "prod/a.log").again(3))
	wantKind(t, b, "m", "")
}

func TestRangesReadAnyPart(t *testing.T) {
	b := newBench(t)
	text, _ := lines("a", 1000)
	b.store.put("prod/a.log", text)
	breaks := 0
	b.store.reading = func(context.Context, string, int64) error {
		if breaks++; breaks%3 == 0 {
			return errors.New("connection reset by peer")
		}
		return nil
	}
	o, err := b.store.Open(t.Context(), events.Object{Key: "prod/a.log"}, 0, -1)
	if err != nil {
		t.Fatal(err)
	}
	_, want := o.identify(events.Object{Key: "prod/a.log"})
	at := Ranges(t.Context(), &b.store, want)
	for _, r := range [][2]int{{0, 10}, {1, 3000}, {len(text) - 5, 5}, {len(text) - 5, 50}, {len(text), 1}, {7, 0}} {
		p := make([]byte, r[1])
		n, err := at.ReadAt(p, int64(r[0]))
		end := min(r[0]+r[1], len(text))
		if string(p[:n]) != text[r[0]:end] || (err == io.EOF) != (r[0]+r[1] > len(text)) || err != nil && err != io.EOF {
			t.Errorf("%d bytes from %d on: %d, %v", r[1], r[0], n, err)
		}
	}
	b.store.put("prod/a.log", "overwritten")
	if _, err := at.ReadAt(make([]byte, 1), 0); !errors.Is(err, ErrSuperseded) {
		t.Errorf("an object that was overwritten: %v", err)
	}
}
