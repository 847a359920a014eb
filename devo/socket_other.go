//go:build !linux

package devo

import (
	"errors"
	"net"
	"os"
)

// readNow never finds anything.
func readNow(*net.TCPConn, []byte) (int, error) { return 0, os.ErrDeadlineExceeded }

func limitUnsent(*net.TCPConn, int) {}

// unacknowledged has no answer elsewhere than on Linux, and so nothing can be
// confirmed there.
func unacknowledged(*net.TCPConn) (int, error) {
	return 0, errors.New("only Linux tells what the far end acknowledged")
}
