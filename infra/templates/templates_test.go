package templates

import (
	"path/filepath"
	"slices"
	"testing"

	"github.com/devo-s3/collector/infra/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

func TestTemplatesAreWhatTheStacksAre(t *testing.T) {
	names := []string{"list.go", "templates.go", "templates_test.go"}
	for _, template := range All {
		names = append(names, template.Name+".yaml")
		t.Run(template.Name, func(t *testing.T) {
			text, err := template.Render(cdktest.App(t))
			if err != nil {
				t.Fatal(err)
			}
			cdktest.GoldenFile(t, template.Name+".yaml", text)
		})
	}
	slices.Sort(names)
	files, err := filepath.Glob("*")
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(files, names) {
		t.Errorf("the folder has %q; want %q", files, names)
	}
}
