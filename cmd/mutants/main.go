// Command mutants breaks the code on purpose, one place at a time, and runs
// the tests that must notice: first the listed mutants, each of which must be
// caught, then a number drawn at random, of which 92 % must be. It exits 1 if
// that is not so, or if the line that a listed one changes is no longer there.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A mutant is one fault and the tests that must catch it.
type mutant struct {
	name     string
	file     string
	old, new string // old stands exactly once in file
	pkg      string // whose tests must fail; more than one, separated by spaces

	// Of a random mutant, instead of old and new: the whole changed file, and
	// how equivalent.txt names the change.
	changed, line string
}

// goal is the share of random mutants that must be caught, of those that change
// what the code does.
const goal = 0.92

// equivalent names the random mutants that change nothing that can be seen.
//
//go:embed equivalent.txt
var equivalent string

func main() {
	only := flag.String("only", "", "run the listed mutants whose name contains this, and no random ones")
	random := flag.Int("random", 40, "how many mutants to draw at random")
	seed := flag.Uint64("seed", 1, "of the draw")
	listed := flag.Bool("listed", true, "run the listed mutants")
	flag.Parse()
	dir, err := os.MkdirTemp("", "mutants")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ok := true
	if *listed || *only != "" {
		ok = runListed(dir, *only)
	}
	if *only == "" && *random > 0 {
		ok = runRandom(dir, *random, *seed) && ok
	}
	_ = os.RemoveAll(dir)
	if !ok {
		os.Exit(1)
	}
}

func runListed(dir, only string) bool {
	missed := 0
	for i, m := range mutants {
		if !strings.Contains(m.name, only) {
			continue
		}
		if verdict := m.run(filepath.Join(dir, fmt.Sprint(i))); verdict != caught && verdict != hangs {
			missed++
		}
	}
	if missed > 0 {
		fmt.Printf("%d mutants were not caught\n", missed)
	}
	return missed == 0
}

// runRandom draws until n mutants compile.
func runRandom(dir string, n int, seed uint64) bool {
	all, err := drawn(3*n, seed)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return false
	}
	known := strings.Split(equivalent, "\n")
	count := make(map[string]int)
	for i, m := range all {
		if count[caught]+count[hangs]+count[survives]+count[same] == n {
			break
		}
		if m.isKnown(known) {
			count[same]++
			fmt.Printf("%-9s %s\n", same, m.name)
			continue
		}
		verdict := m.run(filepath.Join(dir, fmt.Sprint("random", i)))
		if verdict == survives {
			fmt.Printf("          %s: %s\n", m.file, m.line)
		}
		count[verdict]++
	}
	noticed := count[caught] + count[hangs]
	share := float64(noticed) / float64(max(1, noticed+count[survives]))
	fmt.Printf("random, seed %d: %d caught, %d hang, %d survive, %d equivalent: %.1f %% noticed, at least %.0f %% wanted\n",
		seed, count[caught], count[hangs], count[survives], count[same], 100*share, 100*goal)
	return share >= goal
}

func (m mutant) isKnown(known []string) bool { return slices.Contains(known, m.file+": "+m.line) }

const (
	caught   = "caught"
	hangs    = "hangs" // which is noticed, too; on a busy machine it may only be slow
	survives = "SURVIVES"
	same     = "same"    // known to change nothing that can be seen
	invalid  = "invalid" // does not compile
	broken   = "ERROR"
)

// run tests the mutant and prints its verdict.
func (m mutant) run(dir string) string {
	begun := time.Now()
	verdict, err := m.test(dir)
	if err != nil {
		verdict = broken + ": " + err.Error()
		if m.changed != "" && errors.Is(err, errCompile) {
			return invalid
		}
	}
	fmt.Printf("%-9s %-45s %-28s %5.1fs\n", verdict, m.name, m.pkg, time.Since(begun).Seconds())
	return verdict
}

var errCompile = errors.New("it does not compile")

// text is the mutant's changed file.
func (m mutant) text() (string, error) {
	if m.changed != "" {
		return m.changed, nil
	}
	source, err := os.ReadFile(m.file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(source), m.old); n != 1 {
		return "", fmt.Errorf("%s: %q stands there %d times, not once", m.file, m.old, n)
	}
	return strings.Replace(string(source), m.old, m.new, 1), nil
}

// test runs the tests over the changed file, which is laid over the real one
// by the go command: the tree stays as it is.
func (m mutant) test(dir string) (string, error) {
	text, err := m.text()
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	changed := filepath.Join(dir, filepath.Base(m.file))
	if err := os.WriteFile(changed, []byte(text), 0o644); err != nil {
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
	if out, err := goWith(list, "build", "./"+filepath.Dir(m.file)).CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w:\n%s", errCompile, out)
	}
	// The first test that fails is enough.
	args := append([]string{"test", "-count=1", "-failfast", "-vet=off", "-timeout=300s"}, strings.Fields(m.pkg)...)
	out, err := goWith(list, args...).CombinedOutput()
	switch {
	case err == nil:
		return survives, nil
	case bytes.Contains(out, []byte("[build failed]")):
		return "", fmt.Errorf("%w:\n%s", errCompile, out)
	case bytes.Contains(out, []byte("panic: test timed out")):
		return hangs, nil
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
