package delivery

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// nowhere is a Sink that takes everything and allocates nothing.
type nowhere struct{ written int64 }

func (n *nowhere) Dial(_, _ context.Context) (Conn, error) { return n, nil }
func (n *nowhere) Header(_, tag string) []byte             { return []byte(tag) }
func (n *nowhere) Full([]byte) bool                        { return false }
func (n *nowhere) Confirm(context.Context) error           { return nil }
func (n *nowhere) Abort()                                  {}
func (n *nowhere) Written() int64                          { return n.written }

func (n *nowhere) Write(header, record []byte) error {
	n.written += int64(len(header) + len(record))
	return nil
}

// Whatever a record is, nothing is allocated for it: an object with many times
// the records costs a few blocks more.
func TestNoAllocationPerRecord(t *testing.T) {
	level := strings.Repeat("v", 64)
	for name, c := range map[string]struct{ tag, record string }{
		"tag of the object":  {"my.app.x", `{"a":"1"}`},
		"tag of the record":  {"my.app.{record.a}", `{"a":"1"},{"a":"2"}`},
		"impossible tag":     {strings.Repeat("{record.a}.", 16) + "x", `{"a":"` + level + `"}`},
		"longer than it may": {"my.app.x", `{"a":"` + strings.Repeat(level, 4) + `"}`},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := sources.Compile(sources.Definition{
				Name: "s", Keys: []string{"**"}, Format: "json", Options: &parsers.JSONOptions{Path: parsers.Paths{"R"}}, Tag: c.tag, MaxRecord: 128,
			})
			if err != nil {
				t.Fatal(err)
			}
			b := newBench(t)
			b.opts.Entries[0].Sources = sources.Set{s}
			b.opts.Sink = &nowhere{}
			b.opts.Unparsed, b.opts.BadTag = "my.app."+level+".unparsed", "my.app."+level+".badtag"
			const n = 20_000
			seq := 0
			allocs := func(n int) float64 {
				return testing.AllocsPerRun(3, func() {
					seq++
					key := fmt.Sprint(seq)
					b.store.put(key, `{"R":[`+strings.Repeat(c.record+",", n)+c.record+`]}`)
					if failed := b.deliver(t, t.Context(), announce("m", key)); failed != nil {
						t.Fatal(b.report.all["m"].Err)
					}
				})
			}
			few, many := allocs(100), allocs(n)
			if each := (many - few) / float64(n); each > 0.02 {
				t.Errorf("%.3f allocations a record: %.0f, and %.0f for %d more", each, few, many, n)
			}
		})
	}
}
