package parsers

import (
	"context"
	"errors"
	"runtime"
	"testing"

	"github.com/devo-s3/collector/internal/adversary"
)

// The bounds of docs/security.md, as the objects below are held to them: written
// here a second time, so that a change of one is seen.
const (
	boundFree    = 64 << 20 // units
	boundRatio   = 2000     // units for each stored byte
	boundRecord  = 64       // units of a record beside its bytes
	boundSlack   = 5 << 20  // the record that goes beyond, at most max_record, and its neighbours
	boundMemory  = 256      // MiB allocated in all, live or not
	boundInvoked = 50       // records, after which an invocation ends here and the next goes on
)

// TestNoObjectCostsMoreThanItsBounds: what comes out of an object, and the memory
// allocated for it, is within bounds of what is stored, also when it is read on
// from each Restart, as a continuation does.
func TestNoObjectCostsMoreThanItsBounds(t *testing.T) {
	exhaustive(t)
	for _, a := range adversary.Objects() {
		t.Run(a.Name, func(t *testing.T) {
			data := a.Data()
			p := mustCompile(t, specOf(t, a))
			most := int64(boundFree + boundRatio*len(data) + boundSlack)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			units, records, err := spentOn(p, data, a.Invocations, most)
			runtime.ReadMemStats(&after)
			allocated := (after.TotalAlloc - before.TotalAlloc) >> 20
			t.Logf("%d bytes stored, %d records, %d units of %d, %d MiB allocated, %v", len(data), records, units, most, allocated, err)
			if units > most {
				t.Errorf("%d records of %d units from %d bytes: more than %d", records, units, len(data), most)
			}
			if allocated > boundMemory {
				t.Errorf("%d MiB allocated for %d bytes", allocated, len(data))
			}
			if err != nil && !isCorrupt(err) && !errors.Is(err, errInvoked) {
				t.Error(err)
			}
		})
	}
}

// errInvoked says that the last of the invocations ended before the object.
var errInvoked = errors.New("invocations are over")

// spentOn reads an object as invocations do that confirm boundInvoked records each
// and are then over, and counts what comes out. It gives up beyond most.
func spentOn(p *Parser, data []byte, invocations int, most int64) (units, records int64, err error) {
	var next int64
	var from Restart
	for i := 0; ; i++ {
		in := object(data[from.Offset:])
		in.Restart = from
		left := boundInvoked
		err := func() error {
			for r, err := range p.Records(context.Background(), in) {
				if err != nil {
					return err
				}
				if r.Restart != nil {
					from = *r.Restart
				}
				if r.Index < next {
					continue
				}
				if units, records = units+int64(len(r.Raw))+boundRecord, records+1; units > most {
					return errInvoked
				}
				next = r.Index + 1
				if left--; invocations > 0 && left <= 0 && r.Restart != nil {
					return errInvoked
				}
			}
			return nil
		}()
		if err == nil || !errors.Is(err, errInvoked) || i+1 >= invocations || units > most {
			return units, records, err
		}
	}
}
