package parsers

import (
	"bufio"
	"fmt"
	"io"

	"github.com/devo-s3/collector/parsers/internal/unpack/inflate"
)

// Gunzip returns a reader of all members of the gzip that in is, by the decoder that
// objects go through. It is for those who measure what the rest costs.
func Gunzip(in io.Reader) (io.Reader, error) {
	g := &gunzip{in: bufio.NewReaderSize(in, 32<<10)}
	if err := g.z.Reset(g.in, inflate.Gzip); err != nil {
		return nil, fmt.Errorf("gzip: %w", err)
	}
	return g, nil
}

type gunzip struct {
	in *bufio.Reader
	z  inflate.Reader
}

func (g *gunzip) Read(p []byte) (int, error) {
	for {
		n, err := g.z.Read(p)
		if n > 0 || err != io.EOF {
			return n, err
		}
		if _, err := g.in.Peek(1); err != nil {
			return 0, err
		}
		if err := g.z.Reset(g.in, inflate.Gzip); err != nil {
			return 0, err
		}
	}
}
