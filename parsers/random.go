package parsers

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"github.com/devo-s3/collector/parsers/internal/unpack"
)

// inMemory is the longest file in bytes that is held in memory rather than read
// by range or spooled: nearly all files of logs are shorter, and one request is
// cheaper than many.
const inMemory = 8 << 20

// A random is an unpacked file with random access.
type random struct {
	at    io.ReaderAt
	size  int64
	idle  func()
	whole []byte // all of it, if it is in memory
	temp  *os.File

	// packing is the object's, if reading can begin again at its start; Sniff in
	// an archive.
	packing unpack.Packing
}

// offerHere makes the record one that reading can begin again with, from the
// object's start: the format finds the place by Index, or by state, which
// follows the packing. spent is what the object cost before the record's block or
// row group. In an archive that cannot be.
func (r *run) offerHere(packing unpack.Packing, state string, spent int64) {
	switch {
	case r.index == 0:
		r.restart = Restart{}
	case packing == unpack.Sniff:
		return
	default:
		r.restart = Restart{Index: r.index, State: string(packing) + state, Spent: spent}
	}
	r.record.Restart = &r.restart
}

// random gives random access to the file that begins at the window. It is nil
// for one of no bytes.
func (r *run) random(limit int64) (*random, error) {
	if err := r.advance(); err == io.EOF {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	var at io.ReaderAt
	room, packing := 2*len(r.buf), r.block.Packing
	if r.input.Ranged != nil && packing == unpack.Plain {
		var size int64
		var err error
		if at, size, err = r.input.Ranged(); err != nil {
			return nil, fmt.Errorf("random access to the object: %w", err)
		}
		if size > inMemory {
			return &random{at: at, size: size, idle: r.input.Idle, packing: packing}, nil
		}
		room = int(size) + 1
	}
	whole, err := r.collect(room)
	switch {
	case err == io.EOF:
		return &random{at: bytes.NewReader(whole), size: int64(len(whole)), whole: whole, packing: packing}, nil
	case err != nil:
		return nil, err
	}
	r.memory.used -= cap(whole)
	return r.spool(whole, limit, packing)
}

// collect returns what comes next, up to inMemory bytes, in a buffer of room bytes
// at first. At the file's end the error is io.EOF.
func (r *run) collect(room int) (buf []byte, err error) {
	if _, err := r.memory.charge(room); err != nil {
		return nil, err
	}
	buf = make([]byte, 0, room)
	for len(buf) <= inMemory {
		if r.pos == len(r.buf) {
			if err := r.advance(); err != nil {
				return buf, err
			}
		}
		if more := len(r.buf) - r.pos; more > cap(buf)-len(buf) {
			more = max(more, len(buf))
			if _, err := r.memory.charge(more); err != nil {
				return buf, err
			}
			buf = slices.Grow(buf, more)
		}
		buf = append(buf, r.buf[r.pos:]...)
		r.pos = len(r.buf)
	}
	return buf, nil
}

// spool copies head and all that follows it to a temporary file.
func (r *run) spool(head []byte, limit int64, packing unpack.Packing) (*random, error) {
	tail := &rest{run: r}
	temp, size, err := unpack.Spool(io.MultiReader(bytes.NewReader(head), tail), limit)
	switch {
	case err == nil:
		return &random{at: temp, size: size, temp: temp, packing: packing}, nil
	case tail.err != nil:
		return nil, tail.err
	case errors.Is(err, unpack.ErrLong):
		return nil, &CorruptError{Offset: limit, Reason: fmt.Sprintf("longer than spool_mib allows, %d MiB", limit>>20), Err: err}
	}
	return nil, err
}

// A rest is what comes next of the file, as a stream.
type rest struct {
	*run
	err error // why it could not be had
}

// Read implements io.Reader.
func (r *rest) Read(p []byte) (int, error) {
	if r.pos == len(r.buf) {
		if err := r.advance(); err != nil {
			if err != io.EOF {
				r.err = err
			}
			return 0, err
		}
	}
	n := copy(p, r.buf[r.pos:])
	r.pos += n
	return n, nil
}

func (f *random) close() {
	if f.temp != nil {
		_ = f.temp.Close()
	}
}

// read fills p from the byte at off on, which must be in the file. While it
// waits, idle is called about once a second.
func (f *random) read(p []byte, off int64) error {
	if f.idle == nil {
		return f.readAt(p, off)
	}
	done := make(chan error, 1)
	go func() {
		defer func() {
			if v := recover(); v != nil {
				done <- fmt.Errorf("panic: %v", v)
			}
		}()
		done <- f.readAt(p, off)
	}()
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case err := <-done:
			return err
		case <-ticker.C:
			f.idle()
		}
	}
}

func (f *random) readAt(p []byte, off int64) error {
	n, err := f.at.ReadAt(p, off)
	switch {
	case n == len(p):
		return nil
	case err == nil || errors.Is(err, io.EOF):
		err = io.ErrUnexpectedEOF
	}
	return fmt.Errorf("reading the object at byte %d: %w", off+int64(n), err)
}
