package parsers

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestADotInAKeyIsWrittenWithABackslash(t *testing.T) {
	p := jsonAt(t, "", `src\.process.name`, `a\.b\.c`, "a.b.c")
	all, err := sameInEveryChunking(t, p, []byte(`[{"src":{"process":{"name":"no"}},"src.process":{"name":"1"},"a.b.c":2,"a":{"b":{"c":3}}}]`))
	if err != nil || len(all) != 1 || !slices.Equal(all[0].Fields, []string{"1", "2", "3"}) {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := splitPath(`a\`); err == nil {
		t.Error("a backslash with nothing behind it is taken")
	}
}

func TestARecordKnowsItsArraysKey(t *testing.T) {
	p := jsonAt(t, "x.new,old", "^", "id")
	data := []byte(`{"x":{"old":[{"id":1},{"id":2}],"n\u0065w":[{"id":3}]}}`)
	all, err := sameInEveryChunking(t, p, data)
	if err != nil || len(all) != 3 {
		t.Fatalf("%d records, %v", len(all), err)
	}
	for i, want := range [][]string{{"old", "1"}, {"old", "2"}, {"new", "3"}} {
		if !slices.Equal(all[i].Fields, want) {
			t.Errorf("record %d has %q, want %q", i, all[i].Fields, want)
		}
	}
	sameFromEveryRestart(t, p, data, all)
}

// What a ledger knows of an object must stay good when a path becomes a list.
func TestOnePathIsWrittenAsBefore(t *testing.T) {
	for want, paths := range map[string]Paths{`""`: nil, `"a.b"`: {"a.b"}, `["a","b"]`: {"a", "b"}} {
		if got, err := json.Marshal(paths); err != nil || string(got) != want {
			t.Errorf("%q: %s, %v", []string(paths), got, err)
		}
	}
}
