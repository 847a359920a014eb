// Package emulator starts AWS emulators that are not ours, for tests with the tags
// moto, ministack and localstack: https://github.com/getmoto/moto,
// https://github.com/ministackorg/ministack and
// https://github.com/localstack/localstack.
package emulator

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const (
	// startLimit is how long an emulator may take until it answers.
	startLimit = 2 * time.Minute
	// endLimit is how long one has to end its functions.
	endLimit = 10 * time.Second
)

// Address is a free one of this machine, host and port.
func Address(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Moto starts moto. checkout is where `make test` has made its virtual
// environment. The emulator ends with the test.
func Moto(t testing.TB, checkout string) (endpoint string) {
	t.Helper()
	address := Address(t)
	host, port, _ := net.SplitHostPort(address)
	return start(t, address, "/moto-api/", exec.CommandContext(t.Context(), filepath.Join(checkout, ".venv", "bin", "moto_server"), "-H", host, "-p", port))
}

// Ministack starts ministack at an address. Without AUTH=true in its environment
// it asks nobody for permissions.
func Ministack(t testing.TB, checkout, address string, environment ...string) (endpoint string) {
	t.Helper()
	host, port, _ := net.SplitHostPort(address)
	c := exec.CommandContext(t.Context(), filepath.Join(checkout, ".venv", "bin", "ministack"))
	c.Env = append(home(t), "BIND_HOST="+host, "GATEWAY_PORT="+port, "IOT_MTLS_ENABLED=0")
	c.Env = append(c.Env, environment...)
	return start(t, address, "/_ministack/health", c)
}

// Localstack starts localstack-core, which `make test-more` installs. It runs no
// functions, and asks nobody for permissions.
func Localstack(t testing.TB, checkout string) (endpoint string) {
	t.Helper()
	python, err := filepath.Abs(filepath.Join(checkout, ".venv-more", "bin", "python"))
	if err != nil {
		t.Fatal(err)
	}
	address := Address(t)
	c := exec.CommandContext(t.Context(), python, "-m", "localstack.runtime.main")
	c.Dir = t.TempDir()
	c.Env = append(home(t), "GATEWAY_LISTEN="+address, "LOCALSTACK_HOST="+address, "DISABLE_EVENTS=1", "SKIP_SSL_CERT_DOWNLOAD=1")
	return start(t, address, "/_localstack/health", c)
}

// home is an environment in which an emulator finds nothing of the user's.
func home(t testing.TB) []string {
	t.Helper()
	dir := t.TempDir()
	return []string{"PATH=" + os.Getenv("PATH"), "HOME=" + dir, "TMPDIR=" + dir}
}

// An output is what a process says.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start starts an emulator and waits until it answers. What it says is shown if
// the test fails.
func start(t testing.TB, address, health string, server *exec.Cmd) (endpoint string) {
	t.Helper()
	said := &output{}
	server.Stdout, server.Stderr = said, said
	server.Cancel = func() error { return server.Process.Signal(os.Interrupt) } // it ends its functions
	server.WaitDelay = endLimit
	if err := server.Start(); err != nil {
		t.Fatalf("start %s (make test installs it): %v", server.Path, err)
	}
	ended := make(chan struct{})
	go func() {
		_ = server.Wait() // it was interrupted
		close(ended)
	}()
	t.Cleanup(func() {
		<-ended
		if t.Failed() {
			t.Log(said)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), startLimit)
	defer cancel()
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	endpoint = "http://" + address
	for !answers(ctx, endpoint+health) {
		select {
		case <-again.C:
		case <-ended:
			t.Fatalf("%s ended", server.Path)
		case <-ctx.Done():
			t.Fatalf("%s does not answer", server.Path)
		}
	}
	return endpoint
}

func answers(ctx context.Context, address string) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, http.NoBody)
	if err != nil {
		return false
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(r)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}
