package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/devo-s3/collector/local"
)

// Names of the emulated accounts, as a customer "acme" in Ireland would have
// them.
const (
	region          = "eu-west-1"
	devoAccount     = "444455556666"
	customerAccount = "111122223333"
	executionRole   = "arn:aws:iam::" + devoAccount + ":role/devo-s3-collector-acme"
	readerRole      = "arn:aws:iam::" + customerAccount + ":role/devo-xs-collector-role"
	externalID      = "run-0123456789abcdef"
	secretName      = "devo-s3-collector-acme"
	ledgerTable     = "devo-s3-collector-acme"
	continuationTo  = "devo-s3-collector-acme-continuation"

	// foreignBucket sends to a queue of the deployment, which does not list it.
	foreignBucket = "acme-foreign"
)

// functionTimeout is the one configured; queues hide a message six times as
// long, as AWS advises.
const (
	functionTimeout = 3 * time.Minute
	visibility      = 6 * functionTimeout
	maxReceive      = 10
)

// A feed is one queue of the customer's, with the bucket that announces its
// objects there.
type feed struct {
	bucket, via string
	arn, dlq    string
}

// A stack is a whole deployment on this machine: an emulated AWS account, the
// real function over the Runtime API, its event-source mappings, and a Devo
// receiver.
type stack struct {
	dir      string
	account  *local.Account
	receiver *local.Receiver
	function *local.Function
	key      local.Credentials // the function's
	feeds    []*feed           // the continuation queue last
	mappings []*local.Mapping
}

// stackOptions are what differs between runs.
type stackOptions struct {
	bootstrap string
	processes int
	batchSize int
	deadline  func(invocation int) time.Duration
	onRecord  func(local.Record)
	behave    func(conn int64) local.Behaviour
	log       func(requestID string, line []byte)
	onStart   func(local.Started)
	onEnd     func(local.Ended)
}

// startStack brings everything up; nothing polls until poll is called.
func startStack(o stackOptions) (_ *stack, err error) {
	s := &stack{}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.dir, err = os.MkdirTemp("", "collector-run-"); err != nil {
		return nil, err
	}
	authority, err := local.NewAuthority()
	if err != nil {
		return nil, err
	}
	if s.receiver, err = local.StartReceiver(local.ReceiverOptions{Authority: authority, OnRecord: o.onRecord, Behave: o.behave}); err != nil {
		return nil, err
	}
	if s.account, err = local.Start(local.Options{Region: region, ID: devoAccount}); err != nil {
		return nil, err
	}
	if err := s.customer(); err != nil {
		return nil, err
	}
	if err := s.devo(authority); err != nil {
		return nil, err
	}
	file, err := s.deployment()
	if err != nil {
		return nil, err
	}
	s.function, err = local.StartFunction(local.FunctionOptions{
		Bootstrap: o.bootstrap, ARN: "arn:aws:lambda:" + region + ":" + devoAccount + ":function:devo-s3-collector-acme",
		Timeout: functionTimeout, Deadline: o.deadline, Processes: o.processes, MemoryMiB: 1769,
		Log: o.log, OnStart: o.onStart, OnEnd: o.onEnd,
		Env: functionEnv(file, s.account.Endpoint(), s.key),
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// functionEnv is the function's environment: the deployment's file, and where
// and as whom to find AWS.
func functionEnv(file, endpoint string, key local.Credentials) map[string]string {
	return map[string]string{
		"COLLECTOR_CONFIG":          file,
		"AWS_ENDPOINT_URL":          endpoint,
		"AWS_ACCESS_KEY_ID":         key.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY":     key.SecretAccessKey,
		"AWS_EC2_METADATA_DISABLED": "true",
		"AWS_LAMBDA_LOG_FORMAT":     "JSON",
	}
}

// customer makes what is the customer's: buckets, queues, the reader role.
func (s *stack) customer() error {
	ways := []*feed{
		{bucket: "acme-logs", via: local.ViaSQS},
		{bucket: "acme-sns", via: local.ViaSNS},
		{bucket: "acme-events", via: local.ViaEventBridge},
	}
	for i, f := range ways {
		name := "devo-s3-" + f.bucket
		f.dlq = s.account.CreateQueue(name+"-dlq", local.QueueOptions{Owner: customerAccount, Retention: 14 * 24 * time.Hour})
		f.arn = s.account.CreateQueue(name, local.QueueOptions{
			Owner: customerAccount, Visibility: visibility, Retention: 7 * 24 * time.Hour, MaxReceive: maxReceive, DLQ: f.dlq,
		})
		err := s.account.CreateBucket(f.bucket, local.BucketOptions{Owner: customerAccount, Versioned: i == 1})
		if err == nil {
			err = s.account.Notify(f.bucket, local.Notification{Queue: f.arn, Via: f.via})
		}
		if err != nil {
			return err
		}
	}
	s.feeds = ways
	if err := s.account.CreateBucket(foreignBucket, local.BucketOptions{Owner: customerAccount}); err != nil {
		return err
	}
	if err := s.account.Notify(foreignBucket, local.Notification{Queue: ways[0].arn}); err != nil {
		return err
	}
	reads := local.Statement{Actions: []string{"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}}
	for _, f := range ways {
		reads.Resources = append(reads.Resources, "arn:aws:s3:::"+f.bucket, "arn:aws:s3:::"+f.bucket+"/*")
	}
	s.account.CreateRole(local.Role{
		ARN:   readerRole,
		Trust: local.Trust{Principals: []string{"arn:aws:iam::" + devoAccount + ":root"}, ExternalID: externalID, PrincipalARN: executionRole},
		Allow: []local.Statement{reads},
	})
	return nil
}

// devo makes what is in Devo's account: continuation queue, ledger, secret, the
// execution role with exactly what it needs.
func (s *stack) devo(authority *local.Authority) error {
	dlq := s.account.CreateQueue(continuationTo+"-dlq", local.QueueOptions{Owner: devoAccount, Retention: 14 * 24 * time.Hour})
	arn := s.account.CreateQueue(continuationTo, local.QueueOptions{
		Owner: devoAccount, Visibility: visibility, Retention: 7 * 24 * time.Hour, MaxReceive: maxReceive, DLQ: dlq,
	})
	s.feeds = append(s.feeds, &feed{arn: arn, dlq: dlq})
	s.account.CreateTable(ledgerTable, "id")

	cert, key, err := authority.Client("acme")
	if err != nil {
		return err
	}
	secret, err := json.Marshal(map[string]string{"cert": string(cert), "key": string(key), "chain": string(authority.Chain)})
	if err != nil {
		return err
	}
	secretARN := s.account.PutSecret(secretName, string(secret))
	polled := local.Statement{Actions: []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}}
	for _, f := range s.feeds {
		polled.Resources = append(polled.Resources, f.arn)
	}
	s.account.CreateRole(local.Role{ARN: executionRole, Allow: []local.Statement{
		polled,
		{Actions: []string{"sqs:SendMessage"}, Resources: []string{arn}},
		{Actions: []string{"sts:AssumeRole"}, Resources: []string{readerRole}},
		{Actions: []string{"secretsmanager:GetSecretValue"}, Resources: []string{secretARN}},
		{Actions: []string{"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, Resources: []string{"arn:aws:dynamodb:" + region + ":" + devoAccount + ":table/" + ledgerTable}},
	}})
	s.key = s.account.CreateKey(executionRole)
	return nil
}

// deploymentFile is what `cdk deploy` would pack beside the function.
var deploymentFile = template.Must(template.New("config.yaml").Parse(`customer: acme
id: "12345"
account: "{{.Account}}"
region: {{.Region}}
timeout: 3m
devo:
  endpoints: ["{{.Receiver}}"]
  secret: {{.Secret}}
queues:
{{- range .Feeds}}{{if .Bucket}}
  - arn: {{.ARN}}
    role_arn: {{$.Role}}
    external_id: {{$.ExternalID}}
    buckets:
      - name: {{.Bucket}}
    sources:
      - aws_sqs_cloudtrail
      - aws_sqs_vpc
      - aws_sqs_alb
      - aws_sqs_elb
      - aws_sqs_s3_access
      - name: acme_app
        keys: ["app/{env}/**.log"]
        format: lines
        tag: my.app.acme.{key.env}
{{- end}}{{end}}
`))

func (s *stack) deployment() (path string, err error) {
	type entry struct{ Bucket, ARN string }
	var feeds []entry
	for _, f := range s.feeds {
		feeds = append(feeds, entry{f.bucket, f.arn})
	}
	path = filepath.Join(s.dir, "config.yaml")
	w, err := os.Create(path)
	if err != nil {
		return "", err
	}
	err = deploymentFile.Execute(w, map[string]any{
		"Account": devoAccount, "Region": region, "Receiver": s.receiver.Addr(), "Secret": secretName,
		"Role": readerRole, "ExternalID": externalID, "Feeds": feeds,
	})
	return path, errors.Join(err, w.Close())
}

// poll starts the event-source mappings. They poll with the function's own
// key, as Lambda does.
func (s *stack) poll(o stackOptions) error {
	client := sqs.New(sqs.Options{
		Region: region, BaseEndpoint: aws.String(s.account.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider(s.key.AccessKeyID, s.key.SecretAccessKey, ""),
	})
	for _, f := range s.feeds {
		m, err := local.StartMapping(local.MappingOptions{
			SQS: client, QueueURL: s.account.QueueURL(f.arn), QueueARN: f.arn, Region: region,
			BatchSize: o.batchSize, Pollers: o.processes, Wait: time.Second,
			ReportBatchItemFailures: true, FunctionTimeout: functionTimeout, Clock: s.account.Clock(),
			Invoke: s.invoke,
		})
		if err != nil {
			return err
		}
		s.mappings = append(s.mappings, m)
	}
	return nil
}

func (s *stack) invoke(ctx context.Context, payload []byte) (response []byte, functionError string, err error) {
	r, err := s.function.Invoke(ctx, payload)
	return r.Payload, r.FunctionError, err
}

// idle tells whether nothing is going on that could make a message visible but
// the clock; next is when it would.
func (s *stack) idle() (idle bool, next time.Time) {
	if s.function.Busy() > 0 {
		return false, next
	}
	for _, m := range s.mappings {
		if !m.Idle() {
			return false, next
		}
	}
	for _, f := range s.feeds {
		q := s.account.QueueState(f.arn)
		if q.Visible > 0 {
			return false, next
		}
		if !q.NextVisible.IsZero() && (next.IsZero() || q.NextVisible.Before(next)) {
			next = q.NextVisible
		}
	}
	return true, next
}

// exports are what a shell needs to look around with the aws command.
func (s *stack) exports() string {
	root := s.account.Root()
	return strings.Join([]string{
		"export AWS_ENDPOINT_URL=" + s.account.Endpoint(),
		"export AWS_REGION=" + region,
		"export AWS_ACCESS_KEY_ID=" + root.AccessKeyID,
		"export AWS_SECRET_ACCESS_KEY=" + root.SecretAccessKey,
	}, "\n")
}

func (s *stack) close() {
	for _, m := range s.mappings {
		m.Close()
	}
	if s.function != nil {
		s.function.Close()
	}
	if s.account != nil {
		_ = s.account.Close()
	}
	if s.receiver != nil {
		_ = s.receiver.Close()
	}
	_ = os.RemoveAll(s.dir)
}
