// Package moto starts AWS emulators that are not ours, for tests with the tags
// moto and ministack: https://github.com/getmoto/moto and
// https://github.com/ministackorg/ministack.
package moto

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Start starts moto on a free port, waits until it answers and ends it with the
// test. checkout is where `make test` has made its virtual environment.
func Start(t testing.TB, checkout string) (endpoint string) {
	t.Helper()
	return start(t, func(port string) *exec.Cmd {
		return exec.Command(filepath.Join(checkout, ".venv", "bin", "moto_server"), "-H", "127.0.0.1", "-p", port)
	})
}

// StartMinistack does the same with ministack, which then asks nobody for
// permissions.
func StartMinistack(t testing.TB, checkout string) (endpoint string) {
	t.Helper()
	home := t.TempDir()
	return start(t, func(port string) *exec.Cmd {
		c := exec.Command(filepath.Join(checkout, ".venv", "bin", "ministack"))
		c.Env = []string{
			"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home, "BIND_HOST=127.0.0.1", "GATEWAY_PORT=" + port, "IOT_MTLS_ENABLED=0",
		}
		return c
	})
}

func start(t testing.TB, command func(port string) *exec.Cmd) (endpoint string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(address)
	server := command(port)
	var said bytes.Buffer
	server.Stderr = &said
	if err := server.Start(); err != nil {
		t.Fatalf("start %s (make test installs it): %v", server.Path, err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait() // it was killed
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return "http://" + address
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			_ = server.Process.Kill()
			t.Fatalf("%s does not answer: %s", server.Path, strings.TrimSpace(said.String()))
		}
	}
}
