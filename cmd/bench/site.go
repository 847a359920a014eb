package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"golang.org/x/sys/unix"

	"github.com/devo-s3/collector/local"
)

const (
	region     = "eu-west-1"
	bucket     = "bench-logs"
	queueARN   = "arn:aws:sqs:eu-west-1:111122223333:devo-s3-bench"
	role       = "arn:aws:iam::111122223333:role/devo-xs-collector-role"
	externalID = "bench-external-id"
	devoID     = "444455556666"
)

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
    sources:
      - aws_sqs_cloudtrail
      - aws_sqs_vpc
      - aws_sqs_alb
      - aws_sqs_elb` + customSources

// A site is the emulated account with one function of one process.
type site struct {
	dir      string
	account  *local.Account
	receiver *local.Receiver
	function *local.Function
	options  local.FunctionOptions
	pid      int
}

func newSite(bootstrap string, cores int) (s *site, err error) {
	s = new(site)
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
	if s.account, err = local.Start(local.Options{Region: region, ID: devoID}); err != nil {
		return nil, err
	}
	if err := s.account.CreateBucket(bucket, local.BucketOptions{Owner: "111122223333"}); err != nil {
		return nil, err
	}
	s.account.CreateTable("devo-s3-collector-bench", "id")
	execution := "arn:aws:iam::" + devoID + ":role/devo-s3-collector-bench"
	s.account.CreateRole(local.Role{ARN: role, Trust: local.Trust{Principals: []string{"arn:aws:iam::" + devoID + ":root"}, ExternalID: externalID}})
	key := s.account.CreateKey(execution)
	pair, err := writeKeyPair(s.dir, authority)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(s.dir, "config.yaml")
	if err := os.WriteFile(file, fmt.Appendf(nil, deployment, s.receiver.Addr(), pair.cert, pair.key, pair.chain), 0o600); err != nil {
		return nil, err
	}
	s.options = local.FunctionOptions{
		Bootstrap: bootstrap, Timeout: 15 * time.Minute, MemoryMiB: 1769, NoFreeze: true,
		Env: map[string]string{
			"COLLECTOR_CONFIG": file, "AWS_ENDPOINT_URL": s.account.Endpoint(), "AWS_EC2_METADATA_DISABLED": "true",
			"AWS_ACCESS_KEY_ID": key.AccessKeyID, "AWS_SECRET_ACCESS_KEY": key.SecretAccessKey, "AWS_REGION": region,
			"AWS_LAMBDA_LOG_FORMAT": "JSON", "GOMAXPROCS": strconv.Itoa(cores),
		},
		Log: func(_ string, line []byte) {
			bad := bytes.Contains(line, []byte(`"level":"WARN"`)) || bytes.Contains(line, []byte(`"level":"ERROR"`))
			if bad || !bytes.HasPrefix(line, []byte("{")) { // which a panic's lines have not
				fmt.Fprintf(os.Stderr, "%s\n", line)
			}
		},
		OnStart: func(e local.Started) { s.pid = e.PID },
	}
	s.function, err = local.StartFunction(s.options)
	return s, err
}

// fresh replaces the function's process by one that has done nothing yet.
func (s *site) fresh() (err error) {
	s.function.Close()
	s.function, err = local.StartFunction(s.options)
	return err
}

// put stores n copies of an object, each under a key of its own.
func (s *site) put(prefix string, o *object, n int) (keys []string, err error) {
	for i := range n {
		key := fmt.Sprintf("%s/%d/%s", prefix, i, o.key)
		if err := s.account.Put(bucket, key, o.body); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// collector delivers objects through the real function.
func (s *site) collector(keys []string, perInvocation int) (run, error) {
	before, begun := cpuOf(s.pid), time.Now()
	for len(keys) > 0 {
		n := min(perInvocation, len(keys))
		if err := s.invoke(keys[:n]); err != nil {
			return run{}, err
		}
		keys = keys[n:]
	}
	wall := time.Since(begun)
	return run{CPU: (cpuOf(s.pid) - before).Seconds(), Wall: wall.Seconds()}, nil
}

// invoke gives the function one message for each key.
func (s *site) invoke(keys []string) error {
	type record struct {
		MessageID      string            `json:"messageId"`
		Body           string            `json:"body"`
		Attributes     map[string]string `json:"attributes"`
		EventSource    string            `json:"eventSource"`
		EventSourceARN string            `json:"eventSourceARN"`
	}
	var event struct{ Records []record }
	for i, key := range keys {
		event.Records = append(event.Records, record{
			MessageID: strconv.Itoa(i), EventSource: "aws:sqs", EventSourceARN: queueARN, Attributes: map[string]string{"ApproximateReceiveCount": "1"},
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
func (s *site) floor(gunzip string, keys []string, wire int64) (r run, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	c := exec.Command(self, append([]string{"floor", "-gunzip", gunzip, "-to", s.receiver.Addr(), "-keys", s.dir, "-wire", strconv.FormatInt(wire, 10)}, keys...)...)
	for k, v := range s.options.Env {
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

// cpuOf is what another process has used of the CPU, by its own clock
// (clock_getcpuclockid(3)). A pid of 0, before the first start, has none.
func cpuOf(pid int) time.Duration {
	var t unix.Timespec
	if pid == 0 || unix.ClockGettime(int32(^pid<<3|2), &t) != nil {
		return 0
	}
	return time.Duration(t.Nano())
}

type keyPairFiles struct{ cert, key, chain string }

func keyPairIn(dir string) keyPairFiles {
	return keyPairFiles{filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "chain.pem")}
}

// writeKeyPair issues a client's key pair and writes it into dir.
func writeKeyPair(dir string, a *local.Authority) (f keyPairFiles, err error) {
	cert, key, err := a.Client("bench")
	if err != nil {
		return f, err
	}
	f = keyPairIn(dir)
	for path, pem := range map[string][]byte{f.cert: cert, f.key: key, f.chain: a.Chain} {
		err = errors.Join(err, os.WriteFile(path, pem, 0o600))
	}
	return f, err
}
