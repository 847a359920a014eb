package workload

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// A service invents objects of one entry of the catalog: a key of one of the
// shapes that are met in the wild, and a body with about the wanted number of
// unpacked bytes.
type service struct {
	name string
	make func(g *generator, size int) *Object
}

var services = []service{
	{"aws_sqs_cloudtrail", (*generator).cloudTrail},
	{"aws_sqs_vpc", (*generator).vpc},
	{"aws_sqs_alb", (*generator).alb},
	{"aws_sqs_elb", (*generator).elb},
	{"aws_sqs_s3_access", (*generator).s3Access},
	{"acme_app", (*generator).app},
}

// A generator is a seeded source of objects.
type generator struct {
	*rand.Rand
	seq int64 // makes every record unlike any other
	now time.Time
}

func newGenerator(seed uint64) *generator {
	return &generator{
		Rand: rand.New(rand.NewPCG(seed, 0x5eed)),
		now:  time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC),
	}
}

// place is an account, a region and a time of day, as keys are built of.
func (g *generator) place() (account, region string, at time.Time) {
	g.seq++
	return pick(g.Rand, accounts), pick(g.Rand, regions), g.now.Add(time.Duration(g.IntN(86400)) * time.Second)
}

func (g *generator) hex(digits int) string {
	return fmt.Sprintf("%0*x", digits, g.Uint64())[:digits]
}

// uuid is one without its first eight digits.
func (g *generator) uuid() string {
	return fmt.Sprintf("%s-4%s-a%s-%s", g.hex(4), g.hex(3), g.hex(3), g.hex(12))
}

func (g *generator) base64(n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(g.Uint32())
	}
	return base64.RawStdEncoding.EncodeToString(b)
}

// prefix is what customers put in front of AWS's own part of a key.
func (g *generator) prefix() string {
	return pick(g.Rand, []string{"", "", "logs/", "team a/prod+eu/", "straße/", "a%2Fb/"})
}

// cloudTrail: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-examples.html
func (g *generator) cloudTrail(size int) *Object {
	account, region, at := g.place()
	tag := "cloud.aws.cloudtrail.events." + account + "." + region
	d, pretty := &draft{}, g.IntN(4) == 0
	d.WriteString(`{"Records":[`)
	for first := true; d.Len() < size; first = false {
		if !first {
			d.WriteByte(',')
		}
		record := g.cloudTrailRecord(account, region, at)
		if !pretty {
			d.add(tag, record)
			continue
		}
		// Line breaks between tokens arrive as spaces.
		wide := bytes.ReplaceAll(record, []byte(`,"event`), []byte(",\r\n\t\"event"))
		d.Write(wide)
		flat := strings.NewReplacer("\r", " ", "\n", " ").Replace(string(wide))
		d.records = append(d.records, idOf([]byte(tag), []byte(flat)))
	}
	d.WriteString("]}")
	org := pick(g.Rand, []string{"", "o-exampleorg1/"})
	return &Object{
		Key: fmt.Sprintf("%sAWSLogs/%s%s/CloudTrail/%s/%s/%s_CloudTrail_%s_%s_%s.json.gz", g.prefix(), org, account, region,
			at.Format("2006/01/02"), account, region, at.Format("20060102T1504Z"), g.hex(16)),
		Body: d.packed(g.Rand, 1+size/(8<<20)), records: d.records,
	}
}

func (g *generator) cloudTrailRecord(account, region string, at time.Time) []byte {
	g.seq++
	at = at.Add(time.Duration(g.IntN(300)) * time.Second)
	event := pick(g.Rand, []string{"GetObject", "AssumeRole", "DescribeInstances", "PutItem", "CreateLogStream"})
	agent, request := "aws-cli/2.27.0 md/Botocore#1.38 ua/2.1 os/linux#6.1 md/arch#arm64 lang/python#3.13", fmt.Sprintf(
		`{"bucketName":"acme-data","Host":"acme-data.s3.%s.amazonaws.com","key":"exports/2026/11/part-%s%s.parquet"}`, region, g.hex(8), g.uuid())
	if g.IntN(16) == 0 { // what a careless scanner trips over
		agent, request = `[agent \"quoted\" \\ }]{ /1.0]`, `{"Records":[{"nested":[1,2,{"x":"]}"}]}],"note":"caf\u00e9 ü]}"}`
	}
	return fmt.Appendf(nil, `{"eventVersion":"1.11","userIdentity":{"type":"AssumedRole","principalId":"AROAEXAMPLE0123456789:%[1]s",`+
		`"arn":"arn:aws:sts::%[2]s:assumed-role/app/%[1]s","accountId":"%[2]s","accessKeyId":"ASIAEXAMPLE%[3]s","sessionContext":`+
		`{"sessionIssuer":{"type":"Role","principalId":"AROAEXAMPLE0123456789","arn":"arn:aws:iam::%[2]s:role/app","accountId":"%[2]s",`+
		`"userName":"app"},"attributes":{"creationDate":"%[4]s","mfaAuthenticated":"false"}}},"eventTime":"%[4]s",`+
		`"eventSource":"s3.amazonaws.com","eventName":"%[5]s","awsRegion":"%[6]s","sourceIPAddress":"%[7]s","userAgent":"%[8]s",`+
		`"requestParameters":%[9]s,"responseElements":null,"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":`+
		`"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"%[14]s=","bytesTransferredOut":%[10]d},`+
		`"requestID":"%[11]s","eventID":"%08[12]x-%[15]s","readOnly":%[13]t,"resources":[{"type":"AWS::S3::Object","ARN":`+
		`"arn:aws:s3:::acme-data/exports"},{"accountId":"%[2]s","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::acme-data"}],`+
		`"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"%[2]s","eventCategory":"Data","tlsDetails":`+
		`{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"acme-data.s3.%[6]s.amazonaws.com"}}`,
		g.hex(8), account, g.hex(12), at.Format(time.RFC3339), event, region, ip(g.Rand), agent, request, g.IntN(1<<24), g.hex(16), g.seq, g.IntN(2) == 0, g.base64(56), g.uuid())
}

// vpc: https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-s3-path.html
func (g *generator) vpc(size int) *Object {
	account, region, at := g.place()
	d := &draft{}
	d.WriteString("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n")
	for d.Len() < size {
		g.seq++
		d.line("cloud.aws.vpc.flow", fmt.Appendf(nil, "2 %s eni-%012x %s %s %d %d 6 %d %d %d %d %s OK", account, g.seq,
			ip(g.Rand), ip(g.Rand), g.IntN(65536), g.IntN(65536), 1+g.IntN(99), g.IntN(1e6), at.Unix(), at.Unix()+60,
			pick(g.Rand, []string{"ACCEPT", "REJECT"})), "\n")
	}
	name := fmt.Sprintf("%s_vpcflowlogs_%s_fl-%s_%s_%s.log.gz", account, region, g.hex(8), at.Format("20060102T1504Z"), g.hex(8))
	path := fmt.Sprintf("AWSLogs/%s/vpcflowlogs/%s/%s/", account, region, at.Format(pick(g.Rand, []string{"2006/01/02", "2006/01/02/15"})))
	if g.IntN(3) == 0 {
		path = fmt.Sprintf("AWSLogs/aws-account-id=%s/aws-service=vpcflowlogs/aws-region=%s/%s/", account, region,
			at.Format("year=2006/month=01/day=02/hour=15"))
	}
	return &Object{Key: g.prefix() + path + name, Body: d.packed(g.Rand, 1+g.IntN(3)), First: 1, records: d.records}
}

// alb: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
func (g *generator) alb(size int) *Object {
	account, region, at := g.place()
	d := &draft{}
	for d.Len() < size {
		g.seq++
		d.line("web.aws.alb.access", fmt.Appendf(nil, `https %s app/my-lb-2/%s %s:%d %s:80 0.000 0.001 0.000 200 200 34 366 `+
			`"GET https://www.example.com:443/a?id=%d HTTP/1.1" "curl/8.1 \"x\"" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 `+
			`arn:aws:elasticloadbalancing:%s:%s:targetgroup/my-targets/73e2d6bc24d8a067 "Root=1-%08x-%s" "www.example.com" "-" 0 `+
			`%s "forward" "-" "-" "%s:80" "200" "-" "-" TID_%s`,
			at.Format("2006-01-02T15:04:05.000000Z"), g.hex(16), ip(g.Rand), g.IntN(65536), ip(g.Rand), g.seq, region, account,
			at.Unix(), g.hex(16), at.Format("2006-01-02T15:04:05.000000Z"), ip(g.Rand), g.hex(16)), "\n")
	}
	return &Object{
		Key: fmt.Sprintf("%sAWSLogs/%s/elasticloadbalancing/%s/%s/%s_elasticloadbalancing_%s_app.my-lb-2.%s_%s_%s_%s.log.gz", g.prefix(),
			account, region, at.Format("2006/01/02"), account, region, g.hex(16), at.Format("20060102T1504Z"), ip(g.Rand), g.hex(8)),
		Body: d.packed(g.Rand, 1), records: d.records,
	}
}

// elb: https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/access-log-collection.html
func (g *generator) elb(size int) *Object {
	account, region, at := g.place()
	d := &draft{}
	for d.Len() < size {
		g.seq++
		d.line("web.aws.elb.access", fmt.Appendf(nil, `%s my-loadbalancer %s:%d %s:80 0.000073 0.001048 0.000057 200 200 0 29 `+
			`"GET http://www.example.com:80/?id=%d HTTP/1.1" "curl/8.1" - -`,
			at.Format("2006-01-02T15:04:05.000000Z"), ip(g.Rand), g.IntN(65536), ip(g.Rand), g.seq), "\n")
	}
	return &Object{
		Key: fmt.Sprintf("%sAWSLogs/%s/elasticloadbalancing/%s/%s/%s_elasticloadbalancing_%s_my-loadbalancer_%s_%s_%s.log", g.prefix(),
			account, region, at.Format("2006/01/02"), account, region, at.Format("20060102T1504Z"), ip(g.Rand), g.hex(8)),
		Body: bytes.Clone(d.Bytes()), records: d.records,
	}
}

// s3Access: https://docs.aws.amazon.com/AmazonS3/latest/userguide/LogFormat.html
func (g *generator) s3Access(size int) *Object {
	account, region, at := g.place()
	d := &draft{}
	for d.Len() < size {
		g.seq++
		d.line("web.aws.s3.access", fmt.Appendf(nil, `79a59df900b949e5 acme-site [%s] %s - %016X REST.GET.OBJECT photos/%%2B%d.jpg `+
			`"GET /acme-site/photos/%%2B%d.jpg HTTP/1.1" 200 - 113 113 7 6 "-" "S3Console/0.4" - %s= SigV4 ECDHE-RSA-AES128-GCM-SHA256 `+
			`AuthHeader acme-site.s3.%s.amazonaws.com TLSv1.2 - -`,
			at.Format("02/Jan/2006:15:04:05 +0000"), ip(g.Rand), g.seq, g.seq, g.seq, g.hex(16), region), "\n")
	}
	name := at.Format("2006-01-02-15-04-05-") + strings.ToUpper(g.hex(16))
	path := "access/"
	if g.IntN(2) == 0 {
		path = fmt.Sprintf("access/%s/%s/acme-site/%s/", account, region, at.Format("2006/01/02"))
	}
	return &Object{Key: path + name, Body: bytes.Clone(d.Bytes()), records: d.records}
}

// app is the customer's own source of the deployment that run writes: text with
// all that can go wrong in a line.
func (g *generator) app(size int) *Object {
	_, _, at := g.place()
	env := pick(g.Rand, []string{"prod", "Test 1"})
	tag := "my.app.acme." + strings.ReplaceAll(env, " ", "_")
	d := &draft{}
	for d.Len() < size {
		g.seq++
		oddity := pick(g.Rand, []string{"", "", "", "caf\xe9", "\x00", "a\rb", "\\n", "\u2028", strings.Repeat("long ", g.IntN(30_000))})
		d.line(tag, fmt.Appendf(nil, "%s %d <14>not a header: %s.", at.Format(time.RFC3339), g.seq, oddity), pick(g.Rand, []string{"\n", "\r\n"}))
	}
	body := bytes.TrimRight(d.Bytes(), "\r\n") // no line break at the end
	return &Object{
		Key:  fmt.Sprintf("app/%s/%s-%s.log", env, at.Format("2006-01-02"), g.hex(12)),
		Body: bytes.Clone(body), records: d.records,
	}
}
