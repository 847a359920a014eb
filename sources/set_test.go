package sources

import (
	"strings"
	"testing"
)

func compile(t testing.TB, d Definition) *Source {
	t.Helper()
	if d.Format == "" {
		d.Format = "lines"
	}
	s, err := Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestPatterns(t *testing.T) {
	tests := []struct {
		pattern string
		yes, no []string
	}{
		{"**", []string{"", "a", "a/b", "a\nb", "\xff/"}, nil},
		{"a/*.log", []string{"a/x.log", "p/a/x.log", "a/.log"}, []string{"ba/x.log", "a/x/y.log", "a/x.log/", "a/x-log"}},
		{"a/**.log", []string{"a/x.log", "a/x/y.log"}, []string{"ax.log"}},
		{"a/**/b", []string{"a/b", "a/x/b", "a/x/y/b", "p/a/b"}, []string{"a/xb", "ab"}},
		{"a**/b", []string{"a/b", "ax/y/b"}, []string{"ab"}},
		{"{x}", []string{"a", "p/a"}, []string{"", "a/"}},
		{"{x}_{y}.gz", []string{"a_b.gz", "a_b_c.gz"}, []string{"_b.gz", "a/_b.gz"}},
		{"a[b]?.+(c)", []string{"a[b]?.+(c)"}, []string{"ab.(c)"}},
		{`regexp:\d+|x`, []string{"1", "p/22", "x", "p/x"}, []string{"a1", "1/", "xx"}},
		{`regexp:a/.*`, []string{"a/", "p/a/b"}, []string{"pa/b"}},
	}
	for _, tt := range tests {
		set := Set{compile(t, Definition{Name: "s", Keys: []string{tt.pattern}, Tag: "my.app"})}
		for _, key := range tt.yes {
			if _, ok := set.Match(key); !ok {
				t.Errorf("%s does not match %q", tt.pattern, key)
			}
		}
		for _, key := range tt.no {
			if _, ok := set.Match(key); ok {
				t.Errorf("%s matches %q", tt.pattern, key)
			}
		}
	}
}

func TestCapturesAreAsShortAsWillDo(t *testing.T) {
	s := compile(t, Definition{Name: "s", Keys: []string{"{kind}_{rest}.gz", "x/{rest}/{kind}"}, Tag: "my.{key.kind}.{key.rest}"})
	for key, want := range map[string]string{
		"a_b_c.gz":   "my.a.b_c",
		"p/a_b.gz":   "my.a.b",
		"x/one/two":  "my.two.one",
		"x/a.b/cd e": "my.cd_e.a_b",
	} {
		m, ok := Set{s}.Match(key)
		if !ok {
			t.Errorf("%s: no match", key)
			continue
		}
		if tag, _ := m.Shaper(Object{}).Static(); tag != want {
			t.Errorf("%s: %s, want %s", key, tag, want)
		}
	}
}

func TestFirstMatchWinsAndIgnoreComesBeforeKeys(t *testing.T) {
	set := Set{
		compile(t, Definition{Name: "one", Keys: []string{"a/**"}, Ignore: []string{"a/tmp/**"}, Tag: "my.app.one"}),
		compile(t, Definition{Name: "two", Keys: []string{"**"}, Ignore: []string{"**.md5"}, Tag: "my.app.two"}),
	}
	for key, want := range map[string]string{
		"a/x":       "one",
		"a/tmp/x":   "one ignored",
		"a/x.md5":   "one",
		"b/tmp/x":   "two",
		"b/x.md5":   "two ignored",
		"b/a/tmp/x": "one ignored",
	} {
		m, ok := set.Match(key)
		got := m.Source.Name()
		if m.Ignored {
			got += " ignored"
		}
		if !ok || got != want {
			t.Errorf("%s: %s %t, want %s", key, got, ok, want)
		}
	}
}

func TestExceptAndRefuse(t *testing.T) {
	set := Set{
		compile(t, Definition{
			Name: "one", Keys: []string{"a/**"}, Except: []string{"a/b/**"}, Ignore: []string{"**.tmp"}, Tag: "my.app.one",
			Refuse: []Refusal{{[]string{"**.orc", "**.avro"}, "a column"}, {[]string{"a/x.*"}, "an x"}},
		}),
		compile(t, Definition{Name: "two", Keys: []string{"a/b/**"}, Tag: "my.app.two"}),
	}
	for key, want := range map[string]string{
		"a/c":       "one ",
		"a/b/c":     "two ",
		"a/b/x.tmp": "two ", // what is not the source's is not ignored
		"a/b/x.orc": "two ",
		"a/x.tmp":   "one  ignored",
		"p/x.orc":   "one a column",
		"a/c.avro":  "one a column",
		"a/x.log":   "one an x",
	} {
		m, ok := set.Match(key)
		got := m.Source.Name() + " " + m.Refused
		if m.Ignored {
			got += " ignored"
		}
		if !ok || got != want {
			t.Errorf("%s: %q %t, want %q", key, got, ok, want)
		}
	}
}

// What vendors write to try a bucket is nobody's log, whichever source there is
// and however wide its keys are.
func TestEverySourceIgnoresVendorsTestObjects(t *testing.T) {
	own := func(name, key string) *Source {
		return compile(t, Definition{Name: name, Keys: []string{key}, Tag: "my.app." + name})
	}
	sets := map[string]Set{
		"a narrow source":    {own("one", "app/*.log"), own("two", "b/**")},
		"a wide one":         {own("one", "**")},
		"one of the catalog": active(t, "aws_sqs_cisco_umbrella"),
		"one of several":     active(t, "aws_sqs_control_tower"),
	}
	ignored := []string{
		"README_FROM_UMBRELLA.txt", "8112345/README_FROM_UMBRELLA.txt", "akamai/akamai_write_test_2147483647.txt", "exportedlogs/aws-logs-write-test",
		"mail/AMAZON_SES_SETUP_NOTIFICATION", "aws-programmatic-access-test-object", "p/AWSLogs/111122223333/ELBHealthCheckLogTestFile",
		"AWSLogs/111122223333/Config/ConfigWritabilityCheckFile", "AWSLogs/1/BedrockModelInvocationLogs/eu-west-1/amazon-bedrock-logs-permission-check",
		"macie/macie-test-object", "http_requests/ownership-challenge-0a1b.txt", "burritobot/logs/ownership-challenge.txt",
		"logstash-programmatic-access-test-object-2026-11-23 05:00:00 +0000", "lake/day=1/_SUCCESS", "lake/day=1_$folder$", "lake/_temporary/0/task_1/part-0.json",
	}
	taken := []string{"my_README_FROM_UMBRELLA.txt", "akamai_write_test_x.txt", "README_FROM_UMBRELLA.txt/a", "ELBAccessLogTestFile", "my_SUCCESS", "_temporary/a.log", "macie-test-object.json"}
	for name, set := range sets {
		for _, key := range ignored {
			if m, ok := set.Match(key); !ok || !m.Ignored || m.Source == nil || m.Source.Parser() == nil {
				t.Errorf("%s does not ignore %s", name, key)
			}
		}
		for _, key := range taken {
			if m, ok := set.Match(key); m.Ignored || ok != (name == "a wide one") {
				t.Errorf("%s: %s ignored %t, taken %t", name, key, m.Ignored, ok)
			}
		}
	}
	if m, ok := (Set{own("one", "a/**")}).Named("one", "README_FROM_UMBRELLA.txt"); !ok || !m.Ignored {
		t.Error("not ignored where the source is named")
	}
	if _, ok := Set(nil).Match("README_FROM_UMBRELLA.txt"); ok {
		t.Error("taken by no source")
	}
}

// Firehose's failures have the folders of the stream and other contents.
func TestWhatFirehoseCouldNotProcessIsRefused(t *testing.T) {
	const file = "2026/11/23/05/PUT-S3-1-2026-11-23-05-00-00-0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
	set := active(t, "aws_sqs_cloudwatch", "aws_firehose_json")
	for key, want := range map[string]string{
		"cloudwatch/" + file:                   "",
		file:                                   "",
		"cloudwatch/processing-failed/" + file: "base64",
		"cloudwatch/errors/format-conversion-failed/" + file:              "base64",
		"cloudwatch/AmazonOpenSearchService-failed/x/" + file:             "base64",
		"processing-failed/" + file:                                       "base64",
		"cloudwatch/failed/" + file:                                       "",
		"cloudwatch/processing-failed/note.txt":                           "",
		"cloudwatch/processing-failed-late/2026/11/23/05/" + "a.gz":       "",
		"cloudwatch/2026/11/23/05/processing-failed/" + file + ".json.gz": "base64",
	} {
		m, ok := set.Match(key)
		if !ok || (m.Refused == "") != (want == "") || !strings.Contains(m.Refused, want) {
			t.Errorf("%s: %t, refused %q", key, ok, m.Refused)
		}
	}
	errors := compile(t, Definition{Name: "errors", Keys: []string{"**/processing-failed/**"}, Tag: "my.app.errors"})
	if m, ok := (Set{errors}).Match("cloudwatch/processing-failed/" + file); !ok || m.Refused != "" || m.Ignored {
		t.Errorf("a source of them alone: %t, %+v", ok, m)
	}
	other := compile(t, Definition{Name: "other", Keys: []string{"app/**"}, Tag: "my.app.other"})
	if m, ok := (Set{other, errors}).Match("cloudwatch/processing-failed/" + file); !ok || m.Source != errors {
		t.Errorf("beside another source: %t, %+v", ok, m)
	}
}

func TestNamedTakesTheSourceWhateverTheKey(t *testing.T) {
	set := Set{
		compile(t, Definition{Name: "one", Keys: []string{"**"}, Tag: "my.app.one"}),
		compile(t, Definition{Name: "two", Keys: []string{"{env}/*.log"}, Ignore: []string{"**.md5"}, Tag: "my.app.{key.env}"}),
	}
	for key, want := range map[string]string{"prod/x.log": "my.app.prod", "nothing like it/": "my.app.unknown"} {
		m, ok := set.Named("two", key)
		if tag, _ := m.Shaper(Object{}).Static(); !ok || m.Ignored || tag != want {
			t.Errorf("%s: %s %t, want %s", key, tag, ok, want)
		}
	}
	if m, ok := set.Named("two", "x.md5"); !ok || !m.Ignored {
		t.Error("an ignored key is not ignored when its source is named")
	}
	if _, ok := set.Named("three", "prod/x.log"); ok {
		t.Error("found a source that is not there")
	}
	if _, ok := Set(nil).Match("x"); ok {
		t.Error("an empty set has a match")
	}
}

func TestBytes(t *testing.T) {
	for text, want := range map[string]Bytes{
		"0B": 0, "1B": 1, "64KiB": 65536, "4MiB": 4 << 20, "8GiB": 8 << 30, "9223372036854775807B": 1<<63 - 1,
	} {
		var b Bytes
		if err := b.UnmarshalText([]byte(text)); err != nil || b != want {
			t.Errorf("%s: %d, %v", text, b, err)
		}
	}
	for _, text := range []string{"", "64", "MiB", "64MB", "64 MiB", "-1B", "+1B", "1.5MiB", "9007199254740993KiB", "64MiBB", "0x1B"} {
		var b Bytes
		if err := b.UnmarshalText([]byte(text)); err == nil || !strings.Contains(err.Error(), "write it like 64MiB") {
			t.Errorf("%q: %d, %v", text, b, err)
		}
	}
}

// A source that stands for others gives each key to the one of them that has it.
func TestSourceOfSeveral(t *testing.T) {
	d, err := Service("aws_sqs_control_tower")
	if err != nil {
		t.Fatal(err)
	}
	s, err := Compile(d)
	if err != nil {
		t.Fatal(err)
	}
	set := Set{s}
	const key = "o-exampleorg1/AWSLogs/o-exampleorg1/111122223333/CloudTrail/eu-west-1/2026/11/23/x.json.gz"
	for _, tt := range []struct {
		why, name, key, want string
	}{
		{"a key of the first", "", key, "aws_sqs_cloudtrail"},
		{"a key of another", "", "AWSLogs/111122223333/Config/ConfigWritabilityCheckFile", "aws_sqs_config"},
		{"a key of none", "", "x", ""},
		{"by its own name", "aws_sqs_control_tower", key, "aws_sqs_cloudtrail"},
		{"by its own name, a key of none", "aws_sqs_control_tower", "x", ""},
		{"by the name of one of them, whatever the key", "aws_sqs_vpc", "x", "aws_sqs_vpc"},
	} {
		m, ok := set.Match(tt.key)
		if tt.name != "" {
			m, ok = set.Named(tt.name, tt.key)
		}
		if ok != (tt.want != "") || ok && m.Source.Name() != tt.want {
			t.Errorf("%s: %v %t, want %q", tt.why, m.Source, ok, tt.want)
		}
	}
	if traces := s.Explain(key); len(traces) < 4 || traces[1].Field != "aws_sqs_cloudtrail keys[0]" || !traces[1].Matches {
		t.Errorf("%+v", traces)
	}
}

func TestMistakesOfASourceOfSeveral(t *testing.T) {
	for _, tt := range []struct {
		why  string
		d    Definition
		want string
	}{
		{"a tag beside it", Definition{Name: "app", Services: []string{"aws_sqs_vpc"}, Tag: "my.app"}, "services: the services have keys"},
		{"an unknown one", Definition{Name: "app", Services: []string{"aws_sqs_vcp"}}, "services[0]: unknown service"},
	} {
		if _, err := Compile(tt.d); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", tt.why, err)
		}
	}
}
