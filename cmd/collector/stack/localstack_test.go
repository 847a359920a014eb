//go:build localstack

package stack_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/goccy/go-yaml"

	emulators "github.com/devo-s3/collector/internal/emulator"
)

const (
	checkout = "../../.."
	more     = checkout + "/.venv-more"
	customer = "111122223333"
	region   = "eu-west-1"
)

// A localstack is https://github.com/localstack/localstack, from `make
// test-more`'s virtual environment: a second emulator of CloudFormation, which
// has nothing of the first. It runs no functions here, and asks nobody for
// permission.
type localstack struct {
	*testing.T
	endpoint string
	queues   *sqs.Client
}

func startLocalstack(t *testing.T) *localstack {
	t.Helper()
	endpoint := emulators.Localstack(t, checkout)
	return &localstack{T: t, endpoint: endpoint, queues: sqs.New(sqs.Options{
		Region: region, BaseEndpoint: aws.String(endpoint), Credentials: credentials.NewStaticCredentialsProvider(customer, "test", ""),
	})}
}

// deploy deploys a template as the customer would.
func (s *localstack) deploy(stack, template string, parameters ...string) {
	s.Helper()
	args := []string{
		"--endpoint-url", s.endpoint, "--region", region, "cloudformation", "deploy", "--stack-name", stack, "--template-file", template,
		"--capabilities", "CAPABILITY_NAMED_IAM", "--no-fail-on-empty-changeset",
	}
	if len(parameters) > 0 {
		args = append(append(args, "--parameter-overrides"), parameters...)
	}
	cli := exec.CommandContext(s.Context(), more+"/bin/aws", args...)
	cli.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + s.TempDir(), "AWS_ACCESS_KEY_ID=" + customer, "AWS_SECRET_ACCESS_KEY=test",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null",
	}
	if out, err := cli.CombinedOutput(); err != nil {
		s.Fatalf("deploy %s: %v\n%s", template, err, out)
	}
}

// synth is the customer's template of a deployment.
func (s *localstack) synth(file string) (template string) {
	s.Helper()
	customers, assembly := s.TempDir(), filepath.Join(s.TempDir(), "cdk.out")
	if err := os.WriteFile(filepath.Join(customers, "acme.yaml"), []byte(file), 0o600); err != nil {
		s.Fatal(err)
	}
	cdk := exec.CommandContext(s.Context(), filepath.Join("node_modules", ".bin", "cdk"), "synth", "--quiet", "--output", assembly, "--context", "customers="+customers)
	cdk.Dir = checkout
	cdk.Env = append(os.Environ(), "CDK_DISABLE_CLI_TELEMETRY=true", "CDK_VALIDATION=false", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20")
	if out, err := cdk.CombinedOutput(); err != nil {
		s.Fatalf("synth: %v (make test-more builds it)\n%s", err, out)
	}
	return filepath.Join(assembly, "acme-customer.template.json")
}

func (s *localstack) url(queue string) string {
	return s.endpoint + "/queue/" + region + "/" + customer + "/" + queue
}

// ofQueue is a deployment with one queue of the customer's.
func ofQueue(name, more string) string {
	return fmt.Sprintf(`customer: acme
id: "1"
account: "999988887777"
region: %[1]s
devo: {endpoints: ["collector-eu.devo.io:443"], secret: s}
queues:
  - arn: arn:aws:sqs:%[1]s:%[2]s:%[3]s
    role_arn: arn:aws:iam::%[2]s:role/reader
    external_id: acme-0123456789
    buckets: [{name: acme-new, make: [bucket]}]
    sources: [aws_sqs_cloudtrail]
%[4]s`, region, customer, name, more)
}

// A queue that is renamed keeps its messages, and its DLQ's. That one which is
// taken out of the file by mistake does, too, is not shown: this emulator takes no
// notice of a DeletionPolicy.
func TestRenamedQueueKeepsItsMessages(t *testing.T) {
	s := startLocalstack(t)
	s.deploy("acme-customer", s.synth(ofQueue("old", "")))
	for _, queue := range []string{"old", "old-dlq"} {
		for i := range 3 {
			if _, err := s.queues.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(s.url(queue)), MessageBody: aws.String(fmt.Sprint(i))}); err != nil {
				t.Fatal(err)
			}
		}
	}
	s.deploy("acme-customer", s.synth(ofQueue("new", "    was: [{arn: \"arn:aws:sqs:eu-west-1:111122223333:old\"}]\n")))
	for _, queue := range []string{"old", "old-dlq"} {
		if n := s.sent(queue); n != 3 {
			t.Errorf("%d of 3 messages are in %s", n, queue)
		}
	}
	attributes, err := s.queues.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(s.url("new")), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameRedrivePolicy},
	})
	if err != nil || !strings.Contains(attributes.Attributes["RedrivePolicy"], ":new-dlq") {
		t.Errorf("the new queue: %v, %v", attributes, err)
	}
}

// sent counts a queue's messages, but for S3's test events.
func (s *localstack) sent(queue string) (n int) {
	s.Helper()
	out, err := s.queues.ReceiveMessage(s.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(s.url(queue)), MaxNumberOfMessages: 10})
	if err != nil {
		s.Fatalf("receive from %s: %v", queue, err)
	}
	for _, m := range out.Messages {
		if !strings.Contains(*m.Body, "s3:TestEvent") {
			n++
		}
	}
	return n
}

// given are the parameters of the plain templates that have no default.
var given = map[string]string{
	"DevoAccountId": "999988887777", "DeploymentName": "acme", "ExternalId": "acme-0123456789", "QueueAccountId": "999988887777", "QueueRegion": region,
	"EventBusName": "devo-s3",
}

// Each plain template is deployed as it is.
func TestPlainTemplatesDeploy(t *testing.T) {
	s := startLocalstack(t)
	templates, err := filepath.Glob(checkout + "/infra/templates/*.yaml")
	if err != nil || len(templates) == 0 {
		t.Fatalf("%d templates, %v", len(templates), err)
	}
	for _, template := range templates {
		name := strings.TrimSuffix(filepath.Base(template), ".yaml")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(template)
			if err != nil {
				t.Fatal(err)
			}
			var asks struct {
				Parameters map[string]any `yaml:"Parameters"`
			}
			if err := yaml.Unmarshal(text, &asks); err != nil {
				t.Fatal(err)
			}
			var parameters []string
			for parameter := range asks.Parameters {
				value := given[parameter]
				switch parameter {
				case "RoleName", "QueueName", "BucketName":
					value = name + "-" + strings.ToLower(parameter)
				}
				if value != "" {
					parameters = append(parameters, parameter+"="+value)
				}
			}
			one := *s
			one.T = t
			one.deploy(name, template, parameters...)
		})
	}
}
