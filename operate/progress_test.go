package operate

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestProgressLine(t *testing.T) {
	for _, tt := range []struct {
		done, total int64
		took        time.Duration
		want        string
	}{
		{1000, 10_000, 20 * time.Second, "1,000 of 10,000 objects, 50/s, 3m00s left"},
		{0, 10, time.Second, "0 of 10 objects, 0/s"},
		{10, 0, time.Second, "10 of 10 objects, 10/s"},
		{1, 1_000_000, time.Second, "1 of 1,000,000 objects, 1/s, 11d13h left"},
		{3600, 3 * 3600, time.Hour, "3,600 of 10,800 objects, 1/s, 2h00m left"},
	} {
		p := &Progress{what: "objects", total: tt.total, done: tt.done}
		if got := p.line(tt.took); got != tt.want {
			t.Errorf("%q, want %q", got, tt.want)
		}
	}
}

func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pace{rate: 20}
		begun := time.Now()
		for range 10 {
			if err := p.wait(t.Context(), p.batch()); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(begun); took != 4500*time.Millisecond {
			t.Errorf("100 at 20 a second began the last ten after %s", took)
		}
		time.Sleep(time.Hour) // virtual: what was not used is not saved up
		begun = time.Now()
		for range 2 {
			_ = p.wait(t.Context(), 10)
		}
		if took := time.Since(begun); took != 500*time.Millisecond {
			t.Errorf("20 after a pause took %s", took)
		}
		ctx, cancel := context.WithCancelCause(t.Context())
		stop := errors.New("stop")
		cancel(stop)
		if err := p.wait(ctx, 1); !errors.Is(err, stop) {
			t.Errorf("%v", err)
		}
	})
	for rate, want := range map[float64]int{0.5: 1, 1: 1, 7.5: 7, 10: 10, 500: 10} {
		if got := (&pace{rate: rate}).batch(); got != want {
			t.Errorf("%g a second go %d at once, want %d", rate, got, want)
		}
	}
}

func TestWhen(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Time{
		"": {}, "0s": now, "90m": now.Add(-90 * time.Minute), "35d": now.AddDate(0, 0, -35), "2026-11-01": time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		"2026-11-01T05:06": time.Date(2026, 11, 1, 5, 6, 0, 0, time.UTC), "2026-11-01T05:06:07+01:00": time.Date(2026, 11, 1, 4, 6, 7, 0, time.UTC),
	} {
		if got, err := When(text, now); err != nil || !got.Equal(want) {
			t.Errorf("%q is %s, %v; want %s", text, got, err, want)
		}
	}
	for _, text := range []string{"noon", "-1h", "-1d", "2026-13-01", "d"} {
		if got, err := When(text, now); err == nil {
			t.Errorf("%q is %s", text, got)
		}
	}
}
