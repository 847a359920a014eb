package main

import "testing"

// BenchmarkDeliver is the whole way of one object but for S3, in one process,
// for profiles: go test -bench Deliver -cpuprofile cpu.out ./cmd/bench.
func BenchmarkDeliver(b *testing.B) {
	for _, s := range samples {
		b.Run(s.name, func(b *testing.B) {
			const size = 64 << 20
			o, err := s.make(size)
			if err != nil {
				b.Fatal(err)
			}
			c, err := newCourier()
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(c.close)
			b.SetBytes(size)
			b.ReportAllocs()
			for b.Loop() {
				if err := c.deliver(o); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
