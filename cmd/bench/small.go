package main

import (
	"fmt"
	"sync"

	"github.com/devo-s3/collector/local"
)

// smallSize is the unpacked size in bytes of a small object.
const smallSize = 2 << 10

// smallObjects delivers n small objects, a fifth of them each in batches of
// another length, and prints what each costs.
func smallObjects(bootstrap string, n int) error {
	s, err := sampleNamed("cloudtrail")
	if err != nil {
		return err
	}
	o, err := s.make(smallSize)
	if err != nil {
		return err
	}
	fmt.Printf("\n%d small objects of %d bytes, by messages in a batch: per object, but for the connections\n", n, smallSize)
	fmt.Printf("%6s %11s %9s %8s %8s %8s %12s %8s\n", "batch", "messages/s", "CPU-ms", "S3", "STS", "ledger", "conns/batch", "resumed")
	for _, b := range []struct{ batch, objects int }{{5, n / 5}, {10, n}, {100, n / 5}} {
		if err := someSmall(bootstrap, o, b.batch, b.objects); err != nil {
			return err
		}
	}
	return nil
}

// someSmall measures one length of batches, first calls and all.
func someSmall(bootstrap string, o *object, batch, n int) error {
	site, err := newSite(bootstrap, 1)
	if err != nil {
		return err
	}
	defer site.close()
	keys, err := site.put("small", o, n)
	if err != nil {
		return err
	}
	var mu sync.Mutex
	calls := make(map[string]int)
	site.account.SetFault(func(q local.FaultRequest) *local.FaultResponse {
		mu.Lock()
		defer mu.Unlock()
		calls[q.Service]++
		return nil
	})
	r, err := site.collector(keys, batch)
	if err != nil {
		return err
	}
	resumed, conns := 0, site.receiver.Conns()
	for _, c := range conns {
		if c.Resumed {
			resumed++
		}
	}
	per := func(count int) float64 { return float64(count) / float64(n) }
	mu.Lock()
	defer mu.Unlock()
	fmt.Printf("%6d %11.0f %9.2f %8.2f %8.4f %8.2f %12.1f %7.1f%%\n", batch, float64(n)/r.Wall, 1e3*r.CPU/float64(n),
		per(calls["s3"]), per(calls["sts"]), per(calls["dynamodb"]), per(len(conns))*float64(batch), 100*float64(resumed)/float64(len(conns)))
	return nil
}
