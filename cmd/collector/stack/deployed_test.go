//go:build ministack

package stack_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	cloudwatchlogstypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/cmd/collector/stack"
	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/local"
	"github.com/devo-s3/collector/telemetry"
)

// leftOut are the resources that the emulator's CloudFormation does not take,
// by type, and why.
var leftOut = map[string]struct {
	reason string
	only   string // those that have this property; "" is all
}{
	"AWS::CloudWatch::CompositeAlarm": {reason: "no such type of resource"},
	"AWS::Logs::QueryDefinition":      {reason: "no such type of resource"},
	"AWS::CloudWatch::Alarm":          {reason: "no alarm on an expression", only: "Metrics"},
}

// changed is what the emulator takes otherwise than AWS, and adapt therefore
// writes otherwise for it.
var changed = []string{
	// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn
	"aws:PrincipalArn of a role's session: AWS takes it for the role's ARN, the emulator for the session's",
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
	"Ref of a secret: the ARN to AWS, the name to the emulator; Id is the ARN to both",
}

// notShown is what the emulator does otherwise than AWS, and this test
// therefore does not show, besides leftOut.
var notShown = []string{
	"a mapping on a queue of another account: it polls those of the function's own, so the queue at work is Devo's, and the bucket the customer's",
	"what the function's role must be allowed so that the mapping can poll: it takes messages without asking",
	"whether a mapping's queue and its visibility timeout suit the function: it does not look",
	"concurrency, and how Lambda scales: it is one process for each invocation at a time",
	"alarms that go off: lines of the embedded metric format are kept as logs, and become no metrics",
	"the arm64 function: it runs on this machine, so the deployment is of this machine's architecture",
}

// deployment is the file in customers/.
const deployment = `customer: acme
id: "12345"
account: "%[1]s"
region: %[2]s
architecture: %[3]s
devo:
  endpoints: ["%[4]s"]
  secret: %[5]s
queues:
  - arn: arn:aws:sqs:%[2]s:%[1]s:acme-logs
    role_arn: %[6]s
    external_id: %[7]s
    buckets:
      - name: %[8]s
        make: [bucket]
        prefixes: [AWSLogs/, app/, later/]
    sources:
      - aws_sqs_cloudtrail
      - name: acme_app
        keys: ["app/{env}/**.log"]
        format: lines
        tag: my.app.acme.{key.env}
  - arn: arn:aws:sqs:%[2]s:%[9]s:acme-theirs
    make: [reader]
    role_arn: %[6]s
    external_id: %[7]s
    buckets:
      - name: acme-theirs
        make: [bucket]
    sources: [aws_sqs_vpc]
`

const bucket = "acme-logs"

var architectures = map[string]string{"amd64": "x86_64", "arm64": "arm64"}

// TestDeployed deploys the stacks with the CDK's command line, unchanged but
// for leftOut and changed, to an emulator that is not ours, and has it
// notify, poll, retry and redrive.
func TestDeployed(t *testing.T) {
	t.Logf("not shown:\n%s\nchanged:\n%s", strings.Join(notShown, "\n"), strings.Join(changed, "\n"))
	devo := startDevo(t)
	e := startEmulator(t)
	file := fmt.Sprintf(deployment, stack.DevoAccount, stack.Region, architectures[runtime.GOARCH], devo.receiver.Addr(),
		stack.SecretName, stack.ReaderRole, stack.ExternalID, bucket, stack.CustomerAccount)
	assembly := e.synth(file)
	e.byHand(file)
	e.cdk(stack.DevoAccount, "bootstrap", "aws://"+stack.DevoAccount+"/"+stack.Region, "--app", assembly)
	e.deploy(assembly)
	devo.putSecret(e)

	e.admits(e.trusts())
	e.delivers(devo)
	e.watches()
	e.renames(devo, file)
}

// deploy deploys both stacks. S3 asks for the queue when the bucket is made.
func (e *emulator) deploy(assembly string) {
	e.Helper()
	e.cdk(stack.DevoAccount, "deploy", "acme-collector", "--app", assembly, "--require-approval", "never")
	e.cdk(stack.CustomerAccount, "deploy", "acme-customer", "--app", assembly, "--require-approval", "never")
}

// byHand makes the customer's queue and its DLQ, with the policies that synth
// prints for them.
func (e *emulator) byHand(file string) {
	e.Helper()
	c := must(config.Parse("acme.yaml", []byte(file)))
	q := c.Queues[1]
	for name, statements := range map[string][]iam.Statement{
		q.Name(): slices.Concat(q.Senders(c), q.Policy(c)), q.DLQName(): q.DLQPolicy(c),
	} {
		var policy map[string]any
		if err := json.Unmarshal(must(json.Marshal(iam.Policy(statements...))), &policy); err != nil {
			e.Fatal(err)
		}
		each(policy, asSession)
		must(sqs.NewFromConfig(e.as(of(stack.CustomerAccount))).CreateQueue(e.Context(), &sqs.CreateQueueInput{
			QueueName: &name, Attributes: map[string]string{"Policy": string(must(json.Marshal(policy)))},
		}))
	}
}

// asSession writes a role as the emulator calls its session.
func asSession(v map[string]any) {
	if role, ok := v["aws:PrincipalArn"].(string); ok {
		v["aws:PrincipalArn"] = strings.NewReplacer(":iam:", ":sts:", ":role/", ":assumed-role/").Replace(role) + "/*"
	}
}

// synth makes the templates and assets, as `make synth` does, and changes in
// the templates what the emulator would refuse.
func (e *emulator) synth(file string) (assembly string) {
	e.Helper()
	customers, assembly := e.TempDir(), filepath.Join(e.TempDir(), "cdk.out")
	if err := os.WriteFile(filepath.Join(customers, "acme.yaml"), []byte(file), 0o600); err != nil {
		e.Fatal(err)
	}
	e.cdk("", "synth", "--quiet", "--output", assembly, "--context", "customers="+customers)
	for _, path := range must(filepath.Glob(filepath.Join(assembly, "*.template.json"))) {
		var template map[string]any
		if err := json.Unmarshal(must(os.ReadFile(path)), &template); err != nil {
			e.Fatal(err)
		}
		e.adapt(template)
		if err := os.WriteFile(path, must(json.Marshal(template)), 0o600); err != nil {
			e.Fatal(err)
		}
	}
	return assembly
}

// adapt changes a template for the emulator, and says what.
func (e *emulator) adapt(template map[string]any) {
	e.Helper()
	resources := template["Resources"].(map[string]any)
	gone, secrets := make(map[string]bool), make(map[string]bool)
	for id, r := range resources {
		r := r.(map[string]any)
		secrets[id] = r["Type"] == "AWS::SecretsManager::Secret"
		out, ok := leftOut[r["Type"].(string)]
		if !ok || out.only != "" && r["Properties"].(map[string]any)[out.only] == nil {
			continue
		}
		e.Logf("left out: %s: %s", id, out.reason)
		gone[id] = true
		delete(resources, id)
	}
	each(template, func(v map[string]any) {
		asSession(v)
		if id, ok := v["Ref"].(string); ok && secrets[id] {
			delete(v, "Ref")
			v["Fn::GetAtt"] = []any{id, "Id"}
		}
		if of, ok := v["Fn::GetAtt"].([]any); ok && gone[of[0].(string)] {
			delete(v, "Fn::GetAtt")
			v["Fn::Sub"] = "left out"
		}
	})
}

// each calls do for every object of a JSON document.
func each(v any, do func(map[string]any)) {
	switch v := v.(type) {
	case []any:
		for _, element := range v {
			each(element, do)
		}
	case map[string]any:
		do(v)
		for _, member := range v {
			each(member, do)
		}
	}
}

// A devo is the receiver and what it got.
type devo struct {
	authority *local.Authority
	receiver  *local.Receiver

	mu      sync.Mutex
	records map[string]int // "TAG RECORD", and how often
}

func startDevo(t *testing.T) *devo {
	d := &devo{authority: must(local.NewAuthority()), records: make(map[string]int)}
	d.receiver = must(local.StartReceiver(local.ReceiverOptions{Authority: d.authority, OnRecord: func(r local.Record) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.records[string(r.Tag)+" "+string(r.Raw)]++
	}}))
	t.Cleanup(func() { _ = d.receiver.Close() })
	return d
}

// got are the records, but for watch's own.
func (d *devo) got() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	got := maps.Clone(d.records)
	maps.DeleteFunc(got, func(record string, _ int) bool { return strings.HasPrefix(record, stack.HeartbeatTag) })
	return got
}

// putSecret gives the secret, which the stack has made empty, its value.
func (d *devo) putSecret(e *emulator) {
	cert, key, err := d.authority.Client("acme")
	if err != nil {
		e.Fatal(err)
	}
	value := must(json.Marshal(map[string]string{"cert": string(cert), "key": string(key), "chain": string(d.authority.Chain)}))
	must(secretsmanager.NewFromConfig(e.as(of(stack.DevoAccount))).PutSecretValue(e.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: aws.String(stack.SecretName), SecretString: aws.String(string(value)),
	}))
}

// trusts shows that the emulator asks for permissions, and that the reader
// trusts the function's role, with the external id, and nobody else.
func (e *emulator) trusts() (function aws.Credentials) {
	e.Helper()
	// The emulator lets an account's root have a role of Lambda's.
	s := must(sts.NewFromConfig(e.as(of(stack.DevoAccount))).AssumeRole(e.Context(), &sts.AssumeRoleInput{
		RoleArn: aws.String(stack.ExecutionRole), RoleSessionName: aws.String("test"),
	})).Credentials
	function = aws.Credentials{AccessKeyID: *s.AccessKeyId, SecretAccessKey: *s.SecretAccessKey, SessionToken: *s.SessionToken}
	for _, test := range []struct {
		name, externalID string
		key              aws.Credentials
		allowed          bool
	}{
		{"the function", stack.ExternalID, function, true},
		{"the function with another external id", "another-0123456789", function, false},
		{"another of Devo's account", stack.ExternalID, of(stack.DevoAccount), false},
	} {
		_, err := sts.NewFromConfig(e.as(test.key)).AssumeRole(e.Context(), &sts.AssumeRoleInput{
			RoleArn: aws.String(stack.ReaderRole), RoleSessionName: aws.String("test"), ExternalId: &test.externalID,
		})
		var refused smithy.APIError
		switch {
		case test.allowed && err != nil:
			e.Errorf("%s may not assume the reader: %v", test.name, err)
		case !test.allowed && (!errors.As(err, &refused) || refused.ErrorCode() != "AccessDenied"):
			e.Errorf("%s assumes the reader: %v", test.name, err)
		}
	}
	return function
}

// admits shows that S3 notifies the queue in the customer's account, and that
// its policy lets the function's role of Devo's account, which would poll it,
// receive and delete, and nobody else there.
func (e *emulator) admits(function aws.Credentials) {
	e.Helper()
	url := aws.String("https://sqs." + stack.Region + ".amazonaws.com/" + stack.CustomerAccount + "/acme-theirs")
	receive := &sqs.ReceiveMessageInput{QueueUrl: url}
	if _, err := sqs.NewFromConfig(e.as(of(stack.DevoAccount))).ReceiveMessage(e.Context(), receive); err == nil {
		e.Error("another of Devo's account receives from the customer's queue")
	}
	queues := sqs.NewFromConfig(e.as(function))
	out := must(queues.ReceiveMessage(e.Context(), receive)) // S3's test event
	if len(out.Messages) != 1 {
		e.Fatalf("%d messages in the customer's queue", len(out.Messages))
	}
	must(queues.DeleteMessage(e.Context(), &sqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: out.Messages[0].ReceiptHandle}))
}

// delivers shows that every record of the objects arrives, once, and that what
// cannot be delivered is in the DLQ.
func (e *emulator) delivers(d *devo) {
	e.Helper()
	want := make(map[string]int)
	for _, key := range []string{"app/prod/a.log", "app/test/2026/a b+c=ü%20.log"} {
		var lines strings.Builder
		for i := range 100 {
			line := fmt.Sprintf("%s line %d", key, i)
			want["my.app.acme."+strings.Split(key, "/")[1]+" "+line]++
			lines.WriteString(line + "\n")
		}
		e.put(key, []byte(lines.String()))
	}
	var trail bytes.Buffer
	zip := gzip.NewWriter(&trail)
	record := `{"eventVersion":"1.11","eventName":"GetObject"}`
	fmt.Fprintf(zip, `{"Records":[%s]}`, record)
	zip.Close()
	e.put("AWSLogs/"+stack.CustomerAccount+"/CloudTrail/"+stack.Region+"/2026/11/23/"+stack.CustomerAccount+"_CloudTrail_"+stack.Region+"_20261123T0500Z_Mu0KsOhtH1ar15ZZ.json.gz", trail.Bytes())
	want["cloud.aws.cloudtrail.events."+stack.CustomerAccount+"."+stack.Region+" "+record]++

	queues := sqs.NewFromConfig(e.as(of(stack.DevoAccount)))
	for _, body := range []string{"no notification", "another"} {
		must(queues.SendMessage(e.Context(), &sqs.SendMessageInput{QueueUrl: e.queue("acme-logs"), MessageBody: &body}))
	}

	e.until(time.Minute, "all records have arrived", func() bool { return len(d.got()) >= len(want) })
	// Ten receives, five seconds or a little more apart.
	e.until(3*time.Minute, "the two poisons are in the DLQ, and the queue is empty", func() bool {
		return e.depth("acme-logs-dlq") == 2 && e.depth("acme-logs") == 0
	})
	if diff := cmp.Diff(want, d.got()); diff != "" {
		e.Errorf("records (-put +arrived):\n%s", diff)
	}
}

// put puts an object into the customer's bucket.
func (e *emulator) put(key string, body []byte) {
	must(s3.NewFromConfig(e.as(of(stack.CustomerAccount))).PutObject(e.Context(), &s3.PutObjectInput{
		Bucket: aws.String(bucket), Key: &key, Body: bytes.NewReader(body),
	}))
}

// renames shows that a queue can be renamed while there are messages in it, and
// a source added that they wait for: each is delivered, and what is put then
// comes by the new queue.
func (e *emulator) renames(d *devo, file string) {
	e.Helper()
	want := d.got()
	for i := range 5 {
		e.put(fmt.Sprintf("later/%d.log", i), fmt.Appendf(nil, "waits %d\n", i))
		want[fmt.Sprintf("my.app.acme.later waits %d", i)]++
	}
	e.until(time.Minute, "the messages are in the old queue", func() bool { return e.depth("acme-logs") == 5 })

	arn := "arn:aws:sqs:" + stack.Region + ":" + stack.DevoAccount + ":acme-logs"
	e.deploy(e.synth(strings.NewReplacer(
		"  - arn: "+arn+"\n", "  - arn: "+arn+"-2\n    was: [{arn: \""+arn+"\"}]\n",
		"      - name: acme_app\n", "      - name: acme_later\n        keys: [\"later/**.log\"]\n        format: lines\n        tag: my.app.acme.later\n      - name: acme_app\n",
	).Replace(file)))
	e.put("app/new/b.log", []byte("by the new queue\n"))
	want["my.app.acme.new by the new queue"]++
	e.until(5*time.Minute, "every message is delivered", func() bool {
		return len(d.got()) >= len(want) && e.depth("acme-logs") == 0 && e.depth("acme-logs-2") == 0
	})
	if diff := cmp.Diff(want, d.got()); diff != "" {
		e.Errorf("records (-put +arrived):\n%s", diff)
	}
	if n := e.depth("acme-logs-dlq"); n != 2 {
		e.Errorf("the old DLQ has %d messages; want the two poisons that it had", n)
	}
}

func (e *emulator) queue(name string) *string {
	return aws.String("https://sqs." + stack.Region + ".amazonaws.com/" + stack.DevoAccount + "/" + name)
}

// depth is the number of messages in a queue of Devo's, visible or not.
func (e *emulator) depth(queue string) (messages int) {
	e.Helper()
	counts := []sqstypes.QueueAttributeName{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"}
	out := must(sqs.NewFromConfig(e.as(of(stack.DevoAccount))).GetQueueAttributes(e.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: e.queue(queue), AttributeNames: counts,
	}))
	for _, count := range counts {
		var n int
		must(fmt.Sscan(out.Attributes[string(count)], &n))
		messages += n
	}
	return messages
}

// watches shows that watch runs on its schedule, may look at every queue, and
// sees the poisons.
func (e *emulator) watches() {
	e.Helper()
	var last map[string]float64
	e.until(3*time.Minute, "watch has seen the DLQ", func() bool {
		last = e.metrics("/aws/lambda/devo-s3-collector-acme-watch")
		return last[telemetry.DLQDepth] == 2
	})
	for _, name := range []string{telemetry.QueueAttributesDenied, telemetry.BreakerOpen, telemetry.MappingsDisabled} {
		if value, ok := last[name]; !ok || value != 0 {
			e.Errorf("watch: %s is %v, %t", name, value, ok)
		}
	}
}

// metrics are the latest values that a log group has, by name.
func (e *emulator) metrics(group string) map[string]float64 {
	e.Helper()
	out := must(cloudwatchlogs.NewFromConfig(e.as(of(stack.DevoAccount))).FilterLogEvents(e.Context(), &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: &group,
	}))
	slices.SortStableFunc(out.Events, func(a, b cloudwatchlogstypes.FilteredLogEvent) int { return int(*a.Timestamp - *b.Timestamp) })
	last := make(map[string]float64)
	for _, event := range out.Events {
		for line := range strings.Lines(*event.Message) {
			for _, datum := range must(local.ReadEMF([]byte(line))) {
				last[datum.Name] = datum.Values[len(datum.Values)-1]
			}
		}
	}
	return last
}

// must gives what a call gave, or panics, which ends the test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
