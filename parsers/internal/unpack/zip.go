package unpack

import (
	"archive/zip"
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strings"
)

const (
	// maxDirectory is how long a zip's directory may be in bytes: it is held in
	// memory, at about six times that. 40,000 files with names of 60 bytes fit.
	maxDirectory = 4 << 20
	// aheadSize is how much of a zip is read at once in bytes: over the network
	// a read is dear.
	aheadSize = 1 << 20
)

// unzip unpacks the regular files in the directory's order. A zip can be read
// from its end only: by ranged reads if in is the object itself and they can be
// had, else from a temporary file.
func (r *Reader) unzip(in *bufio.Reader, depth int) error {
	a := &ahead{r: r, allowed: maxDirectory}
	var err error
	if depth == 1 && r.opts.Ranged != nil {
		a.from, a.size, err = r.opts.Ranged()
		if err != nil {
			return r.settle(fmt.Errorf("reading the object: %w", err))
		}
		r.size = a.size
	} else {
		file, size, err := r.spool(in)
		if err != nil {
			return err
		}
		defer file.Close()
		a.from, a.size = file, size
	}
	z, err := zip.NewReader(a, a.size)
	if err != nil {
		return r.fail(Zip, early(err))
	}
	a.allowed = math.MaxInt64
	z.RegisterDecompressor(zip.Deflate, inflateAll)
	for _, f := range z.File {
		if !f.Mode().IsRegular() || isJunk(f.Name) {
			continue
		}
		if err := r.unzipOne(f, depth); err != nil {
			return err
		}
	}
	return nil
}

// isJunk reports whether a file of an archive holds nothing but what macOS keeps
// about other files: AppleDouble (https://www.rfc-editor.org/rfc/rfc1740) in
// __MACOSX/ or beside them as ._name, and the Finder's .DS_Store.
func isJunk(name string) bool {
	base := name[strings.LastIndexByte(name, '/')+1:]
	return base == ".DS_Store" || strings.HasPrefix(base, "._") ||
		strings.HasPrefix(name, "__MACOSX/") || strings.Contains(name, "/__MACOSX/")
}

func (r *Reader) unzipOne(f *zip.File, depth int) error {
	if f.Flags&1 != 0 {
		return r.fail(Zip, errors.New("a file is encrypted"))
	}
	body, err := f.Open()
	if err != nil {
		return r.fail(Zip, early(err))
	}
	defer body.Close()
	r.file++
	return r.content(Zip, &one{Reader: body}, depth)
}

// spool copies a zip that cannot be read by range.
func (r *Reader) spool(in io.Reader) (*os.File, int64, error) {
	file, size, err := Spool(in, r.opts.MaxSpool)
	switch {
	case err == nil:
		return file, size, nil
	case errors.Is(err, ErrLong):
		err = r.settle(fmt.Errorf("%w: a zip that must be spooled is over %d bytes", ErrCorrupt, r.opts.MaxSpool))
	case r.source.err != nil:
		err = r.fail(Zip, err)
	default:
		err = r.settle(err)
	}
	return nil, 0, err
}

// An ahead reads ahead of what is asked for.
type ahead struct {
	r       *Reader
	from    io.ReaderAt
	size    int64
	allowed int64 // how many bytes may still be asked for

	buf []byte
	at  int64 // of buf[0]
}

// ReadAt implements io.ReaderAt, for one goroutine.
func (a *ahead) ReadAt(p []byte, off int64) (n int, err error) {
	if off < 0 {
		return 0, errors.New("a file begins nowhere in it")
	}
	if a.allowed -= int64(len(p)); a.allowed < 0 {
		return 0, fmt.Errorf("its directory is over %d bytes", maxDirectory)
	}
	for n < len(p) {
		if at := off + int64(n); at < a.at || at >= a.at+int64(len(a.buf)) {
			if at >= a.size {
				return n, io.EOF
			}
			if err := a.fill(at); err != nil {
				return n, err
			}
		}
		n += copy(p[n:], a.buf[off+int64(n)-a.at:])
	}
	return n, nil
}

// fill reads from at on.
func (a *ahead) fill(at int64) error {
	select {
	case <-a.r.stop:
		return a.r.settle(errStopped)
	default:
	}
	if a.buf == nil {
		a.buf = make([]byte, min(aheadSize, a.size))
	}
	a.buf, a.at = a.buf[:min(int64(cap(a.buf)), a.size-at)], at
	n, err := a.from.ReadAt(a.buf, at)
	a.buf = a.buf[:n]
	if n == 0 {
		return a.r.settle(fmt.Errorf("reading the object: %w", early(err)))
	}
	return nil
}
