package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdktest"
)

// TestDiffShowsNothing: the CDK's command line, with the app that make has
// built, has the templates of the golden files, as `cdk diff` compares. What
// follows from the contents of the functions, which are stand-ins here, is
// masked as it is there.
func TestDiffShowsNothing(t *testing.T) {
	files, err := filepath.Glob("*/testdata/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d deployments: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(file, ".yaml")
		goldens := map[string]string{"acme-collector": name + ".json"} // by stack
		if strings.HasPrefix(name, "customer/") {
			goldens = make(map[string]string)
			templates, err := filepath.Glob(name + "/*.json")
			if err != nil {
				t.Fatal(err)
			}
			for _, template := range templates {
				goldens["acme-"+strings.TrimSuffix(filepath.Base(template), ".json")] = template
			}
		}
		if len(goldens) == 0 { // nothing is made
			continue
		}
		t.Run(name, func(t *testing.T) {
			assembly := synth(t, file)
			for stack, golden := range goldens {
				diff(t, assembly, stack, golden)
			}
		})
	}
}

// synth is what `cdk synth` makes of a deployment's file, masked.
func synth(t *testing.T, file string) (assembly string) {
	t.Helper()
	c, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	customers, assembly := t.TempDir(), filepath.Join(t.TempDir(), "cdk.out")
	write(t, filepath.Join(customers, "acme.yaml"), text)
	cdk(t, "synth", "--quiet", "--asset-metadata=false", "--output", assembly, "--context", "customers="+customers,
		"--context", "bootstraps="+built(t, c.Architecture, binaryFor(t, machines[c.Architecture])))
	templates, err := filepath.Glob(filepath.Join(assembly, "*.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, template := range templates {
		text, err := os.ReadFile(template)
		if err != nil {
			t.Fatal(err)
		}
		write(t, template, cdktest.Mask(text))
	}
	return assembly
}

// diff fails if `cdk diff` shows something.
func diff(t *testing.T, assembly, stack, golden string) {
	t.Helper()
	golden, err := filepath.Abs(golden)
	if err != nil {
		t.Fatal(err)
	}
	cdk(t, "diff", stack, "--exclusively", "--strict", "--fail", "--app", assembly, "--template", golden)
}

func cdk(t *testing.T, args ...string) {
	t.Helper()
	command := exec.CommandContext(t.Context(), filepath.Join("node_modules", ".bin", "cdk"), args...)
	command.Dir = cdktest.Root(t, "")
	if out, err := command.CombinedOutput(); err != nil {
		t.Errorf("cdk %s: %v; `make test-infra` builds what it needs\n%s", strings.Join(args, " "), err, out)
	}
}
