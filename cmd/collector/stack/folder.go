package stack

import (
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// folderPrefix begins the names of the folders of stacks, in TMPDIR.
const folderPrefix = "collector-stack-"

// A folder is a stack's. As long as its process lives it holds a lock on it, which
// ends with the process however that ends.
type folder struct {
	path string
	lock *os.File
}

// newFolder makes a folder, and removes those whose process was killed.
func newFolder() (*folder, error) {
	sweep()
	for {
		path, err := os.MkdirTemp("", folderPrefix)
		if err != nil {
			return nil, err
		}
		f, err := lockFolder(path)
		if err != nil {
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if _, err := os.Stat(path); err == nil && f != nil {
			return f, nil
		}
		// Another start took it for one that was left.
	}
}

// lockFolder returns nil if another holds the lock.
func lockFolder(path string) (*folder, error) {
	lock, err := os.Open(path)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		_ = lock.Close()
		return nil, nil
	}
	return &folder{path, lock}, nil
}

// sweep removes the folders that nobody holds. One that cannot be removed is left:
// it is another user's.
func sweep() {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), folderPrefix+"*"))
	if err != nil {
		return
	}
	for _, path := range left {
		if f, err := lockFolder(path); err == nil && f != nil {
			_ = f.remove()
		}
	}
}

// remove removes the folder and gives up its lock.
func (f *folder) remove() error {
	err := os.RemoveAll(f.path)
	_ = f.lock.Close() // nothing was written
	return err
}
