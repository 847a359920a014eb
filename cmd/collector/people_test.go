package main

import (
	"context"
	"encoding/json"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/local"
)

// processes are those of the function of a duty.
const processes = 2

// A duty is a deployment at work, and a person who looks after it.
type duty struct {
	*testing.T
	*stack.Stack
	env []string

	mu       sync.Mutex
	received map[string]int // records, by "TAG RECORD"
	callers  map[string]bool
	refuse   func(local.FaultRequest) bool
	line     func([]byte) // each of the functions' output, if set
	started  func(local.Started)
	ended    func(local.Ended) // each invocation, if set
}

// called tells whether somebody made the call, "ACTION PRINCIPAL".
func (d *duty) called(call string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.callers[call]
}

// newDuty begins when the objects that before puts are there already.
func newDuty(t *testing.T, before func(*duty)) *duty {
	t.Helper()
	d := &duty{T: t, received: make(map[string]int), callers: make(map[string]bool)}
	o := stack.Options{
		Bootstrap: bootstrap, Watch: watchBootstrap, Processes: processes, BatchSize: 10,
		Log: func(_ string, line []byte) {
			if d.line != nil {
				d.line(line)
			}
		},
		OnStart: func(s local.Started) {
			d.mu.Lock()
			started := d.started
			d.mu.Unlock()
			if started != nil {
				started(s)
			}
		},
		OnEnd: func(e local.Ended) {
			if d.ended != nil {
				d.ended(e)
			}
		},
		Receiver: local.ReceiverOptions{OnRecord: func(r local.Record) {
			d.mu.Lock()
			defer d.mu.Unlock()
			if string(r.Tag) != stack.HeartbeatTag {
				d.received[string(r.Tag)+" "+string(r.Raw)]++
			}
		}},
	}
	var err error
	if d.Stack, err = stack.Start(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	root := d.Account.Root()
	d.env = []string{
		"AWS_ENDPOINT_URL=" + d.Account.Endpoint(), "AWS_REGION=" + stack.Region, "AWS_EC2_METADATA_DISABLED=true",
		"AWS_ACCESS_KEY_ID=" + root.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + root.SecretAccessKey,
	}
	d.Account.SetFault(func(r local.FaultRequest) *local.FaultResponse {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.callers[r.Action+" "+r.Caller[strings.LastIndexByte(r.Caller, ':')+1:]] = true
		if d.refuse != nil && d.refuse(r) {
			return &local.FaultResponse{Status: 403, Code: "AccessDenied"}
		}
		return nil
	})
	before(d)
	d.purge()
	if err := d.Poll(o); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *duty) put(bucket, key, body string) {
	d.Helper()
	if err := d.Account.Put(bucket, key, []byte(body)); err != nil {
		d.Fatal(err)
	}
}

// purge empties the queues: nobody is told of what was put so far.
func (d *duty) purge() {
	d.Helper()
	root := d.Account.Root()
	client := sqs.New(sqs.Options{
		Region: stack.Region, BaseEndpoint: aws.String(d.Account.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider(root.AccessKeyID, root.SecretAccessKey, ""),
	})
	for _, f := range d.Feeds {
		if _, err := client.PurgeQueue(d.Context(), &sqs.PurgeQueueInput{QueueUrl: aws.String(d.Account.QueueURL(f.ARN))}); err != nil {
			d.Fatal(err)
		}
	}
}

// drain has the function work until every queue but the DLQs is empty.
func (d *duty) drain() {
	d.Helper()
	ctx, cancel := context.WithTimeout(d.Context(), time.Minute)
	defer cancel()
	if err := d.Drain(ctx, func(bool) bool { return false }); err != nil {
		d.Fatal(err)
	}
	if err := d.Receiver.Settle(ctx); err != nil {
		d.Fatal(err)
	}
}

// records are those that arrived, each with how often it did.
func (d *duty) records() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.received)
}

func (d *duty) refuseIf(refuse func(local.FaultRequest) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.refuse = refuse
}

// run runs a command on the deployment.
func (d *duty) run(args ...string) (stdout, stderr string, code int) {
	d.Helper()
	return command(d.T, d.env, append(args, "--config="+filepath.Join(d.Dir, "config.yaml"))...)
}

// json runs a command that must end with the exit code, and reads what it
// prints.
func (d *duty) json(code int, args ...string) (v map[string]any) {
	d.Helper()
	out, said, got := d.run(append(args, "--json")...)
	if got != code {
		d.Fatalf("%q: exit %d, want %d\n%s%s", args, got, code, out, said)
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		d.Fatalf("%q: %v\n%s", args, err, out)
	}
	return v
}
