package customer

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/infra/cdktest"
)

func TestMain(m *testing.M) { cdktest.Main(m) }

// deployments are the files of testdata.
var deployments = []string{"straight", "sns", "eventbridge", "existing", "devo"}

func load(t *testing.T, name string) *config.Config {
	t.Helper()
	c, err := config.Load(filepath.Join("testdata", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stacks are the deployment's, by their names' ends: customer, customer-us-east-1.
func stacks(t *testing.T, name string) map[string]awscdk.Stack {
	t.Helper()
	made := make(map[string]awscdk.Stack)
	for _, stack := range New(cdktest.App(t), load(t, name)) {
		made[strings.TrimPrefix(*stack.StackName(), "acme-")] = stack
	}
	return made
}

// templates are the deployment's, made once for all tests.
func templates(t *testing.T, name string) map[string]*cdktest.Template {
	t.Helper()
	if synthesised[name] == nil {
		synthesised[name] = make(map[string]*cdktest.Template)
		for stack, made := range stacks(t, name) {
			synthesised[name][stack] = cdktest.Synth(t, made)
		}
	}
	return synthesised[name]
}

var synthesised = make(map[string]map[string]*cdktest.Template)

func TestStacksAreAsBefore(t *testing.T) {
	for _, name := range deployments {
		t.Run(name, func(t *testing.T) {
			for stack, template := range templates(t, name) {
				cdktest.Golden(t, name+"/"+stack+".json", template.Text)
			}
		})
	}
}

func TestWhatIsAddedByHandIsAsBefore(t *testing.T) {
	for _, name := range deployments {
		t.Run(name, func(t *testing.T) {
			var text bytes.Buffer
			if err := Print(&text, "acme", ByHand(load(t, name))); err != nil {
				t.Fatal(err)
			}
			cdktest.Golden(t, name+"/by-hand.txt", text.Bytes())
		})
	}
}
