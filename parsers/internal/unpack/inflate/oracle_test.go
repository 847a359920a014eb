//go:build moto

package inflate

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"os/exec"
	"testing"
)

// python inflates each stream that it reads: a byte for the wrapping, four for the
// length, the stream. It answers with a line each: whether it was whole, how many bytes
// were left, and length and checksum of what was unpacked.
const python = `
import struct, sys, zlib
while head := sys.stdin.buffer.read(5):
    wrapping, length = struct.unpack("<BI", head)
    d = zlib.decompressobj((-15, 15, 31)[wrapping])
    plain, end = b"", False
    try:
        plain, end = d.decompress(sys.stdin.buffer.read(length)), d.eof
    except zlib.error:
        pass
    print(end, *((len(d.unused_data), len(plain), zlib.crc32(plain)) if end else ()))
`

// TestOracleOfZlib has zlib itself, in Python, unpack the rules' streams, and others
// that are damaged in random places. It must find whole what we do, and nothing else.
func TestOracleOfZlib(t *testing.T) {
	type stream struct {
		wrapped Wrapping
		packed  []byte
	}
	var streams []stream
	for _, r := range rules {
		streams = append(streams, stream{Raw, append(bytes.Clone(r.packed), "behind"...)})
	}
	for _, h := range headers {
		streams = append(streams, stream{h.wrapped, append([]byte(h.packed), tail(h.wrapped)...)})
	}
	r := rand.New(rand.NewPCG(1, 6))
	for i := range sparing(6000, 1000) {
		m := &maker{Rand: rand.New(rand.NewPCG(uint64(i/20), 7))}
		packed, plain := m.stream()
		w := Wrapping(i % 3)
		whole := append(wrap(w, packed, plain), "behind"...)
		for range r.IntN(3) { // most of what there is to get wrong comes first
			whole[min(r.IntN(len(whole)), r.IntN(len(whole)), r.IntN(200))] ^= 1 << r.IntN(8)
		}
		streams = append(streams, stream{w, whole})
	}
	var in bytes.Buffer
	for _, s := range streams {
		in.WriteByte(byte(s.wrapped))
		in.Write(binary.LittleEndian.AppendUint32(nil, uint32(len(s.packed))))
		in.Write(s.packed)
	}
	c := exec.Command("../../../../.venv/bin/python", "-c", python)
	c.Stdin = &in
	out, err := c.Output()
	if err != nil {
		t.Fatal(err)
	}
	wholes := 0
	for i, want := range bytes.Split(bytes.TrimSpace(out), []byte("\n")) {
		s := streams[i]
		got := read(s.packed, s.wrapped)
		line := "False"
		if got.err == nil {
			wholes++
			line = fmt.Sprintf("True %d %d %d", len(s.packed)-got.used, len(got.plain), crc32.ChecksumIEEE(got.plain))
		}
		if line != string(want) {
			t.Fatalf("stream %d, wrapping %d: %s, error %v; zlib has %s: %x", i, s.wrapped, line, got.err, want, s.packed)
		}
	}
	if i := len(streams); wholes < i/4 || wholes > i*3/4 {
		t.Errorf("%d of %d were whole", wholes, i)
	}
}
