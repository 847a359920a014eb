package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
)

// A bill is a software bill of materials in CycloneDX's JSON. It has neither a
// serial number nor a time, so that the same sources give the same bill.
// https://cyclonedx.org/docs/1.6/json/
type bill struct {
	Format      string      `json:"bomFormat"`
	SpecVersion string      `json:"specVersion"`
	Version     int         `json:"version"`
	Metadata    metadata    `json:"metadata"`
	Components  []component `json:"components"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type    string `json:"type"`
	Name    string `json:"name"`
	Version string `json:"version,omitempty"`
	// PackageURL is as https://github.com/package-url/purl-spec has it.
	PackageURL string `json:"purl,omitempty"`
	Hashes     []hash `json:"hashes,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

// billOfMaterials lists the binaries, the modules that are linked into them, by
// their own word, and Go's library.
func billOfMaterials(version, arch string, binaries []string) ([]byte, error) {
	b := bill{Format: "CycloneDX", SpecVersion: "1.6", Version: 1}
	b.Metadata.Component = component{Type: "application", Name: "devo-s3-collector-" + arch, Version: version}
	modules := make(map[string]component)
	for _, binary := range binaries {
		content, err := os.ReadFile(binary)
		if err != nil {
			return nil, err
		}
		info, err := buildinfo.ReadFile(binary)
		if err != nil {
			return nil, fmt.Errorf("read what %s is built of: %w", binary, err)
		}
		sum := sha256.Sum256(content)
		b.Components = append(b.Components, component{
			Type: "file", Name: filepath.Base(filepath.Dir(binary)) + "/" + filepath.Base(binary), Version: version,
			Hashes: []hash{{"SHA-256", hex.EncodeToString(sum[:])}},
		})
		goVersion := info.GoVersion[len("go"):]
		modules["stdlib"] = component{Type: "library", Name: "stdlib", Version: goVersion, PackageURL: "pkg:golang/std@" + goVersion}
		for _, m := range info.Deps {
			modules[m.Path] = library(m)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(modules)) {
		b.Components = append(b.Components, modules[path])
	}
	return json.MarshalIndent(b, "", "  ")
}

func library(m *debug.Module) component {
	if m.Replace != nil {
		m = m.Replace
	}
	return component{Type: "library", Name: m.Path, Version: m.Version, PackageURL: "pkg:golang/" + m.Path + "@" + m.Version}
}
