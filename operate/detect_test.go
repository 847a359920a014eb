package operate

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

// A generic service takes keys of any other, and so is asked last.
func TestTheCatalogEndsWithWhatIsGeneric(t *testing.T) {
	set, err := Catalog()
	if err != nil {
		t.Fatal(err)
	}
	generic := false
	for _, s := range set {
		asksTag := slices.Contains(s.Definition().Asks, "tag")
		if generic && !asksTag {
			t.Errorf("%s comes behind a generic service", s.Name())
		}
		generic = asksTag
	}
	for key, want := range map[string]string{
		"AWSLogs/111122223333/vpcflowlogs/eu-west-1/2026/11/23/x.log.parquet": "aws_vpc_parquet",
		"x.parquet": "parquet",
	} {
		if m, ok := set.Match(key); !ok || m.Source.Name() != want {
			t.Errorf("%s: %t, want %s", key, ok, want)
		}
	}
}

// A change is what becomes of a sample that still is its service's.
type change struct {
	name  string
	least float64                     // the share of the samples that must be detected
	make  func(content []byte) []byte // gives nil for what it cannot change
	// documents says that it leaves the number of records as it is.
	documents bool
}

var changes = []change{
	{"as it is", 0.96, nil, false},
	{"keys in another order", 0.95, rewritten(turned), true},
	{"pretty-printed", 0.95, rewritten(onManyLines), true},
	{"CR LF", 0.95, func(b []byte) []byte { return bytes.ReplaceAll(b, []byte("\n"), []byte("\r\n")) }, false},
	{"three lines", 0.9, func(b []byte) []byte { return bytes.Join(firstOf(bytes.SplitAfter(b, []byte("\n")), 3), nil) }, false},
}

func firstOf[T any](s []T, n int) []T { return s[:min(n, len(s))] }

// rewritten writes each document of an object of JSON anew, a line each. It gives nil
// for what is not JSON.
func rewritten(write func(any) ([]byte, error)) func([]byte) []byte {
	return func(b []byte) []byte {
		var out bytes.Buffer
		d := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(b, []byte("\uFEFF"))))
		d.UseNumber()
		for {
			var v any
			if err := d.Decode(&v); err == io.EOF {
				return out.Bytes()
			} else if err != nil {
				return nil
			}
			text, err := write(v)
			if err != nil {
				return nil
			}
			out.Write(text)
			out.WriteByte('\n')
		}
	}
}

// turned writes JSON as Python does, with the keys in the opposite of their order.
func turned(v any) ([]byte, error) {
	var parts []string
	open, end := "[", "]"
	switch v := v.(type) {
	case map[string]any:
		open, end = "{", "}"
		keys := slices.Sorted(maps.Keys(v))
		slices.Reverse(keys)
		for _, key := range keys {
			name, _ := json.Marshal(key)
			value, err := turned(v[key])
			if err != nil {
				return nil, err
			}
			parts = append(parts, string(name)+": "+string(value))
		}
	case []any:
		for _, e := range v {
			value, err := turned(e)
			if err != nil {
				return nil, err
			}
			parts = append(parts, string(value))
		}
	default:
		return json.Marshal(v)
	}
	return []byte(open + strings.Join(parts, ", ") + end), nil
}

// onManyLines writes JSON over many lines.
func onManyLines(v any) ([]byte, error) {
	text, err := turned(v)
	var out bytes.Buffer
	if err == nil {
		err = json.Indent(&out, text, "", "  ")
	}
	return out.Bytes(), err
}

// contentOf is a sample's content, or nil if it is packed in something else than gzip, or
// is no text.
func contentOf(t *testing.T, s sample) []byte {
	t.Helper()
	b := read(t, s.dir+"/object")
	if z, err := gzip.NewReader(bytes.NewReader(b)); err == nil {
		if b, err = io.ReadAll(z); err != nil {
			return nil
		}
	}
	if bytes.IndexByte(b, 0) >= 0 {
		return nil
	}
	return b
}

// Its content alone shows whose an object is, nearly always: some services write the
// same as others. That is so, too, when the samples are written otherwise.
func TestDetectSamples(t *testing.T) {
	set, err := Catalog()
	if err != nil {
		t.Fatal(err)
	}
	all := samples(t)
	for _, c := range changes {
		t.Run(c.name, func(t *testing.T) {
			objects, right := 0, 0
			done := make(map[string]bool)
			for _, s := range all {
				o := s.changed(t, c)
				if o == nil || c.make != nil && done[s.source] {
					continue
				}
				done[s.source] = true // one of each service is enough, and takes a while
				objects++
				likely, err := Detect(t.Context(), set, o)
				if err != nil {
					t.Fatal(err)
				}
				if len(likely) > 0 && (likely[0].Name() == s.source || slices.Contains(s.sources[0].Definition().Services, likely[0].Name())) {
					right++
					continue
				}
				t.Logf("%s/%s looks like %s", s.source, s.name, names(likely))
			}
			t.Logf("%d of %d objects detected, %.1f %%", right, objects, 100*float64(right)/float64(objects))
			if float64(right) < c.least*float64(objects) {
				t.Errorf("want %.0f %%", 100*c.least)
			}
		})
	}
}

// changed is the sample after a change, or nil if it is no more a whole one of its
// service.
func (s sample) changed(t *testing.T, c change) *Object {
	t.Helper()
	switch {
	case exists(s.dir+"/deployment.yaml") || !s.good():
		return nil
	case c.make == nil:
		return s.object
	}
	content := c.make(contentOf(t, s))
	if len(content) == 0 {
		return nil
	}
	o := put(t, s.object.Key, content)
	if n, m := understood(t, s, s.object), understood(t, s, o); m == 0 || c.documents && n != m {
		return nil
	}
	return o
}

// understood is how many records one of a sample's services finds in the object; 0 if
// it does not understand all of them.
func understood(t *testing.T, s sample, o *Object) int {
	t.Helper()
	for _, service := range append(slices.Clone(s.sources[0].Definition().Services), s.source) {
		source, err := Service(service)
		if err != nil || source.Members() != nil {
			continue
		}
		in, err := o.open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		g := source.Guess(t.Context(), in.Input)
		_ = in.Close()
		if g.Err == nil && g.Parsed == g.Records {
			return g.Records
		}
	}
	return 0
}

func names(likely []Likely) string {
	var all []string
	for _, l := range firstOf(likely, 3) {
		all = append(all, l.Name())
	}
	return cmp.Or(strings.Join(all, ", "), "nothing")
}

// Content of which detection said something else, and what it looks like.
func TestDetectWhatIsNobodysAndWhatIsSomebodys(t *testing.T) {
	set, err := Catalog()
	if err != nil {
		t.Fatal(err)
	}
	const bare = `{"eventVersion":"1.08","userIdentity":{"type":"Root"},"eventTime":"2026-11-23T05:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","eventID":"0a1b"}`
	const flow = "2 111122223333 eni-0a1 192.0.2.1 198.51.100.1 443 50001 6 5 300 1795410000 1795410060 ACCEPT OK\n"
	s3 := func(requester string) string {
		return "79a5 Logs_of.acme [23/Nov/2026:05:00:01 +0000] 192.0.2.1 " + requester + ` 3E57 REST.GET.OBJECT k "GET /k HTTP/1.1" 200 - 1 1 1 1 "-" "UA" - h SigV4 T A b.s3 TLSv1.3 - -` + "\n"
	}
	noise := make([]byte, 4<<10)
	for i := range noise {
		noise[i] = byte(i*i*31 + i>>3)
	}
	turnedLogs := func(group, message string) string {
		return fmt.Sprintf(`{"logEvents":[{"message":%q,"timestamp":1795410001000,"id":"1"}],"logStream":"s","logGroup":%q,"owner":"111122223333","messageType":"DATA_MESSAGE"}`, message, group)
	}
	for _, c := range []struct{ why, content, want string }{
		{"CloudWatch Logs, the log events first", turnedLogs("app", "started") + turnedLogs("app", "stopped"), "aws_sqs_cloudwatch"},
		{"flows in CloudWatch Logs, the log events first", turnedLogs("flows", flow), "aws_sqs_cloudwatch_vpc"},
		{"RDS in CloudWatch Logs, the log events first", turnedLogs("/aws/rds/x", "20261123 05:00:01,h,u,192.0.2.1,7,9,QUERY,d,'SELECT 1',0"), "aws_sqs_rds"},
		{"Kubernetes in CloudWatch Logs, the log events first", turnedLogs("g", `{"kubernetes":{"pod_name":"p"}}`), "aws_sqs_kubernetes"},
		{"one word of a flow log's header", "no action taken today\nfoo bar\n", "text_lines"},
		{"two of its words, and others", "start of an action\nfoo bar\n", "text_lines"},
		{"a flow log's header", "version srcaddr action\n" + flow, "aws_sqs_vpc"},
		{"a flow log's header, the action first", "action bytes\nACCEPT 7\n", "aws_sqs_vpc"},
		{"a trail, one of whose records lacks a field", `{"Records":[{"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z","eventID":"a","eventType":"AwsApiCall","awsRegion":"r","recipientAccountId":"123456789012"},{"eventVersion":"1.08","eventTime":"2026-01-01T00:00:00Z","eventID":"b","awsRegion":"r"}]}`, "aws_sqs_cloudtrail"},
		{"a trail, none of whose records has the account", `{"Records":[` + bare + `]}`, "aws_sqs_cloudtrail"},
		{"bare events of a trail", bare + "\n" + bare, "aws_sqs_cloudtrail_kinesis"},
		{"bare events of a trail in an array", "[" + bare + "," + bare + "]", "aws_sqs_cloudtrail_kinesis"},
		{"S3 access", s3("-"), "aws_sqs_s3_access"},
		{"S3 access of a requester with spaces", s3("arn:aws:iam::cloudfront:user/CloudFront Origin Access Identity E2EX"), "aws_sqs_s3_access"},
		{"CEF", "<134>Nov 23 05:00:01 gw7 CEF:1|ACME|ids|2|815|Scan|High|dst=192.0.2.1\n", "cef"},
		{"nobody's lines of JSON", `{"id":1,"type":"a"}` + "\n" + `{"id":2,"type":"b"}` + "\n", "json_lines"},
		{"nobody's lines of JSON with a name of somebody's", `{"eventType":"login","user":"zoe","action":"x"}` + "\n", "json_lines"},
		{"nobody's array", `[{"id":1,"severity":"high"},{"id":2}]`, "json_array"},
		{"nobody's documents", `{"id":1}{"id":2}`, "aws_firehose_json"},
		{"nobody's table", "id,name\n1,a\n2,b\n", "csv"},
		{"nobody's text", "started\nstopped, at last\n", "text_lines"},
		{"text with commas", "2026-11-23 05:00:01,123 INFO a\n2026-11-23 05:00:02,456 INFO b\n", "text_lines"},
		{"traces", "2026-11-23 05:00:01 ERROR x\n\tat a.B\n2026-11-23 05:00:02 ERROR y\n\tat c.D\n", "text_multiline"},
		{"syslog", "<165>1 2026-11-23T05:00:01Z gw7 sshd 815 ID47 - x\n", "syslog"},
		{"no bytes", "", ""},
		{"blank lines", "\n\n", ""},
		{"noise", string(noise), ""},
		{"zlib", "\x78\x9c" + string(noise[:1000]), ""},
		{"7z", "7z\xbc\xaf\x27\x1c\x00\x04" + string(noise[:1000]), ""},
	} {
		likely, err := Detect(t.Context(), set, put(t, "x", []byte(c.content)))
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if len(likely) > 0 {
			got = likely[0].Name()
		}
		if got != c.want {
			t.Errorf("%s looks like %s, want %q", c.why, names(likely), c.want)
		}
	}
}
