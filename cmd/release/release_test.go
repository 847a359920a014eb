package main

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// tiny is a module with two functions that say their version.
func tiny(t *testing.T) release {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":                   "module example.com/tiny\n\ngo 1.24\n",
		"lambda/collector/main.go": "package main\n\nvar version string\n\nfunc main() { println(version) }\n",
		"lambda/watch/main.go":     "package main\n\nvar version string\n\nfunc main() { println(version) }\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return release{version: "v1.2.3", source: dir, packages: "./lambda/"}
}

// TestRelease writes what is to be released, and says the truth about it.
func TestRelease(t *testing.T) {
	out := filepath.Join(t.TempDir(), "release")
	if err := tiny(t).run(out); err != nil {
		t.Fatal(err)
	}
	check := exec.Command("sha256sum", "--check", "--strict", "SHA256SUMS")
	check.Dir = out
	if said, err := check.CombinedOutput(); err != nil || bytes.Count(said, []byte(": OK")) != 4 {
		t.Errorf("%v\n%s", err, said)
	}
	for _, arch := range []string{"arm64", "x86_64"} {
		z, err := zip.OpenReader(filepath.Join(out, "devo-s3-collector-v1.2.3-"+arch+".zip"))
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		var names []string
		for _, f := range z.File {
			names = append(names, f.Name)
			if f.Mode() != 0o755 {
				t.Errorf("%s has mode %s", f.Name, f.Mode())
			}
		}
		if !slices.Equal(names, []string{"collector/bootstrap", "watch/bootstrap"}) {
			t.Errorf("%s has %q", arch, names)
		}
		text, err := os.ReadFile(filepath.Join(out, "devo-s3-collector-v1.2.3-"+arch+".cdx.json"))
		if err != nil {
			t.Fatal(err)
		}
		var b bill
		if err := json.Unmarshal(text, &b); err != nil {
			t.Fatal(err)
		}
		if len(b.Components) != 3 || !strings.HasPrefix(b.Components[2].PackageURL, "pkg:golang/std@1.") || b.Metadata.Component.Version != "v1.2.3" {
			t.Errorf("%s", text)
		}
	}
}

func TestDifferingBuildsAreNamed(t *testing.T) {
	one := map[string][]byte{"a": {1}, "b": {2}, "c": {3}}
	if got := differing(one, map[string][]byte{"a": {1}, "b": {3}}); !slices.Equal(got, []string{"b", "c"}) {
		t.Errorf("%q", got)
	}
	if got := differing(one, one); len(got) > 0 {
		t.Errorf("%q differ from themselves", got)
	}
}
