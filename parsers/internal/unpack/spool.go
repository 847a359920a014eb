package unpack

import (
	"errors"
	"fmt"
	"io"
	"os"
)

// ErrLong says that there is more than may be spooled.
var ErrLong = errors.New("too long to be spooled")

// Spool copies all that is left of in, up to limit bytes, to a temporary file
// (in TMPDIR), which has no name: it is gone with its last user, however that
// ends. The error is in's own, ErrLong, or the file system's.
func Spool(in io.Reader, limit int64) (file *os.File, size int64, err error) {
	file, err = os.CreateTemp("", "collector-*")
	if err != nil {
		return nil, 0, fmt.Errorf("spooling: %w", err)
	}
	if err = os.Remove(file.Name()); err == nil {
		size, err = io.Copy(file, io.LimitReader(in, limit+1))
	}
	if err == nil && size > limit {
		err = ErrLong
	}
	if err != nil {
		_ = file.Close()
		return nil, 0, fmt.Errorf("spooling: %w", err)
	}
	return file, size, nil
}
