package parsers

import (
	"bytes"
	stdgzip "compress/gzip"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/klauspost/compress/gzip"
)

// cloudTrail is an invented CloudTrail object of about size bytes.
func cloudTrail(size int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	id := func(n int) string {
		b := make([]byte, n)
		for i := range b {
			b[i] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[r.IntN(32)]
		}
		return string(b)
	}
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	var out bytes.Buffer
	out.WriteString(`{"Records":[`)
	for i := 0; out.Len() < size; i++ {
		if i > 0 {
			out.WriteByte(',')
		}
		service := pick("s3", "ec2", "sts", "kms", "iam", "logs", "dynamodb")
		role := pick("deploy", "audit-reader", "backup", "ingest-worker")
		fmt.Fprintf(&out, `{"eventVersion":"1.09","userIdentity":{"type":"AssumedRole","principalId":"AROA%s:session-%d","arn":"arn:aws:sts::111122223333:assumed-role/%s/session-%d","accountId":"111122223333","accessKeyId":"ASIA%s","sessionContext":{"sessionIssuer":{"type":"Role","principalId":"AROA%s","arn":"arn:aws:iam::111122223333:role/%s","accountId":"111122223333","userName":"%s"},"webIdFederationData":{},"attributes":{"creationDate":"2026-05-%02dT%02d:12:33Z","mfaAuthenticated":"false"}},"invokedBy":"%s.amazonaws.com"},`,
			id(17), r.IntN(100000), role, i, id(16), id(17), role, role, 1+r.IntN(28), r.IntN(24), service)
		fmt.Fprintf(&out, `"eventTime":"2026-05-%02dT%02d:%02d:%02dZ","eventSource":"%s.amazonaws.com","eventName":"%s","awsRegion":"%s","sourceIPAddress":"10.%d.%d.%d","userAgent":"[aws-sdk-go-v2/1.30 os/linux lang/go#1.24 md/GOOS#linux api/%s#1.5]",`,
			1+r.IntN(28), r.IntN(24), r.IntN(60), r.IntN(60), service, pick("GetObject", "Decrypt", "DescribeInstances", "AssumeRole", "PutItem"), pick("eu-west-1", "us-east-1", "ap-southeast-2"), r.IntN(256), r.IntN(256), r.IntN(256), service)
		if r.IntN(20) == 0 {
			out.WriteString(`"requestParameters":{"policyDocument":"{\"Version\":\"2012-10-17\",\"Statement\":[{\"Effect\":\"Allow\",\"Action\":\"s3:*\",\"Resource\":\"*\"}]}"},`)
		} else {
			fmt.Fprintf(&out, `"requestParameters":{"bucketName":"logs-%d","key":"data/2026/05/%s.parquet","Host":"logs-%d.s3.eu-west-1.amazonaws.com"},`, r.IntN(50), id(20), r.IntN(50))
		}
		fmt.Fprintf(&out, `"responseElements":null,"additionalEventData":{"SignatureVersion":"SigV4","CipherSuite":"TLS_AES_128_GCM_SHA256","bytesTransferredIn":0,"AuthenticationMethod":"AuthHeader","x-amz-id-2":"%s=","bytesTransferredOut":%d},"requestID":"%s","eventID":"%x-%x-4%x","readOnly":true,"resources":[{"type":"AWS::S3::Object","ARN":"arn:aws:s3:::logs-%d/data/%s"},{"accountId":"111122223333","type":"AWS::S3::Bucket","ARN":"arn:aws:s3:::logs-%d"}],"eventType":"AwsApiCall","managementEvent":false,"recipientAccountId":"%012d","sharedEventID":"%x-%x","eventCategory":"Data","tlsDetails":{"tlsVersion":"TLSv1.3","cipherSuite":"TLS_AES_128_GCM_SHA256","clientProvidedHostHeader":"logs.s3.eu-west-1.amazonaws.com"}}`,
			id(75), r.IntN(1<<20), id(16), r.Uint32(), r.Uint64(), r.Uint32(), r.IntN(50), id(20), r.IntN(50), r.Int64N(1e12), r.Uint32(), r.Uint64())
	}
	out.WriteString(`]}`)
	return out.Bytes()
}

// vpcFlow is an invented VPC flow log of about size bytes.
func vpcFlow(size int) []byte {
	r := rand.New(rand.NewPCG(3, 4))
	var out bytes.Buffer
	out.WriteString("version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action log-status\n")
	for out.Len() < size {
		start := 1780000000 + r.IntN(100000)
		fmt.Fprintf(&out, "2 111122223333 eni-%017x 10.%d.%d.%d 172.31.%d.%d %d %d 6 %d %d %d %d ACCEPT OK\n", r.IntN(4000), r.IntN(4), r.IntN(256), r.IntN(256),
			r.IntN(256), r.IntN(256), 1024+r.IntN(60000), 443, 1+r.IntN(50), 40+r.IntN(60000), start, start+60)
	}
	return out.Bytes()
}

func pack(data []byte) []byte {
	var out bytes.Buffer
	w := stdgzip.NewWriter(&out)
	w.Write(data)
	w.Close()
	return out.Bytes()
}

const benchSize = 32 << 20

// BenchmarkRecords is to be compared with BenchmarkGunzip, the least that must
// be done, and BenchmarkCopy, which reads a plain object; all with -cpu 1.
func BenchmarkRecords(b *testing.B) {
	for _, c := range []struct {
		name string
		spec Spec
		data []byte
	}{
		{"json", Spec{Format: "json", Options: &JSONOptions{Path: Paths{"Records"}}, Fields: []string{"recipientAccountId", "awsRegion"}}, cloudTrail(benchSize)},
		{"json_concatenated", Spec{Format: "json", Options: &JSONOptions{Shape: shapeConcatenated}, Fields: []string{"recipientAccountId", "awsRegion"}}, jsonLines(benchSize, "")},
		{"json_lines", Spec{Format: "json", Options: &JSONOptions{Shape: shapeLines}, Fields: []string{"recipientAccountId", "awsRegion"}}, jsonLines(benchSize, "\n")},
		{"json_auto", Spec{Format: "json", Options: &JSONOptions{Shape: shapeAuto}, Fields: []string{"recipientAccountId", "awsRegion"}}, jsonLines(benchSize, "\n")},
		{"cloudwatch_message", Spec{Format: "cloudwatch", Fields: []string{"owner", "logGroup"}}, cloudWatchLogs(benchSize)},
		{"cloudwatch_message_path", Spec{Format: "cloudwatch", Fields: []string{"owner", "message.level"}}, cloudWatchLogs(benchSize)},
		{"cloudwatch_event", Spec{Format: "cloudwatch", Options: &CloudWatchOptions{Record: recordEvent}, Fields: []string{"owner", "logGroup"}}, cloudWatchLogs(benchSize)},
		{"xml", Spec{Format: "xml", Fields: []string{"System/EventID", "System/Channel"}}, windowsEvents(benchSize)},
		{"lines", Spec{Format: "lines", Options: &LinesOptions{Header: "drop"}}, vpcFlow(benchSize)},
	} {
		p, err := Compile(c.spec)
		if err != nil {
			b.Fatal(err)
		}
		packed := pack(c.data)
		run := func(object []byte) func(*testing.B) {
			return func(b *testing.B) {
				b.SetBytes(int64(len(c.data)))
				b.ReportAllocs()
				for b.Loop() {
					n := 0
					for r, err := range p.Records(context.Background(), Input{Stream: io.NopCloser(bytes.NewReader(object))}) {
						if err != nil {
							b.Fatal(err)
						}
						n += len(r.Raw)
					}
					if n == 0 {
						b.Fatal("no records")
					}
				}
			}
		}
		b.Run(c.name+"/plain", run(c.data))
		b.Run(c.name+"/gzip", run(packed))
		b.Run(c.name+"/gunzip_alone", func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			buf := make([]byte, 64<<10)
			z := new(gzip.Reader)
			for b.Loop() {
				if err := z.Reset(bytes.NewReader(packed)); err != nil {
					b.Fatal(err)
				}
				for err := error(nil); err == nil; {
					_, err = z.Read(buf)
				}
			}
		})
		b.Run(c.name+"/gunzip_alone_std", func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			buf := make([]byte, 64<<10)
			z := new(stdgzip.Reader)
			for b.Loop() {
				if err := z.Reset(bytes.NewReader(packed)); err != nil {
					b.Fatal(err)
				}
				for err := error(nil); err == nil; {
					_, err = z.Read(buf)
				}
			}
		})
	}
}
