package unpack

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// errMagic says that a frame should begin where none does.
var errMagic = errors.New("no frame begins where one should")

// frames are those of zstd or lz4, one after another. Their lengths are read
// here, so that one frame at a time reaches the decoder: where each begins is
// known exactly, no frame that is cut short ends well, and none makes the
// decoder take more memory than it may.
type frames struct {
	in    *bufio.Reader
	r     *Reader
	depth int
	magic string
	begun bool // a frame was read, skippable or not
	// open begins a frame that is at the front of in. part is then asked for
	// the length in bytes of each of its parts in turn, the first of which has
	// the magic number; 0 is the frame's end.
	open    func() (part func() (int64, error), err error)
	part    func() (int64, error)
	left    int64 // bytes of the part that are not read
	ended   bool
	decoder io.Reader // of the frame's bytes
}

func (f *frames) next() (at int64, err error) {
	for {
		if f.begun {
			if err := skipGap(f.in); err != nil {
				return 0, err
			}
		}
		at = f.r.place(f.in)()
		head, err := f.in.Peek(len(f.magic))
		switch skippable := isSkippable(head); {
		case len(head) == 0:
			return 0, err
		case string(head) != f.magic[:len(head)] && !skippable:
			return 0, f.misplaced()
		case len(head) < len(f.magic):
			return 0, early(err)
		case !skippable:
			f.begun, f.left, f.ended = true, 0, false
			f.part, err = f.open()
			return at, early(err)
		}
		f.begun = true
		if err := f.skip(); err != nil {
			return 0, early(err)
		}
	}
}

// isSkippable reports whether head is the magic number of a skippable frame, or
// the beginning of one.
func isSkippable(head []byte) bool {
	return len(head) > 0 && head[0]&0xF0 == 0x50 && string(head[1:]) == "\x2a\x4d\x18"[:len(head)-1]
}

// misplaced is the error of bytes that begin no frame.
func (f *frames) misplaced() error {
	if f.begun {
		return f.r.garbage(f.in, f.depth)
	}
	return errMagic
}

// skip passes over a skippable frame.
func (f *frames) skip() error {
	head, err := f.in.Peek(8)
	if err != nil {
		return err
	}
	_, err = io.CopyN(io.Discard, f.in, 8+int64(binary.LittleEndian.Uint32(head[4:])))
	return err
}

// Read gives the frame's unpacked bytes.
func (f *frames) Read(p []byte) (int, error) {
	n, err := f.decoder.Read(p)
	if err == io.EOF && !f.ended {
		return n, io.ErrUnexpectedEOF
	}
	return n, err
}

// packed are the frame's packed bytes.
type packed struct{ *frames }

func (f packed) Read(p []byte) (int, error) {
	if f.left == 0 && !f.ended {
		var err error
		if f.left, err = f.part(); err != nil {
			return 0, early(err)
		}
		f.ended = f.left == 0
	}
	if f.ended {
		return 0, io.EOF
	}
	n, err := f.in.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	return n, early(err)
}

// ErrWindow is in every error about a window that is larger than it may be.
var ErrWindow = errors.New("a window")

// windowError says that more memory is wanted for an object than is allowed.
func windowError(want uint64, limit int64) error {
	return fmt.Errorf("%w of %d bytes is wanted; max_window is %d", ErrWindow, want, limit)
}
