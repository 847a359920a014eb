package delivery

import (
	"maps"
	"testing"

	"github.com/devo-s3/collector/sources"
)

// shape gives the bench one source, of JSON records, that filters, routes and
// redacts.
func (b *bench) shape(t *testing.T) {
	t.Helper()
	s, err := sources.Compile(sources.Definition{
		Name: "shaped", Keys: []string{"**.json"}, Format: "json", Tag: "my.app.other",
		Filters: []sources.Rule{
			{Name: "no_probes", Exclude: &sources.Condition{Value: "record.agent", Equals: []string{"probe"}}},
			{Include: &sources.Condition{Value: "record.level", Compare: ">= 2"}},
		},
		Routes: []sources.Route{{By: "record.kind", Table: map[string]string{"a": "my.app.a", "b": "my.app.b"}}},
		Redact: sources.Redact{Drop: []string{"record.mail"}, Mask: []string{"record.card"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.opts.Entries[0].Sources = sources.Set{s}
}

func TestShapedRecords(t *testing.T) {
	b := newBench(t)
	b.shape(t)
	b.store.put("x.json", `[{"level":1,"agent":"probe"},{"level":1},{"level":2,"kind":"a","mail":"m@x"},{"level":3,"kind":"b","card":"4111"},
		{"level":4,"kind":"c"},{"level":5,"agent":"probe"},"m@x"]`)
	if failed := b.deliver(t, t.Context(), announce("m", "x.json")); failed != nil {
		t.Fatal(b.report.all["m"].Err)
	}
	wantConfirmed(t, b, `my.app.a {"level":2,"kind":"a"}`, `my.app.b {"level":3,"kind":"b","card":"***"}`, `my.app.s3collector.badtag {"level":4,"kind":"c"}`)
	got := b.report.all["m"].Objects[0].Counts
	if want := map[string]int64{"no_probes": 2, "filters[1]": 2}; !maps.Equal(got.Filtered, want) || got.Records != 3 || got.BadTag != 1 {
		t.Errorf("%+v, want %v filtered", got, want)
	}
}

// A tag that is one too many for the connection is not lost: its records go
// under BadTag, even while that is one too many itself.
func TestATagTooManyIsABadTag(t *testing.T) {
	b := newBench(t)
	b.shape(t)
	b.sink.full = func(tag string) bool { return tag != "my.app.a" }
	b.store.put("x.json", `[{"level":2,"kind":"a"},{"level":3,"kind":"b"},{"level":4,"kind":"a"}]`)
	if failed := b.deliver(t, t.Context(), announce("m", "x.json")); failed != nil {
		t.Fatal(b.report.all["m"].Err)
	}
	wantConfirmed(t, b, `my.app.a {"level":2,"kind":"a"}`, `my.app.s3collector.badtag {"level":3,"kind":"b"}`, `my.app.a {"level":4,"kind":"a"}`)
	if got := b.report.all["m"].Objects[0].Counts; got.Records != 3 || got.BadTag != 1 {
		t.Errorf("%+v", got)
	}
}

// Records that are filtered out need no connection, and are done with.
func TestAllFilteredIsDelivered(t *testing.T) {
	b := newBench(t)
	b.shape(t)
	b.store.put("x.json", `[{"level":1},{"level":1}]`)
	if failed := b.deliver(t, t.Context(), announce("m", "x.json")); failed != nil {
		t.Fatal(b.report.all["m"].Err)
	}
	o := b.report.all["m"].Objects[0]
	if b.sink.conns != 0 || o.State != Delivered || o.Filtered["filters[1]"] != 2 {
		t.Errorf("%d connections, %+v", b.sink.conns, o)
	}
	for id, item := range b.ledger.items {
		if !item.done || item.pos.Next != 2 {
			t.Errorf("%s: %+v", id.Key, item)
		}
	}
}

// What was filtered beside records that a broken connection carried is counted
// once, when they are confirmed.
func TestFilteredOnceDespiteABrokenConnection(t *testing.T) {
	b := newBench(t)
	b.shape(t)
	b.store.put("x.json", `[{"level":2,"kind":"a"},{"level":1},{"level":3,"kind":"a"}]`)
	b.sink.write = func(n int, record string) error {
		if n == 1 && record == `{"level":3,"kind":"a"}` {
			return errBroken
		}
		return nil
	}
	if failed := b.deliver(t, t.Context(), announce("m", "x.json")); failed != nil {
		t.Fatal(b.report.all["m"].Err)
	}
	wantConfirmed(t, b, `my.app.a {"level":2,"kind":"a"}`, `my.app.a {"level":3,"kind":"a"}`)
	if o := b.report.all["m"].Objects[0]; o.Records != 2 || o.Filtered["filters[1]"] != 1 || o.Sent != 4 {
		t.Errorf("%+v", o)
	}
}
