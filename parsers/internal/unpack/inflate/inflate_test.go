package inflate

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/iotest"
)

// result is what a decoder made of a stream.
type result struct {
	plain []byte
	used  int // bytes of the stream
	err   error
}

// equal reports whether two results are the same. How much of a stream was read in
// front of an error depends on how it came.
func (r result) equal(other result) bool {
	return errors.Is(r.err, other.err) && bytes.Equal(r.plain, other.plain) && (r.err != nil || r.used == other.used)
}

// guard is a byte that must not be written.
const guard = 0xA5

// decoders are used again and again, as they are outside of tests.
var decoders = sync.Pool{New: func() any { return new(Decoder) }}

func decoder() *Decoder {
	d := decoders.Get().(*Decoder)
	d.Reset()
	return d
}

// steps unpacks with no more than in bytes of input and out bytes of room at a time.
// Both are of exactly that capacity, and what is around them must stay as it is.
func steps(t testing.TB, packed []byte, in, out int) (r result) {
	t.Helper()
	d := decoder()
	defer decoders.Put(d)
	around := bytes.Repeat([]byte{guard}, 32)
	room := slices.Concat(around, make([]byte, out), around)
	for idle := 0; idle < 3; idle++ {
		src := slices.Clip(packed[r.used:min(len(packed), r.used+in)])
		n, used, err := d.Step(room[32:32+out:32+out], src)
		if n > 0 || used > 0 {
			idle = 0
		}
		r.plain, r.used = append(r.plain, room[32:32+n]...), r.used+used
		if used > len(src) || n > out || !bytes.Equal(room[:32], around) || !bytes.Equal(room[32+out:], around) {
			t.Fatalf("%d bytes read of %d, %d written of %d, around them %x and %x", used, len(src), n, out, room[:32], room[32+out:])
		}
		if err == io.EOF {
			return r
		}
		if err != nil {
			r.err = err
			return r
		}
	}
	r.err = io.ErrUnexpectedEOF
	return r
}

// read unpacks with a Reader.
func read(packed []byte, w Wrapping) (r result) {
	rest := bytes.NewReader(packed)
	in := bufio.NewReader(rest)
	z := new(Reader)
	if r.err = z.Reset(in, w); r.err == nil {
		r.plain, r.err = io.ReadAll(z)
	}
	r.used = len(packed) - rest.Len() - in.Buffered()
	return r
}

// TestStreamsThatNoEncoderWrites has all kinds of blocks, with all kinds of codes.
func TestStreamsThatNoEncoderWrites(t *testing.T) {
	for seed := range sparing(400, 20) {
		m := &maker{Rand: rand.New(rand.NewPCG(uint64(seed), 1))}
		packed, plain := m.stream()
		want := result{plain: plain, used: len(packed)}
		packed = append(packed, "garbage behind the stream"...)
		for _, size := range [][2]int{{1 << 20, 1 << 20}, {1000, 1 << 20}, {1 << 20, 700}, {33, 333}} {
			if got := steps(t, packed, size[0], size[1]); !got.equal(want) {
				t.Fatalf("seed %d by %v: %d bytes of %d, error %v, want %d of %d", seed, size, len(got.plain), got.used, got.err, len(plain), want.used)
			}
		}
	}
}

// sparing is n, or fewer under the race detector.
func sparing(n, fewer int) int {
	if raced {
		return fewer
	}
	return n
}

// samples are short streams of every kind of block.
var samples = sync.OnceValue(func() (all [][]byte) {
	for seed := uint64(0); len(all) < 12; seed++ {
		m := &maker{Rand: rand.New(rand.NewPCG(seed, 2))}
		if packed, plain := m.stream(); len(packed) < 700 && len(plain) > 50 {
			all = append(all, packed)
		}
	}
	return all
})

func TestEverySplit(t *testing.T) {
	for i, packed := range samples()[:sparing(12, 2)] {
		want := steps(t, packed, len(packed), 1<<20)
		if want.err != nil {
			t.Fatal(want.err)
		}
		for cut := range packed {
			if got := cutAt(packed, cut, len(want.plain), 1<<16); !got.equal(want) {
				t.Fatalf("sample %d, input cut at %d: %v", i, cut, got.err)
			}
		}
		for cut := range min(len(want.plain), 2000) {
			if got := cutAt(packed, len(packed), cut, 1<<16); !got.equal(want) {
				t.Fatalf("sample %d, output cut at %d: %v", i, cut, got.err)
			}
		}
		for _, size := range [][2]int{{1, 1}, {1, 1 << 16}, {len(packed), 1}, {2, 3}, {7, 5}, {inSlack, outSlack}, {inSlack + 1, outSlack + 1}} {
			if got := steps(t, packed, size[0], size[1]); !got.equal(want) {
				t.Fatalf("sample %d by %v: %v", i, size, got.err)
			}
		}
	}
}

// cutAt gives the decoder its input, or its room, in two pieces.
func cutAt(packed []byte, in, out, more int) (r result) {
	d := decoder()
	defer decoders.Put(d)
	room := make([]byte, out)
	limit := in
	for range 8 {
		n, used, err := d.Step(room, packed[r.used:limit])
		r.plain, r.used = append(r.plain, room[:n]...), r.used+used
		if err == io.EOF {
			return r
		}
		if err != nil {
			r.err = err
			return r
		}
		room, limit = make([]byte, more), len(packed)
	}
	r.err = io.ErrUnexpectedEOF
	return r
}

func TestTruncationAtEveryByte(t *testing.T) {
	for i, packed := range samples()[:sparing(12, 2)] {
		for _, w := range []Wrapping{Raw, Zlib, Gzip} {
			whole := wrap(w, packed, steps(t, packed, len(packed), 1<<20).plain)
			if got := read(whole, w); got.err != nil || got.used != len(whole) {
				t.Fatalf("sample %d: %v", i, got.err)
			}
			for n := range whole {
				if got := read(whole[:n], w); got.err != io.ErrUnexpectedEOF {
					t.Fatalf("sample %d, %d of %d bytes: %v", i, n, len(whole), got.err)
				}
			}
		}
	}
}

// TestReaderWaitsForNoInputIfItHasOutput has input that comes byte by byte.
func TestReaderWaitsForNoInputIfItHasOutput(t *testing.T) {
	m := &maker{Rand: rand.New(rand.NewPCG(1, 3))}
	m.stored(0, 100)
	in, out := io.Pipe()
	defer in.Close()
	go out.Write(m.packed) // and then nothing, for ever
	z := new(Reader)
	if err := z.Reset(bufio.NewReader(in), Raw); err != nil {
		t.Fatal(err)
	}
	if n, err := io.ReadFull(z, make([]byte, 100)); n != 100 || err != nil {
		t.Fatal(n, err)
	}
}

func TestABrokenInputIsNoEnd(t *testing.T) {
	broken, z := errors.New("connection reset"), new(Reader)
	for _, packed := range samples()[:sparing(3, 1)] {
		for n := range packed {
			in := bufio.NewReader(io.MultiReader(bytes.NewReader(packed[:n]), iotest.ErrReader(broken)))
			if err := z.Reset(in, Raw); err != nil {
				t.Fatal(err)
			}
			if _, err := io.ReadAll(z); !errors.Is(err, broken) {
				t.Fatalf("after %d bytes: %v", n, err)
			}
			if _, err := z.Read(make([]byte, 1)); !errors.Is(err, broken) {
				t.Fatalf("once more: %v", err)
			}
		}
	}
}

// TestResetForgets has one decoder unpack what needs nothing of the stream before.
func TestResetForgets(t *testing.T) {
	d := new(Decoder)
	room := make([]byte, 1<<20)
	for seed := range sparing(50, 10) {
		m := &maker{Rand: rand.New(rand.NewPCG(uint64(seed), 4))}
		packed, plain := m.stream()
		_, _, _ = d.Step(room[:m.IntN(len(plain)+2)], packed[:m.IntN(len(packed))]) // left in its midst
		d.Reset()
		if n, used, err := d.Step(room, packed); err != io.EOF || used != len(packed) || !bytes.Equal(room[:n], plain) {
			t.Fatalf("seed %d: %v", seed, err)
		}
		d.Reset()
		if _, _, err := d.Step(room, far(1)); !errors.Is(err, errFar) {
			t.Fatalf("seed %d: a match of the stream before: %v", seed, err)
		}
		d.Reset()
	}
}
