package unpack

import (
	"archive/tar"
	"bufio"
	"errors"
	"io"
)

// untar unpacks the regular files of one archive after another.
func (r *Reader) untar(in *bufio.Reader, depth int) error {
	for {
		if err := r.untarOne(in, depth); err != nil {
			return err
		}
		for {
			c, err := in.ReadByte()
			if err == io.EOF {
				return nil
			}
			if err != nil {
				return r.fail(Tar, err)
			}
			if c != 0 {
				_ = in.UnreadByte() // it was read just now
				break
			}
		}
		head, err := in.Peek(tarDecided)
		if p, _ := Detect(head, err == io.EOF); p != Tar {
			return r.fail(Tar, errors.New("garbage after the archive's end"))
		}
	}
}

func (r *Reader) untarOne(in *bufio.Reader, depth int) error {
	last := &lastBlock{in: in}
	files := tar.NewReader(last)
	for {
		last.zero = false
		h, err := files.Next()
		switch {
		case err == io.EOF && last.zero:
			return nil
		case err != nil:
			return r.fail(Tar, early(err))
		case h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeCont && h.Typeflag != tar.TypeGNUSparse, isJunk(h.Name):
			continue
		}
		r.file++
		if err := r.content(Tar, &one{Reader: files}, depth); err != nil {
			return err
		}
	}
}

// A lastBlock knows whether what was read last was a block of zeros: without
// one, an archive that ends between two files has been cut there.
type lastBlock struct {
	in   io.Reader
	zero bool
}

const tarBlock = 512 // bytes

func (b *lastBlock) Read(p []byte) (int, error) {
	if len(p) != tarBlock {
		b.zero = false
		return b.in.Read(p)
	}
	n, err := io.ReadFull(b.in, p)
	if n > 0 {
		b.zero = n == tarBlock && zeros(p)
	}
	return n, err
}
