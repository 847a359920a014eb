package unpack

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// unpacked is what became of an object.
type unpacked struct {
	files   []string // one, unless it is an archive; those that have any bytes
	offsets []int64  // the places to begin at that blocks name
	packing Packing
	err     error
}

func (u unpacked) text() string { return strings.Join(u.files, "") }

// unpackAll reads the whole of a stream, and damages each block behind itself.
func unpackAll(t *testing.T, stream io.Reader, opts Options) (u unpacked) {
	t.Helper()
	r := New(io.NopCloser(stream), opts)
	defer r.Close()
	for {
		var file []byte
		member := int64(0)
		for {
			var b Block
			if b, u.err = r.Next(context.Background()); u.err != nil {
				break
			}
			if len(u.offsets) == 0 || u.offsets[len(u.offsets)-1] != b.Offset {
				u.offsets, member = append(u.offsets, b.Offset), int64(len(file))
			}
			if opts.Preamble == nil && b.Packing.Restartable() && b.Skip != int64(len(file))-member {
				t.Fatalf("block at unpacked byte %d of its member says %d", int64(len(file))-member, b.Skip)
			}
			u.packing = b.Packing
			file = append(file, b.Data...)
			for i := range b.Data {
				b.Data[i] = 0xDB // it is ours
			}
		}
		if len(file) > 0 {
			u.files = append(u.files, string(file))
		}
		if u.err != io.EOF {
			return u
		}
		if _, err := r.Next(context.Background()); err != io.EOF {
			t.Fatalf("behind a file's end: %v", err)
		}
		if !r.NextFile() {
			u.err = nil
			return u
		}
	}
}

func TestABrokenStreamIsNeverCorrupt(t *testing.T) {
	for packing, packed := range packedOfEach(t, "some text\n", strings.Repeat("more text\n", 20)) {
		for _, broken := range []error{errors.New("connection reset"), io.ErrUnexpectedEOF, io.ErrNoProgress} {
			for n := range packed {
				stream := io.MultiReader(bytes.NewReader(packed[:n]), iotest.ErrReader(broken))
				err := unpackAll(t, stream, Options{}).err
				if !errors.Is(err, broken) || errors.Is(err, ErrCorrupt) {
					t.Fatalf("%s: %v after %d bytes gave %v", packing, broken, n, err)
				}
			}
		}
	}
}

func TestAStreamWithoutProgressEnds(t *testing.T) {
	err := unpackAll(t, stuck{}, Options{}).err
	if !errors.Is(err, io.ErrNoProgress) || errors.Is(err, ErrCorrupt) {
		t.Fatal(err)
	}
}

type stuck struct{}

func (stuck) Read([]byte) (int, error) { return 0, nil }

func TestAPanicWhileUnpackingIsAnError(t *testing.T) {
	err := unpackAll(t, panicking{}, Options{}).err
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
