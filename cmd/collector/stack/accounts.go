package stack

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/devo-s3/collector/local"
)

// ShelfBucket is the bucket of the i-th of Options.Shelves.
func ShelfBucket(i int) string { return fmt.Sprintf("acme-catalog-%d", i) }

// feeds are those of the options, or else one of each way from bucket to queue,
// and the shelves.
func (o Options) feeds() []*Feed {
	if o.Feeds != nil {
		return o.Feeds
	}
	ways := []*Feed{
		{Bucket: "acme-logs", Via: local.ViaSQS},
		{Bucket: "acme-sns", Via: local.ViaSNS, Versioned: true},
		{Bucket: "acme-events", Via: local.ViaEventBridge},
	}
	for i, services := range o.Shelves {
		ways = append(ways, &Feed{Bucket: ShelfBucket(i), Via: local.ViaSQS, Services: services})
	}
	return ways
}

// customer makes what is the customer's: buckets, queues, the reader role.
func (s *Stack) customer(ways []*Feed) error {
	for _, f := range ways {
		name := cmp.Or(f.Queue, "devo-s3-"+f.Bucket)
		f.DLQ = s.Account.CreateQueue(name+"-dlq", local.QueueOptions{Owner: CustomerAccount, Retention: 14 * 24 * time.Hour})
		f.ARN = s.Account.CreateQueue(name, local.QueueOptions{
			Owner: CustomerAccount, Visibility: Visibility, Retention: 7 * 24 * time.Hour, MaxReceive: MaxReceive, DLQ: f.DLQ,
			Policy: queuePolicy("arn:aws:sqs:"+Region+":"+CustomerAccount+":"+name, f.Bucket, f.Via),
		})
		err := s.Account.CreateBucket(f.Bucket, local.BucketOptions{Owner: CustomerAccount, Versioned: f.Versioned})
		if err == nil {
			err = s.Account.Notify(f.Bucket, local.Notification{Queue: f.ARN, Via: f.Via})
		}
		if err != nil {
			return err
		}
	}
	s.Feeds = ways
	if err := s.Account.CreateBucket(ForeignBucket, local.BucketOptions{Owner: CustomerAccount}); err != nil {
		return err
	}
	if err := s.Account.Notify(ForeignBucket, local.Notification{Queue: ways[0].ARN}); err != nil {
		return err
	}
	reads := local.Statement{Actions: []string{"s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"}}
	for _, f := range ways {
		reads.Resources = append(reads.Resources, "arn:aws:s3:::"+f.Bucket, "arn:aws:s3:::"+f.Bucket+"/*")
	}
	s.Account.CreateRole(local.Role{
		ARN:   ReaderRole,
		Trust: local.Trust{Principals: []string{"arn:aws:iam::" + DevoAccount + ":root"}, ExternalID: ExternalID, PrincipalARN: ExecutionRole},
		Allow: []local.Statement{reads},
	})
	s.createOperatorRole()
	return nil
}

// devo makes what is in Devo's account: continuation queue, ledger, secret, the
// execution role with exactly what it needs.
func (s *Stack) devo() error {
	dlq := s.Account.CreateQueue(Continuation+"-dlq", local.QueueOptions{Owner: DevoAccount, Retention: 14 * 24 * time.Hour})
	arn := s.Account.CreateQueue(Continuation, local.QueueOptions{
		Owner: DevoAccount, Visibility: Visibility, Retention: 7 * 24 * time.Hour, MaxReceive: MaxReceive, DLQ: dlq,
	})
	s.Feeds = append(s.Feeds, &Feed{ARN: arn, DLQ: dlq})
	s.Account.CreateTable(LedgerTable, "id")
	s.Account.ExpireBy(LedgerTable, "expiry")

	cert, key, err := s.Authority.Client("acme")
	if err != nil {
		return err
	}
	s.KeyPEM = key
	secretARN, err := s.PutKeyPair(cert, key)
	if err != nil {
		return err
	}
	polled := local.Statement{Actions: []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"}}
	for _, f := range s.Feeds {
		polled.Resources = append(polled.Resources, f.ARN)
	}
	s.Account.CreateRole(local.Role{ARN: ExecutionRole, Allow: []local.Statement{
		polled,
		{Actions: []string{"sqs:SendMessage"}, Resources: []string{arn}},
		{Actions: []string{"sts:AssumeRole"}, Resources: []string{ReaderRole}},
		{Actions: []string{"secretsmanager:GetSecretValue"}, Resources: []string{secretARN}},
		{Actions: []string{"dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"}, Resources: []string{tableARN}},
	}})
	s.Key = s.Account.CreateKey(ExecutionRole)
	s.createWatchRole(secretARN)
	return nil
}

const tableARN = "arn:aws:dynamodb:" + Region + ":" + DevoAccount + ":table/" + LedgerTable

// PutKeyPair makes a certificate and its key, PEM, those of the deployment's
// secret, and gives the secret's ARN.
func (s *Stack) PutKeyPair(cert, key []byte) (secretARN string, err error) {
	secret, err := json.Marshal(map[string]string{"cert": string(cert), "key": string(key), "chain": string(s.Authority.Chain)})
	if err != nil {
		return "", err
	}
	return s.Account.PutSecret(SecretName, string(secret)), nil
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
{{- range .Devo}}
  {{.}}
{{- end}}
queues:
{{- range .Feeds}}{{if .Bucket}}
  - arn: {{.ARN}}
    role_arn: {{$.Role}}
    external_id: {{$.ExternalID}}
    delivery: {{.Delivery}}
    operator_arn: {{$.Operator}}
    buckets:
      - name: {{.Bucket}}
    sources:
{{- range .Services}}
      - {{.}}
{{- else}}
      - aws_sqs_cloudtrail
      - aws_sqs_vpc
      - aws_sqs_alb
      - aws_sqs_elb
      - aws_sqs_s3_access
      - name: acme_app
        keys: ["app/{env}/**.log"]
        format: lines
        tag: my.app.acme.{key.env}
{{- end}}
{{- end}}{{end}}
`))

// WriteDeployment writes the deployment's file for the stack's Feeds and
// Receiver. devo are further lines of its devo section.
func (s *Stack) WriteDeployment(devo ...string) (path string, err error) {
	path = filepath.Join(s.Dir, "config.yaml")
	w, err := os.Create(path)
	if err != nil {
		return "", err
	}
	err = deploymentFile.Execute(w, map[string]any{
		"Account": DevoAccount, "Region": Region, "Receiver": s.Receiver.Addr(), "Secret": SecretName,
		"Role": ReaderRole, "ExternalID": ExternalID, "Operator": OperatorRole, "Feeds": s.Feeds, "Devo": devo,
	})
	return path, errors.Join(err, w.Close())
}
