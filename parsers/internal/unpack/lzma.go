package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"

	"github.com/ulikunitz/xz/lzma"
)

// unlzma unpacks a .lzma file.
type unlzma struct {
	in        *bufio.Reader
	maxWindow int64
	*lzma.Reader
}

func (l *unlzma) next() (int64, error) {
	if l.Reader != nil {
		if _, err := l.in.Peek(1); err != nil {
			return 0, err
		}
		return 0, errors.New("garbage behind its end")
	}
	head, err := l.in.Peek(lzma.HeaderLen)
	if err != nil {
		return 0, early(err)
	}
	dictionary, size := binary.LittleEndian.Uint32(head[1:]), binary.LittleEndian.Uint64(head[5:])
	// The library takes no more than the whole content needs.
	if window := min(uint64(dictionary), size); window > uint64(l.maxWindow) {
		return 0, windowError(window, l.maxWindow)
	}
	l.Reader, err = lzma.ReaderConfig{DictCap: max(int(dictionary), lzma.MinDictCap)}.NewReader(l.in)
	return 0, early(err)
}
