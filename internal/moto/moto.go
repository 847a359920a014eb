// Package moto starts https://github.com/getmoto/moto, an AWS emulator that is
// not ours, for tests with the tag moto.
package moto

import (
	"bytes"
	"context"
	"net"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Start starts a server on a free port, waits until it answers and ends it with
// the test. checkout is where `make test` has made its virtual environment.
func Start(t testing.TB, checkout string) (endpoint string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	_ = l.Close()
	_, port, _ := net.SplitHostPort(address)
	server := exec.Command(filepath.Join(checkout, ".venv", "bin", "moto_server"), "-H", "127.0.0.1", "-p", port)
	var said bytes.Buffer
	server.Stderr = &said
	if err := server.Start(); err != nil {
		t.Fatalf("start moto (make test installs it): %v", err)
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
			t.Fatalf("moto does not answer: %s", strings.TrimSpace(said.String()))
		}
	}
}
