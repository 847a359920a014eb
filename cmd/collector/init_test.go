package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/customers"
)

// typed runs the command in dir with what a person types.
func typed(t *testing.T, dir, lines string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	if file, err = filepath.Abs(file); err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	c := exec.Command(file, args...)
	c.Dir, c.Stdin, c.Stdout, c.Stderr = dir, strings.NewReader(lines), &out, &said
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), said.String(), c.ProcessState.ExitCode()
}

// all are the flags of every question.
var all = []string{
	"init", "--customer=acme", "--id=10007", "--account=999988887777", "--region=eu-west-1", "--endpoint=collector-eu.devo.io:443",
	"--email=a@example.com", "--email=b@example.com", "--customer-account=111122223333", "--bucket=acme-trail", "--bucket=acme-logs",
	"--service=aws_sqs_cloudtrail", "--service=aws_sqs_s3_access", "--make=queue,reader,operator,bucket", "--delivery=sns", "--queue=acme",
	"--role=reader", "--external-id=acme-1", "--operator=people", "--set=aws_sqs_cloudtrail.routing=by_event_source",
	"--set=aws_sqs_s3_access.keys=s3/**,access;log/*",
}

// With every flag given there is nothing to ask, and the file is as it says.
func TestInitByFlags(t *testing.T) {
	dir := t.TempDir()
	out, said, code := typed(t, dir, "", all...)
	if code != 0 || said != "" || strings.Contains(out, "]: ") || !strings.Contains(out, "npx cdk deploy 'acme-*'") || !strings.Contains(out, "new-bucket") {
		t.Fatalf("exit %d\n%s%s", code, out, said)
	}
	c, err := config.Load(filepath.Join(dir, "customers", "acme.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	q := c.Queues[0]
	got := []any{
		c.Customer, c.ID, c.Account, c.Region, c.Devo.Endpoints, c.Alarms.Emails, q.ARN, q.RoleARN, q.OperatorARN, q.ExternalID, q.Make, q.Delivery,
		q.Buckets[0].Name, q.Buckets[1].Name, q.Buckets[1].Make, q.Sources[0].Definition().Routing, q.Sources[1].Definition().Keys,
	}
	want := []any{
		"acme", "10007", "999988887777", "eu-west-1",
		[]string{"collector-eu.devo.io:443"},
		[]string{"a@example.com", "b@example.com"},
		"arn:aws:sqs:eu-west-1:111122223333:acme", "arn:aws:iam::111122223333:role/reader", "arn:aws:iam::111122223333:role/people", "acme-1",
		[]string{"queue", "reader", "operator"},
		"sns", "acme-trail", "acme-logs",
		[]string{"bucket"},
		"by_event_source",
		[]string{"s3/**", "access;log/*"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if out, said, code = typed(t, dir, "", all...); code != 1 || !strings.Contains(said, "customers/acme.yaml is there already") {
		t.Errorf("a second time: exit %d\n%s%s", code, out, said)
	}
}

func TestInitByTyping(t *testing.T) {
	dir := t.TempDir()
	out, said, code := typed(t, dir, "10 007\n10007\n\neu-west-1\n\n\n111122223333\nacme-logs\naws_sqs_vpc\n\n\n\n\n\n\n", "init", "--customer=acme", "--dir=d")
	if code != 0 || said != "" || !strings.Contains(out, `"10 007" is no id`) || !strings.Contains(out, "d/acme.yaml is written") {
		t.Fatalf("exit %d\n%s%s", code, out, said)
	}
	if out, said, code := typed(t, dir, "", "validate", "d"); code != 0 || out != "d/acme.yaml: acme, id 10007, in eu-west-1: 1 queue, 1 bucket, 1 source\n" {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	if _, said, code := typed(t, dir, "10007\n", "init", "--customer=other"); code != 1 || !strings.Contains(said, "the answers end before --account") {
		t.Errorf("exit %d\n%s", code, said)
	}
}

func TestValidate(t *testing.T) {
	dir := t.TempDir()
	example, err := os.ReadFile("../../customers/example.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "customers"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"a.yaml": string(example), "b.yaml": string(example), "c.yaml": "customer: C\n"} {
		if err := os.WriteFile(filepath.Join(dir, "customers", name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const right = "customers/a.yaml: example, id 10001, in eu-west-1: "
	for _, tt := range []struct {
		why         string
		args        []string
		code        int
		out, stderr string
	}{
		{"the directory that there is", nil, 1, right, `customer example is in customers/a.yaml already`},
		{"every file's mistakes", nil, 1, right, `customers/c.yaml:1:11: "C" is no customer's name`},
		{"a file", []string{"customers/a.yaml"}, 0, right, ""},
		{"a file and a directory", []string{"customers/a.yaml", "customers"}, 1, right, "customers/b.yaml:"},
		{"no file", []string{"customers/d.yaml"}, 1, "", "no such file"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			out, said, code := typed(t, dir, "", append([]string{"validate"}, tt.args...)...)
			if code != tt.code || !strings.HasPrefix(out, tt.out) || !strings.Contains(said, tt.stderr) || (code == 0) != (said == "") {
				t.Errorf("exit %d\n%s---\n%s", code, out, said)
			}
		})
	}
}

func TestSchemaCommand(t *testing.T) {
	if out, said, code := typed(t, t.TempDir(), "", "schema"); code != 0 || out != string(customers.Schema) {
		t.Errorf("exit %d\n%.200s%s", code, out, said)
	}
}
