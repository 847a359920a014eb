package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

// built is the command, built once.
var built = sync.OnceValues(func() (string, error) {
	file := filepath.Join(filepath.Dir(bootstrap), "command") // collector is the function
	out, err := exec.Command("go", "build", "-race", "-o", file, ".").CombinedOutput()
	if err != nil {
		err = errors.New(string(out))
	}
	return file, err
})

// command runs the command with more in its environment.
func command(t *testing.T, env []string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	file, err := built()
	if err != nil {
		t.Fatal(err)
	}
	var out, said bytes.Buffer
	c := exec.Command(file, args...)
	c.Env, c.Stdout, c.Stderr = append(os.Environ(), env...), &out, &said
	if err := c.Run(); err != nil && c.ProcessState == nil {
		t.Fatal(err)
	}
	return out.String(), said.String(), c.ProcessState.ExitCode()
}

func TestTryEndsWith(t *testing.T) {
	file := func(name, content string) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	deployment := file("acme.yaml", jsonLines)
	vpc := file("flow", "version account-id\n2 111122223333\n2 444455556666\n")
	trail := file("trail", `{"Records":[{"a":1},`)
	mixed := file("x.json", "{\"a\":1}\nno JSON\n")
	const key = "--key=AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/x.log.gz"
	for _, tt := range []struct {
		why         string
		args        []string
		code        int
		out, stderr string // what is in them
	}{
		{"a whole file", []string{vpc, key}, 0, "cloud.aws.vpc.flow\t2 111122223333\n", "keys[0] matches, account=111122223333"},
		{"as JSON", []string{vpc, key, "--format=json"}, 0, `"index":1,"tag":"cloud.aws.vpc.flow","record":"2 111122223333"}` + "\n", "records      2\n"},
		{"a limit", []string{vpc, key, "--limit=1"}, 0, "2 111122223333\n", "stopped at --limit"},
		{"a service by name", []string{vpc, "--service=aws_sqs_vpc"}, 0, "2 444455556666\n", "its keys do not match"},
		{"another source", []string{vpc, "--service=aws_sqs_cloudtrail"}, 1, "", "corrupt at unpacked byte 0"},
		{"a truncated object", []string{trail, "--service=aws_sqs_cloudtrail"}, 1, "cloud.aws.cloudtrail.events.unknown.unknown\t{\"a\":1}\n", "corrupt at unpacked byte 20: truncated JSON"},
		{"nobody's", []string{vpc}, 1, "", "no source matches"},
		{"unparsed", []string{mixed, "--config=" + deployment}, 0, "my.app.s3collector.unparsed\tno JSON\n", "unparsed     1\n"},
		{"unparsed, strictly", []string{mixed, "--config=" + deployment, "--strict"}, 1, "my.app.acme.x\t{\"a\":1}\n", "unparsed     1\n"},
		{"a queue by name", []string{mixed, "--config=" + deployment, "--queue=devo-acme"}, 0, "", "acme_json"},
		{"a queue there is not", []string{mixed, "--config=" + deployment, "--queue=x"}, 1, "", `no queue "x"; there are devo-acme`},
		{"a source there is not", []string{mixed, "--service=aws_sqs_vpn"}, 1, "", "did you mean aws_sqs_vpc?"},
		{"a file there is not", []string{vpc + "x", key}, 1, "", "no such file"},
		{"explain", []string{"--explain", key[len("--key="):]}, 0, "aws_sqs_vpc: has it\n", ""},
		{"explain nobody's", []string{"--explain", "x"}, 1, "no_source", ""},
		{"explain a folder", []string{"--explain", "app/"}, 1, "a folder: the function ignores it as long as it has no bytes", ""},
		{"a folder", []string{file("folder", ""), "--key=app/"}, 0, "", "nothing to collect: a folder"},
		{"a folder with bytes", []string{vpc, "--key=app/"}, 1, "", "no source matches"},
		{"an array in lines", []string{file("array", "[{\"sourcetype\":\"zscalernss-web\"},\n{}]\n"), "--service=zscaler_nss"}, 0, "my.app.zscaler.zscalernss-web\t{\"sourcetype\":\"zscalernss-web\"}\nmy.app.zscaler.unknown\t{}\n", ""},
		{"text in front of JSON", []string{file("text", "plain words only\n{}\n"), "--service=aws_firehose_json"}, 0, "my.app.s3collector.unparsed\tplain words only\nmy.app.aws.firehose\t{}\n", "unparsed     1\n"},
		{"an empty export", []string{file("export", `{"Records":null}`), "--service=aws_sqs_cloudtrail"}, 0, "", "records      0\n"},
		{"detect", []string{"--detect", file("flow", "version interface-id\n2 eni-0a1b2c3d\n")}, 0, "100 %  aws_sqs_vpc", ""},
		{"detect text", []string{"--detect", file("words", "no action taken today\nfoo bar\n")}, 0, "none of the sources; under a tag of your choice it can be read by\n         text_lines", ""},
		{"detect binary", []string{"--detect", file("binary", "\x00\x01\x02\n\x03")}, 1, "none of the sources", ""},
		{"detect nothing", []string{"--detect", file("nothing", "")}, 1, "none of the sources", ""},
		{"nothing to try", nil, 80, "", "name a file"},
		{"send whereto", []string{vpc, "--send"}, 80, "", "--send needs --config"},
		{"a tag that is none", []string{vpc, "--tag=x"}, 80, "", `"x" is no tag`},
		{"no key in a URL", []string{"s3://bucket"}, 1, "", "write s3://BUCKET/KEY"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			out, said, code := command(t, nil, append([]string{"try"}, tt.args...)...)
			if code != tt.code || !strings.Contains(out, tt.out) || !strings.Contains(said, tt.stderr) {
				t.Errorf("exit %d, want %d\n%s---\n%s---\nwant %q and %q", code, tt.code, out, said, tt.out, tt.stderr)
			}
			if strings.Contains(out+said, "\x1b") {
				t.Error("colour, though nobody sees it")
			}
		})
	}
}

const jsonLines = `customer: acme
id: "10002"
account: "999988887777"
region: eu-west-1
devo:
  endpoints: ["collector-eu.devo.io:443"]
  secret: devo-s3-collector/acme
queues:
  - arn: arn:aws:sqs:eu-west-1:111122223333:devo-acme
    role_arn: arn:aws:iam::111122223333:role/devo-xs-collector-role
    buckets:
      - name: acme-logs
    sources:
      - name: acme_json
        keys: ["*.json"]
        format: json
        options:
          shape: lines
        tag: my.app.acme.x
`

// TestTrySends: an object in S3 is read with the caller's credentials, its
// records are sent under the test's tag and confirmed.
func TestTrySends(t *testing.T) {
	var mu sync.Mutex
	var received []string
	s, err := stack.Start(stack.Options{
		Bootstrap: bootstrap, Processes: 1, BatchSize: 1,
		Receiver: local.ReceiverOptions{OnRecord: func(r local.Record) {
			mu.Lock()
			defer mu.Unlock()
			received = append(received, string(r.Tag)+" "+string(r.Raw))
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := s.Account.Put("acme-logs", "app/prod/x.log", []byte("one\ntwo\n")); err != nil {
		t.Fatal(err)
	}
	root := s.Account.Root()
	env := []string{
		"AWS_ENDPOINT_URL=" + s.Account.Endpoint(), "AWS_REGION=" + stack.Region, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=" + root.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + root.SecretAccessKey,
	}
	config := "--config=" + filepath.Join(s.Dir, "config.yaml")
	out, said, code := command(t, env, "try", config, "--send", "s3://acme-logs/app/prod/x.log")
	if code != 0 || out != "my.app.acme.prod\tone\nmy.app.acme.prod\ttwo\n" {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	if query := `from test.keep.free where toktains(hostchain, "collector-12345") select *`; !strings.Contains(said, query) {
		t.Errorf("no query:\n%s", said)
	}
	if err := s.Receiver.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(received)
	if diff := cmp.Diff([]string{"test.keep.free one", "test.keep.free two"}, received); diff != "" {
		t.Error(diff)
	}
	if _, said, code := command(t, env, "try", config, "s3://acme-logs/app/prod/there-is-none.log"); code != 1 || !strings.Contains(said, "not_found") {
		t.Errorf("an object there is not: exit %d\n%s", code, said)
	}
	if _, said, code := command(t, env, "try", config, "s3://others/app/prod/x.log"); code != 1 || !strings.Contains(said, "would refuse") {
		t.Errorf("a bucket that is not the deployment's: exit %d\n%s", code, said)
	}
}

func TestImportCommand(t *testing.T) {
	const old = "../../operate/testdata/import/"
	want, err := os.ReadFile(old + "full.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if out, said, code := command(t, nil, "import", old+"full.json"); code != 0 || out != string(want) {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
	if out, said, code := command(t, nil, "import", old+"full.yaml"); code != 1 || out != "" || !strings.Contains(said, "not JSON") {
		t.Errorf("exit %d\n%s%s", code, out, said)
	}
}
