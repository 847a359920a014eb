// Package stack is a whole deployment on this machine: an emulated AWS account,
// the real function and watch over the Runtime API, event-source mappings, and a
// Devo receiver. `collector run`, `make chaos` and tests put their load on it.
package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/devo-s3/collector/local"
)

// Names of the emulated accounts, as a customer "acme" in Ireland would have
// them.
const (
	Region          = "eu-west-1"
	DevoAccount     = "444455556666"
	CustomerAccount = "111122223333"
	ExecutionRole   = "arn:aws:iam::" + DevoAccount + ":role/devo-s3-collector-acme"
	WatchRole       = ExecutionRole + "-watch"
	ReaderRole      = "arn:aws:iam::" + CustomerAccount + ":role/devo-xs-collector-role"
	ExternalID      = "run-0123456789abcdef"
	SecretName      = "devo-s3-collector-acme"
	LedgerTable     = "devo-s3-collector-acme"
	Continuation    = "devo-s3-collector-acme-continuation"
	FunctionARN     = "arn:aws:lambda:" + Region + ":" + DevoAccount + ":function:devo-s3-collector-acme"
	FunctionAlias   = FunctionARN + ":live"

	// ForeignBucket sends to a queue of the deployment, which does not list it.
	ForeignBucket = "acme-foreign"

	// HeartbeatTag is the tag of watch's own records.
	HeartbeatTag = "my.app.s3collector.heartbeat"
)

// FunctionTimeout is the one configured; queues hide a message six times as
// long, as AWS advises.
const (
	FunctionTimeout = 3 * time.Minute
	Visibility      = 6 * FunctionTimeout
	MaxReceive      = 10
)

// A Feed is one queue of the customer's, with the bucket that announces its
// objects there.
type Feed struct {
	Bucket, Via string
	ARN, DLQ    string
	Services    []string // the only sources, or nil: those whose objects are invented
	Queue       string   // its name, "devo-s3-" and the bucket's unless set
	Versioned   bool     // the bucket is
}

// A Stack is a deployment that is up. Its fields are not to be changed.
type Stack struct {
	Dir       string // holds the deployment's file, config.yaml
	Account   *local.Account
	Authority *local.Authority // Devo's
	Receiver  *local.Receiver
	Function  *local.Function
	Watch     *local.Function   // nil without one
	Key       local.Credentials // the function's
	KeyPEM    []byte            // of the certificate that the secret holds at first
	Feeds     []*Feed           // the continuation queue last
	Mappings  []*local.Mapping  // of the Feeds, once they are polled

	folder    *folder
	stride    time.Duration
	watchKey  local.Credentials
	nextWatch time.Time // by the account's clock
}

// Options are what differs between stacks. Only Bootstrap is needed.
type Options struct {
	Bootstrap string
	Watch     string     // its bootstrap; "" is no watch
	Feeds     []*Feed    // in place of the usual; Via and Bucket must be set
	Shelves   [][]string // the services of each further bucket, ShelfBucket of its place
	// Devo are further lines of the deployment file's devo section.
	Devo      []string
	Mark      string // is in every secret key and token of the Account
	Processes int
	MemoryMiB int // of the function: what Go keeps to, as deployed; 0 is 1769 and no limit
	// EnforceMemory kills a process of the function that takes more.
	EnforceMemory bool
	BatchSize     int
	Window        time.Duration // of a batch
	Stride        time.Duration // what Drain moves the clock on by, at least

	Deadline func(invocation int, payload []byte) time.Duration // of the function; 0 is FunctionTimeout
	Receiver local.ReceiverOptions                              // its Authority is the stack's
	Log      func(requestID string, line []byte)
	OnStart  func(local.Started)
	OnEnd    func(local.Ended)
	OnBatch  func(local.Batch)
}

// Start brings everything up; nothing polls until Poll is called.
func Start(o Options) (_ *Stack, err error) {
	s := &Stack{stride: o.Stride}
	defer func() {
		if err != nil {
			s.Close()
		}
	}()
	if s.folder, err = newFolder(); err != nil {
		return nil, err
	}
	s.Dir = s.folder.path
	if s.Authority, err = local.NewAuthority(); err != nil {
		return nil, err
	}
	o.Receiver.Authority = s.Authority
	if s.Receiver, err = local.StartReceiver(o.Receiver); err != nil {
		return nil, err
	}
	if s.Account, err = local.Start(local.Options{Region: Region, ID: DevoAccount, Mark: o.Mark}); err != nil {
		return nil, err
	}
	if err := s.customer(o.feeds()); err != nil {
		return nil, err
	}
	if err := s.devo(); err != nil {
		return nil, err
	}
	file, err := s.WriteDeployment(o.Devo...)
	if err != nil {
		return nil, err
	}
	env := Env(file, s.Account.Endpoint(), s.Key)
	if o.MemoryMiB > 0 {
		env["GOMEMLIMIT"] = fmt.Sprintf("%dMiB", o.MemoryMiB-max(o.MemoryMiB/10, 48))
	}
	s.Function, err = local.StartFunction(local.FunctionOptions{
		Bootstrap: o.Bootstrap, ARN: FunctionARN,
		Timeout: FunctionTimeout, Deadline: o.Deadline, Processes: o.Processes, MemoryMiB: cmp.Or(o.MemoryMiB, 1769), EnforceMemory: o.EnforceMemory,
		Log: s.logged(o.Log), OnStart: o.OnStart, OnEnd: o.OnEnd, Env: env,
	})
	if err != nil {
		return nil, err
	}
	s.Account.AddFunction(FunctionAlias, s.Function.Invoke)
	if o.Watch == "" {
		return s, nil
	}
	return s, s.startWatch(o, file)
}

// Env is a function's environment: the deployment's file, and where and as whom
// to find AWS.
func Env(file, endpoint string, key local.Credentials) map[string]string {
	return map[string]string{
		"COLLECTOR_CONFIG":          file,
		"AWS_ENDPOINT_URL":          endpoint,
		"AWS_ACCESS_KEY_ID":         key.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":     key.SecretAccessKey,
		"AWS_EC2_METADATA_DISABLED": "true",
		"AWS_LAMBDA_LOG_FORMAT":     "JSON",
	}
}

// Poll starts the event-source mappings. They poll with the function's own
// key, as Lambda does.
func (s *Stack) Poll(o Options) error {
	client := sqs.New(sqs.Options{
		Region: Region, BaseEndpoint: aws.String(s.Account.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider(s.Key.AccessKeyID, s.Key.SecretAccessKey, ""),
	})
	for _, f := range s.Feeds {
		m, err := local.StartMapping(local.MappingOptions{
			SQS: client, QueueURL: s.Account.QueueURL(f.ARN), QueueARN: f.ARN, Region: Region,
			BatchSize: o.BatchSize, Window: o.Window, Pollers: o.Processes, Wait: time.Second,
			ReportBatchItemFailures: true, FunctionTimeout: FunctionTimeout, Clock: s.Account.Clock(),
			Invoke: InvokeWith(s.Function), OnBatch: o.OnBatch,
		})
		if err != nil {
			return err
		}
		s.Mappings = append(s.Mappings, m)
		s.Account.Attach(FunctionAlias, m)
	}
	return nil
}

// InvokeWith has a mapping invoke f.
func InvokeWith(f *local.Function) func(context.Context, []byte) ([]byte, string, error) {
	return func(ctx context.Context, payload []byte) (response []byte, functionError string, err error) {
		r, err := f.Invoke(ctx, payload)
		return r.Payload, r.FunctionError, err
	}
}

// Exports are what a shell needs to look around with the aws command.
func (s *Stack) Exports() string {
	root := s.Account.Root()
	return strings.Join([]string{
		"export AWS_ENDPOINT_URL=" + s.Account.Endpoint(),
		"export AWS_REGION=" + Region,
		"export AWS_ACCESS_KEY_ID=" + root.AccessKeyID,
		"export AWS_SECRET_ACCESS_KEY=" + root.SecretAccessKey,
	}, "\n")
}

// Close takes everything down.
func (s *Stack) Close() {
	for _, m := range s.Mappings {
		m.Close()
	}
	if s.Watch != nil {
		s.Watch.Close()
	}
	if s.Function != nil {
		s.Function.Close()
	}
	var errs []error
	if s.Account != nil {
		errs = append(errs, s.Account.Close())
	}
	if s.Receiver != nil {
		errs = append(errs, s.Receiver.Close())
	}
	if s.folder != nil {
		errs = append(errs, s.folder.remove())
	}
	// Nobody is left to whom a close that failed would matter.
	_ = errors.Join(errs...)
}
