package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// files writes a directory of them.
func files(t *testing.T, texts map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range texts {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// other is a second deployment that has nothing of the first.
func other() string {
	return strings.NewReplacer("acme", "other", "10001", "10002", "/q", "/q2", "role/r", "role/r2", "logs", "others", "secret: s", "secret: other").Replace(in("eu-west-1", "aws"))
}

func TestLoadAll(t *testing.T) {
	dir := files(t, map[string]string{"b.yaml": other(), "a.yml": in("eu-west-1", "aws"), "schema.json": "{}", "notes.txt": "x"})
	all, err := LoadAll(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range all {
		got = append(got, filepath.Base(d.File)+" "+d.Customer)
	}
	if diff := cmp.Diff([]string{"a.yml acme", "b.yaml other"}, got); diff != "" {
		t.Error(diff)
	}
	if all, err := LoadAll(filepath.Join(dir, "b.yaml"), dir); err != nil || len(all) != 2 {
		t.Errorf("a file twice: %d, %v", len(all), err)
	}
}

func TestLoadAllNamesBothFiles(t *testing.T) {
	first := in("eu-west-1", "aws")
	for _, tt := range []struct{ why, from, to, want string }{
		{"customer", "customer: other", "customer: acme", `b.yaml:1:11: customer acme is in `},
		{"id", "10002", "10001", `b.yaml:2:5: id 10001 is in `},
		{"queue", "/q2", "/q", `b.yaml:9:10: queue arn:aws:sqs:eu-west-1:111122223333:q is in `},
		{"reader", "role/r2", "role/r", `b.yaml:10:15: role arn:aws:iam::111122223333:role/r is in `},
		{"continuation", "account:", "continuation: arn:aws:sqs:eu-west-1:999988887777:devo-s3-collector-acme-continuation\naccount:", `b.yaml:3:15: queue arn:aws:sqs:eu-west-1:999988887777:devo-s3-collector-acme-continuation is in `},
		{"table", "account:", "ledger: {table: devo-s3-collector-acme}\naccount:", `b.yaml:3:17: table devo-s3-collector-acme of account 999988887777 in eu-west-1 is in `},
		{"secret", "secret: other", "secret: s", `b.yaml:7:11: secret arn:aws:secretsmanager:eu-west-1:999988887777:secret:s is in `},
		{"keys of a bucket", "others", "logs", `b.yaml:11:22: S3 announces a key to one queue, and `},
		{"operator", "buckets:", "make: [operator]\n    operator_arn: arn:aws:iam::111122223333:role/r\n    buckets:", `b.yaml:12:19: role arn:aws:iam::111122223333:role/r is in `},
	} {
		t.Run(tt.why, func(t *testing.T) {
			text := strings.Replace(other(), tt.from, tt.to, 1)
			dir := files(t, map[string]string{"a.yaml": first, "b.yaml": text})
			all, err := LoadAll(dir)
			var mistakes Mistakes
			if !errors.As(err, &mistakes) || len(mistakes) != 1 || len(all) != 1 {
				t.Fatalf("%d, %v", len(all), err)
			}
			if got := err.Error(); !strings.Contains(got, tt.want+filepath.Join(dir, "a.yaml")) {
				t.Error(got)
			}
		})
	}
	made := func(text string) string { return strings.Replace(text, "}]", ", make: [bucket]}]", 1) }
	dir := files(t, map[string]string{"a.yaml": made(first), "b.yaml": made(strings.Replace(other(), "others", "logs", 1))})
	if _, err := LoadAll(dir); err == nil || !strings.Contains(err.Error(), "b.yaml:11:22: bucket logs is in "+filepath.Join(dir, "a.yaml")) {
		t.Error(err)
	}
}

// A bucket of two deployments is no mistake where S3 can announce to both.
func TestLoadAllLetsShareKeysThatS3CanAnnounceTwice(t *testing.T) {
	with := func(text, more string) string { return strings.Replace(text, "buckets:", more+"buckets:", 1) }
	first, second := in("eu-west-1", "aws"), strings.Replace(other(), "others", "logs", 1)
	for name, texts := range map[string][2]string{
		"by SNS":         {with(first, "delivery: sns\n    "), with(second, "delivery: sns\n    ")},
		"by EventBridge": {first, with(second, "delivery: eventbridge\n    ")},
		"other prefixes": {strings.Replace(first, "name: logs", "name: logs, prefixes: [a/]", 1), strings.Replace(second, "name: logs", "name: logs, prefixes: [b/]", 1)},
		"other suffixes": {strings.Replace(first, "name: logs", "name: logs, suffixes: [.gz]", 1), strings.Replace(second, "name: logs", "name: logs, suffixes: [.log]", 1)},
	} {
		if all, err := LoadAll(files(t, map[string]string{"a.yaml": texts[0], "b.yaml": texts[1]})); err != nil || len(all) != 2 {
			t.Errorf("%s: %d, %v", name, len(all), err)
		}
	}
}

// A key pair may be shared if both say so: a mailed file alone cannot.
func TestLoadAllLetsShareASecretThatBothShare(t *testing.T) {
	shared := func(text string) string {
		return strings.Replace(text, "secret: s", "secret: s\n  shared_secret: true", 1)
	}
	first, second := in("eu-west-1", "aws"), strings.Replace(other(), "secret: other", "secret: s", 1)
	for _, c := range []struct {
		first, second string
		want          int
	}{{first, second, 1}, {first, shared(second), 1}, {shared(first), second, 1}, {shared(first), shared(second), 2}} {
		all, err := LoadAll(files(t, map[string]string{"a.yaml": c.first, "b.yaml": c.second}))
		if len(all) != c.want || (err == nil) != (c.want == 2) {
			t.Errorf("%d deployments, want %d: %v", len(all), c.want, err)
		}
	}
}

func TestWarnings(t *testing.T) {
	for name, c := range map[string]struct{ from, to, want string }{
		"its own name":          {"secret: s", "secret: devo-s3-collector/acme", ""},
		"its own name and more": {"secret: s", "secret: devo-s3-collector/acme-eu", ""},
		"an ARN":                {"secret: s", "secret: arn:aws:secretsmanager:eu-west-1:999988887777:secret:devo-s3-collector/acme-Ab12Cd", ""},
		"another's name":        {"secret: s", "secret: devo-s3-collector/other", "a.yaml:7:11: warning: the secret's name does not begin with devo-s3-collector/acme"},
		"another's ARN":         {"secret: s", "secret: arn:aws:secretsmanager:eu-west-1:999988887777:secret:devo-s3-collector/other-Ab12Cd", "a.yaml:7:11: warning: the secret's name"},
		"an endpoint elsewhere": {"secret: s", "secret: devo-s3-collector/acme", "a.yaml:6:15: warning: logs.example.com:443 is no address of Devo's"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(in("eu-west-1", "aws"), c.from, c.to, 1)
			if strings.Contains(c.want, "example.com") {
				text = strings.Replace(text, "collector-eu.devo.io", "logs.example.com", 1)
			}
			all, err := LoadAll(files(t, map[string]string{"a.yaml": text}))
			if err != nil || len(all) != 1 {
				t.Fatalf("%d, %v", len(all), err)
			}
			if got := all[0].Warnings.Error(); !strings.Contains(got, c.want) || (got == "") != (c.want == "") {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// What is there already may be shared: a role whose trust policy a person
// wrote, a bucket.
func TestLoadAllLetsShareWhatNobodyMakes(t *testing.T) {
	there := func(text string) string {
		return strings.Replace(text, "buckets:", "make: []\n    delivery: eventbridge\n    buckets:", 1)
	}
	dir := files(t, map[string]string{
		"a.yaml": there(in("eu-west-1", "aws")),
		"b.yaml": there(strings.NewReplacer("role/r2", "role/r", "others", "logs").Replace(other())),
	})
	if all, err := LoadAll(dir); err != nil || len(all) != 2 {
		t.Errorf("%d, %v", len(all), err)
	}
}

func TestLoadAllHasTheMistakesOfEveryFile(t *testing.T) {
	dir := files(t, map[string]string{"a.yaml": "customer: A\n", "b.yaml": other(), "c.yaml": "x: 1\n"})
	all, err := LoadAll(filepath.Join(dir, "not-there.yaml"), dir)
	if len(all) != 1 || !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%d, %v", len(all), err)
	}
	for _, want := range []string{"a.yaml:1:11: ", "c.yaml:1:1: unknown key", "not-there.yaml"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("no %s in %v", want, err)
		}
	}
	if _, err := LoadAll(t.TempDir()); err == nil || !strings.Contains(err.Error(), "there is none in") {
		t.Error(err)
	}
}
