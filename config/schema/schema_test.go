package schema

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/devo-s3/collector/config"
)

var update = flag.Bool("update", false, "write customers/schema.json anew")

const (
	checkout  = "../.."
	committed = checkout + "/customers/schema.json"
)

func TestTheCommittedSchemaIsUpToDate(t *testing.T) {
	got, err := Generate(checkout)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile(committed, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(committed)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("go test ./config/schema -update mends this:\n%s", diff)
	}
}

// compile gives the committed schema to a validator that is not ours.
func compile(t *testing.T) *jsonschema.Schema {
	t.Helper()
	data, err := os.ReadFile(committed)
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("schema.json", document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// read is a YAML file as the validator wants it.
func read(t *testing.T, file string) any {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text, err := yaml.YAMLToJSON(data)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestTheSchemaTakesWhatIsRight(t *testing.T) {
	s := compile(t)
	files, err := filepath.Glob(checkout + "/testdata/*/*/deployment.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	for _, file := range append(files, checkout+"/customers/example.yaml") {
		if _, err := config.Load(file); err != nil {
			t.Error(err)
		}
		if err := s.Validate(read(t, file)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// unseen are bad files whose mistakes no schema can see, since each depends on
// more than one value, or on how YAML is written.
var unseen = map[string]string{
	"confirm-timeout":    "the timeout depends on confirm_timeout",
	"heartbeat":          "a duration is a text",
	"regions":            "a bucket's region depends on the deployment's",
	"regions-cn":         "a bucket's region depends on the deployment's",
	"roles":              "roles depend on their queues",
	"sink-http":          "what may be set depends on the sink",
	"sink-http-notified": "what may be set depends on the sink",
	"timeouts":           "the timeout depends on confirm_timeout",
	"unreachable":        "sources depend on those above",
}

func TestTheSchemaRefusesWhatIsWrong(t *testing.T) {
	s := compile(t)
	files, err := filepath.Glob(checkout + "/testdata/config/bad/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := yaml.YAMLToJSON(data); err != nil {
			continue // it is no YAML at all
		}
		err = s.Validate(read(t, file))
		if why := unseen[name]; (err == nil) != (why != "") {
			t.Errorf("%s: %v, unseen: %q", name, err, why)
		}
	}
}

// Every key has a description: an editor shows it.
func TestEveryKeyIsDescribed(t *testing.T) {
	data, err := os.ReadFile(committed)
	if err != nil {
		t.Fatal(err)
	}
	type object struct {
		Description string
		Ref         string `json:"$ref"`
		Properties  map[string]*object
		Defs        map[string]*object `json:"$defs"`
	}
	var root object
	if err := json.Unmarshal(data, &root); err != nil {
		t.Fatal(err)
	}
	root.Defs["the deployment"] = &root
	for name, o := range root.Defs {
		for key, p := range o.Properties {
			if p.Description == "" {
				t.Errorf("%s: %s has none", name, key)
			}
		}
	}
}
