package operate

import (
	"encoding/json"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/parsers"
)

const formatsDoc = "../docs/formats.md"

// Each format has a section, whose table has each of its options and no other.
func TestDocsHaveEveryOption(t *testing.T) {
	sections := make(map[string]string)
	for _, s := range strings.Split(string(read(t, formatsDoc)), "\n## ")[1:] {
		title, body, _ := strings.Cut(s, "\n")
		sections[title] = body
	}
	row := regexp.MustCompile("(?m)^\\| `([^`]+)` \\|")
	for _, format := range parsers.Formats() {
		body, ok := sections[format]
		if !ok {
			t.Errorf("there is no section %s", format)
			continue
		}
		options, err := parsers.NewOptions(format)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{}
		for _, f := range reflect.VisibleFields(reflect.TypeOf(options).Elem()) {
			if name := f.Tag.Get("yaml"); name != "" {
				want = append(want, name)
			}
		}
		got := []string{}
		for _, m := range row.FindAllStringSubmatch(body, -1) {
			got = append(got, m[1])
		}
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", format, diff)
		}
	}
}

// Every setting that import knows is in the tables.
func TestDocsHaveEveryOldSetting(t *testing.T) {
	_, tables, _ := strings.Cut(string(read(t, formatsDoc)), "\n## From Devo's SQS collector\n")
	settings := slices.Collect(maps.Keys(unneeded))
	for name := range processors {
		if !strings.Contains(name, "_processor") {
			name += "_processor"
		}
		settings = append(settings, name)
	}
	var full any
	if err := json.Unmarshal(read(t, "testdata/import/full.json"), &full); err != nil {
		t.Fatal(err)
	}
	service := full.(map[string]any)["inputs"].(map[string]any)["sqs_collector"].(map[string]any)
	for _, of := range []any{service, service["credentials"], service["services"], service["services"].(map[string]any)["custom_service"]} {
		settings = append(settings, slices.Collect(maps.Keys(of.(map[string]any)))...)
	}
	for _, name := range settings {
		if name != "credentials" && !strings.Contains(tables, "`"+name+"`") {
			t.Errorf("%s is not in %s", name, formatsDoc)
		}
	}
}
