package main

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
)

var update = flag.Bool("update", false, "write the generated parts of docs anew")

const operationsDoc = "../../docs/operations.md"

// unitsSaid are CloudWatch's units of those that telemetry/names.go says.
var unitsSaid = map[string]string{
	"count": "Count", "bytes": "Bytes", "seconds": "Seconds", "milliseconds": "Milliseconds", "MiB": "Megabytes", "days": "None", "": "None",
}

// asked are the sets that a deployment emits only if its file asks for them, by a
// filter or by silence_after. Package telemetry has their tests.
var asked = []string{"AllFiltered Count deployment, source", "Messages Count deployment, queue"}

// checkMetrics compares what the functions wrote in a run with what
// telemetry/names.go says of each metric.
func checkMetrics(t *testing.T, log string) {
	t.Helper()
	text, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	emitted, said := make(map[string]bool), make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		data, err := local.ReadEMF([]byte(line))
		if err != nil {
			t.Errorf("%v: %s", err, line)
		}
		for _, d := range data {
			if d.Namespace != telemetry.Namespace {
				t.Errorf("%s is in %s", d.Name, d.Namespace)
			}
			emitted[fmt.Sprint(d.Name, " ", d.Unit, " ", strings.Join(slices.Sorted(maps.Keys(d.Dimensions)), ", "))] = true
		}
	}
	for _, m := range namesSay(t) {
		for _, set := range m.sets {
			said[m.name+" "+m.unit+" "+set] = true
		}
	}
	for _, set := range asked {
		delete(said, set)
		delete(emitted, set)
	}
	if diff := cmp.Diff(said, emitted); diff != "" {
		t.Errorf("emitted (+) is not what telemetry/names.go says (-):\n%s", diff)
	}
}

// shown are the metrics of ours that an alarm or a dashboard asks for, by the
// golden templates of the collector's stack.
func shown(t *testing.T) (names []string) {
	t.Helper()
	templates, err := filepath.Glob("../../infra/collector/testdata/*.json")
	if err != nil || len(templates) == 0 {
		t.Fatalf("%d templates: %v", len(templates), err)
	}
	for _, template := range templates {
		text, err := os.ReadFile(template)
		if err != nil {
			t.Fatal(err)
		}
		matches := asksFor.FindAllSubmatch(text, -1)
		if mentions := bytes.Count(text, []byte(telemetry.Namespace)); len(matches) != mentions {
			t.Errorf("%s: %d of %d mentions of our metrics are understood", template, len(matches), mentions)
		}
		for _, match := range matches {
			names = append(names, string(slices.Concat(match[1:]...)))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// asksFor is how a metric of ours is named: by an alarm, by a graph, and in a
// search. A dashboard is JSON in a string.
var asksFor = regexp.MustCompile(
	`"MetricName": "(\w+)",\s+"Namespace": "` + telemetry.Namespace + `"|\[\\"` + telemetry.Namespace + `\\",\\"(\w+)\\"|\{` +
		telemetry.Namespace + `,[\w,]+\} MetricName=\\\\\\"(\w+)\\\\\\"`)

// TestMetricsTable: the table of docs/operations.md is what telemetry/names.go
// says.
func TestMetricsTable(t *testing.T) {
	var table strings.Builder
	table.WriteString("| metric | unit | what | dimensions |\n|---|---|---|---|\n")
	for _, m := range namesSay(t) {
		fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", m.name, m.unit, m.what, strings.Join(m.sets, "; "))
	}
	doc, err := os.ReadFile(operationsDoc)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, opened := strings.Cut(string(doc), "<!-- metrics -->\n")
	got, after, closed := strings.Cut(rest, "<!-- /metrics -->")
	if !opened || !closed {
		t.Fatal("docs/operations.md has no place for the metrics")
	}
	if *update {
		doc := before + "<!-- metrics -->\n" + table.String() + "<!-- /metrics -->" + after
		if err := os.WriteFile(operationsDoc, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(table.String(), got); diff != "" {
		t.Errorf("-update writes it anew:\n%s", diff)
	}
}

// TestMetricsAreCounted: the docs say how many there are at the most, by what
// names.go says of each.
func TestMetricsAreCounted(t *testing.T) {
	count := make(map[string]int)
	for _, m := range namesSay(t) {
		for _, set := range m.sets {
			count[set]++
		}
	}
	kinds, err := os.ReadFile("../../delivery/kind.go")
	if err != nil {
		t.Fatal(err)
	}
	one, bySource := count[telemetry.Deployment], count["deployment, source"]
	most := one + bySource*(telemetry.MaxSources+1) + strings.Count(string(kinds), ` Kind = "`)*count["deployment, kind"]
	for doc, want := range map[string]string{
		operationsDoc: fmt.Sprintf("a deployment has %d metrics at most", most),
		"../../docs/infrastructure.md": fmt.Sprintf(
			"%d at work, %d more per source and a %dth where a filter left nothing of an object, 1 per kind of failure; %d at most, and 1 per queue with `silence_after` |",
			one, bySource-1, bySource, most),
	} {
		if text, err := os.ReadFile(doc); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s does not say %q: %v", doc, want, err)
		}
	}
}

// A metric is what the comment in telemetry/names.go says: what; unit; and
// whether it is also, or alone, by another dimension.
type metric struct {
	name, unit, what string
	sets             []string
}

func namesSay(t *testing.T) (all []metric) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../telemetry/names.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || !slices.Contains(telemetry.Names, spec.Names[0].Name) {
			return true
		}
		part := append(strings.Split(strings.TrimSpace(spec.Comment.Text()), "; "), "", "")
		m := metric{name: spec.Names[0].Name, what: part[0], sets: []string{telemetry.Deployment}}
		if m.unit, ok = unitsSaid[part[1]]; !ok {
			t.Errorf("%s has the unit %q", m.name, part[1])
		}
		switch by := part[2]; {
		case strings.HasSuffix(by, " alone"):
			m.sets = []string{telemetry.Deployment + ", " + strings.TrimPrefix(strings.TrimSuffix(by, " alone"), "by ")}
		case strings.HasPrefix(by, "also by "):
			m.sets = append(m.sets, telemetry.Deployment+", "+strings.TrimPrefix(by, "also by "))
		}
		all = append(all, m)
		return true
	})
	return all
}
