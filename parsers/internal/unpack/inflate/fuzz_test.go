package inflate

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"sync"
	"testing"

	klauspost "github.com/klauspost/compress/flate"
)

// most is how many bytes a fuzzed stream may unpack to: a short one may be long.
const most = 1 << 17

// std is what compress/flate makes of a stream.
func std(packed []byte) ([]byte, error) {
	return io.ReadAll(io.LimitReader(flate.NewReader(bytes.NewReader(packed)), most))
}

// FuzzInflate unpacks anything. It must end as with compress/flate and with
// klauspost/compress: well, with the same bytes and behind the same byte of the stream,
// or in an error, with the same bytes in front of that. And so it must in pieces.
func FuzzInflate(f *testing.F) {
	for _, packed := range samples() {
		f.Add(packed, uint16(20), uint16(300))
		f.Add(packed[:len(packed)/2], uint16(1), uint16(1))
	}
	for _, r := range rules {
		f.Add(r.packed, uint16(3), uint16(7))
	}
	for level := range 10 {
		f.Add(pack(packers()[level][0], bytes.Repeat([]byte("GET /index.html 200 \"10.1.2.3\"\n"), 1+level*40)), uint16(100), uint16(1000))
	}
	f.Fuzz(func(t *testing.T, packed []byte, in, out uint16) {
		check(t, packed, 1+int(in), 1+int(out))
	})
}

func check(t *testing.T, packed []byte, in, out int) {
	got := steps(t, packed, len(packed)+1, most)
	if len(got.plain) == most {
		return // it may go on
	}
	for name, open := range map[string]func(io.Reader) io.ReadCloser{"compress/flate": flate.NewReader, "klauspost": klauspost.NewReader} {
		rest := bytes.NewReader(packed)
		want, err := io.ReadAll(open(rest))
		used := len(packed) - rest.Len()
		switch {
		case (err == nil) != (got.err == nil):
			t.Fatalf("%v, but %s has %v", got.err, name, err)
		case err == nil && (!bytes.Equal(got.plain, want) || got.used != used):
			t.Fatalf("%d bytes of %d; %s has %d of %d", len(got.plain), got.used, name, len(want), used)
		case !bytes.HasPrefix(got.plain, want) && !bytes.HasPrefix(want, got.plain):
			t.Fatalf("other bytes in front of %v than %s has", got.err, name)
		}
	}
	if pieces := steps(t, packed, in, out); !pieces.equal(got) {
		t.Fatalf("by %d and %d: %d bytes of %d, error %v; else %d of %d, %v", in, out, len(pieces.plain), pieces.used, pieces.err, len(got.plain), got.used, got.err)
	}
}

// packer is an encoder of either kind.
type packer interface {
	io.WriteCloser
	Reset(io.Writer)
}

// packers are those of compress/flate and of klauspost/compress, by level: making one
// takes longer than packing a short text.
var packers = sync.OnceValue(func() (all [10][2]packer) {
	for level := range all {
		std, err := flate.NewWriter(nil, level)
		if err != nil {
			panic(err)
		}
		other, err := klauspost.NewWriter(nil, level)
		if err != nil {
			panic(err)
		}
		all[level] = [2]packer{std, other}
	}
	return all
})

func pack(p packer, plain []byte) []byte {
	var b bytes.Buffer
	p.Reset(&b)
	p.Write(plain)
	p.Close()
	return b.Bytes()
}

// FuzzRoundTrip has everything that two encoders write unpacked to what they packed.
func FuzzRoundTrip(f *testing.F) {
	for level := range 10 {
		f.Add([]byte("a line\nand another line\n"), uint16(level), level, uint16(20), uint16(50))
		f.Add(bytes.Repeat([]byte{'x', byte(level)}, 300), uint16(100*level), level, uint16(70), uint16(400))
	}
	f.Fuzz(func(t *testing.T, plain []byte, times uint16, level int, in, out uint16) {
		whole := bytes.Repeat(plain, 1+int(times)%max(1, most/2/(len(plain)+1)))
		for _, p := range packers()[(level%10+10)%10] {
			packed := pack(p, whole)
			want := result{plain: whole, used: len(packed)}
			if got := steps(t, packed, 1+int(in), 1+int(out)); !got.equal(want) {
				t.Fatalf("by %d and %d: %v, %d bytes of %d", in, out, got.err, len(got.plain), len(whole))
			}
			if got := read(packed, Raw); !got.equal(want) {
				t.Fatalf("%v, %d bytes of %d", got.err, len(got.plain), len(whole))
			}
		}
	})
}

// TestDamagedStreams damages streams of every kind in every bit, or in random ones.
func TestDamagedStreams(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for _, packed := range samples() {
		for range sparing(150, 10) {
			damaged := bytes.Clone(packed)
			for range 1 + r.IntN(3) {
				damaged[r.IntN(len(damaged))] ^= 1 << r.IntN(8)
			}
			check(t, damaged, 1+r.IntN(100), 1+r.IntN(1000))
		}
	}
}
