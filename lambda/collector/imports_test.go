package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/devo-s3/collector"

// notDeployed is what no function may contain.
var notDeployed = []string{
	module + "/local", module + "/cmd", "github.com/rclone/", "github.com/alecthomas/", "github.com/charmbracelet/", "github.com/schollz/",
	"github.com/invopop/",
}

// notCalled is what the collector has no use for, and would make at each start
// all the same: a service of the SDK builds its tables when the process begins.
var notCalled = []string{
	"github.com/aws/aws-sdk-go-v2/service/lambda", "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs",
	"github.com/aws/aws-sdk-go-v2/service/sns", "github.com/aws/aws-sdk-go-v2/service/eventbridge",
	module + "/account/function", module + "/account/logs", module + "/account/senders",
}

// TestImports holds the arrows between packages, as `go list -deps` sees them.
func TestImports(t *testing.T) {
	for _, c := range []struct {
		pkg string
		// only are the packages of ours that it may depend on; nil: any.
		only []string
		// never are prefixes of packages that it must not depend on.
		never []string
	}{
		{pkg: "events", only: []string{}, never: []string{"github.com/aws/"}},
		{pkg: "parsers", only: []string{"parsers/internal/unpack", "parsers/internal/unpack/inflate"}, never: []string{"github.com/aws/"}},
		{pkg: "sources", only: []string{"parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}, never: []string{"github.com/aws/"}},
		{pkg: "config", only: []string{"config/iam", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}, never: []string{"github.com/aws/"}},
		{pkg: "config/schema", only: []string{"config", "config/iam", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}, never: []string{"github.com/aws/"}},
		{pkg: "config/iam", only: []string{}, never: []string{"github.com/aws/"}},
		{pkg: "customers", only: []string{}},
		{pkg: "delivery", only: []string{"events", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}, never: []string{"github.com/aws/"}},
		{pkg: "devo", only: []string{"delivery", "events", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}, never: []string{"github.com/aws/"}},
		{pkg: "telemetry", only: []string{"internal/printable", "delivery", "devo", "events", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}, never: []string{"github.com/aws/"}},
		{pkg: "watch", only: []string{"internal/printable", "telemetry", "delivery", "devo", "events", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}, never: []string{"github.com/aws/"}},
		{pkg: "account", only: []string{"internal/printable", "watch", "telemetry", "delivery", "devo", "events", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}, never: notCalled},
		{pkg: "account/function", only: []string{"internal/printable", "account", "watch", "telemetry", "delivery", "devo", "events", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}},
		{pkg: "account/logs", only: []string{"internal/printable", "account", "watch", "telemetry", "delivery", "devo", "events", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}},
		{pkg: "account/senders", only: []string{"internal/printable", "account", "watch", "telemetry", "delivery", "devo", "events", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}},
		{pkg: "operate/checkup", only: []string{"internal/printable", "internal/deployment", "account", "watch", "telemetry", "config", "config/iam", "delivery", "devo", "events", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}, never: notCalled},
		{pkg: "operate", only: []string{"internal/printable", "operate/checkup", "internal/deployment", "account", "account/function", "account/logs", "account/senders", "watch", "telemetry", "config", "config/iam", "delivery", "devo", "events", "sources", "parsers", "parsers/internal/unpack", "parsers/internal/unpack/inflate"}},
		{pkg: "local", only: []string{}},
		{pkg: "cmd/collector/workload", only: []string{}},
		{pkg: "lambda/collector", never: slices.Concat(notDeployed, notCalled)},
		{pkg: "lambda/watch", never: slices.Concat(notDeployed, []string{
			"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs", "github.com/aws/aws-sdk-go-v2/service/sns", "github.com/aws/aws-sdk-go-v2/service/eventbridge",
			module + "/account/logs", module + "/account/senders",
		})},
	} {
		t.Run(c.pkg, func(t *testing.T) {
			for _, dep := range deps(t, c.pkg) {
				ours, isOurs := strings.CutPrefix(dep, module+"/")
				if isOurs && ours != c.pkg && c.only != nil && !slices.Contains(c.only, ours) {
					t.Errorf("%s depends on %s", c.pkg, ours)
				}
				for _, n := range c.never {
					if strings.HasPrefix(dep, n) {
						t.Errorf("%s depends on %s", c.pkg, dep)
					}
				}
			}
		})
	}
}

func deps(t *testing.T, pkg string) []string {
	t.Helper()
	c := exec.Command("go", "list", "-deps", "./"+pkg)
	c.Dir = "../.."
	out, err := c.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	return strings.Fields(string(out))
}
