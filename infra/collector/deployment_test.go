package collector

import (
	_ "embed"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

var (
	//go:embed testdata/small.yaml
	small string
	//go:embed testdata/large.yaml
	large string
	//go:embed testdata/amnesiac.yaml
	amnesiac string
)

// deployments are those by name.
var deployments = map[string]string{"small": small, "large": large, "amnesiac": amnesiac}

// templates are of deployments, each made once: it takes a second.
var templates = make(map[string]*cdktest.Template)

func template(t *testing.T, name string) *cdktest.Template {
	t.Helper()
	if templates[name] == nil {
		templates[name] = cdktest.Synth(t, newStack(t, cdktest.App(t), cdktest.Config(t, deployments[name])))
	}
	return templates[name]
}

// newStack makes the stack with a stand-in for the functions.
func newStack(t *testing.T, app awscdk.App, c *config.Config) awscdk.Stack {
	t.Helper()
	asset := t.TempDir()
	for _, function := range []string{"collector", "watch"} {
		folder := filepath.Join(asset, function)
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(folder, "bootstrap"), []byte("stand-in"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return New(app, c, asset)
}

func TestGolden(t *testing.T) {
	for name := range deployments {
		t.Run(name, func(t *testing.T) { cdktest.Golden(t, name+".json", template(t, name).Text) })
	}
}
