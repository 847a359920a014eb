package operate

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
)

func TestImport(t *testing.T) {
	files, err := filepath.Glob("testdata/import/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no configurations: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			out, err := Import{}.Convert(read(t, file))
			if err != nil {
				t.Error(err)
			}
			if bytes.Contains(out, []byte("never-copied")) || bytes.Contains(out, []byte("EXAMPLEKEYID")) {
				t.Error("a secret was copied")
			}
			golden(t, strings.TrimSuffix(file, "json")+"yaml", out)
			if _, err := config.Parse(file, out); err != nil {
				t.Error(err)
			}
		})
	}
}

// input is a configuration with those settings and those of its service.
func input(settings, service string) []byte {
	return []byte(`{"inputs":{"sqs_collector":{"id":"1","region":"eu-west-1","base_url":"https://sqs.eu-west-1.amazonaws.com/111122223333/q",` +
		`"credentials":{"aws_cross_account_role":"arn:aws:iam::111122223333:role/r"},` + settings + `"services":{"custom_service":{` + service + `}}}}}`)
}

const reads = `"file_format":{"type":"line_split_processor"},"routing_template":"my.app.x"`

func TestImportAsksForNothingThatWasGiven(t *testing.T) {
	out, err := Import{Customer: "acme", Endpoint: "collector-eu.devo.io:443", Buckets: []string{"acme-logs", "acme-more"}}.Convert(
		[]byte(strings.Replace(string(input("", reads)), `"credentials":{`, `"credentials":{"aws_base_account_role":"arn:aws:iam::999988887777:role/x",`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(out, []byte(" CHANGE: ")) {
		t.Errorf("%s", out)
	}
	c, err := config.Parse("x", out)
	if err != nil {
		t.Fatal(err)
	}
	if c.Customer != "acme" || c.Account != "999988887777" || len(c.Queues[0].Buckets) != 2 || c.Devo.Endpoints[0] != "collector-eu.devo.io:443" {
		t.Errorf("%+v", c)
	}
}

func TestImportNamesWhatItDoesNotKnow(t *testing.T) {
	const at = "inputs.sqs_collector."
	for _, tt := range []struct{ why, data, want string }{
		{"no JSON", `{"inputs":`, "not JSON: unexpected end of JSON input, at byte 10"},
		{"no object", `[1]`, "the file is no JSON object"},
		{"another collector", `{"inputs":{"other":{}}}`, "inputs.sqs_collector: there is none"},
		{"another input", strings.Replace(string(input("", reads)), `{"inputs":{`, `{"inputs":{"other":{},`, 1), "inputs.other: unknown setting"},
		{"a setting", string(input(`"colour":"example-secret",`, reads)), at + "colour: unknown setting"},
		{"two settings", string(input(`"a":1,"b":2,`, reads)), at + "a: unknown setting\n" + at + "b: unknown setting"},
		{"another type", string(input(`"direct_mode":"example-secret",`, reads)), at + "direct_mode: this must be true or false"},
		{"a credential", strings.Replace(string(input("", reads)), `"aws_cross`, `"aws_session_token":"example-secret","aws_cross`, 1), at + "credentials.aws_session_token: unknown setting"},
		{"a service's setting", string(input("", reads+`,"colour":1`)), at + "services.custom_service.colour: unknown setting"},
		{"a processor", string(input("", `"routing_template":"a.b","file_format":{"type":"magic"}`)), `file_format.type: unknown processor "magic"`},
		{"a processor's option", string(input("", `"routing_template":"a.b","file_format":{"type":"parquet_processor","config":{"x":1}}`)), "file_format.config.x: unknown setting"},
		{"an encoding", string(input("", reads+`,"encoding":"ebcdic"`)), `encoding: unknown encoding "ebcdic"`},
		{"an operator", string(input("", reads+`,"file_field_definitions":{"a":[{"operator":"upper"}]}`)), `file_field_definitions.a: operator "upper" is not known here`},
		{
			"two uses of a part", string(input("", reads+`,"file_field_definitions":{"a":[{"operator":"split","on":"/","element":0}],"b":[{"operator":"split","on":"_","element":0}]}`)),
			"file_field_definitions.b: the same part is split in two ways",
		},
		{"a name", string(input("", strings.Replace(reads, "my.app.x", "my.app.{record-x}", 1))), "routing_template: {record-x} is defined nowhere"},
		{"a rule's type", string(input("", reads+`,"filename_filter_rules":[[{"type":"like","pattern":"x"}]]`)), `filename_filter_rules[0][0].type: unknown type "like"`},
		{"a rule's pattern", string(input("", reads+`,"filename_filter_rules":[[{"type":"match","pattern":"(?=x)"}]]`)), "filename_filter_rules[0][0].pattern: error parsing regexp"},
		{"a rule's key", string(input("", reads+`,"line_filter_rules":[[{"source":"record","key":"x","type":"match","value":"y"}]]`)), `line_filter_rules[0][0].key: "x" is defined nowhere`},
		{"a group that is none", string(input("", reads+`,"line_filter_rules":[{}]`)), "line_filter_rules[0]: this must be a list"},
		{"no format", string(input("", `"routing_template":"a.b"`)), "file_format: there is none"},
		{"no tag", string(input("", `"file_format":{"type":"line_split_processor"}`)), "routing_template: there is none"},
	} {
		t.Run(tt.why, func(t *testing.T) {
			out, err := Import{}.Convert([]byte(tt.data))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Fatalf("%v, want %s; %s", err, tt.want, out)
			}
			if strings.Contains(err.Error(), "example-secret") {
				t.Error("the error shows a value")
			}
		})
	}
}

// A service that the catalog lacks is marked where it stands, and nothing else is
// lost by it.
func TestImportMarksUnknownServices(t *testing.T) {
	const other = `"filename_filter_rules":[[{"type":"match","pattern":"x"}]]`
	out, err := Import{}.Convert([]byte(strings.Replace(string(input("", other)), `"custom_service"`, `"aws_sqs_alb":{},"aws_sqs_cloudtrial"`, 1)))
	if err == nil || !strings.Contains(err.Error(), `unknown service "aws_sqs_cloudtrial"`) || strings.Count(err.Error(), "unknown") != 1 {
		t.Errorf("%v", err)
	}
	const want = `
      - aws_sqs_alb
      # CHANGE: unknown service "aws_sqs_cloudtrial"; did you mean aws_sqs_cloudtrail?
      - service: aws_sqs_cloudtrial
        ignore:
          - regexp:(?s).*(?:x).*
`
	if !strings.HasSuffix(string(out), want) {
		t.Errorf("%s", out)
	}
}

// A key pattern captures what splitting a key gave.
func TestKeyPattern(t *testing.T) {
	split := func(on string, element int) map[string]any {
		return map[string]any{"operator": "split", "on": on, "element": float64(element)}
	}
	for _, tt := range []struct {
		why         string
		definitions map[string][]any
		key         string
		want        []string // nil: no match
	}{
		{"the first", map[string][]any{"a": {split("/", 0)}}, "x/y/z", []string{"a=x"}},
		{"the first of one", map[string][]any{"a": {split("/", 0)}}, "x", []string{"a=x"}},
		{"the first, not one behind a boundary", map[string][]any{"a": {split("/", 1)}}, "v/x/y/z", []string{"a=x"}},
		{"the last", map[string][]any{"a": {split("/", -1)}}, "x/y/z", []string{"a=z"}},
		{"the last of one", map[string][]any{"a": {split("/", -1)}}, "z", []string{"a=z"}},
		{"one within one", map[string][]any{"a": {split("/", -1), split("_", 1)}}, "x/k_v_w", []string{"a=v"}},
		{"from both ends", map[string][]any{"a": {split("/", 0)}, "b": {split("/", -1), split(".", 0)}}, "x/y/z.json.gz", []string{"a=x", "b=z"}},
		{"two of one", map[string][]any{"a": {split("-", 2)}, "b": {split("-", 0)}}, "q-r-s/t", []string{"b=q", "a=s/t"}},
		{"too few", map[string][]any{"a": {split("/", 2)}}, "x/y", nil},
		{"odd characters", map[string][]any{"a": {split("]", 0)}, "b": {split("]", 1), split("^", 1)}}, "x]y^z", []string{"a=x", "b=z"}},
		{"a line break", map[string][]any{"a": {split("/", 1)}}, "x\n/y\n/z\n", []string{"a=y\n"}},
	} {
		t.Run(tt.why, func(t *testing.T) {
			root := &settings{members: map[string]any{}, mistakes: new([]error)}
			pattern := newKeyPattern()
			for _, name := range []string{"a", "b"} {
				if tt.definitions[name] == nil {
					continue
				}
				if _, err := pattern.add(name, root.each(name, tt.definitions[name])); err != nil {
					t.Fatal(err)
				}
			}
			d := text
			d.Keys = []string{pattern.String()}
			trace := compile(t, d)[0].Explain(tt.key)
			got := trace[len(trace)-1]
			if got.Matches != (tt.want != nil) {
				t.Errorf("%s and %q: %t", pattern, tt.key, got.Matches)
			}
			if diff := cmp.Diff(tt.want, got.Captured); diff != "" {
				t.Errorf("%s and %q: %s", pattern, tt.key, diff)
			}
		})
	}
}

// Each processor gives a deployment that is right, or one that says what to
// decide.
func TestEveryProcessor(t *testing.T) {
	for name := range processors {
		if name != "unseparated_json_processor_extract_key" {
			name += "_processor"
		}
		out, err := Import{}.Convert(input("", `"routing_template":"my.app.x","file_format":{"type":"`+name+`"}`))
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
