package parsers

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

// got is a copy of a Record.
type got struct {
	Raw      string
	Fields   []string
	Index    int64
	Unparsed string
	Dropped  string
	Lost     int64
	Restart  *Restart
}

// absent stands for a nil field in got.
const absent = "<absent>"

// read copies an object's records, and poisons each after its step: nothing
// that comes later may depend on its bytes.
func read(p *Parser, in Input) (all []got, err error) {
	for r, err := range p.Records(context.Background(), in) {
		if err != nil {
			return all, err
		}
		g := got{Raw: string(r.Raw), Index: r.Index, Unparsed: r.Unparsed, Dropped: r.Dropped, Lost: r.Lost}
		for _, f := range r.Fields {
			if f == nil {
				g.Fields = append(g.Fields, absent)
			} else {
				g.Fields = append(g.Fields, string(f))
			}
		}
		if r.Restart != nil {
			again := *r.Restart
			g.Restart = &again
			*r.Restart = Restart{-1, -1, -1, "poison", -1}
		}
		all = append(all, g)
		poison(r.Raw)
		for i, f := range r.Fields {
			poison(f)
			r.Fields[i] = nil
		}
		*r = Record{Fields: r.Fields, Raw: []byte("poison"), Index: -1, Unparsed: "poison", Dropped: "poison", Lost: -1}
	}
	return all, nil
}

func poison(b []byte) {
	for i := range b {
		b[i] = 0xDB
	}
}

// object is the stream of an object that is held in memory.
func object(data []byte) Input { return Input{Stream: io.NopCloser(bytes.NewReader(data))} }

func mustCompile(t testing.TB, s Spec) *Parser {
	t.Helper()
	p, err := Compile(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// blocksOf is p with blocks of n bytes.
func blocksOf(p *Parser, n int) *Parser {
	q := *p
	q.blockSize = n
	return &q
}

// raws are the records' bytes.
func raws(all []got) []string {
	var out []string
	for _, g := range all {
		out = append(out, g.Raw)
	}
	return out
}

// mostBlocks is how many of one size sameInEveryChunking cuts an object into, at
// most: each is handed from goroutine to goroutine.
const mostBlocks = 10_000

// sameInEveryChunking reads data in blocks and reads of many sizes, each of
// which must give what whole blocks gave.
func sameInEveryChunking(t *testing.T, p *Parser, data []byte) ([]got, error) {
	t.Helper()
	want, wantErr := read(p, object(data))
	check := func(how string, all []got, err error) {
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%s: error %v; in whole blocks %v", how, err, wantErr)
		}
		if diff := cmp.Diff(want, all); diff != "" {
			t.Fatalf("%s differ from whole blocks (-whole +these):\n%s", how, diff)
		}
	}
	for _, n := range []int{1, 2, 3, 7, 64, 600} {
		if len(data) > n*mostBlocks {
			continue // the same edges come in shorter objects
		}
		all, err := read(blocksOf(p, n), object(data))
		check("blocks of "+string(rune('0'+n%10)), all, err)
	}
	if len(data) <= mostBlocks {
		one := Input{Stream: io.NopCloser(iotest.OneByteReader(bytes.NewReader(data)))}
		all, err := read(p, one)
		check("reads of one byte", all, err)
	}
	dataErr := Input{Stream: io.NopCloser(iotest.DataErrReader(bytes.NewReader(data)))}
	all, err := read(p, dataErr)
	check("the end told with the last bytes", all, err)
	return want, wantErr
}

// sameFromEveryRestart reads data again from each Restart that all offer.
func sameFromEveryRestart(t *testing.T, p *Parser, data []byte, all []got) {
	t.Helper()
	for i, g := range all {
		if g.Restart == nil {
			continue
		}
		in := object(data[g.Restart.Offset:])
		in.Restart = *g.Restart
		again, err := read(p, in)
		if err != nil {
			t.Fatalf("from %+v: %v", *g.Restart, err)
		}
		if diff := cmp.Diff(all[i:], again); diff != "" {
			t.Fatalf("from %+v (-from the start +again):\n%s", *g.Restart, diff)
		}
	}
}

func isCorrupt(err error) bool {
	var c *CorruptError
	return errors.As(err, &c)
}

func wantRaws(t *testing.T, all []got, want ...string) {
	t.Helper()
	if !slices.Equal(raws(all), want) {
		t.Fatalf("records %q, want %q", raws(all), want)
	}
}
