package config

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/parsers"
	"github.com/devo-s3/collector/sources"
)

// A service of the catalog, and a source of one's own, take filters, routes and
// redaction from the file.
func TestShaping(t *testing.T) {
	const shaping = `
        filters:
          - name: writes
            include: {not: {value: record.readOnly, equals: ["true"]}}
          - exclude:
              any:
                - {value: record.sourceIPAddress, cidr: [10.0.0.0/8]}
                - all: [{value: record.size, compare: "< 10"}, {value: text, regexp: '"size"'}]
        routes:
          - when: {value: record.errorCode, contains: [Denied]}
            tag: cloud.aws.cloudtrail.denied
          - by: record.eventSource
            table: {s3.amazonaws.com: cloud.aws.cloudtrail.s3}
        redact: {drop: [record.userIdentity.userName], mask: [record.requestParameters]}`
	text := strings.Replace(in("eu-west-1", "aws"), "[aws_sqs_vpc]", `
      - service: aws_sqs_cloudtrail`+shaping+`
      - name: own
        keys: [own/**]
        format: json
        options: {path: Records}
        tag: my.app.own`+shaping, 1)
	set := parse(t, text).Queues[0].Sources
	const object = `{"Records":[
		{"readOnly":true},
		{"sourceIPAddress":"10.1.1.1"},
		{"size":9},
		{"size":10,"errorCode":"AccessDenied"},
		{"eventSource":"s3.amazonaws.com","userIdentity":{"userName":"ann","type":"IAMUser"},"requestParameters":{"a":[1]}},
		{"eventSource":"new.amazonaws.com"}]}`
	want := []string{
		"writes", "filters[1]", "filters[1]",
		`cloud.aws.cloudtrail.denied {"size":10,"errorCode":"AccessDenied"}`,
		`cloud.aws.cloudtrail.s3 {"eventSource":"s3.amazonaws.com","userIdentity":{"type":"IAMUser"},"requestParameters":"***"}`,
		"bad tag",
	}
	for _, key := range []string{"AWSLogs/111122223333/CloudTrail/eu-west-1/2026/11/23/x.json.gz", "own/x"} {
		m, ok := set.Match(key)
		if !ok {
			t.Fatalf("%s: no match", key)
		}
		var got []string
		shaper := m.Shaper(sources.Object{})
		for r, err := range m.Source.Parser().Records(t.Context(), parsers.Input{Stream: io.NopCloser(strings.NewReader(object))}) {
			if err != nil {
				t.Fatal(err)
			}
			line, rule := shaper.Shape(r)
			tag, ok := shaper.Tag(r)
			switch {
			case rule != "":
				got = append(got, rule)
			case !ok:
				got = append(got, "bad tag")
			default:
				got = append(got, string(tag)+" "+string(line))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", m.Source.Name(), diff)
		}
	}
}
