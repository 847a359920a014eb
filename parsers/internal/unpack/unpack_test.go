package unpack

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// unpackAll is all of a stream's bytes and the offsets its blocks name.
func unpackAll(t *testing.T, stream io.Reader, opts Options) (data []byte, offsets []int64, err error) {
	t.Helper()
	r := New(io.NopCloser(stream), opts)
	defer r.Close()
	member := int64(0)
	for {
		b, err := r.Next(context.Background())
		if err == io.EOF {
			return data, offsets, nil
		}
		if err != nil {
			return data, offsets, err
		}
		if len(offsets) == 0 || offsets[len(offsets)-1] != b.Offset {
			offsets, member = append(offsets, b.Offset), int64(len(data))
		}
		if b.Skip != int64(len(data))-member {
			t.Fatalf("block at unpacked byte %d of its member says %d", int64(len(data))-member, b.Skip)
		}
		data = append(data, b.Data...)
		for i := range b.Data {
			b.Data[i] = 0xDB // it is ours
		}
	}
}

// unpackStd is what the standard library makes of gzip, one member at a time,
// with zeros allowed behind the last.
func unpackStd(packed []byte) (data []byte, offsets []int64, err error) {
	rest := bytes.NewReader(packed)
	in := bufio.NewReader(rest)
	z := new(gzip.Reader)
	for {
		at := len(packed) - rest.Len() - in.Buffered()
		if err := z.Reset(in); err != nil {
			return data, offsets, err
		}
		if packed[at+3]>>5 != 0 {
			return data, offsets, errors.New("reserved flags set, which RFC 1952 forbids and compress/gzip lets pass")
		}
		z.Multistream(false)
		member, err := io.ReadAll(z)
		data = append(data, member...)
		if len(member) > 0 {
			offsets = append(offsets, int64(at))
		}
		if err != nil {
			return data, offsets, err
		}
		if at = len(packed) - rest.Len() - in.Buffered(); len(bytes.Trim(packed[at:], "\x00")) == 0 {
			return data, offsets, nil
		}
	}
}

func pack(level int, members ...string) []byte {
	var out bytes.Buffer
	for _, m := range members {
		w, _ := gzip.NewWriterLevel(&out, level)
		io.WriteString(w, m)
		w.Close()
	}
	return out.Bytes()
}

func FuzzGunzip(f *testing.F) {
	long := strings.Repeat("a log line that comes again and again\n", 50)
	named := bytes.NewBuffer(nil)
	w := gzip.NewWriter(named)
	w.Name, w.Comment, w.Extra = "name.log", "comment", []byte("extra")
	io.WriteString(w, "x")
	w.Close()
	for _, b := range [][]byte{
		{0x1f, 0x8b},
		pack(6, ""), pack(6, "a"), pack(0, "stored", "", "twice"), pack(9, long, "b", long), named.Bytes(),
		append(pack(6, "padded"), 0, 0, 0), append(pack(6, "garbage"), 0, 1), append(pack(6, "garbage"), "x"...), append(pack(6, "head"), 0x1f),
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		if len(packed) < 2 || packed[0] != magic0 || packed[1] != magic1 {
			return
		}
		want, wantOffsets, wantErr := unpackStd(packed)
		for _, n := range []int{1, 7, 0} {
			for _, stream := range []io.Reader{bytes.NewReader(packed), iotest.OneByteReader(bytes.NewReader(packed)), iotest.DataErrReader(bytes.NewReader(packed))} {
				data, offsets, err := unpackAll(t, stream, Options{BlockSize: n})
				if (err == nil) != (wantErr == nil) {
					t.Fatalf("blocks of %d: error %v, the standard library's %v", n, err, wantErr)
				}
				if err != nil && !errors.Is(err, ErrCorrupt) {
					t.Fatalf("blocks of %d: %v is not ErrCorrupt", n, err)
				}
				if err == nil && (!bytes.Equal(data, want) || !slices.Equal(offsets, wantOffsets)) {
					t.Fatalf("blocks of %d: %d bytes, members at %v; want %d, %v", n, len(data), offsets, len(want), wantOffsets)
				}
			}
		}
		if wantErr != nil {
			return
		}
		for _, at := range wantOffsets {
			data, _, err := unpackAll(t, bytes.NewReader(packed[at:]), Options{Packing: Gzip, Offset: at})
			if err != nil || !bytes.HasSuffix(want, data) {
				t.Fatalf("from the member at %d: %d bytes, %v", at, len(data), err)
			}
		}
	})
}

func TestTruncatedGzipIsAnErrorAtEveryByte(t *testing.T) {
	first := pack(6, "one member\n")
	packed := append(slices.Clone(first), pack(6, strings.Repeat("another\n", 100))...)
	for n := 1; n < len(packed); n++ {
		_, _, err := unpackAll(t, bytes.NewReader(packed[:n]), Options{})
		if whole := n == len(first); (err == nil) != whole {
			t.Errorf("%d of %d bytes: error %v", n, len(packed), err)
		} else if !whole && !errors.Is(err, ErrCorrupt) {
			t.Errorf("%d of %d bytes: %v is not ErrCorrupt", n, len(packed), err)
		}
	}
}

func TestPackingIsFoundByMagicNumber(t *testing.T) {
	for _, c := range []struct {
		name, data string
		opts       Options
		want       string
		corrupt    bool
	}{
		{name: "nothing", data: "", want: ""},
		{name: "plain", data: "text", want: "text"},
		{name: "one byte", data: "t", want: "t"},
		{name: "a gzip cut after its first byte", data: "\x1f", corrupt: true},
		{name: "half of the magic number", data: "\x1fx", want: "\x1fx"},
		{name: "another method than deflate", data: "\x1f\x8b\x07.......", corrupt: true},
		{name: "known to be plain", data: "\x1f\x8bx", opts: Options{Packing: Plain}, want: "\x1f\x8bx"},
		{name: "known to be gzip", data: "text", opts: Options{Packing: Gzip}, corrupt: true},
		{name: "an empty member", data: string(pack(6, "")), want: ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			data, _, err := unpackAll(t, strings.NewReader(c.data), c.opts)
			if errors.Is(err, ErrCorrupt) != c.corrupt || (err != nil) != c.corrupt {
				t.Fatalf("error %v", err)
			}
			if string(data) != c.want {
				t.Fatalf("%q, want %q", data, c.want)
			}
		})
	}
}

func TestABrokenStreamIsNeverCorrupt(t *testing.T) {
	packed := pack(0, "some", strings.Repeat("text", 20))
	for _, broken := range []error{errors.New("connection reset"), io.ErrUnexpectedEOF, io.ErrNoProgress} {
		for n := range packed {
			stream := io.MultiReader(bytes.NewReader(packed[:n]), iotest.ErrReader(broken))
			_, _, err := unpackAll(t, stream, Options{})
			if !errors.Is(err, broken) || errors.Is(err, ErrCorrupt) {
				t.Fatalf("%v after %d bytes gave %v", broken, n, err)
			}
		}
	}
}

func TestAStreamWithoutProgressEnds(t *testing.T) {
	_, _, err := unpackAll(t, stuck{}, Options{})
	if !errors.Is(err, io.ErrNoProgress) || errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestAPanicWhileUnpackingIsAnError(t *testing.T) {
	_, _, err := unpackAll(t, panicking{}, Options{})
	if err == nil || !strings.Contains(err.Error(), "panic: boom") {
		t.Fatal(err)
	}
}

type panicking struct{}

func (panicking) Read([]byte) (int, error) { panic("boom") }

func TestIdleIsCalledEverySecondOfWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, in := io.Pipe()
		calls := 0
		r := New(out, Options{Idle: func() { calls++ }})
		defer r.Close()
		go func() {
			<-time.After(10*time.Second + time.Millisecond)
			io.WriteString(in, "late")
			in.Close()
		}()
		b, err := r.Next(t.Context())
		if err != nil || string(b.Data) != "late" || calls != 10 {
			t.Fatalf("%q, %v after %d calls", b.Data, err, calls)
		}
	})
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out, _ := io.Pipe()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r := New(out, Options{})
		defer r.Close()
		if _, err := r.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatal(err)
		}
	})
}
