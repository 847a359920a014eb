package deployment

import (
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/devo-s3/collector/config"
)

// parse reads the least deployment there can be with a devo section.
func parse(t *testing.T, devo ...string) *config.Config {
	t.Helper()
	c, err := config.Parse("test.yaml", []byte(`customer: acme
id: "10001"
account: "999988887777"
region: eu-west-1
devo:
  `+strings.Join(devo, "\n  ")+`
queues:
  - arn: arn:aws:sqs:eu-west-1:111122223333:q
    role_arn: arn:aws:iam::111122223333:role/r
    buckets: [{name: logs}]
    sources: [aws_sqs_vpc]
`))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var quiet = slog.New(slog.DiscardHandler)

// What the file says of the way to Devo is what the Sink does.
func TestSinkIsAsTheFileSays(t *testing.T) {
	s, err := Sink(parse(t, "sink: http", "domain: acme", "endpoints: [http-eu.devo.io:443]", "secret: s", "gzip: true", "verify: chain", "confirm_timeout: 7s"), nil, quiet, Parts{})
	if err != nil {
		t.Fatal(err)
	}
	if c := s.Config; c.Sink != "http" || c.Domain != "acme" || !c.Gzip || c.Multiline != "escape" || c.Verify != "chain" ||
		c.ID != "10001" || c.ConfirmTimeout != 7*time.Second || c.Endpoints[0] != "http-eu.devo.io:443" {
		t.Errorf("%+v", c)
	}
	s, err = Sink(parse(t, "endpoints: [collector-eu.devo.io:443]", "secret: s", "confirm: drained"), nil, quiet, Parts{})
	if err != nil {
		t.Fatal(err)
	}
	if c := s.Config; c.Sink != "syslog" || c.Gzip || c.Multiline != "octet" || c.Verify != "full" || c.Confirm != "drained" {
		t.Errorf("%+v", c)
	}
}

// A relay is reached with nothing of AWS's.
func TestSinkToARelay(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	got := make(chan string, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			got <- err.Error()
			return
		}
		defer c.Close()
		all, _ := io.ReadAll(c)
		got <- string(all)
	}()
	s, err := Sink(parse(t, "sink: relay", "endpoints: ['"+l.Addr().String()+"']"), nil, quiet, Parts{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Dial(t.Context(), t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Write(c.Header("aws_sqs_vpc", "cloud.aws.vpc.flow"), []byte("a record")); err != nil {
		t.Fatal(err)
	}
	if err := c.Confirm(t.Context()); err != nil {
		t.Fatal(err)
	}
	if line := <-got; !strings.HasSuffix(line, " collector-10001-aws_sqs_vpc cloud.aws.vpc.flow: a record\n") {
		t.Errorf("the relay read %q", line)
	}
}
