package unpack

import (
	"bufio"
	"cmp"
	"errors"
	"io"
)

// NewXZ returns a reader of the one xz stream that in holds, which must end where
// in does: a block within a file that has its own frame. maxWindow is the most
// memory in bytes that its window may take; 0 is 8 MiB.
func NewXZ(in io.Reader, maxWindow int64) (io.Reader, error) {
	x := &xzBlock{unxz{in: bufio.NewReader(in), maxWindow: cmp.Or(maxWindow, defaultWindow)}}
	_, err := x.next()
	return x, err
}

type xzBlock struct{ unxz }

func (x *xzBlock) Read(p []byte) (int, error) {
	n, err := x.unxz.Read(p)
	if err == io.EOF {
		if _, more := x.in.Peek(1); more != io.EOF {
			return n, errors.New("bytes behind its end")
		}
	}
	return n, err
}
