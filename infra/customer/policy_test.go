package customer

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/devo-s3/collector/config"
	"github.com/devo-s3/collector/config/iam"
	"github.com/devo-s3/collector/infra/cdktest"
)

const (
	function = "arn:aws:iam::999988887777:role/devo-s3-collector-acme"
	queues   = "arn:aws:sqs:eu-west-1:111122223333:"
	appKey   = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d-0000-4000-8000-0a1b2c3d4e5f"
)

func TestRolesMayDoThisAndNoMore(t *testing.T) {
	viaQueues := iam.Key{"kms:ViaService": "sqs.eu-west-1.amazonaws.com"}
	for _, test := range []struct {
		is    string
		trust iam.Statement
		may   []iam.Statement
	}{
		{
			is: "reader",
			trust: iam.Statement{
				Sid: "Devo", Effect: "Allow", Principal: iam.Key{"AWS": "arn:aws:iam::999988887777:root"}, Action: []string{"sts:AssumeRole"},
				Condition: iam.Condition{"ArnEquals": {"aws:PrincipalArn": function}, "StringEquals": {"sts:ExternalId": "acme-7c1e9a0000000000"}},
			},
			may: []iam.Statement{
				{
					Sid: "Read", Effect: "Allow", Action: []string{"s3:GetObject", "s3:GetObjectVersion"},
					Resource: []string{
						"arn:aws:s3:::acme-trail/*", "arn:aws:s3:::acme-app/app/*", "arn:aws:s3:::acme-app/year=2026/*", "arn:aws:s3:::acme-old/*",
					},
				},
				{Sid: "List", Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{"arn:aws:s3:::acme-trail", "arn:aws:s3:::acme-old"}},
				{
					Effect: "Allow", Action: []string{"s3:ListBucket"}, Resource: []string{"arn:aws:s3:::acme-app"},
					Condition: iam.Condition{"StringLike": {"s3:prefix": []string{"app/*", "year=2026/*"}}},
				},
				{
					Effect: "Allow", Action: []string{"kms:Decrypt"}, Resource: []string{appKey},
					Condition: iam.Condition{"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}},
				},
			},
		},
		{
			is: "operator",
			trust: iam.Statement{
				Sid: "Devo", Effect: "Allow", Principal: iam.Key{"AWS": "arn:aws:iam::999988887777:root"}, Action: []string{"sts:AssumeRole"},
				Condition: iam.Condition{"ArnNotEquals": {"aws:PrincipalArn": function}, "StringEquals": {"sts:ExternalId": "acme-7c1e9a0000000000"}},
			},
			may: []iam.Statement{
				{
					Sid: "Look", Effect: "Allow",
					Action: []string{
						"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:GetQueueUrl",
						"sqs:ListDeadLetterSourceQueues", "sqs:ReceiveMessage",
					},
					Resource: []string{queues + "devo-trail", queues + "devo-app", queues + "devo-trail-dlq", queues + "devo-app-dlq"},
				},
				{Sid: "SendBack", Effect: "Allow", Action: []string{"sqs:SendMessage"}, Resource: []string{queues + "devo-trail", queues + "devo-app"}},
				{
					Sid: "Redrive", Effect: "Allow",
					Action:   []string{"sqs:CancelMessageMoveTask", "sqs:ListMessageMoveTasks", "sqs:StartMessageMoveTask"},
					Resource: []string{queues + "devo-trail-dlq", queues + "devo-app-dlq"},
				},
				{
					Sid: "Buckets", Effect: "Allow", Action: []string{"s3:GetBucketNotification", "s3:GetBucketOwnershipControls", "s3:GetEncryptionConfiguration"},
					Resource: []string{"arn:aws:s3:::acme-trail", "arn:aws:s3:::acme-app", "arn:aws:s3:::acme-old"},
				},
				{
					Sid: "List", Effect: "Allow", Action: []string{"s3:ListBucket", "s3:ListBucketVersions"},
					Resource: []string{"arn:aws:s3:::acme-trail", "arn:aws:s3:::acme-old"},
				},
				{
					Effect: "Allow", Action: []string{"s3:ListBucket", "s3:ListBucketVersions"}, Resource: []string{"arn:aws:s3:::acme-app"},
					Condition: iam.Condition{"StringLike": {"s3:prefix": []string{"app/*", "year=2026/*"}}},
				},
				{
					Effect: "Allow", Action: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resource: []string{"arn:aws:kms:eu-west-1:111122223333:key/*"},
					Condition: iam.Condition{"StringEquals": viaQueues, "ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/devo-trail"}},
				},
			},
		},
	} {
		t.Run(test.is, func(t *testing.T) {
			c := load(t, "straight")
			roles := slices.DeleteFunc(c.Roles(), func(r config.Role) bool { return r.Is != test.is })
			if len(roles) != 1 {
				t.Fatalf("%d roles; want one for both queues", len(roles))
			}
			if diff := cmp.Diff(test.trust, roles[0].Trust(c)); diff != "" {
				t.Errorf("trust (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.may, roles[0].Allows()); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAPrefixIsNoPattern(t *testing.T) {
	c := load(t, "straight")
	c.Queues[0].Buckets[0].Prefixes = []string{"a*b?/${aws:userid}/"}
	got := c.Roles()[0].Allows()[0].Resource[0]
	if want := "arn:aws:s3:::acme-trail/a${*}b${?}/${$}{aws:userid}/*"; got != want {
		t.Errorf("reads %s; want %s", got, want)
	}
}

func TestNoCodeRunsInTheCustomersAccount(t *testing.T) {
	eachTemplate(t, func(t *testing.T, template *cdktest.Template) {
		for id, r := range template.Resources {
			if strings.HasPrefix(r.Type, "AWS::Lambda::") || strings.HasPrefix(r.Type, "Custom::") || r.Type == "AWS::CloudFormation::CustomResource" {
				t.Errorf("%s is a %s", id, r.Type)
			}
		}
		if text := string(template.Text); strings.Contains(text, "BootstrapVersion") || strings.Contains(text, "cdk_nag") {
			t.Error("the template asks for a bootstrapped account or has findings in it")
		}
	})
}

func TestNoPolicyAllowsEverybodyOrEverything(t *testing.T) {
	eachTemplate(t, func(t *testing.T, template *cdktest.Template) {
		for id, r := range template.Resources {
			for _, s := range statements(t, r.Properties) {
				if s.Effect != "Allow" {
					continue
				}
				if s.Sid == "Account" && r.Type == "AWS::KMS::Key" {
					continue // without it nobody could change the key's policy
				}
				who, _ := json.Marshal(s.Principal)
				if strings.Contains(string(who), `"*"`) {
					t.Errorf("%s allows everybody: %s", id, who)
				}
				for _, action := range s.Action {
					if strings.Contains(action, "*") {
						t.Errorf("%s allows %s", id, action)
					}
				}
				if s.Principal != nil && s.Condition == nil && strings.Contains(string(who), "999988887777") {
					t.Errorf("%s allows all of Devo's account", id)
				}
			}
		}
	})
}

// statements are all in a resource's properties.
func statements(t *testing.T, v any) (all []iam.Statement) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["Effect"]; ok {
			text, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			var s struct {
				iam.Statement
				Resource any // may be a function of CloudFormation's
			}
			if err := json.Unmarshal(text, &s); err != nil {
				t.Fatal(err)
			}
			return append(all, s.Statement)
		}
		for _, value := range v {
			all = append(all, statements(t, value)...)
		}
	case []any:
		for _, value := range v {
			all = append(all, statements(t, value)...)
		}
	}
	return all
}

func TestEachAlarmTellsSomebodyWhereToReadOn(t *testing.T) {
	text, err := os.ReadFile(cdktest.Root(t, "docs/customer-guide.md"))
	if err != nil {
		t.Fatal(err)
	}
	anchors := make(map[string]bool)
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllSubmatch(text, -1) {
		anchors[strings.ReplaceAll(strings.ToLower(string(heading[1])), " ", "-")] = true
	}
	eachTemplate(t, func(t *testing.T, template *cdktest.Template) {
		for id, r := range template.Of("AWS::CloudWatch::Alarm") {
			_, anchor, _ := strings.Cut(r.Properties["AlarmDescription"].(string), guide)
			if !anchors[anchor] {
				t.Errorf("%s: the guide has no %q", id, anchor)
			}
			for _, action := range []string{"AlarmActions", "OKActions"} {
				if diff := cmp.Diff([]any{map[string]any{"Ref": "Alarms"}}, r.Properties[action]); diff != "" {
					t.Errorf("%s %s (-want +got):\n%s", id, action, diff)
				}
			}
		}
	})
}

func eachTemplate(t *testing.T, check func(*testing.T, *cdktest.Template)) {
	t.Helper()
	seen := 0
	for _, name := range deployments {
		for stack, template := range templates(t, name) {
			seen++
			t.Run(name+" "+stack, func(t *testing.T) { check(t, template) })
		}
	}
	if seen < 6 {
		t.Errorf("saw %d templates", seen)
	}
}
