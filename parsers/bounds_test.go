package parsers

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/parquet-go/parquet-go"
	pq "github.com/parquet-go/parquet-go/format"

	"github.com/devo-s3/collector/internal/adversary"
)

// TestHonestExtremesAreRead: what people write that is wide, or repeats itself, is
// read to its end.
func TestHonestExtremesAreRead(t *testing.T) {
	exhaustive(t)
	group := make(parquet.Group)
	for i := range 1500 {
		group[fmt.Sprintf("column_with_an_ordinary_name_%d", i)] = parquet.Optional(parquet.String())
	}
	var nulls strings.Builder
	for i := range 200 {
		fmt.Fprintf(&nulls, `{"name":"an_unused_field_%d","type":"null"},`, i)
	}
	for _, c := range []struct {
		name    string
		spec    Spec
		data    []byte
		records int
		ratio   int // of units for each stored byte, at least, as the test is worth nothing else
	}{
		{"parquet of 1,500 columns", Spec{Format: "parquet", Options: &ParquetOptions{MemoryMiB: 256}}, wideParquet(t, parquet.NewSchema("wide", group), 2000), 2000, 1},
		{"parquet of rows that repeat each other", Spec{Format: "parquet"}, parquetOf(t, sameRows(1_000_000), parquet.Compression(&parquet.Zstd)), 1_000_000, 100},
		{"avro of 200 fields of null", Spec{Format: "avro"}, avroFile("deflate", `{"type":"record","name":"R","fields":[`+nulls.String()+`{"name":"n","type":"long"}]}`, 10_000, deflated(counted(10_000))), 10_000, 20},
		{"lines that gzip packs as well as it can", Spec{Format: "lines"}, pack([]byte(strings.Repeat(strings.Repeat("a line of a log that is always the same ", 5)+"\n", 1_000_000))), 1_000_000, 150},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, units := 0, 0
			for r, err := range mustCompile(t, c.spec).Records(context.Background(), object(c.data)) {
				if err != nil {
					t.Fatalf("record %d: %v", n, err)
				}
				n++
				units += len(r.Raw) + recordUnits
			}
			if n != c.records {
				t.Errorf("%d records of %d", n, c.records)
			}
			if got := units / len(c.data); got < c.ratio {
				t.Errorf("a ratio of %d: no extreme", got)
			}
			t.Logf("%d bytes stored, %d units, %d of each", len(c.data), units, units/len(c.data))
		})
	}
}

// TestMaxRatioIsASetting, and the message names it.
func TestMaxRatioIsASetting(t *testing.T) {
	exhaustive(t)
	data := adversary.Parquet(1, 200, adversary.Column{Name: "c", Kind: pq.ByteArray, Codec: pq.Zstd, Values: 200, Pages: adversary.Dictionary(1<<20, 200), Dict: true})
	p := mustCompile(t, Spec{Format: "parquet"})
	if all, err := read(p, object(data)); len(all) != 64 || err == nil || !strings.Contains(err.Error(), "max_ratio is 2000") {
		t.Errorf("%d records, %v", len(all), err)
	}
	p = mustCompile(t, Spec{Format: "parquet", MaxRatio: maxMaxRatio})
	if all, err := read(p, object(data)); len(all) != 200 || err != nil {
		t.Errorf("%d records, %v", len(all), err)
	}
	refuses(t, Spec{Format: "lines", MaxRatio: -1}, "max_ratio is -1")
	refuses(t, Spec{Format: "lines", MaxRatio: maxMaxRatio + 1}, "max_ratio is 1000001")
}

// TestWhatWasSpentGoesOnBehindARestart: an object of two row groups, neither of
// which is too much, is too much from the second one's Restart on as well; unless
// the Restart is one of before anything was counted.
func TestWhatWasSpentGoesOnBehindARestart(t *testing.T) {
	exhaustive(t)
	data := adversary.Parquet(2, 40, adversary.Column{Name: "c", Kind: pq.ByteArray, Codec: pq.Zstd, Values: 40, Pages: adversary.Dictionary(1<<20, 40), Dict: true})
	p := mustCompile(t, Spec{Format: "parquet"})
	all, err := read(p, object(data))
	if len(all) != 64 || !isCorrupt(err) || all[40].Restart == nil {
		t.Fatalf("%d records, %v", len(all), err)
	}
	for _, c := range []struct{ spent, records int64 }{{all[40].Restart.Spent, 24}, {0, 40}} {
		in := object(data)
		in.Restart = *all[40].Restart
		in.Restart.Spent = c.spent
		if again, err := read(p, in); int64(len(again)) != c.records || (err != nil) != (c.spent > 0) {
			t.Errorf("from %d units on: %d records, %v; want %d", c.spent, len(again), err, c.records)
		}
	}
	in := object(data)
	in.Restart = Restart{Index: 40, State: "plain", Spent: -1}
	if _, err := read(p, in); err == nil || !strings.Contains(err.Error(), "no place to begin at") {
		t.Errorf("less than nothing was spent: %v", err)
	}
}

// TestPlainObjectsOfAnySizeMayBeRead: beyond the total an object may still cost
// what text costs.
func TestPlainObjectsOfAnySizeMayBeRead(t *testing.T) {
	const stored = 50 << 40 // the longest object that S3 takes
	r := &run{feed: &feed{}, expense: expense{units: stored, ratio: 2000, size: stored, stream: &countedBody{}}}
	if err := r.spend(100 * stored); err != nil {
		t.Error(err)
	}
	if err := r.spend(100 * stored); err == nil {
		t.Error("no end")
	}
	r.expense = expense{ratio: 2000, size: 1 << 30, stream: &countedBody{}}
	if err := r.spend(maxUnits + 1); err == nil {
		t.Errorf("more than %d", maxUnits)
	}
}

// TestLongLoopsLookAtTheContext: a record that takes long ends when time does.
func TestLongLoopsLookAtTheContext(t *testing.T) {
	exhaustive(t)
	for _, a := range adversary.Objects() {
		data := a.Data()
		ctx, cancel := context.WithCancel(context.Background())
		looks := &countingContext{Context: ctx, most: 200, cancel: cancel}
		records := 0
		for _, err := range mustCompile(t, specOf(t, a)).Records(looks, object(data)) {
			if err != nil {
				break
			}
			// A consumer looks at it every 256 records, whatever the parser does.
			if records++; records%256 == 0 && looks.Err() != nil {
				break
			}
		}
		cancel()
		if looks.after > 2 {
			t.Errorf("%s: went on for %d looks after the end", a.Name, looks.after)
		}
	}
}

// A countingContext ends at the so-manyth look.
type countingContext struct {
	context.Context
	looks, most, after int
	cancel             func()
}

func (c *countingContext) Err() error {
	if c.looks++; c.looks == c.most {
		c.cancel()
	}
	if err := c.Context.Err(); err != nil {
		c.after++
		return err
	}
	return nil
}

// TestLargeObjectsWaitForEachOther: what objects hold beyond their own share never
// comes to more than the budget, whoever waits is looked after meanwhile, and what
// ends gives back what it held.
func TestLargeObjectsWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := large
		large = newBudget(9)
		defer func() { large = before }()
		ctx, cancel := context.WithCancel(t.Context())
		idled := 0
		first := memory{ctx: ctx, most: ownMemory + 8*tokenSize}
		second := memory{ctx: ctx, most: ownMemory + 4*tokenSize, idle: func() { idled++ }}
		if ok, err := first.charge(ownMemory); !ok || err != nil || len(large.tokens) != 0 {
			t.Fatal("its own share is not free")
		}
		if ok, err := first.charge(1); !ok || err != nil || len(large.tokens) != 8 {
			t.Fatalf("%d tokens, %v", len(large.tokens), err)
		}
		got := make(chan error)
		go func() { _, err := second.charge(ownMemory + 1); got <- err }()
		time.Sleep(10 * time.Second)
		synctest.Wait() // both the clock and what waits for tokens end their sleep now
		if second.held != 1 || idled < 9 {
			t.Errorf("%d held of the one there is, %d times looked after", second.held, idled)
		}
		first.release()
		if err := <-got; err != nil || second.held != 4 {
			t.Errorf("%d held, %v", second.held, err)
		}
		if ok, _ := second.charge(4 * tokenSize); ok {
			t.Error("more than it may hold")
		}
		third := memory{ctx: ctx, most: 1 << 40} // of all there is
		go func() { _, err := third.charge(ownMemory + 1); got <- err }()
		synctest.Wait()
		cancel()
		if err := <-got; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		second.release()
		third.release()
		if len(large.tokens) != 0 || len(large.turn) != 0 {
			t.Errorf("%d tokens left", len(large.tokens))
		}
	})
	for limit, want := range map[int64]int{230 << 20: 9, 1593 << 20: 66, 1<<63 - 1: freeTokens, 10 << 20: 0} {
		if got := tokensOf(limit); got != want {
			t.Errorf("%d tokens of %d bytes, want %d", got, limit, want)
		}
	}
}

// wideParquet is rows of which every tenth value is there.
func wideParquet(t *testing.T, schema *parquet.Schema, rows int) []byte {
	t.Helper()
	var out bytes.Buffer
	w := parquet.NewGenericWriter[any](&out, schema)
	for i := range rows {
		var row parquet.Row
		for c := range schema.Columns() {
			v := parquet.NullValue().Level(0, 0, c)
			if c%10 == i%10 {
				v = parquet.ValueOf(fmt.Sprint("value ", i, " of ", c)).Level(0, 1, c)
			}
			row = append(row, v)
		}
		if _, err := w.WriteRows([]parquet.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A repeat is a row of which only the time changes.
type repeat struct {
	Time   int64  `parquet:"time,delta"`
	Action string `parquet:"action,dict"`
	Agent  string `parquet:"agent,dict"`
	Path   string `parquet:"path,dict"`
}

func sameRows(n int) []repeat {
	r := rand.New(rand.NewPCG(3, 4))
	rows := make([]repeat, n)
	for i := range rows {
		rows[i] = repeat{1_780_000_000_000 + int64(i*1000) + r.Int64N(1000), "ACCEPT", strings.Repeat("an agent ", 20), "/health"}
	}
	return rows
}

// counted are the numbers up to n, as avro has them.
func counted(n int) (b []byte) {
	for i := range n {
		b = append(b, avroLong(int64(i))...)
	}
	return b
}

func deflated(b []byte) []byte {
	var out bytes.Buffer
	w, _ := flate.NewWriter(&out, flate.BestCompression)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

// specOf is how an adversary's object is read.
func specOf(t testing.TB, o adversary.Object) Spec {
	t.Helper()
	options, err := NewOptions(o.Format)
	if err == nil {
		err = yaml.Unmarshal([]byte(o.Options), options)
	}
	if err != nil {
		t.Fatal(err)
	}
	return Spec{Format: o.Format, Options: options, Fields: o.Fields}
}
