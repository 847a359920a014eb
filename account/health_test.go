package account

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
	"github.com/devo-s3/collector/watch"
)

// health is a new process's view of the table, with its time.
func (b *bench) health() *Health {
	b.Helper()
	b.open()
	h := b.Health(table)
	_, err := h.State(b.Context())
	b.check(err)
	return h
}

func TestHealthAddsUpByMinute(t *testing.T) {
	b := newBench(t)
	h, other := b.health(), b.health()
	minute := h.Now().Unix() / 60
	b.check(h.Add(t.Context(), telemetry.Health{Attempts: 3, Confirmed: 1}))
	b.check(other.Add(t.Context(), telemetry.Health{Attempts: 4, Unnotified: 2}))
	b.aws.Clock().Advance(time.Minute)
	h = b.health()
	b.check(h.Add(t.Context(), telemetry.Health{Attempts: 1, Confirmed: 1, Unnotified: 1}))
	for m, want := range map[int64]telemetry.Health{
		minute - 1: {}, minute: {Attempts: 7, Confirmed: 1, Unnotified: 2}, minute + 1: {Attempts: 1, Confirmed: 1, Unnotified: 1},
	} {
		got, err := h.Health(t.Context(), m)
		if err != nil || got != want {
			t.Errorf("minute %d has %+v, %v, want %+v", m-minute, got, err, want)
		}
	}
	for _, item := range b.aws.Items(table) {
		if left := time.Unix(item["expiry"].(int64), 0).Sub(h.Now()); left < 50*time.Minute || left > time.Hour {
			t.Errorf("%v expires in %v", item["id"], left)
		}
	}
	if b.called("UpdateItem") != 3 {
		t.Errorf("%d calls for three invocations", b.called("UpdateItem"))
	}
}

func TestOneOfTwoSavesIsTaken(t *testing.T) {
	b := newBench(t)
	h := b.health()
	first, err := h.State(t.Context())
	if err != nil || first.Version != 0 {
		t.Fatalf("%+v, %v", first, err)
	}
	want := watch.State{Open: true, Successes: 1, Since: 29_000_000, Held: map[string]watch.Hold{"a": watch.Pausing, "b": watch.Paused}, Missing: map[string]int64{"b": 28_999_999}}
	b.check(h.Save(t.Context(), want))
	if err := b.health().Save(t.Context(), first); !errors.Is(err, watch.ErrTaken) {
		t.Errorf("the second save: %v", err)
	}
	got, err := b.health().State(t.Context())
	want.Version = 1
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	b.check(h.Save(t.Context(), got))
	if _, expires := b.aws.Items(table)[0]["expiry"]; expires {
		t.Error("the breaker's state expires")
	}
}

func TestHealthWithoutItsTable(t *testing.T) {
	b := newBench(t)
	b.once()
	for _, action := range []string{"UpdateItem", "GetItem", "PutItem"} {
		b.aws.CreateTable(table, "id")
		b.fail(action, &local.FaultResponse{Status: 500, Code: "InternalServerError"})
		h := b.Health(table)
		_, readErr := h.Health(t.Context(), 1)
		for call, err := range map[string]error{"UpdateItem": h.Add(t.Context(), telemetry.Health{Attempts: 1}), "GetItem": readErr, "PutItem": h.Save(t.Context(), watch.State{})} {
			if (err != nil) != (call == action) || errors.Is(err, watch.ErrTaken) {
				t.Errorf("%s fails: %s gives %v", action, call, err)
			}
		}
	}
}
