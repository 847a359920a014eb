package main

import (
	"bytes"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"

	"github.com/devo-s3/collector/config"
)

// functions are the folders of a deployment's asset, one for each function.
var functions = []string{"collector", "watch"}

// stage puts what the functions of a deployment consist of into a new folder in
// dir: for each its bootstrap, unchanged, and the deployment's file, so that
// code and configuration are rolled back together.
//
// built is where make puts the functions: ARCHITECTURE/FUNCTION/bootstrap and,
// beside it, bootstrap.sha256 as sha256sum writes it.
func stage(dir, built string, d config.Deployment) (asset string, err error) {
	file, err := os.ReadFile(d.File)
	if err != nil {
		return "", fmt.Errorf("stage %s: %w", d.Customer, err)
	}
	asset = filepath.Join(dir, d.Customer)
	for _, function := range functions {
		bootstrap, err := released(filepath.Join(built, d.Architecture, function, "bootstrap"), d.Architecture)
		if err != nil {
			return "", fmt.Errorf("stage %s: %w", d.Customer, err)
		}
		to := filepath.Join(asset, function)
		if err := os.MkdirAll(to, 0o755); err != nil {
			return "", fmt.Errorf("stage %s: %w", d.Customer, err)
		}
		if err := os.WriteFile(filepath.Join(to, "bootstrap"), bootstrap, 0o755); err != nil {
			return "", fmt.Errorf("stage %s: %w", d.Customer, err)
		}
		if err := os.WriteFile(filepath.Join(to, "config.yaml"), file, 0o644); err != nil {
			return "", fmt.Errorf("stage %s: %w", d.Customer, err)
		}
	}
	return asset, nil
}

// machines are the ELF names of Lambda's architectures.
var machines = map[string]elf.Machine{"arm64": elf.EM_AARCH64, "x86_64": elf.EM_X86_64}

// released reads a bootstrap and asserts that it is what was built or released,
// for the architecture.
func released(path, architecture string) ([]byte, error) {
	bootstrap, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w; `make synth` builds it", err)
	}
	sum, err := os.ReadFile(path + ".sha256")
	if err != nil {
		return nil, fmt.Errorf("%w; `make synth` writes it", err)
	}
	want, _, _ := bytes.Cut(bytes.TrimSpace(sum), []byte(" "))
	if got := sha256.Sum256(bootstrap); hex.EncodeToString(got[:]) != string(want) {
		return nil, fmt.Errorf("%s has the SHA-256 %x, and %s.sha256 says %s: it was changed after it was built", path, got, path, want)
	}
	binary, err := elf.NewFile(bytes.NewReader(bootstrap))
	if err != nil {
		return nil, fmt.Errorf("%s is no Linux binary: %w", path, err)
	}
	if binary.Machine != machines[architecture] {
		return nil, fmt.Errorf("%s is for %s, and the deployment for %s", path, binary.Machine, architecture)
	}
	return bootstrap, nil
}
