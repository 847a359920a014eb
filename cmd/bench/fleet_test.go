package main

import (
	"testing"
	"time"
)

func TestFleet(t *testing.T) {
	of := func(invocations int, rate float64) yield {
		f := fleet{
			invocations: invocations, batch: 10, objectMB: 1, cpuPerMB: 2 * time.Millisecond, cpuPerCall: time.Millisecond,
			wait: 170 * time.Millisecond, quotas: []*quota{{name: "gets", rate: rate}}, perObject: []int{1},
		}
		return f.run(100 * time.Second)
	}
	for _, test := range []struct {
		name        string
		invocations int
		rate        float64
		objects     float64 // a second; an invocation takes 200 ms
		limit       string
	}{
		{"one", 1, 1e6, 50, ""},
		{"a hundred are a hundred times as many", 100, 1e6, 5000, ""},
		{"a quota ends that", 100, 1000, 1000, "gets"},
	} {
		t.Run(test.name, func(t *testing.T) {
			y := of(test.invocations, test.rate)
			if y.objects < test.objects*0.95 || y.objects > test.objects*1.05 || y.limit != test.limit {
				t.Errorf("%.0f objects a second, limited by %q; want %.0f, %q", y.objects, y.limit, test.objects, test.limit)
			}
		})
	}
}
