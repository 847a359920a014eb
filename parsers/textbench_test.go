package parsers

import (
	"context"
	"testing"
)

// BenchmarkText reads plain objects, with -cpu 1 to be compared with
// BenchmarkRecords.
func BenchmarkText(b *testing.B) {
	for _, c := range textParsers() {
		p := mustCompile(b, c.spec)
		data := c.data(benchSize)
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				n = 0
				for _, err := range p.Records(context.Background(), object(data)) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
			}
			b.ReportMetric(float64(n), "records/op")
		})
	}
}
