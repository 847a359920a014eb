package main

import (
	"fmt"
	"os"
	"time"

	"github.com/devo-s3/collector/local"
)

// initLimit is how much longer than an empty function's the collector's own
// start may take.
const initLimit = 30 * time.Millisecond

// coldStarts compares the start of the function with that of an empty one, in
// turn, from the start of the process to its first request for an event.
func coldStarts(bootstrap, empty string, n int) error {
	site, err := newSite(bootstrap, 1)
	if err != nil {
		return err
	}
	defer site.close()
	var ours, theirs []float64
	for range n {
		for _, side := range []struct {
			binary string
			all    *[]float64
		}{{bootstrap, &ours}, {empty, &theirs}} {
			took, err := coldStart(site.options, side.binary)
			if err != nil {
				return err
			}
			*side.all = append(*side.all, took.Seconds()*1e3)
		}
	}
	info, err := os.Stat(bootstrap)
	if err != nil {
		return err
	}
	more := median(ours) - median(theirs)
	verdict := "within"
	if more > initLimit.Seconds()*1e3 {
		verdict = "NOT within"
	}
	fmt.Printf("\ncold start: %.1f ms, an empty function %.1f ms; %.1f ms more, %s %s; binary %.1f MiB\n",
		median(ours), median(theirs), more, verdict, initLimit, float64(info.Size())/(1<<20))
	return nil
}

// coldStart is how long a fresh process takes until it is handed an event.
func coldStart(o local.FunctionOptions, binary string) (time.Duration, error) {
	var ready time.Time
	o.Bootstrap, o.OnStart = binary, func(local.Started) { ready = time.Now() }
	f, err := local.StartFunction(o)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	begun := time.Now()
	if _, err := f.Invoke(background, []byte(`{"Records":[]}`)); err != nil {
		return 0, err
	}
	return ready.Sub(begun), nil
}
