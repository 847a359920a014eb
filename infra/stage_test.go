package main

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
)

// binaryFor is the beginning of a Linux binary, which is all that is looked at.
func binaryFor(t *testing.T, machine elf.Machine) []byte {
	t.Helper()
	header := elf.Header64{
		Ident: [elf.EI_NIDENT]byte{0x7f, 'E', 'L', 'F', byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)},
		Type:  uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT), Ehsize: 64, Phentsize: 56, Shentsize: 64,
	}
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, header); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// built is a folder of functions as make leaves it.
func built(t *testing.T, architecture string, bootstrap []byte) string {
	t.Helper()
	dir := t.TempDir()
	for _, function := range functions {
		path := filepath.Join(dir, architecture, function, "bootstrap")
		write(t, path, bootstrap)
		write(t, path+".sha256", fmt.Appendf(nil, "%x  %s\n", sha256.Sum256(bootstrap), path))
	}
	return dir
}

func deployment(t *testing.T) config.Deployment {
	t.Helper()
	file := filepath.Join(t.TempDir(), "acme.yaml")
	write(t, file, []byte("customer: acme\n"))
	return config.Deployment{File: file, Config: &config.Config{Customer: "acme", Architecture: "arm64"}}
}

func TestStageHasWhatWasBuiltAndTheFile(t *testing.T) {
	bootstrap := binaryFor(t, elf.EM_AARCH64)
	asset, err := stage(t.TempDir(), built(t, "arm64", bootstrap), deployment(t))
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for _, function := range functions {
		for _, name := range []string{"bootstrap", "config.yaml"} {
			path := filepath.Join(asset, function, name)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			got[function+"/"+name] = fmt.Sprintf("%v %s", info.Mode(), data)
		}
	}
	want := map[string]string{
		"collector/bootstrap": "-rwxr-xr-x " + string(bootstrap), "collector/config.yaml": "-rw-r--r-- customer: acme\n",
		"watch/bootstrap": "-rwxr-xr-x " + string(bootstrap), "watch/config.yaml": "-rw-r--r-- customer: acme\n",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestStageRefusesWhatWasNotBuiltForIt(t *testing.T) {
	for name, test := range map[string]struct {
		bootstrap []byte
		change    func(t *testing.T, path string)
		want      string
	}{
		"changed": {
			bootstrap: binaryFor(t, elf.EM_AARCH64),
			change:    func(t *testing.T, path string) { write(t, path, binaryFor(t, elf.EM_X86_64)) },
			want:      "it was changed after it was built",
		},
		"missing": {
			bootstrap: binaryFor(t, elf.EM_AARCH64),
			change: func(t *testing.T, path string) {
				if err := os.Remove(path); err != nil {
					t.Fatal(err)
				}
			},
			want: "`make synth` builds it",
		},
		"without its hash": {
			bootstrap: binaryFor(t, elf.EM_AARCH64),
			change: func(t *testing.T, path string) {
				if err := os.Remove(path + ".sha256"); err != nil {
					t.Fatal(err)
				}
			},
			want: "`make synth` writes it",
		},
		"for another machine": {bootstrap: binaryFor(t, elf.EM_X86_64), want: "is for EM_X86_64, and the deployment for arm64"},
		"no binary":           {bootstrap: []byte("#!/bin/sh"), want: "is no Linux binary"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := built(t, "arm64", test.bootstrap)
			if test.change != nil {
				test.change(t, filepath.Join(dir, "arm64", "watch", "bootstrap"))
			}
			_, err := stage(t.TempDir(), dir, deployment(t))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("stage: %v; want an error with %q", err, test.want)
			}
		})
	}
}
