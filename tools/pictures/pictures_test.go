// Package pictures draws docs/images: plots of what make bench measured, and the
// dashboard of a synthesised template. It has tests alone: each compares a
// picture with its data, and with -update writes it.
package pictures

import (
	"bytes"
	"encoding/xml"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-analyze/charts"
)

var update = flag.Bool("update", false, "write docs/images")

const (
	images = "../../docs/images"
	font   = "font-family=\"'Roboto Medium',sans-serif\""
)

// compare reports a picture of docs/images that is not what its data say.
func compare(t *testing.T, name string, got []byte) {
	t.Helper()
	if err := xml.Unmarshal(got, new(any)); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	file := filepath.Join(images, name)
	if *update {
		if err := os.MkdirAll(images, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want := read(t, file); !bytes.Equal(want, got) {
		t.Errorf("%s is stale: (cd tools/pictures && go test -update) draws it anew", file)
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func painter(width, height int) *charts.Painter {
	return charts.NewPainter(charts.PainterOptions{OutputFormat: charts.ChartOutputSVG, Width: width, Height: height})
}

// escape is text as it stands between tags.
func escape(text string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(text)); err != nil {
		return "" // a Builder's Write has no error
	}
	return b.String()
}

// label writes text that begins, or with anchor "middle" is centred, at x.
func label(b *bytes.Buffer, x, y, size int, colour, anchor, text string) {
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" font-size=\"%d\" fill=\"%s\" text-anchor=\"%s\" %s>%s</text>\n", x, y, size, colour, anchor, font, escape(text))
}

func box(b *bytes.Buffer, x, y, width, height int, fill, stroke string) {
	fmt.Fprintf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"%s\" stroke=\"%s\"/>\n", x, y, width, height, fill, stroke)
}
