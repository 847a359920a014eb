package sources

import (
	"bytes"
	"errors"
	"io"
	"testing"

	"github.com/klauspost/compress/zstd"

	"github.com/devo-s3/collector/parsers"
)

// A source may allow a larger window than others have.
func TestMaxWindow(t *testing.T) {
	var object bytes.Buffer
	w, err := zstd.NewWriter(&object, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(16<<20))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = w.Write([]byte("line\n"))
	_ = w.Flush() // a frame whose length is known has a smaller window
	_ = w.Close()
	for window, wantError := range map[Bytes]bool{0: true, 16 << 20: false} {
		s, err := Compile(Definition{Name: "s", Keys: []string{"**"}, Format: "lines", Tag: "my.app", MaxWindow: window})
		if err != nil {
			t.Fatal(err)
		}
		var corrupt *parsers.CorruptError
		n := 0
		for _, err = range s.Parser().Records(t.Context(), parsers.Input{Stream: io.NopCloser(bytes.NewReader(object.Bytes()))}) {
			n++
		}
		if errors.As(err, &corrupt) != wantError || n != 1 {
			t.Errorf("max_window %d: %d steps, %v", window, n, err)
		}
	}
}
