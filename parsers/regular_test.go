package parsers

import (
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"
)

// TestCompressedTextIsNoText compresses text of different kinds, very regular
// ones too, in the packings that have nothing to be known by.
func TestCompressedTextIsNoText(t *testing.T) {
	exhaustive(t)
	random := rand.New(rand.NewPCG(1, 1))
	kinds := map[string]func(i int) string{
		"counted":   func(i int) string { return fmt.Sprintf("a-%d\n", i) },
		"hex":       func(int) string { return fmt.Sprintf("%x\n", random.Uint64()) },
		"JSON":      func(i int) string { return fmt.Sprintf("{\"t\":%d,\"user\":\"u%d\"}\n", i, random.IntN(900)) },
		"addresses": func(i int) string { return fmt.Sprintf("10.0.%d.%d GET /%d 200\n", i%256, random.IntN(256), i) },
	}
	p := mustCompile(t, Spec{Format: "lines"})
	for name, line := range kinds {
		for _, n := range []int{50, 2000, 20_000} {
			var text strings.Builder
			for i := range n {
				text.WriteString(line(i))
			}
			for _, level := range []int{1, 4, 9} {
				for packing, open := range map[string]func(io.Writer) io.WriteCloser{
					"brotli":  func(w io.Writer) io.WriteCloser { return brotli.NewWriterLevel(w, level) },
					"deflate": func(w io.Writer) io.WriteCloser { z, _ := flate.NewWriter(w, level); return z },
				} {
					var packed bytes.Buffer
					w := open(&packed)
					io.WriteString(w, text.String())
					w.Close()
					if packed.Len() < minWindow {
						continue // the evidence is thin
					}
					if _, err := read(p, object(packed.Bytes())); !isCorrupt(err) {
						t.Errorf("%d lines, %s, %s level %d, %d bytes: %v", n, name, packing, level, packed.Len(), err)
					}
				}
			}
		}
	}
}
