// Command mutants breaks the code on purpose, one place at a time, and runs
// the tests that must notice. It exits 1 if a mutant survives, or if the line
// that it changes is no longer there.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// A mutant is one fault and the tests that must catch it.
type mutant struct {
	name     string
	file     string
	old, new string // old stands exactly once in file
	pkg      string // whose tests must fail; more than one, separated by spaces
}

func main() {
	only := flag.String("only", "", "run the mutants whose name contains this")
	flag.Parse()
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	survived := 0
	for i, m := range mutants {
		if !strings.Contains(m.name, *only) {
			continue
		}
		begun := time.Now()
		verdict, err := m.test(filepath.Join(dir, fmt.Sprint(i)))
		if err != nil {
			verdict = "ERROR: " + err.Error()
		}
		if verdict != caught {
			survived++
		}
		fmt.Printf("%-9s %-45s %-28s %5.1fs\n", verdict, m.name, m.pkg, time.Since(begun).Seconds())
	}
	_ = os.RemoveAll(dir)
	if survived > 0 {
		fmt.Printf("%d mutants were not caught\n", survived)
		os.Exit(1)
	}
}

const (
	caught   = "caught"
	survives = "SURVIVES"
)

// test runs the tests over the changed file, which is laid over the real one
// by the go command: the tree stays as it is.
func (m mutant) test(dir string) (string, error) {
	source, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		return "", fmt.Errorf("%s: %q stands there %d times, not once", m.file, m.old, n)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	changed := filepath.Join(dir, filepath.Base(m.file))
	if err := os.WriteFile(changed, []byte(strings.Replace(string(source), m.old, m.new, 1)), 0o644); err != nil {
		return "", err
	}
	real, err := filepath.Abs(m.file)
	if err != nil {
		return "", err
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{real: changed}})
	if err != nil {
		return "", err
	}
	list := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(list, overlay, 0o644); err != nil {
		return "", err
	}
	if out, err := goWith(list, "vet", "./"+filepath.Dir(m.file)).CombinedOutput(); err != nil {
		return "", fmt.Errorf("it does not compile:\n%s", out)
	}
	// A mutant may hang: that, too, is noticed.
	if goWith(list, append([]string{"test", "-count=1", "-timeout=180s"}, strings.Fields(m.pkg)...)...).Run() == nil {
		return survives, nil
	}
	return caught, nil
}

// goWith is the go command over the changed file. The overlay stands in the
// environment, so that tests which build the function's binary see it too. What
// fails of a mutant is nothing to keep for the next run.
func goWith(overlay string, args ...string) *exec.Cmd {
	c := exec.Command("go", args...)
	c.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false -overlay="+overlay, "RAPID_NOFAILFILE=true")
	return c
}
