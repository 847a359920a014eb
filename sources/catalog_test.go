package sources

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/devo-s3/collector/parsers"
)

// active are services of the catalog, active at once.
func active(t testing.TB, names ...string) Set {
	t.Helper()
	var set Set
	for _, name := range names {
		d, err := Service(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Compile(d)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		set = append(set, s)
	}
	return set
}

func TestEveryEntryIsComplete(t *testing.T) {
	for _, name := range Names() {
		d, err := Service(name)
		if err != nil {
			t.Fatal(err)
		}
		if d.Name != name || d.Title == "" || d.Table == "" || d.MinLevels == 0 && d.Services == nil {
			t.Errorf("%s: name %q, title %q, table %q, min_levels %d", name, d.Name, d.Title, d.Table, d.MinLevels)
		}
		if !strings.HasPrefix(d.Spec, "https://") {
			t.Errorf("%s: spec %q is no URL", name, d.Spec)
		}
		for d.Routing = range d.Routings {
			if _, err := Compile(d); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestEachCallReadsItsOwnEntry(t *testing.T) {
	one, err := Service("aws_sqs_vpc")
	if err != nil {
		t.Fatal(err)
	}
	one.Keys[0], one.Options.(*parsers.LinesOptions).Header = "changed", "changed"
	two, _ := Service("aws_sqs_vpc")
	if two.Keys[0] == "changed" || two.Options.(*parsers.LinesOptions).Header != "drop" {
		t.Errorf("a change to one reached the other: %+v", two)
	}
}

func TestUnknownServiceSuggestsTheNearest(t *testing.T) {
	for name, want := range map[string]string{
		"aws_sqs_cloudtrial": "did you mean aws_sqs_cloudtrail?",
		"alb":                "docs/services.md lists",
		"../aws_sqs_alb":     "did you mean aws_sqs_alb?",
		"":                   "docs/services.md lists",
	} {
		if _, err := Service(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", name, err, want)
		}
	}
}

const (
	account = "111122223333"
	trail   = "AWSLogs/111122223333/CloudTrail"
	flow    = "111122223333_vpcflowlogs_eu-west-1_fl-0a1b2c3d4e5f60718_20261123T0500Z_9f8e7d6c.log.gz"
	elb     = "AWSLogs/111122223333/elasticloadbalancing/eu-west-1/2026/11/23/"
	elbFile = "111122223333_elasticloadbalancing_eu-west-1_"
	elbTail = "_20261123T0500Z_172.160.001.192_20sg8hgm.log"
)

// With these services active, each key goes to the right one.
func TestKeys(t *testing.T) {
	const (
		none    = ""
		ignored = " (ignored)"
	)
	tests := []struct{ why, key, want, tag string }{
		{"a trail", trail + "/eu-west-1/2026/11/23/111122223333_CloudTrail_eu-west-1_20261123T0500Z_Mu0KsOhtH1ar15ZZ.json.gz", "aws_sqs_cloudtrail", "cloud.aws.cloudtrail.events.111122223333.eu-west-1"},
		{"an organization's", "AWSLogs/o-exampleorg1/" + account + "/CloudTrail/us-east-1/2026/01/02/111122223333_CloudTrail_us-east-1_20260102T0500Z_a.json.gz", "aws_sqs_cloudtrail", "cloud.aws.cloudtrail.events.111122223333.us-east-1"},
		{"Control Tower's prefix is the organization, too", "o-exampleorg1/AWSLogs/o-exampleorg1/" + account + "/CloudTrail/us-east-1/2026/01/02/x.json.gz", "aws_sqs_cloudtrail", "cloud.aws.cloudtrail.events.111122223333.us-east-1"},
		{"GovCloud", trail + "/us-gov-west-1/2026/11/23/x.json.gz", "aws_sqs_cloudtrail", "cloud.aws.cloudtrail.events.111122223333.us-gov-west-1"},
		{"China", trail + "/cn-northwest-1/2026/11/23/x.json.gz", "aws_sqs_cloudtrail", "cloud.aws.cloudtrail.events.111122223333.cn-northwest-1"},
		{"a prefix", "a/b c/é+%2B/" + trail + "/eu-west-1/2026/11/23/x.json.gz", "aws_sqs_cloudtrail", "cloud.aws.cloudtrail.events.111122223333.eu-west-1"},
		{"a prefix with a line break", "a\nb/" + trail + "/eu-west-1/2026/11/23/x.json.gz", "aws_sqs_cloudtrail", "cloud.aws.cloudtrail.events.111122223333.eu-west-1"},
		{"insights", trail + "-Insight/eu-west-1/2026/11/23/x.json.gz", "aws_sqs_cloudtrail", "cloud.aws.cloudtrail.events.111122223333.eu-west-1"},
		{"network activity", trail + "-NetworkActivity/eu-west-1/2026/11/23/x.json.gz", "aws_sqs_cloudtrail", "cloud.aws.cloudtrail.events.111122223333.eu-west-1"},
		{"a digest", trail + "-Digest/eu-west-1/2026/11/23/111122223333_CloudTrail-Digest_eu-west-1_t_eu-west-1_20261123T050000Z.json.gz", "aws_sqs_cloudtrail" + ignored, ""},
		{"an organization's digest", "p/AWSLogs/o-exampleorg1/" + account + "/CloudTrail-Digest/eu-west-1/2026/11/23/x.json.gz", "aws_sqs_cloudtrail" + ignored, ""},
		{"aggregates, whose format is not documented", trail + "-Aggregated/eu-west-1/2026/11/23/x.json.gz", none, ""},
		{"a word that ends in AWSLogs is no boundary", "my" + trail + "/eu-west-1/2026/11/23/x.json.gz", none, ""},
		{"more behind the name", trail + "/eu-west-1/2026/11/23/x.json.gz.bak", none, ""},
		{"the folder's marker", trail + "/", none, ""},
		{"Config beside it", "AWSLogs/" + account + "/Config/eu-west-1/2026/11/23/ConfigHistory/x.json.gz", none, ""},

		{"flow logs", "AWSLogs/" + account + "/vpcflowlogs/eu-west-1/2026/11/23/" + flow, "aws_sqs_vpc", "cloud.aws.vpc.flow"},
		{"hourly", "AWSLogs/" + account + "/vpcflowlogs/eu-west-1/2026/11/23/05/" + flow, "aws_sqs_vpc", "cloud.aws.vpc.flow"},
		{"Hive", "AWSLogs/aws-account-id=" + account + "/aws-service=vpcflowlogs/aws-region=eu-west-1/year=2026/month=11/day=23/" + flow, "aws_sqs_vpc", "cloud.aws.vpc.flow"},
		{"Hive, hourly, a prefix", "net/AWSLogs/aws-account-id=" + account + "/aws-service=vpcflowlogs/aws-region=us-gov-east-1/year=2026/month=11/day=23/hour=05/" + flow, "aws_sqs_vpc", "cloud.aws.vpc.flow"},
		{"parquet is another service", "AWSLogs/" + account + "/vpcflowlogs/eu-west-1/2026/11/23/" + strings.TrimSuffix(flow, "gz") + "parquet", none, ""},
		{"another service, Hive", "AWSLogs/aws-account-id=" + account + "/aws-service=other/aws-region=eu-west-1/year=2026/month=11/day=23/" + flow, none, ""},

		{"an ALB", elb + elbFile + "app.my-lb.1234567890abcdef" + elbTail + ".gz", "aws_sqs_alb", "web.aws.alb.access"},
		{"digits in its name", elb + elbFile + "app.k8s-2-web3.50dc6c495c0c9188" + elbTail + ".gz", "aws_sqs_alb", "web.aws.alb.access"},
		{"dots in its name", elb + elbFile + "app.a.b.50dc6c495c0c9188" + elbTail + ".gz", "aws_sqs_alb", "web.aws.alb.access"},
		{"connections", elb + "conn_log_" + elbFile + "app.my-lb.1234567890abcdef" + elbTail + ".gz", "aws_sqs_alb", "web.aws.alb.connection"},
		{"connections as documented", elb + "conn_log." + elbFile + "app.my-lb.1234567890abcdef" + elbTail + ".gz", "aws_sqs_alb", "web.aws.alb.connection"},
		{"health checks", elb + "health_check_log_" + elbFile + "app.my-lb.1234567890abcdef" + elbTail + ".gz", "aws_sqs_alb", "web.aws.alb.health_check"},
		{"an unknown kind of log", elb + "other_log_" + elbFile + "app.my-lb.1234567890abcdef" + elbTail + ".gz", none, ""},
		{"switched on", "p/AWSLogs/" + account + "/ELBAccessLogTestFile", "aws_sqs_alb" + ignored, ""},
		{"connections switched on", "AWSLogs/" + account + "/ELBConnectionLogTestFile", "aws_sqs_alb" + ignored, ""},
		{"an NLB is another service", elb + elbFile + "net.my-nlb.1234567890abcdef" + elbTail + ".gz", none, ""},
		{"WAF's log of an ALB", "AWSLogs/" + account + "/WAFLogs/eu-west-1/acl/2026/11/23/05/00/" + account + "_waflogs_eu-west-1_acl_20261123T0500Z_9f8e7d6c.log.gz", none, ""},

		{"a classic load balancer", elb + elbFile + "my-loadbalancer" + elbTail, "aws_sqs_elb", "web.aws.elb.access"},
		{"with a prefix", "lb/" + elb + elbFile + "a1b2c3d4" + elbTail, "aws_sqs_elb", "web.aws.elb.access"},
		{"one named app", elb + elbFile + "app" + elbTail, "aws_sqs_elb", "web.aws.elb.access"},
		{"an ALB's key without gz is not classic", elb + elbFile + "app.my-lb.1234567890abcdef" + elbTail, none, ""},

		{"S3 access", "2026-11-23-05-00-00-E568B2907131C0C0", "aws_sqs_s3_access", "web.aws.s3.access"},
		{"under a folder", "logs/2026-11-23-05-00-00-E568B2907131C0C0", "aws_sqs_s3_access", "web.aws.s3.access"},
		{"a prefix without slash", "logs/site-2026-11-23-05-00-00-E568B2907131C0C0", "aws_sqs_s3_access", "web.aws.s3.access"},
		{"partitioned", "logs/" + account + "/eu-west-1/my.site/2026/11/23/2026-11-23-00-00-00-E568B2907131C0C0", "aws_sqs_s3_access", "web.aws.s3.access"},
		{"partitioned, a prefix without slash", "logs-" + account + "/eu-west-1/my.site/2026/11/23/2026-11-23-00-00-00-E568B2907131C0C0", "aws_sqs_s3_access", "web.aws.s3.access"},
		{"Firehose's names end in a UUID", "2026/11/23/05/stream-1-2026-11-23-05-00-00-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f", none, ""},
		{"a date alone", "logs/2026-11-23", none, ""},
		{"something else", "app/prod/2026-11-23-x.log", none, ""},
	}
	set := active(t, "aws_sqs_alb", "aws_sqs_cloudtrail", "aws_sqs_elb", "aws_sqs_s3_access", "aws_sqs_vpc")
	for _, tt := range tests {
		m, ok := set.Match(tt.key)
		got := ""
		if ok {
			got = m.Source.Name()
			if m.Ignored {
				got += ignored
			}
		}
		if got != tt.want {
			t.Errorf("%s: %s\ngoes to %q, want %q", tt.why, tt.key, got, tt.want)
			continue
		}
		if tt.tag == "" {
			continue
		}
		if tag, ok := m.Shaper(Object{}).Static(); !ok || tag != tt.tag {
			t.Errorf("%s: tag %q %t, want %q", tt.why, tag, ok, tt.tag)
		}
	}
}

func TestCloudTrailByEventSource(t *testing.T) {
	d, err := Service("aws_sqs_cloudtrail")
	if err != nil {
		t.Fatal(err)
	}
	d.Routing = "by_event_source"
	s, err := Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ folder, eventSource, want string }{
		{"CloudTrail", "s3.amazonaws.com", "cloud.aws.cloudtrail.s3"},
		{"CloudTrail", "waf-regional.amazonaws.com", "cloud.aws.cloudtrail.waf_regional"},
		{"CloudTrail", "application-insights.amazonaws.com", "cloud.aws.cloudtrail.application_insights"},
		{"CloudTrail", "odd.example.com", "cloud.aws.cloudtrail.odd_example_com"},
		{"CloudTrail", "", "cloud.aws.cloudtrail.unknown"},
		{"CloudTrail-Insight", "autoscaling.amazonaws.com", "cloud.aws.cloudtrail.insights"},
	} {
		m, ok := Set{s}.Match("AWSLogs/" + account + "/" + tt.folder + "/eu-west-1/2026/11/23/x.json.gz")
		if !ok {
			t.Fatal("no match")
		}
		tag, ok := m.Shaper(Object{}).Tag(&parsers.Record{Fields: [][]byte{[]byte(tt.eventSource)}})
		if !ok || string(tag) != tt.want {
			t.Errorf("%s, %s: %q %t, want %q", tt.folder, tt.eventSource, tag, ok, tt.want)
		}
	}
}

func TestEveryServiceIsThere(t *testing.T) {
	text, err := os.ReadFile("testdata/services.txt")
	if err != nil {
		t.Fatal(err)
	}
	names := Names()
	for name := range strings.Lines(string(text)) {
		if name = strings.TrimSpace(name); name[0] != '#' && !slices.Contains(names, name) {
			t.Errorf("there is no catalog/%s.yaml", name)
		}
	}
}
