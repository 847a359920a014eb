// Command bench measures what the collector costs against the floor: gunzip
// the object and write, in 64 KiB pieces, bytes of exactly the length that the
// collector puts on the wire, over the same S3 and connection code.
//
// The collector is the real function over the Runtime API, with confirmation
// and ledger on; S3, DynamoDB and the receiver are in this process, the sender
// in another with one core. CPU-seconds are the sender's. Runs are interleaved,
// because machines are noisy, and the median ratio is what counts.
package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/devo-s3/collector/cmd/collector/workload"
	"github.com/devo-s3/collector/local"
)

func main() {
	var err error
	if len(os.Args) > 1 && os.Args[1] == "floor" {
		err = floor(os.Args[2:])
	} else {
		err = bench()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// A run is one measurement of one side.
type run struct {
	CPU  float64 `json:"cpu_seconds"`
	Wall float64 `json:"wall_seconds"`
}

// A row is the result of one service.
type row struct {
	Case       string  `json:"case"`
	Size       int64   `json:"size"` // unpacked bytes
	Cores      int     `json:"cores"`
	MBps       float64 `json:"mb_per_s"` // unpacked MB per CPU-second
	FloorMBps  float64 `json:"floor_mb_per_s"`
	Ratio      float64 `json:"ratio"`
	RSSMiB     float64 `json:"rss_mib"`
	TenRSSMiB  float64 `json:"rss_mib_ten_in_flight"`
	WireBytes  int64   `json:"wire_bytes"`
	RecordsPer float64 `json:"records_per_s"`
}

func bench() error {
	size := flag.Int("size", 1024, "unpacked MiB of each object")
	runs := flag.Int("runs", 3, "interleaved runs of each side; the median counts")
	services := flag.String("services", "aws_sqs_cloudtrail,aws_sqs_vpc,aws_sqs_alb", "what to measure")
	bootstrap := flag.String("bootstrap", "dist/local/bootstrap", "the function's binary")
	out := flag.String("out", "dist/bench.json", "where to write the rows")
	flag.Parse()
	var rows []row
	fmt.Printf("%-20s %8s %10s %10s %7s %10s %12s\n", "case", "MiB", "MB/cpu-s", "floor", "ratio", "RSS MiB", "RSS, ten")
	for _, s := range strings.Split(*services, ",") {
		r, err := measure(s, *size<<20, *runs, *bootstrap)
		if err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
		rows = append(rows, r)
		fmt.Printf("%-20s %8d %10.0f %10.0f %7.2f %10.1f %12.1f\n", r.Case, r.Size>>20, r.MBps, r.FloorMBps, r.Ratio, r.RSSMiB, r.TenRSSMiB)
	}
	b, err := json.MarshalIndent(rows, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(*out, append(b, '\n'), 0o644)
}

// measure compares the two sides on one object.
func measure(service string, size, runs int, bootstrap string) (row, error) {
	object, err := workload.Sample(service, 1, size)
	if err != nil {
		return row{}, err
	}
	site, err := newSite(bootstrap)
	if err != nil {
		return row{}, err
	}
	defer site.close()
	if err := site.warm(service); err != nil {
		return row{}, err
	}
	var floors, collectors []run
	var wire int64
	for i := range runs {
		before := site.receiver.Counts().Bytes
		c, err := site.collector(fmt.Sprintf("run-%d/%s", i, object.Key), object.Body)
		if err != nil {
			return row{}, err
		}
		wire = site.receiver.Counts().Bytes - before
		f, err := site.floor(fmt.Sprintf("run-%d/%s", i, object.Key), wire)
		if err != nil {
			return row{}, err
		}
		collectors, floors = append(collectors, c), append(floors, f)
	}
	var ratios []float64
	for i := range runs {
		ratios = append(ratios, floors[i].CPU/collectors[i].CPU)
	}
	r := row{
		Case: service, Size: int64(size), Cores: 1, WireBytes: wire, Ratio: median(ratios),
		MBps: float64(size) / 1e6 / medianCPU(collectors), FloorMBps: float64(size) / 1e6 / medianCPU(floors),
		RecordsPer: float64(object.Records()) / medianCPU(collectors),
		RSSMiB:     float64(site.function.PeakRSS()) / (1 << 20),
	}
	r.TenRSSMiB, err = site.ten(object)
	return r, err
}

func median(of []float64) float64 {
	s := slices.Sorted(slices.Values(of))
	return s[len(s)/2]
}

func medianCPU(of []run) float64 {
	s := slices.SortedFunc(slices.Values(of), func(a, b run) int { return cmp.Compare(a.CPU, b.CPU) })
	return s[len(s)/2].CPU
}

// A site is the emulated account with one function of one process on one core.
type site struct {
	dir, bootstrap string
	account        *local.Account
	receiver       *local.Receiver
	function       *local.Function
	env            map[string]string
	keyPair        keyPairFiles
	pid            int
}

const (
	bucket   = "bench-logs"
	queueARN = "arn:aws:sqs:eu-west-1:111122223333:devo-s3-bench"
	role     = "arn:aws:iam::111122223333:role/devo-xs-collector-role"
	devoID   = "444455556666"
)

func newSite(bootstrap string) (s *site, err error) {
	s = &site{bootstrap: bootstrap}
	if s.dir, err = os.MkdirTemp("", "bench-"); err != nil {
		return nil, err
	}
	authority, err := local.NewAuthority()
	if err != nil {
		return nil, err
	}
	if s.receiver, err = local.StartReceiver(local.ReceiverOptions{Authority: authority, OnRecord: func(local.Record) {}}); err != nil {
		return nil, err
	}
	if s.account, err = local.Start(local.Options{Region: "eu-west-1", ID: devoID}); err != nil {
		return nil, err
	}
	if err := s.account.CreateBucket(bucket, local.BucketOptions{Owner: "111122223333"}); err != nil {
		return nil, err
	}
	s.account.CreateTable("devo-s3-collector-bench", "id")
	execution := "arn:aws:iam::" + devoID + ":role/devo-s3-collector-bench"
	s.account.CreateRole(local.Role{ARN: role, Trust: local.Trust{Principals: []string{"arn:aws:iam::" + devoID + ":root"}, ExternalID: "bench-external-id"}})
	key := s.account.CreateKey(execution)
	if s.keyPair, err = writeKeyPair(s.dir, authority); err != nil {
		return nil, err
	}
	file := filepath.Join(s.dir, "config.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, deployment, s.receiver.Addr(), s.keyPair.cert, s.keyPair.key, s.keyPair.chain), 0o600); err != nil {
		return nil, err
	}
	s.env = map[string]string{
		"COLLECTOR_CONFIG": file, "AWS_ENDPOINT_URL": s.account.Endpoint(), "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ACCESS_KEY_ID": key.AccessKeyID, "AWS_SECRET_ACCESS_KEY": key.SecretAccessKey, "AWS_REGION": "eu-west-1",
		"AWS_LAMBDA_LOG_FORMAT": "JSON", "GOMAXPROCS": "1",
	}
	s.function, err = local.StartFunction(local.FunctionOptions{
		Bootstrap: bootstrap, Timeout: 15 * time.Minute, MemoryMiB: 1769, NoFreeze: true, Env: s.env,
		Log: func(_ string, line []byte) {
			if !bytes.Contains(line, []byte(`"level":"INFO"`)) {
				fmt.Fprintf(os.Stderr, "%s\n", line)
			}
		},
		OnStart: func(e local.Started) { s.pid = e.PID },
	})
	return s, err
}

const deployment = `customer: bench
id: "1"
account: "444455556666"
region: eu-west-1
timeout: 15m
devo: {endpoints: ["%s"], files: {cert: %s, key: %s, chain: %s}}
queues:
  - arn: arn:aws:sqs:eu-west-1:111122223333:devo-s3-bench
    role_arn: arn:aws:iam::111122223333:role/devo-xs-collector-role
    external_id: bench-external-id
    buckets: [{name: bench-logs}]
    sources: [aws_sqs_cloudtrail, aws_sqs_vpc, aws_sqs_alb, aws_sqs_elb]
`

// warm makes the function's first calls, so that they are not measured.
func (s *site) warm(service string) error {
	o, err := workload.Sample(service, 2, 1000)
	if err != nil {
		return err
	}
	_, err = s.collector("warm/"+o.Key, o.Body)
	return err
}

// collector delivers one object through the real function.
func (s *site) collector(key string, body []byte) (run, error) {
	if err := s.account.Put(bucket, key, body); err != nil {
		return run{}, err
	}
	before, err := cpuOf(s.pid)
	if err != nil {
		return run{}, err
	}
	begun := time.Now()
	if err := s.invoke(key); err != nil {
		return run{}, err
	}
	wall := time.Since(begun)
	after, err := cpuOf(s.pid)
	return run{CPU: after - before, Wall: wall.Seconds()}, err
}

// ten delivers ten objects side by side in one invocation of a fresh process,
// and gives the most memory that was resident.
func (s *site) ten(o *workload.Object) (mib float64, err error) {
	fresh, err := local.StartFunction(local.FunctionOptions{
		Bootstrap: s.bootstrap, Timeout: 15 * time.Minute, MemoryMiB: 1769, NoFreeze: true, Env: s.env,
	})
	if err != nil {
		return 0, err
	}
	s.function.Close()
	s.function = fresh
	var keys []string
	for i := range 10 {
		key := fmt.Sprintf("ten-%d/%s", i, o.Key)
		if err := s.account.Put(bucket, key, o.Body); err != nil {
			return 0, err
		}
		keys = append(keys, key)
	}
	if err := s.invoke(keys...); err != nil {
		return 0, err
	}
	return float64(s.function.PeakRSS()) / (1 << 20), nil
}

// invoke gives the function one message for each key.
func (s *site) invoke(keys ...string) error {
	type record struct {
		MessageID      string            `json:"messageId"`
		Body           string            `json:"body"`
		Attributes     map[string]string `json:"attributes"`
		EventSourceARN string            `json:"eventSourceARN"`
	}
	var event struct{ Records []record }
	for i, key := range keys {
		event.Records = append(event.Records, record{
			MessageID: strconv.Itoa(i), EventSourceARN: queueARN, Attributes: map[string]string{"ApproximateReceiveCount": "1"},
			Body: fmt.Sprintf(`{"detail-type":"Object Created","source":"aws.s3","detail":{"bucket":{"name":%q},"object":{"key":%q}}}`, bucket, key),
		})
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return err
	}
	r, err := s.function.Invoke(background, payload)
	switch {
	case err != nil:
		return err
	case r.FunctionError != "" || bytes.Contains(r.Payload, []byte("itemIdentifier")):
		return fmt.Errorf("invocation failed: %s", r.Payload)
	}
	return nil
}

// floor runs the other side in a process of its own.
func (s *site) floor(key string, wire int64) (r run, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	c := exec.Command(self, "floor", key, strconv.FormatInt(wire, 10), s.receiver.Addr(), s.keyPair.cert, s.keyPair.key, s.keyPair.chain)
	for k, v := range s.env {
		c.Env = append(c.Env, k+"="+v)
	}
	c.Stderr = os.Stderr
	out, err := c.Output()
	return r, errors.Join(err, json.Unmarshal(out, &r))
}

func (s *site) close() {
	s.function.Close()
	_ = s.account.Close()
	_ = s.receiver.Close()
	_ = os.RemoveAll(s.dir)
}
