// Command bench measures what the collector costs against the floor: gunzip
// the object and write, in 64 KiB pieces, bytes of exactly the length that the
// collector puts on the wire, over the same S3 and connection code. Parquet
// has no outer packing: its floor reads the object as it is. There are two floors,
// in one run: with the collector's own gunzip, and with klauspost's, as it was.
//
// The collector is the real function over the Runtime API, with confirmation
// and ledger on; S3, DynamoDB and the receiver are in this process, the sender
// in another. CPU-seconds are the sender's. Runs are interleaved, because
// machines are noisy, and the median ratio is what counts.
//
// Then it measures many small objects, and the cold start. `bench estimate`
// says what that means in dollars, and for many invocations at once.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

var background = context.Background()

func main() {
	command, args := bench, os.Args[1:]
	if len(args) > 0 {
		if c := commands[args[0]]; c != nil {
			command, args = c, args[1:]
		}
	}
	if err := command(args); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// commands are the others: floor and receiver are the processes that bench
// itself starts.
var commands = map[string]func(args []string) error{"floor": floor, "receiver": receive, "estimate": estimate}

func bench(args []string) error {
	f := flag.NewFlagSet("bench", flag.ContinueOnError)
	var names []string
	for _, s := range samples {
		names = append(names, s.name)
	}
	cases := f.String("cases", strings.Join(names, ","), "what to measure against the floor")
	sizes := f.String("sizes", "1KiB,1MiB,100MiB,1GiB", "unpacked sizes of an object")
	cores := f.String("cores", "1,2", "how many cores the sender has")
	runs := f.Int("runs", 7, "interleaved runs of each side; the median counts")
	small := f.Int("small", 10_000, "how many small objects to deliver; 0 = none")
	starts := f.Int("starts", 15, "how many cold starts to measure; 0 = none")
	bootstrap := f.String("bootstrap", "dist/local/bootstrap", "the function's binary")
	empty := f.String("empty", "dist/local/empty", "an empty function's binary")
	out := f.String("out", "dist/bench.json", "where to write the rows")
	if err := f.Parse(args); err != nil {
		return err
	}
	m := matrix{runs: *runs, bootstrap: *bootstrap, cases: split(*cases)}
	for _, text := range split(*sizes) {
		n, err := bytesOf(text)
		if err != nil {
			return err
		}
		m.sizes = append(m.sizes, n)
	}
	for _, text := range split(*cores) {
		n, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("cores: %w", err)
		}
		m.cores = append(m.cores, n)
	}
	if err := os.MkdirAll(filepath.Dir(*out), 0o755); err != nil {
		return err
	}
	if err := m.measure(*out); err != nil {
		return err
	}
	if *small > 0 {
		if err := smallObjects(*bootstrap, *small); err != nil {
			return err
		}
	}
	if *starts > 0 {
		return coldStarts(*bootstrap, *empty, *starts)
	}
	return nil
}

func split(list string) []string {
	if list == "" {
		return nil
	}
	return strings.Split(list, ",")
}

// bytesOf reads a size such as 100MiB.
func bytesOf(text string) (int, error) {
	for i, unit := range []string{"KiB", "MiB", "GiB"} {
		if digits, ok := strings.CutSuffix(text, unit); ok {
			n, err := strconv.Atoi(digits)
			return n << (10 * (i + 1)), err
		}
	}
	return 0, fmt.Errorf("%q is no size such as 1KiB, 64MiB or 1GiB", text)
}
