// Command release builds what is deployed: a zip for each architecture with the
// two functions, a bill of materials, and checksums. What it writes depends on
// the sources, the version and the Go toolchain alone: it builds twice, the
// second time in another directory, and fails if a byte differs.
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// functions are in every zip, each as NAME/bootstrap, which is what Lambda runs.
var functions = []string{"collector", "watch"}

// architectures are Lambda's names, and Go's.
var architectures = map[string]string{"arm64": "arm64", "x86_64": "amd64"}

// A release is one on its way.
type release struct {
	version  string
	source   string // the module's directory
	packages string // of the functions, below it
	fresh    bool   // the second build has a cache of its own
}

func main() {
	var r release
	out := flag.String("out", "dist/release", "the directory to write; what is in it goes")
	flag.StringVar(&r.version, "version", "dev", "the version")
	flag.BoolVar(&r.fresh, "fresh", false, "build the second time with an empty cache, too, which takes minutes")
	flag.Parse()
	r.source, r.packages = ".", "./lambda/"
	if err := r.run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

// run writes the files to out.
func (r release) run(out string) error {
	first, err := r.files(r.source, "")
	if err != nil {
		return err
	}
	second, err := r.again()
	if err != nil {
		return err
	}
	if differ := differing(first, second); len(differ) > 0 {
		return fmt.Errorf("not reproducible, two builds differ: %s", strings.Join(differ, ", "))
	}
	if err := os.RemoveAll(out); err != nil {
		return err
	}
	if err := os.MkdirAll(out, 0o755); err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, name := range slices.Sorted(maps.Keys(first)) {
		if err := os.WriteFile(filepath.Join(out, name), first[name], 0o644); err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(first[name]), name)
	}
	os.Stdout.Write(sums.Bytes())
	return os.WriteFile(filepath.Join(out, "SHA256SUMS"), sums.Bytes(), 0o644)
}

// differing are the names of files that are not the same in both.
func differing(a, b map[string][]byte) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if other, ok := b[name]; !ok || !bytes.Equal(a[name], other) {
			names = append(names, name)
		}
	}
	return names
}

// again builds in a copy of the sources.
func (r release) again() (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, "elsewhere")
	if err := r.copySources(copied); err != nil {
		return nil, err
	}
	cache := ""
	if r.fresh {
		cache = filepath.Join(dir, "cache")
	}
	return r.files(copied, cache)
}

// files are those of a release, by name, built from source.
func (r release) files(source, cache string) (map[string][]byte, error) {
	dir, err := os.MkdirTemp("", "release-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	files := make(map[string][]byte)
	for arch, goarch := range architectures {
		var built []string
		for _, function := range functions {
			binary := filepath.Join(dir, arch, function, "bootstrap")
			if err := r.build(source, goarch, function, binary, cache); err != nil {
				return nil, err
			}
			built = append(built, binary)
		}
		name := "devo-s3-collector-" + r.version + "-" + arch
		if files[name+".zip"], err = pack(filepath.Join(dir, arch)); err != nil {
			return nil, err
		}
		if files[name+".cdx.json"], err = billOfMaterials(r.version, arch, built); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// build has no paths, no VCS stamp and no build id in what it makes.
// lambda.norpc leaves the old Go runtime's RPC out.
func (r release) build(source, goarch, function, binary, cache string) error {
	c := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-tags", "lambda.norpc",
		"-ldflags", "-s -w -buildid= -X main.version="+r.version, "-o", binary, r.packages+function)
	c.Dir = source
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+goarch, "GOFLAGS=-mod=readonly")
	if cache != "" {
		c.Env = append(c.Env, "GOCACHE="+cache)
	}
	if said, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s for %s: %w\n%s", function, goarch, err, said)
	}
	return nil
}

// packedAt is the earliest time that a zip can have.
var packedAt = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// pack is a zip of the functions below dir: always the same for the same bytes.
func pack(dir string) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, function := range functions {
		name := function + "/bootstrap"
		h := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: packedAt}
		h.SetMode(0o755)
		w, err := z.CreateHeader(h)
		if err != nil {
			return nil, err
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(b); err != nil {
			return nil, err
		}
	}
	err := z.Close() // which writes the directory
	return out.Bytes(), err
}

// copySources copies what `go build` of the functions reads of the module.
func (r release) copySources(to string) error {
	root, err := filepath.Abs(r.source)
	if err != nil {
		return err
	}
	const each = `{{if and .Module .Module.Main}}{{$dir := .Dir}}` +
		`{{range .GoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{range .IgnoredGoFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{range .EmbedFiles}}{{$dir}}/{{.}}{{"\n"}}{{end}}{{end}}`
	list := exec.Command("go", "list", "-deps", "-f", each, r.packages+"...")
	list.Dir = root
	out, err := list.Output()
	if err != nil {
		return fmt.Errorf("list the sources: %w", err)
	}
	files := strings.Fields(string(out))
	for _, name := range []string{"go.mod", "go.sum"} {
		if _, err := os.Stat(filepath.Join(root, name)); err == nil { // a module that needs no other has no go.sum
			files = append(files, filepath.Join(root, name))
		}
	}
	for _, file := range files {
		below, err := filepath.Rel(root, file)
		if err != nil {
			return err
		}
		if err := copyFile(file, filepath.Join(to, below)); err != nil {
			return err
		}
	}
	return nil
}

func copyFile(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}
