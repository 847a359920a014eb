package devo

import (
	"bytes"
	"crypto/tls"
	"io"
	"net"
	"testing"
)

// BenchmarkWrite sends records of a flow log's length, confirmed in the end,
// and beside it the same bytes as plain crypto/tls takes them, 16 KiB a call.
func BenchmarkWrite(b *testing.B) {
	record := bytes.Repeat([]byte("2 123456789012 eni-0 "), 20)
	discard := func(p *peer) {
		_, _ = io.CopyBuffer(io.Discard, struct{ io.Reader }{p}, make([]byte, 64<<10))
		p.Close()
	}
	b.Run("Conn", func(b *testing.B) {
		s := newSink(b, nil, serve(b, far(tls.VersionTLS13), discard))
		c := dial(b, s)
		head := c.Header("source", "cloud.aws.vpc.flow")
		b.SetBytes(int64(len(head) + len(record) + 1))
		b.ReportAllocs()
		for b.Loop() {
			if err := c.Write(head, record); err != nil {
				b.Fatal(err)
			}
		}
		if err := c.Confirm(b.Context()); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("crypto/tls", func(b *testing.B) {
		s := newSink(b, nil, serve(b, far(tls.VersionTLS13), discard))
		config := must(s.identify(b.Context())).tls.Clone()
		config.ServerName = "127.0.0.1"
		c := tls.Client(must(net.Dial("tcp", s.Endpoints[0])), config)
		defer c.Close()
		piece := make([]byte, 16<<10)
		b.SetBytes(int64(len(piece)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := c.Write(piece); err != nil {
				b.Fatal(err)
			}
		}
	})
}
