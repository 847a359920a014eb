package operate

import (
	"bytes"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/devo-s3/collector/config"
)

// needed are answers to all that has no default.
func needed(more ...string) map[string]string {
	given := map[string]string{
		"customer": "acme", "id": "10007", "region": "eu-west-1", "customer-account": "111122223333", "bucket": "acme-logs", "service": "aws_sqs_vpc",
	}
	for i := 0; i < len(more); i += 2 {
		given[more[i]] = more[i+1]
	}
	return given
}

func TestInitWrites(t *testing.T) {
	for name, given := range map[string]map[string]string{
		"least": needed("external-id", "QKNCXBOHZ23VI7TIGI3342QKPI"),
		"full": needed(
			"account", "999988887777", "endpoint", "collector-us.devo.io:443", "email", "ops@example.com, on-call@example.com",
			"bucket", "acme-trail,acme-logs", "service", "aws_sqs_cloudtrail,aws_sqs_s3_access", "make", "queue,reader,operator,bucket,trail",
			"delivery", "eventbridge", "queue", "arn:aws:sqs:eu-west-1:999988887777:acme", "role", "arn:aws:iam::111122223333:role/devo/reader",
			"external-id", "acme-1", "operator", "people", "aws_sqs_cloudtrail.routing", "by_event_source",
			"aws_sqs_s3_access.keys", "s3/**, regexp:it's/.*", "aws_sqs_s3_access.options", `{header: ""}`,
		),
		"nothing-made": needed("region", "cn-north-1", "endpoint", "localhost:6514", "external-id", "acme-1", "make", "-"),
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			i := Interview{Given: given, Yes: true, Out: io.Discard, In: strings.NewReader("")}
			file, err := i.Write(dir, []byte("{}"))
			if err != nil || file != filepath.Join(dir, "acme.yaml") {
				t.Fatal(file, err)
			}
			golden(t, "testdata/init/"+name+".yaml", withoutCatalog(read(t, file)))
			if _, err := config.Load(file); err != nil {
				t.Error(err)
			}
			if got := read(t, filepath.Join(dir, "schema.json")); string(got) != "{}" {
				t.Errorf("schema %s", got)
			}
		})
	}
}

// A service that stands for others which ask is listed as those; others stay.
func TestInitTakesServicesApart(t *testing.T) {
	i := Interview{
		Given: needed("external-id", "x1", "service", "zeek,netskope,aws_cur", "netskope_csv.keys", "logs/*.csv"), Yes: true, Out: io.Discard, In: strings.NewReader(""),
	}
	file, err := i.Write(t.TempDir(), []byte("{}"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range c.Queues[0].Sources {
		names = append(names, s.Name())
	}
	if got := strings.Join(names, " "); got != "zeek netskope_transaction netskope_csv netskope_events aws_cur" {
		t.Errorf("%s", got)
	}
	if m, ok := c.Queues[0].Sources.Match("logs/a.csv"); !ok || m.Source.Name() != "netskope_csv" {
		t.Error("the key that was given is not netskope_csv's")
	}
}

// What was said on both sides, as a person sees it.
func TestInitAsks(t *testing.T) {
	dir := t.TempDir()
	other := Interview{
		Given: needed("customer", "taken", "id", "1", "queue", "taken", "role", "taken-reader"), Yes: true, In: strings.NewReader(""), Out: io.Discard,
	}
	if _, err := other.Write(dir, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	var said bytes.Buffer
	in := &typist{out: &said, lines: strings.Split(`
Acme
taken
acme
10-7
10007

Europe
eu-west-1
somewhere

ops
ops@example.com
1111
111122223333

acme/logs
acme-audit
aws_sqs_vcp
aws_sqs_cloudtrail, aws_sqs_s3_access
trail
queue,reader,everything
queue, reader, operator
push
sns
two words

!

x
acme-external

by_source
by_event_source
{env
s3/**`, "\n")}
	i := Interview{In: in, Out: &said, Given: map[string]string{"aws_sqs_s3_access.keys": "s3/**"}}
	file, err := i.Write(dir, []byte("{}"))
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	i.Next(file)
	dialogue := regexp.MustCompile(`\[[A-Z2-7]{26,}]`).ReplaceAll(said.Bytes(), []byte("[RANDOM]"))
	golden(t, "testdata/init/dialogue.txt", bytes.ReplaceAll(dialogue, []byte(dir), []byte("customers")))
	golden(t, "testdata/init/dialogue.yaml", withoutCatalog(read(t, file)))
}

// withoutCatalog leaves out what the file has of the catalog's prose.
func withoutCatalog(file []byte) []byte {
	return regexp.MustCompile(`(?m)(^      # .*\n)+`).ReplaceAll(file, []byte("      # …\n"))
}

func TestInitNamesATemplateThatIsThere(t *testing.T) {
	named := make(map[string]bool)
	for _, what := range []string{"queue,bucket,trail", "queue,bucket", "reader", "queue"} {
		for _, delivery := range []string{"s3", "sns", "eventbridge"} {
			name := answers{"make": what, "delivery": delivery}.template()
			named[name] = true
			if _, err := os.Stat("../infra/templates/" + name + ".yaml"); err != nil {
				t.Error(err)
			}
		}
	}
	if len(named) != 6 {
		t.Errorf("%v", named)
	}
}

func TestComment(t *testing.T) {
	long := strings.Repeat("word ", 60)
	lines := strings.Split(comment(6, long), "\n")
	if len(lines) != 3 || strings.Join(strings.Fields(strings.ReplaceAll(strings.Join(lines, " "), "#", "")), " ") != strings.TrimSpace(long) {
		t.Errorf("%q", lines)
	}
	for i, line := range lines {
		if len(line) > 140 || i > 0 && !strings.HasPrefix(line, "      # ") {
			t.Errorf("%q", line)
		}
	}
}

// A typist types one line when it is asked for more, and the terminal echoes it.
type typist struct {
	out   io.Writer
	lines []string
}

func (t *typist) Read(p []byte) (int, error) {
	if len(t.lines) == 0 {
		return 0, io.EOF
	}
	line := t.lines[0] + "\n"
	t.lines = t.lines[1:]
	io.WriteString(t.out, line)
	return copy(p, line), nil
}

func TestInitRefuses(t *testing.T) {
	wrong := needed("customer", "Acme", "delivery", "push", "aws_sqs_vpc.colour", "red")
	delete(wrong, "id")
	for _, tt := range []struct {
		why   string
		given map[string]string
		yes   bool
		typed string
		want  []string
	}{
		{"all that cannot be guessed, at once", nil, true, "", []string{
			"--customer: an answer is needed", "--id: an", "--region: an", "--endpoint: an", "--customer-account: an", "--bucket: an", "--service: an",
		}},
		{"wrong answers", wrong, true, "", []string{
			`--customer: "Acme" is no customer's name`, "--id: an answer is needed", `--delivery: "push" is not known; write s3 or sns or eventbridge`,
			`--aws_sqs_vpc.colour: unknown key "colour"`,
		}},
		{"a wrong flag, at once", map[string]string{"customer": "Acme"}, false, "", []string{`--customer: "Acme" is no`}},
		{"answers that end", map[string]string{"customer": "acme"}, false, "10007\n", []string{"the answers end before --account"}},
		{"a setting of nothing", needed("aws_sqs_alb.tag", "my.app.x"), true, "", []string{"aws_sqs_alb.tag is given, and nothing asks for it"}},
		{"a tag that is none", needed("aws_sqs_vpc.tag", "x"), true, "", []string{`--aws_sqs_vpc.tag: "x" is no tag; write 2 or more`}},
		{"no YAML", needed("aws_sqs_vpc.options", "{"), true, "", []string{"--aws_sqs_vpc.options: not YAML"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			dir := t.TempDir()
			i := Interview{Given: tt.given, Yes: tt.yes, In: strings.NewReader(tt.typed), Out: io.Discard}
			file, err := i.Write(dir, nil)
			if err == nil || file != "" {
				t.Fatalf("%q, %v", file, err)
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("no %q in:\n%v", want, err)
				}
			}
			if entries, _ := os.ReadDir(dir); len(entries) > 0 {
				t.Errorf("%s was written", entries[0].Name())
			}
		})
	}
}

func TestInitReplacesNothing(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"acme.yaml": "mine", "schema.json": "mine"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	i := Interview{Given: needed(), Yes: true, In: strings.NewReader(""), Out: io.Discard}
	if _, err := i.Write(dir, []byte("{}")); err == nil || !strings.Contains(err.Error(), "acme.yaml is there already") {
		t.Error(err)
	}
	i = Interview{Given: needed("customer", "other"), Yes: true, In: strings.NewReader(""), Out: io.Discard}
	if file, err := i.Write(dir, []byte("{}")); file == "" || err == nil {
		t.Errorf("%s, %v: the other file has mistakes", file, err)
	}
	for _, name := range []string{"acme.yaml", "schema.json"} {
		if got := read(t, filepath.Join(dir, name)); string(got) != "mine" {
			t.Errorf("%s has %s", name, got)
		}
	}
}

// A file that has something of another deployment's is written, and the mistake
// names both.
func TestInitFindsWhatAnotherDeploymentHas(t *testing.T) {
	dir := t.TempDir()
	for n, customer := range []string{"acme", "second"} {
		i := Interview{Given: needed("customer", customer), Yes: true, In: strings.NewReader(""), Out: io.Discard}
		file, err := i.Write(dir, []byte("{}"))
		if n == 0 && err != nil || n == 1 && (err == nil || file == "" || !strings.Contains(err.Error(), "id 10007 is in "+filepath.Join(dir, "acme.yaml"))) {
			t.Errorf("%s, %v", file, err)
		}
	}
}

func TestInitMakesAnExternalID(t *testing.T) {
	made := make(map[string]bool)
	for range 3 {
		i := Interview{Given: maps.Clone(needed()), Yes: true, In: strings.NewReader(""), Out: io.Discard}
		file, err := i.Write(t.TempDir(), nil)
		if err != nil {
			t.Fatal(err)
		}
		made[string(regexp.MustCompile(`external_id: "[A-Z2-7]{26,}"`).Find(read(t, file)))] = true // 26 of 32 letters: 130 bits
	}
	if len(made) != 3 || made[""] {
		t.Error(made)
	}
}
