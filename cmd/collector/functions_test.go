package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// bootstrap is the real function, and watchBootstrap the real watch, built once,
// with the race detector.
var bootstrap, watchBootstrap string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "bootstrap")
	if err != nil {
		panic(err)
	}
	if bootstrap, watchBootstrap, err = buildFunctions(dir, "-race"); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(code)
}

// plainFunctions are the functions as they are released, built once: for what is
// about time. The race detector sees the same code in other tests.
var plainFunctions = sync.OnceValues(func() (built [2]string, err error) {
	dir := filepath.Join(filepath.Dir(bootstrap), "plain")
	if err := os.Mkdir(dir, 0o700); err != nil {
		return built, err
	}
	built[0], built[1], err = buildFunctions(dir)
	return built, err
})

func plainBuild(t *testing.T) (collector, watch string) {
	t.Helper()
	built, err := plainFunctions()
	if err != nil {
		t.Fatal(err)
	}
	return built[0], built[1]
}

func buildFunctions(dir string, flags ...string) (collector, watch string, err error) {
	args := append([]string{"build", "-tags", "lambda.norpc", "-o", dir}, flags...)
	if out, err := exec.Command("go", append(args, "../../lambda/collector", "../../lambda/watch")...).CombinedOutput(); err != nil {
		return "", "", fmt.Errorf("build the functions: %w\n%s", err, out)
	}
	return filepath.Join(dir, "collector"), filepath.Join(dir, "watch"), nil
}
