package main

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/sys/unix"
)

// onTerminal runs the command on a terminal of its own, which tells no width, and
// returns what it shows there.
func onTerminal(t *testing.T, args ...string) string {
	t.Helper()
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer master.Close()
	if err := unix.IoctlSetPointerInt(int(master.Fd()), unix.TIOCSPTLCK, 0); err != nil {
		t.Fatal(err)
	}
	n, err := unix.IoctlGetInt(int(master.Fd()), unix.TIOCGPTN)
	if err != nil {
		t.Fatal(err)
	}
	slave, err := os.OpenFile(fmt.Sprint("/dev/pts/", n), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(file, args...)
	c.Env = append(os.Environ(), "NO_COLOR=1", "TERM=dumb")
	c.Stdin, c.Stdout, c.Stderr = slave, slave, slave
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	shown, _ := io.ReadAll(master) // ends with EIO when nobody has the other end any more
	_ = c.Wait()
	return strings.ReplaceAll(string(shown), "\r\n", "\n")
}

// TestNothingFromElsewhereReachesTheTerminal: no text of a file, an object, a key or
// an error can move the cursor, change a colour or turn the direction.
func TestNothingFromElsewhereReachesTheTerminal(t *testing.T) {
	const hostile = "\x1b]0;owned\x07\x1b[2J\u009b31m\u202e\x7f"
	dir := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	deployment := write("acme.yaml", "customer: Acme # "+hostile+"\nid: \"1"+hostile+"\"\n")
	old := write("old.json", `{"`+"\\u001b]0;owned\\u0007\\u202e\\u009b\\u007f"+`":1,"globals":{"\u001b[2J":1},"inputs":{"\u001b[2J\u202e":{"id":"\u001b[2J"}}}`)
	object := write("x"+hostile+".log", "a record "+hostile+"\n")
	jsons := write("x.json", `{"a":"`+strings.ReplaceAll(hostile, "\x1b", `\u001b`)+`"}`)
	for name, args := range map[string][]string{
		"validate":      {"validate", deployment},
		"import":        {"import", old},
		"try":           {"try", "--service", "aws_sqs_vpc", object},
		"try as json":   {"try", "--service", "aws_sqs_vpc", "--format", "json", object},
		"try nobody's":  {"try", jsons},
		"detect":        {"try", "--detect", object},
		"explain":       {"try", "--explain", "x" + hostile},
		"no such file":  {"try", "--service", "aws_sqs_vpc", object + "x"},
		"no such flag":  {"try", "--" + hostile},
		"no such thing": {hostile},
	} {
		t.Run(name, func(t *testing.T) {
			shown := onTerminal(t, args...)
			if shown == "" {
				t.Fatal("nothing shown")
			}
			if i := strings.IndexFunc(shown, func(c rune) bool { return c != '\n' && c != '\t' && !unicode.IsGraphic(c) }); i >= 0 {
				t.Errorf("%q in:\n%q", shown[i:min(len(shown), i+12)], shown)
			}
			if name == "try" && strings.Contains(shown, "\ta record") {
				t.Error("a terminal of unknown width was taken for none")
			}
		})
	}
}
