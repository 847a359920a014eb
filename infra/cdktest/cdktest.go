// Package cdktest is what the tests of all stacks have in common.
package cdktest

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
)

var update = flag.Bool("update", false, "write the golden files")

// environment has the CDK leave its template linter out, which costs seconds a
// stack, and does not have it speak of the age of node.
var environment = map[string]string{
	"CDK_VALIDATION": "false",
	"JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
}

// Main is TestMain's. The CDK's kernel starts before main does: the process
// begins again with the environment that it needs, unless it was given.
func Main(m *testing.M) {
	if os.Getenv("CDK_VALIDATION") == "" {
		for name, value := range environment {
			check(os.Setenv(name, value))
		}
		self, err := os.Executable()
		check(err)
		check(syscall.Exec(self, os.Args, os.Environ()))
	}
	code := m.Run()
	jsii.Close()
	os.Exit(code)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// App is an app with the flags of cdk.json, which only the CLI reads of itself.
func App(t *testing.T) awscdk.App {
	t.Helper()
	var file struct{ Context map[string]any }
	if err := json.Unmarshal(read(t, filepath.Join(root(t), "cdk.json")), &file); err != nil {
		t.Fatal(err)
	}
	file.Context["@aws-cdk/core:annotationsInValidationReport"] = false // nag's findings are the test's to judge
	return awscdk.NewApp(&awscdk.AppProps{Context: &file.Context, Outdir: jsii.String(t.TempDir())})
}

// root is the checkout.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "cdk.json")); err == nil {
			return dir
		}
	}
	t.Fatal("no cdk.json above")
	return ""
}

// Root is the path of a file of the checkout.
func Root(t *testing.T, path string) string {
	t.Helper()
	return filepath.Join(root(t), path)
}

// Config is a deployment: the YAML that follows what every one needs.
func Config(t *testing.T, yaml string) *config.Config {
	t.Helper()
	c, err := config.Parse("deployment.yaml", []byte(yaml))
	if err != nil {
		t.Fatalf("parse:\n%v", err)
	}
	return c
}

// A Template is a stack's, as CloudFormation has it.
type Template struct {
	Resources map[string]Resource
	Outputs   map[string]struct{ Value, Description any }
	Text      []byte // JSON, indented, sorted
}

// A Resource is one of a template's.
type Resource struct {
	Type                string
	Properties          map[string]any
	DependsOn           any
	DeletionPolicy      string
	UpdateReplacePolicy string
}

// Synth is the stack's template.
func Synth(t *testing.T, stack awscdk.Stack) *Template {
	t.Helper()
	text, err := json.MarshalIndent(assertions.Template_FromStack(stack, nil).ToJSON(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var template Template
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	template.Text = append(text, '\n')
	return &template
}

// Of are the resources of a type, such as AWS::SQS::Queue, by logical id.
func (t *Template) Of(kind string) map[string]Resource {
	found := make(map[string]Resource)
	for id, r := range t.Resources {
		if r.Type == kind {
			found[id] = r
		}
	}
	return found
}

// What follows from the contents of the functions: the hashes of assets, and
// the logical ids of versions.
var (
	assetHash = regexp.MustCompile(`[0-9a-f]{64}`)
	versionID = regexp.MustCompile(`(CurrentVersion)[0-9A-F]{8}[0-9a-f]{32}`)
)

// Mask is a template without what follows from the contents of the functions.
func Mask(template []byte) []byte {
	template = assetHash.ReplaceAll(template, []byte(strings.Repeat("0", 64)))
	return versionID.ReplaceAll(template, []byte("${1}"+strings.Repeat("0", 40)))
}

// Golden compares with the file of that name in testdata; see GoldenFile.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	GoldenFile(t, filepath.Join("testdata", name), got)
}

// GoldenFile compares with the file, masked; -update writes it.
func GoldenFile(t *testing.T, path string, got []byte) {
	t.Helper()
	got = Mask(got)
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(string(read(t, path)), string(got)); diff != "" {
		t.Errorf("%s (-golden +now; go test -update writes it):\n%s", path, diff)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
