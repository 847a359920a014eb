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
	return strings.NewReplacer("acme", "other", "10001", "10002", "/q", "/q2", "role/r", "role/r2", "logs", "others").Replace(in("eu-west-1", "aws"))
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
