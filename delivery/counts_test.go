package delivery

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// A record that cannot be understood is sent under the deployment's tag for
// those, and counted.
func TestUnparsedRecordsAreSentAndCounted(t *testing.T) {
	for name, tag := range map[string]string{"a tag of the record's": "my.app.{record.region}.x", "the same tag for all": "my.app.json"} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			s, err := sources.Compile(sources.Definition{
				Name: "json", Keys: []string{"**.jsonl"}, Format: "json", Options: &parsers.JSONOptions{Shape: "lines"}, Tag: tag,
			})
			if err != nil {
				t.Fatal(err)
			}
			b.opts.Entries[0].Sources = sources.Set{s}
			const good, damaged = `{"region":"eu"}`, `{"region":"eu"`
			b.store.put("a.jsonl", good+"\n"+damaged+"\n"+good+"\n")
			if failed := b.deliver(t, t.Context(), announce("m", "a.jsonl")); failed != nil {
				t.Fatal(b.report.all["m"].Err)
			}
			own := strings.ReplaceAll(tag, "{record.region}", "eu") + " "
			wantConfirmed(t, b, own+good, own+good, "my.app.s3collector.unparsed "+damaged)
			if got := b.report.all["m"].Objects[0].Counts; got.Unparsed != 1 || got.Records != 3 || got.BadTag != 0 {
				t.Errorf("%+v", got)
			}
		})
	}
}

// fill sets every number below v to n, and a map's member to n.
func fill(v reflect.Value, n int64) {
	switch v.Kind() {
	case reflect.Int64:
		v.SetInt(n)
	case reflect.Map:
		v.Set(reflect.ValueOf(map[string]int64{"rule": n}))
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), n)
		}
	default:
		panic("a kind of field that this test does not know: " + v.Kind().String())
	}
}

// Add adds every count there is, and those to come.
func TestAddAddsEveryCount(t *testing.T) {
	var sum, more, want Counts
	fill(reflect.ValueOf(&sum).Elem(), 3)
	fill(reflect.ValueOf(&more).Elem(), 4)
	fill(reflect.ValueOf(&want).Elem(), 7)
	if sum.Add(more); !reflect.DeepEqual(sum, want) {
		t.Errorf("%+v, want %+v", sum, want)
	}
	if fill(reflect.ValueOf(&want).Elem(), 4); !reflect.DeepEqual(more, want) {
		t.Errorf("what was added is now %+v", more)
	}
}

// Of two messages of a batch that name one object, one delivers it, and to the
// other it was delivered already.
func TestSecondMessageOfABatchIsAlready(t *testing.T) {
	b := newBench(t)
	text, records := lines("a", 3)
	b.store.put("prod/a.log", text)
	b.deliver(t, t.Context(), announce("one", "prod/a.log"), announce("two", "prod/a.log"))
	wantConfirmed(t, b, records...)
	var states []State
	var confirmed int64
	for _, id := range []string{"one", "two"} {
		o := b.report.all[id].Objects[0]
		states = append(states, o.State)
		confirmed += o.Records
		if o.State == Already && (o.Records != 0 || o.Sent != 0 || !o.Confirmed.IsZero() || o.Err != nil) {
			t.Errorf("counted twice: %+v", o)
		}
	}
	if slices.Sort(states); !slices.Equal(states, []State{Already, Delivered}) || confirmed != 3 {
		t.Errorf("%q, with %d records", states, confirmed)
	}
}

// A request for an object costs money, and time: it is opened once, and once
// more for each time that it broke or reading began elsewhere.
func TestObjectsAreOpenedNoOftenerThanNeeded(t *testing.T) {
	open := func(t *testing.T, b *bench, want int) {
		t.Helper()
		b.store.mu.Lock()
		defer b.store.mu.Unlock()
		if n := b.store.opens["prod/a.log"]; n != want {
			t.Errorf("opened %d times, want %d", n, want)
		}
	}
	text, records := lines("a", 3000)
	t.Run("read through", func(t *testing.T) {
		b := newBench(t)
		b.store.put("prod/a.log", text)
		b.deliver(t, t.Context(), announce("m", "prod/a.log"))
		wantConfirmed(t, b, records...)
		open(t, b, 1)
	})
	t.Run("broke twice", func(t *testing.T) {
		b := newBench(t)
		b.store.put("prod/a.log", text)
		breaks := 0
		b.store.reading = func(_ context.Context, _ string, off int64) error {
			if off > 0 && breaks < 2 {
				breaks++
				return errBroken
			}
			return nil
		}
		b.deliver(t, t.Context(), announce("m", "prod/a.log"))
		wantConfirmed(t, b, records...)
		open(t, b, 3)
	})
	t.Run("broke for good", func(t *testing.T) {
		b := newBench(t)
		b.store.put("prod/a.log", text)
		b.store.reading = func(context.Context, string, int64) error { return errBroken }
		b.deliver(t, t.Context(), announce("m", "prod/a.log"))
		wantKind(t, b, "m", Throttled)
		open(t, b, 1+reopenLimit)
	})
	t.Run("named by two messages, and done already", func(t *testing.T) {
		b := newBench(t)
		b.store.put("prod/a.log", text)
		b.deliver(t, t.Context(), announce("m", "prod/a.log"))
		b.deliver(t, t.Context(), announce("n", "prod/a.log"))
		open(t, b, 2)
	})
}

// When time is up, that is why anything failed; but for an object that was
// overwritten: of that nothing is left to be handed on.
func TestSupersededWhenTimeIsUp(t *testing.T) {
	over, cancel := context.WithCancel(t.Context())
	cancel()
	superseded := fmt.Errorf("get it: %w", ErrSuperseded)
	late, inTime := &run{stop: over}, &run{stop: t.Context()}
	for _, c := range []struct {
		run  *run
		err  error
		want State
	}{
		{late, superseded, Superseded},
		{inTime, superseded, Superseded},
		{late, errBroken, Unfinished},
		{inTime, errBroken, Failed},
	} {
		if state, _ := stateOf(c.run.cause(c.err)); state != c.want {
			t.Errorf("%v, time is up %t: %s, want %s", c.err, c.run == late, state, c.want)
		}
	}
}

// An error keeps its kind, its time and all of its words, however often it was
// wrapped.
func TestWrappedErrorsKeepKindAndText(t *testing.T) {
	until := time.Unix(1, 0)
	inner := Fail(Claimed, "held by somebody")
	inner.Until = until
	for _, c := range []struct {
		err  error
		want Error
		text string
	}{
		{inner, *inner, "claimed: held by somebody"},
		{fmt.Errorf("open again at byte 7: %w", inner), Error{Kind: Claimed, Until: until}, "claimed: open again at byte 7: claimed: held by somebody"},
		{errors.New("no kind"), Error{Kind: Internal}, "internal: no kind"},
	} {
		got := asError(c.err)
		if got.Kind != c.want.Kind || !got.Until.Equal(c.want.Until) || got.Error() != c.text || !errors.Is(got, c.err) {
			t.Errorf("%+v: %+v %q, want %+v %q", c.err, got, got.Error(), c.want, c.text)
		}
	}
}
